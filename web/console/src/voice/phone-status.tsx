import { clsx } from "clsx";
import { Phone, PhoneOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../lib/store";
import { Dialog, DialogBody, Tip } from "../ui/overlay";
import { useVoice } from "./desk";
import { phoneView } from "./phone";
import { PhoneSetup } from "./phone-setup";
import type { VoiceInfo } from "./types";

export type Readiness = "ready" | "connecting" | "not_ready";

/** Would a call reach me now, where I take calls? */
export function readiness(v: VoiceInfo, state: string): Readiness {
  if (v.where === "number") return v.number ? "ready" : "not_ready";
  if (v.where === "phone") return v.phones?.some((p) => p.registered) || v.phone_ready ? "ready" : "not_ready";
  return state === "ready" ? "ready" : state === "asking" || state === "connecting" ? "connecting" : "not_ready";
}

export function useReadiness(): Readiness | undefined {
  const voice = useVoice();
  const { state } = useStore(phoneView);
  return voice && readiness(voice, state);
}

const dots: Record<Readiness, string> = { ready: "bg-live", connecting: "bg-waiting", not_ready: "bg-breach" };

/** Beside the presence: would a call reach me? Opens where that is set. */
export function PhoneStatus() {
  const { t } = useTranslation();
  const ready = useReadiness();
  const [open, setOpen] = useState(false);
  if (!ready) return null;
  const label = t(`phone.is.${ready}`);
  const Icon = ready === "not_ready" ? PhoneOff : Phone;
  return (
    <>
      <Tip text={label} side="right">
        <button type="button" data-testid="phone-status" data-state={ready} aria-label={`${label}. ${t("phone.open")}`} onClick={() => setOpen(true)} className="relative flex size-10 items-center justify-center rounded-lg text-text-2 hover:bg-sunken hover:text-text">
          <Icon size={18} aria-hidden />
          <span className={clsx("absolute right-1.5 bottom-1.5 size-2.5 rounded-full border-2 border-bg", dots[ready])} aria-hidden />
        </button>
      </Tip>
      <PhoneDialog open={open} onClose={() => setOpen(false)} />
    </>
  );
}

export function PhoneDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={t("phone.title")} description={t("phone.text")}>
      <DialogBody>{open && <PhoneSetup />}</DialogBody>
    </Dialog>
  );
}
