import { store } from "../lib/store";
import { phoneAPI } from "./api";
import { sink } from "./audio";
import { off, type Phone, type Problem } from "./machine";
import { phonePrefs, setPhone } from "./prefs";
import { Softphone } from "./softphone";

// The phone of this tab: the softphone, with the browser's real parts.

export interface PhoneView extends Phone {
  deaf?: Problem;
  video?: MediaStream;
  camera?: MediaStream;
  /** The browser wants a click before it lets us be heard. */
  silent?: boolean;
}

export const phoneView = store<PhoneView>(off);

const speaker = typeof Audio === "undefined" ? undefined : new Audio();
if (speaker) speaker.autoplay = true;

export const softphone = new Softphone({
  ...phoneAPI,
  media: navigator.mediaDevices,
  peer: () => new RTCPeerConnection({ bundlePolicy: "max-bundle" }),
  constraints: microphone,
  permission: async () => {
    try {
      return (await navigator.permissions.query({ name: "microphone" as PermissionName })).state;
    } catch {
      return undefined; // not every browser tells
    }
  },
  heard: (stream) => {
    if (!speaker) return;
    speaker.srcObject = stream;
    void sink(speaker, phonePrefs.get().speaker);
    speaker.play().then(
      () => phoneView.set((p) => (p.silent ? { ...p, silent: false } : p)),
      (err: unknown) => (err as { name?: string }).name === "NotAllowedError" && phoneView.set((p) => ({ ...p, silent: true })),
    );
  },
  changed: () =>
    phoneView.set((p) => ({ ...softphone.phone, deaf: softphone.deaf, video: softphone.video, camera: softphone.camera, silent: p.silent })),
});

/** What the microphone is asked for: the one that was chosen, or another when it is gone. */
export function microphone(): MediaTrackConstraints {
  const { mic, clean } = phonePrefs.get();
  return { ...(mic ? { deviceId: { ideal: mic } } : {}), echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean, channelCount: 1 };
}

export async function usePhone() {
  setPhone({ on: true });
  if (softphone.phone.state === "waiting") await softphone.again(true);
  else await softphone.use();
}

export function stopPhone() {
  setPhone({ on: false });
  softphone.stop();
}

let before = phonePrefs.get();
phonePrefs.subscribe(() => {
  const now = phonePrefs.get();
  if (speaker && now.speaker !== before.speaker) void sink(speaker, now.speaker);
  if (now.mic !== before.mic || now.clean !== before.clean) void softphone.changed();
  before = now;
});

/** Keeps the phone made for as long as somebody is signed in and wants it. */
export function keepPhone(): () => void {
  if (phonePrefs.get().on) void softphone.resume();
  const back = () => {
    if (softphone.phone.state === "waiting" && document.visibilityState === "visible") void softphone.again(false);
  };
  const leave = () => softphone.stop();
  const touched = () => {
    if (phoneView.get().silent) void speaker?.play().then(() => phoneView.set((p) => ({ ...p, silent: false })), () => {});
  };
  window.addEventListener("online", back);
  document.addEventListener("visibilitychange", back);
  navigator.mediaDevices?.addEventListener?.("devicechange", back);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pointerdown", touched);
  window.addEventListener("keydown", touched);
  return () => {
    window.removeEventListener("online", back);
    document.removeEventListener("visibilitychange", back);
    navigator.mediaDevices?.removeEventListener?.("devicechange", back);
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pointerdown", touched);
    window.removeEventListener("keydown", touched);
    softphone.stop();
  };
}
