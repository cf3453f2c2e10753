import { useState } from "react";
import { Button } from "./button";

type State = "ready" | "copied" | "refused";

const WORDS: Record<State, string> = { ready: "Copy", copied: "Copied", refused: "The browser refused to copy" };

/** Puts a text on the clipboard as it is, and says whether that worked. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<State>("ready");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      // Browsers give the clipboard to pages on https and on this machine only.
      setState("refused");
    }
  };
  return (
    <>
      <Button onClick={() => void copy()} onBlur={() => setState("ready")}>
        {WORDS[state]} {state !== "refused" && what}
      </Button>
      <span role="status" className="sr-only">
        {state !== "ready" && `${what}: ${WORDS[state].toLowerCase()}`}
      </span>
    </>
  );
}
