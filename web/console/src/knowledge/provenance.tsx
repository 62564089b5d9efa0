import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FolderInput } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import type { ID } from "../api/types";
import { When } from "../ui/bits";
import type { Provenance } from "./sources/api";

/** Where an imported article comes from, and whether its source says something else by now. */
export function Origin({ article }: { article: ID }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["article", article, "source"],
    queryFn: () =>
      api.get<Provenance>(`/api/articles/${article}/source`).catch((err: unknown) => {
        if (err instanceof ApiError && (err.status === 404 || err.status === 503)) return null;
        throw err;
      }),
  });
  const p = found.data;
  if (!p) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-1.5 px-6 py-1.5 text-xs text-text-3 max-md:px-4">
      <FolderInput size={12} aria-hidden />
      <span>
        {t("knowledge.comes_from")} <Link to="/knowledge/sources/$id" params={{ id: p.source_id }} className="font-medium text-text-2 underline underline-offset-2">{p.source}</Link>
        {p.key && <span className="break-all"> · {p.url ? <a href={p.url} target="_blank" rel="noopener noreferrer" className="underline underline-offset-2">{p.key}</a> : p.key}</span>}
        <> · <When at={p.applied_at} /></>
      </span>
      {p.state === "conflict" && <Link to="/knowledge/sources/$id" params={{ id: p.source_id }} className="font-semibold text-breach underline underline-offset-2">{t("knowledge.source_differs")}</Link>}
      {p.state === "gone" && <span className="text-warning">{t("knowledge.source_gone")}</span>}
    </p>
  );
}
