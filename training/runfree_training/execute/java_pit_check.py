"""Compares the kills and mutation labels of Java records with PIT's full mutation matrix.

`python -m runfree_training.execute.java_pit CORPUS RECORDS --samples N`: PIT runs on the unmodified class with its existing
tests, which are also the candidates, each beside subsets of the others. `--kept` keeps the matrices: what is there is not
run again.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from runfree.errors import RunfreeError
from runfree.mutation import list_mutants
from runfree_training.corpus import read_corpus
from runfree_training.execute import Pair, Project
from runfree_training.execute.java_module import module_of
from runfree_training.execute.java_pit import Matrix, matrix, read_matrix, write_matrix
from runfree_training.execute.java_pit_compare import (
    Tally,
    compare_kills,
    compare_labels,
    compare_mutants,
    existing,
    sides,
)
from runfree_training.records import Record, read_records

LEAST_TESTS = 3
MOST_REASONS = 12
MOST_EXAMPLES = 12


def usable(records: Sequence[Record], projects: Mapping[str, Project], seed: int) -> list[Record]:
    """Records that PIT can be run for (their commit is checked out), repositories taking turns.

    The order is as good as random and does not change where records are added.
    """
    groups: dict[str, list[Record]] = {}
    for record in records:
        project = projects.get(record.repository)
        if project is None or project.commit != record.commit or record.written:
            continue
        if len(existing(record)) >= LEAST_TESTS and record.mutants:
            groups.setdefault(record.repository, []).append(record)
    turns = [sorted(group, key=lambda r: _lot(seed, r.repository, r.test_path)) for group in groups.values()]
    turns.sort(key=lambda group: _lot(seed, group[0].repository, ""))
    return [group[at] for at in range(max(map(len, turns), default=0)) for group in turns if at < len(group)]


def _lot(seed: int, repository: str, path: str) -> bytes:
    return hashlib.blake2b(f"{seed}|{repository}|{path}".encode(), digest_size=8).digest()


def seconds_wanted(record: Record) -> float:
    """A guess of how long PIT takes: every mutant under every test that runs its line, and a start of the JVM."""
    lines = [m.line for m in list_mutants("java", record.focal_text)]
    return 30.0 + sum(1.5 * t.seconds * sum(line in set(t.lines) for line in lines) for t in existing(record))


def matrices(
    records: Sequence[Record], projects: Mapping[str, Project], most: int, seconds: float, kept: Path
) -> Iterator[tuple[Record, Matrix | None, str]]:
    """(record, PIT's matrix or None, the reason) for the first `most` records that have one.

    `kept` holds the matrices and the reasons: what is there comes first and is not run again.
    """
    done = 0
    for record in sorted(records, key=lambda r: not _kept(kept, r).exists()):
        if done >= most:
            return
        path = _kept(kept, record)
        if path.exists():
            done += 1
            yield record, read_matrix(path), ""
            continue
        reason = path.with_name(f"{path.name.removesuffix('.json.gz')}.left-out.txt")
        if reason.exists():
            yield record, None, reason.read_text().strip()
            continue
        if seconds_wanted(record) > seconds:
            yield record, None, f"would take about {seconds_wanted(record):,.0f} s"
            continue
        project, pair = projects[record.repository], Pair(record.focal_path, record.test_path)
        try:
            if (project.root / pair.focal_path).read_text() != record.focal_text:
                raise RunfreeError("the checkout's focal file is not the record's")
            with tempfile.TemporaryDirectory(prefix="runfree-pit-") as work:
                found = matrix(project, module_of(project, pair.focal_path), pair, Path(work), seconds)
        except RunfreeError as error:
            reason.parent.mkdir(parents=True, exist_ok=True)
            reason.write_text(f"{error}\n")
            yield record, None, str(error)
            continue
        write_matrix(found, path)
        done += 1
        yield record, found, ""


def _kept(folder: Path, record: Record) -> Path:
    name = record.test_path.replace("/", "-").removesuffix(".java")
    return folder / record.repository.replace("/", "+") / f"{name}.json.gz"


@click.command()
@click.argument("corpus", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--samples", type=int, default=40, show_default=True, help="Labels compared a pair.")
@click.option("--pairs", type=int, default=20, show_default=True, help="Focal/test pairs that PIT is run on.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--seconds", type=float, default=300.0, show_default=True, help="Limit of PIT on one pair.")
@click.option("--kept", type=click.Path(file_okay=False, path_type=Path), help="Folder of matrices to keep.")
def main(
    corpus: Path, records: Path, samples: int, pairs: int, seed: int, seconds: float, kept: Path | None
) -> None:
    """Compare Java records with PIT's full mutation matrix."""
    projects = {entry.project.repository: entry.project for entry in read_corpus(corpus, "java")}
    found = [r for r in read_records(records) if r.language == "java"]
    chosen = usable(found, projects, seed)
    if not chosen:
        raise RunfreeError(f"{records} holds no record of a Java project in {corpus}")
    tally = Tally()
    compared: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="runfree-matrices-") as temporary:
        for record, pit, why in matrices(chosen, projects, pairs, seconds, kept or Path(temporary)):
            told = f"{record.repository} {Path(record.test_path).stem}"
            click.echo(f"{told}: {why or f'{len(pit.mutants) if pit else 0} mutants'}", err=True)
            if pit is None:
                tally.left["pairs without PIT's matrix"] += 1
                continue
            compared[record.repository] += 1
            pair = sides(record, pit, tally)
            compare_mutants(pair, tally)
            compare_kills(pair, tally, told)
            compare_labels(pair, samples, random.Random(f"{seed}|{told}"), tally)
    click.echo(f"{compared.total()} pairs of {len(compared)} repositories")
    for line in report(tally):
        click.echo(line)


def report(tally: Tally) -> Iterator[str]:
    """What was counted, in lines of text."""
    for whose in ("ours", "PIT"):
        yield f"mutants, {whose}:"
        rows = {key: n for key, n in tally.mutants.items() if key[0] == whose}
        for kind in sorted({kind for _, kind, _ in rows}):
            became = {why: n for (_, k, why), n in rows.items() if k == kind}
            told = ", ".join(f"{n} {why}" for why, n in sorted(became.items(), key=lambda e: -e[1]))
            yield f"  {kind}: {sum(became.values())}: {told}"
    yield "kills, a mutant and a test that runs it:"
    yield from _agreement(tally.kills)
    yield "kills by line and kind, any mutant there:"
    yield from _agreement(tally.lines)
    yield "mutation_gain, our records and"
    yield from _agreement(tally.labels, total=False)
    for what in ("kills", "labels"):
        yield f"why {what} differ:"
        reasons = Counter({why: n for (w, why), n in tally.reasons.items() if w == what})
        yield from (f"  {n} {why}" for why, n in reasons.most_common(MOST_REASONS))
    yield "left aside:"
    yield from (f"  {n} {what}" for what, n in sorted(tally.left.items()) if n)
    yield "for example:"
    yield from (f"  {line}" for line in tally.examples[:: max(1, len(tally.examples) // MOST_EXAMPLES)])


def _agreement(counts: Counter[tuple[str, bool, bool]], total: bool = True) -> Iterator[str]:
    kinds = list(dict.fromkeys(what for what, _, _ in counts))
    tables = {what: Counter({(a, b): n for (w, a, b), n in counts.items() if w == what}) for what in kinds}
    if total:
        tables["all"] = sum(tables.values(), Counter())
    for what, table in tables.items():
        right, every = table[True, True] + table[False, False], table.total()
        yield (
            f"  {what}: {right} of {every} agree ({right / max(1, every):.1%}); yes by both {table[True, True]}, "
            f"by ours alone {table[True, False]}, by PIT alone {table[False, True]}"
        )
