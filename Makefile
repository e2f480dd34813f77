# make install: the environment in .venv    make search: a real search    make test, make check: what CI runs
PYTHON ?= python3
BUDGET ?= 5m
WORKERS ?= 2

BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: install search test check build clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -c constraints.txt torch
	$(BIN)/python -m pip install -c constraints.txt -e '.[dev,data]'
	touch $@

search: install
	@folder=runs/mnist5k-$$(date +%Y%m%d-%H%M%S) && \
	$(BIN)/netwright search mnist5k --budget $(BUDGET) --workers $(WORKERS) --out $$folder && \
	echo "the report: $$PWD/$$folder/report.html"

test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

build: install
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
