import { clsx } from "clsx";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../lib/store";
import { phoneView } from "./phone";

/** The customer's picture, and the agent's own in its corner. */
export function VideoStage() {
  const { t } = useTranslation();
  const { video, camera } = useStore(phoneView);
  return (
    <div className="relative flex h-60 items-center justify-center bg-sunken max-md:h-44">
      {video ? <Picture stream={video} label={t("call.video_theirs")} className="size-full object-contain" /> : <p className="text-text-3">{t("call.video_waiting")}</p>}
      {camera && <Picture stream={camera} label={t("call.video_mine")} className={clsx("absolute right-3 bottom-3 h-20 max-md:right-2 max-md:bottom-2 max-md:h-12 -scale-x-100 rounded-md border border-line shadow-md")} />}
    </div>
  );
}

function Picture({ stream, label, className }: { stream: MediaStream; label: string; className?: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.srcObject = stream;
  }, [stream]);
  // The sound comes by the call's own line.
  return <video ref={ref} autoPlay playsInline muted aria-label={label} className={className} />;
}
