import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { Frame } from "../knowledge/frame";
import { playbooksQuery } from "../playbooks/api";
import { Tabs } from "../ui/bits";
import { Button } from "../ui/button";
import { Select } from "../ui/field";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { look, refresh } from "./api";
import { Articles } from "./articles";
import { Drafts } from "./drafts";
import { Pairs } from "./pairs";
import { Questions } from "./questions";

const views = ["questions", "pairs", "articles", "drafts"] as const;
type View = (typeof views)[number];

/** What to improve: what was asked in vain, what says the same or the contrary, what helps nobody, what agents wrote already. */
export function Improve() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { view?: View; playbook?: string; lang?: string };
  const view = views.includes(search.view as View) ? (search.view as View) : "questions";
  const set = (change: Partial<typeof search>) => void navigate({ to: "/knowledge/improve", search: { ...search, ...change }, replace: true } as never);
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const text = useErrorText();
  const [looking, setLooking] = useState(false);
  const again = async () => {
    setLooking(true);
    try {
      await look();
      refresh();
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setLooking(false);
    }
  };
  const filter = { playbook: search.playbook ?? "", lang: search.lang ?? "" };
  return (
    <Frame sub={t("insight.sub")} actions={may(me, "articles.write") && <Button icon={<RefreshCw size={14} aria-hidden />} disabled={looking} onClick={() => void again()}>{looking ? t("insight.looking") : t("insight.look")}</Button>}>
      <div className="flex h-full min-h-0 flex-col">
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-6">
          <Tabs className="overflow-x-auto" label={t("knowledge.room.improve")} value={view} onChange={(v) => set({ view: v })} tabs={views.map((v) => ({ value: v, label: t(`insight.view.${v}`) }))} />
          <span className="flex-1" />
          <Select className="!w-auto" aria-label={t("sources.playbook")} value={filter.playbook} onChange={(e) => set({ playbook: e.target.value || undefined })}>
            <option value="">{t("canned.any_playbook")}</option>
            {books.data?.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
          </Select>
          {view !== "drafts" && (
            <Select className="!w-auto" aria-label={t("knowledge.lang")} value={filter.lang} onChange={(e) => set({ lang: e.target.value || undefined })}>
              <option value="">{t("knowledge.any_lang")}</option>
              <option value="en">English</option>
              <option value="zh">中文</option>
            </Select>
          )}
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto">
          {view === "questions" && <Questions filter={filter} />}
          {view === "pairs" && <Pairs filter={filter} />}
          {view === "articles" && <Articles filter={filter} />}
          {view === "drafts" && <Drafts playbook={filter.playbook} />}
        </div>
      </div>
    </Frame>
  );
}
