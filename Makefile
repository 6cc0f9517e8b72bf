# The two commands of the README are `make demo` and `make test`; each does all its own set-up.
VENV   := .venv
PY     := $(VENV)/bin/python
PYTHON ?= python3
STAMP  := $(VENV)/.ready
# What hangs in C code is beyond the tests' own timeouts.
LIMIT  := timeout --foreground --kill-after=30

.PHONY: demo test test-real check rules bench setup lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh "$(VENV)"
	@touch $(STAMP)

demo: $(STAMP)
	@$(PY) examples/demo.py

test: $(STAMP)
	@$(LIMIT) 15m $(PY) -m pytest -q -m "not real" -n logical --maxprocesses 4 --dist loadfile -o timeout_method=thread

test-real: $(STAMP)
	@$(LIMIT) 45m $(PY) -m pytest -q -m real

check: $(STAMP)
	@$(PY) -m ruff check src tests examples benchmarks scripts
	@$(PY) -m ruff format --check src tests examples benchmarks scripts
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --cache-dir $(VENV)/.import_linter

# AGENTS.md held by Loopwright itself, on the whole tree.
rules: $(STAMP)
	@$(VENV)/bin/loopwright check --skip command --skip safety --skip scanner

bench: $(STAMP)
	@$(PY) -m benchmarks

# Versions and hashes only: the file names no address, so any index that serves the same files will do.
lock:
	$(VENV)/bin/uv pip compile pyproject.toml --all-extras --group dev --generate-hashes --universal --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --python-version 3.11 -o requirements.lock

clean:
	rm -rf $(VENV) build dist
