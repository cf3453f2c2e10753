import type { ReactNode } from "react";

interface TableProps {
  caption: string;
  head: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A table that scrolls sideways inside itself when the screen is narrower, and can be scrolled by keyboard. */
export function Table({ caption, head, children, className = "" }: TableProps) {
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="group" aria-label={caption}>
      <table className={`w-full border-collapse ${className}`}>
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-xs text-ink-3">{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface CellProps {
  children?: ReactNode;
  /** Numbers stand to the right, words to the left. */
  number?: boolean;
  className?: string;
}

export function HeadCell({ children, number = false, className = "" }: CellProps) {
  return (
    <th
      scope="col"
      className={`h-8 px-1 sm:px-2 font-medium whitespace-nowrap first:pl-0 last:pr-0 ${number ? "text-right" : "text-left"} ${className}`}
    >
      {children}
    </th>
  );
}

export function Cell({ children, number = false, className = "" }: CellProps) {
  return (
    <td
      className={`h-(--row) px-1 sm:px-2 whitespace-nowrap first:pl-0 last:pr-0 ${number ? "text-right" : "text-left"} ${className}`}
    >
      {children}
    </td>
  );
}

/** The cell that names its row. */
export function RowHead({ children, className = "" }: CellProps) {
  return (
    <th
      scope="row"
      className={`h-(--row) px-1 sm:px-2 text-left font-medium whitespace-nowrap first:pl-0 ${className}`}
    >
      {children}
    </th>
  );
}
