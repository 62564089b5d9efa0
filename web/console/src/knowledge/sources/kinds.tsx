import { Files, FolderClosed, Globe, type LucideIcon } from "lucide-react";
import { ArrowDownToLine, CircleSlash, Copy, FilePlus, FilePen, Equal, GitCompareArrows, HelpCircle, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge, type Meaning } from "../../ui/state";
import type { ItemState, Run, SourceKind, Trouble } from "./api";

export const kindIcons: Record<SourceKind, LucideIcon> = { files: Files, site: Globe, folder: FolderClosed };

/** How each state of a page looks. */
export const stateLook: Record<ItemState, { meaning: Meaning; icon?: LucideIcon }> = {
  unread: { meaning: "done", icon: HelpCircle },
  new: { meaning: "live", icon: FilePlus },
  changed: { meaning: "waiting", icon: FilePen },
  unchanged: { meaning: "done", icon: Equal },
  conflict: { meaning: "breach", icon: GitCompareArrows },
  gone: { meaning: "warning", icon: CircleSlash },
  failed: { meaning: "warning" },
  duplicate: { meaning: "done", icon: Copy },
  added: { meaning: "live", icon: ArrowDownToLine },
  updated: { meaning: "live", icon: FilePen },
  kept: { meaning: "done" },
  unpublished: { meaning: "done", icon: Trash2 },
};

export function StateBadge({ state }: { state: ItemState }) {
  const { t } = useTranslation();
  return <Badge {...stateLook[state]}>{t(`sources.state.${state}`)}</Badge>;
}

const statusLook: Record<Run["status"], Meaning> = { running: "waiting", done: "live", failed: "breach", stopped: "done" };

export function RunBadge({ run }: { run: Run }) {
  const { t } = useTranslation();
  return <Badge meaning={statusLook[run.status]}>{t(run.status === "done" ? `sources.run.${run.mode}` : `sources.run.${run.status}`)}</Badge>;
}

/** What is wrong with a page or file, in the reader's language where we know the code. */
export function useTroubleText(): (p: Trouble) => string {
  const { t, i18n } = useTranslation();
  return (p) => {
    const key = `sources.problem.${p.code}`;
    return i18n.exists(key) ? t(key as "sources.problem.empty") : p.message;
  };
}
