import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Tab } from "./api/types";
import { Inbox } from "./inbox/inbox";
import { Door } from "./shell/door";
import { Crash } from "./shell/boundary";
import { Empty } from "./ui/state";

const root = createRootRoute({ component: Door, notFoundComponent: Missing, errorComponent: ({ error, reset }) => <Crash error={error} reset={reset} /> });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox", search: {} });
  },
});

export interface InboxSearch {
  tab?: Tab;
  q?: string;
  queue?: string;
}
const tabs: Tab[] = ["mine", "queues", "all", "closed"];
const word = (v: unknown) => (typeof v === "string" && v ? v : typeof v === "number" ? String(v) : undefined);

const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: (s: Record<string, unknown>): InboxSearch => ({
    tab: tabs.includes(s.tab as Tab) ? (s.tab as Tab) : undefined,
    q: word(s.q),
    queue: word(s.queue),
  }),
  component: Inbox,
});
const inboxOne = createRoute({ getParentRoute: () => inbox, path: "$id", component: Outlet });

const page = <P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name as never) });

const routes = [
  home,
  inbox.addChildren([inboxOne]),
  page("/knowledge", () => import("./knowledge/list"), "Knowledge"),
  page("/knowledge/sources", () => import("./knowledge/sources/list"), "Sources"),
  page("/knowledge/sources/$id", () => import("./knowledge/sources/source"), "SourcePage"),
  page("/knowledge/improve", () => import("./insight/improve"), "Improve"),
  page("/knowledge/synonyms", () => import("./knowledge/synonyms"), "Synonyms"),
  page("/knowledge/canned", () => import("./knowledge/canned"), "CannedReplies"),
  page("/knowledge/ledger", () => import("./knowledge/ledger"), "Ledger"),
  page("/knowledge/import", () => import("./knowledge/sources/import"), "ImportPage"),
  page("/knowledge/$id", () => import("./knowledge/article"), "ArticlePage"),
  page("/playbooks", () => import("./playbooks/list"), "Playbooks"),
  page("/playbooks/$name", () => import("./playbooks/playbook"), "PlaybookPage"),
  page("/evals", () => import("./evals/list"), "Evals"),
  page("/evals/cases", () => import("./evals/cases"), "Cases"),
  page("/evals/cases/$id", () => import("./evals/case"), "CasePage"),
  page("/evals/questions", () => import("./evals/questions"), "Questions"),
  page("/evals/schedules", () => import("./evals/schedules"), "Schedules"),
  page("/evals/$id", () => import("./evals/run"), "RunPage"),
  page("/queues", () => import("./desk/queues"), "Queues"),
  page("/calls", () => import("./voice/screen"), "Calls"),
  page("/people", () => import("./desk/people"), "People"),
  page("/audit", () => import("./desk/audit"), "Audit"),
  page("/settings", () => import("./desk/settings"), "Settings"),
] as const;

export const router = createRouter({ routeTree: root.addChildren([...routes]), defaultPreload: "intent", defaultNotFoundComponent: Missing });

function Missing() {
  const { t } = useTranslation();
  return <Empty title={t("error.no_page")}>{t("error.no_page_text")}</Empty>;
}

/** Goes to a path that is only known at run time. */
export function goTo(path: string) {
  router.history.push(path);
}
