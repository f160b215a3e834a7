# `make help` lists the targets. Everything runs in .venv; nothing outside the checkout is written.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKS := $(VENV)/.checks_installed
NISE := $(VENV)/nise/.installed
SPARK := $(VENV)/spark/.installed
DBT := $(BIN)/dbt

# No usage statistics, and no question to a package index whether there is a newer dbt.
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export DBT_VERSION_CHECK := false
export MILLRACE_LANDING ?= landing
export MILLRACE_DB ?= millrace.duckdb

.PHONY: help build report browser test test-quick test-all test-redshift test-athena lint docs bench clean lock sample

help: ## Lists the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(STAMP): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $(STAMP)

# What checks the project, beside what runs it: a scheduler's image needs requirements.txt alone.
$(CHECKS): tests/support/tests.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/support/tests.txt
	touch $(CHECKS)

# Programs that the tests run, in environments of their own.
$(NISE) $(SPARK): $(VENV)/%/.installed: tests/support/%.txt $(STAMP)
	$(PYTHON) -m venv $(VENV)/$*
	$(VENV)/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/support/$*.txt
	touch $@

profiles.yml: profiles.yml.example
	@if [ -e profiles.yml ]; then touch profiles.yml; else cp profiles.yml.example profiles.yml; fi

sample: $(STAMP) ## Writes the sample landing data
	@$(BIN)/python sample/make_landing.py --root "$(MILLRACE_LANDING)"

build: $(STAMP) profiles.yml sample ## Installs, makes the sample data, builds on DuckDB what is new: the first time everything
	@mkdir -p target/built
	@if [ -e target/built/manifest.json ] && [ -e "$(MILLRACE_DB)" ]; then \
		$(DBT) run --selector landing; \
		$(DBT) build --state target/built -s $$($(DBT) --quiet run-operation models_with_news) state:modified+ | tee target/built/output.txt; \
	else \
		$(DBT) build | tee target/built/output.txt; \
	fi
	@cp target/manifest.json target/built/manifest.json
	@if ! [ -e target/static_index.html ] || ! grep -q "Nothing to do" target/built/output.txt; then \
		$(DBT) --quiet docs generate --static; \
		$(DBT) --quiet run-operation load_summary; \
	fi
	@echo
	@echo "Database   $(MILLRACE_DB)"
	@echo "Docs       target/static_index.html (one file; open it in a browser)"
	@echo
	@echo "Try:"
	@echo "  source $(BIN)/activate"
	@echo "  dbt show --inline \"select current_status, count(*) as order_lines from {{ ref('fct_orders') }} group by 1\""
	@echo "  dbt show --inline \"select quarantine_reason, count(*) as records from {{ ref('quarantine_msk__orders') }} group by 1\""
	@echo "  dbt show --select top_five_routes"
	@echo "  make report"

report: $(STAMP) profiles.yml ## The last replay and the S3 bill as one HTML page each, in target
	@mkdir -p target
	@$(DBT) --quiet run-operation replay_report > target/replay_report.html
	@echo "target/replay_report.html"
	@$(DBT) --quiet run-operation s3_costs_report > target/s3_costs.html
	@echo "target/s3_costs.html"

browser: ## A browser for the tests of the reports, from Debian's packages where there is none
	@tests/support/install_browser.sh

# A model that is one call of a macro has no SQL of its own to judge, and sqlfluff would read all that comes out of it: two thirds of the files.
# tests/test_engines.py reads what comes out, in the dialect of each engine.
WRITTEN_SQL = $$(grep -rliw --include='*.sql' select models analyses tests/gates)

lint: $(CHECKS) profiles.yml ## sqlfluff, ruff, mypy, and the project's own graph rules
	$(BIN)/sqlfluff lint --processes 0 $(WRITTEN_SQL)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy sample plugins bench docs tests
	$(DBT) --quiet --warn-error parse --no-partial-parse
	$(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml

# Files of tests run side by side, one process per core, in the order of tests/conftest.py; a file's tests share their fixtures.
# docs/testing.md says what each of the three proves.
PYTEST := $(BIN)/python -m pytest -rs -n auto --dist loadfile --no-loadscope-reorder
TESTS := $(CHECKS) $(NISE) $(SPARK) browser lint

test: $(TESTS) ## Every check: 500 generated histories per property; the stand-ins for Redshift and Athena build what changed
	MILLRACE_HISTORIES=$${MILLRACE_HISTORIES:-500} MILLRACE_FUZZ_FILES=$${MILLRACE_FUZZ_FILES:-1000} $(PYTEST) --durations=25

test-quick: $(CHECKS) lint ## For a first look: lint, unit tests, properties in groups, DuckDB, and the orders path on both stand-ins
	MILLRACE_HISTORIES=$${MILLRACE_HISTORIES:-60} MILLRACE_ENGINE_BUILDS=orders $(PYTEST) -m "not long"

test-all: $(TESTS) ## Before a release: 2,000 histories per property, 10,000 broken files, mutations, everything built on both stand-ins
	MILLRACE_HISTORIES=$${MILLRACE_HISTORIES:-2000} MILLRACE_FUZZ_FILES=$${MILLRACE_FUZZ_FILES:-10000} MILLRACE_MUTATIONS=1 \
		MILLRACE_ENGINE_BUILDS=all $(PYTEST) --durations=0 --durations-min=1

test-redshift: $(CHECKS) ## The Redshift target alone, everything, on the local stand-in
	MILLRACE_ENGINE_BUILDS=all $(BIN)/python -m pytest tests/test_redshift.py tests/test_engine_macros.py

test-athena: $(CHECKS) $(SPARK) ## The Athena target alone, everything, on the local stand-in
	MILLRACE_ENGINE_BUILDS=all $(BIN)/python -m pytest -rs tests/test_athena.py tests/test_athena_statements.py tests/test_trino.py

docs: $(STAMP) profiles.yml ## The documentation as one static file, target/static_index.html
	$(DBT) --quiet docs generate --static
	@echo "target/static_index.html"

bench: $(STAMP) ## Ratios against plain SQL, and growth with history
	$(BIN)/python bench/bench_loads.py
	$(BIN)/python bench/bench_vault.py
	$(BIN)/python bench/bench_replay.py
	$(BIN)/python bench/bench_s3_costs.py
	$(BIN)/python bench/bench_s3_history.py

lock: $(CHECKS) ## Writes requirements.txt and the locks of tests/support anew
	for name in requirements tests/support/tests tests/support/nise tests/support/spark; do \
		$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-strip-extras \
			--allow-unsafe --output-file $$name.txt $$name.in; \
	done

clean: ## Removes what builds leave behind; the landing folder and the database too
	rm -rf target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis landing millrace.duckdb millrace.duckdb.wal
