# Quorate. `make` alone lists what there is. PYTHON names another Python, ARGS adds options to `quorate up`.
PYTHON ?= python3
ARGS ?=
QUORATE := .venv/bin/quorate
VENV_PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help run test check check-web bench test-long peers lock format clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-11s %s\n' "$$name" "$$what"; done

run: ## start the desk and its page at http://127.0.0.1:8420 (installs what is missing first)
	@$(PYTHON) scripts/bootstrap.py run
	@exec $(QUORATE) up $(ARGS)

test: ## every test there is: unit, property, API, browser, web, and the coverage gates
	@$(PYTHON) scripts/bootstrap.py test
	@exec $(VENV_PYTHON) scripts/check.py test

check: ## before every commit, in minutes and offline: format, lint, types, imports, gates, quick tests
	@$(PYTHON) scripts/bootstrap.py check
	@exec $(VENV_PYTHON) scripts/check.py check

check-web: ## the page alone: lint, types, tests
	@$(PYTHON) scripts/bootstrap.py check
	@exec $(VENV_PYTHON) scripts/check.py web

bench: ## the benchmarks of benchmarks/, one after the other
	@$(PYTHON) scripts/bootstrap.py check
	@exec $(VENV_PYTHON) scripts/check.py bench

test-long: ## every test, each property on fifty times as many examples
	@$(PYTHON) scripts/bootstrap.py test
	@exec $(VENV_PYTHON) scripts/check.py long

peers: ## other backtesters into .cache/peers: `make test` and `make bench` then compare with them
	@$(PYTHON) scripts/bootstrap.py check
	@PYTHONPATH=scripts exec $(VENV_PYTHON) -m prepare.peers

lock: ## write all locks anew (UPGRADE=1: with the newest versions)
	@$(PYTHON) scripts/bootstrap.py check
	@exec $(VENV_PYTHON) scripts/lock.py $(if $(UPGRADE),--upgrade)

format: ## format the Python source
	@$(PYTHON) scripts/bootstrap.py check
	@.venv/bin/ruff check --fix-only --quiet . && .venv/bin/ruff format .

clean: ## remove what was built and installed, never what the desk has recorded
	rm -rf .venv .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache web/node_modules web/dist tools/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
