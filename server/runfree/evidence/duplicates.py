"""Tests and helpers defined twice, and tests that all but repeat an existing one."""

from __future__ import annotations

from collections.abc import Iterator

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.similarity import similarity
from runfree.sample import Evidence
from runfree.syntax.tree import Function

# Above this, two tests differ in a literal or a name. In real suites many tests look alike and still differ in what
# they reach: of untouched tests 43% have a neighbour above 0.9.
NEAR = 0.95


def duplicate_names(case: Case) -> Iterator[Evidence]:
    """The candidate's name used again in the suite; in Go, test-file functions that the focal file has too."""
    candidate = case.candidate
    twins = [
        f
        for f in case.suite.functions
        if f.qualified_name == candidate.qualified_name
        and f.span != candidate.span
        and _clash(case, f, candidate)
    ]
    if twins:
        if case.language == "python":
            message = f"`{candidate.name}` is defined more than once: only the last one runs"
            yield fact(case, "duplicate-name", message, "redundant", candidate.name_span)
        else:
            message = f"`{candidate.name}` is defined more than once: this does not compile"
            yield fact(case, "duplicate-name", message, "fails", candidate.name_span)
    if case.language == "go" and case.suite.package == case.focal.package:
        focal = {f.name for f in case.focal.functions if not f.owner}
        for function in case.suite.functions:
            if not function.owner and function.name in focal and function.name not in ("init", "_"):
                message = f"`{function.name}` is already defined in the focal file: this does not compile"
                yield fact(case, "duplicate-name", message, "fails", function.name_span)


def _clash(case: Case, one: Function, other: Function) -> bool:
    if case.language != "java":
        return True
    return [p.type for p in one.parameters] == [p.type for p in other.parameters]


def nearest(case: Case) -> tuple[Function | None, float]:
    """The existing test most like the candidate, and how like it is, in [0, 1]."""
    best, most = None, 0.0
    for test in case.existing:
        likeness = similarity(case.candidate, test)
        if likeness > most:
            best, most = test, likeness
    return best, most


def near_duplicates(case: Case) -> Iterator[Evidence]:
    """An existing test that the candidate repeats but for a detail."""
    test, likeness = nearest(case)
    if test is not None and likeness >= NEAR:
        same = "is the same as" if likeness == 1.0 else "is nearly the same as"
        yield fact(case, "near-duplicate", f"this test {same} `{test.qualified_name}`", "redundant")
