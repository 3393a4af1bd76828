# The list of commands: people, the README and CI call these.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CARGO := cargo --locked
CRATE := --manifest-path rust/Cargo.toml
PEER := --manifest-path bench/quantette/Cargo.toml
SOURCES := pyproject.toml rust/Cargo.toml rust/Cargo.lock $(shell find src rust/src -type f -not -name '*.so' -not -name '*.pyc')

.PHONY: demo test check docs bench clean

demo: $(VENV)/demo ## builds hueclid and reduces a real photograph
	$(BIN)/python docs/demo.py demo

test: $(VENV)/test ## runs the whole suite, Rust and Python
	$(CARGO) test $(CRATE)
	$(BIN)/python -m pytest

check: $(VENV)/test ## formatting, lints and types
	$(CARGO) fmt $(CRATE) --check
	$(CARGO) fmt $(PEER) --check -- --config-path rust
	$(CARGO) clippy $(CRATE) --all-targets -- -D warnings
	$(CARGO) clippy $(CRATE) --all-targets --features python -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest hueclid._core

docs: $(VENV)/docs ## the docs site, into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/bench ## us and the peers on a folder of images: make bench IMAGES=folder
	@test -d "$(IMAGES)" || { echo "name a folder of images: make bench IMAGES=folder"; exit 2; }
	$(BIN)/python bench/compare.py --images $(IMAGES)

clean: ## removes what the others made
	rm -rf $(VENV) demo site rust/target bench/quantette/target

$(VENV)/%: $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[$*]'
	touch $@
