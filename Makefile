# Everything a developer types. Each target sets up first, so a fresh checkout needs only one.
#
# Where things go comes from the environment: BLU_PORT (8000), BLU_SIMULATOR_PORT (BLU_PORT + 100),
# BLU_HOST (127.0.0.1), BLU_VAR (var/), BLU_BROWSER. Two checkouts run side by side with two BLU_PORTs.

# Where it is not said, .ci/setup takes Debian's own.
PYTHON :=
MANAGE := .venv/bin/python manage.py
CODE := blu campaigns contacts sessions tests .ci manage.py
ARGS :=
# The tests of whole processes and browsers wait for a good part of their time: six workers keep two cores busy.
WORKERS := $(shell cores=$$(nproc); echo $$((cores < 2 ? 2 : 6)))
PYTEST := .venv/bin/python -m pytest --dist worksteal --durations 10
ONCE :=
# What was compiled by one process is not compiled again by each of hundreds, nor by the next run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run demo test test-fast test-sweeps test-browser test-nodes lint types layers check bench chaos soak fmt
.DEFAULT_GOAL := run

setup:
	@PYTHON="$(PYTHON)" .ci/setup

run: setup
	@$(MANAGE) up

# ONCE=1 stops after the report; the exit status says whether ledger and truth agree.
demo: setup
	@$(MANAGE) demo $(if $(ONCE),--once)

# More for pytest: make test ARGS="tests/contacts -k import"
test: setup
	@$(PYTEST) -n $(WORKERS) $(ARGS)

# The lanes of it; tests/lanes.py says which test is in which. Fast tests and sweeps never wait: a worker a core.
test-fast: setup
	@$(PYTEST) -n $(shell nproc) -m "not browser and not nodes and not sweeps" $(ARGS)

test-sweeps: setup
	@$(PYTEST) -n $(shell nproc) -m "sweeps and not browser and not nodes" $(ARGS)

test-browser: setup
	@$(PYTEST) -n $(WORKERS) -m "browser and not nodes" $(ARGS)

test-nodes: setup
	@$(PYTEST) -n $(WORKERS) -m nodes $(ARGS)

lint: setup
	@.venv/bin/ruff check $(CODE)
	@.venv/bin/ruff format --check $(CODE)
	@.venv/bin/djlint --quiet --lint templates

types: setup
	@.venv/bin/mypy

layers: setup
	@.venv/bin/lint-imports

# All that CI runs.
check: lint types layers test

# make bench ARGS="import --rows 100000"
bench: setup
	@$(MANAGE) bench $(ARGS)

# 100 kills on two nodes, about seven minutes; the exit status says whether any promise broke.
chaos: setup
	@$(MANAGE) chaos $(ARGS)

# Half an hour of campaigns with restarts and passing faults: make soak ARGS="--minutes 10"
soak: setup
	@$(MANAGE) soak $(ARGS)

fmt: setup
	@.venv/bin/ruff check --fix --quiet $(CODE) || true
	@.venv/bin/ruff format --quiet $(CODE)
