import { api } from "../api/client";
import { client, conversationQuery } from "../api/queries";
import { refreshInbox } from "../rt/sync";
import { toast } from "../ui/toast";
import { outbox } from "./sending";

/** Closes in five seconds: it cannot be taken back at the server, so it waits here while it still can. */
export function laterClose(id: string, disposition: string, text: (err: unknown) => string, said: string, undone?: () => void) {
  let off = false;
  const go = (keepalive: boolean) => {
    if (off) return;
    off = true;
    window.removeEventListener("pagehide", leave);
    outbox.release(id, keepalive);
    api
      .post(`/api/conversations/${id}/close`, { disposition: disposition || undefined }, { keepalive })
      .then(() => client.invalidateQueries({ queryKey: conversationQuery(id).queryKey }))
      .catch((err: unknown) => {
        toast(text(err), { bad: true });
        undone?.();
      })
      .finally(refreshInbox);
  };
  const leave = () => go(true);
  const timer = setTimeout(() => go(false), 5000);
  window.addEventListener("pagehide", leave);
  toast(said, {
    ms: 5000,
    undo: () => {
      if (off) return;
      off = true;
      clearTimeout(timer);
      window.removeEventListener("pagehide", leave);
      undone?.();
    },
  });
}
