import { useQuery } from "@tanstack/react-query";
import { ArrowRight, CheckCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import type { ArticleContent, ID } from "../api/types";
import { number, percent } from "../lib/time";
import { plainText } from "../voice/plain";
import { Badge, Failed, type Meaning, Note } from "../ui/state";
import { contentOf } from "./api";
import { broken, type Given, type Impact as ImpactOf, moved, quiet } from "./impact-api";
import { Bar } from "./sources/run";

const look: Record<ImpactOf["answers"][number]["kind"], Meaning> = { gained: "live", lost: "breach", other_article: "warning", other_text: "waiting" };
const FEW = 5;

export const impactQuery = (id: ID, content: ArticleContent) => ({
  queryKey: ["article", id, "impact", JSON.stringify(contentOf(content))],
  queryFn: () => api.post<ImpactOf>(`/api/articles/${id}/impact`, contentOf(content), { limit: 60_000 }),
  staleTime: 30_000,
  retry: false,
});

/** What publishing would change: past questions asked again, suggestions, tests and sets of questions. */
export function Impact({ id, content }: { id: ID; content: ArticleContent }) {
  const { t } = useTranslation();
  const found = useQuery(impactQuery(id, content));
  if (found.isPending)
    return (
      <div role="status" className="space-y-2 py-6">
        <p className="text-center text-text-2">{t("impact.looking")}</p>
        <Bar done={0} total={0} label={t("impact.looking")} />
      </div>
    );
  if (found.isError) return <Failed error={found.error} what={t("impact.failed")} retry={() => void found.refetch()} />;
  const i = found.data;
  const breaks = broken(i);
  return (
    <div className="space-y-5">
      {quiet(i) ? (
        <div className="flex flex-col items-center gap-1 py-6 text-center">
          <span className="flex size-10 items-center justify-center rounded-full bg-live-soft text-live"><CheckCheck size={18} aria-hidden /></span>
          <p className="mt-1 font-medium">{t("impact.nothing")}</p>
          <p className="text-text-3">{i.looked ? t("impact.nothing_text", { count: i.looked }) : t("impact.never_asked")}</p>
        </div>
      ) : (
        <ul className="flex flex-wrap gap-2" aria-label={t("impact.sum")}>
          {breaks > 0 && <li><Badge meaning="breach">{t("impact.breaks", { count: breaks })}</Badge></li>}
          {i.answers.length > 0 && <li><Badge meaning="waiting">{t("impact.answers_n", { count: i.answers.length })}</Badge></li>}
          {i.suggested.length > 0 && <li><Badge meaning="done">{t("impact.suggested_n", { count: i.suggested.length })}</Badge></li>}
          {i.suites.fixed.length > 0 && <li><Badge meaning="live">{t("impact.fixed_n", { count: i.suites.fixed.length })}</Badge></li>}
        </ul>
      )}
      {i.partial && <Note meaning="warning">{t("impact.partial", { looked: number(i.looked), asked: number(i.asked) })}</Note>}
      {i.suites.broken.length > 0 && (
        <Part title={t("impact.broken")}>
          <Few items={i.suites.broken} of={(c) => <li key={`${c.suite} ${c.name}`} className="px-3 py-2"><p className="font-medium">{c.name} <span className="text-xs font-normal text-text-3">{c.playbook} · {c.suite}</span></p>{c.why && <p className="text-xs text-breach">{c.why}</p>}</li>} />
        </Part>
      )}
      {i.answers.length > 0 && (
        <Part title={t("impact.answers")}>
          <Few
            items={i.answers}
            of={(a) => (
              <li key={a.text + a.playbook} className="px-3 py-2.5">
                <p className="mb-1.5 flex flex-wrap items-baseline gap-2">
                  <span className="min-w-0 flex-1 font-medium" lang={a.lang === "zh" ? "zh-CN" : "en"}>{a.text}</span>
                  {a.times > 1 && <span className="text-xs text-text-3 tabular-nums">×{number(a.times)}</span>}
                  <Badge meaning={look[a.kind]}>{t(`impact.kind.${a.kind}`)}</Badge>
                </p>
                <Turn before={<Said given={a.before} />} after={<Said given={a.after} />} />
              </li>
            )}
          />
        </Part>
      )}
      {moved(i).length > 0 && (
        <Part title={t("impact.sets")}>
          <Few
            items={moved(i)}
            of={(s) => (
              <li key={s.name + s.lang} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                <span className="min-w-0 flex-1"><span className="font-medium">{s.name}</span> <span className="text-xs text-text-3">{s.playbook}</span></span>
                {s.breaks && <Badge meaning="breach">{t("impact.set_breaks")}</Badge>}
                <span className="tabular-nums">{t("impact.hit3")} {percent(s.before.hit_at_3)} → <span className={s.after.hit_at_3 < s.before.hit_at_3 ? "font-semibold text-breach" : s.after.hit_at_3 > s.before.hit_at_3 ? "font-semibold text-live" : ""}>{percent(s.after.hit_at_3)}</span></span>
                {s.worse.length > 0 && <p className="basis-full text-xs text-text-2">{t("impact.worse")}: {s.worse.slice(0, 3).map((w) => w.question).join(t("common.semicolon"))}</p>}
              </li>
            )}
          />
        </Part>
      )}
      {i.suggested.length > 0 && (
        <Part title={t("impact.suggested")}>
          <Few
            items={i.suggested}
            of={(s) => (
              <li key={s.text + s.playbook} className="px-3 py-2.5">
                <p className="mb-1.5 font-medium" lang={s.lang === "zh" ? "zh-CN" : "en"}>{s.text}{s.times > 1 && <span className="ml-2 text-xs font-normal text-text-3 tabular-nums">×{number(s.times)}</span>}</p>
                <Turn before={<Offered list={s.before} />} after={<Offered list={s.after} />} />
              </li>
            )}
          />
        </Part>
      )}
      {i.suites.fixed.length > 0 && <Part title={t("impact.fixed")}><Few items={i.suites.fixed} of={(c) => <li key={`${c.suite} ${c.name}`} className="px-3 py-2">{c.name} <span className="text-xs text-text-3">{c.suite}</span></li>} /></Part>}
      {!quiet(i) && <p className="text-xs text-text-3">{i.looked > 0 && t("impact.looked", { count: i.looked })}{i.suites.ran > 0 && ` ${t("impact.ran", { count: i.suites.ran })}`}</p>}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 text-xs font-semibold text-text-2">{title}</h3>
      {children}
    </section>
  );
}

/** The first of a list; the rest on request. */
function Few<T>({ items, of }: { items: T[]; of: (x: T) => ReactNode }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className="divide-y divide-line rounded-md border border-line">{(all ? items : items.slice(0, FEW)).map(of)}</ul>
      {items.length > FEW && <button type="button" className="mt-1.5 text-xs text-text-2 underline underline-offset-2" onClick={() => setAll(!all)}>{all ? t("common.less") : t("common.all_n", { n: items.length })}</button>}
    </>
  );
}

function Turn({ before, after }: { before: ReactNode; after: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-2 text-xs md:grid-cols-[1fr_auto_1fr]">
      <div className="min-w-0 rounded-sm bg-breach-soft px-2 py-1"><span className="sr-only">{t("impact.before")}: </span>{before}</div>
      <ArrowRight size={14} aria-hidden className="self-center text-text-3 max-md:hidden" />
      <div className="min-w-0 rounded-sm bg-live-soft px-2 py-1"><span className="sr-only">{t("impact.after")}: </span>{after}</div>
    </div>
  );
}

function Said({ given: g }: { given: Given }) {
  const { t } = useTranslation();
  if (!g.ok) return <span className="text-text-2">{t("impact.no_answer")}</span>;
  return (
    <>
      {g.article && <span className="block font-medium">{g.article.title}</span>}
      <span className="line-clamp-4">{plainText(g.text ?? "")}</span>
    </>
  );
}

function Offered({ list }: { list: { title: string; text: string }[] }) {
  const { t } = useTranslation();
  if (!list.length) return <span className="text-text-2">{t("impact.no_suggestion")}</span>;
  return list.map((o, n) => <p key={n} className="line-clamp-2"><span className="font-medium">{o.title}</span> {plainText(o.text)}</p>);
}
