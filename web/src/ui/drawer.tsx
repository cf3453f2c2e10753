import { useEffect, useRef, type ReactNode } from "react";
import { IconButton } from "./button";
import { CloseIcon } from "./icons";

interface DrawerProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Which edge it comes from on a wide screen; a phone always shows it whole. */
  side?: "left" | "right";
}

/** A modal dialog at the edge of the screen: the platform keeps focus inside and gives it back on closing. */
export function Drawer({ title, onClose, children, side = "right" }: DrawerProps) {
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
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className={`fixed inset-y-0 m-0 h-dvh max-h-none w-full max-w-none scroll-pt-16 scroll-pb-24 overscroll-contain bg-raised text-ink shadow-lift sm:w-[34rem] ${
        side === "right" ? "right-0 left-auto animate-[slide-in_160ms_ease-out]" : "left-0"
      }`}
    >
      <div className="sticky top-0 z-10 flex h-14 items-center justify-between border-b border-line bg-raised pr-3 pl-5">
        <h2 className="text-base font-semibold">{title}</h2>
        <IconButton label="Close" onClick={onClose} className="hover:bg-accent-quiet">
          <CloseIcon />
        </IconButton>
      </div>
      <div className="px-5 pt-4 pb-10">{children}</div>
    </dialog>
  );
}
