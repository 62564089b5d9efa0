import { ApiError } from "../../api/client";

/** The endings that the server reads; it refuses others by itself. */
export const endings = [".md", ".markdown", ".txt", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".csv", ".tsv", ".json", ".zip"];
export const most = { bytes: 128 << 20, one: 64 << 20, files: 500 };

export type Wrong = "ending" | "empty" | "large";

/** Why a file cannot be sent; undefined when it can. */
export function wrong(f: { name: string; size: number }): Wrong | undefined {
  const at = f.name.lastIndexOf(".");
  if (at < 0 || !endings.includes(f.name.slice(at).toLowerCase())) return "ending";
  if (f.size === 0) return "empty";
  return f.size > most.one ? "large" : undefined;
}

/** Adds files to a list: what has the same name takes the place of what was there. */
export function joined(now: File[], more: File[]): File[] {
  const names = new Set(more.map((f) => f.name));
  return [...now.filter((f) => !names.has(f.name)), ...more];
}

/** Sends a form and tells how much of it has gone, from 0 to 1. */
export function send<T>(path: string, form: FormData, tell: (share: number) => void): Promise<T> {
  return new Promise((done, fail) => {
    const r = new XMLHttpRequest();
    r.open("POST", path);
    r.setRequestHeader("X-Parley", "1");
    r.setRequestHeader("Accept", "application/json");
    r.timeout = 600_000;
    r.upload.onprogress = (e) => e.lengthComputable && tell(e.loaded / e.total);
    r.onload = () => {
      let body: unknown;
      try {
        body = JSON.parse(r.responseText);
      } catch {
        body = undefined;
      }
      if (r.status < 300) return done(body as T);
      const e = (body ?? {}) as Partial<{ kind: string; code: string; message: string; field: string; request_id: string }>;
      fail(new ApiError(r.status, e.kind ?? "internal", e.code ?? `status_${r.status}`, e.message ?? r.statusText, e.field, e.request_id, body));
    };
    r.onerror = r.ontimeout = () => fail(new ApiError(0, "unavailable", "offline", "the server cannot be reached", undefined, undefined, undefined));
    r.send(form);
  });
}
