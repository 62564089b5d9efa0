import type { Box, Picture } from "./model";

// Where the boxes of a picture stand: columns by how many steps they are from
// the start, flows that only words lead to in the column of the first steps.

export const WIDTH = 232;
export const GAP_X = 72;
export const GAP_Y = 20;
export const HEAD = 44;
export const LINE = 24;
export const PAD = 24;

export interface Placed {
  box: Box;
  x: number;
  y: number;
  height: number;
}
export interface Edge {
  from: string;
  row: number;
  to: string;
  /** From the row's end to the target's head; backwards when the target stands further left. */
  path: string;
  back: boolean;
}
export interface Layout {
  boxes: Placed[];
  edges: Edge[];
  width: number;
  height: number;
}

export function layout(p: Picture): Layout {
  const byID = new Map(p.boxes.map((b) => [b.id, b]));
  const depth = new Map<string, number>();
  const visit = (ids: string[], at: number) => {
    let now = ids.filter((id) => byID.has(id) && !depth.has(id));
    while (now.length) {
      for (const id of now) depth.set(id, at);
      at++;
      const next = new Set<string>();
      for (const id of now) for (const r of byID.get(id)?.rows ?? []) if (r.to && byID.has(r.to) && !depth.has(r.to)) next.add(r.to);
      now = [...next];
    }
  };
  if (p.start) visit([p.start], 0);
  visit(p.boxes.filter((b) => b.kind === "menu" || b.kind === "flow").map((b) => b.id), p.start ? 1 : 0);
  visit([...byID.keys()], 1);

  const columns: Box[][] = [];
  // Order within a column is that of the lines that lead there, so that arrows cross little.
  const order = [...byID.values()].sort((a, b) => (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
  const rank = new Map<string, number>();
  for (const b of order) {
    const d = depth.get(b.id) ?? 0;
    (columns[d] ??= []).push(b);
  }
  const place = new Map<string, Placed>();
  let height = 0;
  for (let d = 0; d < columns.length; d++) {
    const column = columns[d] ?? [];
    if (d > 0) column.sort((a, b) => (rank.get(a.id) ?? 1e6) - (rank.get(b.id) ?? 1e6));
    let y = PAD;
    for (const box of column) {
      const h = HEAD + box.rows.length * LINE + (box.rows.length ? 6 : 0);
      place.set(box.id, { box, x: PAD + d * (WIDTH + GAP_X), y, height: h });
      box.rows.forEach((r, i) => {
        if (r.to && !rank.has(r.to)) rank.set(r.to, y + i * LINE);
      });
      y += h + GAP_Y;
    }
    height = Math.max(height, y);
  }

  const edges: Edge[] = [];
  for (const from of place.values()) {
    from.box.rows.forEach((r, row) => {
      const to = r.to && place.get(r.to);
      if (!to) return;
      const back = to.x <= from.x;
      const x1 = back ? from.x : from.x + WIDTH;
      const y1 = from.y + HEAD + row * LINE + LINE / 2;
      const x2 = back ? to.x + (to.x === from.x ? 0 : WIDTH) : to.x;
      const y2 = to.y + HEAD / 2;
      const bend = Math.max(28, Math.abs(x2 - x1) / 2);
      const c1 = back ? x1 - bend : x1 + bend;
      const c2 = back && to.x !== from.x ? x2 + bend : x2 - bend;
      edges.push({ from: from.box.id, row, to: to.box.id, back, path: `M${x1} ${y1} C${c1} ${y1} ${c2} ${y2} ${x2} ${y2}` });
    });
  }
  return { boxes: [...place.values()], edges, width: PAD * 2 + columns.length * WIDTH + Math.max(0, columns.length - 1) * GAP_X, height: height + PAD };
}
