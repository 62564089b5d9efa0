import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../api/queries";
import type { Me } from "../api/types";

/** Who is signed in. Only below the door, where somebody is. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("nobody is signed in");
  return data;
}

export type Permission =
  | "inbox.mine" | "inbox.all" | "conversations.write" | "contacts.read" | "contacts.write" | "queues.read" | "queues.write" | "people.read" | "people.write"
  | "articles.read" | "articles.write" | "articles.publish" | "canned.read" | "canned.write" | "ledger.read" | "playbooks.read" | "playbooks.check" | "playbooks.publish"
  | "evals.read" | "evals.run" | "evals.questions" | "tokens" | "audit.read"
  | "voice.call" | "voice.supervise" | "voice.read" | "voice.write" | "webhooks";

export function may(me: Me, permission: Permission): boolean {
  return me.permissions.includes(permission);
}

export function mayAny(me: Me, ...permissions: Permission[]): boolean {
  return permissions.some((p) => may(me, p));
}
