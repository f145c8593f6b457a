"""Finds the test files below folders: what git tracks or does not ignore, or a plain walk where there is no git."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.workspace.git import GitError, Repository
from runfree.workspace.names import SKIPPED_FOLDERS, is_test_path

logger = logging.getLogger("runfree")

_NESTED = 8  # repositories inside repositories


def find_test_files(paths: Iterable[Path], git_seconds: float, max_files: int) -> list[Path]:
    """The files named (whatever they are called) and the test files below the folders named, in a stable order.

    Raises:
        RunfreeError: a path does not exist, or a folder holds more than `max_files` files.
    """
    found: dict[Path, None] = {}
    for path in paths:
        path = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would replace symbolic links
        if _is_folder(path):
            found.update(dict.fromkeys(sorted(_below(path, git_seconds, max_files, _NESTED))))
        elif os.path.lexists(path):
            found[path] = None
        else:
            raise RunfreeError(f"{path}: no such file or folder.")
    return list(found)


def _below(folder: Path, git_seconds: float, max_files: int, nested: int) -> Iterator[Path]:
    try:
        repository = Repository.of(folder, git_seconds)
        listing = repository.present(folder) if repository else None
    except GitError as error:
        logger.info("%s: listed without git: %s", folder, error)
        listing = None
    if listing is None:
        yield from _walk(folder, max_files)
        return
    if len(listing) > max_files:
        raise RunfreeError(_too_many(folder, max_files))
    for name in listing:
        path = folder / name
        if name.endswith("/") or (not path.suffix and _is_folder(path) and not path.is_symlink()):
            if nested and path != folder:
                yield from _below(path, git_seconds, max_files, nested - 1)
        elif (
            is_test_path(path)
            and not SKIPPED_FOLDERS.intersection(Path(name).parts[:-1])
            and os.path.lexists(path)
        ):
            yield path


def _walk(folder: Path, max_files: int) -> Iterator[Path]:
    looked_at = 0
    for place, subfolders, names in os.walk(folder):  # does not follow symbolic links to folders
        subfolders[:] = sorted(name for name in subfolders if name not in SKIPPED_FOLDERS)
        looked_at += len(names)
        if looked_at > max_files:
            raise RunfreeError(_too_many(folder, max_files))
        yield from (path for name in names if is_test_path(path := Path(place, name)))


def _too_many(folder: Path, max_files: int) -> str:
    return f"{folder}: more than {max_files:,} files (limits.max_files). Name a smaller folder."


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
