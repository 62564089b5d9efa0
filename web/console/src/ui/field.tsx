import { clsx } from "clsx";
import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";

export const box =
  "w-full rounded-md border border-field bg-surface px-2.5 text-sm text-text placeholder:text-text-3 hover:border-text-3 focus:border-accent focus-visible:outline-2 focus-visible:outline-offset-0 disabled:bg-sunken disabled:text-text-3 aria-invalid:border-breach";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string;
  className?: string;
  children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const note = error || hint ? `${id}-note` : undefined;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-text-2">
        {label}
      </label>
      {children({ id, "aria-describedby": note, "aria-invalid": error ? true : undefined })}
      {note && (
        <p id={note} className={clsx("mt-1 text-xs", error ? "text-breach" : "text-text-3")}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

type TextProps = InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export function TextInput({ className, ...rest }: TextProps) {
  return <input className={clsx(box, "h-8", className)} {...rest} />;
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea className={clsx(box, "py-1.5", className)} {...rest} />;
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select className={clsx(box, "h-8 pr-7", className)} {...rest}>
      {children}
    </select>
  );
}

export function Check({ label, ...rest }: TextProps & { label: ReactNode }) {
  return (
    <label className="flex cursor-pointer items-center gap-2 text-sm">
      <input type="checkbox" className="size-4 shrink-0 accent-(--accent)" {...rest} />
      <span>{label}</span>
    </label>
  );
}

/** Words, one chip each; Enter or a comma adds, Backspace in the empty field takes the last away. */
export function Chips({ id, values, onChange, placeholder, removeLabel }: {
  id?: string;
  values: string[];
  onChange: (v: string[]) => void;
  placeholder?: string;
  removeLabel: (v: string) => string;
}) {
  const add = (el: HTMLInputElement) => {
    const v = el.value.trim();
    if (v && !values.includes(v)) onChange([...values, v]);
    el.value = "";
  };
  return (
    <div className={clsx(box, "flex min-h-8 flex-wrap items-center gap-1 py-1 focus-within:border-accent")}>
      {values.map((v) => (
        <span key={v} className="inline-flex h-6 items-center gap-1 rounded-sm bg-sunken pl-2 text-xs">
          {v}
          <button type="button" aria-label={removeLabel(v)} className="px-1.5 text-text-3 hover:text-text" onClick={() => onChange(values.filter((x) => x !== v))}>
            ×
          </button>
        </span>
      ))}
      <input
        id={id}
        placeholder={values.length ? undefined : placeholder}
        className="h-6 min-w-20 flex-1 bg-transparent text-sm outline-none"
        onKeyDown={(e) => {
          if (e.nativeEvent.isComposing) return;
          if (e.key === "Enter" || e.key === ",") {
            e.preventDefault();
            add(e.currentTarget);
          } else if (e.key === "Backspace" && !e.currentTarget.value && values.length) onChange(values.slice(0, -1));
        }}
        onBlur={(e) => add(e.currentTarget)}
      />
    </div>
  );
}
