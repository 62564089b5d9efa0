import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Download, Pause, Play, Trash2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import { may, useMe } from "../lib/session";
import { store, useStore } from "../lib/store";
import { dayAndTime, instant } from "../lib/time";
import { When } from "../ui/bits";
import { IconButton } from "../ui/button";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { audioOf, peaksQuery } from "./api";
import { mmss } from "./clock";
import type { Peaks, Recording } from "./types";
import { type Bar, bars, faster, seekBy } from "./wave";

/** Only one is heard at a time. */
const sounding = store<HTMLAudioElement | undefined>(undefined);

/** What was said in a call: the customer above the line, our side below. */
export function RecordingCard({ recording: r, head = true }: { recording: Recording; head?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const peaks = useQuery({ ...peaksQuery(r.id), retry: 1 });
  const [going, setGoing] = useState(false);
  const remove = () => {
    setGoing(true);
    const timer = setTimeout(() => {
      api.del(`/api/voice/recordings/${r.id}`).then(() => client.invalidateQueries({ queryKey: ["voice", "recordings"] })).catch((err: unknown) => {
        setGoing(false);
        toast(text(err), { bad: true });
      });
    }, 5000);
    toast(t("player.removed"), { ms: 5000, undo: () => { clearTimeout(timer); setGoing(false); } });
  };
  if (going) return null;
  return (
    <article data-testid="recording" aria-label={t("player.label", { time: dayAndTime(r.at) })} className="my-2 rounded-lg border border-line bg-surface px-3 py-2">
      {head && (
        <p className="mb-1 flex items-center gap-2 text-xs text-text-3">
          <span className="font-medium text-text-2">{t("player.title")}</span>
          <When at={r.at} long={dayAndTime} />
          <span className="min-w-0 flex-1 truncate">{instant(r.keep_until) > 0 && <>· {t("player.kept")} <When at={r.keep_until} /></>}</span>
          <a href={audioOf(r.id)} download aria-label={t("player.download")} title={t("player.download")} className="rounded-sm p-1.5 hover:bg-sunken hover:text-text"><Download size={13} aria-hidden /></a>
          {may(me, "voice.write") && <button type="button" aria-label={t("player.remove")} title={t("player.remove")} onClick={remove} className="rounded-sm p-1.5 hover:bg-sunken hover:text-text"><Trash2 size={13} aria-hidden /></button>}
        </p>
      )}
      <Player src={audioOf(r.id)} seconds={r.seconds} peaks={peaks.data} pauses={r.pauses} stereo />
    </article>
  );
}

const none: Peaks = { left: [], right: [] };

/** A sound with its picture: click or keys to seek, one to two times as fast. */
export function Player({ src, seconds, peaks = none, pauses, stereo, onNeed }: { src: string; seconds: number; peaks?: Peaks; pauses?: Recording["pauses"]; stereo?: boolean; onNeed?: () => void }) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  const [on, setOn] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [whole, setWhole] = useState(seconds);
  const [failed, setFailed] = useState(false);
  const other = useStore(sounding);
  const length = whole || seconds || 0;
  useEffect(() => {
    if (on && other !== audio.current) audio.current?.pause();
  }, [other, on]);
  useEffect(() => {
    if (!on) return;
    let frame = 0;
    const look = () => {
      if (audio.current) setAt(audio.current.currentTime);
      frame = requestAnimationFrame(look);
    };
    look();
    return () => cancelAnimationFrame(frame);
  }, [on]);
  const seek = (to: number) => {
    if (audio.current) audio.current.currentTime = to;
    setAt(to);
  };
  const toggle = () => {
    const el = audio.current;
    if (!el) return;
    onNeed?.();
    if (!el.paused) return el.pause();
    sounding.set(el);
    el.playbackRate = speed;
    el.play().catch(() => setFailed(true));
  };
  const paused = pauses?.reduce((n, p) => n + (p.to - p.from), 0) ?? 0;
  return (
    <div className="flex items-center gap-2">
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- what was said stands in the thread */}
      <audio
        ref={audio}
        src={src}
        preload="none"
        onPlay={() => { setOn(true); setFailed(false); }}
        onPause={() => setOn(false)}
        onEnded={() => seek(0)}
        onLoadedMetadata={(e) => Number.isFinite(e.currentTarget.duration) && setWhole(e.currentTarget.duration)}
        onError={() => setFailed(true)}
      />
      <IconButton label={t(on ? "player.pause" : "player.play")} onClick={toggle} className="!rounded-full border border-line">{on ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}</IconButton>
      {stereo && (
        <span aria-hidden className="flex h-12 shrink-0 flex-col justify-around text-right text-[10px] leading-3 text-text-3">
          <span>{t("player.customer")}</span>
          <span>{t("player.us")}</span>
        </span>
      )}
      <div className="min-w-0 flex-1">
        <div
          role="slider"
          tabIndex={0}
          aria-label={t("player.position")}
          aria-valuemin={0}
          aria-valuemax={Math.round(length)}
          aria-valuenow={Math.round(at)}
          aria-valuetext={t("player.at", { at: mmss(at * 1000), of: mmss(length * 1000) })}
          className="relative h-12 cursor-pointer touch-none rounded-sm"
          onPointerDown={(e) => {
            e.currentTarget.setPointerCapture(e.pointerId);
            seek(pointed(e, length));
          }}
          onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && seek(pointed(e, length))}
          onKeyDown={(e) => {
            if (e.metaKey || e.ctrlKey || e.altKey) return;
            if (e.key === " " || e.key === "Enter") {
              e.preventDefault();
              e.stopPropagation();
              return toggle();
            }
            const to = seekBy(e.key, at, length);
            if (to === undefined) return;
            e.preventDefault();
            seek(to);
          }}
        >
          <Wave peaks={peaks} seconds={length} pauses={pauses} at={length ? at / length : 0} stereo={stereo} />
        </div>
        {failed ? <p role="alert" className="text-xs text-breach">{t("player.failed")}</p> : paused >= 1 && <p className="text-xs text-text-3">{t("player.paused", { time: mmss(paused * 1000) })}</p>}
      </div>
      <span className="shrink-0 text-xs text-text-2 tabular-nums max-sm:hidden">{mmss(at * 1000)} / {mmss(length * 1000)}</span>
      <button
        type="button"
        aria-label={t("player.speed", { n: speed })}
        title={t("player.speed", { n: speed })}
        onClick={() => {
          const next = faster(speed);
          setSpeed(next);
          if (audio.current) audio.current.playbackRate = next;
        }}
        className={clsx("h-7 w-12 shrink-0 rounded-md text-xs tabular-nums hover:bg-sunken", speed === 1 ? "text-text-3" : "font-medium text-accent-text")}
      >
        {speed}×
      </button>
    </div>
  );
}

function pointed(e: React.PointerEvent<HTMLElement>, seconds: number): number {
  const r = e.currentTarget.getBoundingClientRect();
  return Math.min(1, Math.max(0, (e.clientX - r.left) / Math.max(1, r.width))) * seconds;
}

function Wave({ peaks, seconds, pauses, at, stereo }: { peaks: Peaks; seconds: number; pauses?: Recording["pauses"]; at: number; stereo?: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const el = canvas.current;
    if (!el) return;
    const watch = new ResizeObserver(() => setWidth(el.clientWidth));
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  const list = useMemo(() => (width ? bars(peaks, Math.max(20, Math.floor(width / 3)), seconds, pauses) : []), [peaks, width, seconds, pauses]);
  useEffect(() => {
    const el = canvas.current;
    if (!el || list.length === 0) return;
    const paint = () => draw(el, list, at, stereo ?? false);
    paint();
    // The theme changes the colours, not the component.
    const theme = new MutationObserver(paint);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => theme.disconnect();
  }, [list, at, stereo]);
  return <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full" />;
}

function draw(el: HTMLCanvasElement, list: Bar[], at: number, stereo: boolean) {
  const g = el.getContext("2d");
  if (!g) return;
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: w, clientHeight: h } = el;
  if (el.width !== w * scale || el.height !== h * scale) {
    el.width = w * scale;
    el.height = h * scale;
  }
  g.setTransform(scale, 0, 0, scale, 0, 0);
  g.clearRect(0, 0, w, h);
  const css = getComputedStyle(el);
  const colour = (name: string) => css.getPropertyValue(name).trim();
  const [played, rest, gap] = [colour("--accent"), colour("--field-line"), colour("--warning")];
  const step = w / list.length;
  const wide = Math.max(1, step - 1);
  const middle = h / 2;
  for (const b of list) {
    const x = b.x * w;
    g.fillStyle = b.gap ? gap : b.x < at ? played : rest;
    if (b.gap) {
      g.fillRect(x, middle - 0.5, wide * 0.6, 1);
      continue;
    }
    if (stereo) {
      const up = Math.max(1, b.left * (middle - 2));
      const down = Math.max(1, b.right * (middle - 2));
      g.fillRect(x, middle - 1 - up, wide, up);
      g.globalAlpha = 0.65;
      g.fillRect(x, middle + 1, wide, down);
      g.globalAlpha = 1;
    } else {
      const tall = Math.max(2, b.left * (h - 4));
      g.fillRect(x, middle - tall / 2, wide, tall);
    }
  }
  g.fillStyle = colour("--text");
  if (at > 0) g.fillRect(Math.min(w - 1, at * w), 0, 1, h);
}
