"""Finds the focal file of a test file: the settings' own word first, then what each language's habits say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pathspec

from runfree.syntax.tree import SourceFile
from runfree.workspace import focal_go, focal_java, focal_python
from runfree.workspace.tree import Focal, Tree


def find_focal(
    test_path: Path, source: SourceFile, tree: Tree, overrides: Mapping[str, str], folder: Path | None
) -> Focal:
    """The focal file of a parsed test file.

    Args:
        test_path: absolute, inside the tree's root.
        overrides: the setting `focal`: test path pattern -> focal path, both relative to `folder`.
    """
    chosen = _overridden(test_path, tree, overrides, folder or tree.root)
    if chosen:
        return chosen
    if source.language == "python":
        return focal_python.find(test_path, source, tree)
    if source.language == "java":
        return focal_java.find(test_path, source, tree)
    return focal_go.find(test_path, source, tree)


def _overridden(test_path: Path, tree: Tree, overrides: Mapping[str, str], folder: Path) -> Focal | None:
    if not test_path.is_relative_to(folder):
        return None
    relative = test_path.relative_to(folder).as_posix()
    for pattern, target in overrides.items():
        try:
            matches = pathspec.GitIgnoreSpec.from_lines([pattern]).match_file(relative)
        except ValueError:
            return Focal(None, f"Setting focal: {pattern!r} is not a valid pattern")
        if matches:
            path = (folder / target).resolve()
            if not path.is_relative_to(folder.resolve()) and not path.is_relative_to(tree.root):
                return Focal(None, f"Setting focal: {target!r} lies outside the project")
            if path.is_dir():
                return Focal(None, f"Setting focal: {target!r} is a folder, not a file")
            if not tree.is_file(path):
                return Focal(None, f"Setting focal: {target!r} does not exist")
            return Focal(path, f"the setting focal says so for {pattern!r}")
    return None
