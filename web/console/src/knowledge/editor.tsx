import { useBlocker } from "@tanstack/react-router";
import { Ellipsis, Save, Send, Upload } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client } from "../api/queries";
import type { Article, ArticleContent, ID, Lang } from "../api/types";
import { useKeys } from "../lib/keys";
import { may, useMe } from "../lib/session";
import { kept, useStore } from "../lib/store";
import { router } from "../router";
import { By, Screen, Tabs, When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Code } from "../ui/code";
import { TextInput } from "../ui/field";
import { Menu, MenuItem } from "../ui/overlay";
import { Badge, Note, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { changed, contentOf, same, statusLook } from "./api";
import { Conflict } from "./conflict";
import { Details, Questions } from "./details";
import { placeOf } from "./place";
import { Preview } from "./preview";
import { Origin } from "./provenance";
import { Publish } from "./publish";
import { AskReview, InReview, Talk } from "./review";
import { Translation } from "./translation";
import { Versions } from "./versions";
import { Worth } from "./worth";

/** What was written and not saved, by article, so that nothing is lost with the page. */
const unsaved = kept<Record<ID, { version: number; content: ArticleContent }>>("articles", {});

const keep = (id: ID, value?: { version: number; content: ArticleContent }) =>
  unsaved.set((now) => {
    const { [id]: _, ...rest } = now;
    return value ? { ...rest, [id]: value } : rest;
  });

type Side = "preview" | "details" | "versions" | "translation" | "review";
type Pane = Side | "write";

export function Editor({ article, content, lang, slug, playbook, find, ask, back }: {
  article?: Article;
  content: ArticleContent;
  lang: Lang;
  slug: string;
  playbook?: string;
  /** The words to show when it opens. */
  find?: string;
  /** A question that may be added to those that lead here. */
  ask?: string;
  back: ReactNode;
}) {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const key = article?.id ?? `new:${slug}:${lang}`;
  const left = useStore(unsaved)[key];
  const [form, setForm] = useState<ArticleContent>(left?.content ?? contentOf(content));
  const [base, setBase] = useState(left?.version ?? article?.version ?? 0);
  const [own, setOwn] = useState({ slug, lang });
  const [restored, setRestored] = useState(left !== undefined && !same(left.content, content));
  const [conflict, setConflict] = useState<Article>();
  const [busy, setBusy] = useState(false);
  const [pane, setPane] = useState<Pane>("write");
  const [dialog, setDialog] = useState<"publish" | "approve" | "ask">();
  const at = useMemo(() => (find ? placeOf(form.body, find) : undefined), [find]);
  const side: Side = pane === "write" ? "preview" : pane;
  const writable = may(me, "articles.write") && article?.status !== "archived";
  const dirty = !same(form, content);

  const set = useCallback((change: Partial<ArticleContent>) => setForm((f) => ({ ...f, ...change })), []);
  useEffect(() => {
    const timer = setTimeout(() => keep(key, dirty ? { version: base, content: form } : undefined), 300);
    return () => clearTimeout(timer);
  }, [key, dirty, form, base]);
  useBlocker({
    // What is not saved stays in this browser: leaving loses nothing, but saying so is kind.
    shouldBlockFn: () => {
      if (dirty) keep(key, { version: base, content: form });
      return false;
    },
    enableBeforeUnload: false,
  });

  const saved = (a: Article) => {
    keep(key);
    setBase(a.version);
    setForm(contentOf(a));
    setRestored(false);
    changed(a);
  };
  /** Saves when there is something to save; undefined when that failed. */
  const save = async (version = base, quiet = false): Promise<Article | undefined> => {
    if (article && !dirty && version === article.version) return article;
    setBusy(true);
    try {
      const a = article
        ? await api.put<Article>(`/api/articles/${article.id}`, { ...contentOf(form), version })
        : await api.post<Article>("/api/articles", { ...contentOf(form), slug: own.slug || slugOf(form.title), lang: own.lang, playbook: playbook || undefined });
      saved(a);
      setConflict(undefined);
      if (!quiet) toast(t("done.saved"));
      if (!article) router.history.replace(`/knowledge/${a.id}`); // the way back leads to the list
      return a;
    } catch (err) {
      const theirs = staleOf(err);
      if (theirs) setConflict(theirs);
      else toast(text(err), { bad: true });
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  /** Something was taken back: what is shown follows, unless somebody wrote on meanwhile. */
  const taken = (was: Article, is: Article) => {
    setForm((f) => (same(f, was) ? contentOf(is) : f));
    setBase(is.version);
    changed(is);
  };
  const move = async (verb: "publish" | "approve" | "unpublish" | "archive", undo?: () => Promise<unknown>, extra?: { text?: string; anyway?: boolean }) => {
    const now = await save(base, true);
    if (!now) return;
    setBusy(true);
    try {
      saved(await api.post<Article>(`/api/articles/${now.id}/${verb}`, extra));
      if (verb === "approve") void client.invalidateQueries({ queryKey: ["article", now.id] });
      toast(t(verb === "approve" ? "knowledge.did.publish" : `knowledge.did.${verb}`), {
        undo: undo && (() => void undo().then(async () => taken(now, await api.get<Article>(`/api/articles/${now.id}`))).catch((err: unknown) => toast(text(err), { bad: true }))),
      });
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  const id = article?.id;
  const publish = async (note: string, anyway: boolean) => {
    const extra = { ...(dialog === "approve" && note && { text: note }), ...(anyway && { anyway }) };
    const before = article?.published_version ?? 0;
    const takeBack = async () => {
      if (before === 0) return api.post(`/api/articles/${id}/unpublish`);
      await api.post(`/api/articles/${id}/restore`, { version: before });
      return api.post(`/api/articles/${id}/publish`, { anyway: true });
    };
    await move(dialog === "approve" ? "approve" : "publish", takeBack, Object.keys(extra).length ? extra : undefined);
    setDialog(undefined);
  };
  const unpublish = () => move("unpublish", () => api.post(`/api/articles/${id}/publish`));
  const archive = () => move("archive", () => api.post(`/api/articles/${id}/restore`, { version: article?.version }));
  const restore = async (version: number) => {
    if (!article) return;
    try {
      const before = article.version;
      saved(await api.post<Article>(`/api/articles/${article.id}/restore`, { version }));
      toast(t("knowledge.did.restore", { n: version }), { undo: () => void api.post<Article>(`/api/articles/${article.id}/restore`, { version: before }).then(saved).catch((err: unknown) => toast(text(err), { bad: true })) });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };

  const ready = form.title.trim() !== "" && form.body.trim() !== "" && !busy;
  const published = article?.status === "published" && !dirty;
  useKeys({ "mod+s": () => void (writable && save()), "mod+enter": () => void (writable && may(me, "articles.publish") && article && ready && !published && setDialog("publish")) });
  const sides: { value: Side; label: string }[] = [
    { value: "preview", label: t("knowledge.preview") },
    { value: "details", label: t("knowledge.details") },
    ...(article ? [{ value: "versions" as const, label: t("knowledge.versions") }, { value: "translation" as const, label: t("knowledge.translation") }, { value: "review" as const, label: t("review.tab") }] : []),
  ];
  return (
    <Screen
      back={back}
      title={form.title || t("knowledge.untitled")}
      sub={
        article && (
          <span className="flex flex-wrap items-center gap-x-2">
            <Badge {...statusLook[article.status]}>{t(`knowledge.is.${article.status}`)}</Badge>
            <span>{t("knowledge.version", { n: article.version })}</span>
            {article.published_version > 0 && article.published_version !== article.version && <span>· {t("knowledge.live_version", { n: article.published_version })}</span>}
            <span>· <When at={article.updated_at} /> <By who={article.updated_by} /></span>
            {dirty && <span className="font-medium text-warning">· {t("knowledge.unsaved")}</span>}
          </span>
        )
      }
      actions={
        writable ? (
          <>
            <Button icon={<Save size={14} aria-hidden />} disabled={!ready || (!dirty && article !== undefined)} onClick={() => void save()} title="Ctrl S">{t("common.save")}</Button>
            {may(me, "articles.publish") ? (
              <Button tone="primary" icon={<Upload size={14} aria-hidden />} disabled={!ready || published || !article} onClick={() => setDialog("publish")}>{t("knowledge.publish")}</Button>
            ) : (
              <Button tone="primary" icon={<Send size={14} aria-hidden />} disabled={!ready || !article || article.status === "review"} onClick={() => setDialog("ask")}>{t("knowledge.submit")}</Button>
            )}
            {article && (
              <Menu trigger={<IconButton label={t("action.more")}><Ellipsis size={16} aria-hidden /></IconButton>}>
                {may(me, "articles.publish") && <MenuItem disabled={article.status !== "draft"} onSelect={() => setDialog("ask")}>{t("knowledge.submit")}</MenuItem>}
                {may(me, "articles.publish") && <MenuItem disabled={article.published_version === 0} onSelect={() => void unpublish()}>{t("knowledge.unpublish")}</MenuItem>}
                {publicPage(article) && <MenuItem onSelect={() => window.open(publicPage(article), "_blank", "noopener")}>{t("knowledge.open_public")}</MenuItem>}
                <MenuItem danger onSelect={() => void archive()}>{t("knowledge.archive")}</MenuItem>
              </Menu>
            )}
          </>
        ) : article?.status === "archived" && may(me, "articles.write") ? (
          <Button onClick={() => void restore(article.version)}>{t("knowledge.unarchive")}</Button>
        ) : undefined
      }
    >
      <div className="flex h-full min-h-0 max-lg:flex-col">
        <div className="border-b border-line px-4 py-2 lg:hidden">
          <Tabs label={t("knowledge.views")} value={pane} onChange={setPane} tabs={[{ value: "write" as Pane, label: t("knowledge.write") }, ...sides]} className="overflow-x-auto" />
        </div>
        <section aria-label={t("knowledge.write")} className={`flex min-h-0 min-w-0 flex-1 flex-col ${pane === "write" ? "" : "max-lg:hidden"}`}>
          {article && <Origin article={article.id} />}
          {article?.status === "review" && <InReview article={article} onApprove={() => setDialog("approve")} onReturned={saved} />}
          {find && !at && <div className="px-6 pt-3"><Note meaning="waiting">{t("knowledge.not_there", { words: find })}</Note></div>}
          {restored && (
            <div className="px-6 pt-3">
              <Note meaning="waiting">
                {t("knowledge.restored")}{" "}
                <button type="button" className="font-semibold underline underline-offset-2" onClick={() => { setForm(contentOf(content)); setBase(article?.version ?? 0); setRestored(false); keep(key); }}>{t("knowledge.discard")}</button>
              </Note>
            </div>
          )}
          <div className="mx-auto flex min-h-0 w-full max-w-180 flex-1 flex-col px-8 pt-6 max-md:px-4">
            {!article && (
              <div className="mb-3 flex items-center gap-2 text-xs text-text-3">
                <select aria-label={t("knowledge.lang")} value={own.lang} onChange={(e) => setOwn({ ...own, lang: e.target.value as Lang })} className="h-7 rounded-md border border-field bg-surface px-1.5" disabled={slug !== ""}>
                  <option value="en">English</option>
                  <option value="zh">中文</option>
                </select>
                <TextInput aria-label={t("knowledge.slug")} placeholder={t("knowledge.slug_hint")} value={own.slug} disabled={slug !== ""} onChange={(e) => setOwn({ ...own, slug: e.target.value.toLowerCase().replace(/[^a-z0-9_-]+/g, "-") })} className="!h-7 !w-72 !text-xs" />
              </div>
            )}
            <textarea
              rows={1}
              readOnly={!writable}
              value={form.title}
              onChange={(e) => set({ title: e.target.value.replace(/\n/g, " ") })}
              placeholder={t("knowledge.title_placeholder")}
              aria-label={t("knowledge.title")}
              className="field-sizing-content w-full resize-none bg-transparent text-2xl font-semibold outline-none"
              autoFocus={!article}
            />
            <Code className="min-h-0 flex-1" language="markdown" label={t("knowledge.body")} placeholder={t("knowledge.body_placeholder")} value={form.body} onChange={(body) => set({ body })} readOnly={!writable} at={at} />
          </div>
        </section>
        <aside aria-label={t("knowledge.views")} className={`flex min-h-0 w-115 shrink-0 flex-col border-l border-line bg-bg max-lg:w-full max-lg:flex-1 max-lg:border-0 ${pane === "write" ? "max-lg:hidden" : ""}`}>
          <div className="border-b border-line px-4 py-2 max-lg:hidden">
            <Tabs label={t("knowledge.views")} value={side} onChange={setPane} tabs={sides} />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">
            {side === "preview" && (
              <>
                <Preview form={form} lang={own.lang} />
                <Questions form={form} set={set} readOnly={!writable} ask={ask} />
              </>
            )}
            {side === "details" && (
              <>
                <Details form={form} set={set} readOnly={!writable} slug={own.slug} lang={own.lang} />
                {article && may(me, "ledger.read") && <div className="border-t border-line p-4"><Worth article={article.id} /></div>}
              </>
            )}
            {side === "versions" && article && <Versions article={article} onRestore={writable || article.status === "archived" ? restore : undefined} />}
            {side === "translation" && article && <Translation article={article} />}
            {side === "review" && article && <Talk article={article} />}
          </div>
        </aside>
      </div>
      {article && (dialog === "publish" || dialog === "approve") && <Publish article={article} form={form} approving={dialog === "approve"} save={() => save(base, true)} onPublish={publish} onClose={() => setDialog(undefined)} />}
      {article && dialog === "ask" && <AskReview article={article} save={() => save(base, true)} onAsked={saved} onClose={() => setDialog(undefined)} />}
      {conflict && (
        <Conflict
          mine={form}
          theirs={conflict}
          onClose={() => setConflict(undefined)}
          onMine={() => void save(conflict.version)}
          onTheirs={() => { saved(conflict); setConflict(undefined); }}
          onMerge={(body) => { set({ body }); setBase(conflict.version); setConflict(undefined); changed(conflict); }}
        />
      )}
    </Screen>
  );
}

/** An address made of the title's Latin letters, or of the day when it has none. */
function slugOf(title: string): string {
  const s = title.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return s.length > 2 ? s : `article-${Date.now().toString(36)}`;
}

/** Where customers read it in the help centre, when they may. */
function publicPage(a: Article): string | undefined {
  return a.published_version > 0 && a.audience === "customers" && a.playbook ? `/help/${encodeURIComponent(a.playbook)}/${a.lang}/${a.slug}` : undefined;
}

/** The article as somebody else saved it, when that is why saving failed. */
function staleOf(err: unknown): Article | undefined {
  if (!(err instanceof ApiError) || err.status !== 409) return undefined;
  const a = (err.body as { detail?: Article } | undefined)?.detail;
  return a && typeof a.body === "string" && typeof a.version === "number" ? a : undefined;
}
