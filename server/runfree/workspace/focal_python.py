"""The focal file of a Python test file: by what it imports and uses, and by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from runfree.syntax.tree import Import, SourceFile
from runfree.workspace.names import focal_stems, is_test_path
from runfree.workspace.tree import Focal, Tree, nearest

_REEXPORT_DEPTH = 4
_SOURCE_FOLDERS = ("", "src", "lib", "python")


def find(test_path: Path, source: SourceFile, tree: Tree) -> Focal:
    """The imported file that the tests use most, one named like the test file counting thrice."""
    uses = _uses(source)
    score: dict[Path, float] = {}
    count: Counter[Path] = Counter()
    for item in source.imports:
        used = uses[item.binds] if item.binds else 1
        for path in _imported(item, source, test_path, tree):
            if _is_source(path):
                score[path] = score.get(path, 0.0) + (used or 0.25)  # imported, not used: a weak sign
                count[path] += used
    stems = focal_stems(test_path)
    if score:
        best = max(score, key=lambda p: (_weight(p, score[p], stems, tree.root), str(p)))
        if _named(best, stems):
            return Focal(best, f"imported by the test file (used {count[best]} times) and named like it")
        below = _by_name(stems, test_path, tree, best.parent) if best.name == "__init__.py" else None
        if below:
            return Focal(
                below, f"named like the test file, in the package {best.parent.name} that it imports"
            )
        return Focal(best, f"imported by the test file, which uses it most ({count[best]} times)")
    named = _by_name(stems, test_path, tree, tree.root)
    if named:
        return Focal(named, "named like the test file, which imports no file of this project")
    return Focal(
        None,
        "The test file imports no source file of this project, and none is named like it. Setting: focal",
    )


def module_file(module: str, test_path: Path, tree: Tree) -> Path | None:
    """The file of a module as the test file would import it; leading dots count from the test's folder."""
    dots = len(module) - len(module.lstrip("."))
    parts = [part for part in module.lstrip(".").split(".") if part]
    if dots:
        folder = test_path.parent
        for _ in range(dots - 1):
            folder = folder.parent
        return _file_at(folder, parts, tree)
    if not parts:
        return None
    for base in _bases(test_path, tree.root):
        found = _file_at(base, parts, tree)
        if found:
            return found
    return None


def _bases(test_path: Path, root: Path) -> Iterator[Path]:
    for folder in test_path.parents:
        for name in _SOURCE_FOLDERS:
            yield folder / name if name else folder
        if folder == root:
            return


def _file_at(base: Path, parts: list[str], tree: Tree) -> Path | None:
    target = base.joinpath(*parts)
    if parts and tree.is_file(target.with_name(f"{target.name}.py")):
        return target.with_name(f"{target.name}.py")
    package = target / "__init__.py"
    return package if tree.is_file(package) else None


def _imported(item: Import, source: SourceFile, test_path: Path, tree: Tree) -> set[Path]:
    """The files that define what an import brings."""
    if item.name and item.name != "*":
        separator = "" if item.module.endswith(".") else "."
        submodule = module_file(f"{item.module}{separator}{item.name}", test_path, tree)
        if submodule and submodule.name != "__init__.py":
            return {submodule}
        names = {item.name}
        file = module_file(item.module, test_path, tree)
        if submodule:  # `from pkg import sub`, used as sub.member
            file, names = submodule, _members(source, {item.binds})
    else:
        file = module_file(item.module, test_path, tree)
        names = _members(source, {item.module, item.binds})
        if item.name == "*":
            names = {name.text for function in source.functions for name in function.names}
    if file is None:
        return set()
    if file.name != "__init__.py":
        return {file}
    return {_definer(file, name, tree, _REEXPORT_DEPTH) for name in names} or {file}


def _definer(package: Path, name: str, tree: Tree, depth: int) -> Path:
    """The file that defines a name which a package's `__init__` re-exports; the `__init__` itself if unknown."""
    source = tree.parsed(package)
    if source is None or depth == 0:
        return package
    own = {f.name for f in source.functions if not f.owner} | {c.name for c in source.classes}
    if name in own:
        return package
    for item in source.imports:
        if item.name != "*" and item.binds != name:
            continue
        target = module_file(item.module, package, tree)
        if item.name not in ("", "*") and item.module.strip("."):
            target = module_file(f"{item.module}.{item.name}", package, tree) or target
        elif item.name not in ("", "*"):
            target = module_file(f"{item.module}{item.name}", package, tree) or target
        if target is None or target == package:
            continue
        if item.name == "*":
            inner = tree.parsed(target)
            if inner is None or name not in inner.module_names:
                continue
        return (
            target if target.name != "__init__.py" else _definer(target, item.name or name, tree, depth - 1)
        )
    return package


def _uses(source: SourceFile) -> Counter[str]:
    """How often each name is read in the file's functions."""
    return Counter(name.text for function in source.functions for name in function.names)


def _members(source: SourceFile, receivers: set[str]) -> set[str]:
    return {m.name for function in source.functions for m in function.members if m.receiver in receivers}


def _is_source(path: Path) -> bool:
    """Whether a file can be focal: neither a test file nor part of the tests' own tools."""
    return not is_test_path(path) and path.name != "conftest.py"


def _named(path: Path, stems: tuple[str, ...]) -> bool:
    return any(path.stem.strip("_").lower() == stem.strip("_").lower() for stem in stems)


def _weight(path: Path, uses: float, stems: tuple[str, ...], root: Path) -> float:
    weight = uses * 3 if _named(path, stems) else uses
    if any(part in ("test", "tests", "testing") for part in path.relative_to(root).parts[:-1]):
        weight *= 0.1  # the tests' own tools: imported often, rarely what is tested
    return weight * 0.5 if path.name == "__init__.py" else weight


def _by_name(stems: tuple[str, ...], test_path: Path, tree: Tree, folder: Path) -> Path | None:
    for stem in stems:
        found = [
            p
            for p in tree.sources("python")
            if p.stem.strip("_") == stem.strip("_") and p.is_relative_to(folder) and _is_source(p)
        ]
        if found:
            return nearest(found, test_path)
    return None
