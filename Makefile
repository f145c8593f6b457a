.PHONY: install format lint types test

install:  ## everything a developer needs, into the active environment
	pip install -e '.[test,train]'

format:
	ruff format . && ruff check --fix .

lint:
	ruff check . && ruff format --check .

types:
	mypy

test:
	pytest
