// Runs before the first paint, so that nobody sees the wrong theme flash by. src/lib/appearance.ts keeps the choice.
(() => {
  const root = document.documentElement;
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("quorate.appearance") ?? "{}") ?? {};
  } catch {
    // Storage is refused or holds something else: the system's theme will do.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = chosen.theme === "dark" || chosen.theme === "light" ? chosen.theme : dark ? "dark" : "light";
  root.dataset.theme = theme;
  root.dataset.density = chosen.density === "compact" ? "compact" : "comfortable";
})();
