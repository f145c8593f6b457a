"""The focal file of a Go test file: by its name, else the package's file that the tests use most."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from runfree.syntax.tree import SourceFile
from runfree.workspace.names import focal_stems
from runfree.workspace.tree import Focal, Tree

_MOST_FILES = 100  # files of one package that are read

# foo_linux_test.go and foo_internal_test.go exercise foo.go.
_QUALIFIERS = (
    "_internal",
    "_external",
    "_unit",
    "_integration",
    "_linux",
    "_darwin",
    "_windows",
    "_unix",
    "_example",
)


def find(test_path: Path, source: SourceFile, tree: Tree) -> Focal:
    """x_test.go exercises x.go; without it, the file of the package that defines most of what the tests call."""
    (stem,) = focal_stems(test_path)
    named = test_path.with_name(f"{stem}.go")
    if tree.is_file(named):
        return Focal(named, "named like the test file")
    for qualifier in _QUALIFIERS:
        shorter = test_path.with_name(f"{stem.removesuffix(qualifier)}.go")
        if stem.endswith(qualifier) and tree.is_file(shorter):
            return Focal(shorter, f"named like the test file without {qualifier}")
    used = Counter(
        name
        for function in source.functions
        for name in (*(n.text for n in function.names), *(c.name for c in function.calls))
    )
    score: Counter[Path] = Counter()
    for path in tree.folder_sources(test_path.parent, "go")[:_MOST_FILES]:
        parsed = tree.parsed(path)
        if parsed:
            defined = (
                {f.name for f in parsed.functions} | {c.name for c in parsed.classes} | parsed.module_names
            )
            defined -= {item.binds for item in parsed.imports}
            score[path] = sum(used[name] for name in defined)
    if not score:
        return Focal(None, "The folder holds no Go source file beside the tests. Setting: focal")
    best = max(sorted(score), key=lambda path: score[path])
    if score[best]:
        return Focal(best, f"the package's file that the tests use most (uses: {score[best]})")
    if len(score) == 1:
        return Focal(best, "the package's only file")
    return Focal(None, "No file of the package is named like the test file or used by it. Setting: focal")
