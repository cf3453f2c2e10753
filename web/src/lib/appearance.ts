/** Theme and density: kept on this machine, applied to the root element, set before first paint by appearance.js. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";

export interface Appearance {
  theme: Theme;
  density: Density;
}

const KEY = "quorate.appearance";
const DEFAULT: Appearance = { theme: "system", density: "comfortable" };
const listeners = new Set<() => void>();
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

function read(): Appearance {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return { ...DEFAULT, ...(typeof kept === "object" ? (kept as Partial<Appearance>) : {}) };
  } catch {
    return DEFAULT;
  }
}

let current = read();

export function shownTheme(): "light" | "dark" {
  if (current.theme !== "system") return current.theme;
  return systemDark.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset["theme"] = shownTheme();
  document.documentElement.dataset["density"] = current.density;
  for (const listener of listeners) listener();
}

export function setAppearance(change: Partial<Appearance>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is refused: the choice lasts as long as the page.
  }
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

systemDark.addEventListener("change", apply);

export function useAppearance(): Appearance {
  return useSyncExternalStore(subscribe, () => current);
}

export function useShownTheme(): "light" | "dark" {
  return useSyncExternalStore(subscribe, shownTheme);
}
