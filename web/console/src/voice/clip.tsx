import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Player } from "./player";
import type { Peaks } from "./types";
import { peaksOf } from "./wave";

/** Larger sounds are played without their picture. */
const MOST = 12 << 20;

/** A sound that came with a message: a voicemail, a voice note. Its picture is made here. */
export function Clip({ url, name }: { url: string; name: string }) {
  const { t } = useTranslation();
  const box = useRef<HTMLElement>(null);
  const [sound, setSound] = useState<{ peaks: Peaks; seconds: number }>();
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const stop = new AbortController();
    // Only what is looked at is fetched.
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((s) => s.isIntersecting)) return;
      watch.disconnect();
      read(url, stop.signal).then(setSound, () => {});
    });
    watch.observe(el);
    return () => {
      watch.disconnect();
      stop.abort();
    };
  }, [url]);
  return (
    <figure ref={box} data-testid="clip" aria-label={t("player.clip", { name })} className="m-0 w-[min(420px,66vw)]">
      <Player src={url} seconds={sound?.seconds ?? 0} peaks={sound?.peaks} />
    </figure>
  );
}

async function read(url: string, signal: AbortSignal) {
  const res = await fetch(url, { signal, credentials: "same-origin" });
  const size = Number(res.headers.get("content-length") ?? 0);
  if (!res.ok || size > MOST) throw new Error("not read");
  const bytes = await res.arrayBuffer();
  const context = new OfflineAudioContext(1, 1, 8000);
  const audio = await context.decodeAudioData(bytes);
  const left = peaksOf(audio.getChannelData(0), 300);
  return { peaks: { left, right: left }, seconds: audio.duration };
}
