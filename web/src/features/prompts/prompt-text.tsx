import { useState } from "react";
import type { Prompt } from "../../api/types";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { StaleNote } from "../../ui/states";
import { StrangersWords } from "../../ui/strangers";
import { sectionsOf, type Part, type Section } from "./sections";

/** A section longer than this is closed at first: tables of 80 coins are there on demand. */
const LINES_OPEN_MAX = 24;

function PartText({ part }: { part: Part }) {
  const text = <pre className="font-mono text-xs wrap-anywhere whitespace-pre-wrap">{part.text}</pre>;
  return part.strangers === null ? text : <StrangersWords kind={part.strangers}>{text}</StrangersWords>;
}

interface FoldProps {
  section: Section;
  open: boolean;
  onToggle: (open: boolean) => void;
}

function Fold({ section, open, onToggle }: FoldProps) {
  return (
    <details
      open={open}
      onToggle={(event) => onToggle(event.currentTarget.open)}
      className="border-b border-line py-1.5"
    >
      <summary className="py-0.5">
        <span className="font-medium">{section.title}</span>{" "}
        <span className="text-xs text-ink-3">
          {section.lines} {section.lines === 1 ? "line" : "lines"}
          {section.parts.some((part) => part.strangers !== null) && ", strangers' words"}
        </span>
      </summary>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-1 py-2 sm:pl-4">
        {section.parts.map((part, index) => (
          <PartText key={index} part={part} />
        ))}
      </div>
    </details>
  );
}

function plainSection(title: string, text: string): Section {
  return { title, lines: text.split("\n").length, parts: [{ text, strangers: null }] };
}

/** The exact request, letter for letter, folded at its own headings. */
export function PromptText({ prompt }: { prompt: Prompt }) {
  const sections = [
    plainSection("System text", prompt.system),
    ...sectionsOf(prompt.prompt),
    plainSection("Schema of an answer", prompt.answer_schema),
  ];
  const [open, setOpen] = useState(() => sections.map((section) => section.lines <= LINES_OPEN_MAX));
  const allOpen = open.every(Boolean);
  return (
    <>
      {prompt.cut && <StaleNote>A text of it was too long and is shown in part.</StaleNote>}
      <div className="flex flex-wrap gap-2 pt-3 pb-1">
        <Button onClick={() => setOpen(sections.map(() => !allOpen))}>{allOpen ? "Fold all" : "Unfold all"}</Button>
        <CopyButton text={prompt.prompt} what="the prompt" />
        <CopyButton text={prompt.system} what="the system text" />
      </div>
      {sections.map((section, index) => (
        <Fold
          key={index}
          section={section}
          open={open[index] ?? false}
          onToggle={(now) => setOpen((before) => before.map((each, place) => (place === index ? now : each)))}
        />
      ))}
    </>
  );
}
