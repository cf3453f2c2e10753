/** Each line of a chart has a colour and a dash of its own, on the curve and wherever what it stands for is named. */
export const LINE_STYLES = [
  { colour: "series-1", dash: undefined, stroke: "stroke-series-1", words: "solid line" },
  { colour: "series-2", dash: "6 4", stroke: "stroke-series-2", words: "dashed line" },
  { colour: "series-3", dash: "2 3", stroke: "stroke-series-3", words: "dotted line" },
] as const;

export function lineStyle(index: number) {
  return LINE_STYLES[index % LINE_STYLES.length] ?? LINE_STYLES[0];
}

export function LineSample({ index }: { index: number }) {
  const { stroke, dash } = lineStyle(index);
  return (
    <svg viewBox="0 0 28 8" aria-hidden="true" className={`h-2 w-7 shrink-0 ${stroke}`}>
      <line x1="0" y1="4" x2="28" y2="4" strokeWidth="2" strokeDasharray={dash} />
    </svg>
  );
}
