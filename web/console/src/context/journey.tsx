import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, PageView } from "../api/types";
import { ChannelIcon } from "../inbox/channel";
import { Section, When } from "../ui/bits";

const FEW = 5;

export function Talks({ rows }: { rows: Conversation[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <Section title={t("context.earlier")}>
      {rows.length === 0 && <p className="text-text-3">{t("context.no_earlier")}</p>}
      <ul className="-mx-2">
        {(all ? rows : rows.slice(0, FEW)).map((r) => (
          <li key={r.id}>
            <Link to="/inbox/$id" params={{ id: r.id }} search={(s: object) => s as never} className="flex items-center gap-2 rounded-md px-2 py-1 hover:bg-hover">
              <ChannelIcon channel={r.channel} />
              <span className="min-w-0 flex-1 truncate">{r.subject || t("inbox.no_subject")}</span>
              <span className="shrink-0 text-xs text-text-3">{t(`status.${r.status}`)}</span>
              <When at={r.updated_at} className="shrink-0 text-xs text-text-3" />
            </Link>
          </li>
        ))}
      </ul>
      {rows.length > FEW && <button type="button" className="mt-1 text-xs text-accent-text hover:underline" onClick={() => setAll(!all)}>{all ? t("common.less") : t("common.all_n", { n: rows.length })}</button>}
    </Section>
  );
}

export function Pages({ pages }: { pages: PageView[] }) {
  const { t } = useTranslation();
  if (pages.length === 0) return null;
  return (
    <Section title={t("context.pages")}>
      <ol className="space-y-1">
        {pages.slice(0, 8).map((p, i) => (
          <li key={i} className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate" title={p.url}>{p.title || p.url}</span>
            <When at={p.at} className="shrink-0 text-xs text-text-3" />
          </li>
        ))}
      </ol>
    </Section>
  );
}
