import { useTranslation } from "react-i18next";
import type { Contact } from "../api/types";
import { numberFor } from "../voice/number";

/** What a customer is called: by his name, else by the number he calls or writes from, else a visitor. */
export function useWho(): (contact: Partial<Contact>, at?: { channel: string; address?: string }) => string {
  const { t } = useTranslation();
  return (contact, at) => contact.name || numberFor(contact, at) || t("inbox.visitor");
}
