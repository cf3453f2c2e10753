// Writes src/api/schema.ts from openapi.json; with --check it only tells whether the file is current.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../openapi.json", import.meta.url);
const target = new URL("../src/api/schema.ts", import.meta.url);
const head = "// Generated from openapi.json by `npm run generate`; changes made here are lost.\n\n";

const text = head + astToString(await openapiTS(source, { alphabetize: true, defaultNonNullable: false }));
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/api/schema.ts is not what openapi.json says: run `npm run generate`.");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
