import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { textIn } from "../i18n";
import { Screen, When } from "../ui/bits";
import { Badge, Empty, Failed, SkeletonRows } from "../ui/state";
import { playbooksQuery } from "./api";

export function Playbooks() {
  const { t } = useTranslation();
  const list = useQuery(playbooksQuery);
  return (
    <Screen title={t("nav.playbooks")} sub={t("playbooks.sub")}>
      {list.isPending ? (
        <SkeletonRows rows={3} />
      ) : list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={<Workflow size={18} aria-hidden />} title={t("playbooks.empty")}>{t("playbooks.empty_text")}</Empty>
      ) : (
        <ul className="divide-y divide-line border-b border-line">
          {list.data.map((p) => (
            <li key={p.name} className="relative flex items-center gap-4 px-4 py-3.5 hover:bg-hover md:px-6">
              <span className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-sunken text-text-2"><Workflow size={18} aria-hidden /></span>
              <span className="min-w-0 flex-1">
                <Link to="/playbooks/$name" params={{ name: p.name }} className="block truncate text-base font-medium after:absolute after:inset-0">{textIn(p.title) || p.name}</Link>
                <span className="text-xs text-text-3">{p.name} · {(p.langs ?? []).map((l) => (l === "zh" ? "中文" : "English")).join(t("common.comma"))}</span>
              </span>
              <Badge meaning="live">{t("playbooks.revision", { n: p.live_revision })}</Badge>
              <When at={p.published_at} className="w-20 text-right text-xs text-text-3" />
            </li>
          ))}
        </ul>
      )}
    </Screen>
  );
}
