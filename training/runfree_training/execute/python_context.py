"""What else matters about a Python pair: the other files of the project it reads, and the versions of the tools."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from runfree_training.execute import Pair
from runfree_training.execute.python_pairs import Tree, imported, is_test_path

_MOST_BYTES = 200_000
_MOST_FILES = 12


def context_files(root: Path, pair: Pair, overlay: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(path, text) of conftests above the test file, test helpers it imports, and project files both import."""
    tree = _tree(root)
    folder = Path(pair.test_path).parent
    wanted = [(above / "conftest.py").as_posix() for above in (folder, *folder.parents)]
    helpers: list[str] = []
    sources: list[str] = []
    for path in (pair.test_path, pair.focal_path):
        module = tree.parse(path)
        if module is None:
            continue
        for source, name, _ in imported(module, tree.package(path)):
            owner = tree.owner(source, name) if name and name != "*" else tree.modules.get(source)
            if owner:
                (helpers if is_test_path(owner) else sources).append(owner)
            direct = tree.modules.get(source)
            if direct and direct != owner:
                sources.append(direct)
    files: list[tuple[str, str]] = []
    room = _MOST_BYTES
    for path in dict.fromkeys([*wanted, *helpers, *sources]):
        if path in {pair.test_path, pair.focal_path} or len(files) >= _MOST_FILES:
            continue
        try:
            text = overlay[path] if path in overlay else (root / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if text.strip() and len(text) <= room:
            room -= len(text)
            files.append((path, text))
    return tuple(files)


@functools.lru_cache(maxsize=4)
def _tree(root: Path) -> Tree:
    return Tree(root)


@functools.lru_cache(maxsize=64)
def tool_versions(environment: Path) -> dict[str, str]:
    """Versions of Python, pytest, coverage and hypothesis in an environment; what is not there is left out."""
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for folder in sorted(environment.glob("lib/python*/site-packages/*.dist-info")):
        named = re.fullmatch(r"(pytest|coverage|hypothesis)-([^-]+)\.dist-info", folder.name)
        if named:
            versions[named[1]] = named[2]
    return versions
