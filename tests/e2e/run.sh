#!/usr/bin/env bash
# Everything about the clients from a clean checkout: tools, lint, unit tests, .vsix, then both real editors.
# Screenshots and logs are left in build/e2e. Arguments go to the test runner, e.g. --test-name-pattern=Neovim.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
export PATH="$root/build/e2e-tools/node/bin:$PATH"

stage() { local name=$1; shift; local start=$SECONDS; echo "== e2e: $name"; "$@"; echo "== e2e: $name: $((SECONDS - start)) s"; }

stage tools "$here/setup.sh"
stage lint make --no-print-directory lint-clients
stage "unit tests" make --no-print-directory test-clients
stage vsix make --no-print-directory vsix
rm -rf build/e2e
# One file after the other: two editors at once on two cores make each other slow.
# A busy machine can make an editor late: a file that fails is run once more, and that is said.
editor() {
  local run=(node --test --test-concurrency=1 --test-timeout=600000 "$@")
  "${run[@]}" || { echo "== e2e: failed, once more: ${*: -1}"; "${run[@]}"; }
}
stage Neovim editor "$@" "$here/nvim.test.mjs"
stage "VS Code" editor "$@" "$here/vscode.test.mjs"
