import type { ReactNode } from "react";

/** A name that says what it means when it is asked. */
export function Defined({ label, children }: { label: string; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="inline-flex list-none items-baseline gap-1 underline decoration-line-strong decoration-dotted underline-offset-4 hover:decoration-accent [&::-webkit-details-marker]:hidden">
        {label}
      </summary>
      <div className="mt-1 max-w-96 text-xs font-normal whitespace-normal text-ink-2">{children}</div>
    </details>
  );
}
