/** Where a text stands in another: its line, counted from one, its column and how long it is there. */
export interface Place {
  line: number;
  column: number;
  length: number;
}

const marks = /[\s*_`#>[\]()-]+/g;

/** Finds words in Markdown, although they may be written there with other spaces and marks; undefined when they are not in it. */
export function placeOf(body: string, words: string): Place | undefined {
  const wanted = words.replace(marks, "");
  if (!wanted) return undefined;
  let bare = "";
  const at: number[] = []; // of each letter of bare
  for (let i = 0; i < body.length; i++)
    if (body[i].replace(marks, "")) {
      bare += body[i];
      at.push(i);
    }
  const found = bare.toLowerCase().indexOf(wanted.toLowerCase());
  if (found < 0) return undefined;
  const from = at[found];
  const before = body.slice(0, from);
  return { line: before.split("\n").length, column: from - before.lastIndexOf("\n"), length: at[found + wanted.length - 1] + 1 - from };
}
