# What a developer of cecli does. Needs Python 3.10 or newer and make; most targets make .venv.

PYTHON ?= python3
BIN := .venv/bin

# Pythons of pyenv are found too, whether or not it puts them on the PATH.
empty :=
space := $(empty) $(empty)
export PATH := $(PATH):$(subst $(space),:,$(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.1*/bin))

.PHONY: help run test test-aider test-long test-page test-sdist mutants check audit release docs sample pictures bench clean

help:
	@echo "make run           a session, its log and its delivery, shown; touches nothing of yours"
	@echo "make test          the tests, then again on each Python from 3.10 to 3.13 that is found"
	@echo "make test-aider    the sessions, in an environment with the extra that they need"
	@echo "make test-long     those that take minutes: random sessions, disables that race"
	@echo "make test-page     the page of a log in a real Chromium; fails where there is none"
	@echo "make test-sdist    the tests of the unpacked source distribution, in an environment of its own"
	@echo "make mutants       wrong lines that no test notices; ROOM=consent tries one room alone"
	@echo "make check         style, types, rendered documents, keys, and the built packages"
	@echo "make audit         known vulnerabilities in what cecli needs; needs a network"
	@echo "make release KEY=… the packages of a release, into dist/"
	@echo "make sample        record docs/sample-analytics.jsonl anew, from real sessions"
	@echo "make pictures      draw docs/view-*: what that sample looks like, on a page and a terminal"
	@echo "make docs          render what is rendered from the code"
	@echo "make bench         what analytics costs, beside others; fails where a bound isn't kept"
	@echo "make clean         remove what these have made"

.venv/ready: pyproject.toml hatch_build.py
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,check]'
	@touch $@

run: .venv/ready
	@$(BIN)/python -m tools.demo

# Without what is marked `long`, here and in tox.
test: .venv/ready
	$(BIN)/pytest --numprocesses auto --cov --cov-report=term -m "not long and not page"
	$(BIN)/tox run --quiet

# Fails where Python 3.12 or the extra is missing: `make test` has skipped these tests already.
test-aider: .venv/ready
	$(BIN)/tox run --quiet --skip-missing-interpreters false -e py312-aider

# Without a Chromium, plain pytest skips these, and says so.
test-page: .venv/ready
	CECLI_TEST_PAGE=required $(BIN)/pytest -m page tests/analytics/inspection/view

# About four minutes on two cores: 50,000 sessions beside the oracle, 200 disables that race.
test-long: .venv/ready
	$(BIN)/pytest --numprocesses auto -m long

test-sdist: .venv/ready
	$(BIN)/python -m tools.try_sdist

# In a copy, since it writes wrong lines into the files. ROOM may be a room or a module in it, as
# ROOM=consent/decision; without it, all rooms that are tried.
ROOM ?=
MUTANTS := build/mutants/$(or $(subst /,.,$(ROOM)),all)
mutants:
	mkdir -p $(MUTANTS)
	find $(MUTANTS) -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
	git ls-files -z --cached --others --exclude-standard | tar -c --null -T - -f - | tar -x -C $(MUTANTS) -f -
	$(PYTHON) -m venv $(MUTANTS)/.venv
	$(MUTANTS)/$(BIN)/pip install --quiet --disable-pip-version-check --editable '$(MUTANTS)[mutants]'
	cd $(MUTANTS) && $(BIN)/pytest --quiet tools/mutations.py && $(BIN)/python -m tools.mutants $(ROOM)

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.check_examples
	$(BIN)/python -m tools.render_docs --check
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	$(BIN)/python -m tools.check_keys
	$(BIN)/python -m tools.check_packages

# What PyPI knows of vulnerabilities is asked for; what can't be asked for is a failure, too.
audit: .venv/ready
	$(BIN)/tox run --quiet -e audit

release: .venv/ready
	@$(BIN)/python -m tools.packages "$$KEY"

docs: .venv/ready
	$(BIN)/python -m tools.render_docs

# Real sessions, in the environment of `make test-aider`.
sample: .venv/ready
	$(BIN)/tox run --quiet --notest --skip-missing-interpreters false -e py312-aider
	$(BIN)/tox exec --quiet --skip-missing-interpreters false -e py312-aider -- \
		python -m tools.sample_log

# Needs Chromium, for the page.
pictures: .venv/ready
	$(BIN)/python -m tools.pictures

# Ten minutes on two cores; PARTS="session event" runs some parts alone. Without Python 3.12 the
# parts that compare with aider break, and the others are measured all the same.
bench: .venv/ready
	-$(BIN)/tox run --quiet --notest --skip-missing-interpreters false -e py312-aider
	$(BIN)/python -m benchmarks $(PARTS)

clean:
	rm -rf .venv .tox build dist *.egg-info .coverage* .hypothesis .*_cache
