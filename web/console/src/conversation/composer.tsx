import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Lock, Paperclip, SendHorizontal, Slash, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { cannedQuery } from "../api/queries";
import type { Attachment, Canned, Me, Opened } from "../api/types";
import { textIn } from "../i18n";
import { MOD, mac, useKeys } from "../lib/keys";
import { undoAll } from "../lib/prefs";
import { useStore } from "../lib/store";
import { bytes } from "../lib/time";
import { live } from "../rt/sync";
import { IconButton } from "../ui/button";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { useWho } from "../inbox/who";
import { readable } from "../voice/number";
import { writtenTo } from "../voice/written";
import { fill, matching } from "./canned";
import { drafts, none, putInto, setDraft } from "./drafts";
import type { Draft as Taken } from "./outbox";
import { HOLD, outbox } from "./sending";

/** Puts text into the composer of a conversation: a suggestion replaces what is there, the rest is added. */
export function insert(id: string, text: string, suggestion?: string) {
  const now = drafts.get()[id] ?? none;
  if (suggestion) setDraft(id, { text, suggestion, original: text, private: false });
  else setDraft(id, { text: now.text ? `${now.text.trimEnd()}\n${text}` : text });
  putInto.set((p) => ({ conversation: id, n: p.n + 1 }));
}

/** What was taken back stands in the composer again, before what was written since. */
export function restore(d: Taken) {
  const now = drafts.get()[d.conversation] ?? none;
  setDraft(d.conversation, {
    text: now.text ? `${d.text}\n${now.text}` : d.text,
    private: d.private ?? false,
    suggestion: d.suggestion,
    original: d.suggestion ? d.text : undefined,
    attachments: [...(d.attachments ?? []), ...(now.attachments ?? [])],
  });
  putInto.set((p) => ({ conversation: d.conversation, n: p.n + 1 }));
}

export function Composer({ opened, mine, me }: { opened: Opened; mine: boolean; me: Me }) {
  const { t } = useTranslation();
  const error = useErrorText();
  const who = useWho();
  const c = opened.conversation;
  const goes = writtenTo(opened);
  const stored = useStore(drafts)[c.id] ?? none;
  // Who does not have the conversation may still leave a note in it.
  const draft = mine ? stored : { ...stored, private: true };
  const put = useStore(putInto);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [uploading, setUploading] = useState(0);
  const canned = useCanned(opened, draft.text, me, field);
  const typingAt = useRef(0);

  useLayoutEffect(() => {
    const el = field.current;
    if (!el) return;
    el.style.height = "auto";
    el.style.height = `${Math.min(el.scrollHeight, 200)}px`;
  }, [draft.text]);
  const first = useRef(put.n);
  useEffect(() => {
    if (put.conversation !== c.id || put.n === first.current) return;
    first.current = put.n;
    const el = field.current;
    el?.focus();
    el?.setSelectionRange(el.value.length, el.value.length);
  }, [put, c.id]);
  useEffect(() => () => { if (typingAt.current) live.typing(c.id, false); }, [c.id]);

  useKeys({
    r: () => {
      if (mine) setDraft(c.id, { private: false });
      field.current?.focus();
    },
    n: () => {
      setDraft(c.id, { private: true });
      field.current?.focus();
    },
    "mod+z": () => {
      if (field.current && document.activeElement === field.current && field.current.value) return false;
      const held = outbox.undoable(c.id);
      const d = held && outbox.undo(held.client_id);
      if (!d) return false;
      restore(d);
    },
  });

  const ready = (draft.text.trim() !== "" || (draft.attachments?.length ?? 0) > 0) && uploading === 0;
  const send = () => {
    if (!ready) return;
    outbox.post(
      {
        conversation: c.id,
        text: draft.text.trim(),
        private: draft.private,
        attachments: draft.attachments,
        suggestion: draft.private ? undefined : draft.suggestion,
        edited: draft.suggestion ? draft.text.trim() !== draft.original?.trim() : undefined,
      },
      undoAll.get() && !draft.private ? HOLD : 0,
    );
    setDraft(c.id, { text: "", suggestion: undefined, original: undefined, attachments: undefined, private: mine ? false : draft.private });
    stopTyping();
  };
  const stopTyping = () => {
    if (typingAt.current) live.typing(c.id, false);
    typingAt.current = 0;
  };
  const change = (text: string) => {
    setDraft(c.id, { text, ...(text ? {} : { suggestion: undefined, original: undefined }) });
    if (draft.private || !mine) return;
    if (text && Date.now() - typingAt.current > 3000) {
      typingAt.current = Date.now();
      live.typing(c.id, true);
    } else if (!text) stopTyping();
  };
  const attach = async (files: FileList | File[]) => {
    for (const file of Array.from(files).slice(0, 10)) {
      setUploading((n) => n + 1);
      try {
        const a = await api.upload<Attachment>("/api/uploads", file);
        setDraft(c.id, { attachments: [...(drafts.get()[c.id]?.attachments ?? []), a] });
      } catch (err) {
        toast(`${file.name}: ${error(err)}`, { bad: true });
      } finally {
        setUploading((n) => n - 1);
      }
    }
  };

  return (
    <div className="border-t border-line bg-surface px-4 pt-2.5 pb-3 max-md:px-3" data-testid="composer">
      <div className="relative mx-auto max-w-205">
        {canned.open && <CannedList {...canned} lang={c.lang} />}
        <div
          className={clsx("rounded-lg border focus-within:outline-2 focus-within:outline-accent-text", draft.private ? "border-dashed border-note-line bg-note" : "border-field bg-surface")}
          onDragOver={(e) => e.preventDefault()}
          onDrop={(e) => {
            if (!e.dataTransfer.files.length) return;
            e.preventDefault();
            void attach(e.dataTransfer.files);
          }}
        >
          {((draft.attachments?.length ?? 0) > 0 || uploading > 0) && (
            <ul className="flex flex-wrap gap-1.5 px-3 pt-2">
              {draft.attachments?.map((a) => (
                <li key={a.id} className="flex items-center gap-1.5 rounded-md border border-line bg-surface py-0.5 pr-1 pl-2 text-xs">
                  <span className="max-w-48 truncate">{a.name}</span>
                  <span className="text-text-3">{bytes(a.size)}</span>
                  <button type="button" aria-label={t("composer.remove", { name: a.name })} className="p-0.5 text-text-3 hover:text-text" onClick={() => setDraft(c.id, { attachments: draft.attachments?.filter((x) => x.id !== a.id) })}>
                    <X size={12} aria-hidden />
                  </button>
                </li>
              ))}
              {uploading > 0 && <li className="px-1 text-xs text-text-3" role="status">{t("composer.uploading", { count: uploading })}</li>}
            </ul>
          )}
          <textarea
            ref={field}
            rows={1}
            value={draft.text}
            aria-label={draft.private ? t("composer.note") : t("composer.reply")}
            aria-autocomplete="list"
            aria-controls={canned.open ? "canned-list" : undefined}
            aria-activedescendant={canned.open ? `canned-${canned.at}` : undefined}
            placeholder={draft.private ? t("composer.note_placeholder") : goes ? t(`composer.goes.${goes}`, { number: readable(c.address ?? "") }) : t("composer.placeholder", { name: who(opened.contact, c) })}
            className="block max-h-50 w-full resize-none bg-transparent px-3 pt-2.5 pb-1 text-sm outline-none"
            onChange={(e) => change(e.target.value)}
            onPaste={(e) => {
              if (!e.clipboardData.files.length) return;
              e.preventDefault();
              void attach(e.clipboardData.files);
            }}
            onKeyDown={(e) => {
              // Enter that ends a word of an input method is not for us.
              if (e.nativeEvent.isComposing || e.keyCode === 229) return;
              if (canned.open && canned.hear(e)) return;
              if (e.key === "Enter" && !e.shiftKey && !e.altKey) {
                e.preventDefault();
                send();
              } else if (e.key === "Escape") e.currentTarget.blur();
            }}
          />
          <div className="flex items-center gap-0.5 px-1.5 pb-1.5">
            <span role="group" aria-label={t("composer.kind")} className="mr-1 flex rounded-md bg-sunken p-0.5">
              {[false, true].map((note) => (
                <button
                  key={String(note)}
                  type="button"
                  disabled={!note && !mine}
                  aria-pressed={draft.private === note}
                  title={note ? t("composer.to_note") : t("composer.to_reply")}
                  onClick={() => { setDraft(c.id, { private: note }); field.current?.focus(); }}
                  className={clsx("flex h-6 items-center gap-1 rounded-sm px-2 text-xs disabled:opacity-50", draft.private === note ? "bg-surface font-medium shadow-sm" : "text-text-2 hover:text-text")}
                >
                  {note && <Lock size={11} aria-hidden />}
                  {note ? t("composer.note_short") : t("composer.reply")}
                </button>
              ))}
            </span>
            <IconButton small label={t("composer.canned")} onClick={() => { change(`${draft.text}${draft.text && !draft.text.endsWith("\n") && !draft.text.endsWith(" ") ? " " : ""}/`); field.current?.focus(); }}>
              <Slash size={15} aria-hidden />
            </IconButton>
            <IconButton small label={t("composer.attach")} onClick={() => picker.current?.click()}>
              <Paperclip size={15} aria-hidden />
            </IconButton>
            <input ref={picker} type="file" multiple hidden aria-label={t("composer.attach")} onChange={(e) => { if (e.target.files) void attach(e.target.files); e.target.value = ""; }} />
            <span className="min-w-0 flex-1 truncate px-2 text-xs text-text-3 max-md:hidden">
              {draft.private ? t("composer.note_hint") : draft.suggestion ? t("composer.from_suggestion") : draft.text ? t("composer.hint") : ""}
            </span>
            <span className="flex-1 md:hidden" />
            <button
              type="button"
              disabled={!ready}
              onClick={send}
              className={clsx(
                "inline-flex h-7 items-center gap-1.5 rounded-md px-3 text-sm font-medium disabled:bg-sunken disabled:text-text-3",
                draft.private ? "bg-text text-surface" : "bg-accent text-on-accent hover:bg-accent-hover",
              )}
            >
              {draft.private ? t("composer.save_note") : t("composer.send")}
              <SendHorizontal size={14} aria-hidden />
            </button>
          </div>
        </div>
      </div>
    </div>
  );
}

/** The "/word" before the cursor, and the replies it means. */
function useCanned(opened: Opened, text: string, me: Me, field: React.RefObject<HTMLTextAreaElement | null>) {
  const { data } = useQuery({ ...cannedQuery, enabled: /(^|\s)\/\S*$/.test(text) });
  const [at, setAt] = useState(0);
  const [shut, setShut] = useState("");
  const word = /(?:^|\s)\/(\S{0,30})$/.exec(text)?.[1];
  const items = word !== undefined && data ? matching(data, word, opened.conversation.lang) : [];
  const open = items.length > 0 && shut !== text;
  const pos = Math.min(at, items.length - 1);
  const choose = (c: Canned) => {
    const body = fill(textIn(c.text, opened.conversation.lang), opened, me.name);
    setDraft(opened.conversation.id, { text: text.replace(/\/\S{0,30}$/, "") + body });
    setAt(0);
    field.current?.focus();
  };
  const key = (e: React.KeyboardEvent): boolean => {
    const move = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? items.length - 1 : 0;
    if (move) setAt((pos + move) % items.length);
    else if (e.key === "Enter" || e.key === "Tab") choose(items[pos]);
    else if (e.key === "Escape") setShut(text);
    else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  return { open, items, at: pos, setAt, choose, hear: key };
}

function CannedList({ items, at, setAt, choose, lang }: { items: Canned[]; at: number; setAt: (n: number) => void; choose: (c: Canned) => void; lang: "en" | "zh" }) {
  const { t } = useTranslation();
  return (
    <div id="canned-list" role="listbox" aria-label={t("composer.canned")} className="absolute right-0 bottom-full left-0 z-20 mb-1 max-h-72 overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-md">
      {items.map((c, i) => (
        <div
          key={c.id}
          id={`canned-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === at}
          onPointerMove={() => setAt(i)}
          onMouseDown={(e) => {
            e.preventDefault();
            choose(c);
          }}
          className={clsx("cursor-pointer rounded-md px-2.5 py-1.5", i === at && "bg-accent-soft")}
        >
          <p className="flex gap-2 text-xs">
            <span className="font-medium">/{c.key}</span>
            <span className="text-text-3">{textIn(c.title)}</span>
          </p>
          <p className="truncate text-text-2">{textIn(c.text, lang)}</p>
        </div>
      ))}
    </div>
  );
}

export const undoKey = mac ? "⌘ Z" : `${MOD} Z`;
