import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ArticleContent, Lang } from "../api/types";
import { currentLang } from "../i18n";
import { goTo, router } from "../router";
import { IconButton } from "../ui/button";
import { Screen } from "../ui/bits";
import { Failed, Skeleton } from "../ui/state";
import { articleQuery } from "./api";
import { Editor } from "./editor";

const blank: ArticleContent = { title: "", body: "", questions: [], tags: [], audience: "customers" };

/** Back to the list as it was, or to whatever led here; to the list when nothing did. */
const leave = () => (router.history.canGoBack() ? router.history.back() : goTo("/knowledge"));

export function ArticlePage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const search = useSearch({ strict: false }) as { slug?: string; lang?: Lang; playbook?: string; find?: string; ask?: string };
  const article = useQuery(articleQuery(id));
  const back = <IconButton label={t("common.back")} onClick={leave}><ArrowLeft size={16} aria-hidden /></IconButton>;
  if (id === "new")
    return <Editor key={`new-${search.slug ?? ""}-${search.lang ?? ""}`} content={blank} lang={search.lang ?? currentLang()} slug={search.slug ?? ""} playbook={search.playbook} back={back} />;
  if (article.isPending)
    return (
      <Screen title={<Skeleton className="h-5 w-56" />} back={back}>
        <div className="mx-auto max-w-180 space-y-3 p-8" role="status" aria-label={t("common.loading")}>
          <Skeleton className="h-8 w-2/3" /><Skeleton /><Skeleton /><Skeleton className="h-4 w-4/5" />
        </div>
      </Screen>
    );
  if (article.isError) return <Screen title={t("nav.knowledge")} back={back}><Failed error={article.error} retry={() => void article.refetch()} /></Screen>;
  return <Editor key={id} article={article.data} content={article.data} lang={article.data.lang} slug={article.data.slug} playbook={article.data.playbook} find={search.find} ask={search.ask} back={back} />;
}
