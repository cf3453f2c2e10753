import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { undoPanic } from "../../api/control-queries";
import { riskQuery } from "../../api/queries";
import { newKey } from "../../lib/idempotency";
import { Confirm } from "../../ui/confirm";
import { FaultLine } from "../../ui/fault-line";

/** Lets a halted desk trade again: by a code of the second factor, and by nothing else. */
export function UndoPanic() {
  const cache = useQueryClient();
  const field = useId();
  const [open, setOpen] = useState(false);
  const [code, setCode] = useState("");
  const act = useMutation({
    mutationFn: (digits: string) => undoPanic(digits, newKey()),
    onSuccess: async () => {
      setOpen(false);
      await cache.invalidateQueries(riskQuery);
    },
  });
  const digits = code.replace(/\s/g, "");
  const whole = /^\d{6}$/.test(digits);

  return (
    <>
      <button
        type="button"
        onClick={() => {
          act.reset();
          setCode("");
          setOpen(true);
        }}
        className="ml-auto shrink-0 rounded-md border border-current px-3 py-1 text-sm font-medium"
      >
        Let it trade again
      </button>
      {open && (
        <Confirm
          title="Let the desk trade again?"
          act="Let it trade"
          busy={act.isPending}
          onAct={() => whole && act.mutate(digits)}
          onCancel={() => setOpen(false)}
        >
          <p>The desk opens trades again from its next decision on.</p>
          <label htmlFor={field} className="mt-3 block font-medium text-ink">
            Code of the second factor
          </label>
          <input
            id={field}
            value={code}
            onChange={(event) => setCode(event.target.value)}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
            aria-describedby={`${field}-hint`}
            className="mt-1 h-9 w-40 rounded-md border border-line-strong bg-surface px-2 font-mono text-base text-ink"
          />
          <p id={`${field}-hint`} className="mt-1 text-sm">
            Six digits; each code is good once. There is none yet? Enrol one with quorate second-factor enroll.
          </p>
          <FaultLine error={act.error} />
        </Confirm>
      )}
    </>
  );
}
