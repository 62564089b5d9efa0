import type { ID, InboxRow, Page, Status, Tab } from "../api/types";

/** What a frame said about a conversation since the list was last fetched. */
export interface Change {
  status: Status;
  queue?: string;
  agent_id?: ID;
}

/** May a conversation that changed so still stand in the tab? */
export function fits(tab: Tab, c: Change, me: ID): boolean {
  switch (tab) {
    case "mine":
      return c.agent_id === me && (c.status === "assigned" || c.status === "parked" || c.status === "offered");
    case "queues":
      return c.status === "waiting" || c.status === "offered";
    case "all":
      return c.status !== "closed";
    case "closed":
      return c.status === "closed";
  }
}

/**
 * The loaded pages with a fresh first page. Rows that were loaded further down
 * stay where they are, so that a list of ten thousand is not fetched again for
 * one message; rows that moved up or left the tab are not shown twice or in
 * vain.
 */
export function mergeHead(pages: Page<InboxRow>[], head: Page<InboxRow>, tab: Tab, changes: Map<ID, Change>, me: ID): Page<InboxRow>[] {
  if (!head.next || pages.length === 0) return [head];
  const fresh = new Set(head.items.map((r) => r.id));
  const stays = (r: InboxRow) => {
    if (fresh.has(r.id)) return false;
    const c = changes.get(r.id);
    return !c || fits(tab, c, me);
  };
  const patched = (r: InboxRow) => {
    const c = changes.get(r.id);
    return c ? { ...r, status: c.status, queue: c.queue ?? r.queue } : r;
  };
  const [first, ...rest] = pages;
  const pushed = first.items.filter(stays).map(patched);
  return [{ items: [...head.items, ...pushed], next: first.next }, ...rest.map((p) => ({ ...p, items: p.items.filter(stays).map(patched) }))];
}
