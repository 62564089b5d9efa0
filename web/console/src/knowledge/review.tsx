import { queryOptions, useQuery } from "@tanstack/react-query";
import { CalendarClock, MessageSquare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, listOf } from "../api/queries";
import type { Article, ID } from "../api/types";
import { may, useMe } from "../lib/session";
import { dayAndTime } from "../lib/time";
import { Section, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Field, Select, TextArea } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";

interface Who {
  id: ID;
  name: string;
}
export interface Review {
  version: number;
  reviewer?: ID;
  by: Who;
  note?: string;
  at: string;
}
interface Plan {
  id: ID;
  action: "publish" | "unpublish";
  version: number;
  state: "planned" | "done" | "failed" | "cancelled";
  /** Why it failed: a stable word. */
  problem?: string;
  at: string;
  made_by: string;
}
interface Comment {
  id: ID;
  version: number;
  kind: "comment" | "returned" | "approved";
  text: string;
  at: string;
  by: Who;
}

export const plansQuery = (id: ID) => queryOptions({ queryKey: ["article", id, "plans"], queryFn: () => api.get<{ review: Review | null; plans: Plan[] }>(`/api/articles/${id}/plans`), enabled: id !== "", staleTime: 0 });
const commentsQuery = (id: ID) => queryOptions({ queryKey: ["article", id, "comments"], queryFn: async () => listOf<Comment>(await api.get(`/api/articles/${id}/comments`, { limit: 100 })) });
export const waitingQuery = (all: boolean) => queryOptions({ queryKey: ["articles", "waiting", all], queryFn: async () => listOf<{ article: Article; review: Review }>(await api.get("/api/reviews", { all: all ? "true" : undefined, limit: 200 })), staleTime: 0 });

const fresh = (id: ID) => void client.invalidateQueries({ queryKey: ["article", id] });

/** The article waits for a look: who asks, what for, and what the reader can do about it. */
export function InReview({ article, onApprove, onReturned }: { article: Article; onApprove: () => void; onReturned: (a: Article) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const plans = useQuery(plansQuery(article.id));
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const r = plans.data?.review;
  const back = async () => {
    setBusy(true);
    try {
      onReturned(await api.post<Article>(`/api/articles/${article.id}/return`, { text: words.trim(), version: article.version }));
      fresh(article.id);
      setOpen(false);
      toast(t("review.returned"));
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="px-6 pt-3 max-md:px-4">
      <Note meaning="waiting">
        <div className="flex flex-wrap items-center gap-2">
          <div className="min-w-0 flex-1">
            <p className="font-medium">{r ? t(r.reviewer === me.id ? "review.asks_you" : "review.asks", { who: r.by.name }) : t("knowledge.is.review")}</p>
            {r?.note && <p className="break-words">{r.note}</p>}
          </div>
          {may(me, "articles.publish") && (
            <>
              <Button small onClick={() => setOpen(true)}>{t("review.return")}</Button>
              <Button small tone="primary" onClick={onApprove}>{t("review.look")}</Button>
            </>
          )}
        </div>
      </Note>
      <Dialog open={open} onClose={() => setOpen(false)} title={t("review.return")} description={t("review.return_text")}>
        <DialogBody><Field label={t("review.what_to_change")}>{(p) => <TextArea {...p} autoFocus rows={5} maxLength={4000} value={words} onChange={(e) => setWords(e.target.value)} />}</Field></DialogBody>
        <DialogFoot>
          <Button onClick={() => setOpen(false)}>{t("common.cancel")}</Button>
          <Button tone="primary" disabled={busy || !words.trim()} onClick={() => void back()}>{t("review.return")}</Button>
        </DialogFoot>
      </Dialog>
    </div>
  );
}

/** Asks somebody, or whoever may publish, to look. */
export function AskReview({ article, save, onAsked, onClose }: { article: Article; save: () => Promise<Article | undefined>; onAsked: (a: Article) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const users = useQuery({ queryKey: ["users", "reviewers"], queryFn: async () => listOf<Who & { roles: string[]; disabled?: boolean }>(await api.get("/api/users", { limit: 200 })), enabled: may(me, "people.read") });
  const people = users.data?.filter((u) => !u.disabled && u.id !== me.id && u.roles.some((r) => r === "owner" || r === "editor")) ?? [];
  const [reviewer, setReviewer] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    const now = await save();
    if (!now) return onClose();
    try {
      const a = await api.post<Article>(`/api/articles/${now.id}/review`, { version: now.version, reviewer: reviewer || undefined, note: note.trim() || undefined });
      fresh(article.id);
      onAsked(a);
      toast(t("knowledge.did.submit"));
      onClose();
    } catch (err) {
      toast(text(err), { bad: true });
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t("knowledge.submit")} description={t("review.ask_text")}>
      <DialogBody>
        {people.length > 0 && (
          <Field label={t("review.whom")}>
            {(p) => (
              <Select {...p} value={reviewer} onChange={(e) => setReviewer(e.target.value)}>
                <option value="">{t("review.anybody")}</option>
                {people.map((u) => <option key={u.id} value={u.id}>{u.name}</option>)}
              </Select>
            )}
          </Field>
        )}
        <Field label={t("review.note")}>{(p) => <TextArea {...p} autoFocus rows={3} maxLength={4000} value={note} onChange={(e) => setNote(e.target.value)} />}</Field>
      </DialogBody>
      <DialogFoot>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button tone="primary" disabled={busy} onClick={() => void ask()}>{t("review.ask")}</Button>
      </DialogFoot>
    </Dialog>
  );
}

const looks = { comment: "done", returned: "warning", approved: "live" } as const;

/** What was said of the article, and what is planned for it. */
export function Talk({ article }: { article: Article }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const plans = useQuery(plansQuery(article.id));
  const comments = useQuery(commentsQuery(article.id));
  const [words, setWords] = useState("");
  const run = async (f: () => Promise<unknown>) => {
    try {
      await f();
      fresh(article.id);
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const planned = plans.data?.plans.filter((p) => p.state === "planned" || p.state === "failed").slice(0, 5) ?? [];
  return (
    <>
      {planned.length > 0 && (
        <Section title={t("publishing.plans")}>
          <ul className="space-y-1.5">
            {planned.map((p) => (
              <li key={p.id} className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-surface px-3 py-2">
                <CalendarClock size={14} aria-hidden className="text-text-3" />
                <span className="min-w-0 flex-1">{t(`publishing.plan_${p.action}`, { at: dayAndTime(p.at), n: p.version })}<span className="block text-xs text-text-3">{p.made_by}</span></span>
                {p.state === "failed" ? <Badge meaning="breach">{t(p.problem === "questions_fail" ? "publishing.plan_gate" : "publishing.plan_failed")}</Badge> : may(me, "articles.publish") && <Button small onClick={() => void run(() => api.del(`/api/articles/${article.id}/plans/${p.id}`))}>{t("common.cancel")}</Button>}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t("review.comments")}>
        {may(me, "articles.write") && (
          <form className="mb-3 space-y-2" onSubmit={(e) => { e.preventDefault(); void run(async () => { await api.post(`/api/articles/${article.id}/comments`, { text: words.trim(), version: article.version }); setWords(""); }); }}>
            <TextArea rows={2} value={words} maxLength={4000} aria-label={t("review.say")} placeholder={t("review.say")} onChange={(e) => setWords(e.target.value)} />
            {words.trim() && <Button small type="submit" tone="primary">{t("review.send")}</Button>}
          </form>
        )}
        {comments.isPending ? (
          <SkeletonRows rows={2} />
        ) : comments.isError ? (
          <Failed error={comments.error} retry={() => void comments.refetch()} />
        ) : comments.data.length === 0 ? (
          <p className="flex items-center gap-2 py-2 text-text-3"><MessageSquare size={14} aria-hidden />{t("review.no_comments")}</p>
        ) : (
          <ul className="space-y-3">
            {comments.data.map((c) => (
              <li key={c.id}>
                <p className="flex flex-wrap items-center gap-2 text-xs text-text-3">
                  <span className="font-medium text-text">{c.by.name}</span>
                  {c.kind !== "comment" && <Badge meaning={looks[c.kind]}>{t(`review.kind.${c.kind}`)}</Badge>}
                  <span>{t("knowledge.version", { n: c.version })}</span> <When at={c.at} />
                </p>
                {c.text && <p className="mt-0.5 break-words whitespace-pre-wrap">{c.text}</p>}
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}
