/** What a view shows when it has nothing to show yet, nothing at all, something old, or an error. */
import type { ReactNode } from "react";
import { wordsFor } from "../api/problem";
import { Button } from "./button";
import { WarnIcon } from "./icons";

/** Stands where text will be, at its size. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <span className={`skeleton inline-block ${className}`}>&nbsp;</span>;
}

/** Announced once to screen readers while a view loads; what is seen are its skeletons. */
export function LoadingNote({ what }: { what: string }) {
  return (
    <p className="sr-only" role="status">
      Loading {what}
    </p>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="px-2 py-8 text-center">
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="mx-auto mt-1 max-w-md text-ink-2">{children}</div>}
    </div>
  );
}

interface FailureProps {
  what: string;
  error: unknown;
  onRetry: () => void;
}

export function Failure({ what, error, onRetry }: FailureProps) {
  const { title, detail, code } = wordsFor(error);
  return (
    <div role="alert" className="px-2 py-8 text-center">
      <p className="font-medium">
        {what}: {title}
      </p>
      <p className="mx-auto mt-1 max-w-md text-ink-2">{detail}</p>
      {code !== null && <p className="mt-1 font-mono text-xs text-ink-3">{code}</p>}
      <Button className="mt-3" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

/** What is shown below is older than it should be. */
export function StaleNote({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="flex items-start gap-2 bg-warn-quiet px-2 py-1.5 text-xs text-warn">
      <WarnIcon className="mt-px size-3.5" />
      <span>{children}</span>
    </p>
  );
}

interface ViewProps<T> {
  what: string;
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}

/** Chooses between the four states of a view: loading, failed, stale (old data, newer failed) and there. */
export function View<T>({ what, query, skeleton, children }: ViewProps<T>) {
  const { data, error } = query;
  if (data !== undefined) {
    return (
      <>
        {error !== null && (
          <StaleNote>
            {what} cannot be brought up to date: {wordsFor(error).detail}
          </StaleNote>
        )}
        {children(data)}
      </>
    );
  }
  if (error !== null) return <Failure what={what} error={error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <LoadingNote what={what.toLowerCase()} />
      <div aria-hidden="true">{skeleton}</div>
    </>
  );
}
