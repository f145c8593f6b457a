"""Go checkouts: which focal/test pairs they hold, and making them compile without a network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.execute import Pair
from runfree_training.execute.go_suite import Import, parse

MOST_BYTES = 200_000  # of a focal or test file; longer ones are generated tables, mostly
_SKIPPED = {"vendor", "testdata", "node_modules", "third_party", ".git"}


def find_pairs(root: Path) -> list[Pair]:
    """Every `x.go` with an `x_test.go` beside it that holds a test, most tests first."""
    found = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in _SKIPPED and not n.startswith((".", "_")))
        for name in sorted(files):
            focal = Path(folder, name.removesuffix("_test.go") + ".go")
            test = Path(folder, name)
            if not name.endswith("_test.go") or not focal.is_file():
                continue
            count, left_out = 0, f"larger than {MOST_BYTES:,} bytes"
            if max(focal.stat().st_size, test.stat().st_size) <= MOST_BYTES:
                count = len(parse(test.read_text(errors="replace")).tests)
                left_out = "" if count else "holds no test function"
            if b'import "C"' in focal.read_bytes():
                left_out = "needs a C compiler"
            found.append((-count, str(focal.relative_to(root)), str(test.relative_to(root)), left_out))
    return [Pair(focal, test, left_out) for _, focal, test, left_out in sorted(found)]


def prepare(root: Path, repository: str, *, package: Path | None = None, seconds: float = 300.0) -> None:
    """Makes a checkout ready for compiling offline: go.mod where missing, dependencies fetched.

    All modules of the checkout, or only what `package` (a folder) needs.

    Raises:
        RunfreeError: the dependencies of no module could be had.
    """
    modules = [p.parent for p in root.rglob("go.mod") if not _SKIPPED & set(p.relative_to(root).parts)]
    if package is not None:
        modules = [m for m in modules if package.is_relative_to(m)]
    if not (root / "go.mod").is_file() and not modules:
        _go(root, ["mod", "init", f"github.com/{repository}"], seconds)
        _go(root, ["mod", "tidy", "-e"], seconds)
        modules = [root]
    failures = []
    where = [package] if package is not None else modules
    for module in where:
        # Compiling the tests fetches exactly what they need and completes go.sum.
        done = _go(
            module, ["test", "-run", "^$", "-exec", "true", "-vet=off", "." if package else "./..."], seconds
        )
        if done.returncode and not _go_builds_any(done.stdout):
            failures.append(done.stderr.strip().splitlines()[:1] or ["no package with tests"])
    if failures and len(failures) == len(where):
        raise RunfreeError(f"{repository}: its tests do not compile: {failures[0][0]}")


def package_names(package: Path, imports: Iterable[Import]) -> dict[str, str]:
    """The package name behind each import path without an alias, as `go list` tells it (offline)."""
    paths = [i.path for i in imports if not i.alias and "." in i.path.split("/")[0]]
    if not paths:
        return {}
    done = _go(package, ["list", "-e", "-f", "{{.ImportPath}} {{.Name}}", *paths], 60.0, offline=True)
    rows = (line.split(" ") for line in done.stdout.splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2 and row[1]}


def version() -> str:
    """The Go toolchain's version, e.g. "go1.24.1"."""
    return _go(Path.cwd(), ["env", "GOVERSION"], 30.0, offline=True).stdout.strip()


def _go_builds_any(output: str) -> bool:
    return any(line.startswith("ok ") for line in output.splitlines())


def _go(
    folder: Path, arguments: list[str], seconds: float, *, offline: bool = False
) -> subprocess.CompletedProcess[str]:
    """One go command, with network for modules unless `offline`; a timeout is a failed command."""
    environment = {
        **os.environ,
        "GOFLAGS": "-mod=mod -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        "GOWORK": "off",
        **({"GOPROXY": "off"} if offline else {}),
    }
    command = ["go", *arguments]
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(
            command, 124, "", f"go {arguments[0]} took more than {seconds:.0f} s"
        )
