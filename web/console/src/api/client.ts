// One way to the server: cookies, the header that forms cannot forge, and
// errors whose code a screen can translate.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    readonly code: string,
    message: string,
    readonly field: string | undefined,
    readonly requestId: string | undefined,
    readonly body: unknown,
  ) {
    super(message);
  }
}

/** The longest a request may take before it counts as failed. */
const LIMIT = 30_000;

type Query = Record<string, string | number | undefined | null>;

export function url(path: string, query?: Query): string {
  if (!query) return path;
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query)) if (v !== undefined && v !== null && v !== "") q.set(k, String(v));
  const s = q.toString();
  return s ? `${path}?${s}` : path;
}

interface Extra {
  signal?: AbortSignal;
  /** The request must survive the page being closed. */
  keepalive?: boolean;
  limit?: number;
}

let onSignedOut: () => void = () => {};

/** What happens when the server says the session is over. */
export function whenSignedOut(f: () => void) {
  onSignedOut = f;
}

async function send<T>(method: string, path: string, body: unknown, extra: Extra = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-Parley"] = "1";
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  const limit = AbortSignal.timeout(extra.limit ?? LIMIT);
  let res: Response;
  try {
    res = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      keepalive: extra.keepalive,
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
      signal: extra.signal ? AbortSignal.any([extra.signal, limit]) : limit,
    });
  } catch (err) {
    if (extra.signal?.aborted) throw err;
    throw new ApiError(0, "unavailable", "offline", "the server cannot be reached", undefined, undefined, undefined);
  }
  const text = await res.text();
  const json = text && res.headers.get("content-type")?.includes("json") ? safeParse(text) : undefined;
  if (res.ok) return json as T;
  const e = (json ?? {}) as Partial<{ kind: string; code: string; message: string; field: string; request_id: string }>;
  if (res.status === 401 && path !== "/api/login" && path !== "/api/me") onSignedOut();
  throw new ApiError(res.status, e.kind ?? "internal", e.code ?? `status_${res.status}`, e.message ?? res.statusText, e.field, e.request_id, json);
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const api = {
  get: <T>(path: string, query?: Query, extra?: Extra) => send<T>("GET", url(path, query), undefined, extra),
  post: <T = void>(path: string, body?: unknown, extra?: Extra) => send<T>("POST", path, body ?? {}, extra),
  put: <T = void>(path: string, body?: unknown, extra?: Extra) => send<T>("PUT", path, body ?? {}, extra),
  del: <T = void>(path: string, extra?: Extra) => send<T>("DELETE", path, undefined, extra),
  upload: <T>(path: string, file: File) => {
    const form = new FormData();
    form.set("file", file);
    return send<T>("POST", path, form, { limit: 120_000 });
  },
  form: <T>(path: string, form: FormData) => send<T>("POST", path, form, { limit: 120_000 }),
};
