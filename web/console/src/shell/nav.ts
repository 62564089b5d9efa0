import { BookOpenText, ClipboardCheck, type LucideIcon, MessagesSquare, Phone, Rows3, ScrollText, Settings, Users, Workflow } from "lucide-react";
import type { Me } from "../api/types";
import { may, mayAny } from "../lib/session";

export interface Place {
  to: "/inbox" | "/knowledge" | "/playbooks" | "/evals" | "/queues" | "/calls" | "/people" | "/audit" | "/settings";
  name: "inbox" | "knowledge" | "playbooks" | "evals" | "queues" | "calls" | "people" | "audit" | "settings";
  icon: LucideIcon;
  key: string;
  open: (me: Me) => boolean;
}

/** Every screen, who may see it, and the second key after g that leads there. */
export const places: Place[] = [
  { to: "/inbox", name: "inbox", icon: MessagesSquare, key: "i", open: (m) => may(m, "inbox.mine") },
  { to: "/knowledge", name: "knowledge", icon: BookOpenText, key: "k", open: (m) => mayAny(m, "articles.write", "articles.publish") },
  { to: "/playbooks", name: "playbooks", icon: Workflow, key: "p", open: (m) => may(m, "playbooks.read") },
  { to: "/evals", name: "evals", icon: ClipboardCheck, key: "e", open: (m) => may(m, "evals.read") },
  { to: "/queues", name: "queues", icon: Rows3, key: "q", open: (m) => mayAny(m, "queues.write", "inbox.all") },
  { to: "/calls", name: "calls", icon: Phone, key: "c", open: (m) => mayAny(m, "voice.supervise", "voice.read", "voice.write") },
  { to: "/people", name: "people", icon: Users, key: "o", open: (m) => may(m, "people.read") },
  { to: "/audit", name: "audit", icon: ScrollText, key: "a", open: (m) => may(m, "audit.read") },
  { to: "/settings", name: "settings", icon: Settings, key: "s", open: () => true },
];
