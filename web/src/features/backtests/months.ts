import type { ResultMonth } from "../../api/types";

/** The year's product of its months; null where one cannot be told. */
export function yearOf(months: readonly ResultMonth[]): number | null {
  return months.reduce<number | null>(
    (total, { change }) => (total === null || change === null ? null : (1 + total) * (1 + change) - 1),
    0,
  );
}
