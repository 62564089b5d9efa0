import { useSyncExternalStore } from "react";

/** A value that several screens look at and that outlives them. */
export interface Store<T> {
  get(): T;
  set(next: T | ((now: T) => T)): void;
  subscribe(f: () => void): () => void;
}

export function store<T>(first: T): Store<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const v = typeof next === "function" ? (next as (now: T) => T)(value) : next;
      if (Object.is(v, value)) return;
      value = v;
      for (const f of listeners) f();
    },
    subscribe(f) {
      listeners.add(f);
      return () => listeners.delete(f);
    },
  };
}

export function useStore<T>(s: Store<T>): T {
  return useSyncExternalStore(s.subscribe, s.get);
}

/** Kept in this browser; a value that cannot be read counts as absent. */
export function kept<T>(key: string, first: T): Store<T> {
  const name = `parley.${key}`;
  let start = first;
  try {
    const raw = localStorage.getItem(name);
    if (raw !== null) start = JSON.parse(raw) as T;
  } catch {
    // Storage is full, forbidden or holds something else: begin anew.
  }
  const s = store(start);
  s.subscribe(() => {
    try {
      localStorage.setItem(name, JSON.stringify(s.get()));
    } catch {
      // Works without, for this visit.
    }
  });
  return s;
}
