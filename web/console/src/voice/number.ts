import type { Contact, Conversation } from "../api/types";

/** A telephone number or SIP address as the server takes it; empty when it is neither. */
export function numberOf(typed: string): string {
  const s = typed.trim();
  if (/^sips?:[^\s@]+@[^\s@]+$/i.test(s)) return s;
  const plain = s.replace(/[\s().\-/]/g, "").replace(/^00/, "+");
  return /^\+?[0-9]{2,15}$/.test(plain) ? plain : "";
}

/** Channels whose addresses are telephone numbers. */
const spoken = ["voice", "sms", "whatsapp"];

/** Every number that the customer is known by, the likeliest first. */
export function numbersOf(contact: Contact, c: Pick<Conversation, "channel" | "address" | "callback">): string[] {
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

/** What the address of who calls is: calls from a browser have no number, only an address of ours. */
export function callerOf(n: string): "number" | "browser" | "hidden" {
  if (n === "" || /^(anonymous|restricted|unavailable|unknown|private)$/i.test(n)) return "hidden";
  return n.includes(":") && !/^sips?:/i.test(n) ? "browser" : "number";
}

/** The number that stands for a customer whose name nobody knows; empty when he has none. */
export function numberFor(contact: Partial<Contact>, at?: { channel: string; address?: string }): string {
  const here = at && spoken.includes(at.channel) && at.address && callerOf(at.address) === "number" ? [at.address] : [];
  const known = (contact.identities ?? []).filter((i) => spoken.includes(i.channel) && callerOf(i.address) === "number").map((i) => i.address);
  return readable([...here, contact.phone, ...known].find(Boolean) ?? "");
}

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
