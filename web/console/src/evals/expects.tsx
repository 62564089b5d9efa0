import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "../ui/button";
import { box, Select, TextInput } from "../ui/field";
import type { Book, Named } from "./book";
import { type Row, rowsOf, withRow } from "./suite";
import type { Expect, Trouble } from "./types";
import { keyName, valueName } from "./words";

/** What a value may be; undefined: any words. */
function choices(book: Book | undefined, key: string): Named[] | undefined {
  const [head, name] = key.split(".");
  const slots = book?.flows.flatMap((f) => f.slots) ?? [];
  switch (head) {
    case "flow":
    case "completed":
    case "cancelled":
      return book?.flows;
    case "menu":
      return book?.menus;
    case "handed_over":
      return book?.queues;
    case "answered":
      return book?.articles;
    case "asking":
    case "refused":
      return slots.filter((s, i) => slots.findIndex((x) => x.name === s.name) === i);
    case "slots": {
      const options = slots.find((s) => s.name === name)?.options;
      return options?.length ? options : undefined;
    }
  }
  return undefined;
}

/** These may also be expected not to be: no flow, nothing answered. */
const mayBeNone = new Set(["flow", "completed", "answered", "asking", "slots"]);

interface Props {
  expect: Expect | undefined;
  /** What happened; each can be marked. */
  facts: Row[];
  onChange: (e: Expect) => void;
  book?: Book;
  /** What did not hold when it was last played. */
  troubles?: Trouble[];
  readOnly?: boolean;
}

/** What should have happened in a turn: marked from what did, corrected, or added. */
export function Expects({ expect, facts, onChange, book, troubles = [], readOnly }: Props) {
  const { t } = useTranslation();
  const rows = rowsOf(expect);
  const shown = rows.filter((r) => !/^(not_)?said\./.test(r.key));
  const said = rows.filter((r) => r.key.startsWith("said."));
  const not = rows.filter((r) => r.key.startsWith("not_said."));
  const extra = shown.filter((r) => !facts.some((f) => f.key === r.key));
  const wrong = (key: string) => troubles.find((p) => p.key === key || p.key === key.replace(/^(called)\..*/, "$1"));
  const all = facts.length > 0 && facts.every((f) => shown.some((r) => r.key === f.key));
  return (
    <fieldset disabled={readOnly} className="space-y-1">
      <legend className="mb-1 flex w-full items-center gap-2 text-xs font-semibold text-text-2">
        <span className="flex-1">{t("evals.should")}</span>
        {facts.length > 1 && !readOnly && (
          <button type="button" className="font-normal text-accent-text hover:underline" onClick={() => onChange(facts.reduce((e, f) => withRow(e, f.key, all ? undefined : (rows.find((r) => r.key === f.key)?.value ?? f.value)), expect ?? {}))}>
            {t(all ? "evals.mark_none" : "evals.mark_all")}
          </button>
        )}
      </legend>
      {facts.length === 0 && extra.length === 0 && <p className="text-xs text-text-3">{t("evals.nothing_happened")}</p>}
      {facts.map((f) => {
        const r = shown.find((x) => x.key === f.key);
        return <One key={f.key} book={book} row={r ?? f} fact={f} on={r !== undefined} trouble={r && wrong(f.key)} onToggle={(on) => onChange(withRow(expect, f.key, on ? f.value : undefined))} onValue={(v) => onChange(withRow(expect, f.key, v))} />;
      })}
      {extra.map((r) => <One key={r.key} book={book} row={r} on trouble={wrong(r.key)} onToggle={() => onChange(withRow(expect, r.key, undefined))} onValue={(v) => onChange(withRow(expect, r.key, v))} />)}
      <Words label={t("evals.key.said")} rows={said} wrong={wrong("said") !== undefined} onChange={(k, v) => onChange(withRow(expect, k, v))} add="said" />
      <Words label={t("evals.key.not_said")} rows={not} wrong={wrong("not_said") !== undefined} onChange={(k, v) => onChange(withRow(expect, k, v))} add="not_said" />
      {!readOnly && <Add book={book} taken={rows.map((r) => r.key)} onAdd={(key, value) => onChange(withRow(expect, key, value))} />}
    </fieldset>
  );
}

function One({ row, fact, on, onToggle, onValue, book, trouble }: { row: Row; fact?: Row; on: boolean; onToggle: (on: boolean) => void; onValue: (v: string) => void; book?: Book; trouble?: Trouble }) {
  const { t } = useTranslation();
  const id = useId();
  const [head, , arg] = row.key.split(".");
  const name = keyName(book, row.key);
  const bare = head === "called" && arg === undefined;
  const list = choices(book, row.key);
  const flag = head === "confirming" || head === "steered";
  return (
    <div className={`rounded-md px-2 py-1 ${on ? "bg-accent-soft" : ""}`}>
      <div className="flex min-h-7 flex-wrap items-center gap-x-2 gap-y-1">
        <input id={id} type="checkbox" checked={on} onChange={(e) => onToggle(e.target.checked)} className="size-4 shrink-0 accent-(--accent)" />
        <label htmlFor={id} className={`min-w-0 cursor-pointer text-xs ${on ? "font-medium" : "text-text-2"} ${bare || (!on && !flag) ? "" : "w-28 truncate"}`} title={name}>{name}</label>
        {bare ? null : on ? (
          flag ? (
            <Select aria-label={name} className="!h-7 !w-auto text-xs" value={row.value} onChange={(e) => onValue(e.target.value)}>
              <option value="true">{t("evals.yes")}</option>
              <option value="false">{t("evals.no")}</option>
            </Select>
          ) : list ? (
            <Select aria-label={name} className="!h-7 min-w-0 flex-1 text-xs" value={row.value} onChange={(e) => onValue(e.target.value)}>
              {mayBeNone.has(head) && <option value="">{t("evals.nothing")}</option>}
              {!list.some((o) => o.name === row.value) && row.value !== "" && <option value={row.value}>{row.value}</option>}
              {list.map((o) => <option key={o.name} value={o.name}>{o.title}</option>)}
            </Select>
          ) : (
            <TextInput aria-label={name} className="!h-7 min-w-0 flex-1 text-xs" value={row.value} onChange={(e) => onValue(e.target.value)} />
          )
        ) : (
          !flag && <span className="min-w-0 flex-1 truncate text-xs text-text">{valueName(book, row.key, row.value)}</span>
        )}
      </div>
      {on && fact && fact.value !== row.value && !trouble && <p className="pl-6 text-2xs text-text-3">{t("evals.happened_was", { value: valueName(book, row.key, fact.value) })}</p>}
      {trouble && <p className="pl-6 text-xs text-breach">{t("evals.trouble", { what: keyName(book, trouble.key), want: valueName(book, trouble.key, trouble.want), got: valueName(book, trouble.key, trouble.got) })}</p>}
    </div>
  );
}

function Words({ label, rows, onChange, add, wrong }: { label: string; rows: Row[]; onChange: (key: string, v: string | undefined) => void; add: string; wrong: boolean }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="px-2 py-0.5">
      <label htmlFor={id} className="text-xs text-text-2">{label}</label>
      <div className={`${box} mt-0.5 flex min-h-7 flex-wrap items-center gap-1 py-0.5 focus-within:border-accent ${wrong ? "!border-breach" : ""}`}>
        {rows.map((r) => (
          <span key={r.key} className="inline-flex min-h-5 max-w-full items-center gap-0.5 rounded-sm bg-sunken pl-1.5 text-xs">
            <span className="min-w-0 break-words">{r.value === "" ? t("evals.anything") : r.value}</span>
            <button type="button" aria-label={t("common.remove", { what: r.value })} className="px-1 text-text-3 hover:text-text" onClick={() => onChange(r.key, undefined)}><X size={11} aria-hidden /></button>
          </span>
        ))}
        <input
          id={id}
          className="h-5 min-w-16 flex-1 bg-transparent text-xs outline-none"
          placeholder={rows.length ? undefined : t("evals.words_hint")}
          onKeyDown={(e) => {
            const v = e.currentTarget.value.trim();
            if (e.nativeEvent.isComposing) return;
            if (e.key === "Enter" && v) {
              e.preventDefault();
              onChange(add, v);
              e.currentTarget.value = "";
            } else if (e.key === "Backspace" && !e.currentTarget.value && rows.length) onChange(rows[rows.length - 1].key, undefined);
          }}
          onBlur={(e) => {
            const v = e.currentTarget.value.trim();
            if (v) onChange(add, v);
            e.currentTarget.value = "";
          }}
        />
      </div>
    </div>
  );
}

const kinds = ["flow", "slots", "completed", "answered", "handed_over", "asking", "confirming", "steered", "refused", "menu", "called"] as const;

/** Something that did not happen and should have. */
function Add({ book, taken, onAdd }: { book?: Book; taken: string[]; onAdd: (key: string, value: string) => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<(typeof kinds)[number]>();
  const [slot, setSlot] = useState("");
  const slots = book?.flows.flatMap((f) => f.slots).filter((s, i, all) => all.findIndex((x) => x.name === s.name) === i) ?? [];
  const tools = Object.keys(book?.tools ?? {});
  if (!kind)
    return (
      <Select aria-label={t("evals.add_expect")} className="!h-7 !w-auto !border-dashed text-xs text-text-2" value="" onChange={(e) => setKind(e.target.value as (typeof kinds)[number])}>
        <option value="">{t("evals.add_expect")}</option>
        {kinds.filter((k) => !taken.includes(k)).map((k) => <option key={k} value={k}>{t(`evals.key.${k}`)}</option>)}
      </Select>
    );
  const key = kind === "slots" ? `slots.${slot}` : kind === "called" ? (slot ? `called.${slot}` : "called") : kind;
  const list = kind === "slots" ? (slot ? choices(book, key) : undefined) : choices(book, key);
  const done = (value: string) => {
    onAdd(key, value);
    setKind(undefined);
    setSlot("");
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5 rounded-md border border-dashed border-line-strong p-1.5">
      <span className="text-xs font-medium">{t(`evals.key.${kind}`)}</span>
      {kind === "slots" && (
        <Select aria-label={t("evals.which_slot")} autoFocus className="!h-7 !w-auto text-xs" value={slot} onChange={(e) => setSlot(e.target.value)}>
          <option value="">{t("evals.choose")}</option>
          {slots.map((s) => <option key={s.name} value={s.name}>{s.title}</option>)}
        </Select>
      )}
      {kind === "called" ? (
        <Select aria-label={t("evals.key.called")} autoFocus className="!h-7 !w-auto text-xs" defaultValue="-" onChange={(e) => (e.target.value === "" ? done("") : (onAdd(`called.${e.target.value}`, ""), setKind(undefined)))}>
          <option value="-" disabled>{t("evals.choose")}</option>
          <option value="">{t("evals.nothing")}</option>
          {tools.map((x) => <option key={x} value={x}>{x.replaceAll("_", " ")}</option>)}
        </Select>
      ) : kind === "confirming" || kind === "steered" ? (
        <>
          <Button small autoFocus onClick={() => done("true")}>{t("evals.yes")}</Button>
          <Button small onClick={() => done("false")}>{t("evals.no")}</Button>
        </>
      ) : kind === "slots" && !slot ? null : list ? (
        <Select aria-label={t("evals.value")} autoFocus className="!h-7 min-w-0 flex-1 text-xs" defaultValue="-" onChange={(e) => done(e.target.value)}>
          <option value="-" disabled>{t("evals.choose")}</option>
          {mayBeNone.has(kind) && <option value="">{t("evals.nothing")}</option>}
          {list.map((o) => <option key={o.name} value={o.name}>{o.title}</option>)}
        </Select>
      ) : (
        <form
          className="flex min-w-0 flex-1 gap-1"
          onSubmit={(e) => {
            e.preventDefault();
            done(String(new FormData(e.currentTarget).get("value")).trim());
          }}
        >
          <TextInput name="value" aria-label={t("evals.value")} autoFocus className="!h-7 min-w-0 flex-1 text-xs" />
          <IconButton small type="submit" label={t("evals.add")}><Plus size={14} aria-hidden /></IconButton>
        </form>
      )}
      <IconButton small label={t("common.cancel")} onClick={() => setKind(undefined)}><X size={13} aria-hidden /></IconButton>
    </div>
  );
}
