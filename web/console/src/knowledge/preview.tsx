import { BookOpenText } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ArticleContent, Lang } from "../api/types";
import { Markdown } from "../lib/markdown";
import { Tabs } from "../ui/bits";
import { Badge } from "../ui/state";

/** The article as it will be seen: in the customer's chat, or on the agent's desk. */
export function Preview({ form, lang }: { form: ArticleContent; lang: Lang }) {
  const { t } = useTranslation();
  const [as, setAs] = useState<"customer" | "agent">("customer");
  const body = useDeferredValue(form.body);
  const shown = form.audience === "agents" ? "agent" : as;
  return (
    <div className="border-b border-line p-4" lang={lang === "zh" ? "zh-CN" : "en"}>
      <div className="mb-3 flex items-center gap-2">
        {form.audience === "agents" ? <Badge meaning="done">{t("knowledge.agents_only")}</Badge> : <Tabs label={t("knowledge.seen_by")} value={as} onChange={setAs} tabs={[{ value: "customer", label: t("knowledge.as_customer") }, { value: "agent", label: t("knowledge.as_agent") }]} />}
      </div>
      {!body.trim() ? (
        <p className="py-6 text-center text-text-3">{t("knowledge.preview_empty")}</p>
      ) : shown === "customer" ? (
        <div className="rounded-xl bg-sunken p-4">
          <div className="max-w-[92%] rounded-xl rounded-tl-sm border border-line bg-surface px-4 py-3 text-lg leading-6">
            <Markdown text={body} />
          </div>
        </div>
      ) : (
        <div className="rounded-lg border border-line bg-surface p-4">
          <p className="mb-2 flex items-center gap-2 font-medium"><BookOpenText size={14} className="text-text-3" aria-hidden />{form.title}</p>
          <Markdown text={body} />
        </div>
      )}
    </div>
  );
}
