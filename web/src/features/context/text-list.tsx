import { useState } from "react";
import type { ContextText, WorldContext } from "../../api/types";
import { formatSince, formatUtc, parseTime } from "../../lib/time";
import { sentenceCase } from "../../lib/words";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { StrangersWords } from "../../ui/strangers";
import { safeUrl, toneWords } from "./figures";

const STEP = 8;

function Text({ text }: { text: ContextText }) {
  const url = safeUrl(text);
  return (
    <li className="border-b border-line py-2">
      <p className="break-words">
        {url === null ? (
          text.title
        ) : (
          <a
            href={url}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="underline decoration-line-strong underline-offset-4 hover:decoration-ink"
          >
            {text.title}
          </a>
        )}
      </p>
      {text.text !== "" && text.text !== text.title && <p className="text-xs break-words text-ink-2">{text.text}</p>}
      <p className="text-xs text-ink-3">
        {text.source},{" "}
        <time dateTime={text.at} title={`${formatUtc(parseTime(text.at), { seconds: true })} UTC, as its source says`}>
          {formatSince(text.age_ms, "old")}
        </time>
        , {toneWords(text.tone)}
      </p>
    </li>
  );
}

interface TextListProps {
  title: string;
  part: WorldContext["parts"][number] | undefined;
  texts: readonly ContextText[];
}

/** Strangers' words of one kind, newest first, each with its source and its age. */
export function TextList({ title, part, texts }: TextListProps) {
  const [shown, setShown] = useState(STEP);
  return (
    <Panel
      title={sentenceCase(title)}
      aside={texts.length > 0 && <span className="text-xs text-ink-3">newest first</span>}
    >
      {texts.length === 0 ? (
        <p className="py-3 text-ink-2">None. {part?.why}</p>
      ) : (
        <div className="pt-3">
          <StrangersWords kind={title}>
            <ol>
              {texts.slice(0, shown).map((text, index) => (
                <Text key={`${text.source} ${text.at} ${index}`} text={text} />
              ))}
            </ol>
          </StrangersWords>
          {texts.length > shown && (
            <Button className="mt-3 w-full" onClick={() => setShown(texts.length)}>
              Show all {texts.length}
            </Button>
          )}
        </div>
      )}
    </Panel>
  );
}
