// Pictures of the screens, for looking at: node dev/shots.mjs OUT [name-filter]
// Needs the stand-in (or a real server, BASE=...) and Debian's Chromium.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const base = process.env.BASE ?? "http://127.0.0.1:8090";
const [out = "/tmp/shots", filter = ""] = process.argv.slice(2);
const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
mkdirSync(out, { recursive: true });

const screens = JSON.parse(process.env.SCREENS ?? "null") ?? {
  inbox: "/inbox", conversation: "/inbox/c0", thread: "/inbox/c1", queues_tab: "/inbox?tab=queues",
  knowledge: "/knowledge", article: "/knowledge/a1", playbooks: "/playbooks", playbook: "/playbooks/coffee",
  evals: "/evals", queues: "/queues", people: "/people", audit: "/audit", settings: "/settings",
};
const looks = (process.env.LOOKS ?? "wide-light-en,wide-dark-zh,phone-light-zh,phone-dark-en").split(",");

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const look of looks) {
  const [size, theme, lang] = look.split("-");
  const context = await browser.newContext({ viewport: size === "wide" ? { width: 1440, height: 900 } : { width: 390, height: 844 }, locale: lang === "zh" ? "zh-CN" : "en-GB", timezoneId: "Europe/Berlin" });
  await context.addInitScript(([t, l]) => {
    localStorage.setItem("parley.theme", JSON.stringify(t));
    localStorage.setItem("parley.lang", JSON.stringify(l));
  }, [theme, lang]);
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && console.log(look, "console:", m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log(look, "error:", e.message));
  for (const [name, path] of Object.entries(screens)) {
    if (!name.includes(filter)) continue;
    await page.goto(base + path);
    await page.waitForTimeout(1200);
    await page.screenshot({ path: `${out}/${name}-${look}.png` });
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
    for (const v of found.violations) console.log(look, name, "axe:", v.id, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].any[0]?.message ?? v.nodes[0].all[0]?.message ?? "");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (wide) console.log(look, name, "is wider than the screen");
  }
  await context.close();
}
await browser.close();
