import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "@tanstack/react-query";
import { PhoneOff } from "lucide-react";
import { may, type Permission, useMe } from "../lib/session";
import { Screen, Tabs } from "../ui/bits";
import { Empty, Failed, SkeletonRows } from "../ui/state";
import { voiceQuery } from "./api";
import { Live } from "./board";

const Records = lazy(async () => ({ default: (await import("./records")).Records }));
const Prompts = lazy(async () => ({ default: (await import("./prompts")).Prompts }));
const Lines = lazy(async () => ({ default: (await import("./lines")).Lines }));

const tabs = ["live", "records", "prompts", "lines"] as const;
type Tab = (typeof tabs)[number];
const needs: Record<Tab, Permission> = { live: "voice.supervise", records: "voice.read", prompts: "voice.write", lines: "voice.write" };

/** Everything about calls that is not one conversation: those that are up, those that were, and what they are made with. */
export function Calls() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string };
  const voice = useQuery(voiceQuery);
  const seen = tabs.filter((x) => may(me, needs[x]));
  const tab = seen.find((x) => x === search.tab) ?? seen[0];
  const choose = (to: Tab) => void navigate({ to: "/calls", search: { tab: to }, replace: true } as never);
  return (
    <Screen title={t("nav.calls")} sub={t("calls.sub")} actions={voice.data?.enabled && <Tabs label={t("calls.tabs")} value={tab} onChange={choose} tabs={seen.map((value) => ({ value, label: t(`calls.tab.${value}`) }))} />}>
      {voice.isPending ? (
        <SkeletonRows rows={5} />
      ) : voice.isError ? (
        <Failed error={voice.error} retry={() => void voice.refetch()} />
      ) : !voice.data.enabled ? (
        <Empty icon={<PhoneOff size={18} aria-hidden />} title={t("calls.off")}>{t("calls.off_text")}</Empty>
      ) : (
        <Suspense fallback={<SkeletonRows rows={5} />}>
          {tab === "live" && <Live />}
          {tab === "records" && <Records />}
          {tab === "prompts" && <Prompts />}
          {tab === "lines" && <Lines />}
        </Suspense>
      )}
    </Screen>
  );
}
