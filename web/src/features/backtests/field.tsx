/** One thing to fill in, with its name, what it means, and what is wrong with it. */
import { createContext, use, useId, type ReactNode } from "react";
import type { FieldFault } from "../../api/types";

const FaultsContext = createContext<readonly FieldFault[]>([]);

export function FaultsProvider({ faults, children }: { faults: readonly FieldFault[]; children: ReactNode }) {
  return <FaultsContext value={faults}>{children}</FaultsContext>;
}

/** What is wrong with a field or with anything in it: `strategies.0.name` belongs to `strategies`. */
function useFault(field: string): string | null {
  const faults = use(FaultsContext).filter((fault) => fault.field === field || fault.field.startsWith(`${field}.`));
  return faults.length === 0 ? null : faults.map((fault) => fault.message).join(" ");
}

export function FaultText({ field }: { field: string }) {
  const fault = useFault(field);
  return fault === null ? null : (
    <p role="alert" className="mt-1 text-xs font-medium text-short">
      {fault}
    </p>
  );
}

/** A group of choices under one heading. */
export function Group({ title, field, children }: { title: string; field: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0 border-t border-line pt-3">
      <legend className="float-left mb-2 w-full font-semibold">{title}</legend>
      <div className="clear-both">{children}</div>
      <FaultText field={field} />
    </fieldset>
  );
}

interface TextFieldProps {
  label: string;
  field: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "date";
  placeholder?: string;
  hint?: string;
  min?: string;
  max?: string;
  disabled?: boolean;
}

export function TextField({ label, field, value, onChange, hint, type = "text", ...rest }: TextFieldProps) {
  const id = useId();
  const fault = useFault(field);
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="text-xs text-ink-2">
        {label}
      </label>
      <input
        id={id}
        type={type}
        value={value}
        aria-invalid={fault !== null}
        aria-describedby={hint === undefined && fault === null ? undefined : `${id}-told`}
        inputMode={type === "text" ? "decimal" : undefined}
        onChange={(event) => onChange(event.target.value)}
        className={`mt-0.5 block h-8 w-full min-w-0 rounded-md border bg-surface px-2 disabled:opacity-60 ${
          fault === null ? "border-line-strong" : "border-short"
        }`}
        {...rest}
      />
      {(hint !== undefined || fault !== null) && (
        <p id={`${id}-told`} className={`mt-0.5 text-xs ${fault === null ? "text-ink-3" : "font-medium text-short"}`}>
          {fault ?? hint}
        </p>
      )}
    </div>
  );
}

interface TickProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  children: ReactNode;
}

/** A box to tick, with what it stands for beside it. */
export function Tick({ checked, onChange, disabled = false, children }: TickProps) {
  return (
    <label className={`flex items-start gap-2 py-1 ${disabled ? "text-ink-3" : ""}`}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-(--accent)"
      />
      <span className="min-w-0">{children}</span>
    </label>
  );
}
