import { useCallback, useRef, useState } from "react";
import { api } from "../api/client";
import type { Content, Lang, Tried } from "../api/types";
import { findOption, follow, type Happened, happened, type Row, type Stack, tapName } from "./suite";
import type { StepFile } from "./types";

interface State {
  asking?: { slot?: string };
  status?: string;
  [k: string]: unknown;
}

/** A turn as it went. */
export interface Played {
  messages: Content[];
  marks: Happened["marks"];
  facts: Row[];
  /** Over: a person has it, or it is closed. */
  over?: string;
  error?: unknown;
}
interface Kept extends Played {
  state: State;
  stack: Stack;
}

/** Talks to a playbook and remembers every turn, so that the last one can be taken back. */
export function useChat(playbook: string, lang: Lang) {
  const [turns, setTurns] = useState<Kept[]>([]);
  const [greeting, setGreeting] = useState<Kept>();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const round = useRef(0);

  const ask = useCallback(
    async (message: object, before: Kept | undefined): Promise<Kept> => {
      const r = await api.post<Tried>(`/api/playbooks/${playbook}/try`, { state: before?.state, message, lang: before ? undefined : lang });
      const state = r.state as State;
      const marks = r.marks ?? [];
      const stack = before?.stack ?? [];
      const facts = happened({ marks, messages: r.messages ?? [], asking: state.asking?.slot, queue: r.queue, status: r.status }, stack);
      return { messages: r.messages ?? [], marks, facts, state, stack: follow(stack, marks), over: r.status === "automated" ? undefined : r.status };
    },
    [playbook, lang],
  );

  /** From the beginning, through these turns; what cannot be played again ends it. */
  const replay = useCallback(
    async (steps: StepFile[], open = true) => {
      const mine = ++round.current;
      setBusy(true);
      setFailed(undefined);
      setTurns([]);
      try {
        let last = open ? await ask({}, undefined) : undefined;
        if (mine !== round.current) return;
        setGreeting(last);
        const out: Kept[] = [];
        for (const s of steps) {
          if (last?.over) break;
          const option = s.tap !== undefined && last ? findOption(last.messages.concat(), s.tap) : undefined;
          if (s.tap !== undefined && !option && !commands.includes(s.tap)) break;
          last = await ask(option ? { option: option.id } : s.tap !== undefined ? { command: s.tap } : { text: s.user }, last);
          if (mine !== round.current) return;
          out.push(last);
          setTurns([...out]);
        }
      } catch (err) {
        if (mine === round.current) setFailed(err);
      } finally {
        if (mine === round.current) setBusy(false);
      }
    },
    [ask],
  );

  /** One turn more; the step for the file, or nothing when it failed. */
  const say = async (what: { user: string } | { id: string; label: string; pick: Parameters<typeof tapName>[0] }): Promise<StepFile | undefined> => {
    setBusy(true);
    setFailed(undefined);
    try {
      const next = await ask("user" in what ? { text: what.user } : { option: what.id }, turns.at(-1) ?? greeting);
      setTurns([...turns, next]);
      return "user" in what ? { user: what.user } : { tap: tapName(what.pick, what.label) };
    } catch (err) {
      setFailed(err);
      return undefined;
    } finally {
      setBusy(false);
    }
  };

  const back = () => setTurns(turns.slice(0, -1));
  return { turns: turns as Played[], greeting: greeting as Played | undefined, busy, failed, over: turns.at(-1)?.over, replay, say, back };
}

const commands = ["human", "back", "start", "cancel"];
