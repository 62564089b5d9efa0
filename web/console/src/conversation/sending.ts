import { api } from "../api/client";
import { client, conversationQuery } from "../api/queries";
import type { Message, Opened } from "../api/types";
import { store } from "../lib/store";
import { apply } from "./apply";
import { Outbox, type Outgoing } from "./outbox";

/** How long a reply can be taken back. */
export const HOLD = 5000;

export const outgoing = store<Outgoing[]>([]);

export const outbox: Outbox = new Outbox({
  send: (o, leaving) =>
    api.post<Message>(
      `/api/conversations/${o.conversation}/reply`,
      { client_id: o.client_id, text: o.text, private: o.private || undefined, attachments: o.attachments?.map((a) => a.id), suggestion: o.suggestion, edited: o.suggestion ? (o.edited ?? false) : undefined },
      { keepalive: leaving },
    ),
  sent: (o, m) => {
    if (!m?.id) return;
    const key = conversationQuery(o.conversation).queryKey;
    client.setQueryData<Opened>(key, (open) => {
      if (!open) return open;
      const next = apply(open, { kind: "message", conversation_id: o.conversation, seq: m.seq, at: m.at, data: m });
      return o.private ? next : { ...next, suggestions: [] };
    });
  },
  changed: () => outgoing.set(outbox.list()),
});

window.addEventListener("pagehide", () => outbox.release(undefined, true));
