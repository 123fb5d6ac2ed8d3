# The index of tasks. Every task sets up what it needs, in .venv, also when it is run twice.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# On all cores; tests that share a server, or must be alone, say so (tests/cores.py). By hand, plain pytest is serial.
PYTEST := $(BIN)/python -m pytest -n auto

.DEFAULT_GOAL := help
.PHONY: help demo test quick check long fuzz soak fix bench peers facts docs format-check lint types contracts clean

help: ## List the tasks.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once, about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## Run the main job on real data: 3,201 films, in memory and on a file.
	@$(BIN)/python -m examples.films

test: $(STAMP) ## Run the whole test suite, on all cores.
	$(PYTEST)

quick: $(STAMP) ## Run what takes under a minute, for every commit.
	$(PYTEST) --effort quick -m "not slow"

check: $(STAMP) format-check lint types contracts ## Formatting, lint, types, import contracts, then the tests.
	$(PYTEST)

long: $(STAMP) ## The same tests with the full counts of the issues.
	$(PYTEST) --effort long

fuzz: $(STAMP) ## Send hostile requests for five minutes and report what is not answered as it must be.
	$(BIN)/python tests/fuzz/fuzz.py

soak: $(STAMP) ## Kill a server under the load of 50 clients, again and again for ten minutes.
	$(BIN)/python tests/soak/soak.py

fix: $(STAMP) ## Format, and mend what the linter can.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

peers: $(STAMP) ## Run the same probes with this library and with its peers, and print who does what is right.
	@$(BIN)/python benchmarks/peers_behaviour.py

bench: $(STAMP) ## Run the benchmarks, peers side by side, and report figures.
	@for name in codec engine scale bulk units; do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

facts: $(STAMP) ## Ask the engine, DynamoDB Local and moto every fact of the service, and write the page.
	cd tests/conformance && ../../$(BIN)/python -m facts

docs: $(STAMP) ## Run every snippet of the README and the docs.
	$(BIN)/python -m pytest tests/e2e/test_docs.py

format-check: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy
	$(BIN)/pyright

contracts: $(STAMP)
	$(BIN)/lint-imports

clean: ## Remove what the tasks made.
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
