import { useTranslation } from "react-i18next";
import { callerOf, readable } from "./number";

/** The customer's number, or that he calls from his browser, or that he does not show it. */
export function Caller({ number }: { number: string }) {
  return <>{useCaller()(number)}</>;
}

export function useCaller(): (number: string) => string {
  const { t } = useTranslation();
  return (number) => {
    const kind = callerOf(number);
    return kind === "browser" ? t("call.browser") : kind === "hidden" ? t("call.hidden") : readable(number);
  };
}
