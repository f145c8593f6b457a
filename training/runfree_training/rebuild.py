"""Working records made again from released facts and local clones; a text whose hash differs is never let through.

The facts name commits and paths, and a recipe for each candidate that was made from the test file. Published candidates
are read from their own repositories again; written ones are this project's own data.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree_training.candidates.artefact import EVALUATION, SUBJECTS, coverup_records
from runfree_training.candidates.written import read_written
from runfree_training.clones import Clones, GoneError
from runfree_training.recipes import cook
from runfree_training.records import MutantResult, Record, TestResult, write_record
from runfree_training.release import digest

Row = dict[str, Any]


@dataclass(slots=True)
class Report:
    """What became of the facts of one language.

    Attributes:
        records, tests: (rebuilt, in the facts); candidates without a text of their own count as rebuilt with their file.
        skipped: why something was left out, in plain words -> how often. differing: texts whose hash is not that of the
            facts: the clones or the facts were tampered with, or the code that reads them changed.
    """

    records: tuple[int, int] = (0, 0)
    tests: tuple[int, int] = (0, 0)
    skipped: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)


class Texts:
    """Where texts come from: clones, the published candidates in them, and files of written candidates."""

    def __init__(self, clones: Clones, written: Sequence[Path]) -> None:
        self._clones, self._files = clones, written

    def file(self, row: Row, path: str, expected: str) -> str:
        """A file of a row's commit, checked.

        Raises:
            GoneError: it is not there. RunfreeError: its hash differs.
        """
        place = row["repository"], row["commit"], path
        text = self._clones.text(*place)
        return checked(text if digest(text) == expected else self._clones.checked_out(*place), expected, path)

    def suite(self, row: Row) -> tuple[str, str]:
        """(the test file that recipes copy from, the record's test text).

        Raises:
            GoneError: it is not there. RunfreeError: its hash differs.
        """
        path, expected = row["test_path"], row["test_hash"]
        whole = "" if row["test_recipe"] else self.file(row, path, expected)
        if row["origin"] in ("", row["commit"]) and whole:
            return whole, whole
        source = self._clones.text(row["repository"], row["origin"], path)
        return source, whole or checked(cook(row["test_recipe"], source), expected, path)

    @functools.cached_property
    def written(self) -> Mapping[tuple[str, str], str]:
        """Written candidates by hash and repository."""
        every = (w for path in self._files for w in read_written(path))
        return {(digest(w.candidate), w.repository): w.candidate for w in every}

    @functools.cached_property
    def published(self) -> Mapping[tuple[str, str], Record]:
        """Records of published candidates by (repository, focal path).

        Raises:
            GoneError: their repositories are not among the clones.
        """
        found = coverup_records(self._clones.newest(EVALUATION), self._clones.newest(SUBJECTS))
        return {(record.repository, record.focal_path): record for record in found}


def checked(text: str, expected: str, what: str) -> str:
    """The text, if its hash is the one expected.

    Raises:
        RunfreeError: it is not.
    """
    if digest(text) != expected:
        raise RunfreeError(f"{what}: its hash is {digest(text)}, the facts say {expected}")
    return text


def rebuild(facts: Path, output: Path, texts: Texts) -> dict[Language, Report]:
    """Writes the records of a folder of facts, as `label` would have laid them down, without times and messages.

    Raises:
        RunfreeError: the folder holds no facts, or facts of an older form.
    """
    files = sorted(facts.glob("*.parquet"))
    if not files:
        raise RunfreeError(f"{facts} holds no facts (*.parquet)")
    reports: dict[Language, Report] = {}
    for path in files:
        language: Language = path.stem  # type: ignore[assignment]
        report = reports[language] = Report()
        for rows in read_facts(path):
            first = rows[0]
            record = _record(language, rows, texts, report)
            report.records = (report.records[0] + (record is not None), report.records[1] + 1)
            kept = len(record.tests) if record else 0
            report.tests = (report.tests[0] + kept, report.tests[1] + len(rows))
            if record is not None:
                folder = output / language / first["repository"].replace("/", "+")
                write_record(record, folder / f"{first['record']}.json.gz")
    return reports


def read_facts(path: Path) -> Iterator[list[Row]]:
    """The rows of each record of one file of facts.

    Raises:
        RunfreeError: the facts are of an older form.
    """
    table = pyarrow.parquet.read_table(path)
    if "recipe" not in table.column_names:
        raise RunfreeError(f"{path} is of an older form, without recipes: release the records again")
    for _, rows in itertools.groupby(table.to_pylist(), key=lambda r: (r["repository"], r["record"])):
        yield list(rows)


def _record(language: Language, rows: list[Row], texts: Texts, report: Report) -> Record | None:
    """One record; None where its files are gone or differ, which goes into the report."""
    first = rows[0]
    told = f"{first['repository']} {first['record']}"
    try:
        if first["source"] == "artefact":
            return _published(rows, texts, report)
        focal = texts.file(first, first["focal_path"], first["focal_hash"])
        source, suite = texts.suite(first)
    except GoneError as error:
        report.skipped[str(error)] += 1
        return None
    except RunfreeError as error:
        report.differing.append(f"{told}: {error}")
        return None
    context = []
    for path, expected in json.loads(first["context"]):
        try:
            context.append((path, texts.file(first, path, expected)))
        except GoneError:
            report.skipped["context files that installing generated, or that are gone"] += 1
        except RunfreeError as error:
            report.differing.append(f"{told}: {error}")
    tests = []
    for row in rows:
        try:
            text = _text(row, source, texts)
            tests.append(_test(row, text, cook(row["removes"], source) if row["removes"] else ""))
        except GoneError as error:
            report.skipped[str(error)] += 1
        except RunfreeError as error:
            report.differing.append(f"{told} {row['name']}: {error}")
    return Record(
        language=language,
        repository=first["repository"],
        commit=first["commit"],
        licence=first["licence"],
        focal_path=first["focal_path"],
        test_path=first["test_path"],
        focal_text=focal,
        test_text=suite,
        focal_lines=tuple(first["focal_lines"]),
        mutants=tuple(MutantResult(*mutant) for mutant in json.loads(first["mutants"])),
        tests=tuple(tests),
        context=tuple(context),
        seed=first["seed"],
        written=first["written"],
        tools=json.loads(first["tools"]),
    )


def _text(row: Row, source: str, texts: Texts) -> str:
    """A candidate's text, checked; "" for an existing test.

    Raises:
        GoneError: nothing says how to make it. RunfreeError: its hash differs.
    """
    if not row["candidate_hash"]:
        return ""
    if row["source"] == "written":
        given = texts.written.get((row["candidate_hash"], row["repository"]))
        if given is None:
            raise GoneError("written candidates that the given files do not hold")
        return given
    if not row["recipe"]:
        raise GoneError(f"{row['source']} candidates without a recipe")
    return checked(cook(row["recipe"], source), row["candidate_hash"], f"candidate {row['name']}")


def _published(rows: list[Row], texts: Texts, report: Report) -> Record | None:
    """A record of published candidates, read again and matched by hash.

    Raises:
        GoneError: their repositories are not there. RunfreeError: the focal file differs.
    """
    first = rows[0]
    record = texts.published.get((first["repository"], first["focal_path"]))
    if record is None:
        raise GoneError(f"published candidates for {first['repository']} {first['focal_path']}")
    checked(record.focal_text, first["focal_hash"], first["focal_path"])
    by_hash = {(test.name, digest(test.text)): test for test in record.tests}
    tests = []
    for row in rows:
        given = by_hash.get((row["name"], row["candidate_hash"]))
        if given is None:
            report.skipped["published candidates that are not found again"] += 1
        else:
            tests.append(_test(row, given.text, ""))
    return Record(
        language="python",
        repository=first["repository"],
        commit=first["commit"],
        licence=first["licence"],
        focal_path=first["focal_path"],
        test_path=first["test_path"],
        focal_text=record.focal_text,
        test_text="",
        focal_lines=(),
        mutants=(),
        tests=tuple(tests),
        seed=first["seed"],
        tools=json.loads(first["tools"]),
    )


def _test(row: Row, text: str, removes: str) -> TestResult:
    return TestResult(
        name=row["name"],
        source=row["source"],
        outcome=row["outcome"],
        kind=row["kind"],
        base=row["base"],
        text=text,
        removes=removes,
        lines=tuple(row["lines"]),
        kills=tuple(row["kills"]),
        timeouts=tuple(row["timeouts"]),
        kills_known=row["kills_known"],
        breaks=tuple(row["breaks"]),
        lines_known=row["lines_known"],
    )
