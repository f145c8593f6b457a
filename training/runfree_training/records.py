"""The record of one focal/test pair: what each test and candidate did when it was really run.

Working records are gzipped JSON, one file a pair, and hold texts (they stay on the machine that made them); what is
released holds facts alone (see `runfree_training.release`).
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from runfree.sample import Language

SCHEMA = 1

Outcome = Literal["passed", "failed", "error", "timeout", "does-not-compile", "flaky", "not-run"]
Source = Literal["existing", "history", "broken", "artefact", "written"]
# "existing" tests are also the held-out candidates: each against subsets of the others.


@dataclass(frozen=True, slots=True)
class MutantResult:
    """A mutant that was run: its identity as in `runfree.mutation.Mutant`, and whether the mutated file loads at all."""

    operator: str
    line: int
    ordinal: int
    incompetent: bool = False


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test function or candidate, run alone.

    Attributes:
        name: qualified name, as in `runfree.syntax.tree.Function.qualified_name`.
        source: where it comes from. kind: kind of breakage / "before" or "after" (history) / author's batch (written).
        base: for broken candidates, the existing test it was made from; "" otherwise.
        text: for candidates, what `Sample.candidate` would hold: the bare function, or a file text with the imports
            and helpers it brings; "" for existing tests (their text is in `test_text`).
        removes: lines of the test file's header that the breakage removed (an import, a fixture), as source text.
        outcome: what happened, alone. error: exception type and first line of its message, "" if passed.
        lines: focal lines covered alone, lines run on import included; 1-based, ascending.
        kills: indices into `Record.mutants` of those it kills alone; timeouts: indices that timed out under it.
        kills_known: False where no mutants were run for it (the mutation label is then null).
        lines_known: False where the lines of this test alone are not known (the coverage label is then null).
        seconds: run time alone.
        breaks: names of existing tests that passed before and do not pass with it in the file.
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    name: str
    source: Source
    outcome: Outcome
    kind: str = ""
    base: str = ""
    text: str = ""
    removes: str = ""
    error: str = ""
    lines: tuple[int, ...] = ()
    kills: tuple[int, ...] = ()
    timeouts: tuple[int, ...] = ()
    kills_known: bool = True
    seconds: float = 0.0
    breaks: tuple[str, ...] = ()
    lines_known: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """One focal/test pair at one commit, executed thoroughly.

    `focal_lines` are the executable lines by the coverage tool; `mutants` a seeded sample of at most 60 of
    `runfree.mutation.list_mutants(language, focal_text)`; `context` other files that matter (conftest, superclass,
    sibling files), as (path, text). Candidates of source "history" ran against this very focal text. `written`: where
    a record only adds written candidates to a pair that has one already, a digest of them, else ""; its existing tests
    are the suite, and are not candidates a second time.
    """

    language: Language
    repository: str
    commit: str
    licence: str
    focal_path: str
    test_path: str
    focal_text: str
    test_text: str
    focal_lines: tuple[int, ...]
    mutants: tuple[MutantResult, ...]
    tests: tuple[TestResult, ...]
    context: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    tools: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    written: str = ""
    schema: int = SCHEMA


def write_record(record: Record, path: Path) -> None:
    """Writes a record atomically: a killed run leaves the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with gzip.GzipFile(temporary, "wb", mtime=0) as stream:
        stream.write(json.dumps(asdict(record), sort_keys=True).encode())
    temporary.replace(path)


def read_record(path: Path) -> Record:
    """Reads a record back.

    Raises:
        ValueError: the file is not a record of this schema.
    """
    with gzip.open(path, "rb") as stream:
        data: dict[str, Any] = json.loads(stream.read())
    if data.get("schema") != SCHEMA:
        raise ValueError(
            f"{path}: record schema {data.get('schema')}, this version reads {SCHEMA}: label it again"
        )
    data["mutants"] = tuple(MutantResult(**m) for m in data["mutants"])
    tests: list[dict[str, Any]] = data["tests"]
    lists = ("lines", "kills", "timeouts", "breaks")
    data["tests"] = tuple(TestResult(**{**t, **{k: tuple(t[k]) for k in lists}}) for t in tests)
    data["focal_lines"] = tuple(data["focal_lines"])
    data["context"] = tuple((p, t) for p, t in data["context"])
    return Record(**data)


def read_records(folder: Path) -> Iterator[Record]:
    """All records below a folder, in order of path."""
    for path in sorted(folder.rglob("*.json.gz")):
        yield read_record(path)
