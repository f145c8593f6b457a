"""`runfree-train counts RECORDS`: what a folder of records holds, by language, source, outcome and licence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from runfree_training.records import read_records

_FAILING = ("failed", "error", "timeout", "does-not-compile")


@dataclass(slots=True)
class Counts:
    """Totals of one language."""

    repositories: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str, str]] = field(default_factory=set)
    records: int = 0
    tests: int = 0
    texts: set[tuple[str, str, str]] = field(default_factory=set)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    mutants: int = 0
    incompetent: int = 0
    without_kills: int = 0


def count(records: Path) -> dict[str, Counts]:
    """Totals by language of all records below a folder; candidates with the same text for the same file count once."""
    totals: dict[str, Counts] = {}
    for record in read_records(records):
        counts = totals.setdefault(record.language, Counts())
        counts.records += 1
        if record.repository not in counts.repositories:
            counts.licences[record.licence or "unknown"] += 1
        counts.repositories.add(record.repository)
        counts.pairs.add((record.repository, record.focal_path, record.test_path))
        if not record.written:
            counts.mutants += len(record.mutants)
            counts.incompetent += sum(mutant.incompetent for mutant in record.mutants)
        for test in record.tests:
            if record.written and test.source == "existing":
                continue  # counted with the pair's own record
            counts.outcomes[test.source, test.outcome] += 1
            counts.without_kills += not test.kills_known
            if test.source == "existing":
                counts.tests += test.outcome != "not-run"
            if test.source == "broken":
                counts.kinds[test.kind] += 1
            said = test.text or f"{test.source} {test.name} {record.commit}"
            counts.texts.add((record.repository, record.test_path, said))
    return totals


@click.command("counts")
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--kinds", is_flag=True, help="Kinds of breakage too.")
def command(records: Path, kinds: bool) -> None:
    """Count records, tests and candidates below RECORDS."""
    for language, counts in sorted(count(records).items()):
        failing = sum(n for (_, outcome), n in counts.outcomes.items() if outcome in _FAILING)
        click.echo(
            f"{language}: {len(counts.repositories)} repositories, {len(counts.pairs)} pairs, {counts.records} records, "
            f"{counts.tests} executed test functions, {len(counts.texts)} distinct candidates ({failing} failing), "
            f"{counts.mutants} mutants ({counts.incompetent} incompetent), {counts.without_kills} without kills"
        )
        for source in sorted({source for source, _ in counts.outcomes}):
            some = {outcome: n for (s, outcome), n in sorted(counts.outcomes.items()) if s == source}
            parts = ", ".join(f"{n} {outcome}" for outcome, n in some.items())
            click.echo(f"  {source}: {sum(some.values())} ({parts})")
        if kinds:
            click.echo("  kinds: " + ", ".join(f"{kind} {n}" for kind, n in counts.kinds.most_common()))
        click.echo("  licences: " + ", ".join(f"{name} {n}" for name, n in counts.licences.most_common()))
