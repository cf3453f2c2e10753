/** Each book has a colour and a dash of its own, on the curve and wherever the book is named. */
export const BOOK_STYLES = [
  { colour: "series-1", dash: undefined, stroke: "stroke-series-1", words: "solid line" },
  { colour: "series-2", dash: "6 4", stroke: "stroke-series-2", words: "dashed line" },
  { colour: "series-3", dash: "2 3", stroke: "stroke-series-3", words: "dotted line" },
] as const;

export function bookStyle(index: number) {
  return BOOK_STYLES[index % BOOK_STYLES.length] ?? BOOK_STYLES[0];
}

export function LineSample({ index }: { index: number }) {
  const { stroke, dash } = bookStyle(index);
  return (
    <svg viewBox="0 0 28 8" aria-hidden="true" className={`h-2 w-7 shrink-0 ${stroke}`}>
      <line x1="0" y1="4" x2="28" y2="4" strokeWidth="2" strokeDasharray={dash} />
    </svg>
  );
}
