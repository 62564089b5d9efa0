import { clsx } from "clsx";
import { UserRound } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { full, instant, short, span, useNow } from "../lib/time";

export function Avatar({ name, size = 28 }: { name: string; size?: number }) {
  const letters = /[一-鿿]/.test(name)
    ? name.slice(-1)
    : name.split(/\s+/).filter(Boolean).slice(0, 2).map((w) => w[0]?.toUpperCase()).join("");
  return (
    <span
      aria-hidden="true"
      className="flex shrink-0 items-center justify-center rounded-full bg-sunken font-medium text-text-2"
      style={{ width: size, height: size, fontSize: Math.round(size * 0.4) }}
    >
      {letters || <UserRound size={Math.round(size * 0.5)} />}
    </span>
  );
}

/** A moment: short on the screen, whole in the tooltip, in the reader's zone. */
export function When({ at, className, long }: { at?: string; className?: string; long?: (at: string) => string }) {
  if (!at || !instant(at)) return null;
  return (
    <time dateTime={at} title={full(at)} className={className}>
      {long ? long(at) : short(at)}
    </time>
  );
}

/** Who did it: a person by name, what the server did by itself in the reader's language. */
export function By({ who }: { who?: string }) {
  const { t } = useTranslation();
  return who === "first start" ? t("common.first_start") : who === "schedule" ? t("sources.by_schedule") : who;
}

/** How long since; it counts on. */
export function Since({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={full(at)} className={clsx("tabular-nums", className)}>
      {span(now - instant(at))}
    </time>
  );
}

/** Tabs that choose what a list shows. Arrow keys move between them. */
export function Tabs<T extends string>({ label, value, onChange, tabs, className }: {
  label: string;
  value: T;
  onChange: (v: T) => void;
  tabs: { value: T; label: ReactNode; count?: number }[];
  className?: string;
}) {
  const ref = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={ref}
      role="tablist"
      aria-label={label}
      className={clsx("flex gap-1", className)}
      onKeyDown={(e) => {
        const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
        if (!step) return;
        e.preventDefault();
        const i = (tabs.findIndex((t) => t.value === value) + step + tabs.length) % tabs.length;
        onChange(tabs[i].value);
        (ref.current?.children[i] as HTMLElement | undefined)?.focus();
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
          className={clsx(
            "inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-sm whitespace-nowrap",
            tab.value === value ? "bg-accent-soft font-medium text-accent-text" : "text-text-2 hover:bg-sunken",
          )}
        >
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && (
            <span className={clsx("text-xs tabular-nums", tab.value === value ? "text-accent-text" : "text-text-3")}>{tab.count > 999 ? "999+" : tab.count}</span>
          )}
        </button>
      ))}
    </div>
  );
}

/** The frame of every screen that is not the inbox: a title, what can be done, the thing itself. */
export function Screen({ title, sub, actions, children, back }: { title: ReactNode; sub?: ReactNode; actions?: ReactNode; children: ReactNode; back?: ReactNode }) {
  return (
    <div className="flex h-full min-w-0 flex-1 flex-col bg-surface">
      <header className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 md:px-6">
        {back}
        <div className="min-w-0 flex-1 max-md:min-w-[60%]">
          <h1 className="truncate text-lg font-semibold">{title}</h1>
          {sub && <div className="text-xs text-text-3">{sub}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2 max-md:ml-auto">{actions}</div>}
      </header>
      <div className="relative min-h-0 flex-1 overflow-auto">{children}</div>
    </div>
  );
}

export function Section({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3 last:border-0">
      <div className="mb-2 flex h-6 items-center justify-between gap-2">
        <h3 className="text-xs font-semibold text-text-2">{title}</h3>
        {actions}
      </div>
      {children}
    </section>
  );
}

export const th = "px-4 py-2 text-left text-xs font-medium whitespace-nowrap text-text-3";
export const td = "px-4 py-2.5 align-middle";
