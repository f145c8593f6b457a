"""Other files that matter to a test file: conftest.py and test helpers, superclasses, sibling test files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runfree.syntax.tree import SourceFile
from runfree.workspace.focal_python import module_file
from runfree.workspace.names import is_test_path
from runfree.workspace.reading import Skip
from runfree.workspace.tree import Tree


def find_context(
    test_path: Path, source: SourceFile, focal: Path, tree: Tree, max_bytes: int
) -> tuple[tuple[Path, str], ...]:
    """The files with their texts, nearest first, until `max_bytes` are full; files that do not fit are left out."""
    if source.language == "python":
        paths = _python(test_path, source, tree)
    elif source.language == "java":
        paths = _java(test_path, source, tree)
    else:
        paths = _go(test_path, source, tree)
    found: list[tuple[Path, str]] = []
    left = max_bytes
    for path in dict.fromkeys(paths):
        if path in (test_path, focal) or left <= 0:
            continue
        text = tree.read(path)
        if isinstance(text, Skip):
            continue
        size = len(text.encode("utf-8", "replace"))
        if size <= left:
            left -= size
            found.append((path, text))
    return tuple(found)


def _python(test_path: Path, source: SourceFile, tree: Tree) -> Iterator[Path]:
    for folder in test_path.parents:
        path = folder / "conftest.py"
        if tree.is_file(path):
            yield path
        if folder == tree.root:
            break
    for item in source.imports:  # the tests' own tools: modules below the test file's folder or beside it
        inner = f"{item.module}{'' if item.module.endswith('.') else '.'}{item.name}" if item.name else ""
        for module in (inner, item.module):
            file = module_file(module, test_path, tree) if module else None
            if file and file.is_relative_to(test_path.parent) and file.name != "__init__.py":
                yield file
                break


def _java(test_path: Path, source: SourceFile, tree: Tree) -> Iterator[Path]:
    """Superclasses in the test tree, their superclasses too."""
    seen = {test_path}
    current, path = source, test_path
    for _ in range(5):
        base = next((b.split("<")[0].strip().split(".")[-1] for c in current.classes for b in c.bases), "")
        found = _java_class(base, current, path, tree) if base else None
        if found is None or found in seen:
            return
        seen.add(found)
        yield found
        parsed = tree.parsed(found)
        if parsed is None:
            return
        current, path = parsed, found


def _java_class(name: str, source: SourceFile, path: Path, tree: Tree) -> Path | None:
    package = source.package.split(".") if source.package else []
    top = path.parent
    if package and path.parent.parts[-len(package) :] == tuple(package):
        top = path.parent.parents[len(package) - 1]
    candidates = [path.with_name(f"{name}.java")]
    for item in source.imports:
        if item.binds == name:
            module = [p for p in item.module.split(".") if p]
            if module[-1:] == [name]:
                module = module[:-1]
            candidates.append(top.joinpath(*module, f"{name}.java"))
    return next((c for c in candidates if tree.is_file(c)), None)


def _go(test_path: Path, source: SourceFile, tree: Tree) -> Iterator[Path]:
    """Sibling test files of the same package first, then the package's other sources."""
    siblings = tree.folder_sources(test_path.parent, "go", tests=True)
    others = tree.folder_sources(test_path.parent, "go")
    for path in siblings:
        parsed = tree.parsed(path) if path != test_path else None
        if parsed is not None and parsed.package == source.package and is_test_path(path):
            yield path
    yield from others
