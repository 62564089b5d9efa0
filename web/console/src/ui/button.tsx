import { clsx } from "clsx";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

export type Tone = "primary" | "plain" | "quiet" | "danger";

const tones: Record<Tone, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover disabled:bg-sunken disabled:text-text-3",
  plain: "border border-line bg-surface text-text hover:bg-hover hover:border-line-strong disabled:text-text-3 disabled:hover:bg-surface",
  quiet: "text-text-2 hover:bg-sunken hover:text-text disabled:text-text-3 disabled:hover:bg-transparent",
  danger: "border border-line bg-surface text-breach hover:bg-breach-soft disabled:text-text-3",
};

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  small?: boolean;
  icon?: ReactNode;
  keys?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = "plain", small, icon, keys, className, children, type = "button", ...rest }: Props) {
  return (
    <button
      type={type}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors duration-100",
        small ? "h-7 px-2 text-xs" : "h-8 px-3 text-sm",
        tones[tone],
        className,
      )}
      {...rest}
    >
      {icon}
      {children}
      {keys && <Kbd quiet={tone !== "primary" || rest.disabled}>{keys}</Kbd>}
    </button>
  );
}

/** A button that is only a picture; its label is its name and its tooltip. */
export function IconButton({ label, className, small, children, ...rest }: Props & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-md text-text-2 transition-colors duration-100 hover:bg-sunken hover:text-text disabled:text-text-3 disabled:opacity-60 aria-pressed:bg-accent-soft aria-pressed:text-accent-text",
        small ? "size-7" : "size-8",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}

export function Kbd({ children, quiet = true }: { children: ReactNode; quiet?: boolean }) {
  return (
    <kbd
      aria-hidden="true"
      className={clsx(
        "inline-flex h-4 min-w-4 items-center justify-center rounded-sm px-1 font-sans text-2xs font-normal max-md:hidden",
        quiet ? "border border-line bg-sunken text-text-3" : "border border-current text-on-accent",
      )}
    >
      {children}
    </kbd>
  );
}
