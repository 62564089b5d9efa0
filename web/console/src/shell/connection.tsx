import { CloudOff, LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "../lib/store";
import { useNow } from "../lib/time";
import { connection, live } from "../rt/sync";

/** Says that the line is down, once it has been for longer than a blink. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const { state, since } = useStore(connection);
  const now = useNow();
  if (state === "online" || now - since < 2000) return null;
  return (
    <div role="status" className="flex min-h-8 items-center justify-center gap-2 bg-warning-soft px-4 py-1 text-warning">
      {state === "offline" ? <CloudOff size={14} aria-hidden /> : <LoaderCircle size={14} aria-hidden />}
      <span>{t("connection.lost")}</span>
      <button type="button" className="rounded-md px-1.5 font-medium underline underline-offset-2" onClick={() => live.nudge()}>{t("connection.now")}</button>
    </div>
  );
}
