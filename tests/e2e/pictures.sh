#!/usr/bin/env bash
# Takes the pictures of the READMEs anew, with the model of this checkout, and puts them in their places.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export PATH="$root/build/e2e-tools/node/bin:$PATH"
cd "$root"
"$here/setup.sh"
make --no-print-directory vsix
node --test --test-concurrency=1 --test-name-pattern='terminal|pictures' "$here/nvim.test.mjs" "$here/vscode.test.mjs"
for name in lens hover focal problems; do cp "$root/build/e2e/readme-$name.png" "$root/client-vscode/images/$name.png"; done
mkdir -p "$root/client-nvim/images"
cp "$root/build/e2e/nvim-screen.png" "$root/client-nvim/images/screen.png"
