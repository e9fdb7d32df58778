# Two commands: `make run` and `make test`. Both need python3 (3.11 to 3.14, with venv); the rest comes locked.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run serve test bench install lock clean

PYTHON ?= python3
UV := .venv/bin/uv
export UV_HTTP_TIMEOUT ?= 60
export UV_HTTP_RETRIES ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export VIRTUAL_ENV := $(CURDIR)/.venv
export PYTHONUNBUFFERED := 1
unexport PYTHONPATH PYTHONHOME
# Compiled modules are kept: without them each of the hub's processes would compile all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: .venv/.runtime ## write the made-up council, migrate it, print the reconciliation, ask the API once; HOMES=5000 for a larger one
	@.venv/bin/hub run $(if $(HOMES),--homes $(HOMES))

serve: .venv/.runtime ## keep database, feeds, Prefect, API and pages up, and print their addresses
	@.venv/bin/hub serve

test: .venv/.dev ## the whole suite: style, types, architecture, tests
	@tests/run.sh

bench: .venv/.dev ## all benchmarks in short form; NAME=migration for one in full
	@.venv/bin/python -m benchmarks $(NAME)

install: .venv/.runtime ## the locked environment in .venv

lock: .venv/.bootstrap ## write requirements/*.txt anew from pyproject.toml
	@requirements/lock.sh

clean: ## remove the state (var), caches and the environment
	@home=$$(readlink var/postgres || true); if [[ $$home == /var/lib/housing-hub/* ]]; then rm -rf -- "$$home"; fi
	@rm -rf var build .venv ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# The environment. A stamp says what it holds, so that the second call costs nothing.

.venv/.bootstrap: requirements/bootstrap.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing. Next step: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
		{ echo "$$($(PYTHON) --version) does not do; Python 3.11 to 3.14 does. Next step: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing. Next step: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv ..."
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install -q --timeout 30 --retries 3 --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/.runtime: requirements/lock.txt pyproject.toml | .venv/.bootstrap
	@rm -f .venv/.dev
	@$(call sync,lock)
	@touch $@

.venv/.dev: requirements/dev.txt pyproject.toml | .venv/.bootstrap
	@$(call sync,dev)
	@touch .venv/.runtime $@

define sync
	echo "Installing requirements/$(1).txt ..."; \
	$(UV) pip sync -q --require-hashes --no-build-isolation requirements/$(1).txt requirements/bootstrap.txt; \
	$(UV) pip install -q --no-deps --no-build-isolation --no-index -e .
endef
