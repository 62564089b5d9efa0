import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ScrollText, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { AuditRow, Page, User } from "../api/types";
import { may, useMe } from "../lib/session";
import { dayAndTime } from "../lib/time";
import { Screen, td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Select, TextInput } from "../ui/field";
import { Badge, Empty, Failed, SkeletonRows } from "../ui/state";

export function Audit() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { action?: string; user?: string };
  const set = (c: { action?: string; user?: string }) => void navigate({ to: "/audit", search: { ...search, ...c }, replace: true } as never);
  const users = useQuery({ queryKey: ["users", "all"], enabled: may(me, "people.read"), queryFn: async () => listOf<User>(await api.get("/api/users", { limit: 200 })) }).data ?? [];
  const [action, setAction] = useState(search.action ?? "");
  useEffect(() => setAction(search.action ?? ""), [search.action]);
  const list = useInfiniteQuery({
    queryKey: ["audit", search.action ?? "", search.user ?? ""],
    queryFn: ({ pageParam }) => api.get<Page<AuditRow>>("/api/audit", { action: search.action, user: search.user, after: pageParam, limit: 100 }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Screen title={t("nav.audit")} sub={t("audit.sub")}>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-6">
        {users.length > 0 && (
          <Select className="!w-auto" aria-label={t("audit.who")} value={search.user ?? ""} onChange={(e) => set({ user: e.target.value || undefined })}>
            <option value="">{t("audit.anybody")}</option>
            {users.map((u) => <option key={u.id} value={u.id}>{u.name}</option>)}
          </Select>
        )}
        <form onSubmit={(e) => { e.preventDefault(); set({ action: action.trim() || undefined }); }}>
          <TextInput className="!w-60" aria-label={t("audit.action")} placeholder={t("audit.action_hint")} value={action} onChange={(e) => setAction(e.target.value)} />
        </form>
        {(search.action || search.user) && <Button small tone="quiet" icon={<X size={12} aria-hidden />} onClick={() => set({ action: undefined, user: undefined })}>{t("common.clear")}</Button>}
      </div>
      {list.isPending ? (
        <SkeletonRows rows={10} />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<ScrollText size={18} aria-hidden />} title={t("audit.empty")}>{search.action || search.user ? t("audit.no_match") : t("audit.empty_text")}</Empty>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full">
            <thead className="border-b border-line">
              <tr>
                <th scope="col" className={`${th} md:pl-6`}>{t("audit.at")}</th>
                <th scope="col" className={th}>{t("audit.who")}</th>
                <th scope="col" className={th}>{t("audit.action")}</th>
                <th scope="col" className={th}>{t("audit.target")}</th>
                <th scope="col" className={th}>{t("audit.outcome")}</th>
                <th scope="col" className={`${th} max-lg:hidden`}>{t("audit.address")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((a) => (
                <tr key={a.id} className="border-b border-line hover:bg-hover">
                  <td className={`${td} whitespace-nowrap text-text-2 tabular-nums md:pl-6`}><When at={a.at} long={dayAndTime} /></td>
                  <td className={`${td} whitespace-nowrap`}>{a.user_name || <span className="text-text-3">{t("audit.nobody")}</span>}</td>
                  <td className={td}><button type="button" className="font-mono text-xs hover:underline" title={t("audit.only")} onClick={() => set({ action: a.action })}>{a.action}</button></td>
                  <td className={`${td} max-w-60 truncate font-mono text-xs text-text-2`} title={a.target}>{a.target}</td>
                  <td className={td}>{a.outcome === "ok" ? <span className="text-text-3">{t("audit.ok")}</span> : <Badge meaning="breach">{a.outcome}</Badge>}</td>
                  <td className={`${td} font-mono text-xs text-text-3 max-lg:hidden`}>{a.address}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {list.hasNextPage && <div className="p-4 text-center"><Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
        </div>
      )}
    </Screen>
  );
}
