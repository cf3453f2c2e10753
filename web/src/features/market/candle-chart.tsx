import { useEffect, useEffectEvent, useRef } from "react";
import type { UTCTimestamp } from "lightweight-charts";
import type { IndicatorColumns } from "../../api/types";
import { useShownTheme } from "../../lib/appearance";
import type { Bar } from "./bars";
import { drawChart, type Drawing } from "./chart-drawing";
import type { Level, Mark } from "./overlays";

interface CandleChartProps {
  /** Pair and timeframe: when they change, the view starts at the newest bars again. */
  subject: string;
  bars: readonly Bar[];
  forming: Bar | null;
  digits: number;
  indicators: IndicatorColumns | undefined;
  levels: readonly Level[];
  marks: readonly Mark[];
  onPoint: (time: UTCTimestamp | null) => void;
}

export default function CandleChart(props: CandleChartProps) {
  const { subject, bars, forming, digits, indicators, levels, marks } = props;
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const shown = useRef("");
  const theme = useShownTheme();
  const onPoint = useEffectEvent(props.onPoint);

  useEffect(() => {
    if (box.current === null) return;
    drawing.current = drawChart(box.current, (time) => onPoint(time));
    shown.current = "";
    return () => {
      drawing.current?.remove();
      drawing.current = null;
    };
  }, []);

  useEffect(() => drawing.current?.setTheme(), [theme]);
  useEffect(() => drawing.current?.setDigits(digits), [digits]);
  useEffect(() => {
    drawing.current?.setBars(bars, shown.current !== subject);
    shown.current = subject;
  }, [bars, subject]);
  useEffect(() => {
    if (forming !== null) drawing.current?.setForming(forming);
  }, [forming, bars]);
  useEffect(() => drawing.current?.setIndicators(indicators), [indicators]);
  useEffect(() => drawing.current?.setLevels(levels), [levels]);
  useEffect(() => drawing.current?.setMarks(marks), [marks]);

  return <div ref={box} className="h-full w-full" />;
}
