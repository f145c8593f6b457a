"""The files of a project as focal resolution sees them: bounded listings, texts with the editor's own on top."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree.syntax.parse import parse
from runfree.syntax.tree import SourceFile
from runfree.workspace.names import SKIPPED_FOLDERS, is_test_path, language_of
from runfree.workspace.reading import Skip, read_source

Overlay = Callable[[Path], str | None]

LISTING_SECONDS = 10.0  # how long a listing of the project's sources is believed


@dataclass(frozen=True, slots=True)
class Focal:
    """The focal file of a test file (absolute), or None, with the reason for the choice in plain words."""

    path: Path | None
    reason: str


class Tree:
    """The files below one root. Reading goes through `overlay` first: unsaved texts of an editor."""

    def __init__(self, root: Path, max_bytes: int, max_files: int, overlay: Overlay = lambda _: None) -> None:
        self.root = root
        self._max_bytes = max_bytes
        self._max_files = max_files
        self._overlay = overlay
        self._listed: tuple[float, tuple[Path, ...]] | None = None

    def is_file(self, path: Path) -> bool:
        """Whether it is a file inside the project."""
        try:
            return path.is_relative_to(self.root) and (self._overlay(path) is not None or path.is_file())
        except (OSError, ValueError):
            return False

    def read(self, path: Path) -> str | Skip:
        """The text of a source file of the project."""
        text = self._overlay(path)
        if text is not None:
            return text
        language = language_of(path)
        if language is None:
            return Skip("it is not a Python, Java or Go file")
        return read_source(path, language, self._max_bytes)

    def parsed(self, path: Path) -> SourceFile | None:
        """The parsed file; None where it cannot be read."""
        text, language = self.read(path), language_of(path)
        if isinstance(text, Skip) or language is None:
            return None
        try:
            return parse(language, text)
        except RunfreeError:
            return None

    def sources(self, language: Language) -> list[Path]:
        """Source files of a language that are not test files, in order of path; at most `max_files` are looked at."""
        if self._listed is None or time.monotonic() - self._listed[0] > LISTING_SECONDS:
            self._listed = (time.monotonic(), tuple(self._walk()))
        return [path for path in self._listed[1] if language_of(path) == language]

    def folder_sources(self, folder: Path, language: Language, *, tests: bool = False) -> list[Path]:
        """Source files (or test files) of a language directly in a folder, in order of name."""
        try:
            paths = sorted(folder.iterdir())
        except OSError:
            return []
        return [
            p for p in paths if language_of(p) == language and is_test_path(p) == tests and self.is_file(p)
        ]

    def _walk(self) -> list[Path]:
        found: list[Path] = []
        looked_at = 0
        for folder, subfolders, names in os.walk(self.root):  # symbolic links to folders are not followed
            subfolders[:] = sorted(name for name in subfolders if name not in SKIPPED_FOLDERS)
            looked_at += len(names)
            found += [p for n in sorted(names) if language_of(p := Path(folder, n)) and not is_test_path(p)]
            if looked_at > self._max_files:
                break
        return found


def nearest(paths: list[Path], test_path: Path) -> Path | None:
    """The path that shares most folder names with the test's, then the shortest, then the first by name."""
    folders = set(test_path.parent.parts)
    return min(
        paths,
        key=lambda p: (-len(folders & set(p.parent.parts)), len(p.parts), str(p)),
        default=None,
    )
