/** A prompt taken apart where its own headings are, without changing a letter: its parts together are the prompt. */

export interface Part {
  text: string;
  /** What kind of strangers' words these are; null for the desk's own lines. */
  strangers: string | null;
}

export interface Section {
  title: string;
  lines: number;
  parts: Part[];
}

const HEADING = /^# (.+)$/;
const CODE = /^data_code: ([0-9a-f]+)$/m;

/** The kind that an opening fence of this prompt names, or null: a fence with another code is only text. */
function opened(line: string, code: string | null): string | null {
  if (code === null) return null;
  const match = /^\[\[data ([0-9a-f]+) ([a-z_]+)\]\]$/.exec(line);
  return match?.[1] === code ? (match[2] ?? null) : null;
}

function partsOf(lines: readonly string[], code: string | null): Part[] {
  const parts: Part[] = [];
  let own: string[] = [];
  let strangers: string | null = null;
  const close = () => {
    if (own.length > 0) parts.push({ text: own.join("\n"), strangers });
    own = [];
  };
  for (const line of lines) {
    const kind: string | null = strangers === null ? opened(line, code) : null;
    if (kind !== null) {
      own.push(line);
      close();
      strangers = kind;
    } else if (strangers !== null && line === `[[end ${code}]]`) {
      close();
      strangers = null;
      own.push(line);
    } else own.push(line);
  }
  close();
  return parts;
}

/** The sections of a prompt in its own order. What stands before the first heading is its head. */
export function sectionsOf(prompt: string): Section[] {
  const code = CODE.exec(prompt)?.[1] ?? null;
  const found: { title: string; lines: string[] }[] = [{ title: "Head", lines: [] }];
  let fenced = false;
  for (const line of prompt.split("\n")) {
    const title = fenced ? null : (HEADING.exec(line)?.[1] ?? null);
    if (title !== null) found.push({ title, lines: [line] });
    else found.at(-1)?.lines.push(line);
    if (opened(line, code) !== null) fenced = true;
    else if (line === `[[end ${code}]]`) fenced = false;
  }
  return found
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => ({ title, lines: lines.length, parts: partsOf(lines, code) }));
}
