"""Makes `Evidence` out of a finding in the augmented suite: its place in the text that the candidate was given in."""

from __future__ import annotations

from typing import Literal

from runfree.canonical import Case
from runfree.sample import Evidence
from runfree.syntax.tree import Span

Weight = Literal["fails", "redundant", "unchecked", "new", "info"]


def fact(case: Case, code: str, message: str, weight: Weight, span: Span | None = None) -> Evidence:
    """A fact about the candidate at a place of the suite; outside the candidate, its name is pointed at."""
    place = span if span is not None and span.start_line in case.candidate.span else case.candidate.name_span
    one_line = place.end_line == place.start_line
    shift = case.candidate_shift
    return Evidence(
        code=code,
        message=message,
        path=case.test_path,
        line=place.start_line + case.candidate_offset,
        column=max(place.start_column + shift, 0) if one_line else 0,
        end_column=max(place.end_column + shift, 0) if one_line else 0,
        weight=weight,
    )


def focal_fact(case: Case, code: str, message: str, weight: Weight, line: int) -> Evidence:
    """A fact whose place is a line of the focal file."""
    return Evidence(code=code, message=message, path=case.focal_path, line=line, weight=weight, where="focal")
