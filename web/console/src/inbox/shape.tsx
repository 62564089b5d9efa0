import { useTranslation } from "react-i18next";
import { Skeleton } from "../ui/state";

/** The shape of a conversation that is on its way. */
export function ConversationShape() {
  const { t } = useTranslation();
  return (
    <section className="flex min-w-0 flex-1 flex-col bg-bg" role="status" aria-label={t("common.loading")}>
      <div className="flex h-14 items-center gap-3 border-b border-line bg-surface px-4">
        <Skeleton className="size-8 rounded-full" />
        <Skeleton className="h-4 w-40" />
      </div>
      <div className="flex-1 space-y-5 p-6">
        <Skeleton className="h-12 w-3/5 rounded-lg" />
        <Skeleton className="ml-auto h-16 w-1/2 rounded-lg" />
        <Skeleton className="h-10 w-2/5 rounded-lg" />
      </div>
      <div className="border-t border-line bg-surface p-4">
        <Skeleton className="h-16 w-full rounded-lg" />
      </div>
    </section>
  );
}
