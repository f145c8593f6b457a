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
    reads = Counter(name.text for function in source.functions for name in function.names)
    members = Counter((m.receiver, m.name) for function in source.functions for m in function.members)
    uses: Counter[Path] = Counter()
    for item in source.imports:
        for path, used in _imported(item, reads, members, test_path, tree).items():
            if _is_source(path):
                uses[path] += used
    stems = focal_stems(test_path)
    if uses:
        best = max(sorted(uses), key=lambda p: _weight(p, uses[p], stems, tree.root))
        if _likeness(best, stems) > 1:
            return Focal(best, f"imported by the test file and named like it (uses: {uses[best]})")
        below = _by_name(stems, test_path, tree, best.parent) if best.parent != tree.root else None
        if below:
            return Focal(
                below, f"named like the test file, in the package {best.parent.name} that it imports"
            )
        return Focal(best, f"imported by the test file, which uses it most (uses: {uses[best]})")
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


def _imported(
    item: Import, reads: Counter[str], members: Counter[tuple[str, str]], test_path: Path, tree: Tree
) -> Counter[Path]:
    """The files that define what an import brings, with how often the test file uses them."""
    submodule = None
    if item.name and item.name != "*":
        separator = "" if item.module.endswith(".") else "."
        submodule = module_file(f"{item.module}{separator}{item.name}", test_path, tree)
        if submodule is None:  # a name out of a module
            file = module_file(item.module, test_path, tree)
            return _spread(file, Counter({item.name: reads[item.binds]}), tree)
    file = submodule or module_file(item.module, test_path, tree)
    if item.name == "*":
        inner = tree.parsed(file) if file else None
        brought = inner.module_names if inner else frozenset()
        return _spread(file, Counter({name: reads[name] for name in brought if reads[name]}), tree)
    # A module, used by its members; where it is only handed on, by its own name.
    used: Counter[str] = Counter()
    for (receiver, name), count in members.items():
        if receiver in (item.binds, item.module):
            used[name] += count
    if not used and file:
        return Counter({file: reads[item.binds]})
    return _spread(file, used, tree)


def _spread(file: Path | None, used: Counter[str], tree: Tree) -> Counter[Path]:
    """Uses of names that a file gives, counted for the files that define them."""
    result: Counter[Path] = Counter()
    if file is None:
        return result
    result[file] += 0
    for name, count in used.items():
        result[_definer(file, name, tree, _REEXPORT_DEPTH) if file.name == "__init__.py" else file] += count
    return result


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


def _is_source(path: Path) -> bool:
    """Whether a file can be focal: neither a test file nor part of the tests' own tools."""
    return not is_test_path(path) and path.name != "conftest.py"


def _likeness(path: Path, stems: tuple[str, ...]) -> int:
    """3 where a file is named like the test file, 2 where the test file's name starts with its name, else 1."""
    name = path.stem.strip("_").lower()
    wanted = [stem.strip("_").lower() for stem in stems]
    if name in wanted:
        return 3
    return 2 if any(stem.startswith(f"{name}_") for stem in wanted) else 1


def _weight(path: Path, uses: int, stems: tuple[str, ...], root: Path) -> float:
    weight = (uses + 0.25) * _likeness(path, stems)  # imported and not used is a weak sign
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
