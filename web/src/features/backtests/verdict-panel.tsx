import type { BacktestResult } from "../../api/types";
import { CheckIcon, CrossIcon, QuestionIcon, WarnIcon } from "../../ui/icons";
import { told, TONES } from "./words";

const LOOKS = {
  promising: { Icon: CheckIcon, colour: "text-long", edge: "border-long" },
  unproven: { Icon: QuestionIcon, colour: "text-ink-2", edge: "border-line-strong" },
  against: { Icon: CrossIcon, colour: "text-short", edge: "border-short" },
} as const;

const SHOWN = 6;
const NOBODY = "Nobody asked whether luck does as well, so nothing can be said about it.";

function Reasons({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="mt-2 max-w-4xl list-disc space-y-0.5 pl-5 text-ink-2">
      {reasons.map((reason) => (
        <li key={reason}>{told(reason)}</li>
      ))}
    </ul>
  );
}

/** First what is to be thought of it, then why, then what makes it doubtful. */
export function VerdictPanel({ result }: { result: BacktestResult }) {
  const { tone, verdict, reasons, warnings, look_ahead, look_ahead_sentence } = result;
  const { Icon, colour, edge } = LOOKS[tone ?? "unproven"];
  return (
    <section aria-label="Verdict" className={`border-l-4 py-1 pl-4 ${edge}`}>
      <p className={`flex items-center gap-1.5 text-xs font-medium ${colour}`}>
        <Icon className="size-3.5" />
        {tone === null ? "No verdict" : TONES[tone]}
      </p>
      <p className="max-w-4xl text-lg font-semibold text-balance">{verdict === null ? NOBODY : told(verdict)}</p>
      <Reasons reasons={reasons.slice(0, SHOWN)} />
      {reasons.length > SHOWN && (
        <details className="mt-1">
          <summary className="text-accent">{reasons.length - SHOWN} more reasons</summary>
          <Reasons reasons={reasons.slice(SHOWN)} />
        </details>
      )}
      <ul className="mt-2 max-w-4xl space-y-0.5 text-xs">
        <li className={`flex items-start gap-1.5 ${look_ahead === "found" ? "font-medium text-short" : "text-ink-3"}`}>
          {look_ahead === "clean" ? <CheckIcon className="size-3.5" /> : <WarnIcon className="size-3.5" />}
          {told(look_ahead_sentence) || "Look-ahead was not looked for."}
        </li>
        {warnings.map((warning) => (
          <li key={warning} className="flex items-start gap-1.5 text-warn">
            <WarnIcon className="mt-px size-3.5" />
            <span className="min-w-0 wrap-anywhere">{told(warning)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
