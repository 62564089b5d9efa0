import { useInfiniteQuery } from "@tanstack/react-query";
import { Check, PenLine, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "../lib/markdown";
import { may, useMe } from "../lib/session";
import { percent } from "../lib/time";
import { goTo } from "../router";
import { When } from "../ui/bits";
import { Button } from "../ui/button";
import { Field, TextArea, TextInput } from "../ui/field";
import { Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { acceptDraft, dismissDraft, type Draft, draftsQuery, refresh } from "./api";

/** Articles proposed from what agents answered again and again. */
export function Drafts({ playbook }: { playbook: string }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(draftsQuery({ playbook }));
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  if (list.isPending) return <SkeletonRows />;
  if (list.isError && !rows.length) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (!rows.length) return <Empty icon={<PenLine size={18} aria-hidden />} title={t("insight.no_drafts")}>{t("insight.no_drafts_text")}</Empty>;
  return (
    <ul className="space-y-4 p-4 md:p-6">
      {rows.map((d) => <One key={d.id} draft={d} />)}
      {list.hasNextPage && <li className="text-center"><Button onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></li>}
    </ul>
  );
}

function One({ draft: d }: { draft: Draft }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const [title, setTitle] = useState(d.title);
  const [body, setBody] = useState(d.body);
  const [edit, setEdit] = useState(false);
  const [busy, setBusy] = useState(false);
  const run = async (f: () => Promise<void>) => {
    setBusy(true);
    try {
      await f();
      refresh();
    } catch (err) {
      toast(text(err), { bad: true });
      setBusy(false);
    }
  };
  const accept = () => run(async () => { const { article } = await acceptDraft(d.id, { title, body, questions: d.questions }); goTo(`/knowledge/${article.id}`); });
  const dismiss = () => run(async () => { await dismissDraft(d.id); toast(t("insight.draft_dismissed")); });
  return (
    <li className="rounded-lg border border-line">
      <div className="grid lg:grid-cols-[3fr_2fr]">
        <div className="min-w-0 space-y-3 p-4" lang={d.lang === "zh" ? "zh-CN" : "en"}>
          {edit ? (
            <>
              <Field label={t("knowledge.title")}>{(p) => <TextInput {...p} value={title} onChange={(e) => setTitle(e.target.value)} />}</Field>
              <Field label={t("knowledge.body")}>{(p) => <TextArea {...p} rows={8} value={body} onChange={(e) => setBody(e.target.value)} />}</Field>
            </>
          ) : (
            <>
              <h3 className="text-lg font-semibold">{title}</h3>
              <Markdown text={body} />
            </>
          )}
        </div>
        <div className="min-w-0 space-y-2 border-line bg-bg p-4 max-lg:border-t lg:border-l">
          <p className="text-xs font-semibold text-text-2">{t("insight.made_of", { count: d.replies.length })} · <When at={d.last_at} /></p>
          <ul className="max-h-56 space-y-1.5 overflow-y-auto" tabIndex={0} aria-label={t("insight.made_of", { count: d.replies.length })}>
            {d.replies.map((r) => <li key={r.id} className="rounded-md border border-line bg-surface px-3 py-1.5 text-xs">{r.asked && <span className="mb-0.5 block text-text-3">{r.asked}</span>}{r.text}</li>)}
          </ul>
          <p className="text-xs text-text-3">{t("insight.quality", { share: percent(d.quality) })}</p>
        </div>
      </div>
      {may(me, "articles.write") && (
        <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">
          <Button tone="primary" icon={<Check size={14} aria-hidden />} disabled={busy || !title.trim() || !body.trim()} onClick={() => void accept()}>{t("insight.accept")}</Button>
          <Button icon={<PenLine size={14} aria-hidden />} aria-pressed={edit} onClick={() => setEdit(!edit)}>{edit ? t("insight.see") : t("common.edit")}</Button>
          <Button tone="quiet" icon={<X size={14} aria-hidden />} disabled={busy} onClick={() => void dismiss()}>{t("insight.dismiss")}</Button>
        </div>
      )}
    </li>
  );
}
