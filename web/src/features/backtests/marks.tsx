/** A verdict and a state, each told by a sign and a word; colour only underlines them. */
import type { Backtest, BacktestResult } from "../../api/types";
import { CheckIcon, ChevronIcon, CloseIcon, CrossIcon, QuestionIcon, WarnIcon } from "../../ui/icons";
import { STATES, TONES } from "./words";

type Tone = NonNullable<BacktestResult["tone"]>;

const TONE_MARKS = {
  promising: { Icon: CheckIcon, colour: "text-long" },
  unproven: { Icon: QuestionIcon, colour: "text-ink-2" },
  against: { Icon: CrossIcon, colour: "text-short" },
} as const;

export function ToneMark({ tone, className = "" }: { tone: Tone; className?: string }) {
  const { Icon, colour } = TONE_MARKS[tone];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium ${colour} ${className}`}>
      <Icon className="size-3.5" />
      {TONES[tone]}
    </span>
  );
}

const STATE_ICONS = {
  running: ChevronIcon,
  done: CheckIcon,
  failed: WarnIcon,
  stopped: CloseIcon,
  interrupted: WarnIcon,
} as const;

export function StateMark({ state }: { state: Backtest["state"] }) {
  const Icon = STATE_ICONS[state];
  const colour = state === "failed" || state === "interrupted" ? "text-warn" : "text-ink-2";
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium ${colour}`}>
      <Icon className="size-3.5" />
      {STATES[state]}
    </span>
  );
}
