# make demo: set up, then train, evaluate and serve the example pipeline.  make test: set up, then all checks.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := data,train,evaluate,judge,merge,quantize,serve,dev
INSTALLED := $(VENV)/installed
PYTEST_ARGS ?= -n 2 --dist loadfile

.PHONY: demo install test check lint types unit format bench clean

demo: install
	@test -e demo.yaml || $(BIN)/nodegraph new demo -o demo.yaml
	$(BIN)/nodegraph run demo.yaml

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt tests/requirements.txt $(wildcard nodes/environments/*.txt)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "NodeGraph needs Python 3.11 or newer; give one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(EXTRAS)]'
	@touch $@

test: check

check: lint types unit

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

unit: install
	$(BIN)/pytest $(PYTEST_ARGS)

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	for script in tests/benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
