import type { TFunction } from "i18next";

export const causes = ["normal", "busy", "no_answer", "rejected", "unreachable", "cancelled", "congestion", "lost", "failed", "transferred", "answered"] as const;
type Cause = (typeof causes)[number];

/** Why a call ended, in words; a cause that we do not know as it stands. */
export function causeText(t: TFunction, cause: string | undefined): string {
  if (!cause) return "";
  return causes.includes(cause as Cause) ? t(`cause.${cause as Cause}`) : cause.replaceAll("_", " ");
}
