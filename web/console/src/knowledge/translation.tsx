import { useQuery } from "@tanstack/react-query";
import { Languages } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { Article, Lang } from "../api/types";
import { Markdown } from "../lib/markdown";
import { may, useMe } from "../lib/session";
import { instant } from "../lib/time";
import { goTo } from "../router";
import { By, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Badge, Empty, Failed, Note, SkeletonRows } from "../ui/state";
import { statusLook } from "./api";

/** The same article in the other language, beside this one. */
export function Translation({ article }: { article: Article }) {
  const { t } = useTranslation();
  const me = useMe();
  const other: Lang = article.lang === "en" ? "zh" : "en";
  const found = useQuery({
    queryKey: ["articles", "slug", article.slug, other],
    queryFn: async () => {
      const list = listOf<Article>(await api.get("/api/articles", { q: article.slug, lang: other, playbook: article.playbook, limit: 100 }));
      const hit = list.find((a) => a.slug === article.slug && a.lang === other && (a.playbook ?? "") === (article.playbook ?? ""));
      return hit ? api.get<Article>(`/api/articles/${hit.id}`) : null;
    },
  });
  if (found.isPending) return <SkeletonRows rows={4} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const name = other === "zh" ? "中文" : "English";
  if (!found.data) {
    const query = new URLSearchParams({ slug: article.slug, lang: other, ...(article.playbook ? { playbook: article.playbook } : {}) });
    return (
      <Empty icon={<Languages size={18} aria-hidden />} title={t("knowledge.no_translation", { lang: name })} action={may(me, "articles.write") && <Button tone="primary" onClick={() => goTo(`/knowledge/new?${query}`)}>{t("knowledge.translate", { lang: name })}</Button>}>
        {t("knowledge.no_translation_text")}
      </Empty>
    );
  }
  const a = found.data;
  return (
    <div className="space-y-3 p-4" lang={other === "zh" ? "zh-CN" : "en"}>
      {instant(a.updated_at) < instant(article.updated_at) && <Note meaning="warning">{t("knowledge.translation_older")}</Note>}
      <div className="flex items-center gap-2">
        <Badge {...statusLook[a.status]}>{t(`knowledge.is.${a.status}`)}</Badge>
        <span className="text-xs text-text-3"><When at={a.updated_at} /> <By who={a.updated_by} /></span>
        <span className="flex-1" />
        <Button small onClick={() => goTo(`/knowledge/${a.id}`)}>{t("knowledge.edit_this")}</Button>
      </div>
      <h2 className="text-xl font-semibold">{a.title}</h2>
      <Markdown text={a.body} />
      {a.questions && a.questions.length > 0 && <ul className="list-disc border-t border-line pt-3 pl-5 text-text-2">{a.questions.map((q) => <li key={q}>{q}</li>)}</ul>}
    </div>
  );
}
