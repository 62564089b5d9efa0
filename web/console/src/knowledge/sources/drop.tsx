import { clsx } from "clsx";
import { FileUp, X } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { bytes } from "../../lib/time";
import { Button, IconButton } from "../../ui/button";
import { Note } from "../../ui/state";
import { endings, joined, most, wrong } from "./upload";

/** Files, dropped here or chosen; what cannot be sent is named and left out. */
export function Drop({ files, onChange, only, text }: { files: File[]; onChange: (f: File[]) => void; only?: string[]; text: string }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const take = (list: FileList | null) => {
    const all = [...(list ?? [])];
    setRefused(all.flatMap((f) => {
      const why = wrong(f);
      return why ? [t(`sources.wrong.${why}`, { name: f.name, most: bytes(most.one) })] : [];
    }));
    onChange(joined(files, all.filter((f) => !wrong(f))).slice(0, most.files));
  };
  const sum = files.reduce((n, f) => n + f.size, 0);
  return (
    <div className="space-y-3">
      <div
        onDragOver={(e) => { e.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => { e.preventDefault(); setOver(false); take(e.dataTransfer.files); }}
        className={clsx("flex flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-8 text-center transition-colors duration-100", over ? "border-accent bg-accent-soft" : "border-field bg-bg")}
      >
        <span className="flex size-10 items-center justify-center rounded-full bg-sunken text-text-2"><FileUp size={18} aria-hidden /></span>
        <p className="font-medium">{t("sources.drop")}</p>
        <p className="max-w-100 text-text-3">{text}</p>
        <input ref={input} type="file" multiple accept={(only ?? endings).join()} className="sr-only" tabIndex={-1} aria-label={t("sources.choose_files")} onChange={(e) => { take(e.target.files); e.target.value = ""; }} />
        <Button className="mt-1" onClick={() => input.current?.click()}>{t("sources.choose_files")}</Button>
      </div>
      {refused.length > 0 && <Note meaning="warning">{refused.slice(0, 5).map((r) => <p key={r}>{r}</p>)}</Note>}
      {files.length > 0 && (
        <div>
          <p className="mb-1 text-xs text-text-3">{t("sources.files", { count: files.length })} · {bytes(sum)}</p>
          <ul className="max-h-56 divide-y divide-line overflow-y-auto rounded-md border border-line">
            {files.map((f) => (
              <li key={f.name} className="flex items-center gap-2 py-1 pr-1 pl-3">
                <span className="min-w-0 flex-1 truncate">{f.name}</span>
                <span className="text-xs text-text-3 tabular-nums">{bytes(f.size)}</span>
                <IconButton small label={t("common.remove", { what: f.name })} onClick={() => onChange(files.filter((x) => x !== f))}><X size={13} aria-hidden /></IconButton>
              </li>
            ))}
          </ul>
          {sum > most.bytes && <p className="mt-1 text-xs text-breach" role="alert">{t("sources.too_much", { most: bytes(most.bytes) })}</p>}
        </div>
      )}
    </div>
  );
}
