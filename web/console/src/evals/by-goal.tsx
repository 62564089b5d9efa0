import { useTranslation } from "react-i18next";
import { Tabs } from "../ui/bits";
import { Check, Chips, Field, Select, TextArea, TextInput } from "../ui/field";
import type { Book } from "./book";
import type { CaseFile, CustomerFile, GoalFile } from "./types";

const styles = ["terse", "chatty", "all_at_once", "changes_mind", "digresses", "typos"] as const;

type Wants = "flow" | "ask" | "queue";

/** A case written as a customer who wants something; how he gets there is his own affair. */
export function ByGoal({ book, value, onChange, readOnly }: { book?: Book; value: CaseFile; onChange: (c: CaseFile) => void; readOnly?: boolean }) {
  const { t } = useTranslation();
  const c: CustomerFile = value.customer ?? { goal: { flow: book?.flows[0]?.name } };
  const g = c.goal;
  const wants: Wants = g.ask !== undefined ? "ask" : g.queue !== undefined ? "queue" : "flow";
  const set = (part: Partial<CustomerFile>) => onChange({ ...value, customer: { ...c, ...part } });
  const goal = (part: Partial<GoalFile>) => set({ goal: { ...g, ...part } });
  const flow = book?.flows.find((f) => f.name === g.flow);
  const want = (w: Wants) => set({ goal: { opens: g.opens, asides: g.asides, ...(w === "flow" ? { flow: book?.flows[0]?.name ?? "" } : w === "ask" ? { ask: "", article: "" } : { queue: book?.queues[0]?.name ?? "" }) } });
  const slot = (name: string, v: string) => {
    const { [name]: was, ...rest } = g.slots ?? {};
    goal({ slots: v === "" ? rest : { ...rest, [name]: { ...was, value: v } } });
  };
  const style = (s: string, on: boolean) => set({ style: on ? [...(c.style ?? []), s] : (c.style ?? []).filter((x) => x !== s) });
  return (
    <fieldset disabled={readOnly} className="max-w-180 space-y-6">
      <legend className="mb-3 text-text-2">{t("evals.goal.text")}</legend>
      <section className="space-y-3">
        <Tabs label={t("evals.goal.wants")} value={wants} onChange={want} tabs={(["flow", "ask", "queue"] as const).map((w) => ({ value: w, label: t(`evals.goal.${w}`) }))} />
        {wants === "flow" && (
          <>
            <Field label={t("evals.goal.which_flow")}>
              {(p) => (
                <Select {...p} value={g.flow ?? ""} onChange={(e) => set({ goal: { ...g, flow: e.target.value, slots: undefined } })}>
                  {(book?.flows ?? []).map((f) => <option key={f.name} value={f.name}>{f.title}</option>)}
                </Select>
              )}
            </Field>
            {flow && flow.slots.length > 0 && (
              <div>
                <p className="mb-1 text-xs font-medium text-text-2">{t("evals.goal.slots")}</p>
                <div className="grid gap-3 rounded-lg border border-line p-3 sm:grid-cols-2">
                  {flow.slots.map((s) => (
                    <Field key={s.name} label={s.optional ? t("evals.goal.optional", { name: s.title }) : s.title}>
                      {(p) =>
                        s.options.length ? (
                          <Select {...p} value={g.slots?.[s.name]?.value ?? ""} onChange={(e) => slot(s.name, e.target.value)}>
                            <option value="">{t("evals.goal.whatever")}</option>
                            {s.options.map((o) => <option key={o.name} value={o.name}>{o.title}</option>)}
                          </Select>
                        ) : (
                          <TextInput {...p} value={g.slots?.[s.name]?.value ?? ""} placeholder={t("evals.goal.whatever")} onChange={(e) => slot(s.name, e.target.value)} />
                        )
                      }
                    </Field>
                  ))}
                </div>
              </div>
            )}
            <Field label={t("evals.goal.opens")} hint={t("evals.goal.opens_hint")}>{(p) => <Chips id={p.id} values={g.opens ?? []} onChange={(opens) => goal({ opens })} removeLabel={(v) => t("common.remove", { what: v })} />}</Field>
          </>
        )}
        {wants === "ask" && (
          <>
            <Field label={t("evals.goal.question")}>{(p) => <TextInput {...p} value={g.ask ?? ""} onChange={(e) => goal({ ask: e.target.value })} />}</Field>
            <Field label={t("evals.goal.article")}>
              {(p) => (
                <Select {...p} value={g.article ?? ""} onChange={(e) => goal({ article: e.target.value })}>
                  <option value="">{t("evals.choose")}</option>
                  {(book?.articles ?? []).map((a) => <option key={a.name} value={a.name}>{a.title}</option>)}
                </Select>
              )}
            </Field>
          </>
        )}
        {wants === "queue" && (
          <Field label={t("evals.goal.which_queue")}>
            {(p) => (
              <Select {...p} value={g.queue ?? ""} onChange={(e) => goal({ queue: e.target.value })}>
                {(book?.queues ?? []).map((q) => <option key={q.name} value={q.name}>{q.title}</option>)}
              </Select>
            )}
          </Field>
        )}
      </section>
      <section>
        <h3 className="mb-2 text-xs font-medium text-text-2">{t("evals.goal.style")}</h3>
        <div className="grid gap-2 sm:grid-cols-2">
          {styles.map((s) => <Check key={s} checked={c.style?.includes(s) ?? false} onChange={(e) => style(s, e.target.checked)} label={<>{t(`evals.style.${s}`)} <span className="text-xs text-text-3">{t(`evals.style_text.${s}`)}</span></>} />)}
        </div>
      </section>
      {c.style?.includes("digresses") && <Field label={t("evals.goal.asides")} hint={t("evals.goal.asides_hint")}>{(p) => <Chips id={p.id} values={g.asides ?? []} onChange={(asides) => goal({ asides })} removeLabel={(v) => t("common.remove", { what: v })} />}</Field>}
      <section className="grid gap-3 sm:grid-cols-2">
        <Field label={t("evals.goal.patience")} hint={t("evals.goal.patience_hint")}>{(p) => <TextInput {...p} type="number" min={1} max={60} value={c.patience ?? ""} placeholder="20" onChange={(e) => set({ patience: Number(e.target.value) || undefined })} />}</Field>
        <Field label={t("evals.goal.by")} hint={t("evals.goal.by_hint")}>
          {(p) => (
            <Select {...p} value={c.by ?? "rules"} onChange={(e) => set({ by: e.target.value as "rules" })}>
              <option value="rules">{t("evals.goal.rules")}</option>
              <option value="model">{t("evals.goal.model")}</option>
            </Select>
          )}
        </Field>
      </section>
      {c.by === "model" && <Field label={t("evals.goal.persona")} hint={t("evals.goal.persona_hint")}>{(p) => <TextArea {...p} rows={3} value={c.persona ?? ""} onChange={(e) => set({ persona: e.target.value })} />}</Field>}
    </fieldset>
  );
}
