# The two commands of the README are `make demo` and `make test`; both set up what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test check bench bench-batch bench-spark bench-service fmt clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("fanzha 需要 Python 3.11 或更新 / Python 3.11+ is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(STAMP)
	$(BIN)/fanzha scan samples
	$(BIN)/fanzha explain samples/10_plain_words.txt

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/fanzha rules lint
	$(BIN)/fanzha rules test
	$(BIN)/fanzha rules fmt --check
	$(BIN)/fanzha rules catalogue -o docs/rules.md --check

bench: $(STAMP)
	$(BIN)/python bench/bench.py

bench-batch: $(STAMP)
	$(BIN)/python bench/batch.py

bench-spark: $(STAMP)
	$(BIN)/python bench/spark.py

bench-service: $(STAMP)
	$(BIN)/python bench/service.py

fmt: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/fanzha rules fmt
	$(BIN)/fanzha rules catalogue -o docs/rules.md

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
