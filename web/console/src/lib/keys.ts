import { useEffect, useRef } from "react";

export const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
export const MOD = mac ? "⌘" : "Ctrl";
export const ALT = mac ? "⌥" : "Alt";

/** Is the person writing? Then plain keys are letters, not commands. */
export function typing(el: EventTarget | null = document.activeElement): boolean {
  if (!(el instanceof HTMLElement)) return false;
  if (el.isContentEditable) return true;
  if (el instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(el.type);
  return el instanceof HTMLTextAreaElement || el instanceof HTMLSelectElement;
}

/** Is a dialog or a menu open? Then keys are its own. */
export function covered(): boolean {
  return document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"]') !== null;
}

// "mod+k", "alt+1", "e", "?", "shift+e". Letters with no modifier work only
// while nothing is typed; those with one work always.
export function matches(e: KeyboardEvent, combo: string): boolean {
  const parts = combo.split("+");
  const key = parts.pop()?.toLowerCase();
  const mod = parts.includes("mod");
  const alt = parts.includes("alt");
  if ((mac ? e.metaKey : e.ctrlKey) !== mod || e.altKey !== alt) return false;
  if (!mac && e.metaKey) return false;
  if (/^[0-9]$/.test(key ?? "") && (alt || mod)) return e.code === `Digit${key}`;
  // With ⌥ a Mac writes another letter; the key is the same.
  if (/^[a-z]$/.test(key ?? "") && alt) return e.code === `Key${key?.toUpperCase()}` && !e.shiftKey;
  if (parts.includes("shift") !== e.shiftKey && key !== "?") return false;
  return e.key.toLowerCase() === key;
}

export type Keys = Record<string, (e: KeyboardEvent) => void | false>;

/** Listens for keys while the component is shown; a handler that returns false lets the key through. */
export function useKeys(keys: Keys, on = true) {
  const ref = useRef(keys);
  ref.current = keys;
  useEffect(() => {
    if (!on) return;
    const hear = (e: KeyboardEvent) => {
      if (e.isComposing || e.defaultPrevented) return;
      for (const combo of Object.keys(ref.current)) {
        if (!matches(e, combo)) continue;
        const plain = !combo.includes("mod+") && !combo.includes("alt+");
        if (plain && (typing() || covered())) continue;
        if (ref.current[combo](e) !== false) e.preventDefault();
        return;
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, [on]);
}
