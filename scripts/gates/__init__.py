"""The house's own gates: what ruff, pyright and import-linter cannot say. `python scripts/gate.py NAME…` runs them."""
