import { queryOptions } from "@tanstack/react-query";
import { api, ApiError } from "../api/client";
import { listOf } from "../api/queries";
import type { PlaybookPage, PlaybookRow } from "../api/types";

export const playbooksQuery = queryOptions({ queryKey: ["playbooks"], queryFn: async () => listOf<PlaybookRow>(await api.get("/api/playbooks")) });
export const playbookQuery = (name: string) => queryOptions({ queryKey: ["playbook", name], queryFn: () => api.get<PlaybookPage>(`/api/playbooks/${name}`) });

export type Files = Record<string, string>;

const encode = (path: string) => path.split("/").map(encodeURIComponent).join("/");

/** Waits a second each time that the server says it is too much, for half a minute at most. */
async function patiently<T>(f: () => Promise<T>): Promise<T> {
  for (let tries = 30; ; tries--) {
    try {
      return await f();
    } catch (err) {
      if (!(err instanceof ApiError && err.status === 429) || tries === 0) throw err;
      await new Promise((again) => setTimeout(again, 1000));
    }
  }
}

/** Every file of a revision, a few at a time; a file that it does not have is left out. */
export const filesQuery = (name: string, revision: number, paths: string[]) =>
  queryOptions({
    // Apart from ["playbook", name]: a revision never changes, so its files are never fetched anew.
    queryKey: ["playbook files", name, revision, paths.join("\n")],
    staleTime: Infinity,
    gcTime: Infinity,
    enabled: revision > 0,
    queryFn: async ({ signal }) => {
      const out: Files = {};
      const rest = [...paths];
      const worker = async () => {
        for (let path = rest.shift(); path !== undefined; path = rest.shift()) {
          try {
            out[path] = await patiently(async () => (await api.get<{ text: string }>(`/api/playbooks/${name}/revisions/${revision}/files/${encode(path)}`, undefined, { signal })).text);
          } catch (err) {
            if (!(err instanceof ApiError && err.status === 404)) throw err;
          }
        }
      };
      await Promise.all(Array.from({ length: 4 }, worker));
      return out;
    },
  });
