import { RotateCcw, SendHorizontal } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import type { Content, Mark, Option, Tried } from "../api/types";
import { currentLang } from "../i18n";
import { HandOverCard } from "../conversation/hand-over";
import { Body } from "../conversation/message";
import { Steps } from "../conversation/steps";
import { Button, IconButton } from "../ui/button";
import { TextInput } from "../ui/field";
import { Note, useErrorText } from "../ui/state";
import type { Files } from "./api";

type Turn = { said: string } | { content: Content } | { marks: Mark[]; at: string };

/** Talk to the files as they are now, unsaved ones too; nothing is stored. */
export function TryBot({ name, files }: { name: string; files: Files }) {
  const { t } = useTranslation();
  const error = useErrorText();
  const [turns, setTurns] = useState<Turn[]>([]);
  const [last, setLast] = useState<Tried>();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const [text, setText] = useState("");
  const [inner, setInner] = useState(false);
  const end = useRef<HTMLDivElement>(null);

  const ask = async (message: object, said: string | undefined, state: unknown) => {
    setBusy(true);
    setFailed(undefined);
    if (said) setTurns((now) => [...now, { said }]);
    try {
      const r = await api.post<Tried>(`/api/playbooks/${name}/try`, { files: Object.keys(files).length ? files : undefined, state: state ?? undefined, message, lang: state ? undefined : currentLang() });
      setLast(r);
      setTurns((now) => [...now, ...(r.marks?.length ? [{ marks: r.marks, at: new Date().toISOString() }] : []), ...(r.messages ?? []).map((content) => ({ content }))]);
    } catch (err) {
      setFailed(err);
    } finally {
      setBusy(false);
    }
  };
  const restart = () => {
    setTurns([]);
    setLast(undefined);
    void ask({}, undefined, undefined);
  };
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void ask({}, undefined, undefined);
  }, []);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [turns]);

  const tap = (o: Option) => void ask({ option: o.id }, o.label, last?.state);
  const newest = turns.findLastIndex((x) => "content" in x && x.content.options?.length);
  return (
    <section aria-label={t("try.title")} className="flex h-full min-h-0 flex-col">
      <div className="flex h-10 items-center gap-2 border-b border-line px-3">
        <h2 className="flex-1 font-medium">{t("try.title")}</h2>
        <Button small tone="quiet" aria-pressed={inner} onClick={() => setInner(!inner)}>{t("try.state")}</Button>
        <IconButton small label={t("try.restart")} onClick={restart}><RotateCcw size={14} aria-hidden /></IconButton>
      </div>
      <div className="min-h-0 flex-1 space-y-2 overflow-y-auto bg-bg p-3" role="log" aria-label={t("thread.log")} tabIndex={0}>
        {turns.map((turn, i) =>
          "said" in turn ? (
            <div key={i} className="ml-auto w-fit max-w-[85%] rounded-lg bg-accent-soft px-3 py-2 break-words">{turn.said}</div>
          ) : "marks" in turn ? (
            <Steps key={i} marks={turn.marks} at={turn.at} />
          ) : (
            <div key={i}>
              <div className="w-fit max-w-[92%] rounded-lg border border-line bg-surface px-3 py-2"><Body content={turn.content} /></div>
              {turn.content.options && turn.content.options.length > 0 && (
                <div className="mt-1.5 flex flex-wrap gap-1.5">
                  {turn.content.options.map((o) => (
                    <Button key={o.id} small disabled={busy || i !== newest} onClick={() => tap(o)} className={o.nav ? "border-dashed" : undefined}>
                      {o.key && <span className="text-text-3">{o.key}</span>}
                      {o.label}
                    </Button>
                  ))}
                </div>
              )}
            </div>
          ),
        )}
        {busy && <p className="text-xs text-text-3" role="status">{t("try.thinking")}</p>}
        {failed !== undefined && <Note meaning="breach">{error(failed)}</Note>}
        {last?.hand_over && <div className="-mx-3"><HandOverCard card={last.hand_over} /></div>}
        {last && last.status !== "automated" && <Note meaning="done">{t("try.ended", { status: t(`status.${last.status}`) })}</Note>}
        <div ref={end} />
      </div>
      {inner && <pre className="max-h-52 overflow-auto border-t border-line bg-sunken p-3 font-mono text-2xs leading-4" tabIndex={0} aria-label={t("try.state")} role="region">{JSON.stringify(last?.state ?? null, null, 1)}</pre>}
      <form
        className="flex gap-2 border-t border-line p-2"
        onSubmit={(e) => {
          e.preventDefault();
          if (!text.trim() || busy) return;
          void ask({ text: text.trim() }, text.trim(), last?.state);
          setText("");
        }}
      >
        <TextInput value={text} onChange={(e) => setText(e.target.value)} aria-label={t("try.say")} placeholder={t("try.say")} />
        <IconButton label={t("composer.send")} type="submit" disabled={!text.trim() || busy || (last !== undefined && last.status !== "automated")}><SendHorizontal size={16} aria-hidden /></IconButton>
      </form>
    </section>
  );
}
