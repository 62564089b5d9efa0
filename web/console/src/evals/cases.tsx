import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MessageCircle, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import { may, useMe } from "../lib/session";
import { goTo } from "../router";
import { By, When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Select } from "../ui/field";
import { Badge, Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { scenariosQuery } from "./api";
import { useBooks } from "./book";
import { FromConversation } from "./case-row";
import { Workspace } from "./frame";
import type { Scenario } from "./types";

/** The cases that people have written on the screen or made of conversations. */
export function Cases() {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const books = useBooks();
  const [playbook, setPlaybook] = useState("");
  const [status, setStatus] = useState("");
  const list = useInfiniteQuery(scenariosQuery(playbook, status));
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const can = may(me, "evals.run");
  const write = can && books.length > 0 && <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => goTo(`/evals/cases/new?playbook=${playbook || books[0]?.name}`)}>{t("evals.new_case")}</Button>;
  const again = () => client.invalidateQueries({ queryKey: ["scenarios"] });
  const remove = async (s: Scenario) => {
    try {
      await api.del(`/api/evals/scenarios/${s.id}`);
      await again();
      toast(t("evals.deleted", { name: s.name }), {
        undo: () => void api.post("/api/evals/scenarios", { playbook: s.playbook, name: s.name, status: s.status, yaml: s.yaml }).then(again, (err: unknown) => toast(text(err), { bad: true })),
      });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  return (
    <Workspace sub={t("evals.cases_sub")} actions={write}>
      <div className="flex flex-wrap gap-2 px-4 py-3 md:px-6">
        <Select aria-label={t("evals.playbook")} className="!w-auto" value={playbook} onChange={(e) => setPlaybook(e.target.value)}>
          <option value="">{t("evals.every_playbook")}</option>
          {books.map((b) => <option key={b.name} value={b.name}>{b.title}</option>)}
        </Select>
        <Select aria-label={t("evals.state")} className="!w-auto" value={status} onChange={(e) => setStatus(e.target.value)}>
          <option value="">{t("evals.every_state")}</option>
          <option value="active">{t("evals.active")}</option>
          <option value="draft">{t("evals.draft")}</option>
        </Select>
      </div>
      {list.isPending ? (
        <SkeletonRows />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<MessageCircle size={18} aria-hidden />} title={t("evals.no_cases")} action={write}>{t("evals.no_cases_text")}</Empty>
      ) : (
        <ul className="divide-y divide-line border-y border-line">
          {rows.map((s) => (
            <li key={s.id} className="relative flex items-center gap-3 px-4 py-2.5 hover:bg-hover md:px-6">
              <span className="min-w-0 flex-1">
                <Link to="/evals/cases/$id" params={{ id: s.id }} className="block truncate font-medium after:absolute after:inset-0">{s.name}</Link>
                <span className="block truncate text-xs text-text-3">{books.find((b) => b.name === s.playbook)?.title ?? s.playbook} · <By who={s.updated_by} /> · <When at={s.updated_at} />{s.conversation_id && <> · <FromConversation id={s.conversation_id} /></>}</span>
              </span>
              {s.status === "active" ? <Badge meaning="live">{t("evals.active")}</Badge> : <Badge meaning="done">{t("evals.draft")}</Badge>}
              {can && <IconButton small className="relative z-10" label={t("common.remove", { what: s.name })} onClick={() => void remove(s)}><Trash2 size={14} aria-hidden /></IconButton>}
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && rows.length >= 50 && <div className="p-4 text-center"><Button onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
    </Workspace>
  );
}
