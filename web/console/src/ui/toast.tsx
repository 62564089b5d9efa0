import { AlertTriangle, Check, X } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { store, useStore } from "../lib/store";

interface Toast {
  id: number;
  text: string;
  bad?: boolean;
  undo?: () => void;
  ms: number;
}

const toasts = store<Toast[]>([]);
let next = 1;

/** Says what was done, with a way back when there is one. */
export function toast(text: string, options: { bad?: boolean; undo?: () => void; ms?: number } = {}) {
  const t: Toast = { id: next++, text, ms: options.ms ?? (options.undo || options.bad ? 8000 : 4000), ...options } as Toast;
  toasts.set((now) => [...now.slice(-2), t]);
}

const gone = (id: number) => toasts.set((now) => now.filter((t) => t.id !== id));

export function Toasts() {
  const { t } = useTranslation();
  const list = useStore(toasts);
  return (
    <div aria-live="polite" aria-label={t("common.notices")} role="region" className="pointer-events-none fixed bottom-4 left-1/2 z-60 flex w-[calc(100vw-24px)] max-w-110 -translate-x-1/2 flex-col gap-2 max-md:bottom-18">
      {list.map((one) => (
        <One key={one.id} toast={one} />
      ))}
    </div>
  );
}

function One({ toast: it }: { toast: Toast }) {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setTimeout(() => gone(it.id), it.ms);
    return () => clearTimeout(timer);
  }, [it]);
  return (
    <div role={it.bad ? "alert" : "status"} className="pointer-events-auto flex items-center gap-3 rounded-lg bg-text py-2 pr-2 pl-3 text-surface shadow-lg">
      {it.bad ? <AlertTriangle size={16} aria-hidden /> : <Check size={16} aria-hidden />}
      <span className="min-w-0 flex-1">{it.text}</span>
      {it.undo && (
        <button
          type="button"
          className="rounded-md px-2 py-1 font-semibold underline underline-offset-2"
          onClick={() => {
            gone(it.id);
            it.undo?.();
          }}
        >
          {t("common.undo")}
        </button>
      )}
      <button type="button" aria-label={t("common.dismiss")} className="rounded-md p-1 opacity-75 hover:opacity-100" onClick={() => gone(it.id)}>
        <X size={14} aria-hidden />
      </button>
    </div>
  );
}
