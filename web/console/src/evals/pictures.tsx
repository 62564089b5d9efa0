import { useState } from "react";
import { useTranslation } from "react-i18next";
import { number, percent } from "../lib/time";
import { Bars, type BarRow, Curve, Heat, Plot } from "../ui/chart";
import { Select } from "../ui/field";
import type { Book } from "./book";
import { took } from "./case-row";
import { langName } from "./report-view";
import { allCases, tokensOf } from "./report";
import type { Funnel, Report, Score, Understood } from "./types";
import { slotTitle, suiteName, target, titled } from "./words";

/** The numbers of a report as pictures; each is a table, too. */
export function Pictures({ report: r, book, onSuite }: { report: Report; book?: Book; onSuite: (name: string) => void }) {
  const { t } = useTranslation();
  const u = r.understood;
  return (
    <section aria-label={t("evals.pictures")}>
      <h2 className="mb-3 text-base font-semibold">{t("evals.pictures")}</h2>
      <div className="grid gap-4 lg:grid-cols-2">
        <BySuite report={r} onSuite={onSuite} />
        <Slowest report={r} />
        {u && u.turns > 0 && <Confused u={u} book={book} />}
        {u && u.guesses > 0 && <Calibration u={u} />}
        {u && u.guesses > 0 && <Candidates u={u} />}
        {(r.retrieval ?? []).map((s) => <Recall key={s.name + s.lang} s={s} />)}
        {(r.funnels ?? []).length > 0 && <Funnels funnels={r.funnels ?? []} book={book} />}
        {r.repeat > 1 && (r.pass_hat?.length ?? 0) > 1 && <Hat points={r.pass_hat ?? []} />}
      </div>
    </section>
  );
}

function BySuite({ report, onSuite }: { report: Report; onSuite: (name: string) => void }) {
  const { t } = useTranslation();
  const suites = report.suites.filter((s) => s.passed + s.failed > 0).toSorted((a, b) => a.passed / (a.passed + a.failed) - b.passed / (b.passed + b.failed));
  const share = (s: (typeof suites)[number]) => s.passed / (s.passed + s.failed);
  return (
    <Plot title={t("evals.plot.suites")} note={t("evals.plot.suites_note")} head={[t("evals.suite"), t("evals.share"), t("evals.cases"), t("evals.took")]} rows={suites.map((s) => [suiteName(s.name), percent(share(s), 1), s.passed + s.failed, took(s.took_ns)])}>
      <Bars rows={suites.map((s) => ({ key: s.name, label: suiteName(s.name), value: share(s), tint: s.failed ? "breach" : "live", text: `${s.passed} / ${s.passed + s.failed}`, onClick: () => onSuite(s.name) }))} />
    </Plot>
  );
}

const SLOW = 12;

function Slowest({ report }: { report: Report }) {
  const { t } = useTranslation();
  const cases = allCases(report).filter((c) => !c.skipped).toSorted((a, b) => b.took_ns - a.took_ns);
  const any = cases.some((c) => tokensOf(c.cost) > 0);
  const most = cases[0]?.took_ns ?? 1;
  return (
    <Plot
      title={t("evals.plot.time")}
      note={any ? t("evals.plot.time_tokens", { total: took(report.took_ns), tokens: number(tokensOf(report.cost)) }) : t("evals.plot.time_note", { total: took(report.took_ns) })}
      head={[t("evals.case"), t("evals.took"), ...(any ? [t("evals.tokens")] : [])]}
      rows={cases.map((c) => [c.name, took(c.took_ns), ...(any ? [tokensOf(c.cost)] : [])])}
    >
      <Bars max={most} rows={cases.slice(0, SLOW).map((c, i): BarRow => ({ key: `${c.key}${i}`, label: c.name, value: c.took_ns, text: any ? `${took(c.took_ns)} · ${number(tokensOf(c.cost))}` : took(c.took_ns) }))} />
    </Plot>
  );
}

const SIDE = 14;

function Confused({ u, book }: { u: Understood; book?: Book }) {
  const { t } = useTranslation();
  const cells = u.confusion ?? [];
  // Those that are mistaken, before those that never are.
  const weight = new Map<string, number>();
  for (const c of cells) for (const side of [c.wanted, c.got]) weight.set(side, (weight.get(side) ?? 0) + (c.wanted === c.got ? 0.01 : 1) * c.turns);
  const heavy = (all: string[]) => [...new Set(all)].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0)).slice(0, SIDE);
  const rows = heavy(cells.map((c) => c.wanted));
  const columns = [...rows.filter((r) => cells.some((c) => c.got === r)), ...heavy(cells.map((c) => c.got)).filter((c) => !rows.includes(c))].slice(0, SIDE + 4);
  const name = (x: string) => target(book, x);
  const wrong = cells.filter((c) => c.wanted !== c.got);
  return (
    <Plot
      className="lg:col-span-2"
      title={t("evals.plot.confusion")}
      note={t("evals.plot.confusion_note", { right: number(u.right), turns: number(u.turns), share: percent(u.turns ? u.right / u.turns : 0, 1) })}
      head={[t("evals.wanted"), t("evals.led_to"), t("evals.turns")]}
      rows={[...wrong, ...cells.filter((c) => c.wanted === c.got)].map((c) => [name(c.wanted), name(c.got), c.turns])}
    >
      <Heat
        label={t("evals.plot.confusion")}
        corner={t("evals.plot.confusion_corner")}
        rows={rows.map(name)}
        columns={columns.map(name)}
        cells={cells.filter((c) => rows.includes(c.wanted) && columns.includes(c.got)).map((c) => ({ row: name(c.wanted), column: name(c.got), value: c.turns }))}
        right={(a, b) => a === b}
      />
    </Plot>
  );
}

function Calibration({ u }: { u: Understood }) {
  const { t } = useTranslation();
  const bins = u.calibration ?? [];
  const line = (b: (typeof bins)[number]) => t("evals.plot.bin", { sure: percent(b.confidence), right: percent(b.right), turns: number(b.turns) });
  return (
    <Plot title={t("evals.plot.calibration")} note={t("evals.plot.calibration_note", { n: percent(u.calibration_error, 1) })} head={[t("evals.sure"), t("evals.right"), t("evals.turns")]} rows={bins.map((b) => [`${percent(b.from)} – ${percent(b.to)}`, percent(b.right, 1), b.turns])}>
      <Curve diagonal x={t("evals.sure")} y={t("evals.right")} label={bins.map(line).join(". ")} xs={[0, 0.5, 1].map((v) => ({ at: v, text: percent(v) }))} dots={bins.map((b) => ({ x: b.confidence, y: b.right, weight: b.turns, label: line(b) }))} />
    </Plot>
  );
}

function Candidates({ u }: { u: Understood }) {
  const { t } = useTranslation();
  const at = u.candidates_at ?? [];
  return <AtK title={t("evals.plot.candidates")} note={t("evals.plot.candidates_note", { count: u.guesses })} at={at} />;
}

function Recall({ s }: { s: Score }) {
  const { t } = useTranslation();
  return <AtK title={t("evals.plot.recall", { lang: langName(s.lang) })} note={t("evals.plot.recall_note", { count: s.asked, one: percent(s.hit_at_1, 1), three: percent(s.hit_at_3, 1) })} at={s.recall_at ?? []} />;
}

function AtK({ title, note, at }: { title: string; note: string; at: number[] }) {
  const { t } = useTranslation();
  return (
    <Plot title={title} note={note} head={["k", t("evals.share")]} rows={at.map((v, i) => [i + 1, percent(v, 1)])}>
      <Curve from={1} to={Math.max(2, at.length)} x="k" y={t("evals.share")} label={at.map((v, i) => t("evals.plot.at_k", { k: i + 1, share: percent(v, 1) })).join(", ")} xs={at.map((_, i) => ({ at: i + 1, text: String(i + 1) }))} dots={at.map((v, i) => ({ x: i + 1, y: v, label: percent(v, 1) }))} />
    </Plot>
  );
}

function Funnels({ funnels, book }: { funnels: Funnel[]; book?: Book }) {
  const { t } = useTranslation();
  const busiest = funnels.toSorted((a, b) => (b.steps?.[0]?.dialogues ?? 0) - (a.steps?.[0]?.dialogues ?? 0))[0];
  const [chosen, setFlow] = useState(busiest?.flow ?? "");
  const f = funnels.find((x) => x.flow === chosen) ?? busiest;
  const steps = f?.steps ?? [];
  const most = Math.max(...steps.map((s) => s.dialogues), 1);
  const name = (step: string) => (["started", "confirm", "completed"].includes(step) ? t(`evals.step.${step as "started"}`) : slotTitle(book, step, f?.flow));
  const stopped = (step: string) => (f?.ends ?? []).filter((e) => e.after === step).map((e) => t(`evals.end.${e.how as "left"}`, { count: e.dialogues })).join(t("common.comma"));
  return (
    <Plot
      title={t("evals.plot.funnel")}
      note={t("evals.plot.funnel_note")}
      head={[t("evals.step.name"), t("evals.dialogues"), t("evals.step.stopped")]}
      rows={steps.map((s) => [name(s.step), s.dialogues, stopped(s.step) || "–"])}
    >
      <Select aria-label={t("evals.plot.funnel_flow")} className="mb-3 !w-auto" value={f?.flow} onChange={(e) => setFlow(e.target.value)}>
        {funnels.map((x) => <option key={x.flow} value={x.flow}>{titled(book, "flow", x.flow)}</option>)}
      </Select>
      <Bars max={most} rows={steps.map((s) => ({ key: s.step, label: name(s.step), value: s.dialogues, tint: s.step === "completed" ? "live" : "accent", text: `${number(s.dialogues)} · ${percent(s.dialogues / most)}`, note: stopped(s.step) || undefined }))} />
    </Plot>
  );
}

/** How reliability falls with repetition. */
function Hat({ points }: { points: { k: number; rate: number }[] }) {
  const { t } = useTranslation();
  return (
    <Plot title={t("evals.hat_title")} note={t("evals.hat_note")} head={["k", t("evals.share")]} rows={points.map((p) => [p.k, percent(p.rate, 1)])}>
      <Bars rows={points.slice(0, 10).map((p) => ({ key: String(p.k), label: t("evals.in_a_row", { count: p.k }), value: p.rate, text: percent(p.rate, 1) }))} />
    </Plot>
  );
}
