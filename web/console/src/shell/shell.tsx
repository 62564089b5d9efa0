import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { CircleHelp, Ellipsis, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { MOD, useKeys } from "../lib/keys";
import { useMe } from "../lib/session";
import { startLive } from "../rt/sync";
import { goTo } from "../router";
import { Menu, MenuItem, Tip } from "../ui/overlay";
import { CallDesk, CallDock } from "../voice/dock";
import { Incoming } from "../voice/incoming";
import { PhoneStatus } from "../voice/phone-status";
import { Boundary } from "./boundary";
import { ConnectionBanner } from "./connection";
import { KeysHelp } from "./keys-help";
import { places } from "./nav";
import { Offers } from "./offers";
import { Palette } from "./palette";
import { PresenceSwitch } from "./presence";

export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const seen = places.filter((p) => p.open(me));
  const leader = useRef(0);
  const path = useLocation({ select: (l) => l.pathname });
  const shut = places.some((p) => path.startsWith(p.to) && !p.open(me));

  useEffect(() => {
    // Not his screen: the first one that is.
    if (shut && seen[0]) goTo(seen[0].to);
  }, [shut]);

  useEffect(() => startLive(), []);
  useKeys({
    "mod+k": () => setPalette((o) => !o),
    "?": () => setHelp(true),
    g: () => {
      leader.current = Date.now();
    },
  });
  useEffect(() => {
    // The second key after g, heard before the screens hear it.
    const hear = (e: KeyboardEvent) => {
      if (Date.now() - leader.current > 1200 || e.key === "g" || e.metaKey || e.ctrlKey || e.altKey) return;
      leader.current = 0;
      const to = seen.find((p) => p.key === e.key);
      if (!to) return;
      e.preventDefault();
      e.stopPropagation();
      goTo(to.to);
    };
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  });

  const main = seen.slice(0, 4);
  const rest = seen.slice(4);
  return (
    <div className="flex h-full flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-60 focus:bg-surface focus:p-2">{t("shell.skip")}</a>
      <ConnectionBanner />
      <CallDesk />
      <CallDock />
      <div className="flex min-h-0 flex-1 max-md:flex-col-reverse">
        <nav aria-label={t("shell.nav")} className="flex w-17 shrink-0 flex-col items-center gap-0.5 border-r border-line bg-bg py-2 max-md:hidden">
          <Tip text={t("palette.title")} keys={`${MOD} K`} side="right">
            <button type="button" aria-label={t("palette.title")} onClick={() => setPalette(true)} className="mb-1 flex size-10 items-center justify-center rounded-lg text-text-2 hover:bg-sunken hover:text-text">
              <Search size={18} aria-hidden />
            </button>
          </Tip>
          {seen.filter((p) => p.name !== "settings").map((p) => (
            <NavLink key={p.to} place={p} />
          ))}
          <span className="flex-1" />
          <button type="button" onClick={() => setHelp(true)} aria-label={t("keys.title")} title={t("keys.title")} className="flex size-8 items-center justify-center rounded-lg text-text-3 hover:bg-sunken hover:text-text">
            <CircleHelp size={16} aria-hidden />
          </button>
          {seen.filter((p) => p.name === "settings").map((p) => (
            <NavLink key={p.to} place={p} />
          ))}
          <PhoneStatus />
          <PresenceSwitch />
        </nav>
        <nav aria-label={t("shell.nav")} className="flex h-14 shrink-0 items-stretch justify-around border-t border-line bg-surface md:hidden">
          {main.map((p) => (
            <NavLink key={p.to} place={p} bar />
          ))}
          {rest.length > 0 && (
            <Menu
              side="top"
              trigger={
                <button type="button" className="flex flex-1 flex-col items-center justify-center gap-0.5 text-2xs text-text-2">
                  <Ellipsis size={18} aria-hidden />
                  {t("shell.more")}
                </button>
              }
            >
              {rest.map((p) => (
                <MenuItem key={p.to} icon={<p.icon size={16} aria-hidden />} onSelect={() => goTo(p.to)}>{t(`nav.${p.name}`)}</MenuItem>
              ))}
              <MenuItem icon={<Search size={16} aria-hidden />} onSelect={() => setPalette(true)}>{t("palette.title")}</MenuItem>
            </Menu>
          )}
          <div className="flex flex-1 items-center justify-center"><PresenceSwitch bar /></div>
        </nav>
        <main id="main" className="flex min-h-0 min-w-0 flex-1">
          <Boundary>
            {!shut && <Outlet />}
          </Boundary>
        </main>
      </div>
      <Offers />
      <Incoming />
      <Palette open={palette} onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />
      <KeysHelp open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function NavLink({ place, bar }: { place: (typeof places)[number]; bar?: boolean }) {
  const { t } = useTranslation();
  const Icon = place.icon;
  return (
    <Link
      to={place.to}
      className={bar ? "flex flex-1 flex-col items-center justify-center gap-0.5 text-2xs text-text-2" : "flex w-15 flex-col items-center gap-0.5 rounded-lg py-1.5 text-2xs text-text-2 hover:bg-sunken hover:text-text"}
      activeProps={{ className: bar ? "!text-accent-text" : "bg-accent-soft !text-accent-text font-medium hover:bg-accent-soft", "aria-current": "page" }}
    >
      <Icon size={18} aria-hidden />
      {t(`nav.${place.name}`)}
    </Link>
  );
}
