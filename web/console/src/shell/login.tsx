import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client, meQuery, setupQuery } from "../api/queries";
import type { Me } from "../api/types";
import { currentLang, setLang } from "../i18n";
import { Button } from "../ui/button";
import { Field, TextInput } from "../ui/field";
import { Note, useErrorText } from "../ui/state";

function Page({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const { i18n } = useTranslation();
  const other = currentLang() === "zh" ? "en" : "zh";
  return (
    <main className="flex h-full flex-col items-center justify-center overflow-auto bg-bg p-4">
      <div className="w-full max-w-90">
        <div className="mb-6 flex items-center gap-2.5">
          <Logo size={28} />
          <span className="text-lg font-semibold">Parley</span>
          <span className="flex-1" />
          <button type="button" lang={other === "zh" ? "zh-CN" : "en"} className="rounded-md px-2 py-1 text-text-2 hover:bg-sunken" onClick={() => void setLang(other)} key={i18n.language}>
            {other === "zh" ? "中文" : "English"}
          </button>
        </div>
        <div className="rounded-xl border border-line bg-surface p-6 shadow-sm">
          <h1 className="text-lg font-semibold">{title}</h1>
          <p className="mt-1 mb-5 text-text-2">{text}</p>
          {children}
        </div>
      </div>
    </main>
  );
}

export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path d="M9 9.5h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-6.5L12 24.5v-4H9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2Z" className="fill-on-accent" />
      <path d="M11.5 13.5h9M11.5 16.8h5.5" className="stroke-accent" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}

function useEnter(path: string) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const body = Object.fromEntries(new FormData(e.currentTarget));
    setBusy(true);
    setError(undefined);
    try {
      const me = await api.post<Me>(path, body);
      client.setQueryData(setupQuery.queryKey, { needed: false });
      if (me?.permissions) client.setQueryData(meQuery.queryKey, me);
      else await client.resetQueries({ queryKey: meQuery.queryKey });
    } catch (err) {
      setError(err);
      setBusy(false);
    }
  };
  const field = error instanceof ApiError ? error.field : undefined;
  return { busy, error, field, submit };
}

export function Login() {
  const { t } = useTranslation();
  const text = useErrorText();
  const { busy, error, submit } = useEnter("/api/login");
  return (
    <Page title={t("login.title")} text={t("login.text")}>
      <form onSubmit={submit} className="space-y-4">
        <Field label={t("login.email")}>{(p) => <TextInput {...p} name="email" type="email" autoComplete="username" required autoFocus className="h-9" />}</Field>
        <Field label={t("login.password")}>{(p) => <TextInput {...p} name="password" type="password" autoComplete="current-password" required className="h-9" />}</Field>
        {error !== undefined && <Note meaning="breach">{text(error)}</Note>}
        <Button type="submit" tone="primary" className="h-9 w-full" disabled={busy}>{busy ? t("login.busy") : t("login.go")}</Button>
      </form>
    </Page>
  );
}

export function Setup() {
  const { t } = useTranslation();
  const text = useErrorText();
  const { busy, error, field, submit } = useEnter("/api/setup");
  const own = (name: string) => (field === name ? text(error) : undefined);
  return (
    <Page title={t("setup.title")} text={t("setup.text")}>
      <form onSubmit={submit} className="space-y-4">
        <Field label={t("setup.name")} error={own("name")}>{(p) => <TextInput {...p} name="name" autoComplete="name" required autoFocus className="h-9" />}</Field>
        <Field label={t("login.email")} error={own("email")}>{(p) => <TextInput {...p} name="email" type="email" autoComplete="username" required className="h-9" />}</Field>
        <Field label={t("login.password")} hint={t("setup.password_hint")} error={own("password")}>
          {(p) => <TextInput {...p} name="password" type="password" autoComplete="new-password" minLength={10} required className="h-9" />}
        </Field>
        {error !== undefined && !field && <Note meaning="breach">{text(error)}</Note>}
        <Button type="submit" tone="primary" className="h-9 w-full" disabled={busy}>{t("setup.go")}</Button>
      </form>
    </Page>
  );
}
