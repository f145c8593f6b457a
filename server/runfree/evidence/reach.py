"""Focal functions that tests reach by name through the call graph, and those that the candidate alone reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from runfree.canonical import Case
from runfree.evidence.fact import focal_fact
from runfree.evidence.python_names import called_functions
from runfree.evidence.suite_index import mentioned, suite_index
from runfree.evidence.targets import FocalIndex, focal_index
from runfree.sample import Evidence, Language
from runfree.syntax.tree import Function

# A finding a function is enough; more than this is a list nobody reads.
_MAX_SHOWN = 10


def reached_functions(case: Case, tests: Sequence[Function]) -> list[Function]:
    """Focal functions that the tests' calls name, directly, through helpers of the suite or each other.

    By name alone: methods of one name in several classes are all taken, so that it errs on the side of reaching.
    """
    index = focal_index(case)
    suite = suite_index(case)
    starts: list[Function] = list(tests)
    if any(test is case.candidate for test in tests):
        starts += called_functions(case)
    names: set[str] = set()
    for test in starts:
        names |= suite.mentioned(test)
    return _closure(case.language, case.focal.text, frozenset(names & _nameable(index)), index)


def _nameable(index: FocalIndex) -> frozenset[str]:
    return frozenset(f.name for f in index.file.functions) | frozenset(index.classes)


def _closure(language: Language, text: str, names: frozenset[str], index: FocalIndex) -> list[Function]:
    reached = _reached_spans(language, text, names)
    return [f for f in index.file.functions if f.span.start_byte in reached]


@lru_cache(maxsize=512)
def _reached_spans(language: Language, text: str, names: frozenset[str]) -> frozenset[int]:
    from runfree.syntax.parse import parse

    file = parse(language, text)
    by_name: dict[str, list[Function]] = {}
    for function in file.functions:
        by_name.setdefault(function.name, []).append(function)
        if function.name in ("__init__", "__post_init__", "__new__", "__enter__", "__exit__", "__call__"):
            by_name.setdefault(function.owner.split("::")[-1], []).append(function)
    found: set[int] = set()
    pending = [function for name in names for function in by_name.get(name, ())]
    while pending:
        function = pending.pop()
        if function.span.start_byte in found:
            continue
        found.add(function.span.start_byte)
        pending.extend(f for name in mentioned(function) for f in by_name.get(name, ()))
    return frozenset(found)


def reached_by_candidate_alone(case: Case) -> Iterator[Evidence]:
    """Focal functions within the candidate's reach and no existing test's."""
    # Fixtures and helpers count for the existing tests too, where there are any.
    shared = [f for fs in suite_index(case).helpers.values() for f in fs] if case.existing else []
    existing = {f.span.start_byte for f in reached_functions(case, [*case.existing, *shared])}
    alone = [f for f in reached_functions(case, [case.candidate]) if f.span.start_byte not in existing]
    for function in alone[:_MAX_SHOWN]:
        if function.lines:
            message = f"only this test reaches `{function.qualified_name}`"
            yield focal_fact(
                case, "reached-by-candidate-alone", message, "new", function.name_span.start_line
            )
