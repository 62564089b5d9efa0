// Pictures of calls, and proof that the telephone in the browser works:
//   node dev/shots-voice.mjs OUT [name-filter]
// Needs the stand-in (MOCK_QUIET=1) and Debian's Chromium. Another page of the
// browser plays the server's end of the line.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const base = process.env.BASE ?? "http://127.0.0.1:8090";
const [out = "/tmp/shots", filter = ""] = process.argv.slice(2);
const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required", "--disable-features=WebRtcHideLocalIpsWithMdns"],
});

/** The far end: answers offers with PCMU and a tone of 440 Hz, and tells what it hears. */
async function far(context) {
  const page = await context.newPage();
  await page.goto("about:blank");
  await page.evaluate(() => {
    const peers = [];
    globalThis.answer = async (sdp) => {
      const pc = new RTCPeerConnection();
      peers.push(pc);
      await pc.setRemoteDescription({ type: "offer", sdp });
      const a = new AudioContext();
      const o = a.createOscillator();
      const d = a.createMediaStreamDestination();
      o.frequency.value = 440;
      o.connect(d);
      o.start();
      const audio = pc.getTransceivers().find((t) => t.receiver.track.kind === "audio");
      audio.direction = "sendrecv";
      await audio.sender.replaceTrack(d.stream.getAudioTracks()[0]);
      await pc.setLocalDescription();
      await new Promise((done) => (pc.iceGatheringState === "complete" ? done() : pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && done())));
      return pc.localDescription.sdp;
    };
    globalThis.heard = async () => {
      const got = [];
      for (const r of await peers.at(-1).getStats().then((s) => [...s.values()])) if (r.type === "inbound-rtp") got.push({ kind: r.kind, packets: r.packetsReceived, energy: r.totalAudioEnergy });
      return got;
    };
    globalThis.drop = () => peers.at(-1).close();
    globalThis.count = () => peers.length;
  });
  return page;
}

const shots = {
  inbox: async (p) => { await p.goto(`${base}/inbox`); },
  talking: async (p) => { await p.goto(`${base}/inbox/v0`); },
  keypad: async (p) => { await p.goto(`${base}/inbox/v0`); await p.getByTestId("call-bar").waitFor(); await p.keyboard.press("Alt+k"); await p.waitForTimeout(200); await p.keyboard.type("15#"); },
  reach: async (p) => { await p.goto(`${base}/inbox/v0`); await p.getByTestId("call-bar").waitFor(); await p.keyboard.press("Alt+t"); await p.waitForTimeout(300); },
  menu: async (p) => { await p.goto(`${base}/inbox/v1`); },
  wrap_up: async (p) => { await p.goto(`${base}/inbox/v2`); },
  callback: async (p) => { await p.goto(`${base}/inbox/v3`); },
  voicemail: async (p) => { await p.goto(`${base}/inbox/v4`); },
  dock: async (p) => { await p.goto(`${base}/queues`); },
  live: async (p) => { await p.goto(`${base}/calls`); },
  records: async (p) => { await p.goto(`${base}/calls?tab=records`); },
  record: async (p) => { await p.goto(`${base}/calls?tab=records`); await p.getByTestId("record").nth(2).getByRole("button").first().click(); },
  prompts: async (p) => { await p.goto(`${base}/calls?tab=prompts`); },
  prompt_add: async (p) => { await p.goto(`${base}/calls?tab=prompts`); await p.getByRole("button", { name: /Add a prompt|添加语音提示/ }).first().click(); },
  lines: async (p) => { await p.goto(`${base}/calls?tab=lines`); },
  sip_made: async (p) => { await p.goto(`${base}/calls?tab=lines`); await p.getByRole("button", { name: /Add a phone|添加话机/ }).click(); await p.locator("[name=user]").fill(`d${Date.now() % 1e6}`); await p.locator("[name=label]").fill("Desk"); await p.keyboard.press("Enter"); await p.waitForTimeout(300); },
  hold: async (p) => { await p.goto(`${base}/queues`); await p.getByRole("button", { name: /Edit Orders|编辑.*订单/ }).click(); await p.getByRole("tab", { name: /While waiting|等待期间/ }).click(); },
  settings: async (p) => { await p.goto(`${base}/settings`); await p.waitForTimeout(800); await p.getByText(/^(Microphone|麦克风)$/).first().scrollIntoViewIfNeeded(); },
  hooks: async (p) => { await p.goto(`${base}/settings`); await p.getByTestId("webhook").first().scrollIntoViewIfNeeded(); },
  consult: async (p) => { await p.goto(`${base}/inbox/v0`); await p.getByTestId("call-bar").waitFor(); await p.keyboard.press("Alt+t"); await p.getByPlaceholder(/Name, queue|姓名/).fill("Ann"); await p.keyboard.press("Enter"); await p.waitForTimeout(3000); },
  conference: async (p) => { await p.goto(`${base}/inbox/v0`); await p.getByRole("button", { name: /Join all|三方通话/ }).click(); await p.keyboard.press("Alt+m"); await p.waitForTimeout(200); },
  alone: async (p) => { await p.goto(`${base}/inbox/v0`); await p.getByRole("button", { name: /Take Ann|移出/ }).click(); await p.keyboard.press("Alt+m"); await p.keyboard.press("Alt+h"); await p.keyboard.press("Alt+r"); await p.waitForTimeout(300); },
  resumed: async (p) => { await p.goto(`${base}/inbox/v0`); await p.getByTestId("call-bar").waitFor(); await p.keyboard.press("Alt+h"); await p.keyboard.press("Alt+r"); await p.waitForTimeout(300); },
  listening: async (p) => { await p.goto(`${base}/inbox/c26`); await p.getByRole("button", { name: /^(Listen|监听)$/ }).click(); },
  unlisten: async (p) => { await p.goto(`${base}/inbox/c26`); await p.getByRole("button", { name: /Leave the call|退出通话/ }).click(); },
  incoming: async (p) => { await p.goto(`${base}/knowledge`); await p.evaluate(() => fetch("/api/mock/ask-in", { method: "POST", headers: { "X-Parley": "1" } })); await p.getByTestId("incoming").waitFor(); },
  asked_in: async (p) => { await p.goto(`${base}/inbox/c26`); await p.keyboard.press("Escape"); await p.waitForTimeout(500); },
  dialing: async (p) => { await p.goto(`${base}/inbox/v2`); await p.getByRole("button", { name: /Call again|再次呼叫/ }).click(); await p.waitForTimeout(400); },
  unreached: async (p) => { await p.goto(`${base}/inbox/v2`); await p.waitForTimeout(1500); if (await p.getByTestId("call-bar").isVisible()) await p.getByRole("button", { name: /Hang up|挂断/ }).last().click(); await p.waitForTimeout(3500); },
  offer: async (p) => { await p.goto(`${base}/knowledge`); await p.evaluate(() => fetch("/api/mock/offer", { method: "POST", headers: { "X-Parley": "1" } })); await p.getByTestId("offer").waitFor(); },
  phone: async (p) => { await p.goto(`${base}/inbox`); await p.waitForTimeout(500); if (await p.getByTestId("phone-status").isVisible()) await p.getByTestId("phone-status").click(); else { await p.getByRole("button", { name: /Account and presence|账号/ }).click(); await p.getByRole("menuitem", { name: /Phone|电话/ }).click(); } await p.waitForTimeout(600); },
};

for (const look of (process.env.LOOKS ?? "wide-light-en,wide-dark-zh,phone-light-zh,phone-dark-en").split(",")) {
  const [size, theme, lang] = look.split("-");
  const context = await browser.newContext({ viewport: size === "wide" ? { width: 1440, height: 900 } : { width: 390, height: 844 }, locale: lang === "zh" ? "zh-CN" : "en-GB", timezoneId: "Europe/Berlin", permissions: process.env.DENY ? [] : ["microphone", "camera"] });
  const other = await far(context);
  await context.route("**/api/voice/phone", async (route) => {
    if (route.request().method() !== "POST" || process.env.NO_PEER) return route.continue();
    const sdp = await other.evaluate((offer) => globalThis.answer(offer), route.request().postDataJSON().sdp);
    await route.fulfill({ json: { id: `p${Date.now()}`, sdp } });
  });
  await context.addInitScript(([t, l, on]) => {
    localStorage.setItem("parley.theme", JSON.stringify(t));
    localStorage.setItem("parley.lang", JSON.stringify(l));
    if (!localStorage.getItem("parley.phone")) localStorage.setItem("parley.phone", JSON.stringify({ on, mic: "", speaker: "", ring: "", clean: false }));
  }, [theme, lang, !process.env.PHONE_OFF]);
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.on("console", (m) => m.type() === "error" && console.log(look, "console:", m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log(look, "error:", e.message));
  for (const [name, go] of Object.entries(shots)) {
    if (filter && !name.match(filter)) continue;
    try {
      await go(page);
      await page.waitForTimeout(1300);
      await page.screenshot({ path: `${out}/${name}-${look}.png` });
      await page.evaluate(axe);
      const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
      for (const v of found.violations) console.log(look, name, "axe:", v.id, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].any[0]?.message ?? v.nodes[0].all[0]?.message ?? "");
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) console.log(look, name, "is wider than the screen");
    } catch (err) {
      console.log(look, name, "failed:", err.message.split("\n")[0]);
    }
  }
  if (process.env.PROVE) await prove(page, other);
  await context.close();
}
await browser.close();

/** Audio flows both ways only in a call, and the line is made again when it breaks. */
async function prove(page, other) {
  const state = () => page.getByTestId("phone-status").getAttribute("data-state");
  const until = async (what, f) => {
    for (let i = 0; i < 150; i++) {
      if (await f()) return console.log("ok  ", what);
      await page.waitForTimeout(100);
    }
    console.log("FAIL", what);
  };
  const packets = async () => (await other.evaluate(() => globalThis.heard())).find((r) => r.kind === "audio")?.packets ?? 0;
  await page.goto(`${base}/inbox/v0`);
  await until("the phone is ready", async () => (await state()) === "ready");
  const a = await packets();
  await until("the agent is heard in a call", async () => (await packets()) > a + 20);
  const made = await other.evaluate(() => globalThis.count());
  await other.evaluate(() => globalThis.drop());
  await until("a broken line is made again", async () => (await other.evaluate(() => globalThis.count())) > made && (await state()) === "ready");
  const b = await packets();
  await until("and carries the agent's voice again", async () => (await packets()) > b + 20);
  await page.reload();
  await until("the phone comes back after a reload", async () => (await state()) === "ready");
  await page.keyboard.press("Alt+x");
  await page.getByTestId("wrap-up").waitFor();
  await page.waitForTimeout(500);
  const c = await packets();
  await page.waitForTimeout(1000);
  console.log((await packets()) - c < 5 ? "ok  " : "FAIL", "nothing is sent between calls");
  await page.keyboard.press("1");
  await page.getByLabel(/^(Note|备注)$/).first().fill("Asked for a refund");
  await page.keyboard.press("Control+Enter");
  await until("the wrap-up closes", async () => !(await page.getByTestId("wrap-up").isVisible()));
}
