# Every target first builds what it needs: a fresh machine with Python 3.11 requires no other command.
# PYTHON=… selects the interpreter for .venv; ARGS=… is passed on.

SHELL := /bin/bash
BIN := .venv/bin
RELEASE_BIN := .cache/release/bin
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS)
BENCH ?= ingest rollup focus_converter evaluate incremental backtest start scrape many_sources elasticity regressions
ENGINE ?= $(firstword $(foreach engine,docker podman buildah,$(if $(shell command -v $(engine)),$(engine))))
# the OCI format, the default of podman and buildah, has no health check
IMAGE_FORMAT = $(if $(filter docker,$(notdir $(ENGINE))),,--format docker)

.PHONY: help demo test test-fast coverage mutants check bench format lock release sbom audit workflows servers image dashboards pictures docs clean
.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.runtime ## Evaluate 13 months of demo bills and serve them on http://127.0.0.1:9700
	@$(BIN)/finops demo $(ARGS)

# in folder order, so that the long browser and integration tests come first and no worker is left with one at the end; with
# bytecode, so that programs started by tests compile nothing
test: .venv/.dev servers ## Run every test, or a subset: make test ARGS="tests/unit/lake"
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: .venv/.dev ## Run the tests that need no server and no browser
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile --without-servers tests/unit tests/contract $(ARGS)

coverage: .venv/.dev servers ## Measure branch coverage by all tests, in dist/coverage; a file below 80 % fails
	@mkdir -p .cache/coverage && $(BIN)/coverage erase
	@PYTHONDONTWRITEBYTECODE= $(BIN)/coverage run -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage xml --quiet && $(BIN)/coverage html --quiet
	@$(BIN)/coverage report --sort cover | tee dist/coverage.txt | tail -n 1
	@awk '/\.py / && $$NF + 0 < 80 { print "below 80 %: " $$1, $$NF; low = 1 } END { exit low }' dist/coverage.txt

# in a copy: the mutants stand beside the code that they are of
mutants: .venv/.dev ## Change the code that decides about alerts and sums, bit by bit; list the changes that no test notices
	@mkdir -p .cache/mutants && git ls-files -z finops exporters policies tests pyproject.toml | xargs -0 cp --parents -t .cache/mutants
	@cd .cache/mutants && ../../$(BIN)/mutmut run $(ARGS) && ../../$(BIN)/mutmut results

check: .venv/.dev ## Check format, lint, types, import layers and Dockerfile, then run every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/hadolint Dockerfile
	@$(MAKE) --no-print-directory test

bench: .venv/.dev ## Run the benchmarks, or one: make bench BENCH=scrape ARGS="--series 1000"
	@for name in $(BENCH); do $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; done

format: .venv/.dev ## Format the code and fix what the linter can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.dev ## Regenerate requirements/*.txt from pyproject.toml; upgrade everything: ARGS=--upgrade
	$(LOCK) pyproject.toml --extra postgres --extra gcp --group dev --group build -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra postgres -c requirements/dev.txt -o requirements/runtime.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --group release -o requirements/release.txt

release: .venv/.dev .cache/.release ## Build, check and try sdist and wheel; SBOM and checksums, in dist/
	@$(BIN)/python -m tools.release

sbom: .venv/.dev .cache/.release ## Write the SBOM of the locked packages (CycloneDX) to dist/
	@$(BIN)/python -m tools.release sbom

audit: .venv/.dev .cache/.release ## Look up known vulnerabilities of every locked package
	@$(BIN)/python -m tools.audit $(RELEASE_BIN)/pip-audit requirements/*.txt

workflows: .venv/.dev .cache/.release ## Check the GitHub workflows, their permissions and pins
	$(RELEASE_BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml docs/examples/github-actions.yml
	$(RELEASE_BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(RELEASE_BIN)/zizmor --offline --quiet .github docs/examples/github-actions.yml

servers: ## Install the servers for tests: Prometheus, Alertmanager, Chromium, Azurite
	@tests/servers/install.sh

image: ## Build the container image with docker, podman or buildah; BASE=… sets the base image
	@test -n "$(ENGINE)" || { echo "docker, podman and buildah are not installed: install one of them"; exit 1; }
	$(ENGINE) build $(IMAGE_FORMAT) $(if $(BASE),--build-arg BASE=$(BASE)) $(ARGS) --tag finops .

docs: .venv/.dev .cache/.release ## Build the documentation as a site in dist/docs; a dead link fails
	@rm -rf dist/pages dist/docs && mkdir -p dist/pages
	@git ls-files -z '*.md' docs policies tests/golden/focus/ai/meters.csv | grep -zvE '^(finops|tests/data)/|\.py$$' | xargs -0 cp --parents -t dist/pages
	@$(RELEASE_BIN)/zensical build --strict

dashboards: .venv/.dev ## Write the Grafana dashboards that finops ships
	@$(BIN)/python -m tools.dashboards

pictures: .venv/.dev ## Take the screenshots in the README from a new demo
	@$(BIN)/python -m docs.pictures.take

clean: ## Remove .venv, caches, and the npm packages of tests and screenshots
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/servers/node_modules docs/pictures/editor/node_modules

.cache/.release: requirements/release.txt requirements/install.sh
	@requirements/install.sh release
	@touch $@

.venv/.runtime: pyproject.toml requirements/runtime.txt requirements/build.txt requirements/install.sh
	@requirements/install.sh runtime
	@touch $@

.venv/.dev: pyproject.toml requirements/dev.txt requirements/install.sh
	@requirements/install.sh dev
	@touch .venv/.runtime $@
