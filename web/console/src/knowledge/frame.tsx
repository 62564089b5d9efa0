import { Link } from "@tanstack/react-router";
import { BookOpenText, ChartNoAxesColumn, FolderInput, Lightbulb, type LucideIcon, MessageSquareQuote, Replace } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Me } from "../api/types";
import { may, useMe } from "../lib/session";
import { Screen } from "../ui/bits";

interface Room {
  to: "/knowledge" | "/knowledge/improve" | "/knowledge/sources" | "/knowledge/synonyms" | "/knowledge/canned" | "/knowledge/ledger";
  name: "articles" | "improve" | "sources" | "synonyms" | "canned" | "ledger";
  icon: LucideIcon;
  open: (me: Me) => boolean;
}

/** The screens of the knowledge base, in the order of an editor's day. */
const rooms: Room[] = [
  { to: "/knowledge", name: "articles", icon: BookOpenText, open: (m) => may(m, "articles.read") },
  { to: "/knowledge/improve", name: "improve", icon: Lightbulb, open: (m) => may(m, "articles.write") },
  { to: "/knowledge/sources", name: "sources", icon: FolderInput, open: (m) => may(m, "articles.read") },
  { to: "/knowledge/synonyms", name: "synonyms", icon: Replace, open: (m) => may(m, "articles.read") },
  { to: "/knowledge/canned", name: "canned", icon: MessageSquareQuote, open: (m) => may(m, "canned.read") },
  { to: "/knowledge/ledger", name: "ledger", icon: ChartNoAxesColumn, open: (m) => may(m, "ledger.read") },
];

/** A screen of the knowledge base: its name, the way to its neighbours, the thing itself. */
export function Frame({ sub, actions, children }: { sub: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Screen title={t("nav.knowledge")} sub={sub} actions={actions}>
      <div className="flex h-full min-h-0 flex-col">
        <nav aria-label={t("nav.knowledge")} className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-2 md:px-4">
          {rooms.filter((r) => r.open(me)).map((r) => (
            <Link
              key={r.to}
              to={r.to}
              activeOptions={{ exact: true, includeSearch: false }}
              className="-mb-px inline-flex h-10 items-center gap-1.5 border-b-2 border-transparent px-2 whitespace-nowrap text-text-2 hover:text-text"
              activeProps={{ className: "!border-accent font-medium !text-accent-text", "aria-current": "page" }}
            >
              <r.icon size={14} aria-hidden />
              {t(`knowledge.room.${r.name}`)}
            </Link>
          ))}
        </nav>
        <div className="min-h-0 flex-1 overflow-auto">{children}</div>
      </div>
    </Screen>
  );
}
