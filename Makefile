# make run      environment, install, the study on the built-in data
# make test     environment, install, all tests
# make test-long the tests that repeat for more data what these show, some minutes
# make bench    lowcap beside its peers on this machine, about an hour (installs PyTorch)
# make coverage  does the answer of `lowcap small` hold what is true? 350 searches, some minutes
# make torture  kills a real run a hundred times and resumes it, and a cluster's workers: half an hour
# make mutants  do the tests notice a mistake? 200 of them, one at a time, about an hour
# make explorer-picture  docs/explorer.png, by a run on the built-in data and chromium, some minutes
# make docs     the documentation into build/docs, every example run; a warning is an error
# make dist     wheel and sdist into dist/, checked, installed from the wheel, and run
# make check    what CI's linters see: ruff, format, pyright

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test test-long bench coverage torture mutants explorer-picture docs dist check format clean

run: $(VENV)/.run
	$(BIN)/lowcap run low-capacity

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist loadgroup

test-long: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist loadgroup -m long

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.curves

coverage: $(VENV)/.run
	$(BIN)/python -m benchmarks.coverage

torture: $(VENV)/.test
	$(BIN)/python -m tests.runs.faults $$(mktemp -d) all
	$(BIN)/python -m benchmarks.torture
	@if [ "$$(id -u)" = 0 ] && command -v ip >/dev/null; then $(BIN)/python -m tests.torture.cluster; \
	else echo "a cluster in two network namespaces is not tried: it needs root and ip"; fi

mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants

explorer-picture: $(VENV)/.test
	$(BIN)/lowcap run low-capacity --out runs/explorer-picture
	$(BIN)/python -m tests.explorer.picture runs/explorer-picture

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -W --keep-going -b html docs build/docs
	@echo "the pages: build/docs/index.html"

dist: | $(BIN)/python
	$(INSTALL) build twine
	rm -rf dist build/wheel
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(PYTHON) -m venv build/wheel
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	cd build/wheel && bin/lowcap --help >/dev/null && bin/lowcap small iris --sizes 0 2 8 --minutes 0.5 --out run

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist src/*.egg-info docs/gallery docs/reference/generated

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lowcap needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[test]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[bench]'
	@touch $@ $(VENV)/.run

$(VENV)/.docs: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[docs]'
	@touch $@ $(VENV)/.run

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.run $(VENV)/.test
