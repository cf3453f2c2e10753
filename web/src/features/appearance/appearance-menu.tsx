import { setAppearance, useAppearance, type Density, type Theme } from "../../lib/appearance";
import { OneOf } from "../../ui/choice";
import { SlidersIcon } from "../../ui/icons";

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];
const DENSITIES: readonly { value: Density; label: string }[] = [
  { value: "comfortable", label: "Comfortable" },
  { value: "compact", label: "Compact" },
];

/** Theme and density, in a panel that the platform opens, closes and gives focus back from. */
export function AppearanceMenu() {
  const { theme, density } = useAppearance();
  return (
    <>
      <button
        type="button"
        popoverTarget="appearance"
        aria-label="Appearance"
        title="Appearance"
        className="inline-flex size-9 items-center justify-center rounded-md hover:bg-head-line"
      >
        <SlidersIcon />
      </button>
      <div
        id="appearance"
        popover="auto"
        role="group"
        aria-label="Appearance"
        className="fixed inset-auto top-14 right-4 m-0 w-72 gap-3 rounded-md border border-line bg-raised p-4 text-ink shadow-lift [&:popover-open]:grid"
      >
        <div className="grid gap-1">
          <p className="text-xs text-ink-3">Theme</p>
          <OneOf label="Theme" options={THEMES} value={theme} onChoose={(value) => setAppearance({ theme: value })} />
        </div>
        <div className="grid gap-1">
          <p className="text-xs text-ink-3">Density</p>
          <OneOf
            label="Density"
            options={DENSITIES}
            value={density}
            onChoose={(value) => setAppearance({ density: value })}
          />
        </div>
      </div>
    </>
  );
}
