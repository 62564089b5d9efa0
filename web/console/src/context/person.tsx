import { clsx } from "clsx";
import { BadgeCheck, Mail, Pencil, Phone } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, contactQuery, conversationQuery } from "../api/queries";
import type { Contact, ContactPage, Opened } from "../api/types";
import { Section } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Chips, Field, TextInput } from "../ui/field";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { NumberLink } from "../voice/call-button";
import { numbersOf } from "../voice/number";

export function Person({ contact, writable, conversation, opened }: { contact: Contact; writable: boolean; conversation: string; opened: Opened }) {
  const { t } = useTranslation();
  const [edit, setEdit] = useState(false);
  const numbers = numbersOf(contact, opened.conversation);
  const attributes = Object.entries(contact.attributes ?? {});
  return (
    <Section title={t("context.person")} actions={writable && !edit && <IconButton small label={t("context.edit")} onClick={() => setEdit(true)}><Pencil size={13} aria-hidden /></IconButton>}>
      {edit ? (
        <Edit contact={contact} conversation={conversation} done={() => setEdit(false)} />
      ) : (
        <div className="space-y-1.5">
          <p className="flex items-center gap-1.5 font-medium">
            <span className={clsx("min-w-0 break-words", !contact.name && "font-normal text-text-3")}>{contact.name || t(numbers.length ? "context.no_name" : "inbox.visitor")}</span>
            {contact.verified && <span title={t("context.verified")}><BadgeCheck size={14} className="text-live" aria-label={t("context.verified")} role="img" /></span>}
          </p>
          {contact.email && <p className="flex items-center gap-2 text-text-2"><Mail size={13} className="shrink-0 text-text-3" aria-hidden /><a href={`mailto:${contact.email}`} className="truncate hover:underline">{contact.email}</a></p>}
          {numbers.map((n) => <p key={n} className="flex items-center gap-2 text-text-2"><Phone size={13} className="shrink-0 text-text-3" aria-hidden /><NumberLink opened={opened} number={n} /></p>)}
          {attributes.length > 0 && (
            <dl className="space-y-1 pt-1">
              {attributes.map(([k, v]) => (
                <div key={k} className="flex gap-2">
                  <dt className="w-20 shrink-0 truncate text-text-3" title={k}>{k}</dt>
                  <dd className="min-w-0 break-words">{v}</dd>
                </div>
              ))}
            </dl>
          )}
          {contact.tags && contact.tags.length > 0 && <p className="flex flex-wrap gap-1 pt-1">{contact.tags.map((x) => <span key={x} className="rounded-sm bg-sunken px-1.5 text-xs text-text-2">{x}</span>)}</p>}
        </div>
      )}
    </Section>
  );
}

function Edit({ contact, conversation, done }: { contact: Contact; conversation: string; done: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [tags, setTags] = useState(contact.tags ?? []);
  const [busy, setBusy] = useState(false);
  const save = async (change: Partial<Contact>) => {
    await api.put(`/api/contacts/${contact.id}`, change);
    client.setQueryData<ContactPage>(contactQuery(contact.id).queryKey, (p) => p && { ...p, contact: { ...p.contact, ...change } });
    client.setQueryData<Opened>(conversationQuery(conversation).queryKey, (o) => o && { ...o, contact: { ...o.contact, ...change } });
    void client.invalidateQueries({ queryKey: contactQuery(contact.id).queryKey });
  };
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    const s = (k: string) => String(f.get(k) ?? "").trim();
    const attributes = Object.fromEntries(Object.keys(contact.attributes ?? {}).map((k) => [k, s(`a:${k}`)]).filter(([, v]) => v));
    const was: Partial<Contact> = { name: contact.name, email: contact.email ?? "", phone: contact.phone ?? "", tags: contact.tags ?? [], attributes: contact.attributes ?? {} };
    setBusy(true);
    try {
      await save({ name: s("name"), email: s("email"), phone: s("phone"), tags, attributes });
      toast(t("done.saved"), { undo: () => void save(was).catch((err: unknown) => toast(text(err), { bad: true })) });
      done();
    } catch (err) {
      setBusy(false);
      toast(text(err), { bad: true });
    }
  };
  return (
    <form onSubmit={submit} className="space-y-2.5" onKeyDown={(e) => e.key === "Escape" && done()}>
      <Field label={t("people.name")}>{(p) => <TextInput {...p} name="name" defaultValue={contact.name} autoFocus />}</Field>
      <Field label={t("people.email")}>{(p) => <TextInput {...p} name="email" type="email" defaultValue={contact.email} />}</Field>
      <Field label={t("context.phone")}>{(p) => <TextInput {...p} name="phone" type="tel" defaultValue={contact.phone} />}</Field>
      {Object.entries(contact.attributes ?? {}).map(([k, v]) => (
        <Field key={k} label={k}>{(p) => <TextInput {...p} name={`a:${k}`} defaultValue={v} />}</Field>
      ))}
      <Field label={t("knowledge.tags")}>{(p) => <Chips id={p.id} values={tags} onChange={setTags} removeLabel={(v) => t("common.remove", { what: v })} />}</Field>
      <div className="flex justify-end gap-2">
        <Button small onClick={done}>{t("common.cancel")}</Button>
        <Button small tone="primary" type="submit" disabled={busy}>{t("common.save")}</Button>
      </div>
    </form>
  );
}
