# Toile. `make` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
BIND ?= 127.0.0.1:8000
PHOTOS ?=
TESTS ?=
BIOME := deploy/lint/node_modules/.bin/biome
BENCH_DATABASE ?= postgres://postgres@127.0.0.1:5432/toile_bench

.PHONY: help setup dev demo serve test lint bench openapi fuzz messages

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

# What is installed is stamped, so that a second run starts at once.
.venv/.run: requirements.txt requirements-engine.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps -r requirements-engine.txt
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	$(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@

setup: .venv/.run ## Install what it runs on into .venv and prepare the database
	@$(BIN)/pybabel -q compile -d locale -D django
	@$(MANAGE) migrate -v 0
	@$(MANAGE) createcachetable
	@$(MANAGE) collectstatic --noinput -v 0

dev: .venv/.dev ## Install what tests and linters need on top
	@deploy/test-packages

demo: setup ## Dress the demo library (PHOTOS=folder: your own) and show what came of it
	$(MANAGE) demo $(if $(PHOTOS),--photos $(PHOTOS))

serve: setup ## Run web and workers on BIND (127.0.0.1:8000) with the demo logins
	@$(MANAGE) seed
	$(MANAGE) serve --bind $(BIND)

test: setup dev ## Run the tests (TESTS=path: some of them), also on PostgreSQL where it is
	deploy/run-tests $(TESTS)

lint: dev ## Check style, types, imports, templates, scripts and missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	@if [ -x $(BIOME) ]; then $(BIOME) check --error-on-warnings .; \
	elif [ -n "$$REQUIRE_ALL_TESTS" ]; then echo "$(BIOME) is missing: npm failed." >&2; exit 1; \
	else echo "NOTE: scripts and styles are not linted without npm." >&2; fi
	$(MANAGE) makemigrations --check --dry-run

bench: dev ## Measure engine, lanes, saturation, chaos, imports, pages, API (half an hour; tables and JSON)
	$(BIN)/python bench/engine.py --peer ../shared/engine-prototype --photos ../shared/photos
	$(BIN)/python bench/spine.py
	$(BIN)/python bench/saturation.py
	$(BIN)/python bench/chaos.py
	$(BIN)/python bench/imports.py
	$(BIN)/python bench/fill.py --once --database $(BENCH_DATABASE)
	$(BIN)/python bench/pages.py --database $(BENCH_DATABASE)
	$(BIN)/python bench/api.py --database $(BENCH_DATABASE)

openapi: dev ## Write docs/openapi.yaml (RELEASE=1: promise it to apps; API_BREAK=1: break promises)
	$(MANAGE) openapi $(if $(RELEASE),--release) $(if $(API_BREAK),--break)

fuzz: dev ## Send generated requests to every address of the API as each role (some minutes)
	$(BIN)/python bench/fuzz.py

messages: dev ## Collect texts for translation into locale/
	$(MANAGE) makemessages -l zh_Hans --no-location --ignore '.venv/*' --ignore 'tests/*/node_modules/*'
