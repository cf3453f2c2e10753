import { body, client } from "./client";

/** Stops everything. The same key asks for the same act, however often it is sent. */
export function panic(flatten: boolean, key: string) {
  return body(client.POST("/api/panic", { params: { header: { "idempotency-key": key } }, body: { flatten } }));
}

/** Lets a halted desk trade again, with a code of the second factor. */
export function undoPanic(code: string, key: string) {
  return body(client.POST("/api/panic/undo", { params: { header: { "idempotency-key": key } }, body: { code } }));
}
