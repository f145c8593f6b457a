"""`runfree-train written RECORDS`: what the tests that were written on purpose did when they were run, as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from runfree_training.records import Record, TestResult, read_record


@dataclass(slots=True)
class Outcomes:
    """Totals of one language; the gains are against all existing tests of the file that pass."""

    repositories: set[str] = field(default_factory=set)
    files: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    covering: int = 0
    killing: int = 0

    def add(self, record: Record) -> None:
        """Counts the written candidates of one record."""
        self.repositories.add(record.repository)
        self.files += 1
        suite = [t for t in record.tests if t.source == "existing" and t.outcome == "passed"]
        lines = {line for test in suite for line in test.lines}
        kills = {index for test in suite for index in _killed(test)}
        for test in record.tests:
            if test.source != "written":
                continue
            self.outcomes["breaks others" if test.outcome == "passed" and test.breaks else test.outcome] += 1
            passes = test.outcome == "passed" and not test.breaks
            self.covering += passes and not set(test.lines) <= lines
            self.killing += passes and not _killed(test) <= kills


def _killed(test: TestResult) -> set[int]:
    return {*test.kills, *test.timeouts}


def table(totals: dict[str, Outcomes]) -> str:
    """The totals as a Markdown table, one row a language."""
    columns = ("language", "tests", "files", "repositories", "pass", "fail", "do not compile", "other",
               "add coverage", "kill new mutants")  # fmt: skip
    rows = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for language, one in sorted(totals.items()):
        failing = one.outcomes["failed"] + one.outcomes["error"]
        passing, refused = one.outcomes["passed"], one.outcomes["does-not-compile"]
        total = one.outcomes.total()
        cells = (language, total, one.files, len(one.repositories), passing, failing, refused,
                 total - passing - failing - refused, one.covering, one.killing)  # fmt: skip
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


@click.command("written")
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(records: Path) -> None:
    """Outcomes of the written candidates in the records below RECORDS, as a Markdown table."""
    totals: dict[str, Outcomes] = {}
    for path in sorted(records.rglob("*.written.json.gz")):
        record = read_record(path)
        totals.setdefault(record.language, Outcomes()).add(record)
    click.echo(table(totals))
