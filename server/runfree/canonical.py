"""Brings every way of giving a candidate to one canonical form, a `Case`: header, helpers, existing tests, the one test."""

from __future__ import annotations

from dataclasses import dataclass

from runfree.sample import Language
from runfree.syntax.tree import Function, SourceFile


@dataclass(frozen=True, slots=True)
class Case:
    """One sample in canonical form; everything after this (evidence, features) reads only a `Case`.

    Attributes:
        focal: the focal file, parsed.
        suite: the augmented test file, parsed: header, helpers, existing tests and the candidate (an older version
            of the candidate, i.e. a test of the same name, is gone).
        candidate: the one test that is asked about; one of `suite.tests`.
        existing: the tests of `suite` that count as existing (never the candidate).
        candidate_offset: what to add to a 1-based line of `suite` inside the candidate to get the line in the text
            the candidate was given in.
        context: other files that matter, as (path, text).
    """

    language: Language
    focal_path: str
    test_path: str
    focal: SourceFile
    suite: SourceFile
    candidate: Function
    existing: tuple[Function, ...]
    candidate_offset: int = 0
    context: tuple[tuple[str, str], ...] = ()
