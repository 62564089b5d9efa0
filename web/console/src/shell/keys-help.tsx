import { useTranslation } from "react-i18next";
import { ALT, MOD } from "../lib/keys";
import { Kbd } from "../ui/button";
import { Dialog } from "../ui/overlay";

const groups = [
  ["anywhere", [["palette", `${MOD} K`], ["help", "?"], ["go", "G …"], ["accept", "Enter"], ["decline", "Esc"]]],
  ["list", [["next", "J"], ["previous", "K"], ["search", "/"]]],
  ["conversation", [["write", "R"], ["note", "N"], ["take", "A"], ["transfer", "T"], ["park", "P"], ["close", "E"], ["context", "I"], ["call", "C"]]],
  ["call", [["mute", `${ALT} M`], ["hold", `${ALT} H`], ["keypad", `${ALT} K`], ["reach", `${ALT} T`], ["recording", `${ALT} R`], ["video", `${ALT} V`], ["to_call", `${ALT} C`], ["hangup", `${ALT} X`]]],
  ["composer", [["send", "Enter"], ["line", "Shift Enter"], ["canned", "/"], ["use", `${MOD} 1–3`], ["put", `${ALT} 1–3`], ["undo", `${MOD} Z`]]],
] as const;

export function KeysHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={t("keys.title")} wide>
      <div className="grid gap-x-8 gap-y-5 overflow-y-auto p-4 sm:grid-cols-2">
        {groups.map(([group, keys]) => (
          <section key={group}>
            <h3 className="mb-1 text-xs font-semibold text-text-3">{t(`keys.group.${group}`)}</h3>
            <dl>
              {keys.map(([name, combo]) => (
                <div key={name} className="flex items-center justify-between border-b border-line py-1.5 last:border-0">
                  <dt>{t(`keys.${name as "send"}`)}</dt>
                  <dd className="flex gap-1">{combo.split(" ").map((k) => <Kbd key={k}>{k}</Kbd>)}<span className="sr-only">{combo}</span></dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
