import { Bot, ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fact, Mark } from "../api/types";
import { When } from "../ui/bits";
import { summary, words } from "./timeline";

/** What the bot did between two messages, on one line that opens. */
export function Steps({ marks, at, facts }: { marks: Mark[]; at: string; facts?: Fact[] }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const steps = summary(marks, (slot) => facts?.find((f) => f.key === slot || f.key.endsWith(`.${slot}`))?.label);
  if (steps.length === 0) return null;
  const line = steps.map((s) => t(`steps.${s.verb}`, { what: s.what.join(t("common.comma")) })).join(t("common.semicolon"));
  return (
    <div className="my-1.5 text-xs text-text-3" data-testid="bot-steps">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex max-w-full items-start gap-1.5 rounded-md px-1 py-0.5 text-left hover:bg-sunken hover:text-text-2">
        <Bot size={13} className="mt-[1.5px] shrink-0" aria-hidden />
        <span className="line-clamp-1">{t("steps.bot", { line })}</span>
        {open ? <ChevronDown size={13} className="mt-[1.5px] shrink-0" aria-hidden /> : <ChevronRight size={13} className="mt-[1.5px] shrink-0" aria-hidden />}
      </button>
      {open && (
        <ol className="mt-1 ml-[9px] space-y-1 border-l border-line pl-4">
          {marks.map((m, i) => (
            <li key={i} className="flex flex-wrap gap-x-2">
              <span className="font-mono text-2xs text-text-2">{m.kind}</span>
              <span>{[m.flow && words(m.flow), m.slot && words(m.slot), m.value].filter(Boolean).join(" · ")}</span>
              {m.data && Object.keys(m.data).length > 0 && <span className="text-text-3">{Object.entries(m.data).map(([k, v]) => `${k}: ${v}`).join(", ")}</span>}
            </li>
          ))}
          <li><When at={at} /></li>
        </ol>
      )}
    </div>
  );
}
