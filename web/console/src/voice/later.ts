import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";

/** Deletes what cannot come back only after five seconds, in which it can be undone. gone tells which are hidden meanwhile. */
export function useRemoval(): { gone: (id: string) => boolean; remove: (id: string, said: string, f: () => Promise<unknown>) => void } {
  const { t } = useTranslation();
  const text = useErrorText();
  const [going, setGoing] = useState<string[]>([]);
  return {
    gone: (id) => going.includes(id),
    remove: (id, said, f) => {
      setGoing((g) => [...g, id]);
      const back = () => setGoing((g) => g.filter((x) => x !== id));
      const timer = setTimeout(() => void f().catch((err: unknown) => toast(text(err), { bad: true })).finally(back), 5000);
      toast(said || t("common.delete"), {
        ms: 5000,
        undo: () => {
          clearTimeout(timer);
          back();
        },
      });
    },
  };
}
