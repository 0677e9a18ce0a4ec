.PHONY: setup demo test lab lint clean

VIGIE = .venv/bin/vigie

setup:
	@sh scripts/setup.sh

demo: setup
	@$(VIGIE) demo

test: setup
	@sh scripts/test_tools.sh
	@$(MAKE) --no-print-directory lint
	.venv/bin/pytest

lint:
	.venv/bin/ruff check --no-cache .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lab: setup
	@$(VIGIE) lab

clean:
	rm -rf .venv demo-lake build dist
