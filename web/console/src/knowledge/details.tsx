import { Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ArticleContent, Lang } from "../api/types";
import { Section } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Chips, Field, Select, TextInput } from "../ui/field";

interface Props {
  form: ArticleContent;
  set: (c: Partial<ArticleContent>) => void;
  readOnly: boolean;
}

/** The other ways in which people ask for this. */
export function Questions({ form, set, readOnly, ask }: Props & { ask?: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState(ask && !form.questions?.includes(ask) ? ask : "");
  const shown = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!ask) return;
    shown.current?.scrollIntoView({ block: "center" });
    shown.current?.focus({ preventScroll: true });
  }, [ask]);
  const list = form.questions ?? [];
  const add = () => {
    const q = text.trim();
    if (q && !list.includes(q)) set({ questions: [...list, q] });
    setText("");
  };
  return (
    <Section title={t("knowledge.questions")}>
      <p className="mb-2 text-xs text-text-3">{t("knowledge.questions_text")}</p>
      <ul className="space-y-1">
        {list.map((q, i) => (
          <li key={q} className="flex items-center gap-1 rounded-md border border-line bg-surface pl-2.5">
            <span className="min-w-0 flex-1 py-1 break-words">{q}</span>
            {!readOnly && <IconButton small label={t("common.remove", { what: q })} onClick={() => set({ questions: list.filter((_, n) => n !== i) })}><X size={13} aria-hidden /></IconButton>}
          </li>
        ))}
      </ul>
      {!readOnly && (
        <div className="mt-2 flex gap-2">
          <TextInput ref={shown} value={text} aria-label={t("knowledge.add_question")} placeholder={t("knowledge.add_question")} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => { if (e.key === "Enter" && !e.nativeEvent.isComposing) { e.preventDefault(); add(); } }} />
          <Button icon={<Plus size={14} aria-hidden />} onClick={add} disabled={!text.trim()}>{t("common.add")}</Button>
        </div>
      )}
    </Section>
  );
}

export function Details({ form, set, readOnly, slug, lang }: Props & { slug: string; lang: Lang }) {
  const { t } = useTranslation();
  return (
    <fieldset disabled={readOnly} className="space-y-4 p-4">
      <Field label={t("knowledge.tags")}>{(p) => <Chips id={p.id} values={form.tags ?? []} onChange={(tags) => set({ tags })} placeholder={t("knowledge.tags_hint")} removeLabel={(what) => t("common.remove", { what })} />}</Field>
      <Field label={t("knowledge.audience")} hint={t(`knowledge.for_text.${form.audience}`)}>
        {(p) => (
          <Select {...p} value={form.audience} onChange={(e) => set({ audience: e.target.value as ArticleContent["audience"] })}>
            <option value="customers">{t("knowledge.for.customers")}</option>
            <option value="agents">{t("knowledge.for.agents")}</option>
          </Select>
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t("knowledge.valid_from")}>{(p) => <TextInput {...p} type="datetime-local" value={local(form.valid_from)} onChange={(e) => set({ valid_from: iso(e.target.value) })} />}</Field>
        <Field label={t("knowledge.valid_to")}>{(p) => <TextInput {...p} type="datetime-local" value={local(form.valid_to)} onChange={(e) => set({ valid_to: iso(e.target.value) })} />}</Field>
      </div>
      <p className="text-xs text-text-3">{t("knowledge.valid_text")}</p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t border-line pt-3">
        <dt className="text-text-3">{t("knowledge.slug")}</dt>
        <dd className="font-mono text-xs">{slug || "–"}</dd>
        <dt className="text-text-3">{t("knowledge.lang")}</dt>
        <dd>{lang === "zh" ? "中文" : "English"}</dd>
      </dl>
    </fieldset>
  );
}

const pad = (n: number) => String(n).padStart(2, "0");

/** A moment as a date field wants it, in the reader's zone. */
function local(at?: string): string {
  if (!at) return "";
  const d = new Date(at);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
}
function iso(v: string): string | undefined {
  return v ? new Date(v).toISOString() : undefined;
}
