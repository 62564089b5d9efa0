// A stand-in for the server, for working on the console alone:
//   npm run build && npm run mock       http://127.0.0.1:8090, serves dist too
//   MOCK_ROWS=10000 MOCK_EMPTY=1 MOCK_SETUP=1 PORT=8090
// It keeps everything in memory and forgets it at the end.
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";
import { voiceWorld } from "./mock-voice.mjs";
import { articles, canned, evalRuns, playbook, thread, world } from "./mock-data.mjs";

const PORT = Number(process.env.PORT ?? 8090);
const EMPTY = Boolean(process.env.MOCK_EMPTY);
const dist = new URL("../dist/", import.meta.url).pathname;
const now = () => new Date().toISOString();
const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
const id = () => randomBytes(8).toString("hex");
const clone = (x) => JSON.parse(JSON.stringify(x));

let setupNeeded = Boolean(process.env.MOCK_SETUP);
let signedIn = !process.env.MOCK_LOGIN && !setupNeeded;
const me = {
  id: "u1", name: "Lin Mei", email: "mei@example.com", roles: ["owner"], lang: "", theme: "",
  permissions: (process.env.MOCK_PERMISSIONS ?? "inbox.mine,inbox.all,conversations.write,contacts.read,contacts.write,queues.read,queues.write,people.read,people.write,articles.read,articles.write,articles.publish,canned.read,canned.write,ledger.read,playbooks.read,playbooks.check,playbooks.publish,evals.read,evals.run,tokens,audit.read,voice.call,voice.supervise,voice.read,voice.write,webhooks").split(","),
  agent: { id: "u1", name: "Lin Mei", presence: "available", connected: true, skills: ["lang:zh"], queues: [], load: 40 },
};
const w = world(EMPTY ? 0 : Number(process.env.MOCK_ROWS ?? 10000));
const opened = new Map();
const docs = EMPTY ? [] : articles();
const versions = new Map(docs.map((a) => [a.id, [...Array(a.version)].map((_, i) => ({ version: i + 1, at: ago((a.version - i) * 86400), by: i % 2 ? "Ann Reed" : "Lin Mei", title: a.title, body: i + 1 === a.version ? a.body : a.body.replace("20 minutes", `${30 - i * 5} minutes`).replace("- Weekends: 08:00 to 20:00\n", "") }))]));
const book = playbook();
const real = new URL("../../../playbooks/coffee/", import.meta.url).pathname;
if (existsSync(real)) book.files = Object.fromEntries(readdirSync(real, { recursive: true }).filter((f) => /\.(ya?ml|md)$/.test(f)).map((f) => [f, readFileSync(join(real, f), "utf8")]));
const runs = EMPTY ? [] : evalRuns();
const replies = canned();
const users = [
  { id: "u1", name: "Lin Mei", email: "mei@example.com", roles: ["owner"], skills: ["lang:zh"], queues: [], created_at: ago(9e6), seen_at: now() },
  { id: "u2", name: "Ann Reed", email: "ann@example.com", roles: ["agent"], skills: ["refunds"], queues: ["support"], created_at: ago(8e6), seen_at: ago(120) },
  { id: "u3", name: "王小明", email: "xiaoming@example.com", roles: ["supervisor", "editor"], skills: ["lang:zh"], queues: [], created_at: ago(7e6), seen_at: ago(7200) },
  { id: "u4", name: "Jo Park", email: "jo@example.com", roles: ["evaluator"], disabled: true, created_at: ago(6e6) },
];
const queues = [
  { name: "support", title: { en: "Support", zh: "客服" }, skills: [], priority: 0, playbook: "coffee" },
  { name: "orders", title: { en: "Orders and delivery", zh: "订单与配送" }, skills: ["refunds"], priority: 1, playbook: "coffee" },
  { name: "drivers", title: { en: "Drivers", zh: "司机" }, skills: ["lang:zh"], priority: 2, playbook: "ridehail" },
];
let tokens = EMPTY ? [] : [{ id: "t1", name: "CI evals", created_at: ago(3e6), used_at: ago(4000), user_id: "u1", roles: ["evaluator"] }];
const audit = EMPTY ? [] : [...Array(240)].map((_, i) => ({ id: `au${i}`, at: ago(i * 1700 + 60), user_id: "u1", user_name: users[i % 3].name, action: ["articles.publish", "playbooks.publish", "users.change", "login", "queues.put", "conversations.take"][i % 6], target: ["opening-hours", "coffee", "u2", "", "orders", "c12"][i % 6], address: "10.0.0.7", outcome: i % 11 === 3 ? "login_failed" : "ok" }));
let offers = [];

function open(cid) {
  if (!opened.has(cid)) {
    const row = w.rows.find((r) => r.id === cid);
    if (!row) return undefined;
    opened.set(cid, thread(row, w.contacts.get(row.contact.id), me));
  }
  return opened.get(cid);
}

const sockets = new Set();
const tell = (frame, only) => {
  for (const s of sockets) if (!only || only(s)) s.send(JSON.stringify(frame));
};
function emit(o, kind, data, stored = true) {
  const seq = stored ? ++o.conversation.seq : undefined;
  if (kind === "message") data.seq = seq;
  const e = { id: id(), conversation_id: o.conversation.id, seq, kind, data, at: now() };
  if (stored) o.events.push(e);
  tell({ type: "event", event: e }, (s) => s.watching === o.conversation.id);
  return e;
}
function moved(o, to, reason, extra = {}) {
  const from = o.conversation.status;
  Object.assign(o.conversation, { status: to, version: o.conversation.version + 1, ...extra });
  const row = w.rows.find((r) => r.id === o.conversation.id);
  Object.assign(row, { status: to, queue: o.conversation.queue, agent: o.conversation.agent_id ? { id: o.conversation.agent_id, name: users.find((u) => u.id === o.conversation.agent_id)?.name } : null });
  emit(o, "status", { from, to, queue: o.conversation.queue, reason, agent: o.conversation.agent_id ? { kind: "agent", id: o.conversation.agent_id, name: row.agent?.name } : undefined });
  tell({ type: "inbox", conversation_id: row.id, status: to, queue: row.queue, agent_id: o.conversation.agent_id });
  return o.conversation;
}
function say(o, author, content, extra = {}) {
  const m = { id: id(), conversation_id: o.conversation.id, author, channel: o.conversation.channel, content, delivery: author.kind === "customer" ? "received" : "queued", at: now(), ...extra };
  emit(o, "message", m);
  const row = w.rows.find((r) => r.id === o.conversation.id);
  if (!m.private) Object.assign(row, { preview: content.text ?? "", preview_by: author.kind, last_at: m.at });
  w.rows.splice(w.rows.indexOf(row), 1);
  w.rows.unshift(row);
  tell({ type: "inbox", conversation_id: row.id, status: row.status, queue: row.queue, agent_id: o.conversation.agent_id });
  return m;
}
function deliver(o, m) {
  const later = (ms, delivery) => setTimeout(() => {
    m.delivery = delivery;
    emit(o, "delivery", { message_id: m.id, delivery }, false);
  }, ms);
  later(300, "sent");
  later(1200, "delivered");
}
// The customer answers by himself, so that the screen lives.
function answerBack(o) {
  if (process.env.MOCK_QUIET) return;
  setTimeout(() => emit(o, "typing", { by: "customer", name: o.contact.name, on: true }, false), 1500);
  setTimeout(() => {
    emit(o, "read", { by: "customer", seq: o.conversation.seq }, false);
    const m = say(o, { kind: "customer", id: o.contact.id, name: o.contact.name }, { text: o.contact.lang === "zh" ? "好的，谢谢！那什么时候能送到？" : "Thanks! And when will it arrive?" });
    o.suggestions = [{ id: id(), conversation_id: o.conversation.id, message_id: m.id, kind: "article", text: "Most orders arrive within **25 minutes**; the tracking page shows the rider live.", title: "Delivery times", source: { article_id: "a3", slug: "delivery-times", title: "Delivery times", version: 2 }, confidence: 0.81, rank: 1 }];
    tell({ type: "suggestions", conversation_id: o.conversation.id, message_id: m.id, items: o.suggestions });
  }, 4000);
}
function offer() {
  const row = w.rows.find((r) => r.status === "waiting");
  if (!row || offers.length || me.agent.presence !== "available") return;
  const o = open(row.id);
  const of = { id: id(), conversation_id: row.id, agent_id: me.id, state: "open", at: now(), expires_at: new Date(Date.now() + 20000).toISOString() };
  const frame = { offer: of, row, card: o.conversation.hand_over };
  offers.push(frame);
  tell({ type: "offer", ...frame });
  setTimeout(() => close(of.id, "expired"), 20000);
}
function close(oid, state) {
  const n = offers.length;
  offers = offers.filter((x) => x.offer.id !== oid);
  if (offers.length < n) tell({ type: "offer_closed", id: oid, state });
}

class Fail extends Error {
  constructor(status, kind, code, message, field, extra) {
    super(message);
    this.status = status;
    this.body = { kind, code, message, field, request_id: id(), ...extra };
  }
}
/** An answer that is no JSON. */
class Raw {
  constructor(body, type) {
    Object.assign(this, { body, type });
  }
}
const notFound = () => new Fail(404, "not_found", "not_found", "there is no such thing");
const page = (all, q, limit = 50) => {
  const n = Math.min(Number(q.get("limit") ?? limit), 200);
  const at = Number(q.get("after") || 0);
  return { items: all.slice(at, at + n), next: at + n < all.length ? String(at + n) : "" };
};
const inTab = (r, tab) => ({ mine: r.agent?.id === me.id && r.status !== "closed", queues: r.status === "waiting" || r.status === "offered", all: r.status !== "closed", closed: r.status === "closed" })[tab];
const has = (s, q) => !q || s.toLowerCase().includes(q.toLowerCase());

const routes = [
  ["GET", "/api/setup", () => ({ needed: setupNeeded })],
  ["POST", "/api/setup", (_, b) => { setupNeeded = false; signedIn = true; me.name = b.name; return me; }],
  ["POST", "/api/login", (_, b) => { if (b.password === "wrong") throw new Fail(401, "unauthenticated", "login_failed", "wrong e-mail or password"); signedIn = true; return me; }],
  ["POST", "/api/logout", () => { signedIn = false; }],
  ["GET", "/api/me", () => me],
  ["PUT", "/api/me", (_, b) => { if (b.password && b.old_password === "wrong") throw new Fail(422, "invalid", "bad_password", "the old password is wrong", "old_password"); const { password: _p, old_password: _o, ...rest } = b; return Object.assign(me, rest); }],
  ["PUT", "/api/presence", (_, b) => { me.agent.presence = b.presence; tell({ type: "presence", agent: me.agent }); return me.agent; }],
  ["GET", "/api/offers", () => ({ items: offers, next: "" })],
  ["POST", "/api/offers/:id/accept", (p) => { const f = offers.find((x) => x.offer.id === p.id); if (!f) throw new Fail(409, "conflict", "offer_closed", "the offer is over"); close(p.id, "accepted"); return moved(open(f.offer.conversation_id), "assigned", "accepted", { agent_id: me.id }); }],
  ["POST", "/api/offers/:id/decline", (p) => close(p.id, "declined")],
  ["GET", "/api/conversations", (_, __, q) => page(w.rows.filter((r) => inTab(r, q.get("tab") ?? "all") && (!q.get("queue") || r.queue === q.get("queue")) && has(`${r.contact.name} ${r.subject} ${r.preview}`, q.get("q"))), q)],
  ["GET", "/api/conversations/counts", () => { const c = { mine: 0, queues: 0, all: 0, by_queue: {} }; for (const r of w.rows) { for (const t of ["mine", "queues", "all"]) if (inTab(r, t)) c[t]++; if (inTab(r, "queues")) c.by_queue[r.queue] = (c.by_queue[r.queue] ?? 0) + 1; } return c; }],
  ["GET", "/api/conversations/:id", (p) => { const o = open(p.id); if (!o) throw notFound(); return { ...o, events: o.events.slice(-200) }; }],
  ["GET", "/api/conversations/:id/events", (p, _, q) => { const o = open(p.id); const n = Number(q.get("limit") ?? 50); const before = Number(q.get("before") || 0); const items = before ? o.events.filter((e) => e.seq < before).slice(-n) : o.events.filter((e) => e.seq > Number(q.get("after") || 0)).slice(0, n); return { items, next: "" }; }],
  ["POST", "/api/conversations/:id/take", (p) => moved(open(p.id), "assigned", "taken", { agent_id: me.id })],
  ["POST", "/api/conversations/:id/reply", (p, b) => {
    const o = open(p.id);
    const old = o.events.find((e) => e.kind === "message" && e.data.external_id === b.client_id);
    if (old) return old.data;
    if (b.text?.includes("!fail")) throw new Fail(503, "unavailable", "busy", "try again");
    if (b.suggestion) o.suggestions = [];
    const m = say(o, { kind: "agent", id: me.id, name: me.name }, { text: b.text, markdown: true, attachments: (b.attachments ?? []).map((a) => uploads.get(a)) }, { external_id: b.client_id, private: b.private || undefined });
    if (!b.private) { deliver(o, m); answerBack(o); }
    return m;
  }],
  ["POST", "/api/conversations/:id/transfer", (p, b) => { const o = open(p.id); if (b.note) say(o, { kind: "agent", id: me.id, name: me.name }, { text: b.note, markdown: true }, { private: true }); return moved(o, b.agent ? "offered" : "waiting", "transferred", { agent_id: b.agent ?? "", queue: b.queue ?? o.conversation.queue, waiting_since: now() }); }],
  ["POST", "/api/conversations/:id/park", (p, b) => moved(open(p.id), "parked", "parked", { parked_until: b.until })],
  ["POST", "/api/conversations/:id/unpark", (p) => moved(open(p.id), "assigned", "unparked", { parked_until: undefined })],
  ["POST", "/api/conversations/:id/close", (p, b) => moved(open(p.id), "closed", "closed", { disposition: b.disposition, closed_at: now() })],
  ["POST", "/api/conversations/:id/read", (p, b) => { const o = open(p.id); o.conversation.agent_seq = b.seq; const r = w.rows.find((x) => x.id === p.id); r.unread = 0; }],
  ["POST", "/api/conversations/:id/typing", () => {}],
  ["POST", "/api/conversations/:id/suggestions/:sid/ignore", (p) => { const o = open(p.id); o.suggestions = o.suggestions.filter((s) => s.id !== p.sid); }],
  ["GET", "/api/contacts", (_, __, q) => page([...w.contacts.values()].filter((c) => has(`${c.name} ${c.email ?? ""}`, q.get("q"))), q)],
  ["GET", "/api/contacts/:id", (p) => { const c = w.contacts.get(p.id); if (!c) throw notFound(); return { contact: c, journey: { conversations: w.rows.filter((r) => r.contact.id === p.id).map((r) => ({ id: r.id, status: r.status, subject: r.subject, channel: r.channel, updated_at: r.last_at })), pages: [{ url: "https://coffee.example/menu", title: "Menu", at: ago(900) }, { url: "https://coffee.example/cart", title: "Your basket", at: ago(700) }, { url: "https://coffee.example/orders/A17", title: "Order A17", at: ago(400) }] } }; }],
  ["PUT", "/api/contacts/:id", (p, b) => Object.assign(w.contacts.get(p.id), b)],
  ["GET", "/api/queues", () => ({ items: queues.map((q) => { const waiting = w.rows.filter((r) => r.queue === q.name && inTab(r, "queues")); return { ...q, waiting: waiting.length, oldest_since: waiting[0]?.waiting_since, agents_on: q.name === "drivers" ? 0 : 2 }; }), next: "" })],
  ["PUT", "/api/queues/:name", (p, b) => Object.assign(queues.find((q) => q.name === p.name), b)],
  ["GET", "/api/agents", () => ({ items: [me.agent, { id: "u2", name: "Ann Reed", presence: "busy", connected: true, load: 80, skills: ["refunds"], queues: ["support"] }, { id: "u3", name: "王小明", presence: "available", connected: true, load: 20, skills: ["lang:zh"] }], next: "" })],
  ["GET", "/api/users", (_, __, q) => page(users, q)],
  ["POST", "/api/users", (_, b) => { if (users.some((u) => u.email === b.email)) throw new Fail(409, "conflict", "email_taken", "somebody has this address", "email"); const u = { ...b, id: id(), created_at: now() }; delete u.password; users.push(u); return u; }],
  ["PUT", "/api/users/:id", (p, b) => Object.assign(users.find((u) => u.id === p.id), b)],
  ["POST", "/api/users/:id/disable", (p) => { users.find((u) => u.id === p.id).disabled = true; }],
  ["POST", "/api/users/:id/enable", (p) => { users.find((u) => u.id === p.id).disabled = false; }],
  ["GET", "/api/tokens", () => ({ items: tokens, next: "" })],
  ["POST", "/api/tokens", (_, b) => { const t = { id: id(), user_id: me.id, roles: b.roles?.length ? b.roles : me.roles, name: b.name, created_at: now() }; tokens.push(t); return { ...t, secret: `pat_${randomBytes(20).toString("hex")}` }; }],
  ["DELETE", "/api/tokens/:id", (p) => { tokens = tokens.filter((t) => t.id !== p.id); }],
  ["GET", "/api/audit", (_, __, q) => page(audit.filter((a) => (!q.get("action") || a.action === q.get("action")) && (!q.get("user") || a.user_id === q.get("user"))), q)],
  ["GET", "/api/articles", (_, __, q) => page(docs.filter((a) => has(`${a.title} ${a.body} ${a.slug}`, q.get("q")) && (!q.get("status") || a.status === q.get("status")) && (!q.get("lang") || a.lang === q.get("lang")) && (!q.get("tag") || a.tags.includes(q.get("tag")))), q)],
  ["POST", "/api/articles", (_, b) => { const a = { tags: [], questions: [], audience: "customers", ...b, id: id(), slug: b.slug || b.title.toLowerCase().replace(/[^a-z0-9]+/g, "-") || id(), status: "draft", version: 1, updated_at: now(), updated_by: me.name }; docs.unshift(a); versions.set(a.id, [{ ...clone(a), at: now(), by: me.name }]); return a; }],
  ["POST", "/api/articles/preview", (_, b) => ({ html: b.markdown })],
  ["GET", "/api/articles/:id", (p) => docs.find((a) => a.id === p.id) ?? (() => { throw notFound(); })()],
  ["PUT", "/api/articles/:id", (p, b) => { const a = docs.find((x) => x.id === p.id); if (b.version !== a.version) throw new Fail(409, "conflict", "stale", "somebody saved before you", undefined, { detail: clone(a) }); Object.assign(a, b, { version: a.version + 1, updated_at: now(), updated_by: me.name, status: "draft" }); versions.get(a.id).push({ ...clone(a), at: now(), by: me.name }); return a; }],
  ["POST", "/api/articles/:id/:verb", (p, b) => { const a = docs.find((x) => x.id === p.id); if (p.verb === "restore") { const v = versions.get(a.id).find((x) => x.version === b.version); Object.assign(a, { title: v.title, body: v.body, version: a.version + 1 }); versions.get(a.id).push({ ...clone(a), at: now(), by: me.name }); } else { a.status = { submit: "review", publish: "published", unpublish: "draft", archive: "archived" }[p.verb]; if (p.verb === "publish") a.published_version = a.version; } return a; }],
  ["GET", "/api/articles/:id/versions", (p) => ({ items: [...versions.get(p.id)].reverse(), next: "" })],
  ["GET", "/api/articles/:id/versions/:n", (p) => versions.get(p.id).find((v) => v.version === Number(p.n))],
  ["GET", "/api/search", (_, __, q) => ({ items: docs.filter((a) => has(`${a.title} ${a.body} ${a.questions.join(" ")}`, q.get("q"))).slice(0, 8).map((a) => ({ source: { article_id: a.id, slug: a.slug, title: a.title, version: a.version }, lang: a.lang, audience: a.audience, text: a.body.slice(0, 240), score: 0.8, confidence: 0.7 })), next: "" })],
  ["GET", "/api/canned", () => ({ items: replies, next: "" })],
  ["GET", "/api/playbooks", () => ({ items: EMPTY ? [] : [{ name: "coffee", title: { en: "Coffee delivery", zh: "咖啡外送" }, live_revision: book.live_revision, published_at: ago(86000), langs: ["en", "zh"] }, { name: "ridehail", title: { en: "Ride hailing", zh: "网约车" }, live_revision: 3, published_at: ago(9e5), langs: ["zh"] }], next: "" })],
  ["GET", "/api/playbooks/:name", (p) => ({ name: p.name, live_revision: book.live_revision, revisions: book.revisions, files: Object.entries(book.files).map(([path, text]) => ({ path, size: text.length })) })],
  ["GET", "/api/playbooks/:name/revisions/:n/files/*", (p) => { const text = book.files[p.rest]; if (text === undefined) throw notFound(); return { path: p.rest, text: Number(p.n) === book.live_revision ? text : text.replace("latte, americano", "latte") }; }],
  ["POST", "/api/playbooks/:name/check", (_, b) => check(b.files)],
  ["POST", "/api/playbooks/:name/publish", (_, b) => { const c = check(b.files); if (!c.ok) throw new Fail(422, "invalid", "bad_playbook", `${c.problems.length} problems`, undefined, { detail: c.problems }); const fails = JSON.stringify(b.files ?? {}).includes("croissant") && !b.force; const report = clone(runs[0]?.report ?? null); if (fails) throw new Fail(409, "conflict", "tests_failed", "2 cases fail", undefined, { detail: report }); Object.assign(book.files, b.files); book.live_revision = book.revisions[0].revision + 1; book.revisions.unshift({ revision: book.live_revision, at: now(), by: me.name, note: b.note, forced: b.force, passed: 24, failed: 0 }); return { revision: book.live_revision, report }; }],
  ["POST", "/api/playbooks/:name/rollback", (_, b) => { book.live_revision = b.revision; return {}; }],
  ["POST", "/api/playbooks/:name/try", (_, b) => tryBot(b)],
  ["GET", "/api/evals/runs", (_, __, q) => page(runs.map(({ report: _r, ...r }) => r), q)],
  ["GET", "/api/evals/runs/:id", (p) => runs.find((r) => r.id === p.id) ?? (() => { throw notFound(); })()],
  ["POST", "/api/evals/runs", (_, b) => { const r = { ...clone(runs[0]), id: id(), playbook: b.playbook, at: now(), status: "running", done: 0 }; runs.unshift(r); const t = setInterval(() => { r.done = Math.min(r.total, r.done + 3); if (r.done === r.total) { r.status = "done"; clearInterval(t); } }, 500); return r; }],
  ["POST", "/api/uploads", () => { const a = { id: id(), name: "photo.png", type: "image/png", size: 34000, url: "/favicon.svg" }; uploads.set(a.id, a); return a; }],
];
const uploads = new Map();

function check(files) {
  const problems = [];
  for (const [file, text] of Object.entries(files ?? {})) {
    text.split("\n").forEach((l, i) => { if (l.includes("flow:nowhere")) problems.push({ file, line: i + 1, column: l.indexOf("flow:nowhere") + 1, message: "there is no flow nowhere; did you mean flow:order_coffee?" }); });
  }
  return { ok: problems.length === 0, problems, warnings: [] };
}
function tryBot(b) {
  const turn = (b.state?.turn ?? 0) + 1;
  const opt = (label, value) => ({ id: value, label, pick: { verb: "answer", slot: "drink", value } });
  if (turn === 1) return { messages: [{ text: "How can we help?", menu: "main", options: [{ id: "1", key: "1", label: "Order a coffee", pick: { verb: "go", target: "flow:order_coffee" } }, { id: "2", key: "2", label: "Opening hours", pick: { verb: "go", target: "article:opening-hours" } }] }], marks: [{ kind: "menu", value: "main" }], state: { turn }, status: "automated" };
  return { messages: [{ text: "What would you like?", options: [opt("Latte", "latte"), opt("Americano", "americano")], input: { slot: "drink", type: "choice" } }], marks: [{ kind: "started", flow: "order_coffee" }, { kind: "set", flow: "order_coffee", slot: "size", value: "large" }, { kind: "refused", slot: "drink", value: "cappuccino" }], state: { turn, flow: "order_coffee", slots: { size: "large" } }, status: "automated" };
}

routes.unshift(...voiceWorld({ me, w, opened, emit, moved, tell, notFound, Fail, queues, id, thread, Raw, offer, open }));

function match(pattern, path) {
  const params = {};
  const a = pattern.split("/");
  const b = path.split("/");
  for (let i = 0; i < a.length; i++) {
    if (a[i] === "*") return { ...params, rest: decodeURIComponent(b.slice(i).join("/")) };
    if (b[i] === undefined) return undefined;
    if (a[i].startsWith(":")) params[a[i].slice(1)] = decodeURIComponent(b[i]);
    else if (a[i] !== b[i]) return undefined;
  }
  return a.length === b.length ? params : undefined;
}

const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };
function file(req, res, path) {
  let full = join(dist, normalize(path));
  if (!extname(path) || !existsSync(full)) {
    if (extname(path)) return void res.writeHead(404).end();
    full = join(dist, "index.html");
  }
  const head = { "Content-Type": types[extname(full)] ?? "application/octet-stream" };
  if (full.endsWith(".html")) {
    const nonce = randomBytes(12).toString("base64");
    head["Content-Security-Policy"] = `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; manifest-src 'self'`;
    return void res.writeHead(200, head).end(readFileSync(full, "utf8").replaceAll("__CSP_NONCE__", nonce));
  }
  if (req.headers["accept-encoding"]?.includes("br") && existsSync(full + ".br")) {
    head["Content-Encoding"] = "br";
    full += ".br";
  }
  res.writeHead(200, head).end(readFileSync(full));
}

function sound(req, res, { body, type }) {
  const m = /bytes=(\d+)-(\d*)/.exec(req.headers.range ?? "");
  if (!m) return res.writeHead(200, { "Content-Type": type, "Content-Length": body.length, "Accept-Ranges": "bytes" }).end(body);
  const [from, to] = [Number(m[1]), m[2] ? Number(m[2]) : body.length - 1];
  res.writeHead(206, { "Content-Type": type, "Content-Range": `bytes ${from}-${to}/${body.length}`, "Content-Length": to - from + 1 }).end(body.subarray(from, to + 1));
}

const server = createServer(async (req, res) => {
  const u = new URL(req.url, "http://x");
  if (!u.pathname.startsWith("/api/")) return file(req, res, u.pathname);
  const chunks = [];
  for await (const c of req) chunks.push(c);
  const raw = Buffer.concat(chunks).toString();
  const answer = (status, body) => res.writeHead(status, { "Content-Type": "application/json" }).end(body === undefined ? "" : JSON.stringify(body));
  try {
    if (req.method !== "GET" && req.headers["x-parley"] !== "1") throw new Fail(403, "forbidden", "no_header", "X-Parley is missing");
    if (!signedIn && !["/api/setup", "/api/login"].includes(u.pathname)) throw new Fail(401, "unauthenticated", "no_session", "sign in");
    if (process.env.MOCK_SLOW) await new Promise((r) => setTimeout(r, Number(process.env.MOCK_SLOW)));
    for (const [method, pattern, f] of routes) {
      if (method !== req.method) continue;
      const p = match(pattern, u.pathname);
      if (!p) continue;
      const body = raw && req.headers["content-type"]?.includes("json") ? JSON.parse(raw) : {};
      const out = f(p, body, u.searchParams, raw);
      if (out instanceof Raw) return sound(req, res, out);
      return answer(out === undefined ? 204 : 200, out);
    }
    throw notFound();
  } catch (err) {
    if (err instanceof Fail) return answer(err.status, err.body);
    console.error(err);
    answer(500, { kind: "internal", code: "internal", message: "something failed", request_id: id() });
  }
});

const wss = new WebSocketServer({ server, path: "/api/ws" });
wss.on("connection", (s) => {
  sockets.add(s);
  s.send(JSON.stringify({ type: "hello", me }));
  if (!process.env.MOCK_QUIET) setTimeout(offer, Number(process.env.MOCK_OFFER ?? 6000));
  else if (process.env.MOCK_OFFER) setTimeout(offer, Number(process.env.MOCK_OFFER));
  s.on("message", (raw) => {
    const f = JSON.parse(raw);
    if (f.type === "ping") s.send(JSON.stringify({ type: "pong" }));
    if (f.type === "watch") {
      s.watching = f.conversation;
      for (const e of open(f.conversation)?.events ?? []) if (e.seq > f.after) s.send(JSON.stringify({ type: "event", event: e }));
    }
    if (f.type === "unwatch") s.watching = undefined;
  });
  s.on("close", () => sockets.delete(s));
});
server.listen(PORT, "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${server.address().port}`));
