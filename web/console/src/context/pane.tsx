import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { contactQuery } from "../api/queries";
import type { Opened } from "../api/types";
import { Facts } from "../conversation/hand-over";
import { may, useMe } from "../lib/session";
import { percent } from "../lib/time";
import { Section } from "../ui/bits";
import { Failed, Skeleton } from "../ui/state";
import { Articles } from "./articles";
import { Person } from "./person";
import { Pages, Talks } from "./journey";

/** What one must know beside the conversation: the person, the matter, the way here, the articles. */
export function ContextPane({ opened, handOverShown, insert }: { opened: Opened; handOverShown: boolean; insert?: (text: string) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const c = opened.conversation;
  const journey = useQuery({ ...contactQuery(c.contact_id), enabled: may(me, "contacts.read") });
  const facts = c.hand_over?.facts ?? [];
  return (
    <>
      <Person contact={journey.data?.contact ?? opened.contact} writable={may(me, "contacts.write")} conversation={c.id} opened={opened} />
      {!handOverShown && (facts.length > 0 || c.hand_over?.wants) && (
        <Section title={t("context.matter")}>
          {c.hand_over?.wants && <p className="mb-2">{c.hand_over.wants}</p>}
          {facts.length > 0 && <Facts facts={facts} />}
        </Section>
      )}
      {c.rating ? (
        <Section title={t("context.rating")}>
          <p>{t("context.stars", { n: c.rating, share: percent(c.rating / 5) })}</p>
          {c.rating_note && <p className="text-text-2">{c.rating_note}</p>}
        </Section>
      ) : null}
      {journey.isPending && journey.isFetching ? (
        <Section title={t("context.earlier")}><Skeleton className="mb-2 h-4 w-3/4" /><Skeleton className="h-4 w-1/2" /></Section>
      ) : journey.isError ? (
        <Failed error={journey.error} retry={() => void journey.refetch()} />
      ) : journey.data ? (
        <>
          <Talks rows={(journey.data.journey?.conversations ?? []).filter((r) => r.id !== c.id)} />
          <Pages pages={journey.data.journey?.pages ?? []} />
        </>
      ) : null}
      {may(me, "articles.read") && <Articles lang={c.lang} insert={insert} />}
    </>
  );
}
