import { clsx } from "clsx";
import { AlertTriangle, Check, Circle, CircleAlert, Clock, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { Button } from "./button";

export type Meaning = "waiting" | "live" | "warning" | "breach" | "done";

const looks: Record<Meaning, string> = {
  waiting: "bg-waiting-soft text-waiting",
  live: "bg-live-soft text-live",
  warning: "bg-warning-soft text-warning",
  breach: "bg-breach-soft text-breach",
  done: "bg-done-soft text-done",
};
const icons: Record<Meaning, typeof Clock> = { waiting: Clock, live: Circle, warning: AlertTriangle, breach: CircleAlert, done: Check };

/** One of the five meanings: a colour, an icon and a word. */
export function Badge({ meaning, icon, children, title }: { meaning: Meaning; icon?: typeof Clock; children: ReactNode; title?: string }) {
  const Icon = icon ?? icons[meaning];
  return (
    <span title={title} className={clsx("inline-flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap", looks[meaning])}>
      <Icon size={11} aria-hidden strokeWidth={2.5} fill={meaning === "live" && !icon ? "currentColor" : "none"} />
      {children}
    </span>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <div className={clsx("skeleton", className ?? "h-4")} />;
}

/** The shape of a table that is on its way. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="divide-y divide-line">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex items-center gap-4 px-4 py-3">
          <Skeleton className="h-4 w-2/5" />
          <Skeleton className="h-4 w-1/5" />
          <span className="flex-1" />
          <Skeleton className="h-4 w-16" />
        </div>
      ))}
    </div>
  );
}

export function Empty({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex h-full min-h-40 flex-col items-center justify-center gap-2 px-6 py-8 text-center">
      {icon && <div className="mb-1 flex size-10 items-center justify-center rounded-full bg-sunken text-text-3">{icon}</div>}
      <p className="text-base font-medium">{title}</p>
      {children && <p className="max-w-80 text-text-3">{children}</p>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** What happened, in the reader's language; the server's own words when it has no translation. */
export function useErrorText(): (err: unknown) => string {
  const { t, i18n } = useTranslation();
  return (err) => {
    if (!(err instanceof ApiError)) return t("error.unknown");
    const key = `error.code.${err.code}`;
    if (i18n.exists(key)) return t(key as "error.code.offline");
    const kind = `error.kind.${err.kind}`;
    if (err.kind !== "invalid" && i18n.exists(kind)) return t(kind as "error.kind.internal");
    return err.message || t("error.unknown");
  };
}

export function Failed({ error, retry, what }: { error: unknown; retry?: () => void; what?: string }) {
  const { t } = useTranslation();
  const text = useErrorText();
  return (
    <div role="alert" className="flex h-full min-h-40 flex-col items-center justify-center gap-2 px-6 py-8 text-center">
      <div className="mb-1 flex size-10 items-center justify-center rounded-full bg-breach-soft text-breach">
        <CircleAlert size={20} aria-hidden />
      </div>
      <p className="text-base font-medium">{what ?? t("error.load")}</p>
      <p className="max-w-96 text-text-2">{text(error)}</p>
      {error instanceof ApiError && error.requestId && <p className="font-mono text-2xs text-text-3">{error.requestId}</p>}
      {retry && (
        <Button className="mt-2" icon={<RotateCw size={14} aria-hidden />} onClick={retry}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

export function Note({ meaning, children }: { meaning: Meaning; children: ReactNode }) {
  const Icon = icons[meaning];
  return (
    <div role={meaning === "breach" ? "alert" : "status"} className={clsx("flex items-start gap-2 rounded-md px-3 py-2 text-sm", looks[meaning])}>
      <Icon size={14} aria-hidden className="mt-[3px] shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
