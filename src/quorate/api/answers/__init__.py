"""From rows to shapes: each module answers one question. Nothing here decides anything."""
