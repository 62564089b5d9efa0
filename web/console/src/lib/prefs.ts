import type { Lang, Theme } from "../api/types";
import { kept } from "./store";

export const theme = kept<Theme>("theme", "auto");
export const lang = kept<Lang | "">("lang", "");
export const sound = kept<boolean>("sound", false);
/** Typed replies wait five seconds too, not only suggestions. */
export const undoAll = kept<boolean>("undo-all", false);
export const contextOpen = kept<boolean>("context", true);

const dark = () => matchMedia("(prefers-color-scheme: dark)");

export function applyTheme() {
  const t = theme.get();
  document.documentElement.dataset.theme = t === "dark" || (t === "auto" && dark().matches) ? "dark" : "light";
}

export function followTheme() {
  applyTheme();
  theme.subscribe(applyTheme);
  dark().addEventListener("change", applyTheme);
}
