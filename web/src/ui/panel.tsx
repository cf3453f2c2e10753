import { useId, type ReactNode } from "react";

interface PanelProps {
  title: string;
  /** Shown beside the title: filters, an age. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a page: a heading on a hairline, and space. */
export function Panel({ title, aside, className = "", children }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`min-w-0 ${className}`}>
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line-strong pb-1">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
