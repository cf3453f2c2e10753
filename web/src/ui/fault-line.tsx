import { wordsFor } from "../api/problem";
import { WarnIcon } from "./icons";

/** Why an act did not come about, in a dialog that stays open for another try. */
export function FaultLine({ error }: { error: Error | null }) {
  if (error === null) return null;
  const { title, detail } = wordsFor(error);
  return (
    <p role="alert" className="mt-3 flex items-start gap-2 text-warn">
      <WarnIcon className="mt-0.5 size-4" />
      <span>
        {title}. {detail}
      </span>
    </p>
  );
}
