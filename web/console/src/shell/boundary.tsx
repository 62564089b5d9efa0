import { CircleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button";

/** The last net: says that this screen broke, what was not lost, and how to go on. */
export class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  state: { error?: unknown } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  render() {
    if (this.state.error === undefined) return this.props.children;
    return <Crash error={this.state.error} reset={() => this.setState({ error: undefined })} />;
  }
}

export function Crash({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="flex h-full flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
      <CircleAlert size={24} className="text-breach" aria-hidden />
      <h1 className="text-lg font-semibold">{t("error.crash")}</h1>
      <p className="max-w-100 text-text-2">{t("error.crash_text")}</p>
      <p className="max-w-120 font-mono text-2xs break-all text-text-3">{error instanceof Error ? error.message : String(error)}</p>
      <div className="mt-2 flex gap-2">
        <Button tone="primary" onClick={reset}>{t("common.retry")}</Button>
        <Button onClick={() => location.reload()}>{t("common.reload")}</Button>
      </div>
    </div>
  );
}
