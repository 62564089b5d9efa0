import { clsx } from "clsx";
import { X } from "lucide-react";
import { Dialog as D, DropdownMenu as M, Popover as P, Tooltip as T } from "radix-ui";
import { useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "./button";

export function Dialog({ open, onClose, title, description, children, wide, side, bare }: {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  children: ReactNode;
  wide?: boolean;
  side?: boolean;
  bare?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <D.Root open={open} onOpenChange={(o) => !o && onClose()}>
      <D.Portal>
        <D.Overlay className="fixed inset-0 z-40 bg-shade" />
        <D.Content
          aria-describedby={description ? undefined : ""}
          className={clsx(
            "fixed z-50 flex flex-col bg-surface shadow-lg focus:outline-none",
            side
              ? "inset-y-0 right-0 w-full max-w-[min(960px,100vw)] border-l border-line"
              : "top-[12vh] left-1/2 max-h-[80vh] w-[calc(100vw-24px)] -translate-x-1/2 rounded-lg border border-line",
            !side && (wide ? "max-w-[860px]" : "max-w-[480px]"),
          )}
        >
          {bare ? (
            <D.Title className="sr-only">{title}</D.Title>
          ) : (
            <div className="flex items-start gap-3 border-b border-line px-4 py-3">
              <div className="min-w-0 flex-1">
                <D.Title className="text-base font-semibold">{title}</D.Title>
                {description && <D.Description className="mt-0.5 text-xs text-text-3">{description}</D.Description>}
              </div>
              <D.Close aria-label={t("common.close")} className="-m-1 rounded-md p-1.5 text-text-3 hover:bg-sunken hover:text-text">
                <X size={16} aria-hidden />
              </D.Close>
            </div>
          )}
          {children}
        </D.Content>
      </D.Portal>
    </D.Root>
  );
}

export function DialogBody({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={clsx("min-h-0 flex-1 space-y-3 overflow-y-auto px-4 py-4", className)}>{children}</div>;
}

export function DialogFoot({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">{children}</div>;
}

export function Tip({ text, keys, side, children }: { text: string; keys?: string; side?: "top" | "right" | "bottom" | "left"; children: ReactNode }) {
  return (
    <T.Root delayDuration={400}>
      <T.Trigger asChild>{children}</T.Trigger>
      <T.Portal>
        <T.Content side={side} sideOffset={6} className="z-50 flex items-center gap-2 rounded-md bg-text px-2 py-1 text-xs text-surface shadow-md">
          {text}
          {keys && <span className="opacity-75">{keys}</span>}
        </T.Content>
      </T.Portal>
    </T.Root>
  );
}
export const TipProvider = T.Provider;

export function Menu({ trigger, children, align = "end", side }: { trigger: ReactNode; children: ReactNode; align?: "start" | "end"; side?: "top" | "right" | "bottom" }) {
  // Who chose with the pointer gets no focus left behind on the button: the
  // next Enter is the desk's again.
  const pointed = useRef(false);
  return (
    <M.Root modal={false}>
      <M.Trigger asChild>{trigger}</M.Trigger>
      <M.Portal>
        <M.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          onPointerDownCapture={() => (pointed.current = true)}
          onKeyDownCapture={() => (pointed.current = false)}
          onCloseAutoFocus={(e) => pointed.current && e.preventDefault()}
          className="z-50 min-w-44 rounded-lg border border-line bg-surface p-1 shadow-md"
        >
          {children}
        </M.Content>
      </M.Portal>
    </M.Root>
  );
}

export function MenuItem({ icon, keys, children, onSelect, checked, danger, disabled }: {
  icon?: ReactNode;
  keys?: string;
  children: ReactNode;
  onSelect: () => void;
  checked?: boolean;
  danger?: boolean;
  disabled?: boolean;
}) {
  const cls = clsx(
    "flex cursor-pointer items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-[disabled]:text-text-3 data-[highlighted]:bg-sunken",
    danger && "text-breach",
  );
  const inner = (
    <>
      {icon && <span className="text-text-3">{icon}</span>}
      <span className="flex-1">{children}</span>
      {checked && <span aria-hidden>✓</span>}
      {keys && <Kbd>{keys}</Kbd>}
    </>
  );
  if (checked !== undefined)
    return (
      <M.CheckboxItem checked={checked} onSelect={onSelect} disabled={disabled} className={cls}>
        {inner}
      </M.CheckboxItem>
    );
  return (
    <M.Item onSelect={onSelect} disabled={disabled} className={cls}>
      {inner}
    </M.Item>
  );
}

export function MenuLine() {
  return <M.Separator className="my-1 h-px bg-line" />;
}
export function MenuLabel({ children }: { children: ReactNode }) {
  return <M.Label className="px-2 py-1 text-xs text-text-3">{children}</M.Label>;
}

export function Popover({ trigger, children, open, onOpenChange, align = "start" }: {
  trigger: ReactNode;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (o: boolean) => void;
  align?: "start" | "end";
}) {
  return (
    <P.Root open={open} onOpenChange={onOpenChange}>
      <P.Trigger asChild>{trigger}</P.Trigger>
      <P.Portal>
        <P.Content align={align} sideOffset={4} collisionPadding={8} className="z-50 rounded-lg border border-line bg-surface p-3 shadow-md focus:outline-none">
          {children}
        </P.Content>
      </P.Portal>
    </P.Root>
  );
}
