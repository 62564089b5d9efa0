import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Lang, Text } from "./api/types";
import type en from "./locales/en.json";
import { lang as chosen } from "./lib/prefs";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const load = {
  en: () => import("./locales/en.json"),
  zh: () => import("./locales/zh.json"),
};

export function preferred(): Lang {
  return chosen.get() || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

export async function startI18n() {
  const l = preferred();
  await i18next.use(initReactI18next).init({ lng: l, fallbackLng: false, interpolation: { escapeValue: false }, resources: {}, returnNull: false });
  await show(l);
}

async function show(l: Lang) {
  if (!i18next.hasResourceBundle(l, "translation")) {
    i18next.addResourceBundle(l, "translation", (await load[l]()).default);
  }
  await i18next.changeLanguage(l);
  document.documentElement.lang = l === "zh" ? "zh-CN" : "en";
}

export async function setLang(l: Lang) {
  chosen.set(l);
  await show(l);
}

export function currentLang(): Lang {
  return i18next.language === "zh" ? "zh" : "en";
}

/** A text of ours in the reader's language, else in whichever there is. */
export function textIn(text: Text | undefined | null, lang: Lang = currentLang()): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return text[lang] ?? text[""] ?? text.en ?? text.zh ?? "";
}
