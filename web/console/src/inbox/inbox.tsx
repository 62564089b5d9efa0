import { useParams, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { MessagesSquare } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { InboxSearch } from "../router";
import { Empty } from "../ui/state";
import { ConversationShape } from "./shape";
import { List } from "./list";

const load = () => import("../conversation/pane");
const ConversationPane = lazy(async () => ({ default: (await load()).ConversationPane }));

/** Three panes: the list, the conversation, what one must know about it. */
export function Inbox() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as InboxSearch;
  const { id } = useParams({ strict: false }) as { id?: string };
  const tab = search.tab ?? "mine";
  useEffect(() => {
    // The list comes first; what opens next is fetched while it is read.
    void load();
  }, []);
  return (
    <>
      <section aria-label={t("inbox.list")} className={clsx("flex w-85 shrink-0 flex-col border-r border-line bg-surface max-md:w-full", id && "max-md:hidden")}>
        <List search={search} tab={tab} current={id} />
      </section>
      {id ? (
        <Suspense fallback={<ConversationShape />}>
          <ConversationPane key={id} id={id} />
        </Suspense>
      ) : (
        <div className="flex-1 bg-bg max-md:hidden">
          <Empty icon={<MessagesSquare size={18} aria-hidden />} title={t("inbox.pick")}>{t("inbox.pick_text")}</Empty>
        </div>
      )}
    </>
  );
}
