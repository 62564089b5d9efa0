import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { Article, ID, Lang } from "../api/types";
import { TextInput } from "../ui/field";
import { Dialog } from "../ui/overlay";
import { SkeletonRows } from "../ui/state";

/** Chooses an article by its words. */
export function PickArticle({ playbook, lang, onClose, onPick }: { playbook: string; lang?: Lang; onClose: () => void; onPick: (id: ID) => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(words.trim()), 200);
    return () => clearTimeout(timer);
  }, [words]);
  const found = useQuery({ queryKey: ["articles", "pick", playbook, lang, q], queryFn: async () => listOf<Article>(await api.get("/api/articles", { q, lang, playbook, limit: 20 })), placeholderData: keepPreviousData });
  return (
    <Dialog open onClose={onClose} title={t("insight.link")} description={t("insight.link_text")}>
      <div className="border-b border-line p-3"><TextInput type="search" value={words} onChange={(e) => setWords(e.target.value)} aria-label={t("knowledge.search")} placeholder={t("knowledge.search")} /></div>
      {found.isPending ? (
        <SkeletonRows rows={4} />
      ) : (
        <ul className="min-h-0 flex-1 overflow-y-auto p-1">
          {found.data?.filter((a) => a.status !== "archived").map((a) => (
            <li key={a.id}>
              <button type="button" onClick={() => onPick(a.id)} className="w-full rounded-md px-3 py-2 text-left hover:bg-sunken">
                <span className="block font-medium">{a.title}</span>
                <span className="block text-xs text-text-3">{a.slug}</span>
              </button>
            </li>
          ))}
          {found.data?.length === 0 && <li className="px-3 py-6 text-center text-text-3">{t("knowledge.no_match")}</li>}
        </ul>
      )}
    </Dialog>
  );
}
