# Every command a developer types. `make help` lists them.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONDONTWRITEBYTECODE # or dozens of processes each compile what they import

.DEFAULT_GOAL := help
.PHONY: help setup run test test-embedded check fix bench faults servers translations vendor

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The lock is installed whenever it is newer than the last installation.
.make/installed: uv.lock pyproject.toml deploy/install.sh
	@PY="$(PY)" bash deploy/install.sh
	@mkdir -p .make && touch $@

setup: .make/installed ## install what is locked into .venv

run: .make/installed ## the whole product on this machine: http://127.0.0.1:8000 (PORT= and VAR= move it)
	@exec $(BIN)/python -m deploy.all_in_one

servers: .make/installed ## all roles as separate processes on PostgreSQL and RabbitMQ given by environment (deploy/launcher.py)
	@exec $(BIN)/python -m deploy.launcher

test: .make/installed ## everything, on real PostgreSQL, RabbitMQ, SMTP and Chromium (installs what is missing)
	@$(BIN)/python -m tests.install
	@$(BIN)/pytest -n 2 --dist loadgroup $(T)

test-embedded: .make/installed ## the part that needs no server and no browser
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not servers and not browser" $(T)

check: .make/installed ## format, lint, types, import contracts, translations, vendored files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m shared.languages check
	@$(BIN)/python -m deploy.vendor --check

fix: .make/installed ## format and mend what a machine can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

translations: .make/installed ## take new sentences over into the catalogues
	@$(BIN)/python -m shared.languages extract

vendor: .make/installed ## fetch the vendored font and decoder anew (deploy/vendor.lock.json)
	@$(BIN)/python -m deploy.vendor

bench: .make/installed ## our speed as ratios against yardsticks taken in the same run
	@$(BIN)/python -m tests.bench

faults: .make/installed ## minutes under fire: kills, restarts, wipes, lying clocks (SECONDS= for each way, SEED= repeats)
	@$(BIN)/python -m tests.install
	@$(BIN)/python -m tests.faults $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))
