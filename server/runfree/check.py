"""The flow of `check`: paths become reports, file by file, and reports an exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runfree.cache import PredictionCache
from runfree.config import Severity
from runfree.report import FileReport
from runfree.review import FileScorer, draft, review
from runfree.workspace.project import TestFile, Workspace

RANKS: dict[Severity, int] = {"off": 0, "hint": 1, "information": 2, "warning": 3, "error": 4}


def examine_all(
    paths: Sequence[Path], values: Mapping[str, Any], advance: Callable[[Path], None] = lambda _: None
) -> Iterator[TestFile]:
    """Each test file with what is around it.

    Args:
        values: settings of the command line. advance: called with each path before it is read.

    Raises:
        RunfreeError: settings are wrong, or `since` names no revision.
    """
    workspace = Workspace()
    for path in paths:
        advance(path)
        yield workspace.examine(path, None, values, "command line")


def check_file(
    file: TestFile, scorer: FileScorer | None, cache: PredictionCache | None, folder: Path
) -> FileReport:
    """The report of one file, its paths relative to the working folder; unscored where there is no scorer."""
    focal = shown(file.focal.path, folder) if file.focal.path else ""
    path = shown(file.path, folder)
    if scorer is None:
        report = draft(file, path, focal)
    else:
        report = review(file, scorer, cache, shown_path=path, shown_focal=focal)
    return replace(report, shown_paths=tuple(_shown_paths(file, folder).items()))


def shown(path: Path, folder: Path) -> str:
    """A path relative to the working folder, with `/`; absolute where it lies elsewhere on the machine."""
    for base in (folder, folder.resolve()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    try:
        relative = Path(os.path.relpath(path, folder.resolve())).as_posix()
    except ValueError:  # another drive
        return path.as_posix()
    return relative if relative.count("../") <= 3 else path.as_posix()


def _shown_paths(file: TestFile, folder: Path) -> dict[str, str]:
    """Paths as evidence carries them (from the project's root) -> paths as shown."""
    paths = [file.path, *(path for path, _ in file.context)]
    if file.focal.path:
        paths.append(file.focal.path)
    return {file.relative(path): shown(path, folder) for path in paths}


def failed(reports: Sequence[FileReport], level: Severity) -> bool:
    """Whether there is a finding at or above a level."""
    return any(RANKS[d.severity] >= RANKS[level] for report in reports for d in report.diagnostics)
