/** Choosing one of a few (radio buttons) and switching several on and off (check boxes), drawn as flat segments. */
import { useId } from "react";

export interface Option<T extends string> {
  value: T;
  label: string;
}

const SEGMENT =
  "flex h-7 min-w-8 items-center justify-center rounded-sm px-2.5 text-xs font-medium text-ink-2 transition-colors " +
  "hover:text-ink peer-checked:bg-accent peer-checked:text-on-accent peer-focus-visible:outline-2 " +
  "peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent peer-disabled:opacity-50";

interface OneOfProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onChoose: (value: T) => void;
}

export function OneOf<T extends string>({ label, options, value, onChoose }: OneOfProps<T>) {
  const name = useId();
  return (
    <fieldset className="inline-flex max-w-full flex-wrap gap-0.5 rounded-md border border-line bg-surface p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="relative">
          <input
            type="radio"
            className="peer absolute inset-0 m-0 cursor-pointer opacity-0"
            name={name}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span className={SEGMENT}>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SomeOfProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  chosen: readonly T[];
  onChange: (chosen: T[]) => void;
}

export function SomeOf<T extends string>({ label, options, chosen, onChange }: SomeOfProps<T>) {
  return (
    <fieldset className="inline-flex max-w-full flex-wrap gap-0.5 rounded-md border border-line bg-surface p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map(({ value, label: text }) => (
        <label key={value} className="relative">
          <input
            type="checkbox"
            className="peer absolute inset-0 m-0 cursor-pointer opacity-0"
            checked={chosen.includes(value)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value))
            }
          />
          <span className={SEGMENT}>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectProps {
  label: string;
  options: readonly Option<string>[];
  value: string;
  onChoose: (value: string) => void;
}

/** One of many: the platform's own list. */
export function Select({ label, options, value, onChoose }: SelectProps) {
  return (
    <label className="inline-flex min-w-0 items-center">
      <span className="sr-only">{label}</span>
      <select
        className="h-8 w-full min-w-0 rounded-md border border-line bg-surface px-2 text-xs font-medium text-ink-2 hover:text-ink"
        value={value}
        onChange={(event) => onChoose(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
