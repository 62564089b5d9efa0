import { useTranslation } from "react-i18next";
import { isNumber, readable } from "./number";

/** The customer's number, or that he calls from his browser. */
export function Caller({ number }: { number: string }) {
  const { t } = useTranslation();
  return <>{isNumber(number) ? readable(number) : t("call.browser")}</>;
}
