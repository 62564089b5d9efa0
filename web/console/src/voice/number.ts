import type { Contact, Conversation } from "../api/types";

/** A telephone number or SIP address as the server takes it; empty when it is neither. */
export function numberOf(typed: string): string {
  const s = typed.trim();
  if (/^sips?:[^\s@]+@[^\s@]+$/i.test(s)) return s;
  const plain = s.replace(/[\s().\-/]/g, "").replace(/^00/, "+");
  return /^\+?[0-9]{2,15}$/.test(plain) ? plain : "";
}

/** Every number that the customer is known by, the likeliest first. */
export function numbersOf(contact: Contact, c: Conversation): string[] {
  const spoken = ["voice", "sms", "whatsapp"];
  const all = [
    c.callback?.phone,
    spoken.includes(c.channel) ? c.address : undefined,
    contact.phone,
    ...(contact.identities ?? []).filter((i) => spoken.includes(i.channel)).map((i) => i.address),
  ];
  const out: string[] = [];
  for (const n of all) {
    const number = n ? numberOf(n) : "";
    if (number && !out.includes(number)) out.push(number);
  }
  return out;
}

/** Calls from a browser have no number, only an address of ours. */
export const isNumber = (n: string): boolean => n.startsWith("sip") || /^\+?[0-9*#]{2,15}$/.test(n);

/** A number in groups that can be read aloud; what is no number stays as it is. */
export function readable(number: string): string {
  const m = /^(\+)?([0-9]+)$/.exec(number);
  if (!m || m[2].length < 7) return number;
  const d = m[2];
  const country = m[1] ? (/^(1|7)/.test(d) ? 1 : /^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/.test(d) ? 2 : 3) : 0;
  const rest = d.slice(country);
  const groups: string[] = [];
  for (let i = 0; i < rest.length; ) {
    const left = rest.length - i;
    const n = left <= 4 ? left : left % 4 === 0 ? 4 : 3;
    groups.push(rest.slice(i, i + n));
    i += n;
  }
  return [m[1] ? `+${d.slice(0, country)}` : "", ...groups].filter(Boolean).join(" ");
}
