# make lab        sets up .venv and opens the labs in JupyterLab
# make test       sets up .venv and tests every rule once
# make quick      tests what differs from the branch main, in under a minute
# make test-all   tests every rule once, and then runs the tests marked "full"
# make test-nightly  runs the tests that take minutes each
# make site       builds the labs for a bare browser, as files in site/ (needs npm)
# make clean      removes caches and what labs write; keeps .venv and your progress
# make pins       remakes binder/constraints.txt from pyproject.toml
#
# make lab PORT=9000 BROWSER=none      another port; no browser
# make test PROCESSES=2                fewer tests at the same time
# make lab PYTHON=python3.13           another interpreter (remove .venv first)

PYTHON ?= python3
PORT ?= 8888
BROWSER ?=

# BROWSER=none opens none; any other name reaches JupyterLab through the environment.
ifeq ($(BROWSER),none)
  NO_BROWSER := --no-browser
  unexport BROWSER
endif

# Some images of Python keep no compiled files. Then each process compiles all that it
# imports, which takes a third of the time of a test run.
unexport PYTHONDONTWRITEBYTECODE

# Programs are run as modules: a script's first line breaks when the folder is moved.
IN_VENV := .venv/bin/python -m
PIP := $(IN_VENV) pip --quiet --quiet --disable-pip-version-check

# Many tests wait, so four processes keep two cores busy. One that crashes fails the run.
PROCESSES ?= 4
# All plugins that are installed would take a second more in each process, because pytest
# compiles their packages, and labkit, in its own way.
PYTEST := $(IN_VENV) pytest -p tests.lighter --disable-plugin-autoload -p xdist \
	-p pytest_timeout -p _hypothesis_pytestplugin -p labkit.pytest_plugin \
	--dist loadfile --no-loadscope-reorder --max-worker-restart 0

.PHONY: lab test suite types quick test-all test-nightly site clean pins moved

lab: .venv/lab.stamp
	$(IN_VENV) labkit.cli.start --in-place --port $(PORT) $(NO_BROWSER) .

# The types take as long as many tests together, so both run at the same time.
test: .venv/test.stamp
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	.venv/bin/python .venv/bin/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 types suite

types:
	$(IN_VENV) mypy

suite: .venv/compiled.stamp
	$(PYTEST) -n $(PROCESSES) tests

# Status 5 means that no test is affected.
quick: .venv/test.stamp
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) mypy
	$(PYTEST) -n $(PROCESSES) --quiet --affected tests || [ $$? = 5 ]

# As a prerequisite, `make test test-all` runs `test` once.
test-all: test .venv/senders.stamp
	$(PYTEST) -n $(PROCESSES) -m 'full and not nightly' tests

# Real senders and receivers, 50 runs of races, all interleavings of lab 07, all mutants,
# nbval's own runs of the solutions, all solutions from a wheel, a soak test.
test-nightly: .venv/test.stamp .venv/senders.stamp
	$(PYTEST) -n $(PROCESSES) -m nightly -p nbval.plugin --nbval --nbval-current-env \
		tests solutions

# It installs its own tools, in .lite/.
site:
	@command -v "$(PYTHON)" >/dev/null || { echo '$(NO_PYTHON)' >&2; exit 1; }
	@"$(PYTHON)" -c '$(CHECK_VERSION)'
	"$(PYTHON)" binder/site/build.py

# The learner's progress (.labkit) and notebooks are not removed.
clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist site
	find labkit tests solutions binder -name __pycache__ -type d -prune -exec rm -rf {} +
	find notebooks solutions -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +
	find . notebooks solutions -maxdepth 1 -type f \
		\( -name 'progress-*.json' -o -name '*.db' -o -name '*.db-*' \) -delete

pins:
	$(MAKE_VENV)
	$(PIP) install uv
	$(IN_VENV) uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--all-extras --no-annotate --no-emit-index-url \
		--custom-compile-command "make pins" \
		--output-file binder/constraints.txt pyproject.toml

# A stamp is newer than what the set-up was made from, so nothing is installed twice.
.venv/lab.stamp: pyproject.toml binder/constraints.txt
	@echo "Installing about 130 packages into .venv. This takes about 20 seconds, or"
	@echo "longer if they must be downloaded first."
	$(MAKE_VENV)
	$(call INSTALL,.)
	@pwd > .venv/folder.txt
	@touch $@

# The tests need everything that the labs need, so both stamps are due.
.venv/test.stamp: pyproject.toml binder/constraints.txt
	$(MAKE_VENV)
	$(call INSTALL,.[test])
	@pwd > .venv/folder.txt
	@touch .venv/lab.stamp $@

# The real senders have a venv of their own. Without it, their tests say what is missing.
.venv/senders.stamp: .venv/test.stamp tests/senders/real/requirements.txt
	@$(IN_VENV) tests.senders.real.running && touch $@ || true

# Four processes that start together would each compile all that the tests import, which
# takes 6 s of processor time.
.venv/compiled.stamp: .venv/test.stamp
	@$(PYTEST) --collect-only -qq tests >/dev/null || true # the suite tells what is wrong
	@touch $@

# pip notes where the kit lies, so a folder that was moved is set up again.
ifneq ($(shell cat .venv/folder.txt 2>/dev/null),$(shell pwd))
.venv/lab.stamp .venv/test.stamp: moved
endif

# Python takes 4 s to put pip into a venv. uv does it faster, and comes with the pip that
# Python has itself. Where Python has none, or uv finds no packages, venv does it.
define MAKE_VENV
@command -v "$(PYTHON)" >/dev/null || { echo '$(NO_PYTHON)' >&2; exit 1; }
@"$(PYTHON)" -c '$(CHECK_VERSION)'
@$(IN_VENV) pip --version >/dev/null 2>&1 \
	|| { "$(PYTHON)" -m venv --clear --without-pip .venv \
		&& "$(PYTHON)" -m pip --python .venv/bin/python --disable-pip-version-check \
			install uv \
		&& $(IN_VENV) uv pip install pip; } >/dev/null 2>&1 \
	|| "$(PYTHON)" -m venv --clear .venv
endef

# uv takes seconds where pip takes minutes. It reads no pip.conf, so where only pip knows
# the way to the packages, pip installs them.
define INSTALL
@$(IN_VENV) uv --version >/dev/null 2>&1 || $(PIP) install uv || true
@$(IN_VENV) uv pip install --quiet --constraint binder/constraints.txt --editable '$(1)' \
	|| $(PIP) install --constraint binder/constraints.txt --editable '$(1)'
endef

NO_PYTHON := there is no program named $(PYTHON); install Python 3.11 or newer, \
	or name it: make lab PYTHON=/path/to/python

# The check must also be understood by a Python that is too old.
CHECK_VERSION := import sys; \
	sys.version_info >= (3, 11) or sys.exit("Webhook Lab needs Python 3.11 or newer; \
	$(PYTHON) is " + sys.version.split()[0] + ". Name a newer one: \
	make lab PYTHON=python3.12")
