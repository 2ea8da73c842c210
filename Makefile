# Two commands: `make demo` runs the main job on a fresh machine, `make test` proves the house.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo serve test check bench test-postgres test-s3 vendor vendor-check clean

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.ready: requirements.lock pyproject.toml
	@bash tools/setup.sh "$(PYTHON)"
	@touch $@

demo: .venv/.ready ## Live one whole mediation with robots, then keep serving (ARGS="--exit --json out.json")
	$(BIN)/odr demo $(ARGS)

serve: .venv/.ready ## Serve this machine: web, media and jobs (ARGS="--port 8000")
	$(BIN)/odr serve $(ARGS)

check: .venv/.ready ## Format, lint, types, import contracts, JavaScript types, house tests
	@bash tools/check.sh

test: .venv/.ready ## All tests, journeys in a real browser included
	@bash tools/setup_tests.sh
	$(BIN)/python -m pytest -q -p no:cacheprovider -n 2 -m "not journey and not s3" $(ARGS)
	$(BIN)/python -m pytest -q -p no:cacheprovider -m journey $(ARGS)

test-postgres: .venv/.ready ## The same tests on PostgreSQL (installed and started here)
	@bash tools/test_postgres.sh $(ARGS)

test-s3: .venv/.ready ## The court's store on a real S3 server (built once, started and stopped here)
	@bash tools/test_s3.sh $(ARGS)

bench: .venv/.ready ## Measure; never part of the tests (installs Janus as root)
	@bash tools/setup_bench.sh
	$(BIN)/python -m bench.media $(ARGS)
	$(BIN)/python -m bench.documents
	$(BIN)/python -m bench.composite

vendor: ## Fetch and cut the front-end files anew (needs Node)
	npm ci --ignore-scripts --no-audit --no-fund && node tools/vendor.mjs

vendor-check: ## Prove that the committed front-end files are what the lock says
	npm ci --ignore-scripts --no-audit --no-fund && node tools/vendor.mjs --check

clean: ## Remove what the tools made
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis data out
