// The calls of the stand-in: one under way, one with the bot, one over, a
// promise to call back, a voicemail; and what a supervisor sets up.
const ago = (s) => new Date(Date.now() - s * 1000).toISOString();

/** A mono or stereo WAV of speech-like murmur. */
function wav(seconds, sides = 1) {
  const rate = 8000;
  const n = Math.floor(seconds * rate);
  const b = Buffer.alloc(44 + n * 2 * sides);
  b.write("RIFF", 0); b.writeUInt32LE(36 + n * 2 * sides, 4); b.write("WAVEfmt ", 8); b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(sides, 22);
  b.writeUInt32LE(rate, 24); b.writeUInt32LE(rate * 2 * sides, 28); b.writeUInt16LE(2 * sides, 32); b.writeUInt16LE(16, 34); b.write("data", 36); b.writeUInt32LE(n * 2 * sides, 40);
  for (let i = 0; i < n; i++) for (let s = 0; s < sides; s++) {
    const t = i / rate;
    b.writeInt16LE(Math.round(9000 * talk(t, s) * Math.sin(2 * Math.PI * (150 + 60 * s + 30 * Math.sin(t * 3)) * t)), 44 + (i * sides + s) * 2);
  }
  return b;
}
/** How loudly a side speaks at a moment: in turns, in words. */
function talk(t, side) {
  const turn = Math.floor(t / 6.3) % 2;
  if (turn !== side || Math.sin(t * 0.9 + side) < -0.7) return 0.02;
  return 0.25 + 0.6 * Math.abs(Math.sin(t * 7.3 + side * 2)) * Math.abs(Math.sin(t * 1.9));
}

export function voiceWorld({ me, w, opened, emit, moved, tell, notFound, Fail, queues, id, thread, Raw, offer, open }) {
  if (process.env.MOCK_NO_VOICE) return [["GET", "/api/voice", () => ({ enabled: false, ear: false, where: "browser", phone_ready: false, phones: [], dispositions: [] })]];
  const now = () => new Date().toISOString();
  Object.assign(queues[1], {
    dispositions: [["solved", "Solved", "已解决"], ["refunded", "Refunded", "已退款"], ["called_rider", "Rider called", "已联系骑手"], ["callback", "Calls again later", "稍后再联系"], ["wrong_number", "Wrong number", "打错电话"]].map(([key, en, zh]) => ({ key, title: { en, zh } })),
    on_hold: { announce: { en: "Thank you for waiting. Our riders are out in the rain, and so are we.", zh: "感谢您的等待，雨天骑手较慢，敬请谅解。" }, prompts: { zh: "rainy-day" }, every: 40, callback: true, voicemail: true, picture: "https://coffee.example/rain.jpg" },
  });
  const info = { enabled: true, sip: "pbx.example.com:5060", ear: true, where: "browser", number: "+4915155501234", phone_ready: false, phones: [{ user: "mei", registered: true }], dispositions: [] };
  const calls = new Map();
  const agentParty = (state = "talking") => ({ leg: "leg-a", role: "agent", agent: me.id, name: me.name, state });

  const row = (cid, name, status, extra) => ({ id: cid, status, subject: "", contact: { id: `p-${cid}`, name }, channel: "voice", lang: "en", queue: "orders", agent: status === "assigned" ? { id: me.id, name: me.name } : null, preview: "", preview_by: "customer", last_at: ago(30), unread: 0, priority: 0, version: 1, ...extra });
  const contact = (cid, name, phone, extra) => ({ id: `p-${cid}`, name, lang: "en", phone, verified: false, attributes: {}, tags: [], identities: [{ channel: "voice", address: phone }], created_at: ago(9e6), updated_at: ago(100), ...extra });
  const add = (r, c) => {
    w.contacts.set(c.id, c);
    w.rows.unshift(r);
    const o = thread(r, c, me);
    o.conversation.address = c.phone;
    o.conversation.channel = "voice";
    opened.set(r.id, o);
    return o;
  };
  const mark = (o, kind, value, data, at) => o.events.push({ id: id(), conversation_id: o.conversation.id, seq: ++o.conversation.seq, kind: "mark", data: { kind, value, data }, at });
  const message = (o, author, content, at, extra) => o.events.push({ id: id(), conversation_id: o.conversation.id, seq: ++o.conversation.seq, kind: "message", at, data: { id: extra?.id ?? id(), conversation_id: o.conversation.id, seq: o.conversation.seq, author, channel: "voice", content, at, ...extra } });
  const bare = (o) => { o.events = []; o.conversation.seq = 0; o.suggestions = []; };
  const bot = { kind: "bot", name: "Bot" };

  // Over, with recordings.
  if (!process.env.MOCK_EMPTY) {
    const name = "Marco Rossi";
    const o = add(row("v2", name, "assigned", { subject: "Refund for a cold latte" }), contact("v2", name, "+390655501177"));
    bare(o);
    o.conversation.hand_over = undefined;
    const who = { kind: "customer", id: o.contact.id, name };
    mark(o, "call", "began", { call_id: "k2", from: o.contact.phone }, ago(420));
    message(o, bot, { text: "Welcome to Elm Street Coffee. **One** orders a coffee, **two** asks where your order is, **zero** reaches a person.", menu: "main" }, ago(418), { heard: "Welcome to Elm Street Coffee. One orders a coffee" });
    message(o, who, { text: "Where is my order?", picked: { verb: "go", target: "flow:track_order" } }, ago(414));
    message(o, bot, { text: "Which order? Say or press its number." }, ago(412));
    message(o, who, { text: "17" }, ago(404));
    message(o, bot, { text: "Order A17 was delivered at 12:58. Is something wrong with it?" }, ago(402));
    message(o, who, { text: "it was cold and I want my money back" }, ago(396));
    o.events.push({ id: id(), conversation_id: "v2", seq: ++o.conversation.seq, kind: "status", data: { from: "automated", to: "waiting", queue: "orders", reason: "handed_off" }, at: ago(394) });
    o.events.push({ id: id(), conversation_id: "v2", seq: ++o.conversation.seq, kind: "status", data: { from: "offered", to: "assigned", queue: "orders", reason: "accepted", agent: { kind: "agent", id: me.id, name: me.name } }, at: ago(360) });
    mark(o, "verified", "", {}, ago(350));
    o.events.at(-1).data.flow = "order_number";
    mark(o, "call", "ended", { call_id: "k2", cause: "normal" }, ago(60));
    o.conversation.status = "assigned";
  }
  // A promise to call back.
  if (!process.env.MOCK_EMPTY) {
    const name = "Priya Nair";
    const o = add(row("v3", name, "waiting", { subject: "Invoice for March", waiting_since: ago(1500) }), contact("v3", name, "+442055501888"));
    bare(o);
    mark(o, "call", "began", { call_id: "k3", from: o.contact.phone }, ago(1700));
    message(o, { kind: "customer", id: o.contact.id, name }, { text: "I need the invoice for March" }, ago(1680));
    mark(o, "callback", "asked", { phone: o.contact.phone }, ago(1500));
    mark(o, "call", "ended", { call_id: "k3", cause: "normal" }, ago(1495));
    mark(o, "callback", "busy", { phone: o.contact.phone, tries: "1" }, ago(600));
    o.conversation.callback = { phone: o.contact.phone, tries: 1, result: "busy" };
    o.conversation.place = null;
  }
  // A voicemail.
  if (!process.env.MOCK_EMPTY) {
    const name = "";
    const o = add(row("v4", name, "waiting", { subject: "Voicemail", waiting_since: ago(200) }), contact("v4", name, "+12125550123"));
    bare(o);
    mark(o, "call", "began", { call_id: "k4", from: o.contact.phone }, ago(300));
    mark(o, "voicemail", "f-vm", { seconds: "14" }, ago(205));
    message(o, { kind: "customer", id: o.contact.id, name }, { text: "Hi, this is Dana from the bakery next door, your rider left a bag at our counter. Please call me back.", attachments: [{ id: "f-vm", name: "voicemail.wav", type: "audio/wav", size: 224044, url: "/api/mock/voicemail.wav" }] }, ago(204));
    mark(o, "call", "ended", { call_id: "k4", cause: "normal" }, ago(203));
  }
  // With the bot.
  if (!process.env.MOCK_EMPTY) {
    const name = "李晓雯";
    const o = add(row("v1", name, "automated", { subject: "点咖啡", queue: "" }), contact("v1", name, "+8613800138000", { lang: "zh" }));
    bare(o);
    mark(o, "call", "began", { call_id: "k1", from: o.contact.phone }, ago(44));
    const who = { kind: "customer", id: o.contact.id, name };
    message(o, bot, { text: "您好，点咖啡请按 1，查询订单请按 2，人工服务请按 0。", menu: "main" }, ago(43), { heard: "您好，点咖啡请按 1" });
    message(o, who, { text: "点咖啡", picked: { verb: "go", target: "flow:order_coffee" } }, ago(38));
    mark(o, "started", "", {}, ago(38));
    o.events.at(-1).data.flow = "order_coffee";
    for (const [slot, value] of [["drink", "拿铁"], ["size", "大杯"]]) o.events.push({ id: id(), conversation_id: "v1", seq: ++o.conversation.seq, kind: "mark", data: { kind: "set", flow: "order_coffee", slot, value }, at: ago(20) });
    message(o, bot, { text: "送到哪里？请说出地址，或在页面上选择。" }, ago(12), { id: "say1" });
    Object.assign(o.conversation, { on_call: "k1", asking: { slot: "address", type: "address" }, agent_id: "" });
    calls.set("v1", { call_id: "k1", state: "menu", direction: "in", number: o.contact.phone, since: ago(44), answered: ago(44), saying: "say1", listening: true, spoken: true, keys: 0 });
  }
  // Mine, under way.
  if (!process.env.MOCK_EMPTY) {
    const name = "Hannah Cole";
    const o = add(row("v0", name, "assigned", { subject: "Where is my order A17?" }), contact("v0", name, "+4930555501170", { email: "hannah@example.com", verified: true, tags: ["vip"], attributes: { plan: "Gold" } }));
    o.events.unshift({ id: id(), conversation_id: "v0", seq: 0.5, kind: "mark", data: { kind: "call", value: "began", data: { call_id: "k0", from: o.contact.phone } }, at: ago(1500) });
    for (const e of o.events) if (e.kind === "message") e.data.channel = "voice";
    Object.assign(o.conversation, { on_call: "k0", queue: "orders" });
    calls.set("v0", { call_id: "k0", state: "talking", direction: "in", number: o.contact.phone, since: ago(131), answered: ago(300), recording: "on", parties: [agentParty()] });
  }
  calls.set("c26", { call_id: "kx", state: "talking", direction: "in", number: "+33155501234", since: ago(612), answered: ago(700), recording: "on", parties: [{ leg: "l9", role: "agent", agent: "u2", name: "Ann Reed", state: "talking" }] });
  calls.set("c9", { call_id: "ky", state: "queued", direction: "in", number: "+4420555019", since: ago(95), answered: ago(140) });
  for (const [cid, c] of calls) {
    const o = open(cid);
    if (o) o.conversation.on_call = c.call_id;
  }
  const contactOf = (cid) => w.contacts.get(w.rows.find((r) => r.id === cid)?.contact.id ?? "")?.name ?? "";
  const byCall = (call) => [...calls].find(([, c]) => c.call_id === call);

  const news = (cid) => {
    const c = calls.get(cid);
    tell({ type: "event", event: { id: id(), conversation_id: cid, kind: "call", data: c, at: now() } }, (s) => s.watching === cid);
    if (c.parties?.some((p) => p.agent === me.id) || c.direction === "out") tell({ type: "call", conversation_id: cid, call: c });
    return c;
  };
  const change = (cid, c) => {
    calls.set(cid, { ...calls.get(cid), ...c });
    return news(cid);
  };
  const end = (cid, cause = "normal") => {
    const o = opened.get(cid);
    const c = change(cid, { state: "ended", since: now(), cause, parties: [] });
    if (o) {
      o.conversation.on_call = "";
      if (c.answered) emit(o, "mark", { kind: "call", value: "ended", data: { call_id: c.call_id, cause } });
    }
    return c;
  };
  const other = (b) => (b.agent ? { leg: id(), agent: b.agent, name: b.agent === "u2" ? "Ann Reed" : "王小明" } : { leg: id(), name: b.to });
  const verbs = {
    hold: (cid) => change(cid, { held: true }),
    resume: (cid) => change(cid, { held: false }),
    mute: (cid, c) => change(cid, { parties: c.parties.map((p) => (p.agent === me.id ? { ...p, muted: true } : p)) }),
    unmute: (cid, c) => change(cid, { parties: c.parties.map((p) => (p.agent === me.id ? { ...p, muted: false } : p)) }),
    digits: (cid) => news(cid),
    pause: (cid) => change(cid, { recording: "paused" }),
    record: (cid) => change(cid, { recording: "on" }),
    hangup: (cid) => end(cid),
    leave: (cid, c) => change(cid, { parties: c.parties.filter((p) => p.agent !== me.id) }),
    consult: (cid, c, b) => {
      const p = { ...other(b), role: "consult", state: "ringing" };
      setTimeout(() => calls.get(cid).parties?.some((x) => x.leg === p.leg) && change(cid, { parties: calls.get(cid).parties.map((x) => (x.leg === p.leg ? { ...x, state: "talking" } : x)) }), 2500);
      return change(cid, { held: true, parties: [...c.parties, p] });
    },
    cancel: (cid, c) => change(cid, { held: false, parties: c.parties.filter((p) => p.role !== "consult") }),
    merge: (cid, c) => change(cid, { held: false, parties: c.parties.map((p) => (p.role === "consult" ? { ...p, role: "third" } : p)) }),
    complete: (cid, c) => {
      const o = opened.get(cid);
      const to = c.parties.find((p) => p.role === "consult");
      if (to?.agent) moved(o, "assigned", "transferred", { agent_id: to.agent });
      return change(cid, { held: false, parties: c.parties.filter((p) => p.agent !== me.id).map((p) => ({ ...p, role: "agent" })) });
    },
    transfer: (cid, c, b) => {
      const o = opened.get(cid);
      if (o) moved(o, b.agent ? "assigned" : "waiting", "transferred", { agent_id: b.agent ?? "", queue: b.queue ?? o.conversation.queue, waiting_since: now() });
      return change(cid, { state: b.queue ? "queued" : "talking", since: now(), parties: b.queue ? [] : [{ ...other(b), role: "agent", state: "talking" }] });
    },
    remove: (cid, c, b) => change(cid, { parties: c.parties.filter((p) => p.leg !== b.leg) }),
    listen: (cid, c) => join(cid, c, "listener"),
    whisper: (cid, c) => join(cid, c, "whisperer"),
    barge: (cid, c) => join(cid, c, "barger"),
    unlisten: (cid, c) => { const r = change(cid, { parties: c.parties.filter((p) => p.agent !== me.id) }); tell({ type: "call", conversation_id: cid, call: r }); return r; },
    pick_up: (cid, c) => change(cid, { parties: c.parties.map((p) => (p.agent === me.id ? { ...p, state: "talking" } : p)) }),
  };
  const join = (cid, c, role) => change(cid, { parties: [...c.parties.filter((p) => p.agent !== me.id), { leg: "leg-s", role, agent: me.id, name: me.name, state: "talking" }] });

  const reasons = ["normal", "normal", "normal", "no_answer", "normal", "busy", "transferred", "cancelled", "lost"];
  const records = process.env.MOCK_EMPTY ? [] : [...Array(180)].map((_, i) => {
    const at = i * 4100 + 300;
    const talked = i % 4 === 3 ? 0 : 40 + ((i * 37) % 400);
    const reason = talked ? reasons[i % 3] : reasons[i % reasons.length];
    return {
      id: `r${i}`, conversation_id: `c${i}`, source: i % 13 === 5 ? "old-pbx" : "parley", node: "node-1", direction: i % 5 === 4 ? "out" : "in", from: i % 5 === 4 ? "+49305550100" : `+4930555${String(10000 + i * 77).slice(0, 5)}`, to: i % 5 === 4 ? `+4417555${String(10000 + i * 31).slice(0, 5)}` : "+49305550100", trunk: "carrier",
      queue: ["orders", "support", ""][i % 3], agent_id: talked ? ["u1", "u2", "u3"][i % 3] : "", started_at: ago(at), answered_at: ago(at - 2), queued_at: i % 3 < 2 ? ago(at - 30) : undefined, talked_at: talked ? ago(at - 60) : undefined, ended_at: i === 0 ? undefined : ago(at - 60 - talked),
      waited: i % 3 < 2 ? (20 + ((i * 13) % 90)) * 1e9 : 0, talked: talked * 1e9, held_for: i % 7 === 0 ? 21e9 : 0, cause: i === 0 ? undefined : { reason, by: i % 2 ? "caller" : "agent", sip: reason === "busy" ? 486 : undefined }, recorded: talked > 0 && i % 2 === 0,
      quality: talked ? [{ role: "caller", codec: "PCMU", packets: talked * 50, loss_pct: i % 11 === 2 ? 4.1 : 0.1, jitter_ms: 2.4, rtt_ms: 31, mos: i % 11 === 2 ? 3.1 : i % 6 === 1 ? 3.7 : 4.3 }, { role: "agent", codec: "PCMU", packets: talked * 50, loss_pct: 0, jitter_ms: 1.1, rtt_ms: 4, mos: 4.4 }] : [],
    };
  });
  const recordings = [{ id: "rec2", call_id: "k2", conversation_id: "v2", kind: "call", at: ago(360), seconds: 96, pauses: [{ from: 38, to: 52 }], keep_until: new Date(Date.now() + 80 * 86400e3).toISOString() }];
  let prompts = process.env.MOCK_EMPTY ? [] : [["greeting", "en", 6], ["greeting", "zh", 5], ["rainy-day", "zh", 9], ["soft-piano", "", 48]].map(([name, lang, seconds]) => ({ name, lang, seconds, size: seconds * 16000, at: ago(86400 * 3) }));
  let phones = process.env.MOCK_EMPTY ? [] : [{ user: "mei", agent_id: "u1", label: "Desk phone, room 12", registered: true, created_at: ago(9e5) }, { user: "lobby", label: "Phone in the lobby", registered: false, created_at: ago(5e6) }];
  let hooks = process.env.MOCK_EMPTY ? [] : [{ id: "h1", url: "https://crm.example.com/hooks/parley", events: ["call.began", "call.ended", "recording.ready"], active: true, created_at: ago(9e5) }, { id: "h2", url: "https://old.example.com/cdr", events: ["call.ended"], active: true, failing_since: ago(7200), reason: "it answered 503", created_at: ago(9e6) }];
  const trunks = process.env.MOCK_EMPTY ? [] : [{ name: "carrier", state: "up", detail: "registered, answers in 12 ms", calls: 7, limit: 30 }, { name: "old-pbx", state: "down", detail: "no answer to OPTIONS since 09:12", calls: 0, limit: 0 }];
  const peaks = (r, n) => {
    const side = (s) => [...Array(n)].map((_, i) => { const t = ((i + 0.5) / n) * r.seconds; return r.pauses?.some((p) => t >= p.from && t < p.to) ? 0 : Math.min(1, talk(t, s) + 0.05); });
    return { left: side(0), right: side(1) };
  };
  const field = (raw, name) => new RegExp(`name="${name}"\\r\\n\\r\\n([^\\r]*)`).exec(raw)?.[1] ?? "";

  return [
    ["GET", "/api/voice", () => info],
    ["PUT", "/api/voice/me", (_, b) => Object.assign(info, b)],
    ["POST", "/api/voice/phone", () => { throw new Fail(503, "unavailable", "no_media", "the stand-in has no telephone"); }],
    ["DELETE", "/api/voice/phone/:id", () => {}],
    ["GET", "/api/voice/calls", () => ({ items: process.env.MOCK_EMPTY ? [] : [...calls].filter(([, c]) => c.state !== "ended").map(([cid, c]) => ({ ...c, conversation_id: cid, contact: contactOf(cid), queue: c.state === "menu" ? "" : "orders", node: "node-1" })), next: "" })],
    ["POST", "/api/voice/calls", (_, b) => {
      const o = opened.get(b.conversation) ?? (() => { throw notFound(); })();
      calls.set(b.conversation, { call_id: id(), state: "dialing", direction: "out", number: b.to ?? o.conversation.callback?.phone ?? o.conversation.address, since: now(), parties: [agentParty()] });
      setTimeout(() => {
        if (calls.get(b.conversation).state !== "dialing") return;
        if (b.to?.endsWith("8") || process.env.MOCK_BUSY) return end(b.conversation, "busy");
        o.conversation.on_call = calls.get(b.conversation).call_id;
        o.conversation.callback = undefined;
        emit(o, "mark", { kind: "call", value: "began", data: { call_id: o.conversation.on_call, from: o.conversation.address } });
        change(b.conversation, { state: "talking", since: now(), answered: now(), recording: "on" });
      }, 3000);
      return news(b.conversation);
    }],
    ["GET", "/api/voice/calls/:id", (p) => { const c = byCall(p.id); if (!c) throw notFound(); return c[1]; }],
    ["POST", "/api/voice/calls/:id/do", (p, b) => { const c = byCall(p.id); if (!c || c[1].state === "ended") throw notFound(); return verbs[b.verb](c[0], c[1], b); }],
    ["POST", "/api/mock/offer", () => offer()],
    ["GET", "/api/voice/records", (_, __, q) => { const n = Number(q.get("limit") ?? 50); const at = Number(q.get("after") || 0); const has = records.filter((r) => (!q.get("q") || `${r.from} ${r.to}`.includes(q.get("q"))) && (!q.get("from") || r.started_at >= q.get("from")) && (!q.get("to") || r.started_at < q.get("to"))); return { items: has.slice(at, at + n), next: at + n < has.length ? String(at + n) : "" }; }],
    ["GET", "/api/voice/records/export", () => new Raw(Buffer.from("id,from,to\n"), "text/csv")],
    ["GET", "/api/voice/recordings", (_, __, q) => ({ items: q.get("call")?.startsWith("r") ? [{ ...recordings[0], id: "rec2", call_id: q.get("call") }] : recordings.filter((r) => r.conversation_id === q.get("conversation") || r.call_id === q.get("call")), next: "" })],
    ["GET", "/api/voice/recordings/:id/peaks", (p, _, q) => peaks(recordings.find((r) => r.id === p.id), Number(q.get("n") ?? 800))],
    ["GET", "/api/voice/recordings/:id/audio", (p) => new Raw(wav(recordings.find((r) => r.id === p.id).seconds, 2), "audio/wav")],
    ["DELETE", "/api/voice/recordings/:id", (p) => { recordings.splice(recordings.findIndex((r) => r.id === p.id), 1); }],
    ["GET", "/api/mock/voicemail.wav", () => new Raw(wav(14), "audio/wav")],
    ["GET", "/api/voice/prompts", () => ({ items: prompts, next: "" })],
    ["POST", "/api/voice/prompts", (_, __, ___, raw) => { const [name, lang] = [field(raw, "name"), field(raw, "lang")]; prompts = prompts.filter((p) => p.name !== name || p.lang !== lang); const p = { name, lang, seconds: 5, size: 80000, at: now() }; prompts.push(p); return p; }],
    ["DELETE", "/api/voice/prompts/:name", (p) => { prompts = prompts.filter((x) => x.name !== p.name); }],
    ["GET", "/api/voice/prompts/:name/audio", (p, _, q) => new Raw(wav(prompts.find((x) => x.name === p.name && x.lang === (q.get("lang") ?? ""))?.seconds ?? 3), "audio/wav")],
    ["GET", "/api/voice/phones", () => ({ items: phones, next: "" })],
    ["POST", "/api/voice/phones", (_, b) => { if (phones.some((p) => p.user === b.user)) throw new Fail(409, "conflict", "user_taken", "there is one already", "user"); const p = { ...b, registered: false, created_at: now() }; phones.push(p); return { ...p, password: "k7Qz-m2Vd-9xLp" }; }],
    ["DELETE", "/api/voice/phones/:user", (p) => { phones = phones.filter((x) => x.user !== p.user); }],
    ["GET", "/api/voice/trunks", () => ({ items: trunks, next: "" })],
    ["GET", "/api/webhooks", () => ({ items: hooks, next: "" })],
    ["POST", "/api/webhooks", (_, b) => { const h = { ...b, id: id(), created_at: now() }; hooks.push(h); return { ...h, secret: "whsec_Xn2f8w1QmV7b" }; }],
    ["PUT", "/api/webhooks/:id", (p, b) => Object.assign(hooks.find((x) => x.id === p.id), b)],
    ["DELETE", "/api/webhooks/:id", (p) => { hooks = hooks.filter((x) => x.id !== p.id); }],
    ["POST", "/api/webhooks/:id/test", (p) => (p.id === "h2" ? { status: 503, reason: "it answered 503" } : { status: 204 })],
    // For pictures: a colleague asks me in; a call is offered.
    ["POST", "/api/mock/ask-in", () => { calls.set("c26", { ...calls.get("c26"), parties: [...calls.get("c26").parties, { leg: "lc", role: "consult", agent: me.id, name: me.name, state: "ringing" }] }); return news("c26"); }],
  ];
}
