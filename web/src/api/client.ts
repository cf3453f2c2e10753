import createClient from "openapi-fetch";
import { problemOf } from "./problem";
import type { paths } from "./schema";

const ANSWER_TIMEOUT_MS = 15_000;

function fetchWithDeadline(request: Request): Promise<Response> {
  const deadline = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  return fetch(request, { signal: AbortSignal.any([request.signal, deadline]) });
}

export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: fetchWithDeadline });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; anything else is thrown as a `DeskProblem`. */
export async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (data === undefined) throw problemOf(response, error);
  return data;
}
