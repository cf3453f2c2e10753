/** A share from 0 to 1 as a bar; the number itself always stands beside it. */
export function Meter({ share, className = "" }: { share: number; className?: string }) {
  return (
    <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" className={`h-1 ${className}`}>
      <rect width="100" height="4" rx="1" className="fill-line" />
      <rect width={Math.max(0, Math.min(1, share)) * 100} height="4" rx="1" className="fill-ink-2" />
    </svg>
  );
}
