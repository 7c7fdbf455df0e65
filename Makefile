# The two commands of the README: make nightly, make test. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
SCALE ?= small
SEED ?= 1
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false
# One thread per process of linear algebra: the matrices are small, and threads would fight over the cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
# The engine's memory is cleared before use: what is left in it would reach the unused parts of a database file.
export DUCKDB_JE_MALLOC_CONF := zero:true

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev nightly test studies worlds-study kill-study calibration check bench ui lock contracts-lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; found: $$($(PYTHON) --version). Try: make PYTHON=python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "No virtual environment could be made. On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock requirements-published-data.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  -r requirements-dev.lock -r requirements-published-data.lock
	@touch $@

setup: $(VENV)/.runtime ## what a night needs
setup-dev: $(VENV)/.dev ## what a developer needs on top

nightly: setup ## one night: deliveries (small stand-ins if there are none), database, brief
	@$(BIN)/waterbed prepare --data $(DATA) --scale $(SCALE) --seed $(SEED)
	@$(BIN)/waterbed nightly --data $(DATA)

test: setup-dev ## the whole default suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

studies: setup-dev ## what takes too long for the suite: a national world, other economies, simulated displacement
	$(BIN)/python -m pytest -m slow
	$(BIN)/python -m tests.worlds.mixes
	$(BIN)/waterbed simulate-waterbed --worlds 300 --scenario all --seed 2026 --out $(DATA)/scores.parquet

worlds-study: setup-dev ## truth against estimates on twenty simulated labour markets per scenario; takes hours, goes on where it was
	@mkdir -p $(DATA)/worlds
	$(BIN)/python -m tests.waterbed.worlds_study $(DATA)/worlds

kill-study: setup-dev ## kill a night at ten random moments; the next must equal one that was never killed
	@$(BIN)/waterbed prepare --data $(DATA) --scale $(SCALE) --seed $(SEED)
	$(BIN)/python -m tests.pipelines.kill_study $(DATA)

calibration: setup-dev ## compare a national stand-in world with the published volumes, figure by figure
	$(BIN)/python -m assets.standins.calibration national

check: setup-dev ## lint, types, import rules, contracts, SQL, Dagster definitions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m quality.lint
	$(BIN)/dg check defs --no-check-yaml

bench: setup ## the night's load and the estimate of one event, each against its floor, in one run
	$(BIN)/waterbed bench

ui: setup ## the Dagster pages on http://127.0.0.1:3000
	@mkdir -p $(DATA)/dagster && cp -n pipelines/dagster.yaml $(DATA)/dagster/ 2>/dev/null || true
	WATERBED_DATA=$(abspath $(DATA)) DAGSTER_HOME=$(abspath $(DATA))/dagster $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1

lock: ## pin every dependency with hashes, without index lines
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-deps --group published-data -o requirements-published-data.lock

contracts-lock: setup ## record the contracts after a version bump
	$(BIN)/python -m quality.lint --record

clean: ## remove the environment, keep the data
	rm -rf $(VENV) build *.egg-info
