import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { goBackTo, optimizerQuery } from "../../api/council-queries";
import { newKey } from "../../lib/idempotency";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { FaultLine } from "../../ui/fault-line";

interface Asked {
  version: number;
  /** Kept for as long as the question stands: pressed again after a fault, it is still the same act. */
  key: string;
}

function doneWords({ version, revertsTo, changed }: { version: number; revertsTo: number; changed: boolean }): string {
  if (!changed) return `Nothing changed: version ${version} has the values of version ${revertsTo} already.`;
  return `Version ${version} holds now: it has the values of version ${revertsTo}.`;
}

/** Going back to a version: asks once, does it once, and says what came of it. */
export function useGoBack() {
  const cache = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const act = useMutation({
    mutationFn: ({ version, key }: Asked) => goBackTo(version, key),
    onSuccess: async () => {
      setAsked(null);
      await cache.invalidateQueries(optimizerQuery);
    },
  });

  const question = asked !== null && (
    <Confirm
      title={`Go back to version ${asked.version}?`}
      act={`Go back to version ${asked.version}`}
      busy={act.isPending}
      onAct={() => act.mutate(asked)}
      onCancel={() => setAsked(null)}
    >
      <p>
        Its weights, base risk and blocked regimes hold again from the next decision on, as a new version. Open trades
        stay as they are. The optimizer's next run goes on from there.
      </p>
      <FaultLine error={act.error} />
    </Confirm>
  );

  const done = (
    <p role="status" className={act.isSuccess ? "py-2 font-medium" : "sr-only"}>
      {act.isSuccess && doneWords(act.data)}
    </p>
  );

  return {
    ask: (version: number) => {
      act.reset();
      setAsked({ version, key: newKey() });
    },
    question,
    done,
  };
}

export function GoBackButton({ version, onAsk }: { version: number; onAsk: (version: number) => void }) {
  return (
    <Button onClick={() => onAsk(version)} className="shrink-0">
      {`Go back to version ${version}`}
    </Button>
  );
}
