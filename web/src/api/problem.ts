import type { FieldFault, Problem } from "./types";

/** An answer that is not what was asked for; says what went wrong in the desk's own words where it gave any. */
export class DeskProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly title: string;
  /** Single fields that are at fault, where there are any. */
  readonly fields: readonly FieldFault[];

  constructor(
    title: string,
    detail: string,
    facts: { status: number; code: string; requestId: string | null; fields?: readonly FieldFault[] },
  ) {
    super(detail);
    this.name = "DeskProblem";
    this.title = title;
    this.status = facts.status;
    this.code = facts.code;
    this.requestId = facts.requestId;
    this.fields = facts.fields ?? [];
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "detail" in body && "code" in body && "title" in body;
}

export function problemOf(response: Response, body: unknown): DeskProblem {
  const requestId = response.headers.get("X-Request-Id");
  const status = response.status;
  if (isProblem(body)) {
    const facts = { status, code: body.code, requestId, fields: body.errors ?? [] };
    return new DeskProblem(body.title, body.detail, facts);
  }
  return new DeskProblem(
    "The desk answered with an error",
    `It said ${status} ${response.statusText}.`.replace(" .", "."),
    {
      status,
      code: "unknown",
      requestId,
    },
  );
}

/** What a person reads about any failure, the network's included. */
export function wordsFor(error: unknown): { title: string; detail: string; code: string | null } {
  if (error instanceof DeskProblem) return { title: error.title, detail: error.message, code: error.code };
  return {
    title: "The desk does not answer",
    detail: "Nothing came back within the time allowed. Check that it is running; the page tries again by itself.",
    code: null,
  };
}
