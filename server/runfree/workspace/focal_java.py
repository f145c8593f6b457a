"""The focal file of a Java test file: the mirrored source tree, then imports and the types it uses."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from runfree.syntax.tree import SourceFile
from runfree.workspace.names import focal_stems
from runfree.workspace.tree import Focal, Tree, nearest

# Test tree -> source trees of the same module: Maven and Gradle's default, Gradle's other test sets, plain layouts.
_TREES = (
    (
        re.compile(r"/src/(?:test|it|integrationTest|integration-test|functionalTest)/java/"),
        ("/src/main/java/",),
    ),
    (re.compile(r"/src/test/"), ("/src/main/", "/src/")),
    (re.compile(r"/(?:tests?|testsrc)/"), ("/src/main/java/", "/src/", "/java/", "/")),
)


def find(test_path: Path, source: SourceFile, tree: Tree) -> Focal:
    """XTest in package p exercises p.X: mirrored, elsewhere in the project, or the type it uses most."""
    stems = focal_stems(test_path)
    folders = _mirrored_folders(test_path)
    for position, stem in enumerate(stems):
        for folder in folders:
            path = folder / f"{stem}.java"
            if path != test_path and tree.is_file(path):
                return Focal(path, _why_named(position, "in the mirrored source folder"))
    by_name: dict[str, list[Path]] = {}
    for path in tree.sources("java"):
        by_name.setdefault(path.stem, []).append(path)
    package = tuple(source.package.split(".")) if source.package else ()
    for position, stem in enumerate(stems):
        same = [p for p in by_name.get(stem, []) if p.parent.parts[-len(package) :] == package or not package]
        found = nearest(same, test_path)
        if found:
            return Focal(found, _why_named(position, "in the same package of another source folder"))
    return _by_use(test_path, source, package, by_name) or _anywhere(stems, by_name, test_path)


def _by_use(
    test_path: Path, source: SourceFile, package: tuple[str, ...], by_name: dict[str, list[Path]]
) -> Focal | None:
    uses = Counter(
        word
        for function in source.functions
        for word in re.findall(r"\b[A-Z]\w*", function.text)
        if word in by_name
    )
    imported = {item.binds or item.name: item.module for item in source.imports}
    score: Counter[Path] = Counter()
    for name, count in uses.items():
        for path in by_name[name]:
            parent = path.parent.parts
            module = [part for part in imported.get(name, "").split(".") if part and part != name]
            if (package and parent[-len(package) :] == package) or (
                module and parent[-len(module) :] == tuple(module)
            ):
                score[path] += count
    if not score:
        return None
    best = max(sorted(score), key=lambda path: score[path])
    return Focal(best, f"the project's type that the tests use most (uses: {score[best]})")


def _anywhere(stems: tuple[str, ...], by_name: dict[str, list[Path]], test_path: Path) -> Focal:
    found = nearest(by_name.get(stems[0], []), test_path) if stems else None
    if found:
        return Focal(found, "named like the test file, in another package")
    return Focal(None, "No source file is named like the test file or used by it. Setting: focal")


def _mirrored_folders(test_path: Path) -> list[Path]:
    text = f"{test_path.parent.as_posix()}/"
    folders = []
    for pattern, replacements in _TREES:
        found = list(pattern.finditer(text))
        if found:
            match = found[-1]
            folders += [Path(text[: match.start()] + new + text[match.end() :]) for new in replacements]
    return [*dict.fromkeys(folders), test_path.parent]


def _why_named(position: int, where: str) -> str:
    likeness = "named like the test file" if position == 0 else "named like the start of the test file's name"
    return f"{likeness}, {where}"
