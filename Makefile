.PHONY: install format lint types test bench bench-labelling

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

bench-labelling:  ## candidates labelled a minute and core, beside the naive way
	python tests/benchmarks/labelling.py

# The editors' clients. Node 24 and the editors themselves come from tests/e2e/setup.sh, into build/e2e-tools.
.PHONY: client-modules vsix lint-clients test-clients e2e pictures
NODE = export PATH="$(CURDIR)/build/e2e-tools/node/bin:$$PATH" &&

MODULES = client-vscode/node_modules/.package-lock.json

client-modules: $(MODULES)

$(MODULES): client-vscode/package-lock.json
	tests/e2e/setup.sh node
	cd client-vscode && $(NODE) npm ci --no-audit --no-fund --loglevel=error
	touch $@

vsix: client-modules  ## the VS Code extension for 64-bit Linux, with everything inside, into dist/
	python3 client-vscode/scripts/bundle.py --platform linux-x64
	mkdir -p dist && rm -f dist/runfree-linux-x64-*.vsix
	cd client-vscode && $(NODE) npx vsce package --no-dependencies --target linux-x64 \
	  -o "../dist/runfree-linux-x64-$$(node -p 'require("./package.json").version').vsix"

lint-clients: client-modules
	@tests/e2e/setup.sh
	cd client-vscode && $(NODE) npm run --silent types && npm run --silent lint
	cd client-nvim && luacheck --quiet .
	$(NODE) node tests/e2e/stylua.mjs --check

test-clients: client-modules
	cd client-vscode && $(NODE) npm test --silent

e2e:  ## everything about the clients, in the real editors; the tools are fetched on the first run
	tests/e2e/run.sh

pictures:  ## the READMEs' pictures, with the model of this checkout
	tests/e2e/pictures.sh
