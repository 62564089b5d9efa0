import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Audience, Lang } from "../../api/types";
import { textIn } from "../../i18n";
import { may, useMe } from "../../lib/session";
import { playbooksQuery } from "../../playbooks/api";
import { Check, Field, Select, TextArea, TextInput } from "../../ui/field";
import { Note } from "../../ui/state";
import type { Find, Site, SourceFields, SourceKind } from "./api";

/** One choice of several, each with a line that says what it means. */
export function Choice<T extends string>({ name, label, value, onChange, options, disabled }: { name: string; label: string; value: T; onChange: (v: T) => void; options: { value: T; label: string; text?: ReactNode; disabled?: boolean }[]; disabled?: boolean }) {
  return (
    <fieldset disabled={disabled}>
      <legend className="mb-1.5 text-xs font-medium text-text-2">{label}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {options.map((o) => (
          <label key={o.value} className={`flex cursor-pointer items-start gap-2.5 rounded-md border px-3 py-2 has-disabled:cursor-not-allowed has-disabled:bg-sunken has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text ${o.value === value ? "border-accent bg-accent-soft" : "border-line hover:border-line-strong"}`}>
            <input type="radio" name={name} className="mt-0.5 accent-(--accent)" checked={o.value === value} disabled={o.disabled} onChange={() => onChange(o.value)} />
            <span>
              <span className="block font-medium">{o.label}</span>
              {o.text && <span className="block text-xs text-text-2">{o.text}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export const blank: SourceFields = { name: "", playbook: "", lang: "", audience: "customers", publish: false, gone: "keep", schedule: "" };

/** What becomes of the pages: whose they are, who reads them, whether they go live. */
export function Settings({ kind, value, set }: { kind: SourceKind; value: SourceFields; set: (c: Partial<SourceFields>) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const publish = may(me, "articles.publish");
  return (
    <div className="space-y-5">
      <Field label={t("sources.name")} hint={t("sources.name_text")}>{(p) => <TextInput {...p} value={value.name} maxLength={200} onChange={(e) => set({ name: e.target.value })} />}</Field>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label={t("sources.playbook")}>
          {(p) => (
            <Select {...p} value={value.playbook} onChange={(e) => set({ playbook: e.target.value })}>
              <option value="">{t("sources.everybody")}</option>
              {value.playbook && !books.data?.some((b) => b.name === value.playbook) && <option value={value.playbook}>{value.playbook}</option>}
              {books.data?.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
            </Select>
          )}
        </Field>
        <Field label={t("knowledge.lang")}>
          {(p) => (
            <Select {...p} value={value.lang} onChange={(e) => set({ lang: e.target.value as Lang | "" })}>
              <option value="">{t("sources.any_lang")}</option>
              <option value="en">English</option>
              <option value="zh">中文</option>
            </Select>
          )}
        </Field>
        <Field label={t("knowledge.audience")}>
          {(p) => (
            <Select {...p} value={value.audience} onChange={(e) => set({ audience: e.target.value as Audience })}>
              <option value="customers">{t("knowledge.for.customers")}</option>
              <option value="agents">{t("knowledge.for.agents")}</option>
            </Select>
          )}
        </Field>
      </div>
      <Choice
        name="publish"
        label={t("sources.what_becomes")}
        value={value.publish ? "publish" : "drafts"}
        onChange={(v) => set({ publish: v === "publish" })}
        options={[
          { value: "drafts", label: t("sources.drafts"), text: t("sources.drafts_text") },
          { value: "publish", label: t("sources.publish"), text: publish ? t("sources.publish_text") : t("sources.publish_not"), disabled: !publish },
        ]}
      />
      <Choice
        name="gone"
        label={t("sources.gone")}
        value={value.gone}
        onChange={(gone) => set({ gone })}
        options={[
          { value: "keep", label: t("sources.gone_keep"), text: t("sources.gone_keep_text") },
          { value: "unpublish", label: t("sources.gone_unpublish"), text: t("sources.gone_unpublish_text"), disabled: !publish },
        ]}
      />
      {kind === "site" && <Check label={t("sources.daily")} checked={value.schedule === "daily"} onChange={(e) => set({ schedule: e.target.checked ? "daily" : "" })} />}
    </div>
  );
}

export interface SiteForm {
  start: string;
  find: Find;
  include: string;
  exclude: string;
  depth: string;
  pages: string;
}
export const blankSite: SiteForm = { start: "", find: "auto", include: "", exclude: "", depth: "", pages: "" };
const lines = (s: string) => s.split(/[\n,\s]+/).map((x) => x.trim()).filter(Boolean);

/** An address as people type it, with the https:// that they leave out. */
export const addresses = (s: string) => lines(s).map((x) => (/^[a-z]+:\/\//i.test(x) ? x : `https://${x}`));

export function siteOf(f: SiteForm): Site {
  return {
    start: addresses(f.start),
    find: f.find,
    include: f.find === "list" ? undefined : lines(f.include),
    exclude: f.find === "list" ? undefined : lines(f.exclude),
    depth: Number(f.depth) || undefined,
    pages: Number(f.pages) || undefined,
  };
}
export function siteForm(s?: Site): SiteForm {
  return s ? { start: s.start.join("\n"), find: s.find ?? "auto", include: s.include?.join("\n") ?? "", exclude: s.exclude?.join("\n") ?? "", depth: s.depth ? String(s.depth) : "", pages: s.pages ? String(s.pages) : "" } : blankSite;
}

/** Which pages of the web. */
export function SiteFields({ value, set }: { value: SiteForm; set: (c: Partial<SiteForm>) => void }) {
  const { t } = useTranslation();
  return (
    <div className="space-y-4">
      <Choice
        name="find"
        label={t("sources.site.what")}
        value={value.find}
        onChange={(find) => set({ find })}
        options={(["auto", "list", "links"] as const).map((v) => ({ value: v, label: t(`sources.site.${v}`), text: t(`sources.site.${v}_text`) }))}
      />
      <Field label={t(value.find === "list" ? "sources.site.list_label" : "sources.site.start")} hint={t("sources.site.start_text")}>
        {(p) => <TextArea {...p} rows={value.find === "list" ? 6 : 2} value={value.start} onChange={(e) => set({ start: e.target.value })} placeholder="https://help.example.com/" className="font-mono !text-xs" spellCheck={false} autoCapitalize="off" />}
      </Field>
      <Note meaning="done">{t("sources.site.polite")}</Note>
      {value.find !== "list" && (
        <details className="rounded-md border border-line">
          <summary className="px-3 py-2 font-medium">{t("sources.site.bounds")}</summary>
          <div className="grid gap-4 border-t border-line p-3 sm:grid-cols-2">
            <Field label={t("sources.site.include")} hint={t("sources.site.include_text")}>{(p) => <TextArea {...p} rows={2} value={value.include} onChange={(e) => set({ include: e.target.value })} placeholder="/help/" className="font-mono !text-xs" />}</Field>
            <Field label={t("sources.site.exclude")}>{(p) => <TextArea {...p} rows={2} value={value.exclude} onChange={(e) => set({ exclude: e.target.value })} placeholder="/blog/" className="font-mono !text-xs" />}</Field>
            <Field label={t("sources.site.pages")}>{(p) => <TextInput {...p} type="number" min={1} max={20000} value={value.pages} onChange={(e) => set({ pages: e.target.value })} placeholder="2000" />}</Field>
            <Field label={t("sources.site.depth")}>{(p) => <TextInput {...p} type="number" min={1} max={20} value={value.depth} onChange={(e) => set({ depth: e.target.value })} placeholder="5" />}</Field>
          </div>
        </details>
      )}
    </div>
  );
}

/** The form that an upload is, the fields before the files. */
export function uploadForm(value: Partial<SourceFields>, files: File[]): FormData {
  const form = new FormData();
  for (const key of ["name", "playbook", "lang", "audience", "gone"] as const) if (value[key]) form.set(key, value[key]);
  if (value.publish !== undefined) form.set("publish", String(value.publish));
  for (const f of files) form.append("file", f, f.name);
  return form;
}
