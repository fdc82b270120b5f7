# make demo: set up, then the editor with an example pipeline.  make test: set up, then all checks.
#   RUN=1 starts a run of the example as well; PORT and DATA_DIR are where the editor listens and keeps its data.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := data,train,evaluate,judge,merge,quantize,serve,dev
INSTALLED := $(VENV)/installed
SOURCES := pyproject.toml constraints.txt tests/requirements.txt $(wildcard nodes/environments/*.txt ui/front/*.*)
PYTEST_ARGS ?= -n 2 --dist loadfile

.PHONY: demo install front test check lint types unit format bench clean

demo: install
	$(BIN)/nodegraph demo$(if $(filter 1,$(RUN)), --run)$(PORT:%= --port %)$(DATA_DIR:%= --data-dir %)

install: $(INSTALLED)

# Installing puts the front-end files together; where they are gone, it is due.
$(INSTALLED): $(SOURCES) $(if $(wildcard ui/vendor/files.json),,front)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "NodeGraph needs Python 3.11 or newer; give one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[$(EXTRAS)]'
# Half the time of an installation is compiling, which pip does on one core. Some packages hold files that are no Python.
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

test: check

check: lint types unit

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

# Every process that a test starts would compile our modules anew where PYTHONDONTWRITEBYTECODE is set.
unit: install
	@$(BIN)/python -m compileall -q -j 0 nodegraph executor nodes ui tests
	$(BIN)/pytest $(PYTEST_ARGS)

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	for script in tests/benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) ui/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis
