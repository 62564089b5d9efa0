import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { MessageSquareQuote, Plus, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { cannedQuery, client } from "../api/queries";
import type { Lang, Page } from "../api/types";
import { currentLang, textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { playbooksQuery } from "../playbooks/api";
import { td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Select, TextInput } from "../ui/field";
import { Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { CannedEditor } from "./canned-editor";
import { type Reply, byLang } from "./canned-text";
import { Frame } from "./frame";

const refresh = () => {
  void client.invalidateQueries({ queryKey: ["canned list"] });
  void client.invalidateQueries({ queryKey: cannedQuery.queryKey });
};

/** The replies that agents pick from, and that stand beside a conversation when they fit. */
export function CannedReplies() {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const [words, setWords] = useState("");
  const [q, setQ] = useState("");
  const [playbook, setPlaybook] = useState("");
  const [open, setOpen] = useState<Reply | "new">();
  useEffect(() => {
    const timer = setTimeout(() => setQ(words), 200);
    return () => clearTimeout(timer);
  }, [words]);
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const list = useInfiniteQuery({
    queryKey: ["canned list", q, playbook],
    queryFn: ({ pageParam, signal }) => api.get<Page<Reply>>("/api/canned", { q, playbook, after: pageParam, limit: 50 }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const write = may(me, "canned.write");
  const remove = async (r: Reply) => {
    setOpen(undefined);
    try {
      await api.del(`/api/canned/${r.id}`);
      refresh();
      toast(t("canned.deleted", { key: r.key }), {
        undo: () => void api.post("/api/canned", { key: r.key, title: byLang(r.title), text: byLang(r.text), questions: r.questions, playbook: r.playbook || undefined }).then(refresh).catch((err: unknown) => toast(text(err), { bad: true })),
      });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const add = write && <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen("new")}>{t("canned.new")}</Button>;
  return (
    <Frame sub={t("canned.sub")} actions={add}>
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2 md:px-6">
        <div className="relative w-72 max-md:w-full">
          <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
          <TextInput type="search" className="pl-8" value={words} onChange={(e) => setWords(e.target.value)} aria-label={t("canned.search")} placeholder={t("canned.search")} />
        </div>
        <Select className="!w-auto" aria-label={t("sources.playbook")} value={playbook} onChange={(e) => setPlaybook(e.target.value)}>
          <option value="">{t("canned.any_playbook")}</option>
          {books.data?.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
        </Select>
      </div>
      {list.isPending ? (
        <SkeletonRows rows={8} />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<MessageSquareQuote size={18} aria-hidden />} title={q || playbook ? t("canned.no_match") : t("canned.empty")} action={!q && !playbook && add}>{q || playbook ? undefined : t("canned.empty_text")}</Empty>
      ) : (
        <>
          <table className="w-full table-fixed max-md:block">
            <thead className="border-b border-line max-md:hidden">
              <tr>
                <th scope="col" className={`${th} w-[30%] md:pl-6`}>{t("canned.title")}</th>
                <th scope="col" className={th}>{t("canned.text")}</th>
                <th scope="col" className={`${th} w-48`}>{t("sources.playbook")}</th>
                <th scope="col" className={`${th} w-32`}>{t("knowledge.lang")}</th>
                <th scope="col" className={`${th} w-28`}>{t("knowledge.changed")}</th>
              </tr>
            </thead>
            <tbody className="max-md:block">
              {rows.map((r) => (
                <tr key={r.id} className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:gap-x-3 max-md:px-4 max-md:py-2">
                  <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
                    <button type="button" className="text-left font-medium after:absolute after:inset-0" onClick={() => setOpen(r)}>{textIn(r.title)}</button>
                    <span className="ml-2 font-mono text-xs text-text-3">/{r.key}</span>
                  </td>
                  <td className={`${td} max-md:w-full max-md:p-0`}><span className="line-clamp-1 text-text-2">{textIn(r.text)}</span></td>
                  <td className={`${td} text-text-2 max-md:p-0 max-md:text-xs`}>{textIn(books.data?.find((b) => b.name === r.playbook)?.title) || r.playbook || t("sources.everybody")}</td>
                  <td className={`${td} text-text-2 max-md:p-0 max-md:text-xs`}>{Object.keys(byLang(r.text)).map((l) => names[l as Lang] ?? t("canned.all_langs")).join(t("common.comma"))}</td>
                  <td className={`${td} whitespace-nowrap text-text-3 max-md:ml-auto max-md:p-0 max-md:text-xs`}><When at={r.updated_at} /></td>
                </tr>
              ))}
            </tbody>
          </table>
          {list.hasNextPage && <div className="p-4 text-center"><Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
        </>
      )}
      {open && (
        <CannedEditor
          key={open === "new" ? "new" : open.id}
          reply={open === "new" ? undefined : open}
          playbook={playbook}
          lang={currentLang()}
          readOnly={!write}
          onClose={() => setOpen(undefined)}
          onSaved={() => { setOpen(undefined); refresh(); }}
          onDelete={write && open !== "new" ? () => void remove(open) : undefined}
        />
      )}
    </Frame>
  );
}

const names: Partial<Record<Lang | "", string>> = { en: "English", zh: "中文" };
