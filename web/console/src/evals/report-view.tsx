import { clsx } from "clsx";
import { Bot, ChevronDown, ChevronRight, CircleAlert, CircleCheck, MousePointerClick, UserRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { number, percent } from "../lib/time";
import { td, th } from "../ui/bits";
import { Badge } from "../ui/state";
import { type CaseResult, change, failures, type Report, type Turn } from "./report";

/** The number first, its change second, then what failed with its transcript, then every suite. */
export function ReportView({ report: r, before }: { report: Report; before?: Report }) {
  const { t } = useTranslation();
  const bad = failures(r);
  const diff = before && change(r, before);
  const share = r.cases ? r.passed / r.cases : 0;
  const was = before?.cases ? before.passed / before.cases : undefined;
  const hat = (r.pass_hat ?? []).find((p) => p.k === r.repeat);
  return (
    <div className="space-y-6">
      <section className="flex flex-wrap items-end gap-x-10 gap-y-4" aria-label={t("evals.result")}>
        <div>
          <p className="text-2xl font-semibold tabular-nums">{percent(share, 1)}</p>
          <p className="text-text-2">{t("evals.of_cases", { passed: number(r.passed), cases: number(r.cases) })}</p>
          {was !== undefined && (
            <p className={clsx("mt-0.5 text-xs", share < was ? "text-breach" : share > was ? "text-live" : "text-text-3")}>
              {share === was ? t("evals.no_change") : t(share > was ? "evals.up" : "evals.down", { n: percent(Math.abs(share - was), 1) })}
              {diff && diff.broke.length > 0 && ` · ${t("evals.broke", { count: diff.broke.length })}`}
              {diff && diff.mended.length > 0 && ` · ${t("evals.mended", { count: diff.mended.length })}`}
            </p>
          )}
        </div>
        {r.repeat > 1 && hat && (
          <div>
            <p className="text-xl font-semibold tabular-nums">{percent(hat.rate, 1)}</p>
            <p className="text-text-3">{t("evals.pass_hat", { k: hat.k })}</p>
          </div>
        )}
        {r.flaky > 0 && (
          <div>
            <p className="text-xl font-semibold tabular-nums">{number(r.flaky)}</p>
            <p className="text-text-3">{t("evals.flaky")}</p>
          </div>
        )}
        {(r.langs ?? []).map((l) => (
          <div key={l.lang}>
            <p className="text-xl font-semibold tabular-nums">{percent(l.cases ? l.passed / l.cases : 0)}</p>
            <p className="text-text-3">{l.lang === "zh" ? "中文" : "English"} · {l.passed}/{l.cases}</p>
          </div>
        ))}
      </section>
      {r.repeat > 1 && (r.pass_hat?.length ?? 0) > 1 && <Hat points={r.pass_hat ?? []} />}
      <section>
        <h2 className="mb-2 text-base font-semibold">{t("evals.failures")}</h2>
        {bad.length === 0 ? (
          <p className="flex items-center gap-2 text-live"><CircleCheck size={15} aria-hidden />{t("evals.none_failed")}</p>
        ) : (
          <ul className="divide-y divide-line rounded-lg border border-line">
            {bad.map((c) => <Case key={`${c.suite}/${c.name}/${c.lang}`} c={c} fresh={diff?.broke.includes(c)} />)}
          </ul>
        )}
      </section>
      <section>
        <h2 className="mb-2 text-base font-semibold">{t("evals.suites")}</h2>
        <div className="overflow-x-auto rounded-lg border border-line" tabIndex={0} role="region" aria-label={t("evals.suites")}>
          <table className="w-full">
            <thead className="border-b border-line">
              <tr>
                <th scope="col" className={th}>{t("evals.suite")}</th>
                <th scope="col" className={th}>{t("evals.result")}</th>
                <th scope="col" className={`${th} !text-right`}>{t("evals.cases")}</th>
                <th scope="col" className={`${th} !text-right`}>{t("evals.took")}</th>
              </tr>
            </thead>
            <tbody>
              {r.suites.map((s) => (
                <tr key={s.name} className="border-b border-line last:border-0">
                  <td className={td}><span className="font-medium">{s.name}</span> <span className="text-xs text-text-3">{s.file}</span></td>
                  <td className={td}>{s.failed ? <Badge meaning="breach">{t("evals.failed_n", { n: s.failed })}</Badge> : <Badge meaning="live">{t("evals.all_passed")}</Badge>}</td>
                  <td className={`${td} text-right tabular-nums`}>{s.passed + s.failed}</td>
                  <td className={`${td} text-right text-text-3 tabular-nums`}>{took(s.took_ns)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
}

function took(ns: number): string {
  const ms = ns / 1e6;
  return ms < 1000 ? `${number(ms, { maximumFractionDigits: 0 })} ms` : `${number(ms / 1000, { maximumFractionDigits: 1 })} s`;
}

/** How reliability falls with repetition; bars from zero, the numbers beside them. */
function Hat({ points }: { points: { k: number; rate: number }[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <h2 className="mb-2 text-base font-semibold">{t("evals.hat_title")}</h2>
      <table className="w-full max-w-120">
        <tbody>
          {points.slice(0, 10).map((p) => (
            <tr key={p.k}>
              <th scope="row" className="w-28 pr-3 text-left text-xs font-normal whitespace-nowrap text-text-3">{t("evals.in_a_row", { count: p.k })}</th>
              <td className="py-0.5"><span className="block h-3 rounded-sm bg-accent" style={{ width: `${Math.max(0.5, p.rate * 100)}%` }} aria-hidden /></td>
              <td className="w-16 pl-3 text-right tabular-nums">{percent(p.rate, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function why(c: CaseResult): string {
  if (c.playing.error) return c.playing.error;
  const p = c.playing.turns?.flatMap((x) => x.problems ?? [])[0];
  return p ? p.key : "";
}

function Case({ c, fresh }: { c: CaseResult; fresh?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex w-full items-center gap-2 px-3 py-2 text-left hover:bg-hover">
        {open ? <ChevronDown size={14} className="shrink-0 text-text-3" aria-hidden /> : <ChevronRight size={14} className="shrink-0 text-text-3" aria-hidden />}
        <CircleAlert size={14} className="shrink-0 text-breach" aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="font-medium">{c.name}</span>
          <span className="ml-2 text-xs text-text-3">{c.suite} · {c.file}:{c.line}{why(c) && ` · ${why(c)}`}</span>
        </span>
        {fresh && <Badge meaning="warning">{t("evals.fresh")}</Badge>}
        {c.runs > 1 && <span className="text-xs text-text-3 tabular-nums">{c.passes}/{c.runs}</span>}
      </button>
      {open && (
        <div className="border-t border-line bg-bg px-4 py-3">
          {(c.playing.turns ?? []).map((turn, i) => <TurnView key={i} turn={turn} />)}
          {c.playing.error && <p className="mt-2 rounded-md bg-breach-soft px-3 py-2 text-breach">{c.playing.error}</p>}
        </div>
      )}
    </li>
  );
}

function TurnView({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  return (
    <div className="mb-3 space-y-1 last:mb-0">
      {(turn.user || turn.tap) && (
        <p className="flex items-start gap-2">
          {turn.tap ? <MousePointerClick size={14} className="mt-[3px] shrink-0 text-text-3" aria-label={t("thread.tapped")} role="img" /> : <UserRound size={14} className="mt-[3px] shrink-0 text-text-3" aria-label={t("evals.customer")} role="img" />}
          <span className="font-medium">{turn.user || turn.tap}</span>
          <span className="text-xs text-text-3">:{turn.line}</span>
        </p>
      )}
      {turn.bot?.map((l, i) => (
        <div key={i} className="flex items-start gap-2 text-text-2">
          <Bot size={14} className="mt-[3px] shrink-0 text-text-3" aria-label={t("thread.bot")} role="img" />
          <div>
            {l.text && <p className="whitespace-pre-wrap">{l.text}</p>}
            {l.card && l.card.length > 0 && <p className="text-xs text-text-3">{l.card.join(" · ")}</p>}
            {l.options && l.options.length > 0 && <p className="flex flex-wrap gap-1 pt-0.5">{l.options.map((o) => <span key={o} className="rounded-full border border-line-strong px-2 text-xs">{o}</span>)}</p>}
          </div>
        </div>
      ))}
      {turn.problems?.map((p) => (
        <dl key={p.key} className="ml-[22px] grid grid-cols-[auto_1fr] gap-x-3 rounded-md bg-breach-soft px-3 py-1.5 text-xs text-breach">
          <dt className="col-span-2 font-semibold">{p.key}</dt>
          <dt>{t("evals.want")}</dt>
          <dd className="break-words">{p.want}</dd>
          <dt>{t("evals.got")}</dt>
          <dd className="break-words">{p.got}</dd>
        </dl>
      ))}
    </div>
  );
}
