import { clsx } from "clsx";
import { CircleCheck, DoorClosed, DoorOpen } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { number, percent } from "../lib/time";
import { Tabs } from "../ui/bits";
import { Button } from "../ui/button";
import { Select } from "../ui/field";
import { Badge } from "../ui/state";
import type { Book } from "./book";
import { CaseRow } from "./case-row";
import { Changes, hasChanges } from "./changes";
import { Figure } from "./frame";
import { Pictures } from "./pictures";
import { allCases, caseKey, failures, type Filter, flaky, pick, tokensOf } from "./report";
import type { Change, Comparison, Report, Run } from "./types";
import { suiteName } from "./words";

const PAGE = 40;

/** The number first, its change second, then what failed with its transcript, then the pictures. */
export function ReportView({ run, report: r, book, compare }: { run?: Run; report: Report; book?: Book; compare?: Comparison }) {
  const { t } = useTranslation();
  const bad = failures(r);
  const all = allCases(r);
  const [f, setFilter] = useState<Filter>({ show: "failed" });
  const [many, setMany] = useState(PAGE);
  const [opened, setOpened] = useState<string | undefined>(() => bad[0] && caseKey(bad[0]));
  const cases = useRef<HTMLElement>(null);
  const set = (part: Partial<Filter>) => {
    setFilter((now) => ({ ...now, ...part }));
    setMany(PAGE);
  };
  const share = r.cases ? r.passed / r.cases : 0;
  const hat = (r.pass_hat ?? []).find((p) => p.k === r.repeat);
  const fresh = new Set((compare?.worse ?? []).map(caseKey));
  const list = (f.show === "all" ? pick(all, f) : pick(bad, f));
  const tags = [...new Set(all.flatMap((c) => c.tags ?? []))].sort();
  const modes = [...new Set(all.map((c) => c.mode).filter(Boolean))] as string[];
  const langs = [...new Set(all.map((c) => c.lang))];
  const tokens = tokensOf(r.cost);
  const show = (x: Change) => {
    setFilter({ show: "all" });
    setMany(all.length);
    setOpened(caseKey(x));
    requestAnimationFrame(() => document.getElementById(`case-${caseKey(x)}`)?.scrollIntoView({ block: "center" }));
  };
  const toSuite = (suite: string) => {
    setFilter({ suite, show: "all" });
    setMany(PAGE);
    cases.current?.scrollIntoView({ block: "start" });
  };
  return (
    <div className="space-y-8">
      <section className="flex flex-wrap items-end gap-x-10 gap-y-4" aria-label={t("evals.result")}>
        <div>
          <p className="text-2xl font-semibold tabular-nums">{percent(share, 1)}</p>
          <p className="text-text-2">{t("evals.of_cases", { passed: number(r.passed), cases: number(r.cases) })}</p>
          {run && <p className="mt-1">{run.gate_ok ? <Badge meaning="live" icon={DoorOpen}>{t("evals.gate_open")}</Badge> : <Badge meaning="breach" icon={DoorClosed}>{t("evals.gate_shut")}</Badge>}</p>}
        </div>
        {r.repeat > 1 && hat && <Figure value={percent(hat.rate, 1)} label={t("evals.pass_hat", { k: hat.k })} />}
        {r.flaky > 0 && <Figure value={number(r.flaky)} label={t("evals.flaky")} tone="warning" />}
        {(r.langs ?? []).map((l) => <Figure key={l.lang} value={percent(l.cases ? l.passed / l.cases : 0)} label={`${langName(l.lang)} · ${l.passed}/${l.cases}`} />)}
        {(r.modes ?? []).filter((m) => m.mode).map((m) => <Figure key={m.mode} value={percent(m.cases ? m.passed / m.cases : 0)} label={`${t(`evals.mode.${m.mode as "text"}`)} · ${m.passed}/${m.cases}`} />)}
        {tokens > 0 && <Figure value={number(tokens)} label={t("evals.tokens")} />}
        {(r.skipped ?? 0) > 0 && <Figure value={number(r.skipped ?? 0)} label={t("evals.skipped_why")} />}
      </section>

      {compare && (
        <section aria-label={t("evals.what_changed")}>
          <h2 className="mb-2 text-base font-semibold">{t("evals.what_changed")}</h2>
          {hasChanges(compare) ? <Changes c={compare} book={book} onOpen={show} /> : <p className="text-text-3">{t("evals.same_as_live", { count: compare.same })}</p>}
        </section>
      )}

      <section ref={cases} aria-label={t("evals.cases")}>
        <div className="mb-3 flex flex-wrap items-center gap-2">
          <h2 className="mr-2 text-base font-semibold">{t(f.show === "all" ? "evals.every_case" : "evals.failures")}</h2>
          <Tabs
            label={t("evals.which")}
            value={f.show}
            onChange={(show) => set({ show })}
            tabs={[{ value: "failed", label: t("evals.show.failed"), count: bad.length }, ...(r.flaky > 0 ? [{ value: "flaky" as const, label: t("evals.show.flaky"), count: bad.filter(flaky).length }] : []), { value: "all", label: t("evals.show.all"), count: all.length }]}
          />
          <span className="flex-1" />
          <Narrow label={t("evals.suite")} value={f.suite} onChange={(suite) => set({ suite })} options={r.suites.map((s) => [s.name, suiteName(s.name)])} />
          {langs.length > 1 && <Narrow label={t("evals.lang")} value={f.lang} onChange={(lang) => set({ lang })} options={langs.map((l) => [l, langName(l)])} />}
          {modes.length > 0 && <Narrow label={t("evals.as")} value={f.mode} onChange={(mode) => set({ mode })} options={modes.map((m) => [m, t(`evals.mode.${m as "text"}`)])} />}
          {tags.length > 0 && <Narrow label={t("evals.tag")} value={f.tag} onChange={(tag) => set({ tag })} options={tags.map((x) => [x, x === "may_fail" ? t("evals.may_fail") : x === "must_pass" ? t("evals.must_pass") : x])} />}
        </div>
        {list.length === 0 ? (
          bad.length === 0 && f.show !== "all" ? (
            <p className="flex items-center gap-2 text-live"><CircleCheck size={15} aria-hidden />{t("evals.none_failed")}</p>
          ) : (
            <p className="rounded-md bg-sunken px-3 py-6 text-center text-text-3">{t("evals.none_such")}</p>
          )
        ) : (
          <ul className="divide-y divide-line rounded-lg border border-line">
            {list.slice(0, many).map((c) => {
              const key = caseKey(c);
              return <CaseRow key={`${key}${c.lang}`} c={c} book={book} fresh={fresh.has(key)} open={opened === key} onToggle={() => setOpened(opened === key ? undefined : key)} />;
            })}
          </ul>
        )}
        {list.length > many && <div className="pt-3 text-center"><Button onClick={() => setMany(many + 100)}>{t("evals.more_cases", { count: list.length - many })}</Button></div>}
      </section>
      <Pictures report={r} book={book} onSuite={toSuite} />
    </div>
  );
}

export const langName = (l: string) => (l === "zh" ? "中文" : "English");

function Narrow({ label, value, onChange, options }: { label: string; value?: string; onChange: (v?: string) => void; options: [string, string][] }) {
  return (
    <Select aria-label={label} value={value ?? ""} onChange={(e) => onChange(e.target.value || undefined)} className={clsx("!h-7 !w-auto max-w-44 text-xs", value && "!border-accent text-accent-text")}>
      <option value="">{label}</option>
      {options.map(([v, name], i) => <option key={`${v}${i}`} value={v}>{name}</option>)}
    </Select>
  );
}
