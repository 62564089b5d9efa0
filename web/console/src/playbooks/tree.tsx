import { clsx } from "clsx";
import { FileText } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/types";

/** The files, by folder; what changed and what is wrong is seen from here. */
export function Tree({ paths, open, changed, problems, onOpen }: { paths: string[]; open?: string; changed: Set<string>; problems: Problem[]; onOpen: (path: string) => void }) {
  const { t } = useTranslation();
  const groups = useMemo(() => {
    const out = new Map<string, string[]>();
    for (const p of [...paths].sort()) {
      const dir = p.includes("/") ? p.slice(0, p.lastIndexOf("/")) : "";
      out.set(dir, [...(out.get(dir) ?? []), p]);
    }
    return [...out].sort(([a], [b]) => a.localeCompare(b));
  }, [paths]);
  return (
    <nav aria-label={t("playbooks.files")} className="py-2">
      {groups.map(([dir, files]) => (
        <div key={dir} className="mb-1">
          {dir && <p className="px-3 pt-1.5 pb-0.5 text-xs text-text-3">{dir}</p>}
          <ul>
            {files.map((p) => {
              const wrong = problems.filter((x) => x.file === p).length;
              return (
                <li key={p}>
                  <button
                    type="button"
                    aria-current={p === open ? "true" : undefined}
                    onClick={() => onOpen(p)}
                    className={clsx("flex w-full items-center gap-2 px-3 py-1 text-left", dir && "pl-5", p === open ? "bg-accent-soft text-accent-text" : "text-text-2 hover:bg-hover")}
                  >
                    <FileText size={13} className="shrink-0" aria-hidden />
                    <span className="min-w-0 flex-1 truncate">{dir && <span className="sr-only">{dir}/</span>}{p.slice(dir ? dir.length + 1 : 0)}</span>
                    {changed.has(p) && <span className="size-1.5 rounded-full bg-accent" role="img" aria-label={t("knowledge.unsaved")} title={t("knowledge.unsaved")} />}
                    {wrong > 0 && <span className="rounded-sm bg-breach-soft px-1 text-2xs font-medium text-breach">{t("playbooks.problems_n", { count: wrong })}</span>}
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
