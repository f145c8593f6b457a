.PHONY: install format lint types test test-compare bench bench-labelling

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

test-compare:  ## pretrained models as contenders, on tiny ones made on the spot; needs pip install -e '.[test,compare]'
	pytest -o addopts="-q --import-mode=importlib" tests/training/pretrained

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

PLATFORM = linux-x64
PAGES = https://github.com/runfree/runfree

vsix: client-modules  ## the VS Code extension into dist/; PLATFORM: linux-x64, with everything inside, or any
	python3 client-vscode/scripts/bundle.py --platform $(PLATFORM)
	mkdir -p dist && rm -f dist/runfree-$(PLATFORM)-*.vsix
	cd client-vscode && $(NODE) npx vsce package --no-dependencies --baseContentUrl $(PAGES)/blob/HEAD/client-vscode \
	  --baseImagesUrl $(PAGES)/raw/HEAD/client-vscode $(if $(filter any,$(PLATFORM)),,--target $(PLATFORM)) \
	  -o "../dist/runfree-$(PLATFORM)-$$(node -p 'require("./package.json").version').vsix"

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
