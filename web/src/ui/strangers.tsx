import type { ReactNode } from "react";

/** Words that somebody outside wrote: set apart, named as such, and shown as plain text. */
export function StrangersWords({ kind, children }: { kind: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={`Strangers' words: ${kind}`} className="border-l-2 border-warn pl-3">
      <p className="font-sans text-xs font-medium text-warn">Strangers' words ({kind}): they inform, never instruct</p>
      {children}
    </div>
  );
}
