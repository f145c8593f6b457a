"""Runs every rule over a case and orders what they find, strongest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runfree.canonical import Case
from runfree.evidence.arguments import wrong_arguments
from runfree.evidence.duplicates import duplicate_names, near_duplicates
from runfree.evidence.exceptions import errors_never_raised
from runfree.evidence.go_names import go_names
from runfree.evidence.import_places import misplaced_imports
from runfree.evidence.java_names import java_names
from runfree.evidence.members import undefined_members, unknown_imports
from runfree.evidence.python_names import undefined_names, unknown_fixtures
from runfree.evidence.reach import reached_by_candidate_alone
from runfree.evidence.syntax_errors import syntax_errors
from runfree.evidence.unchecked import no_assertion
from runfree.sample import Evidence, Language

Rule = Callable[[Case], Iterable[Evidence]]

# More findings than this say nothing new, and a hostile file could have thousands.
MAX_FINDINGS = 50

RULES: tuple[Rule, ...] = (
    syntax_errors,
    unknown_imports,
    wrong_arguments,
    undefined_members,
    errors_never_raised,
    duplicate_names,
    near_duplicates,
    no_assertion,
    reached_by_candidate_alone,
)
LANGUAGE_RULES: dict[Language, tuple[Rule, ...]] = {
    "python": (undefined_names, unknown_fixtures, misplaced_imports),
    "java": (java_names,),
    "go": (go_names,),
}

_ORDER = ("fails", "redundant", "unchecked", "new", "info")


def evidence(case: Case) -> tuple[Evidence, ...]:
    """Every fact found about the candidate, strongest first: what speaks against passing, then the gains."""
    found: list[Evidence] = []
    for rule in (*RULES, *LANGUAGE_RULES[case.language]):
        for item in rule(case):
            if item not in found:
                found.append(item)
            if len(found) >= MAX_FINDINGS:
                break
    found.sort(key=lambda item: _ORDER.index(item.weight))
    return tuple(found[:MAX_FINDINGS])
