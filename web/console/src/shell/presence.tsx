import { clsx } from "clsx";
import { Circle, CircleMinus, Clock, LogOut, Moon, Phone, Sun, SunMoon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, meQuery } from "../api/queries";
import type { Presence, Theme } from "../api/types";
import { currentLang, setLang } from "../i18n";
import { theme } from "../lib/prefs";
import { useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { Avatar } from "../ui/bits";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../ui/overlay";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { PhoneDialog, useReadiness } from "../voice/phone-status";

const looks: Record<Presence, { icon: typeof Circle; cls: string }> = {
  available: { icon: Circle, cls: "text-live fill-current" },
  busy: { icon: CircleMinus, cls: "text-warning" },
  away: { icon: Clock, cls: "text-waiting" },
  offline: { icon: Circle, cls: "text-text-3" },
};
const themes: Record<Theme, typeof Sun> = { light: Sun, dark: Moon, auto: SunMoon };

export function usePresence() {
  const text = useErrorText();
  return async (presence: Presence) => {
    const was = client.getQueryData(meQuery.queryKey);
    client.setQueryData(meQuery.queryKey, (me) => me && me.agent && { ...me, agent: { ...me.agent, presence } });
    try {
      await api.put("/api/presence", { presence });
    } catch (err) {
      client.setQueryData(meQuery.queryKey, was);
      toast(text(err), { bad: true });
    }
  };
}

export function savePref(change: { lang?: string; theme?: string }) {
  client.setQueryData(meQuery.queryKey, (me) => me && ({ ...me, ...change } as typeof me));
  // Kept in this browser in any case; the account is the second copy.
  api.put("/api/me", change).catch(() => {});
}

export async function signOut() {
  await api.post("/api/logout").catch(() => {});
  location.assign("/");
}

/** Me, whether I take work, how the desk looks. */
export function PresenceSwitch({ bar }: { bar?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const set = usePresence();
  const look = useStore(theme);
  const presence = me.agent?.presence ?? "offline";
  const ready = useReadiness();
  const [phone, setPhone] = useState(false);
  const Icon = looks[presence].icon;
  return (
    <>
    <Menu
      side={bar ? "top" : "right"}
      align="end"
      trigger={
        <button
          type="button"
          aria-label={t("presence.label", { name: me.name, presence: t(`presence.${presence}`) })}
          title={t(`presence.${presence}`)}
          className={clsx("relative flex items-center justify-center rounded-full", !bar && "mt-1 mb-1")}
        >
          <Avatar name={me.name} size={32} />
          <span className="absolute -right-0.5 -bottom-0.5 flex size-4 items-center justify-center rounded-full bg-bg">
            <Icon size={10} strokeWidth={3} className={looks[presence].cls} aria-hidden />
          </span>
        </button>
      }
    >
      <MenuLabel>{me.name}</MenuLabel>
      {me.agent &&
        (Object.keys(looks) as Presence[]).map((p) => {
          const I = looks[p].icon;
          return (
            <MenuItem key={p} icon={<I size={14} strokeWidth={2.5} className={looks[p].cls} aria-hidden />} checked={p === presence} onSelect={() => void set(p)}>
              {t(`presence.${p}`)}
            </MenuItem>
          );
        })}
      {ready && (
        <>
          <MenuLine />
          <MenuItem icon={<Phone size={14} className={ready === "ready" ? "text-live" : ready === "connecting" ? "text-waiting" : "text-breach"} aria-hidden />} onSelect={() => setPhone(true)}>{t(`phone.is.${ready}`)}</MenuItem>
        </>
      )}
      <MenuLine />
      <MenuLabel>{t("settings.theme")}</MenuLabel>
      {(Object.keys(themes) as Theme[]).map((x) => {
        const I = themes[x];
        return (
          <MenuItem key={x} icon={<I size={14} aria-hidden />} checked={x === look} onSelect={() => { theme.set(x); savePref({ theme: x }); }}>
            {t(`theme.${x}`)}
          </MenuItem>
        );
      })}
      <MenuLine />
      {(["en", "zh"] as const).map((l) => (
        <MenuItem key={l} checked={currentLang() === l} onSelect={() => { void setLang(l); savePref({ lang: l }); }}>
          <span lang={l === "zh" ? "zh-CN" : "en"}>{l === "zh" ? "中文" : "English"}</span>
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<LogOut size={14} aria-hidden />} onSelect={() => void signOut()}>{t("shell.sign_out")}</MenuItem>
    </Menu>
    <PhoneDialog open={phone} onClose={() => setPhone(false)} />
    </>
  );
}
