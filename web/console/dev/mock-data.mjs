// The people, conversations, articles and playbook that the stand-in shows.
const ago = (s) => new Date(Date.now() - s * 1000).toISOString();

const names = ["Hannah Cole", "李晓雯", "Marco Rossi", "陈立", "Priya Nair", "Tom Becker", "赵敏", "Sofia Lund", "Omar Haddad", "刘洋", "Grace Kim", "Peter Novák", "孙丽华", "Elena Petrova", "Jack Brown"];
const about = [
  ["Where is my order A17?", "orders", "It has been forty minutes and the map has not moved.", "en"],
  ["点咖啡", "support", "请问可以改送到东门吗？", "zh"],
  ["Refund for a cold latte", "orders", "I would like my money back, please.", "en"],
  ["改地址", "orders", "我刚才地址填错了，能帮我改一下吗", "zh"],
  ["Invoice for March", "support", "Could you send the invoice to our accounts team?", "en"],
  ["司机费用结算", "drivers", "上周的奖励还没有到账。", "zh"],
  ["Opening hours", "support", "Are you open on Sunday?", "en"],
  ["Order a coffee", "support", "a large latte to 5 Elm Street please", "en"],
];
const channels = ["webchat", "webchat", "webchat", "telegram", "email", "wechat", "sms", "voice"];

export function world(n) {
  const contacts = new Map();
  const rows = [];
  for (let i = 0; i < Math.min(n, 400); i++) {
    const name = names[i % names.length];
    contacts.set(`p${i}`, {
      id: `p${i}`, name, lang: /[一-鿿]/.test(name) ? "zh" : "en", email: i % 2 ? undefined : `${name.split(" ")[0].toLowerCase()}@example.com`, phone: i % 3 ? undefined : "+49 30 5550 0117",
      verified: i % 4 === 0, attributes: { plan: i % 2 ? "Regular" : "Gold", orders: String(3 + (i % 40)) }, tags: i % 3 ? [] : ["vip"], identities: [{ channel: "webchat", address: `visitor-${i}` }], created_at: ago(9e6), updated_at: ago(5000),
    });
  }
  for (let i = 0; i < n; i++) {
    const [subject, queue, preview] = about[i % about.length];
    const status = i < 2 ? "assigned" : i < 6 ? ["assigned", "waiting", "assigned", "parked"][i - 2] : i % 9 === 0 ? "closed" : i % 4 === 0 ? "waiting" : i % 4 === 1 ? "automated" : "assigned";
    const mine = status !== "waiting" && status !== "automated" && i < 24;
    const c = contacts.get(`p${i % 400}`);
    const held = status === "assigned" || status === "parked" || status === "closed";
    const by = status === "waiting" ? "customer" : ["customer", "agent", "customer", "bot"][i % 4];
    rows.push({
      id: `c${i}`, status, subject, contact: { id: c.id, name: c.name }, channel: channels[i % channels.length], lang: c.lang, queue: status === "automated" ? "" : queue,
      agent: held ? (mine ? { id: "u1", name: "Lin Mei" } : { id: "u2", name: "Ann Reed" }) : null,
      preview: by === "customer" ? preview : by === "bot" ? "What would you like?" : "I have asked the rider and will come back to you in a moment.", preview_by: by,
      last_at: ago(40 + i * 37), waiting_since: status === "waiting" ? ago(60 + i * 13) : undefined, unread: by === "customer" && i % 3 === 0 ? 1 + (i % 3) : 0, priority: i % 17 === 3 ? 2 : 0, version: 1,
    });
  }
  return { contacts, rows };
}

export function thread(row, contact, me) {
  const zh = contact.lang === "zh";
  const say = (en, cn) => (zh ? cn : en);
  const events = [];
  let seq = 0;
  let t = 1500;
  const push = (kind, data) => {
    t -= 25;
    seq++;
    const at = ago(Math.max(t, 5));
    if (kind === "message") data = { id: `${row.id}-m${seq}`, conversation_id: row.id, seq, channel: row.channel, at, ...data };
    events.push({ id: `${row.id}-e${seq}`, conversation_id: row.id, seq, kind, data, at });
  };
  const customer = { kind: "customer", id: contact.id, name: contact.name };
  const bot = { kind: "bot", name: "Bot" };
  const agent = { kind: "agent", id: row.agent?.id ?? me.id, name: row.agent?.name ?? me.name };
  push("mark", { kind: "menu", value: "main" });
  push("message", { author: bot, content: { text: say("How can we help?", "请问需要什么帮助？"), menu: "main", options: [["1", "Order a coffee", "点咖啡"], ["2", "Where is my order?", "查询订单"], ["3", "Opening hours", "营业时间"]].map(([k, en, cn]) => ({ id: k, key: k, label: say(en, cn), pick: { verb: "go", target: `flow:f${k}` } })).concat([{ id: "0", key: "0", label: say("Talk to a person", "人工服务"), nav: true, pick: { verb: "human" } }]) } , delivery: "read" });
  push("message", { author: customer, content: { text: say("a large cappuccino to 5 Elm Street please", "来一杯大杯卡布奇诺，送到东方路 5 号") }, delivery: "received" });
  push("mark", { kind: "started", flow: "order_coffee" });
  push("mark", { kind: "set", flow: "order_coffee", slot: "size", value: "large" });
  push("mark", { kind: "set", flow: "order_coffee", slot: "address", value: "5 Elm Street" });
  push("mark", { kind: "refused", flow: "order_coffee", slot: "drink", value: "cappuccino" });
  push("mark", { kind: "offered", flow: "order_coffee", data: { options: "latte, americano" } });
  push("message", { author: bot, content: { text: say("Foam does not travel, so we don't deliver cappuccino. Would one of these do?", "卡布奇诺有奶泡，不外送。以下可以吗？"), options: [{ id: "a", label: say("Latte", "拿铁"), pick: { verb: "answer", slot: "drink", value: "latte" } }, { id: "b", label: say("Americano", "美式"), pick: { verb: "answer", slot: "drink", value: "americano" } }], input: { slot: "drink", type: "choice" } }, delivery: "read" });
  push("message", { author: customer, content: { text: say("Latte", "拿铁"), picked: { verb: "answer", slot: "drink", value: "latte" } }, delivery: "received" });
  push("mark", { kind: "set", flow: "order_coffee", slot: "drink", value: "latte" });
  push("mark", { kind: "confirm", flow: "order_coffee" });
  push("message", { author: bot, content: { text: say("Please check your order", "请核对订单"), card: { title: say("Your order", "您的订单"), lines: [{ label: say("Drink", "饮品"), value: say("Large latte", "大杯拿铁") }, { label: say("To", "送到"), value: say("5 Elm Street", "东方路 5 号") }, { label: say("Pay", "支付"), value: say("Online", "网上支付") }] }, options: [{ id: "y", label: say("Place the order", "下单"), pick: { verb: "confirm" } }, { id: "n", label: say("Change something", "修改"), pick: { verb: "reject" } }] }, delivery: "read" });
  push("message", { author: customer, content: { text: say("Place the order", "下单"), picked: { verb: "confirm" } }, delivery: "received" });
  push("mark", { kind: "called", value: "place_order", data: { drink: "latte", size: "large" } });
  push("mark", { kind: "result", value: "ok", data: { tool: "place_order" } });
  push("mark", { kind: "completed", flow: "order_coffee" });
  push("message", { author: bot, content: { text: say("Your order **A17** is on its way.", "您的订单 **A17** 正在路上。"), markdown: true, sources: [{ article_id: "a3", slug: "delivery-times", title: "Delivery times", version: 2 }] }, delivery: "read" });
  let hand;
  if (row.status !== "automated") {
    push("message", { author: customer, content: { text: say("It has been forty minutes and the map has not moved. Can someone look?", "已经四十分钟了，地图一直没动，能帮我看看吗？") }, delivery: "received" });
    push("mark", { kind: "steered" });
    push("mark", { kind: "human", value: "asked" });
    push("status", { from: "automated", to: "waiting", queue: row.queue, reason: "handed_off" });
    hand = { reason: "asked", wants: say("Find out why order A17 has not arrived", "想知道订单 A17 为什么还没送到"), facts: [{ key: "number", label: say("Order", "订单"), value: "A17" }, { key: "drink", label: say("Drink", "饮品"), value: say("Large latte", "大杯拿铁") }, { key: "address", label: say("Address", "地址"), value: say("5 Elm Street", "东方路 5 号") }, { key: "payment", label: say("Payment", "支付"), value: say("Online, 4.80", "网上支付 ¥32") }], summary: [say("Ordered a latte after cappuccino was refused", "卡布奇诺被拒后点了拿铁"), say("Asked for a person after 40 minutes", "等待 40 分钟后要求人工")], edited: { changed: 1, removed: 0 } };
  }
  if (row.agent) push("status", { from: "offered", to: "assigned", queue: row.queue, agent, reason: "accepted" });
  if (row.preview_by === "agent" || row.id === "c1") {
    push("message", { author: agent, content: { text: "The rider's phone is off; the shop says he **left at 12:40**.", markdown: true }, private: true });
    push("message", { author: agent, content: { text: say("I have asked the rider and will come back to you in a moment.", "我已经联系骑手，马上回复您。"), markdown: true, attachments: [{ id: "f1", name: "route-map.pdf", type: "application/pdf", size: 182000, url: "/v1/files/f1?t=x" }] }, delivery: "read" });
    push("message", { author: customer, content: { text: say("Thank you. Is it still warm by then?", "谢谢，到的时候还热吗？") }, delivery: "received" });
  }
  if (row.id === "c0" || row.id === "c1") push("message", { author: customer, content: { text: say("And can I still change the address to the east gate?", "另外，还能改送到东门吗？") }, delivery: "received" });
  const last = events.filter((e) => e.kind === "message").at(-1).data;
  const held = row.agent?.id === me.id && row.status === "assigned";
  return {
    conversation: { id: row.id, contact_id: contact.id, status: row.status, subject: row.subject, channel: row.channel, address: "visitor", lang: contact.lang, playbook: "coffee", revision: 9, responder: row.status === "automated" ? "bot" : "", queue: row.queue, priority: 0, agent_id: row.agent?.id ?? "", hand_over: hand, seq, customer_seq: seq, agent_seq: seq, version: 3, created_at: ago(1500), updated_at: ago(20), waiting_since: row.waiting_since, assigned_at: row.agent ? ago(200) : undefined },
    contact, events,
    suggestions: held && last.author.kind === "customer" ? [
      { id: `${row.id}-s1`, conversation_id: row.id, message_id: last.id, kind: "article", text: say("Yes. Until the rider is within 500 metres you can change the address; I have just set it to the **east gate** for you.", "可以的。骑手距离您 500 米以上都可以改地址，我已经帮您改到**东门**了。"), title: "Changing an address", source: { article_id: "a2", slug: "change-address", title: say("Changing an address", "修改地址"), version: 4 }, confidence: 0.86, rank: 1 },
      { id: `${row.id}-s2`, conversation_id: row.id, message_id: last.id, kind: "canned", text: say("I am sorry about the wait. Let me call the rider, I will be back within two minutes.", "非常抱歉让您久等，我马上联系骑手，两分钟内回复您。"), title: say("Calling the rider", "联系骑手"), confidence: 0.64, rank: 2 },
    ] : [],
    place: row.status === "waiting" ? { position: 2, wait: 140, known: true, anyone_on: true } : null,
  };
}

const body = `We deliver while the shop is open.

## Hours

- Weekdays: 07:00 to 21:00
- Weekends: 08:00 to 20:00

Orders after closing time are brought **the next morning**. An order takes about 20 minutes.

> On public holidays we open one hour later.

| Shop | Opens |
|---|---|
| Elm Street | 07:00 |
| Station | 06:30 |
`;
export function articles() {
  const base = [
    ["a1", "opening-hours", "en", "Opening hours", "published", body, ["When are you open?", "Are you open on Sunday?"], ["shop"]],
    ["a1z", "opening-hours", "zh", "营业时间", "published", "门店营业时间如下。\n\n## 时间\n\n- 工作日：07:00 到 21:00\n- 周末：08:00 到 20:00\n", ["你们几点开门？", "周日营业吗？"], ["shop"]],
    ["a2", "change-address", "en", "Changing an address", "published", "You can change the address until the rider is within 500 metres.", ["Can I change the address?"], ["orders"]],
    ["a3", "delivery-times", "en", "Delivery times", "review", "Most orders arrive within **25 minutes**.", ["How long does delivery take?"], ["orders"]],
    ["a4", "refunds", "en", "Refunds: what agents may promise", "draft", "Up to 20 without asking. Above that, ask a supervisor.", [], ["orders", "refunds"]],
    ["a5", "loyalty", "en", "The loyalty card", "archived", "Ten coffees, one free.", [], ["shop"]],
  ];
  const out = base.map(([id, slug, lang, title, status, text, questions, tags], i) => ({ id, slug, lang, title, body: text, questions, tags, audience: id === "a4" ? "agents" : "customers", status, version: 4 - (i % 3), published_version: status === "published" ? 4 - (i % 3) : undefined, updated_at: ago(3600 * (i + 1) * 5), updated_by: i % 2 ? "Ann Reed" : "Lin Mei" }));
  for (let i = 0; i < 60; i++) out.push({ id: `b${i}`, slug: `note-${i}`, lang: i % 2 ? "zh" : "en", title: i % 2 ? `常见问题 ${i}` : `Common question ${i}`, body: "Text.", questions: [], tags: ["faq"], audience: "customers", status: "published", version: 1, published_version: 1, updated_at: ago(86400 * (i + 3)), updated_by: "Lin Mei" });
  return out;
}

export const canned = () => [
  { id: "k1", key: "greet", title: { en: "Greeting", zh: "问候" }, text: { en: "Hello {{contact.name}}, this is {{agent.name}}. How can I help?", zh: "{{contact.name}} 您好，我是 {{agent.name}}，请问有什么可以帮您？" } },
  { id: "k2", key: "sorry", title: { en: "Sorry for the wait", zh: "久等致歉" }, text: { en: "I am sorry you had to wait. Let me look at order {{slots.number}} right away.", zh: "让您久等了，非常抱歉。我马上查看订单 {{slots.number}}。" } },
  { id: "k3", key: "bye", title: { en: "Goodbye", zh: "结束语" }, text: { en: "Thank you, and enjoy your coffee!", zh: "感谢您的光临，祝您生活愉快！" } },
];

export function playbook() {
  return {
    live_revision: 9,
    revisions: [9, 8, 7, 6].map((revision, i) => ({ revision, at: ago(86400 * (i * 3 + 1)), by: i % 2 ? "王小明" : "Lin Mei", forced: i === 2, note: ["Americano in the offer", "", "Holiday hours, two cases known to fail", "First"][i], passed: 24 - (i === 2 ? 2 : 0), failed: i === 2 ? 2 : 0 })),
    files: {
      "playbook.yaml": "version: 1\nplaybook: coffee\ntitle: {en: Coffee delivery, zh: 咖啡外送}\nstart: menu:main\nlangs: [en, zh]\nzone: Asia/Shanghai\nhuman: queue:support\n",
      "menus/main.yaml": "version: 1\nmenu: main\nprompt: {en: How can we help?, zh: 请问需要什么帮助？}\nchoices:\n  - {key: 1, label: {en: Order a coffee, zh: 点咖啡}, go: flow:order_coffee}\n  - {key: 2, label: {en: Where is my order?, zh: 查询订单}, go: flow:track_order}\n  - {key: 3, label: {en: The shop, zh: 门店}, go: menu:shop}\n  - {key: 0, label: {en: Talk to a person, zh: 人工服务}, go: queue:support}\n",
      "menus/shop.yaml": "version: 1\nmenu: shop\nprompt: {en: What about the shop?, zh: 关于门店}\nchoices:\n  - {key: 1, label: {en: Opening hours, zh: 营业时间}, go: article:opening-hours}\n  - {key: 2, label: {en: Complaint, zh: 投诉}, go: queue:support}\n",
      "flows/order_coffee.yaml": "version: 1\nflow: order_coffee\ntitle: {en: Order a coffee, zh: 点咖啡}\nexamples:\n  en: [I'd like a coffee, a large latte to the office please]\n  zh: [我想点咖啡]\nslots:\n  drink:   {type: choice, of: [latte, americano, cappuccino], ask: {en: What would you like?, zh: 想喝点什么？}}\n  size:    {type: choice, of: [small, large], ask: {en: Small or large?, zh: 大杯还是小杯？}}\n  address: {type: address, ask: {en: Where shall we bring it?, zh: 送到哪里？}}\n  note:    {type: text, optional: true}\nrules:\n  - when: drink == \"cappuccino\"\n    refuse: drink\n    say: {en: \"Foam does not travel.\", zh: 卡布奇诺不外送。}\n    offer: [latte, americano]\nconfirm: customer\ndo: {tool: place_order, with: {drink: drink, size: size, address: address}, save: {number: order.number}}\nthen: {say: {en: \"Your order {{number}} is on its way.\", zh: 您的订单 {{number}} 正在路上。}}\n",
      "flows/track_order.yaml": "version: 1\nflow: track_order\ntitle: {en: Where is my order?, zh: 查询订单}\nslots:\n  number: {type: pattern, pattern: \"[A-Z][0-9]+\", ask: {en: Which order?, zh: 订单号是？}}\ndo: {tool: find_order, with: {number: number}}\nthen: {say: {en: \"It arrives at {{eta}}.\", zh: 预计 {{eta}} 送达。}, go: menu:main}\n",
      "queues.yaml": "version: 1\nqueues: [{name: support, title: {en: Support, zh: 客服}}]\n",
      "articles/opening-hours.en.md": "---\ntitle: Opening hours\n---\nWeekdays 07:00 to 21:00.\n",
      "tests/order_coffee.yaml": "version: 1\nsuite: order_coffee\ncases:\n  - name: cappuccino is refused, latte accepted\n    turns:\n      - user: a large cappuccino to 5 Elm Street please\n        expect: {flow: order_coffee, offered: [latte, americano]}\n      - tap: latte\n",
    },
  };
}

const passing = (suite, name, lang = "en") => ({ suite, name, lang, file: `tests/${suite}.yaml`, line: 4, runs: 4, passes: 4, took_ns: 31e6, playing: { turns: [{ user: "hello", line: 6, bot: [{ text: "How can we help?" }] }] } });
export function evalRuns() {
  const failing = { ...passing("order_coffee", "address is corrected before confirming"), passes: 1, line: 18, playing: { turns: [{ user: "a large latte to 5 Elm Street", line: 20, bot: [{ text: "Pay online or in cash?", options: ["Online", "Cash"] }], marks: ["started order_coffee", "set drink latte"] }, { user: "no wait, 7 Elm Street", line: 22, bot: [{ text: "Pay online or in cash?", options: ["Online", "Cash"] }], problems: [{ key: "slots.address", got: "5 Elm Street", want: "7 Elm Street" }] }] } };
  const zh = { ...passing("order_coffee", "卡布奇诺被拒绝", "zh"), passes: 0, line: 31, playing: { turns: [{ tap: "点咖啡", line: 33, bot: [{ text: "想喝点什么？", options: ["拿铁", "美式"] }], problems: [{ key: "offered", got: "拿铁", want: "拿铁, 美式" }] }] } };
  const report = (cases, at) => ({ playbook: "coffee", revision: 9, started_at: at, took_ns: 2.1e9, repeat: 4, seed: 1, cases: cases.length, passed: cases.filter((c) => c.passes === 4).length, failed: cases.filter((c) => c.passes < 4).length, flaky: cases.filter((c) => c.passes > 0 && c.passes < 4).length, turns: 71, pass_hat: [{ k: 1, rate: 0.92 }, { k: 2, rate: 0.89 }, { k: 3, rate: 0.875 }, { k: 4, rate: 0.86 }], langs: [{ lang: "en", cases: 15, passed: 14 }, { lang: "zh", cases: 9, passed: 8 }], suites: ["order_coffee", "track_order", "menu"].map((n) => { const own = cases.filter((c) => c.suite === n); return { name: n, file: `tests/${n}.yaml`, passed: own.filter((c) => c.passes === 4).length, failed: own.filter((c) => c.passes < 4).length, took_ns: 7e8, cases: own }; }) });
  const good = [...Array(21)].map((_, i) => passing(["order_coffee", "track_order", "menu"][i % 3], `case ${i + 1}`, i % 3 === 2 ? "zh" : "en"));
  return [
    { id: "r2", at: ago(3600), report: report([...good, failing, zh], ago(3600)) },
    { id: "r1", at: ago(90000), report: report([...good, { ...failing, passes: 4 }, zh], ago(90000)) },
  ].map(({ id, at, report: r }) => ({ id, playbook: "coffee", revision: r.revision, repeat: 4, status: "done", at, by: "Lin Mei", done: r.cases, total: r.cases, passed: r.passed, failed: r.failed, report: r }));
}
