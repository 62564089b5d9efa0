import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../api/queries";
import type { Me } from "../api/types";

/** Who is signed in. Only below the door, where somebody is. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("nobody is signed in");
  return data;
}

/** May he? A permission is held by its own name, by its area ("articles" holds "articles.read"), or by "*". */
export function may(me: Me, permission: string): boolean {
  const area = permission.split(".")[0];
  return me.permissions.some((p) => p === permission || p === "*" || p === area || p === `${area}.*`);
}

export function mayAny(me: Me, ...permissions: string[]): boolean {
  return permissions.some((p) => may(me, p));
}
