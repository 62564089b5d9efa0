import { MousePointerClick, RotateCcw, SendHorizontal, Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Content, Lang } from "../api/types";
import { Body } from "../conversation/message";
import { Button, IconButton } from "../ui/button";
import { TextInput } from "../ui/field";
import { Note, useErrorText } from "../ui/state";
import type { Book } from "./book";
import { Expects } from "./expects";
import type { CaseFile, StepFile, Turn } from "./types";
import { useChat } from "./use-chat";
import { did } from "./words";

interface Props {
  playbook: string;
  book?: Book;
  value: CaseFile;
  onChange: (c: CaseFile) => void;
  /** How the last playing went, turn by turn; the greeting is not among them. */
  played?: Turn[];
  readOnly?: boolean;
}

/** A case written by talking: what the customer does on the left, what should happen on the right of each turn. */
export function ByChat({ playbook, book, value, onChange, played, readOnly }: Props) {
  const { t } = useTranslation();
  const error = useErrorText();
  const lang: Lang = value.lang ?? "en";
  const chat = useChat(playbook, lang);
  const [text, setText] = useState("");
  const [next, setNext] = useState<string>();
  const end = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const steps = value.turns ?? [];
  const open = value.open !== false;

  // What is written is played once, and again when its language or its turns come from elsewhere.
  const seen = useRef("");
  const mine = useRef(0);
  const shape = JSON.stringify([playbook, lang, open]);
  useEffect(() => {
    if (seen.current === shape && mine.current === steps.length) return;
    seen.current = shape;
    mine.current = steps.length;
    void chat.replay(steps, open);
  }, [shape, steps.length]);

  const add = async (what: Parameters<typeof chat.say>[0]) => {
    const step = await chat.say(what);
    if (!step) return;
    mine.current = steps.length + 1;
    onChange({ ...value, turns: [...steps, step] });
    requestAnimationFrame(() => {
      end.current?.scrollIntoView({ block: "nearest" });
      field.current?.focus();
    });
  };
  const takeBack = () => {
    mine.current = steps.length - 1;
    chat.back();
    onChange({ ...value, turns: steps.slice(0, -1) });
  };
  const restart = () => {
    mine.current = 0;
    onChange({ ...value, turns: [] });
    void chat.replay([], open);
  };
  const put = (i: number, part: Partial<StepFile>) => onChange({ ...value, turns: steps.map((s, j) => (j === i ? { ...s, ...part } : s)) });
  const upTo = chat.turns.length;
  const live = upTo === steps.length && !chat.over && !readOnly;
  // What was sent while the bot still thought goes out when it is done.
  useEffect(() => {
    if (chat.busy || next === undefined) return;
    setNext(undefined);
    if (live) void add({ user: next });
  }, [chat.busy, next]);
  const newest = (upTo ? chat.turns[upTo - 1] : chat.greeting)?.messages ?? [];
  return (
    <section aria-label={t("evals.chat")} className="flex min-w-0 flex-col">
      <ol className="space-y-4" aria-label={t("evals.turns")}>
        {open && chat.greeting && (
          <li className="md:pr-[336px]">
            <Said messages={chat.greeting.messages} live={live && upTo === 0} busy={chat.busy} onTap={(o) => void add(o)} />
          </li>
        )}
        {steps.map((s, i) => {
          const turn = chat.turns[i];
          const went = played?.[i];
          const what = turn ? did(turn.marks, book) : "";
          return (
            <li key={i} aria-label={t("evals.turn_n", { n: i + 1 })} className={`grid gap-3 rounded-lg border p-3 md:grid-cols-[1fr_320px] ${went?.problems?.length ? "border-breach" : "border-line"} bg-surface`}>
              <div className="min-w-0 space-y-2">
                <p className="ml-auto flex w-fit max-w-[85%] items-start gap-1.5 rounded-lg bg-accent-soft px-3 py-2 break-words">
                  {s.tap !== undefined && <MousePointerClick size={14} className="mt-[3px] shrink-0 text-text-3" role="img" aria-label={t("thread.tapped")} />}
                  <span className="min-w-0">{s.user ?? s.tap}</span>
                </p>
                {turn ? <Said messages={turn.messages} live={live && i === upTo - 1} busy={chat.busy} onTap={(o) => void add(o)} /> : <p className="text-xs text-text-3">{chat.busy ? t("try.thinking") : t("evals.not_reached")}</p>}
                {what && <p className="text-xs text-text-3">{t("steps.bot", { line: what })}</p>}
                {turn?.over && <Note meaning="done">{t("try.ended", { status: t(`status.${turn.over as "waiting"}`) })}</Note>}
              </div>
              <div className="min-w-0 border-line max-md:border-t max-md:pt-3 md:border-l md:pl-3">
                <Expects expect={s.expect} facts={turn?.facts ?? []} book={book} troubles={went?.problems} readOnly={readOnly} onChange={(expect) => put(i, { expect })} />
              </div>
            </li>
          );
        })}
      </ol>
      {steps.length === 0 && !readOnly && <p className="mt-3 rounded-md bg-sunken px-3 py-2 text-text-2 md:mr-[336px]">{t("evals.chat_hint")}</p>}
      {chat.failed !== undefined && <div className="mt-3"><Note meaning="breach">{error(chat.failed)} <button type="button" className="font-medium underline" onClick={() => void chat.replay(steps, open)}>{t("common.retry")}</button></Note></div>}
      <div ref={end} />
      {!readOnly && (
        <form
          className="sticky bottom-0 mt-3 flex gap-2 border-t border-line bg-surface py-3"
          onSubmit={(e) => {
            e.preventDefault();
            const user = text.trim();
            if (!user || !(live || chat.busy)) return;
            setText("");
            if (chat.busy) setNext(user);
            else void add({ user });
          }}
        >
          <TextInput ref={field} value={text} onChange={(e) => setText(e.target.value)} aria-label={t("evals.customer_says")} placeholder={t(live ? "evals.customer_says" : chat.busy ? "try.thinking" : chat.over ? "evals.chat_over" : "evals.chat_stuck")} disabled={!live && !chat.busy} className="h-9" />
          <IconButton label={t("composer.send")} type="submit" disabled={!text.trim() || !(live || chat.busy)}><SendHorizontal size={16} aria-hidden /></IconButton>
          <IconButton label={t("evals.take_back")} disabled={steps.length === 0 || chat.busy} onClick={takeBack}><Undo2 size={16} aria-hidden /></IconButton>
          <IconButton label={t("try.restart")} disabled={steps.length === 0 || chat.busy} onClick={restart}><RotateCcw size={16} aria-hidden /></IconButton>
          {newest.length === 0 && chat.busy && <span className="sr-only" role="status">{t("try.thinking")}</span>}
        </form>
      )}
    </section>
  );
}

function Said({ messages, live, busy, onTap }: { messages: Content[]; live: boolean; busy: boolean; onTap: (o: NonNullable<Content["options"]>[number]) => void }) {
  const last = messages.findLastIndex((m) => m.options?.length);
  return (
    <div className="space-y-1.5">
      {messages.map((m, i) => (
        <div key={i}>
          <div className="w-fit max-w-[92%] rounded-lg border border-line bg-bg px-3 py-2"><Body content={m} /></div>
          {m.options && m.options.length > 0 && (
            <div className="mt-1.5 flex flex-wrap gap-1.5">
              {m.options.map((o) => (
                <Button key={o.id} small disabled={busy || !live || i !== last} onClick={() => onTap(o)} className={o.nav ? "border-dashed" : undefined}>{o.label}</Button>
              ))}
            </div>
          )}
        </div>
      ))}
    </div>
  );
}
