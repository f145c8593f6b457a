"""Compares one record with PIT's matrix of the same pair: mutants that are the same, their kills, the labels.

Everything here is pure; `runfree_training.execute.java_pit_check` runs PIT and prints what this counts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from runfree.mutation import Mutant, list_mutants
from runfree_training.execute.java_label import reaching
from runfree_training.execute.java_pit import Matrix, PitMutant
from runfree_training.execute.java_pit_match import Match, by_line, group_of_ours, group_of_pit, match
from runfree_training.records import Record, TestResult

OWN_SAMPLE = 40  # mutants that our labelling draws of a file
SAME, SITES, ALIKE, TODAY, SAMPLED = (
    "the mutants that both ran",
    "PIT's mutants at any site of ours",
    "all of PIT's mutants, conditions negated",
    "all of PIT's mutants, conditions removed",
    "PIT against 40 of its own mutants",
)


@dataclass(slots=True)
class Tally:
    """Counts over pairs.

    Attributes:
        mutants: (whose, kind, what became of it). kills, lines, labels: (what is compared, ours, PIT's).
        reasons: (what, reason) of each disagreement. examples: some of them in words.
    """

    mutants: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kills: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    lines: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    labels: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both matrices of one pair over the tests that both have.

    Attributes:
        sites: all sites of ours. run: those that were run (and could be loaded), as indices into `sites`.
        kills, timeouts: such indices by test. reached: (site, test) that our labelling ran.
    """

    tests: tuple[str, ...]
    sites: tuple[Mutant, ...]
    run: frozenset[int]
    kills: Mapping[str, frozenset[int]]
    timeouts: Mapping[str, frozenset[int]]
    reached: frozenset[tuple[int, str]]
    pit: tuple[PitMutant, ...]
    match: Match

    @property
    def same(self) -> dict[int, int]:
        """PIT's mutants by our sites, where both were run and both rows are whole."""
        late = {site for found in self.timeouts.values() for site in found}
        return {
            site: at
            for site, at in self.match.pairs.items()
            if site in self.run and site not in late and self.pit[at].complete
        }

    def without(self, mutator: str) -> list[int]:
        """PIT's mutants that are whole, without those of the mutators whose names begin so."""
        return [i for i, p in enumerate(self.pit) if p.complete and not p.mutator.startswith(mutator)]

    def ours_kill(self, allowed: Collection[int]) -> Callable[[str], set[int]]:
        """What a test kills of some sites of ours by the label rule: a timeout is a kill."""
        return lambda test: {site for site in self.kills[test] | self.timeouts[test] if site in allowed}

    def pit_kills(self, allowed: Collection[int]) -> Callable[[str], set[int]]:
        """What a test kills of some of PIT's mutants."""
        return lambda test: {i for i in allowed if test in self.pit[i].killing}


def sides(record: Record, matrix: Matrix, tally: Tally) -> Sides:
    """Both matrices over the tests that both have; a test that reaches nothing of the class needs no word of PIT."""
    both: list[TestResult] = []
    for test in existing(record):
        known = test.name in matrix.tests
        tally.left["tests that pass and reach the class here, not in PIT"] += not known and bool(test.lines)
        if known or not test.lines:
            both.append(test)
    sites = list_mutants("java", record.focal_text)
    places = {(m.operator, m.line, m.ordinal): at for at, m in enumerate(sites)}
    site_of = {
        i: places[m.operator, m.line, m.ordinal]
        for i, m in enumerate(record.mutants)
        if not m.incompetent and (m.operator, m.line, m.ordinal) in places
    }
    reach = reaching(sites, [t.lines for t in both], record.focal_lines)
    return Sides(
        tests=tuple(t.name for t in both),
        sites=sites,
        run=frozenset(site_of.values()),
        kills={t.name: frozenset(site_of[i] for i in t.kills if i in site_of) for t in both},
        timeouts={t.name: frozenset(site_of[i] for i in t.timeouts if i in site_of) for t in both},
        reached=frozenset((site, both[at].name) for site, found in enumerate(reach) for at in found),
        pit=matrix.mutants,
        match=match(sites, matrix.mutants),
    )


def existing(record: Record) -> list[TestResult]:
    """The tests of a record whose kills are known."""
    return [t for t in record.tests if t.source == "existing" and t.outcome == "passed" and t.kills_known]


def compare_mutants(pair: Sides, tally: Tally) -> None:
    """Which mutants have a partner, and why the others have none."""
    for at, site in enumerate(pair.sites):
        tally.mutants["ours", site.operator, pair.match.ours_alone.get(at, "the same as one of PIT's")] += 1
    for at, mutant in enumerate(pair.pit):
        tally.mutants["PIT", mutant.mutator, pair.match.pit_alone.get(at, "the same as a site of ours")] += 1
        if not mutant.complete:
            tally.left[f"PIT's mutants with incomplete rows: {mutant.status}"] += 1


def compare_kills(pair: Sides, tally: Tally, told: str) -> None:
    """Each mutant that both ran, under each test that either ran it with; then the same by line and kind."""
    for site, at in pair.same.items():
        mutant, its = pair.sites[site], pair.pit[at]
        for test in pair.tests:
            here, there = (site, test) in pair.reached, test in its.covering
            if not (here or there):
                continue
            ours, theirs = site in pair.kills[test], test in its.killing
            what = (
                "order on the line decides" if site in pair.match.by_order else "one of its kind on the line"
            )
            tally.kills[what, ours, theirs] += 1
            if ours != theirs:
                why = "both ran it" if here and there else "only we ran it" if here else "only PIT ran it"
                tally.reasons[
                    "kills", f"{why}, {'ours' if ours else 'PIT'} says killed ({mutant.operator})"
                ] += 1
                tally.examples.append(
                    f"{told}: {test} on line {mutant.line}, {mutant.original!r} -> {mutant.replacement!r} / "
                    f"{its.description}: ours {ours}, PIT {theirs} ({why})"
                )
    late = {site for found in pair.timeouts.values() for site in found}
    for site, at in pair.match.pairs.items():
        if site in pair.run and not pair.pit[at].complete:
            killed = any(site in found for found in pair.kills.values())
            verdict = "a timeout" if site in late else "killed" if killed else "not killed"
            tally.left[f"mutants of both, incomplete in PIT: {verdict} by ours"] += 1
        elif site in pair.run and site in late:
            tally.left["mutants of both, whole in PIT: a timeout by ours"] += 1
    mine = by_line((i, pair.sites[i].line, group_of_ours(pair.sites[i])) for i in sorted(pair.run - late))
    rows = by_line((i, p.line, group_of_pit(p)) for i, p in enumerate(pair.pit) if p.complete)
    for key in sorted(mine.keys() & rows.keys()):
        for test in pair.tests:
            here = any((site, test) in pair.reached for site in mine[key])
            if here or any(test in pair.pit[at].covering for at in rows[key]):
                ours = any(site in pair.kills[test] for site in mine[key])
                tally.lines[key[1], ours, any(test in pair.pit[at].killing for at in rows[key])] += 1


def compare_labels(pair: Sides, samples: int, chance: random.Random, tally: Tally) -> None:
    """`mutation_gain` of random existing tests beside random subsets of the others, by different sets of mutants."""
    if len(pair.tests) < 2:
        return
    same, everything = pair.same, range(len(pair.sites))
    alike, today = pair.without("RemoveConditional"), pair.without("NegateConditionals")
    sites = [at for at in pair.match.pairs.values() if pair.pit[at].complete]
    own = chance.sample(alike, min(OWN_SAMPLE, len(alike)))
    mine = pair.ours_kill(everything)
    compared = (
        (SAME, pair.ours_kill(same), pair.pit_kills(same.values())),
        (SITES, mine, pair.pit_kills(sites)),
        (ALIKE, mine, pair.pit_kills(alike)),
        (TODAY, mine, pair.pit_kills(today)),
        (SAMPLED, pair.pit_kills(own), pair.pit_kills(alike)),
    )
    for candidate, subset in _drawn(pair.tests, samples, chance):
        for what, ours, theirs in compared:
            gained, its = gains(ours, candidate, subset), gains(theirs, candidate, subset)
            tally.labels[what, bool(gained), bool(its)] += 1
            if what == ALIKE and bool(gained) != bool(its):
                tally.reasons["labels", _reason(pair, gained, its)] += 1


def gains(killed: Callable[[str], set[int]], candidate: str, subset: Sequence[str]) -> set[int]:
    """The mutants that a candidate kills and no test of a subset does."""
    return killed(candidate) - {mutant for test in subset for mutant in killed(test)}


def _drawn(tests: Sequence[str], samples: int, chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """A candidate and a subset of the others: all of them one time in five, else of any size."""
    for _ in range(samples):
        candidate = chance.choice(tests)
        others = [t for t in tests if t != candidate]
        size = len(others) if chance.random() < 0.2 else chance.randint(0, len(others))
        yield candidate, chance.sample(others, size)


def _reason(pair: Sides, ours: set[int], its: set[int]) -> str:
    """Why one side gains and the other does not: the best explanation that any of the gained mutants has."""
    if its:
        sites = {at: site for site, at in pair.match.pairs.items()}
        if any(at in sites and sites[at] in pair.run for at in its):
            return "only PIT gains: a mutant of both, other kills"
        if any(at in sites for at in its):
            return "only PIT gains: at a site of ours that was not among those run"
        whys = Counter(f"{pair.pit[at].mutator}, {pair.match.pit_alone[at]}" for at in its)
        return f"only PIT gains: {whys.most_common(1)[0][0]}"
    late = {site for found in pair.timeouts.values() for site in found}
    if any(site in pair.match.pairs and pair.pit[pair.match.pairs[site]].complete for site in ours - late):
        return "only ours gains: a mutant of both, other kills"
    if any(site in late or site in pair.match.pairs for site in ours):
        return "only ours gains: a timeout"
    whys = Counter(f"{pair.sites[site].operator}, {pair.match.ours_alone[site]}" for site in ours)
    return f"only ours gains: {whys.most_common(1)[0][0]}"
