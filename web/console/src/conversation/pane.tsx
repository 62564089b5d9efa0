import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { agentsQuery, conversationQuery } from "../api/queries";
import { ContextPane } from "../context/pane";
import { useKeys } from "../lib/keys";
import { contextOpen } from "../lib/prefs";
import { may, useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { useMedia } from "../lib/media";
import { follow, live } from "../rt/sync";
import { Dialog } from "../ui/overlay";
import { CallBar } from "../voice/call-bar";
import { CallbackCard, CallButton } from "../voice/call-button";
import { useWrapUp, WrapUp } from "../voice/wrap-up";
import { writtenTo } from "../voice/written";
import { useWho } from "../inbox/who";
import { ConversationShape } from "../inbox/shape";
import { Failed } from "../ui/state";
import { lastSeq, messages } from "./apply";
import { Actions } from "./actions";
import { Composer, insert } from "./composer";
import { Header } from "./header";
import { outbox } from "./sending";
import { NextSteps } from "./next-step";
import { Suggestions } from "./suggestions";
import { SummaryCard } from "./summary";
import { Thread } from "./thread";

const WIDE = "(min-width: 1180px)";

export function ConversationPane({ id }: { id: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const who = useWho();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const query = useQuery(conversationQuery(id));
  const agents = useQuery({ ...agentsQuery, staleTime: 60_000 }).data;
  const opened = query.data;
  const inline = useStore(contextOpen);
  const [sheet, setSheet] = useState(false);
  const wide = useMedia(WIDE);
  const loaded = opened !== undefined;
  const wrapping = useWrapUp(opened, me.id);

  useEffect(() => {
    if (!loaded) return;
    return follow(id);
  }, [id, loaded]);
  const seq = opened ? lastSeq(opened) : 0;
  useEffect(() => live.seen(id, seq), [id, seq]);
  // A reply that is still held goes out when its conversation is left.
  useEffect(() => () => outbox.release(id), [id]);

  const back = () => void navigate({ to: "/inbox", search } as never);
  const toggle = () => (wide ? contextOpen.set((o) => !o) : setSheet((o) => !o));
  useKeys({ i: toggle });

  const names = useMemo(() => new Map((agents ?? []).map((a) => [a.id, a.name])), [agents]);
  if (query.isPending) return <ConversationShape />;
  if (query.isError && !opened)
    return (
      <section className="flex min-w-0 flex-1 flex-col bg-bg">
        <Failed error={query.error} retry={() => void query.refetch()} what={t("conversation.failed")} />
      </section>
    );
  if (!opened) return null;
  const c = opened.conversation;
  const mine = c.agent_id === me.id && (c.status === "assigned" || c.status === "parked");
  const replied = messages(opened).some((m) => m.author.kind === "agent" && !m.private);
  const wrote = messages(opened).some((m) => m.author.id === me.id && !m.private);
  const put = (text: string) => insert(id, text);
  return (
    <>
      <section aria-label={t("conversation.label", { name: who(opened.contact, opened.conversation) })} className="flex min-w-0 flex-1 flex-col bg-bg">
        <Header opened={opened} agent={c.agent_id ? (c.agent_id === me.id ? t("conversation.you") : names.get(c.agent_id)) : undefined} onBack={back} onContext={toggle} contextOn={inline && wide}>
          <CallButton opened={opened} />
          {may(me, "conversations.write") && <Actions opened={opened} mine={mine} after={back} />}
        </Header>
        <CallBar opened={opened} />
        <CallbackCard opened={opened} />
        {wrapping && <WrapUp key={wrapping.id} opened={opened} call={wrapping} after={back} />}
        {(c.agent_id || c.status === "waiting" || c.status === "closed") && <SummaryCard key={`summary-${id}`} opened={opened} card={!replied && c.status !== "closed" ? c.hand_over : undefined} unfolded={!wrote && c.status !== "closed" && !wrapping} write={may(me, "conversations.write")} />}
        <Thread opened={opened} me={me.id} />
        {may(me, "conversations.write") && c.status !== "closed" && (
          <>
            {mine && !wrapping && <NextSteps key={`next-${id}`} opened={opened} after={back} />}
            {mine && !wrapping && <Suggestions key={id} opened={opened} goes={writtenTo(opened)} />}
            <Composer opened={opened} mine={mine} me={me} />
          </>
        )}
      </section>
      {inline && (
        <aside aria-label={t("context.label")} className="w-80 shrink-0 overflow-y-auto border-l border-line bg-surface max-[1179px]:hidden">
          <ContextPane opened={opened} handOverShown={!replied} insert={mine ? put : undefined} />
        </aside>
      )}
      <Dialog open={sheet} onClose={() => setSheet(false)} title={who(opened.contact, c)} side>
        <div className="min-h-0 flex-1 overflow-y-auto">
          <ContextPane opened={opened} handOverShown={!replied} insert={mine ? (x) => { put(x); setSheet(false); } : undefined} />
        </div>
      </Dialog>
    </>
  );
}
