# Every target makes what it needs first: on a fresh machine with Python 3.11 nothing else has to be typed.
# PYTHON=… chooses the interpreter of .venv; ARGS=… is handed on.

SHELL := /bin/bash
BIN := .venv/bin
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS)
BENCH ?= ingest rollup focus_converter evaluate incremental backtest start scrape many_sources elasticity regressions
BASE ?= python:3.11-slim-bookworm
ENGINE ?= $(firstword $(foreach engine,docker podman buildah,$(if $(shell command -v $(engine)),$(engine))))
# the OCI format, which podman and buildah write unasked, has no health check
IMAGE_FORMAT = $(if $(filter docker,$(notdir $(ENGINE))),,--format docker)

.PHONY: help demo test check bench format lock servers image pictures clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.runtime ## 13 months of demo bills, evaluated and served on http://127.0.0.1:9700
	@$(BIN)/finops demo $(ARGS)

# in the order of folders, so that the long tests of browser and integration come first and no worker is left with one at the
# end; with bytecode, so that the programs that tests start compile nothing
test: .venv/.dev servers ## every test; of one part: make test ARGS="tests/unit/lake"
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.dev ## format, lint, types, architecture, Dockerfile, then every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/hadolint Dockerfile
	@$(MAKE) --no-print-directory test

bench: .venv/.dev ## the benchmarks, side by side with peers; one: make bench BENCH=scrape ARGS="--series 1000"
	@for name in $(BENCH); do $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; done

format: .venv/.dev ## formats, and mends what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.dev ## writes requirements/*.txt anew from pyproject.toml; newest versions: ARGS=--upgrade
	$(LOCK) pyproject.toml --extra postgres --group dev --group build -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra postgres -c requirements/dev.txt -o requirements/runtime.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt

servers: ## fetches the servers that tests run against: Prometheus, Alertmanager, Chromium, Azurite
	@tests/servers/install.sh

image: ## builds the container image with docker, podman or buildah; BASE=… another base
	@test -n "$(ENGINE)" || { echo "no docker, podman or buildah here: install one"; exit 1; }
	$(ENGINE) build $(IMAGE_FORMAT) --build-arg BASE=$(BASE) $(ARGS) --tag finops .

pictures: .venv/.dev ## takes the pictures of the README from a demo of its own
	@$(BIN)/python -m docs.pictures.take

clean: ## removes .venv, caches, and the servers of tests and pictures
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/servers/node_modules docs/pictures/editor/node_modules

.venv/.runtime: pyproject.toml requirements/runtime.txt requirements/build.txt requirements/install.sh
	@requirements/install.sh runtime
	@touch $@

.venv/.dev: pyproject.toml requirements/dev.txt requirements/install.sh
	@requirements/install.sh dev
	@touch .venv/.runtime $@
