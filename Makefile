# `make demo` needs Python 3.11 or newer, and nothing else.
.DEFAULT_GOAL := help
.PHONY: vsix test-editors help demo install tables test docs lint format clean links

CANDIDATES := python3.13 python3.12 python3.11 python3 python
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: none of $(CANDIDATES) is."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(BIN)/quand: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable '.[dev]'
	@touch $@ $(BIN)/quand

demo: $(BIN)/quand ## Run examples/renovation and tell what its rules did
	@$(BIN)/python examples/renovation/demo.py

install: $(VENV)/.dev ## Install the project with what developing it needs

# The root is the package, so type checkers find it under its name through links.
links:
	@mkdir -p .dev/quand
	@for f in __init__.py __main__.py py.typed cli dsl grammar lsp project runtime stdlib; do ln -sfn ../../$$f .dev/quand/$$f; done

tables: $(VENV)/.dev ## Make the grammar's parse tables and the quick form of the tables of words and messages anew
	@$(BIN)/python -m quand.dsl.grammar_tables
	@$(BIN)/python -m quand.dsl.prepared
	@$(BIN)/python editors/vscode/words.py

test: $(VENV)/.dev ## Run the tests
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup

test-editors: $(VENV)/.dev ## Run the tests in real editors; what they need is installed from npm and apt
	@QUAND_COMMAND=$(CURDIR)/$(BIN)/quand editors/test

vsix: ## Make editors/vscode/quand.vsix, the extension for VS Code
	@cd editors/vscode && { [ -d node_modules ] || npm ci --loglevel=error; } && npm run --silent package

docs: $(VENV)/.dev ## Write anew what the pages of docs/ show: results, outputs, messages
	@QUAND_DOCS=update $(BIN)/python -m pytest -q tests/test_docs.py tests/test_docs_diagnostics.py tests/test_docs_embedding.py

lint: $(VENV)/.dev links ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## Remove what was made
	@rm -rf $(VENV) .dev build *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
		editors/vscode/out editors/vscode/node_modules editors/vscode/quand.vsix
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
