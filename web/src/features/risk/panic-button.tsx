import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { panic } from "../../api/control-queries";
import { riskQuery } from "../../api/queries";
import { newKey } from "../../lib/idempotency";
import { Confirm } from "../../ui/confirm";
import { CrossIcon } from "../../ui/icons";
import { FaultLine } from "../../ui/fault-line";

/** Stops the desk: asks once, says what will happen, and does it once. */
export function PanicButton() {
  const cache = useQueryClient();
  const box = useId();
  const [key, setKey] = useState<string | null>(null);
  const [flatten, setFlatten] = useState(false);
  const act = useMutation({
    mutationFn: (asked: { flatten: boolean; key: string }) => panic(asked.flatten, asked.key),
    onSuccess: async () => {
      setKey(null);
      await cache.invalidateQueries(riskQuery);
    },
  });

  function ask() {
    act.reset();
    setFlatten(false);
    setKey(newKey());
  }

  return (
    <>
      <button
        type="button"
        onClick={ask}
        className="inline-flex h-8 items-center gap-1.5 rounded-md bg-halt px-3 text-sm font-medium text-on-halt"
      >
        <CrossIcon className="size-4" />
        Stop
      </button>
      <p role="status" className="sr-only">
        {act.isSuccess && "Trading is halted."}
      </p>
      {key !== null && (
        <Confirm
          title="Stop trading now?"
          act="Stop trading"
          busy={act.isPending}
          onAct={() => act.mutate({ flatten, key })}
          onCancel={() => setKey(null)}
        >
          <p>
            Nothing new is opened from this moment on, and orders that would open anything are cancelled. Open trades
            keep their stops. Only the second factor lets the desk trade again.
          </p>
          <label htmlFor={box} className="mt-3 flex items-start gap-2 font-medium text-ink">
            <input
              id={box}
              type="checkbox"
              checked={flatten}
              onChange={(event) => setFlatten(event.target.checked)}
              className="mt-1 size-4"
            />
            <span>Close every open trade at the market, too</span>
          </label>
          <FaultLine error={act.error} />
        </Confirm>
      )}
    </>
  );
}
