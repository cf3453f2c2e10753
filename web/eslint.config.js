import { readdirSync } from "node:fs";
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = readdirSync(new URL("./src/features", import.meta.url));

/** What a layer may not import: the order is app, features, ui, lib and api; a feature never knows another. */
function closed(files, groups, message) {
  return { files, rules: { "no-restricted-imports": ["error", { patterns: [{ regex: groups, message }] }] } };
}

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}", "vite.config.ts"],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
    ],
    languageOptions: { globals: globals.browser, parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["public/*.js"], languageOptions: { globals: globals.browser, sourceType: "script" } },
  { files: ["scripts/*.mjs", "*.js"], languageOptions: { globals: globals.node } },
  { files: ["**/*.tsx"], rules: { "max-lines": ["error", { max: 250 }] } },
  { files: ["src/**/*.ts"], ignores: ["src/api/schema.ts"], rules: { "max-lines": ["error", { max: 400 }] } },
  closed(["src/lib/**"], "/(app|features|ui)/", "lib knows nothing that is seen."),
  closed(["src/api/**"], "/(app|features|ui)/", "api stands below everything that is seen."),
  closed(["src/ui/**"], "/(app|features)/", "Primitives know no feature."),
  ...features.map((own) =>
    closed(
      [`src/features/${own}/**`],
      `/app/|/features/(?!${own}/)|^\\.\\./(?!\\.\\.)(${features.filter((name) => name !== own).join("|") || "none"})/`,
      "Features do not import each other nor the app: what both need belongs in ui, lib or api.",
    ),
  ),
);
