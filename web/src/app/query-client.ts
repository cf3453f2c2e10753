import { QueryClient } from "@tanstack/react-query";
import { DeskProblem } from "../api/problem";

const RETRIES_MAX = 2;

/** Asking again helps when the desk is away or busy, not when it has refused. */
function worthAsking(failures: number, error: Error): boolean {
  const refused = error instanceof DeskProblem && error.status < 500 && error.status !== 429;
  return !refused && failures < RETRIES_MAX;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: worthAsking, staleTime: 1_000, refetchOnWindowFocus: true, networkMode: "always" },
  },
});
