import type { Event, Opened } from "../api/types";
import { callerOf, numberOf } from "./number";

/**
 * Where what is typed goes to a customer who calls, or called: to the page that
 * he has open beside the call, to one whose link he got, nowhere that he would
 * see now, or by short message once the call is over.
 */
export type Goes = "page" | "link" | "nowhere" | "sms";

export function writtenTo(o: Opened): Goes | undefined {
  const c = o.conversation;
  if (c.channel !== "voice") return undefined;
  if (!c.on_call) return numberOf(c.address ?? "").startsWith("+") ? "sms" : undefined;
  if (callerOf(c.address ?? "") === "browser") return "page";
  const began = o.events.findLast((e) => e.kind === "mark" && e.data.kind === "call" && (e.data.value === "began" || e.data.value === "ended"))?.seq ?? 0;
  const since = o.events.filter((e) => (e.seq ?? 0) > began);
  if (c.customer_seq > began || since.some((e) => e.kind === "message" && e.data.author.kind === "customer" && e.data.channel !== "voice" && e.data.channel !== "sms")) return "page";
  return since.some(isLink) ? "link" : "nowhere";
}

/** The short message that tells a caller where the page of his call is. */
export const isLink = (e: Event): boolean => e.kind === "message" && e.data.author.kind === "system" && e.data.channel === "sms" && /https?:\/\/\S+\/call\//.test(e.data.content.text ?? "");
