import DOMPurify from "dompurify";
import { Marked } from "marked";
import { memo, useMemo } from "react";

const marked = new Marked({ gfm: true, breaks: true, async: false });

const clean = DOMPurify();
clean.addHook("afterSanitizeAttributes", (node) => {
  if (node instanceof HTMLAnchorElement) {
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
});

const ALLOWED = {
  ALLOWED_TAGS: ["p", "br", "strong", "em", "del", "a", "ul", "ol", "li", "code", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table", "thead", "tbody", "tr", "th", "td", "img"],
  ALLOWED_ATTR: ["href", "src", "alt", "title", "start", "target", "rel"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|\/(?!\/)|#)/i,
};

/** Markdown as HTML that holds nothing but text, lists, links and pictures. */
export function toHTML(markdown: string): string {
  return clean.sanitize(marked.parse(markdown) as string, ALLOWED);
}

export const Markdown = memo(function Markdown({ text, className }: { text: string; className?: string }) {
  const html = useMemo(() => toHTML(text), [text]);
  return <div className={`prose-desk ${className ?? ""}`} dangerouslySetInnerHTML={{ __html: html }} />;
});
