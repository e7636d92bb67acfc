# `make help` lists the targets. Everything lands in .venv/, nothing outside this folder but caches.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Its own programs first: seatrial finds the uv that was installed beside it.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install demo test test-unit test-contract test-e2e lint format types docs bench clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

install: $(STAMP) ## Create .venv with seatrial, its local servers and the tools to work on it

$(STAMP): pyproject.toml scripts/install
	@$(PYTHON) scripts/install $(VENV)
	@touch $@

demo: $(STAMP) ## Take examples/shop through its three stages, on Docker or as local processes
	@seatrial -C examples/shop test $(ARGS)

test: $(STAMP) ## Run all checks and tests (SEATRIAL_REQUIRE_ENGINE=1 makes engine tests mandatory)
	@scripts/check

test-unit: $(STAMP) ## Run the unit tests only
	@pytest tests/unit

test-contract: $(STAMP) ## Run the contract suites over all runtimes and runners
	@pytest tests/contract

test-e2e: $(STAMP) ## Run the end-to-end scenarios on real engines and processes
	@pytest tests/e2e

lint: $(STAMP) ## Check style and types
	@ruff check . && ruff format --check . && mypy

format: $(STAMP) ## Format the code
	@ruff check --fix . ; ruff format .

docs: $(STAMP) ## Generate the reference pages
	@scripts/reference

bench: $(STAMP) ## Measure against baselines in one run; prints tables
	@python bench/run.py $(ARGS)

clean: ## Remove what the targets made in this folder
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
