import { ArrowLeft, ArrowRight, Check, Files, Globe, LifeBuoy, type LucideIcon } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { client } from "../../api/queries";
import { goTo } from "../../router";
import { Screen } from "../../ui/bits";
import { Button, IconButton } from "../../ui/button";
import { Note, useErrorText } from "../../ui/state";
import { type Source, start } from "./api";
import { Drop } from "./drop";
import { blank, blankSite, Settings, SiteFields, siteOf, uploadForm } from "./form";
import { Bar } from "./run";
import { most, send } from "./upload";

const ways: { name: "files" | "site" | "export"; icon: LucideIcon }[] = [
  { name: "files", icon: Files },
  { name: "site", icon: Globe },
  { name: "export", icon: LifeBuoy },
];

/** The four steps, and which one this is, from 0. */
export function Steps({ at }: { at: number }) {
  const { t } = useTranslation();
  return (
    <ol aria-label={t("sources.steps")} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
      {(["what", "settings", "preview", "result"] as const).map((s, i) => (
        <li key={s} aria-current={i === at ? "step" : undefined} className={`flex items-center gap-1.5 ${i === at ? "font-semibold text-text" : "text-text-3"}`}>
          {i > 0 && <span aria-hidden className="mr-1 h-px w-5 bg-line-strong max-md:w-3" />}
          <span className={`flex size-4.5 items-center justify-center rounded-full text-2xs tabular-nums ${i < at ? "bg-live-soft text-live" : i === at ? "bg-accent text-on-accent" : "bg-sunken text-text-2"}`}>{i < at ? <Check size={11} aria-hidden /> : i + 1}</span>
          {t(`sources.step.${s}`)}
        </li>
      ))}
    </ol>
  );
}

/** Brings in what is written elsewhere: what it is, then what becomes of it. Nothing is saved before the preview. */
export function ImportPage() {
  const { t } = useTranslation();
  const text = useErrorText();
  const [way, setWay] = useState<"files" | "site" | "export">("files");
  const [files, setFiles] = useState<File[]>([]);
  const [site, setSite] = useState(blankSite);
  const [fields, setFields] = useState(blank);
  const [step, setStep] = useState(0);
  const [sent, setSent] = useState<number>();
  const [failed, setFailed] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (step > 0) heading.current?.focus();
  }, [step]);

  const kind = way === "site" ? "site" : "files";
  const ready = kind === "site" ? site.start.trim() !== "" : files.length > 0 && files.reduce((n, f) => n + f.size, 0) <= most.bytes;
  const next = () => {
    const bad = kind === "site" && siteOf(site).start.find((a) => !URL.canParse(a) || !/^https?:/.test(a) || !/[.:]|^localhost/.test(new URL(a).host));
    setFailed(bad ? t("sources.site.bad", { address: bad }) : undefined);
    if (bad) return;
    if (!fields.name) setFields((f) => ({ ...f, name: kind === "site" ? hostOf(siteOf(site).start[0]) : files.length === 1 ? files[0].name : t("sources.files", { count: files.length }) }));
    setStep(1);
  };
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (step === 0) return ready && next();
    setFailed(undefined);
    setSent(0);
    try {
      const s = kind === "site"
        ? await api.post<Source>("/api/sources", { ...fields, lang: fields.lang || undefined, schedule: fields.schedule || undefined, site: siteOf(site) })
        : await send<Source>("/api/sources/upload", uploadForm(fields, files), setSent);
      client.setQueryData(["source", s.id], s);
      await start(s.id, "preview");
      goTo(`/knowledge/sources/${s.id}`);
    } catch (err) {
      setFailed(text(err));
      setSent(undefined);
    }
  };
  return (
    <Screen back={<IconButton label={t("common.back")} onClick={() => (step ? setStep(0) : goTo("/knowledge/sources"))}><ArrowLeft size={16} aria-hidden /></IconButton>} title={t("sources.import_title")} actions={<Steps at={step} />}>
      <form onSubmit={(e) => void submit(e)} className="mx-auto max-w-180 space-y-5 px-4 py-6 md:py-8">
        <h2 ref={heading} tabIndex={-1} className="text-xl font-semibold outline-none">{t(step === 0 ? "sources.where_from" : "sources.what_to_do")}</h2>
        {step === 0 ? (
          <>
            <div role="radiogroup" aria-label={t("sources.where_from")} className="grid gap-3 sm:grid-cols-3">
              {ways.map((w) => (
                <label key={w.name} className={`flex cursor-pointer flex-col gap-1 rounded-lg border p-4 has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text ${way === w.name ? "border-accent bg-accent-soft" : "border-line hover:border-line-strong"}`}>
                  <input type="radio" name="way" className="sr-only" checked={way === w.name} onChange={() => setWay(w.name)} />
                  <w.icon size={20} aria-hidden className={way === w.name ? "text-accent-text" : "text-text-3"} />
                  <span className="mt-1 font-medium">{t(`sources.way.${w.name}`)}</span>
                  <span className="text-xs text-text-2">{t(`sources.way.${w.name}_text`)}</span>
                </label>
              ))}
            </div>
            {kind === "site" ? <SiteFields value={site} set={(c) => setSite((s) => ({ ...s, ...c }))} /> : <Drop files={files} onChange={setFiles} only={way === "export" ? [".json", ".zip", ".csv"] : undefined} text={t(way === "export" ? "sources.drop_export" : "sources.drop_files")} />}
          </>
        ) : (
          <Settings kind={kind} value={fields} set={(c) => setFields((f) => ({ ...f, ...c }))} />
        )}
        {failed && <Note meaning="breach">{failed}</Note>}
        {sent !== undefined && kind === "files" && <Bar done={sent} total={1} label={t("sources.sending")} />}
        <div className="flex items-center justify-end gap-2 border-t border-line pt-4">
          {step === 1 && <Button disabled={sent !== undefined} onClick={() => setStep(0)}>{t("common.back")}</Button>}
          {step === 1 && <p className="mr-auto text-xs text-text-3 max-md:hidden">{t("sources.nothing_yet")}</p>}
          <Button type="submit" tone="primary" icon={<ArrowRight size={14} aria-hidden />} disabled={step === 0 ? !ready : sent !== undefined || !fields.name.trim()}>
            {step === 0 ? t("sources.go_on") : sent !== undefined ? t("sources.sending") : t("sources.see_preview")}
          </Button>
        </div>
      </form>
    </Screen>
  );
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
