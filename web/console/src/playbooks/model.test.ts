import { describe, expect, it } from "vitest";
import { layout } from "./layout";
import { picture } from "./model";

const files = {
  "playbook.yaml": "version: 1\nplaybook: coffee\nstart: menu:main\n",
  "menus/main.yaml": "version: 1\nmenu: main\nprompt: {en: How can we help?, zh: 需要什么帮助？}\nchoices:\n  - {key: 1, label: {en: Order, zh: 点单}, go: flow:order}\n  - key: 2\n    label: {en: Hours}\n    go: article:opening-hours\n  - {key: 9, label: Gone, go: menu:nowhere}\n",
  "flows/order.yaml": 'version: 1\nflow: order\ntitle: {en: Order a coffee}\nslots:\n  drink: {type: choice, ask: {en: Which?}}\n  note: {type: text, optional: true}\nrules:\n  - when: drink == "x"\n    refuse: drink\nconfirm: customer\ndo:\n  tool: place\n  failed: {say: Sorry, go: queue:support}\nthen: {say: {en: Done}, go: menu:main}\n',
  "flows/words.yaml": "version: 1\nflow: words\nslots: {}\n",
  "articles/opening-hours.en.md": "---\ntitle: When we are open\n---\nx",
  "queues.yaml": "version: 1\nqueues: [{name: support, title: {en: Support}}]\n",
};

describe("picture", () => {
  const p = picture(files, [{ file: "flows/order.yaml", line: 8, column: 1, message: "bad" }], "en");
  const box = (id: string) => p.boxes.find((b) => b.id === id);

  it("reads menus and flows with the line of every row", () => {
    expect(p.start).toBe("menu:main");
    expect(box("menu:main")).toMatchObject({ title: "How can we help?", rows: [{ text: "1  Order", to: "flow:order", line: 5 }, { to: "article:opening-hours", line: 6 }, { to: "menu:nowhere", line: 9 }] });
    expect(box("flow:order")?.rows.map((r) => [r.kind, r.line, r.to])).toEqual([["slot", 5, undefined], ["slot", 6, undefined], ["rule", 8, undefined], ["confirm", 10, undefined], ["do", 12, undefined], ["failed", 13, "queue:support"], ["then", 14, "menu:main"]]);
  });

  it("names what is elsewhere, and shows what is nowhere", () => {
    expect(box("article:opening-hours")).toMatchObject({ kind: "article", title: "When we are open", file: "articles/opening-hours.en.md" });
    expect(box("queue:support")?.title).toBe("Support");
    expect(box("menu:nowhere")?.kind).toBe("missing");
  });

  it("puts a problem on its box", () => {
    expect(box("flow:order")?.troubles).toHaveLength(1);
    expect(box("menu:main")?.troubles).toHaveLength(0);
  });

  it("keeps the box of a file that cannot be read", () => {
    const broken = picture({ "flows/broken.yaml": "flow: [\n  oh" }, [], "en");
    expect(broken.boxes.map((b) => b.id)).toEqual(["flow:broken"]);
  });
});

describe("layout", () => {
  const l = layout(picture(files, [], "en"));
  it("begins at the left with the start, and lets no two boxes overlap", () => {
    expect(Math.min(...l.boxes.map((b) => b.x))).toBe(l.boxes.find((b) => b.box.id === "menu:main")?.x);
    for (const a of l.boxes)
      for (const b of l.boxes)
        if (a !== b && a.x === b.x) expect(a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
  });
  it("draws an arrow for each line that leads somewhere, and knows which go back", () => {
    expect(l.edges).toHaveLength(5);
    expect(l.edges.filter((e) => e.back).map((e) => `${e.from}>${e.to}`)).toEqual(["flow:order>menu:main"]);
  });
  it("shows flows that only words lead to", () => {
    expect(l.boxes.some((b) => b.box.id === "flow:words")).toBe(true);
  });
});
