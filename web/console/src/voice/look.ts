import { Pause, Phone, PhoneCall, PhoneIncoming, PhoneOff, PhoneOutgoing } from "lucide-react";
import type { Meaning } from "../ui/state";
import type { CallNews, CallState } from "./types";

const looks: Record<CallState | "held", { icon: typeof Phone; meaning: Meaning }> = {
  ringing: { icon: PhoneIncoming, meaning: "waiting" },
  dialing: { icon: PhoneOutgoing, meaning: "waiting" },
  menu: { icon: Phone, meaning: "done" },
  queued: { icon: Phone, meaning: "waiting" },
  talking: { icon: PhoneCall, meaning: "live" },
  held: { icon: Pause, meaning: "warning" },
  ended: { icon: PhoneOff, meaning: "done" },
};
export const tones: Record<Meaning, string> = { waiting: "bg-waiting-soft text-waiting", live: "bg-live-soft text-live", warning: "bg-warning-soft text-warning", breach: "bg-breach-soft text-breach", done: "bg-done-soft text-done" };

/** How a state of a call looks: its icon, its meaning, its word. */
export function callLook(c: CallNews) {
  return c.held && c.state === "talking" ? { ...looks.held, key: "held" as const } : { ...looks[c.state], key: c.state };
}
