"""What is looked at where a file is too large for all of it: what a candidate and its suite reach, never what comes first."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

from runfree.canonical import Case
from runfree.evidence import similarity
from runfree.evidence.suite_index import SuiteIndex, mentioned
from runfree.model.focal_index import FocalIndex, focal_index
from runfree.mutation import SAMPLE_LIMIT, Mutant
from runfree.sample import Language
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function

MAX_MUTANTS = 4 * SAMPLE_LIMIT  # so that each function of a long file has one
_MAX_HELPERS = 24


def relevant_tests(case: Case, limit: int) -> tuple[Function, ...]:
    """At most `limit` existing tests: those that share most with what the candidate reaches; sorted by text.

    A focal function that few tests reach counts for more. The answer does not depend on the order of the tests.
    """
    tests = case.existing
    if len(tests) > limit:
        reached = _reached(case.language, case.suite.text, case.focal.text)
        counts = Counter(function for test in tests for function in reached[test.span.start_byte])
        own = reached[case.candidate.span.start_byte]
        rank = {
            test.span.start_byte: (
                -sum(1 / counts[f] for f in sorted(own & reached[test.span.start_byte])),
                -similarity(case.candidate, test),
                test.text,
            )
            for test in tests
        }
        tests = tuple(sorted(tests, key=lambda test: rank[test.span.start_byte])[:limit])
    return tuple(sorted(tests, key=lambda test: (test.text, test.qualified_name)))


def reached_by_suite(case: Case) -> frozenset[str]:
    """Qualified names of the focal functions that any test of the file reaches."""
    reached = _reached(case.language, case.suite.text, case.focal.text)
    return frozenset(
        case.focal.functions[f].qualified_name for functions in reached.values() for f in functions
    )


def relevant_mutants(mutants: Sequence[Mutant], reached: frozenset[str]) -> tuple[Mutant, ...]:
    """A sample of the mutants in which functions take turns, those `reached` first; in order of place.

    Each function has one before any has two, up to `MAX_MUTANTS`. Where a function stands and how
    it is written makes no difference: the draw depends on names of functions and operators, and on ranks in a function.
    """
    groups: dict[str, list[tuple[bytes, Mutant]]] = defaultdict(list)
    ranks: Counter[str] = Counter()
    for mutant in mutants:
        key = f"{mutant.operator}|{mutant.function}"
        ranks[key] += 1
        groups[mutant.function].append((_lot(f"{key}|{ranks[key]}"), mutant))
    limit = min(max(SAMPLE_LIMIT, len(groups)), MAX_MUTANTS)
    if len(mutants) <= limit:
        return tuple(mutants)
    for group in groups.values():
        group.sort(key=lambda drawn: drawn[0], reverse=True)
    turns = sorted(groups, key=lambda name: (name not in reached, _lot(name)))
    chosen: list[Mutant] = []
    while len(chosen) < limit:
        for name in turns:
            if groups[name] and len(chosen) < limit:
                chosen.append(groups[name].pop()[1])
    return tuple(sorted(chosen, key=lambda m: (m.start_byte, m.end_byte, m.operator, m.ordinal)))


def needs_reach(mutants: Sequence[Mutant]) -> bool:
    """Whether the functions that hold mutants are too many for one mutant each."""
    return len({mutant.function for mutant in mutants}) > MAX_MUTANTS


def _lot(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()


@lru_cache(maxsize=8)
def _reached(language: Language, suite_text: str, focal_text: str) -> dict[int, frozenset[int]]:
    """Start byte of a test -> focal functions it reaches by name: through helpers, then through the call graph."""
    suite = SuiteIndex(parse(language, suite_text))
    index = focal_index(parse(language, focal_text))
    return {test.span.start_byte: _closure(index, _names(suite, test)) for test in suite.file.tests}


def _names(suite: SuiteIndex, test: Function) -> set[str]:
    """What a test and the helpers that it uses name."""
    names = set(suite.mentioned(test)) | {p.name for p in test.parameters}
    pending = sorted(names & suite.helpers.keys())
    followed: set[str] = set()
    while pending and len(followed) < _MAX_HELPERS:
        name = pending.pop(0)
        if name not in followed:
            followed.add(name)
            new = {n for helper in suite.helpers[name] for n in mentioned(helper)} - names
            names |= new
            pending += sorted(new & suite.helpers.keys())
    return names


def _closure(index: FocalIndex, names: set[str]) -> frozenset[int]:
    """The focal functions of these names (constructors by their class's), and those that they call."""
    pending = [f for name in names for f in (*index.by_name.get(name, ()), *index.constructors.get(name, ()))]
    found: set[int] = set()
    while pending:
        function = pending.pop()
        if function not in found:
            found.add(function)
            pending += [edge.callee for edge in index.edges[function]]
    return frozenset(found)
