import { useQuery } from "@tanstack/react-query";
import { client } from "../api/queries";
import type { ID } from "../api/types";
import { may, useMe } from "../lib/session";
import { store, useStore } from "../lib/store";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { callNews, command, dial, liveCalls, voiceQuery } from "./api";
import { type Calls, ownCall, partyOf, withLive, withNews } from "./calls";
import type { CallNews, Command, VoiceInfo } from "./types";

// The calls as this console knows them, and what a screen does with them.

export const calls = store<Calls>({});
/** Calls whose wrap-up is done, or put aside. */
export const wrapped = store<Record<ID, true>>({});

export function takeNews(conversation: ID, news: CallNews) {
  calls.set((now) => withNews(now, conversation, news));
  if (news.state === "ended") void client.invalidateQueries({ queryKey: ["voice", "recordings"] });
}

/** After a reload, or a break of the line: which of the calls that are up are mine? */
export async function catchUpCalls(me: ID) {
  try {
    const live = await liveCalls();
    calls.set((now) => withLive(now, live, (c) => partyOf(c, me) !== undefined));
  } catch {
    // Who may not see them gets news of his own.
  }
  // One that ended meanwhile is in no list.
  for (const [conversation, c] of Object.entries(calls.get())) {
    if (c.state === "ended") continue;
    callNews(c.call_id).then((n) => takeNews(conversation, n), () => takeNews(conversation, { ...c, state: "ended", since: new Date().toISOString() }));
  }
}

export function useVoice(): VoiceInfo | undefined {
  const me = useMe();
  const { data } = useQuery({ ...voiceQuery, enabled: may(me, "voice.call") });
  return data?.enabled ? data : undefined;
}

export function useOwnCall() {
  const me = useMe();
  return ownCall(useStore(calls), me.id);
}

/** Does something with a call and shows how it stands then; says so when it does not work. */
export function useCommand(): (conversation: ID, call: ID, c: Command) => Promise<boolean> {
  const text = useErrorText();
  return async (conversation, call, c) => {
    try {
      const news = await command(call, c);
      if (news?.call_id) takeNews(conversation, news);
      return true;
    } catch (err) {
      toast(text(err), { bad: true });
      return false;
    }
  };
}

/** Calls the customer of a conversation. */
export function useDial(): (conversation: ID, to?: string) => Promise<void> {
  const text = useErrorText();
  return async (conversation, to) => {
    try {
      const news = await dial(conversation, to);
      if (news?.call_id) takeNews(conversation, news);
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
}
