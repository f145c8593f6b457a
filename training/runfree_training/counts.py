"""`runfree-train counts RECORDS`: what a folder of records holds, by language, source, label, repository and licence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from runfree.errors import RunfreeError
from runfree_training.records import Record, TestResult, read_record
from runfree_training.splits import SPLITS_FILE, draw, read_splits

FAILING = ("failed", "error", "timeout", "does-not-compile")
BEGIN, END = "<!-- counts: written by `runfree-train counts`, do not edit -->", "<!-- end of counts -->"


@dataclass(slots=True)
class Repository:
    """Totals of one repository in one language; `commit` is that of its newest code, records of history have others."""

    licence: str = ""
    commit: str = ""
    pairs: set[tuple[str, str]] = field(default_factory=set)
    functions: set[tuple[str, str]] = field(default_factory=set)
    candidates: int = 0
    failing: int = 0


@dataclass(slots=True)
class Counts:
    """Totals of one language.

    Attributes:
        functions: executed existing test functions by (repository, test file, name), each once however many commits
            it was run at. outcomes: (source, outcome) -> tests, by record: flaky and not-run ones are no candidates.
        candidates: (source, "passes" / "fails") -> distinct candidates. labels: (source, signal, "yes" / "no" /
            "null") -> distinct candidates, the gains against all other existing tests of the file that pass.
        mutants, incompetent, late: mutants run, those that cannot be compiled or loaded, those that some test timed
            out under.
    """

    records: int = 0
    repositories: dict[str, Repository] = field(default_factory=dict)
    pairs: set[tuple[str, str, str]] = field(default_factory=set)
    functions: set[tuple[str, str, str]] = field(default_factory=set)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    candidates: Counter[tuple[str, str]] = field(default_factory=Counter)
    labels: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    mutants: int = 0
    incompetent: int = 0
    late: int = 0
    seen: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def tests(self) -> int:
        """Executed existing test functions."""
        return len(self.functions)

    @property
    def failing(self) -> int:
        """Distinct candidates that do not pass."""
        return sum(number for (_, label), number in self.candidates.items() if label == "fails")

    def add(self, record: Record) -> None:
        """Counts one record."""
        self.records += 1
        place = self.repositories.setdefault(record.repository, Repository())
        place.licence = record.licence or place.licence or "unknown"
        # A repository's records of history name older commits; most of its records name the one that was checked out.
        place.commit = record.commit if not _historical(record) or not place.commit else place.commit
        place.pairs.add((record.focal_path, record.test_path))
        self.pairs.add((record.repository, record.focal_path, record.test_path))
        if not record.written:  # or the pair's own record has counted them
            self.mutants += len(record.mutants)
            self.incompetent += sum(mutant.incompetent for mutant in record.mutants)
            self.late += len({index for test in record.tests for index in test.timeouts})
        suite = [t for t in record.tests if t.source == "existing" and t.outcome == "passed"]
        covered = Counter(line for test in suite for line in test.lines)
        killed = Counter(index for test in suite for index in _killed(test))
        for test in record.tests:
            if test.source == "existing" and record.written:
                continue
            self.outcomes[test.source, test.outcome] += 1
            if test.outcome not in (*FAILING, "passed"):
                continue
            if test.source == "existing":
                self.functions.add((record.repository, record.test_path, test.name))
                place.functions.add((record.test_path, test.name))
            key = _key(record, test)
            if key not in self.seen:
                self.seen.add(key)
                self._candidate(record, place, test, covered, killed)

    def _candidate(
        self,
        record: Record,
        place: Repository,
        test: TestResult,
        covered: Counter[int],
        killed: Counter[int],
    ) -> None:
        passes = test.outcome == "passed" and not test.breaks
        self.candidates[test.source, "passes" if passes else "fails"] += 1
        place.candidates += 1
        place.failing += not passes
        if test.source == "broken":
            self.kinds[test.kind, "passes" if passes else "fails"] += 1
        # An existing test is in the suite itself: what it alone has is there once.
        own = 1 if test.source == "existing" and passes else 0
        lines = any(covered[line] <= own for line in test.lines)
        mutants = any(killed[i] <= own for i in _killed(test) if not record.mutants[i].incompetent)
        told = {
            "passes": passes,
            "coverage_gain": passes and lines if test.lines_known else None,
            "mutation_gain": passes and mutants if test.kills_known else None,
        }
        for signal, label in told.items():
            self.labels[test.source, signal, {True: "yes", False: "no", None: "null"}[label]] += 1


def _historical(record: Record) -> bool:
    return any(test.source == "history" for test in record.tests)


def _killed(test: TestResult) -> set[int]:
    return {*test.kills, *test.timeouts}


def _key(record: Record, test: TestResult) -> tuple[str, ...]:
    """What makes a candidate distinct: its file and text, mostly."""
    said = test.text or f"existing {test.name}"
    place = (record.repository, record.test_path, said, test.removes)
    # A published script holds several tests; those of history ran before their commit and after it.
    return (*place, {"artefact": test.name, "history": test.kind}.get(test.source, ""))


def count(records: Path) -> dict[str, Counts]:
    """Totals by language of all records below a folder."""
    totals: dict[str, Counts] = {}
    for path in sorted(records.rglob("*.json.gz"), key=lambda p: ("history" in p.name, p)):
        record = read_record(path)
        totals.setdefault(record.language, Counts()).add(record)
    return totals


def in_markdown(totals: dict[str, Counts], shared: Counter[tuple[str, str]] | None = None) -> str:
    """The tables of the data card; `shared` counts what was left out of training (`duplicates`)."""
    from runfree_training.data_card import tables

    return tables(totals, read_splits(SPLITS_FILE), draw, shared)


def put_between(text: str, counts: str) -> str:
    """The data card with the text between its markers replaced.

    Raises:
        RunfreeError: it has no markers.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise RunfreeError(f"the data card has no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{counts.strip()}\n\n{END}{after}"


@click.command("counts")
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--kinds", is_flag=True, help="Kinds of breakage too.")
@click.option(
    "--markdown",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write the tables between the markers of this data card, duplicates across splits included.",
)
def command(records: Path, kinds: bool, markdown: Path | None) -> None:
    """Count records, tests and candidates below RECORDS."""
    totals = count(records)
    for language, counts in sorted(totals.items()):
        click.echo(
            f"{language}: {len(counts.repositories)} repositories, {len(counts.pairs)} pairs, {counts.records} records, "
            f"{counts.tests} executed test functions, {counts.candidates.total()} distinct candidates "
            f"({counts.failing} failing), {counts.mutants} mutants ({counts.incompetent} incompetent)"
        )
        for source in sorted({source for source, _ in counts.outcomes}):
            some = {outcome: n for (s, outcome), n in sorted(counts.outcomes.items()) if s == source}
            parts = ", ".join(f"{n} {outcome}" for outcome, n in some.items())
            click.echo(f"  {source}: {sum(some.values())} ({parts})")
        if kinds:
            each = Counter[str]()
            for (kind, _), number in counts.kinds.items():
                each[kind] += number
            click.echo("  kinds: " + ", ".join(f"{kind} {n}" for kind, n in each.most_common()))
        licences = Counter(place.licence for place in counts.repositories.values())
        click.echo("  licences: " + ", ".join(f"{name} {n}" for name, n in licences.most_common()))
    if markdown:
        from runfree_training.dataset import shared

        found = shared(sorted(records.rglob("*.json.gz")), SPLITS_FILE)
        markdown.write_text(
            put_between(markdown.read_text(encoding="utf-8"), in_markdown(totals, found.counts)),
            encoding="utf-8",
        )


def by_label(counts: Counts, sources: Sequence[str], signal: str) -> tuple[int, int, int]:
    """(yes, no, null) of a signal over some sources."""
    yes, no, null = (sum(counts.labels[s, signal, label] for s in sources) for label in ("yes", "no", "null"))
    return yes, no, null
