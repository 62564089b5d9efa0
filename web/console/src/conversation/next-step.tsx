import { useQuery } from "@tanstack/react-query";
import { ArrowRightLeft, Phone, Workflow, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, conversationQuery } from "../api/queries";
import type { Opened } from "../api/types";
import { currentLang } from "../i18n";
import { ALT, useKeys } from "../lib/keys";
import { refreshInbox } from "../rt/sync";
import { IconButton, Kbd } from "../ui/button";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { readable } from "../voice/number";
import { PhoneDialog, useReadiness } from "../voice/phone-status";
import { messages } from "./apply";
import { type Action, actionsQuery } from "./beside";
import { outbox } from "./sending";

const icons = { flow: Workflow, queue: ArrowRightLeft, call: Phone };

/** What the agent may do next, one click each, with what will happen. Nothing when nothing is likely. */
export function NextSteps({ opened, after }: { opened: Opened; after: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const ready = useReadiness();
  const [busy, setBusy] = useState(false);
  const [setup, setSetup] = useState(false);
  const c = opened.conversation;
  const newest = messages(opened).findLast((m) => m.author.kind === "customer" && !m.private)?.id ?? "";
  const query = actionsQuery(c.id, currentLang(), newest);
  const items = (useQuery({ ...query, enabled: newest !== "" }).data ?? []).slice(0, 2);

  const refresh = () => {
    void client.invalidateQueries({ queryKey: conversationQuery(c.id).queryKey });
    void client.invalidateQueries({ queryKey: ["actions", c.id] });
    refreshInbox();
  };
  const back = async () => {
    try {
      await api.post(`/api/conversations/${c.id}/take`);
    } catch (err) {
      toast(text(err), { bad: true });
    }
    refresh();
  };
  const go = async (a?: Action) => {
    if (!a || busy) return;
    if (a.kind === "call" && ready !== "ready") return setSetup(true);
    setBusy(true);
    outbox.release(c.id);
    try {
      await api.post(`/api/conversations/${c.id}/actions/${a.id}/do`);
      client.setQueryData(query.queryKey, []);
      // While nobody else has it, the way back is to take it again.
      if (a.kind !== "call") toast(t(a.kind === "flow" ? "assist.next.did_flow" : "assist.next.did_queue", { what: a.title }), { undo: () => void back() });
      if (a.kind === "queue") after();
    } catch (err) {
      toast(text(err), { bad: true });
    }
    setBusy(false);
    refresh();
  };
  const ignore = (a: Action) => {
    client.setQueryData(query.queryKey, items.filter((x) => x.id !== a.id));
    api.post(`/api/conversations/${c.id}/suggestions/${a.id}/ignore`).catch(() => {});
  };
  const press = (n: number) => (items[n] ? void go(items[n]) : false);
  useKeys({ "alt+4": () => press(0), "alt+5": () => press(1) });
  if (items.length === 0) return null;
  return (
    <section aria-label={t("assist.next.label")} className="border-t border-line bg-surface px-4 pt-2 pb-1.5 max-md:px-3">
      <ul className="mx-auto flex max-w-205 flex-wrap gap-2">
        {items.map((a, i) => {
          const Icon = icons[a.kind];
          const what = a.kind === "call" ? readable(a.title) : a.title;
          return (
            <li key={a.id} data-testid="next-step" className="flex min-w-0 flex-1 basis-80 items-stretch rounded-lg border border-line">
              <button type="button" disabled={busy} onClick={() => void go(a)} className="flex min-w-0 flex-1 items-start gap-2 rounded-l-lg px-3 py-1.5 text-left hover:bg-accent-soft disabled:opacity-60">
                <Icon size={14} aria-hidden className="mt-0.5 shrink-0 text-accent-text" />
                <span className="min-w-0">
                  <span className="block font-medium">{t(`assist.next.${a.kind}`, { what })}</span>
                  <span className="block text-xs text-text-3">{t(`assist.next.then_${a.kind}`)}</span>
                </span>
              </button>
              <span className="flex shrink-0 items-center gap-1 pr-1 max-md:hidden"><Kbd>{`${ALT} ${i + 4}`}</Kbd></span>
              <IconButton small label={t("suggestions.ignore")} className="my-auto mr-1" onClick={() => ignore(a)}><X size={13} aria-hidden /></IconButton>
            </li>
          );
        })}
      </ul>
      {setup && <PhoneDialog open onClose={() => setSetup(false)} />}
    </section>
  );
}
