import type { Event, Message, Opened } from "../api/types";

/** The number of the newest stored event that the screen has. */
export function lastSeq(o: Opened): number {
  let n = 0;
  for (const e of o.events) if (e.seq && e.seq > n) n = e.seq;
  return n;
}

/** Is something missing between what the screen has and e? */
export function leavesGap(o: Opened, e: Event): boolean {
  return e.seq !== undefined && e.seq > 0 && o.events.length > 0 && e.seq > lastSeq(o) + 1;
}

/** The open conversation after e. Events that came already change nothing. */
export function apply(o: Opened, e: Event): Opened {
  switch (e.kind) {
    case "delivery":
      return {
        ...o,
        events: o.events.map((x) =>
          x.kind === "message" && x.data.id === e.data.message_id ? { ...x, data: { ...x.data, delivery: e.data.delivery, error: e.data.error, heard: e.data.heard ?? x.data.heard } } : x,
        ),
      };
    case "read": {
      const field = e.data.by === "customer" ? "customer_seq" : "agent_seq";
      return { ...o, conversation: { ...o.conversation, [field]: Math.max(o.conversation[field], e.data.seq) } };
    }
    case "place":
      return { ...o, place: e.data };
    case "call": {
      const { call_id, state } = e.data;
      const was = o.conversation.on_call ?? "";
      const on_call = state !== "ended" ? call_id : was === call_id ? "" : was;
      return on_call === was ? o : { ...o, conversation: { ...o.conversation, on_call } };
    }
    case "message":
      return add(o, e);
    case "mark": {
      const next = add(o, e);
      if (next === o || e.data.kind !== "call" || e.data.value !== "ended" || o.conversation.on_call !== e.data.data?.call_id) return next;
      return { ...next, conversation: { ...next.conversation, on_call: "" } };
    }
    case "status": {
      const { to, queue, agent } = e.data;
      const next = add(o, e);
      if (next === o) return o;
      return {
        ...next,
        conversation: { ...next.conversation, status: to, queue: queue || next.conversation.queue, agent_id: to === "waiting" || to === "automated" ? "" : (agent?.id ?? next.conversation.agent_id) },
      };
    }
    default:
      return o;
  }
}

function add(o: Opened, e: Event): Opened {
  if (!e.seq || o.events.some((x) => x.seq === e.seq && x.kind === e.kind)) return o;
  const events = [...o.events, e];
  if (events.length > 1 && (events.at(-2)?.seq ?? 0) > e.seq) events.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  const newer = e.seq > o.conversation.seq;
  return { ...o, events, conversation: newer ? { ...o.conversation, seq: e.seq } : o.conversation };
}

export function messages(o: Opened): Message[] {
  return o.events.flatMap((e) => (e.kind === "message" ? [e.data] : []));
}
