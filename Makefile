# Kith. `make demo` shows it, `make test` proves it; both first set up a .venv of their own.

PYTHON ?= python3
WORKERS ?= 2
PYTEST_ARGS ?=

BIN := .venv/bin
PYTEST = $(BIN)/pytest -n $(WORKERS) $(PYTEST_ARGS)

# Where this is set each process compiles every module again: a third of the time of the fast tests.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test check format bench-accuracy bench-links bench-patterns bench-rosters bench-cpd bench-speed bench-online bench-write soak lock clean

help:  ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

install: .venv/installed  ## Set up .venv with the locked packages and the kith command

.venv/installed: pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Kith needs Python 3.11 or newer; \`$(PYTHON)\` is not. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 3; }
	@echo "Setting up .venv (first time: a minute or two) …"
	@$(PYTHON) -m venv .venv || \
	  { echo "Python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"; exit 3; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: install  ## Make a synthetic force, load it, find what is worth a look, serve the page
	@$(BIN)/kith demo

test: install  ## Run every test, a real Neo4j and a browser included
	@$(PYTEST)

check: install  ## Format, lint, types, import contracts and the fast tests: under a minute
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST) -q --hypothesis-profile=quick -m "not slow and not neo4j and not browser"

format: install  ## Put the code in the house's format
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

bench-patterns: install  ## Score every pattern on a loaded synthetic force, look-alikes by name
	@$(BIN)/python benchmarks/findings.py

bench-rosters: install  ## Scan synthetic rosters of 45,000 staff with a key, and innocent ones; an hour or less
	@$(BIN)/python benchmarks/rosters.py

bench-cpd: install  ## Load real police records into both stores; figures only
	@$(BIN)/python benchmarks/cpd.py

bench-links: install  ## Rank undeclared shared homes of a synthetic force, with true and with own identities
	@$(BIN)/python benchmarks/links.py --resolve

bench-accuracy: install  ## Score the resolver on data with known answers, beside Splink, against the floors
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[splink]'
	@$(BIN)/python benchmarks/accuracy.py

bench-write: install  ## Durable writes a second at a store of 100,000 records; figures only
	@$(BIN)/python benchmarks/write.py

soak: install  ## Kill the server 500 times under load until it has acknowledged 200,000 writes: most of an hour
	@KITH_SOAK_KILLS=500 KITH_SOAK_ACKNOWLEDGED=200000 $(BIN)/pytest -q -n 0 tests/app/test_kills.py -k acknowledged

bench-speed: install  ## Link 100,000 people from file to file, beside Splink: seconds, pairs, memory (SIZES=1000000)
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[splink]'
	@$(BIN)/python benchmarks/speed.py $(SIZES)

bench-online: install  ## Put one record into a large store: CPU to find, score and cluster; a shared number
	@$(BIN)/python benchmarks/online.py $(SIZES)

lock:  ## Pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade --extra dev \
	  -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## Remove what was built and cached, not your data
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
