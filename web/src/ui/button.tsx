import type { ButtonHTMLAttributes } from "react";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { tone?: "plain" | "quiet" };

const TONES = {
  plain: "border border-line-strong bg-surface px-3 hover:bg-accent-quiet disabled:opacity-60",
  quiet: "px-2 text-accent hover:underline underline-offset-4",
};

export function Button({ tone = "plain", className = "", ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`inline-flex h-8 items-center justify-center gap-2 rounded-md text-sm font-medium transition-colors ${TONES[tone]} ${className}`}
      {...rest}
    />
  );
}

/** A button that is only a sign; `label` is what it is called. */
export function IconButton({
  label,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-8 items-center justify-center rounded-md transition-colors ${className}`}
      {...rest}
    />
  );
}
