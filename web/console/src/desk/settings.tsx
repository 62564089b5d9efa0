import { useQuery } from "@tanstack/react-query";
import { Copy, KeyRound, LogOut, Trash2 } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client, listOf, meQuery } from "../api/queries";
import type { Lang, Me, Theme, Token } from "../api/types";
import { currentLang, setLang } from "../i18n";
import { sound, theme, undoAll } from "../lib/prefs";
import { may, useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { savePref, signOut } from "../shell/presence";
import { Screen, When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Check, Field, Select, TextInput } from "../ui/field";
import { Note, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { useVoice } from "../voice/desk";
import { PhoneSetup } from "../voice/phone-setup";
import { Webhooks } from "../voice/webhooks";

export function Settings() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Screen title={t("nav.settings")} sub={me.email} actions={<Button icon={<LogOut size={14} aria-hidden />} onClick={() => void signOut()}>{t("shell.sign_out")}</Button>}>
      <div className="mx-auto max-w-180 px-4 pb-10 md:px-6">
        <Profile />
        <Looks />
        <Work />
        <CallsHere />
        <Password />
        {may(me, "tokens") && <Tokens />}
        {may(me, "webhooks") && <Hooks />}
      </div>
    </Screen>
  );
}

function Block({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="grid gap-x-8 gap-y-3 border-b border-line py-6 last:border-0 md:grid-cols-[200px_1fr]">
      <div>
        <h2 className="text-base font-semibold">{title}</h2>
        {text && <p className="mt-0.5 text-xs text-text-3">{text}</p>}
      </div>
      <div className="space-y-3">{children}</div>
    </section>
  );
}

function Profile() {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const [name, setName] = useState(me.name);
  const put = async (to: string) => {
    const m = await api.put<Me>("/api/me", { name: to });
    client.setQueryData(meQuery.queryKey, (now) => now && { ...now, ...(m ?? {}), name: to });
  };
  const save = async (e: FormEvent) => {
    e.preventDefault();
    const was = me.name;
    try {
      await put(name.trim());
      toast(t("done.saved"), { undo: () => void put(was).then(() => setName(was)) });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  return (
    <Block title={t("settings.profile")} text={me.roles.map((r) => t(`role.${r}`)).join(t("common.comma"))}>
      <form className="flex items-end gap-2" onSubmit={save}>
        <Field label={t("people.name")} hint={t("settings.name_hint")} className="flex-1">{(p) => <TextInput {...p} value={name} maxLength={100} required onChange={(e) => setName(e.target.value)} />}</Field>
        <Button type="submit" className="mb-5" disabled={!name.trim() || name.trim() === me.name}>{t("common.save")}</Button>
      </form>
    </Block>
  );
}

function Looks() {
  const { t } = useTranslation();
  const look = useStore(theme);
  return (
    <Block title={t("settings.looks")}>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t("settings.lang")}>
          {(p) => (
            <Select {...p} value={currentLang()} onChange={(e) => { void setLang(e.target.value as Lang); savePref({ lang: e.target.value }); }}>
              <option value="en" lang="en">English</option>
              <option value="zh" lang="zh-CN">中文</option>
            </Select>
          )}
        </Field>
        <Field label={t("settings.theme")}>
          {(p) => (
            <Select {...p} value={look} onChange={(e) => { theme.set(e.target.value as Theme); savePref({ theme: e.target.value }); }}>
              {(["auto", "light", "dark"] as const).map((x) => <option key={x} value={x}>{t(`theme.${x}`)}</option>)}
            </Select>
          )}
        </Field>
      </div>
    </Block>
  );
}

function Work() {
  const { t } = useTranslation();
  return (
    <Block title={t("settings.work")} text={t("settings.here")}>
      <Check label={t("settings.sound")} checked={useStore(sound)} onChange={(e) => sound.set(e.target.checked)} />
      <Check label={t("settings.undo_all")} checked={useStore(undoAll)} onChange={(e) => undoAll.set(e.target.checked)} />
    </Block>
  );
}

function CallsHere() {
  const { t } = useTranslation();
  if (!useVoice()) return null;
  return (
    <Block title={t("phone.title")} text={t("phone.text")}>
      <PhoneSetup />
    </Block>
  );
}

function Hooks() {
  const { t } = useTranslation();
  return (
    <Block title={t("hooks.title")} text={t("hooks.text")}>
      <Webhooks />
    </Block>
  );
}

function Password() {
  const { t } = useTranslation();
  const text = useErrorText();
  const [error, setError] = useState<unknown>();
  const save = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const form = e.currentTarget;
    const f = new FormData(form);
    setError(undefined);
    try {
      await api.put("/api/me", { old_password: String(f.get("old")), password: String(f.get("new")) });
      form.reset();
      toast(t("settings.password_done"));
    } catch (err) {
      setError(err);
    }
  };
  const field = error instanceof ApiError ? error.field?.split(".").pop() : undefined;
  return (
    <Block title={t("login.password")} text={t("settings.password_text")}>
      <form className="space-y-3" onSubmit={save}>
        <Field label={t("settings.old")} error={field === "old_password" ? text(error) : undefined}>{(p) => <TextInput {...p} name="old" type="password" autoComplete="current-password" required />}</Field>
        <Field label={t("people.new_password")} hint={t("setup.password_hint")} error={field === "password" ? text(error) : undefined}>{(p) => <TextInput {...p} name="new" type="password" autoComplete="new-password" minLength={10} required />}</Field>
        {error !== undefined && field !== "password" && field !== "old_password" && <Note meaning="breach">{text(error)}</Note>}
        <Button type="submit">{t("settings.change")}</Button>
      </form>
    </Block>
  );
}

function Tokens() {
  const { t } = useTranslation();
  const text = useErrorText();
  const list = useQuery({ queryKey: ["tokens"], queryFn: async () => listOf<Token>(await api.get("/api/tokens", { limit: 200 })) });
  const [made, setMade] = useState<Token>();
  const create = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const form = e.currentTarget;
    const f = new FormData(form);
    try {
      setMade(await api.post<Token>("/api/tokens", { name: String(f.get("name")), days: Number(f.get("days")) || undefined }));
      form.reset();
      void client.invalidateQueries({ queryKey: ["tokens"] });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  // A revoked token does not come back, so revoking waits while it can be undone.
  const [going, setGoing] = useState<string[]>([]);
  const revoke = (tk: Token) => {
    setGoing((g) => [...g, tk.id]);
    const back = () => setGoing((g) => g.filter((x) => x !== tk.id));
    const timer = setTimeout(() => {
      api.del(`/api/tokens/${tk.id}`).then(() => client.invalidateQueries({ queryKey: ["tokens"] })).catch((err: unknown) => toast(text(err), { bad: true })).finally(back);
    }, 5000);
    toast(t("settings.revoked", { name: tk.name }), { ms: 5000, undo: () => { clearTimeout(timer); back(); } });
  };
  const rows = (list.data ?? []).filter((x) => !going.includes(x.id));
  return (
    <Block title={t("settings.tokens")} text={t("settings.tokens_text")}>
      {made?.secret && (
        <Note meaning="live">
          <p>{t("settings.token_once")}</p>
          <p className="mt-1 flex items-center gap-2">
            <code className="min-w-0 flex-1 rounded-sm bg-surface px-2 py-1 font-mono text-xs break-all text-text">{made.secret}</code>
            <IconButton small label={t("settings.copy")} onClick={() => void navigator.clipboard.writeText(made.secret ?? "").then(() => toast(t("settings.copied")))}><Copy size={13} aria-hidden /></IconButton>
          </p>
        </Note>
      )}
      {list.isError && <Note meaning="breach">{text(list.error)}</Note>}
      <ul className="divide-y divide-line rounded-lg border border-line empty:hidden">
        {rows.map((x) => (
          <li key={x.id} className="flex items-center gap-3 px-3 py-2">
            <KeyRound size={14} className="text-text-3" aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{x.name}</span>
              <span className="text-xs text-text-3">
                {x.roles.map((r) => t(`role.${r}`)).join(t("common.comma"))} · {x.used_at ? <>{t("settings.used")} <When at={x.used_at} /></> : t("settings.never_used")}
                {x.expires_at && <> · {t("settings.until")} <When at={x.expires_at} /></>}
              </span>
            </span>
            <IconButton small label={t("settings.revoke", { name: x.name })} onClick={() => revoke(x)}><Trash2 size={13} aria-hidden /></IconButton>
          </li>
        ))}
      </ul>
      <form className="flex flex-wrap items-end gap-2" onSubmit={create}>
        <Field label={t("settings.token_name")} className="min-w-40 flex-1">{(p) => <TextInput {...p} name="name" required maxLength={100} />}</Field>
        <Field label={t("settings.days")} className="w-36">{(p) => <TextInput {...p} name="days" type="number" min={1} max={3650} placeholder={t("settings.forever")} />}</Field>
        <Button type="submit">{t("settings.create")}</Button>
      </form>
    </Block>
  );
}
