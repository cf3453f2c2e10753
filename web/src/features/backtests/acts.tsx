/** Ending and forgetting backtests. Stopping is done at once; removing asks first. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { endBacktest } from "../../api/backtest-queries";
import { wordsFor } from "../../api/problem";
import type { Backtest } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { titleOf } from "./words";

interface EndButtonProps {
  backtest: Backtest;
  act: "stop" | "remove";
  tone?: "plain" | "quiet";
  onDone?: () => void;
}

const WORDS = { stop: ["Stop", "Stopping"], remove: ["Remove", "Removing"] } as const;

export function EndButton({ backtest, act, tone = "plain", onDone }: EndButtonProps) {
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: () => endBacktest(backtest.id, act),
    onSuccess: async () => {
      setAsking(false);
      if (act === "remove") cache.removeQueries({ queryKey: ["backtests", "one", backtest.id] });
      onDone?.();
      await cache.invalidateQueries({ queryKey: ["backtests"] });
    },
  });
  const [word, doing] = WORDS[act];
  const title = titleOf(backtest.wanted);
  return (
    <>
      <Button tone={tone} disabled={end.isPending} onClick={() => (act === "remove" ? setAsking(true) : end.mutate())}>
        {end.isPending && !asking ? doing : word}
        <span className="sr-only"> {title}</span>
      </Button>
      {end.error !== null && !asking && (
        <span role="alert" className="text-xs text-warn">
          {wordsFor(end.error).detail}
        </span>
      )}
      {asking && (
        <Confirm
          title="Remove this backtest?"
          act="Remove it"
          busy={end.isPending}
          onAct={() => end.mutate()}
          onCancel={() => setAsking(false)}
        >
          <p>{title}: its result, its trades and its report are deleted from the desk's data directory.</p>
          {end.error !== null && (
            <p role="alert" className="mt-2 text-warn">
              {wordsFor(end.error).detail}
            </p>
          )}
        </Confirm>
      )}
    </>
  );
}
