"""The tables of the data card (`training/DATA.md`), made of counts and never typed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from runfree_training.counts import Counts, by_label
from runfree_training.splits import Split

SOURCES = ("existing", "history", "broken", "artefact", "written")
OUTCOMES = ("passed", "failed", "error", "timeout", "does-not-compile", "flaky", "not-run")
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; numbers get thousands separators, 0 stays 0."""
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in rows:
        cells = (f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def tables(
    totals: Mapping[str, Counts],
    splits: Mapping[str, Split],
    draw: Callable[[str], Split],
    shared: Counter[tuple[str, str]] | None = None,
) -> str:
    """All tables: totals, candidates by source and label, outcomes, splits, kinds of breakage, licences, repositories."""
    languages = sorted(totals)
    parts = [
        "### Totals",
        table(
            (
                "language",
                "repositories",
                "focal/test pairs",
                "records",
                "executed test functions",
                "distinct candidates",
                "of them failing",
                "mutants",
                "incompetent",
                "timed out under a test",
            ),
            [*(_totals(name, totals[name]) for name in languages), _sum(totals)],
        ),
        "A test function counts once however many commits it was run at; a candidate once for its file and text. Flaky "
        "tests and those that were not run are no candidates.",
        "### Candidates by source and label",
        table(
            (
                "language",
                "source",
                "passes",
                "fails",
                "coverage gain: yes / no / null",
                "mutation gain: yes / no / null",
            ),
            [row for name in languages for row in _labels(name, totals[name])],
        ),
        "The gains here are against all other existing tests of the file; a sample is drawn with any subset of them.",
        "### Outcomes of all runs",
        table(
            ("language", "source", *OUTCOMES),
            [
                (name, source, *(totals[name].outcomes[source, outcome] for outcome in OUTCOMES))
                for name in languages
                for source in SOURCES
                if any(totals[name].outcomes[source, outcome] for outcome in OUTCOMES)
            ],
        ),
        "### Splits",
        table(
            ("split", "repositories", "candidates", "of them failing"),
            [_split(which, totals, splits, draw) for which in SPLITS],
        ),
    ]
    if shared is not None:
        found = ", ".join(
            f"{number:,} {what} ({language})" for (language, what), number in sorted(shared.items())
        )
        parts.append(
            f"Left out of training because held-out repositories have them too: {found or 'nothing found'}."
        )
    parts += [
        "### Broken candidates by kind",
        table(("language", "kind", "passes", "fails"), [row for n in languages for row in _kinds(n, totals[n])]),
        "### Licences",
        table(("licence", "repositories", "candidates"), _licences(totals)),
        "### Repositories",
        table(
            ("repository", "language", "commit", "licence", "split", "pairs", "test functions", "candidates", "failing"),
            _repositories(totals, splits, draw),
        ),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _totals(name: str, counts: Counts) -> tuple[object, ...]:
    return (
        name,
        len(counts.repositories),
        len(counts.pairs),
        counts.records,
        counts.tests,
        counts.candidates.total(),
        counts.failing,
        counts.mutants,
        counts.incompetent,
        counts.late,
    )


def _sum(totals: Mapping[str, Counts]) -> tuple[object, ...]:
    rows = [_totals("", counts)[1:] for counts in totals.values()]
    repositories = {name for counts in totals.values() for name in counts.repositories}
    sums = [sum(int(str(row[at])) for row in rows) for at in range(1, 9)] if rows else [0] * 8
    return ("all", len(repositories), *sums)


def _labels(name: str, counts: Counts) -> Iterable[tuple[object, ...]]:
    for source in SOURCES:
        yes, no, _ = by_label(counts, [source], "passes")
        if yes or no:
            gains = (by_label(counts, [source], signal) for signal in ("coverage_gain", "mutation_gain"))
            yield name, source, yes, no, *(" / ".join(f"{n:,}" for n in gain) for gain in gains)


def _split(
    which: Split, totals: Mapping[str, Counts], splits: Mapping[str, Split], draw: Callable[[str], Split]
) -> tuple[object, ...]:
    chosen = [
        (name, place)
        for counts in totals.values()
        for name, place in counts.repositories.items()
        if (splits.get(name) or draw(name)) == which
    ]
    places = [place for _, place in chosen]
    return (
        which,
        len({name for name, _ in chosen}),
        sum(p.candidates for p in places),
        sum(p.failing for p in places),
    )


def _kinds(name: str, counts: Counts) -> Iterable[tuple[object, ...]]:
    for kind in sorted({kind for kind, _ in counts.kinds}):
        yield name, kind, counts.kinds[kind, "passes"], counts.kinds[kind, "fails"]


def _licences(totals: Mapping[str, Counts]) -> Iterable[tuple[object, ...]]:
    names: dict[str, set[str]] = {}
    candidates: Counter[str] = Counter()
    for counts in totals.values():
        for name, place in counts.repositories.items():
            names.setdefault(place.licence, set()).add(name)
            candidates[place.licence] += place.candidates
    for licence, number in candidates.most_common():
        yield licence, len(names[licence]), number


def _repositories(
    totals: Mapping[str, Counts], splits: Mapping[str, Split], draw: Callable[[str], Split]
) -> Iterable[tuple[object, ...]]:
    every = [(name, language) for language, counts in totals.items() for name in counts.repositories]
    for name, language in sorted(every, key=lambda pair: (pair[0].lower(), pair[1])):
        place = totals[language].repositories[name]
        split = splits.get(name) or draw(name)
        yield (
            name,
            language,
            place.commit[:12],
            place.licence,
            split,
            len(place.pairs),
            len(place.functions),
            place.candidates,
            place.failing,
        )
