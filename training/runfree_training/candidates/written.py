"""Candidates that authors wrote without running them: JSON lines, one candidate each.

    {"repository", "commit", "focal_path", "test_path", "candidate", "test_name", "author_batch"}

`candidate` is the bare function, or a file text that holds it with the imports, fixtures and helpers it brings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.execute import Pair


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
    """The candidates of a file of JSON lines, or of all `*.jsonl` of a folder.

    Raises:
        RunfreeError: a line is not a candidate; the message names the line.
    """
    if path.is_dir():
        for file in sorted(path.glob("*.jsonl")):
            yield from read_written(file)
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            yield Written(**{name: str(data[name]) for name in Written.__slots__})
        except (ValueError, KeyError, TypeError) as error:
            raise RunfreeError(f"{path}:{number} is not a written candidate: {error}") from error


def written_for(path: Path | None, repository: str, pair: Pair) -> list[Written]:
    """The candidates of one pair; none where there is no file."""
    wanted = (repository, pair.focal_path, pair.test_path)
    return (
        [w for w in read_written(path) if (w.repository, w.focal_path, w.test_path) == wanted] if path else []
    )


def digest(written: Iterable[Written]) -> str:
    """What tells whether a pair's record was made of just these candidates; never ""."""
    said = json.dumps([asdict(one) for one in written], sort_keys=True)
    return blake2b(said.encode(), digest_size=8).hexdigest()
