import { history, historyKeymap, defaultKeymap, indentWithTab } from "@codemirror/commands";
import { markdown } from "@codemirror/lang-markdown";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder as hint } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { nonce } from "../lib/nonce";

export interface Trouble {
  line: number;
  column: number;
  message: string;
  /** It works all the same. */
  warning?: boolean;
}

interface Props {
  value: string;
  onChange?: (v: string) => void;
  language: "markdown" | "yaml";
  label: string;
  placeholder?: string;
  readOnly?: boolean;
  /** Marked where they are. */
  troubles?: Trouble[];
  /** The place to show; a new object shows it again. */
  at?: { line: number; column?: number; length?: number };
  className?: string;
}

// A text that the page put in is not something that somebody typed.
const fromOutside = Annotation.define<boolean>();

const colours = HighlightStyle.define([
  { tag: tags.heading, fontWeight: "600" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], color: "var(--accent-text)" },
  { tag: [tags.comment, tags.meta, tags.processingInstruction, tags.contentSeparator], color: "var(--text-3)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.keyword], color: "var(--accent-text)" },
  { tag: [tags.string, tags.monospace], color: "var(--live)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--warning)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--text-3)" },
]);

const look = (prose: boolean) =>
  EditorView.theme({
    "&": { height: "100%", fontSize: prose ? "14px" : "12.5px", backgroundColor: "transparent", color: "var(--text)" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: prose ? "var(--font)" : "var(--mono)", lineHeight: prose ? "24px" : "20px", overflow: "auto" },
    ".cm-content": { padding: prose ? "8px 0 40vh" : "8px 0", caretColor: "var(--text)" },
    ".cm-line": { padding: prose ? "0" : "0 12px" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-3)", border: "none" },
    ".cm-activeLine": { backgroundColor: prose ? "transparent" : "var(--hover)" },
    ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
    ".cm-cursor": { borderLeftColor: "var(--text)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-line)" },
    ".cm-placeholder": { color: "var(--text-3)" },
    ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "6px", color: "var(--text)" },
    ".cm-diagnostic-error": { borderLeft: "3px solid var(--breach)" },
  });

/** A text editor: Markdown like a note, YAML like a file. Ctrl-S and the like pass through to the page. */
export function Code({ value, onChange, language, label, placeholder, readOnly, troubles, at, className }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const change = useRef(onChange);
  change.current = onChange;
  const locked = useRef(new Compartment());

  useEffect(() => {
    const prose = language === "markdown";
    const v = new EditorView({
      parent: host.current as HTMLElement,
      state: EditorState.create({
        doc: value,
        extensions: [
          ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          syntaxHighlighting(colours),
          // Tab leaves prose, as in every field; in a file it indents.
          keymap.of([...defaultKeymap, ...historyKeymap, ...(prose ? [] : [indentWithTab])]),
          prose ? markdown() : yaml(),
          prose ? EditorView.lineWrapping : [lineNumbers(), highlightActiveLine(), lintGutter()],
          look(prose),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: prose ? "true" : "false" }),
          placeholder ? hint(placeholder) : [],
          locked.current.of(EditorState.readOnly.of(readOnly ?? false)),
          EditorView.updateListener.of((u) => {
            if (u.docChanged && !u.transactions.some((tr) => tr.annotation(fromOutside))) change.current?.(u.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = v;
    return () => {
      v.destroy();
      view.current = undefined;
    };
  }, [language, label, placeholder]);

  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value }, annotations: fromOutside.of(true) });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: locked.current.reconfigure(EditorState.readOnly.of(readOnly ?? false)) });
  }, [readOnly]);
  useEffect(() => {
    const v = view.current;
    if (!v || !troubles) return;
    v.dispatch(setDiagnostics(v.state, troubles.map((t): Diagnostic => {
      const line = v.state.doc.line(Math.min(Math.max(1, t.line), v.state.doc.lines));
      const from = Math.min(line.from + Math.max(0, t.column - 1), line.to);
      return { from, to: line.to, severity: t.warning ? "warning" : "error", message: t.message };
    })));
  }, [troubles, value]);
  useEffect(() => {
    const v = view.current;
    if (!v || !at) return;
    const line = v.state.doc.line(Math.min(Math.max(1, at.line), v.state.doc.lines));
    const pos = Math.min(line.from + Math.max(0, (at.column ?? 1) - 1), line.to);
    v.dispatch({ selection: { anchor: pos, head: Math.min(pos + (at.length ?? 0), v.state.doc.length) }, effects: EditorView.scrollIntoView(pos, { y: "center" }) });
    v.focus();
  }, [at]);

  return <div ref={host} className={className} />;
}
