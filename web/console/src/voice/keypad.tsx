import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

const rows = ["123", "456", "789", "*0#"];
const letters: Record<string, string> = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", 0: "+" };

/** Keys to the customer's side, by click or by typing; they go out in the order in which they were pressed. */
export function Keypad({ press }: { press: (digits: string) => Promise<boolean> }) {
  const { t } = useTranslation();
  const [pressed, setPressed] = useState("");
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const first = useRef<HTMLDivElement>(null);
  const hit = (digit: string) => {
    setPressed((p) => (p + digit).slice(-24));
    line.current = line.current.then(() => press(digit));
  };
  useEffect(() => first.current?.focus(), []);
  return (
    <div
      ref={first}
      tabIndex={-1}
      role="group"
      aria-label={t("call.keypad")}
      className="outline-none"
      onKeyDown={(e) => {
        if (e.metaKey || e.ctrlKey || e.altKey || !/^[0-9*#]$/.test(e.key)) return;
        e.preventDefault();
        e.stopPropagation();
        hit(e.key);
      }}
    >
      <output aria-live="polite" className="mb-2 block h-7 w-42 overflow-hidden rounded-md bg-sunken px-2 text-right text-base leading-7 tracking-widest tabular-nums">{pressed}</output>
      <div className="grid w-42 grid-cols-3 gap-1.5">
        {rows.join("").split("").map((d) => (
          <button key={d} type="button" onClick={() => hit(d)} className="flex h-11 flex-col items-center justify-center rounded-md border border-line hover:bg-sunken active:bg-accent-soft">
            <span className="text-base font-medium">{d}</span>
            <span className="h-3 text-[9px] leading-3 tracking-wider text-text-3" aria-hidden>{letters[d]}</span>
          </button>
        ))}
      </div>
      <p className="mt-2 w-42 text-xs text-text-3">{t("call.keypad_text")}</p>
    </div>
  );
}
