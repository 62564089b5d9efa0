import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Screen } from "../ui/bits";

const rooms = [
  { to: "/evals", name: "overview" },
  { to: "/evals/cases", name: "cases" },
  { to: "/evals/questions", name: "questions" },
  { to: "/evals/schedules", name: "schedules" },
] as const;

/** The workspace of evaluators: one title, four rooms. */
export function Workspace({ sub, actions, children }: { sub: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Screen title={t("nav.evals")} sub={sub} actions={actions}>
      <div className="flex min-h-full flex-col">
        <nav aria-label={t("evals.rooms")} className="flex gap-1 overflow-x-auto border-b border-line px-3 py-2 md:px-5">
          {rooms.map((r) => (
            <Link
              key={r.to}
              to={r.to}
              activeOptions={{ exact: true }}
              className="inline-flex h-7 items-center rounded-md px-2 text-sm whitespace-nowrap text-text-2 hover:bg-sunken"
              activeProps={{ className: "bg-accent-soft !text-accent-text font-medium hover:bg-accent-soft", "aria-current": "page" }}
            >
              {t(`evals.room.${r.name}`)}
            </Link>
          ))}
        </nav>
        <div className="min-h-0 flex-1">{children}</div>
      </div>
    </Screen>
  );
}

/** A number that matters, what it is, and what stands beside it. */
export function Figure({ value, label, tone, children }: { value: ReactNode; label: ReactNode; tone?: "breach" | "live" | "warning"; children?: ReactNode }) {
  return (
    <div>
      <p className={clsx("text-xl font-semibold tabular-nums", tone && { breach: "text-breach", live: "text-live", warning: "text-warning" }[tone])}>{value}</p>
      <p className="text-xs text-text-3">{label}</p>
      {children}
    </div>
  );
}
