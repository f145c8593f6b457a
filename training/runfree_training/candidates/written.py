"""Candidates that authors wrote without running them: JSON lines, one candidate each.

    {"repository", "commit", "focal_path", "test_path", "candidate", "test_name", "author_batch"}

`candidate` is the bare function, or a file text that holds it with the imports, fixtures and helpers it brings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.sample import Sample


@dataclass(frozen=True, slots=True)
class Written:
    """One written candidate; the fields are those of the file."""

    repository: str
    commit: str
    focal_path: str
    test_path: str
    candidate: str
    test_name: str
    author_batch: str


def read_written(path: Path) -> Iterator[Written]:
    """The candidates of a file of JSON lines.

    Raises:
        RunfreeError: a line is not a candidate; the message names the line.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            yield Written(**{name: str(data[name]) for name in Written.__slots__})
        except (ValueError, KeyError, TypeError) as error:
            raise RunfreeError(f"{path}:{number} is not a written candidate: {error}") from error


def augmented(test_text: str, test_path: str, written: Written) -> tuple[str, str]:
    """The test file with a written candidate in it, and the qualified name it got there.

    Raises:
        RunfreeError: the candidate holds no test.
    """
    from runfree.canonical import canonical

    sample = Sample("python", "", test_text, written.candidate, written.test_name, test_path=test_path)
    case = canonical(sample)
    return case.suite.text, case.candidate.qualified_name
