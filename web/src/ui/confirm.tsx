import { useEffect, useRef, type ReactNode } from "react";
import { Button } from "./button";

interface ConfirmProps {
  /** The question. */
  title: string;
  /** What the button that does it says. */
  act: string;
  onAct: () => void;
  onCancel: () => void;
  /** While it is being done nothing can be pressed. */
  busy: boolean;
  children: ReactNode;
}

/** Asks once before something is done. The platform keeps focus inside; Escape takes it back. */
export function Confirm({ title, act, onAct, onCancel, busy, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onCancel}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-md bg-raised p-5 text-ink shadow-lift"
    >
      <h2 className="text-base font-semibold">{title}</h2>
      <div className="mt-2 text-ink-2">{children}</div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel} disabled={busy} autoFocus>
          Cancel
        </Button>
        <Button onClick={onAct} disabled={busy} className="border-accent! bg-accent! text-on-accent">
          {busy ? "Asking the desk" : act}
        </Button>
      </div>
    </dialog>
  );
}
