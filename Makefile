.PHONY: install format lint types test bench

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

bench:  ## how fast, beside really running the same tests
	python tests/benchmarks/bench.py
