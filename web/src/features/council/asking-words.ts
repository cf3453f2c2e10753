/** Who answered and why somebody did not, in words. The codes are the desk's own; docs/council.md lists them. */
import type { AskedModel } from "../../api/types";

const CODES: Record<string, string> = {
  voted: "Its answer was sound and its votes count.",
  fallback: "Another model answered in its place; that answer counts for nobody.",
  busy: "It has not let go of an earlier question.",
  failed: "Asking it raised an error.",
  late: "The desk is behind its feed and asks nobody about the past.",
  window_too_small: "No class of prompts fits its window.",
  prompt_too_large: "Not even the parts that are never left out fit.",
  nothing_to_ask: "No pair could be voted on.",
  timeout: "No answer within the deadline.",
  rate_limited: "The provider, or our own limit per minute, holds it back.",
  unavailable: "The provider could not be reached, or its answer could not be recorded.",
  breaker_open: "It failed too often in a row and rests.",
  no_key: "No key is set for its provider.",
  wrong_key: "The provider does not accept the key.",
  quota: "The provider's quota or credit is used up.",
  unknown_model: "The provider knows no such model.",
  bad_request: "A setting does not fit the model.",
  malformed: "The provider's reply was not of its protocol, or was cut off.",
  refused: "The provider's filter refused.",
  over_budget: "Its worst case does not fit the budget that is left.",
};

export function codeWords(code: string): string {
  return CODES[code] ?? "Its answer had a fault, also when it was asked again.";
}

/** "gemini/gemini-2.5-pro", or in whose place it stood, or that nobody answered. */
export function answeredWords(model: AskedModel): string {
  if (model.stood_in !== null) return `${model.stood_in}, asked in another's place and taken for its own vote`;
  const answered = model.askings.findLast((asking) => asking.answered_by !== null);
  if (answered?.answered_by == null) return "nobody";
  return answered.fallback ? `${answered.answered_by}, in its place: counts for nobody` : answered.answered_by;
}
