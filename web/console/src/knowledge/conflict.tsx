import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Article, ArticleContent } from "../api/types";
import { Button } from "../ui/button";
import { Diff } from "../ui/diff";
import { Dialog, DialogFoot } from "../ui/overlay";
import { Note } from "../ui/state";

/** Two people saved: both texts are here, and nothing is lost until one of them chooses. */
export function Conflict({ mine, theirs, onClose, onMine, onTheirs, onMerge }: {
  mine: ArticleContent;
  theirs: Article;
  onClose: () => void;
  onMine: () => void;
  onTheirs: () => void;
  onMerge: (body: string) => void;
}) {
  const { t } = useTranslation();
  const [body, setBody] = useState<string>();
  return (
    <Dialog open onClose={onClose} side title={t("conflict.title")} description={t("conflict.text", { who: theirs.updated_by, n: theirs.version })}>
      <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-4">
        {mine.title !== theirs.title && <Diff a={theirs.title} b={mine.title} left={t("conflict.theirs")} right={t("conflict.mine")} />}
        {body === undefined ? (
          <Diff a={theirs.body} b={mine.body} left={t("conflict.theirs")} right={t("conflict.mine")} />
        ) : (
          <>
            <Note meaning="waiting">{t("conflict.merge_text")}</Note>
            <div className="grid gap-3 md:grid-cols-2">
              <textarea readOnly value={theirs.body} aria-label={t("conflict.theirs")} className="h-[50vh] rounded-md border border-line bg-sunken p-3 font-mono text-xs" />
              <textarea value={body} onChange={(e) => setBody(e.target.value)} aria-label={t("conflict.merged")} className="h-[50vh] rounded-md border border-field bg-surface p-3 font-mono text-xs" />
            </div>
          </>
        )}
      </div>
      <DialogFoot>
        {body === undefined ? (
          <>
            <Button onClick={onTheirs}>{t("conflict.take_theirs")}</Button>
            <Button onClick={() => setBody(mine.body)}>{t("conflict.merge")}</Button>
            <Button tone="primary" onClick={onMine}>{t("conflict.take_mine")}</Button>
          </>
        ) : (
          <>
            <Button onClick={() => setBody(undefined)}>{t("common.back")}</Button>
            <Button tone="primary" onClick={() => onMerge(body)}>{t("conflict.use_merged")}</Button>
          </>
        )}
      </DialogFoot>
    </Dialog>
  );
}
