# The one door: `make help` lists what there is.
PYTHON ?= python3
PY := .venv/bin/python
SETUP := .venv/.candlecast-setup
TORCH := .venv/.candlecast-torch
SBOM ?= sbom
TESTS ?= tests/unit tests/architecture tests/fuzz tests/integration tests/e2e

# `make run` takes SOURCE, DATA, NEWS, SYMBOLS, TIMEFRAME, SPEED, START, FAULTS and FOLDER
RUN_FLAGS = $(if $(SOURCE),--source $(SOURCE)) $(if $(DATA),--data "$(DATA)") $(if $(NEWS),--news "$(NEWS)") $(if $(SYMBOLS),--symbols "$(SYMBOLS)") \
	$(if $(TIMEFRAME),--timeframe $(TIMEFRAME)) $(if $(SPEED),--speed $(SPEED)) $(if $(START),--start "$(START)") \
	$(if $(FAULTS),--faults "$(FAULTS)") $(if $(FOLDER),--folder "$(FOLDER)")

# `make bench` takes QUICK, ONLY, RESUME, DATA, TEXTS, NEWS, SIZES and COMPARE; folders and files may be several
BENCH_FLAGS = $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)") $(if $(RESUME),--resume) $(if $(DATA),--data $(DATA)) \
	$(if $(TEXTS),--texts $(TEXTS)) $(if $(NEWS),--news $(NEWS)) $(if $(SIZES),--sizes "$(SIZES)") $(if $(COMPARE),--compare "$(COMPARE)")

STACK = $(if $(FOLDER),--folder "$(FOLDER)")
FORCED = $(if $(FORCE),--force)

.DEFAULT_GOAL := help
.PHONY: help setup torch run backup restore test test-torch fuzz test-slow test-compose audit sbom licences reference images check bench soak soak-short screenshots lock

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

setup: $(SETUP) ## Make .venv and install the lock

$(SETUP): requirements.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Candlecast needs Python 3.11 or newer, this is %d.%d; name another with make PYTHON=python3.12" % sys.version_info[:2])'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@.venv/bin/uv pip install --quiet --python $(PY) --compile-bytecode --require-hashes -r requirements.lock -r requirements-dev.lock
	@.venv/bin/uv pip install --quiet --python $(PY) --no-deps --editable .
	@$(PY) -m compileall -q candlecast cluster jobs serve ui
	@touch $@

torch: $(TORCH) ## Add the extra that trains sentiment models

$(TORCH): $(SETUP)
	@$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[torch]'
	@touch $@

run: $(SETUP) ## Start everything on this machine: SOURCE= DATA= NEWS= SYMBOLS= TIMEFRAME= SPEED= START= FAULTS=
	@exec .venv/bin/candlecast run $(RUN_FLAGS)

test: $(SETUP) ## Run all tests but Compose's: unit, then integration, then end to end; or those of TESTS=, by WORKERS= processes
	$(PY) -m pytest $(TESTS) $(if $(WORKERS),--numprocesses $(WORKERS) --dist worksteal)

test-torch: $(TORCH) ## Run the tests of what needs torch: training, models without ONNX
	$(PY) -m pytest tests/torch

fuzz: $(SETUP) ## Search long for bad input that is not refused, and kill at every step: parsers, replay, API, history, crashes
	FUZZ=long $(PY) -m pytest --timeout=1800 tests/fuzz tests/integration/serve/test_schema.py tests/integration/ingest/test_history.py tests/integration/crash

test-slow: $(SETUP) ## Run the long tests: faults and kills for minutes
	$(PY) -m pytest tests/slow

backup: $(SETUP) ## Write database and models into FILE=, while everything goes on; COMPOSE=1: those of the containers
	@$(if $(FILE),,$(error name the file, as in make backup FILE=candlecast.tar))
	@$(if $(COMPOSE),docker compose run --rm -T backup >"$(FILE)",.venv/bin/candlecast backup "$(FILE)" $(STACK))

restore: $(SETUP) ## Bring FILE= back, with FORCE=1 in the place of what is there; nothing but the stores may run
	@$(if $(FILE),,$(error name the file, as in make restore FILE=candlecast.tar))
	@$(if $(COMPOSE),docker compose stop && docker compose run --rm -T backup candlecast restore - $(FORCED) <"$(FILE)",.venv/bin/candlecast restore "$(FILE)" $(FORCED) $(STACK))

test-compose: $(SETUP) ## Build the images, start Compose for real, ask for a forecast (needs a Docker engine)
	$(PY) -m pytest tests/compose

images: ## Build both images, tagged by version and commit, as .env says from then on
	cluster/compose/build.sh

audit: $(SETUP) ## Ask for known weaknesses of what the locks name (reaches out to the package index)
	.venv/bin/uv tool run pip-audit==2.10.1 --disable-pip --require-hashes -r requirements.lock -r requirements-ui.lock

sbom: $(SETUP) ## Write what the images are made of as CycloneDX JSON into SBOM=sbom
	@mkdir -p "$(SBOM)"
	@for lock in requirements requirements-ui; do \
	  PYTHONWARNINGS=ignore .venv/bin/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements $$lock.lock --pyproject pyproject.toml \
	    --output-reproducible --spec-version 1.6 --output-format JSON --output-file "$(SBOM)/$$lock.cdx.json" || exit 1; done

licences: $(SETUP) ## Write docs/licences.md from the packages of the locks
	$(PY) docs/licences.py --write

reference: ## Write docs/reference.md from the docstrings
	$(PYTHON) docs/reference.py --write

check: $(SETUP) ## Lint, types, import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: $(TORCH) ## Run all benchmarks into docs/benchmarks.md: QUICK=1 ONLY= RESUME=1 DATA= TEXTS= NEWS= SIZES=all COMPARE=
	@exec $(PY) benchmarks/suite.py --page docs/benchmarks.md $(BENCH_FLAGS)

soak: $(SETUP) ## Run the whole stack for 72 market hours (72 minutes; HOURS= for others) under readers and faults, into OUT=soak-report
	$(PY) -m benchmarks.soak $(if $(HOURS),--hours $(HOURS)) $(if $(SEED),--seed $(SEED)) $(if $(OUT),--out "$(OUT)")

soak-short: $(SETUP) ## The same for two minutes, on one stack, with bars of its own
	$(PY) -m benchmarks.soak --short $(if $(SEED),--seed $(SEED)) $(if $(OUT),--out "$(OUT)")

screenshots: $(SETUP) ## Take the pictures of docs/images from a running stack: PAGE=
	$(PY) docs/screenshots.py $(if $(PAGE),--page "$(PAGE)")

lock: $(SETUP) ## Resolve the dependencies again
	.venv/bin/uv pip compile --quiet pyproject.toml --universal --generate-hashes --no-header --no-annotate -o requirements.lock
	.venv/bin/uv pip compile --quiet --group ui -c requirements.lock --universal --generate-hashes --no-header --no-annotate -o requirements-ui.lock
	.venv/bin/uv pip compile --quiet --group dev -c requirements.lock --universal --generate-hashes --no-header --no-annotate -o requirements-dev.lock
