// The size gate: all JavaScript that opening a page fetches, gzipped, stays under FIRST_LOAD_KB_MAX.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_KB_MAX = 190;
const ROUTES = ["desk", "market", "council", "prompt", "venue", "backtests", "backtest", "comparison"].map(
  (name) => `src/app/routes/${name}.tsx`,
);

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** Files that `key` needs: its static imports, and lazily loaded parts other than another route. */
function filesOf(key, seen) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`${key} is not in the build: mend ROUTES in scripts/size.mjs`);
  if (seen.has(chunk.file)) return;
  seen.add(chunk.file);
  for (const next of chunk.imports ?? []) filesOf(next, seen);
  for (const next of chunk.dynamicImports ?? []) if (!ROUTES.includes(next)) filesOf(next, seen);
}

let failed = false;
for (const route of ROUTES) {
  const files = new Set();
  filesOf("index.html", files);
  filesOf(route, files);
  const scripts = [...files].filter((file) => file.endsWith(".js"));
  const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0);
  const kb = bytes / 1000;
  const verdict = kb <= FIRST_LOAD_KB_MAX ? "ok" : "too large";
  failed ||= kb > FIRST_LOAD_KB_MAX;
  console.log(
    `${route}: ${kb.toFixed(1)} kB gzipped in ${scripts.length} files, limit ${FIRST_LOAD_KB_MAX}: ${verdict}`,
  );
}
if (failed) {
  console.error(`First load is over its limit; see ${fileURLToPath(dist)} for what grew.`);
  process.exit(1);
}
