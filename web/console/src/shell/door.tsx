import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError, whenSignedOut } from "../api/client";
import { client, meQuery, setupQuery } from "../api/queries";
import { setLang } from "../i18n";
import { lang, theme } from "../lib/prefs";
import { Failed } from "../ui/state";
import { Login, Setup } from "./login";
import { Shell } from "./shell";

/** Lets in who is signed in; shows the way in to everybody else. */
export function Door() {
  const me = useQuery(meQuery);
  const out = me.error instanceof ApiError && me.error.status === 401;
  const setup = useQuery({ ...setupQuery, enabled: out });

  useEffect(() => {
    whenSignedOut(() => {
      client.removeQueries({ predicate: (q) => q.queryKey[0] !== "me" && q.queryKey[0] !== "setup" });
      void client.resetQueries({ queryKey: meQuery.queryKey });
    });
  }, []);

  const theirs = me.data;
  useEffect(() => {
    // What he chose on another machine holds here too, unless this browser was told otherwise.
    if (theirs?.theme && theme.get() === "auto") theme.set(theirs.theme);
    if (theirs?.lang && !lang.get()) void setLang(theirs.lang);
  }, [theirs?.id]);

  if (me.data && !out) return <Shell />;
  if (me.isPending || (out && setup.isPending)) return <Frame />;
  if (out && setup.data?.needed) return <Setup />;
  if (out && !setup.error) return <Login />;
  return <Failed error={me.error ?? setup.error} retry={() => void me.refetch()} />;
}

/** The shape of the desk while it is not known who sits at it. */
function Frame() {
  return (
    <div className="flex h-full" aria-busy="true">
      <div className="w-17 border-r border-line bg-bg max-md:hidden" />
      <div className="w-85 border-r border-line bg-surface max-md:w-full" />
      <div className="flex-1 bg-bg" />
    </div>
  );
}
