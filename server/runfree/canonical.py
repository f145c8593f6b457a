"""Brings every way of giving a candidate to one canonical form, a `Case`: header, helpers, existing tests, the one test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runfree.errors import RunfreeError
from runfree.merge import Merged, merge, outside
from runfree.sample import Language, Sample
from runfree.syntax.comments import without_comments
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, SourceFile, Span


@dataclass(frozen=True, slots=True)
class Case:
    """One sample in canonical form; everything after this (evidence, features) reads only a `Case`.

    Comments are blanked out in all its texts (lines and columns stay): nothing written in one can move a prediction.

    Attributes:
        focal: the focal file, parsed.
        suite: the augmented test file, parsed: header, helpers, existing tests and the candidate (an older version
            of the candidate, i.e. a test of the same name, is gone). In a case of `file_cases` it also holds the
            tests below the candidate that do not count: read `existing`, not `suite.tests`.
        candidate: the one test that is asked about; one of `suite.tests`.
        existing: the tests of `suite` that count as existing (never the candidate).
        candidate_offset: what to add to a 1-based line of `suite` inside the candidate to get the line in the text
            the candidate was given in.
        context: other files that matter, as (path, text).
        candidate_shift: what to add to a byte column inside the candidate to get the column in the given text.
        new_imports: local names of the imports that only the candidate brings.
        missing_names: names that the candidate's own file reads and does not bind, though the existing file does;
            empty unless the candidate is a whole file (one that repeats the existing header).
        idle_imports: import paths of a whole Go file that nothing in it uses: it does not compile as it was given.
        error_lines: 1-based lines with syntax errors in the text the candidate was given in, other tests' left out.
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
    candidate_shift: int = 0
    new_imports: frozenset[str] = frozenset()
    missing_names: frozenset[str] = frozenset()
    idle_imports: frozenset[str] = frozenset()
    error_lines: tuple[int, ...] = ()


def canonical(sample: Sample) -> Case:
    """The case of one sample.

    Raises:
        RunfreeError: the candidate holds no test, or not the test asked for, or a text is too large to be read.
    """
    existing, given = (without_comments(sample.language, t) for t in (sample.existing, sample.candidate))
    merged = merge(sample.language, existing, given, sample.test_name)
    suite = parse(sample.language, merged.text)
    candidate = _candidate(suite, merged)
    if candidate is None and existing:
        # The existing text is too broken for a test to be seen in it: the candidate stands alone.
        merged = merge(sample.language, "", given, sample.test_name)
        suite = parse(sample.language, merged.text)
        candidate = _candidate(suite, merged)
    if candidate is None:
        raise RunfreeError(f"the test {merged.name!r} could not be read")
    return Case(
        language=sample.language,
        focal_path=sample.focal_path,
        test_path=sample.test_path,
        focal=focal_file(sample.language, sample.focal),
        suite=suite,
        candidate=candidate,
        existing=tuple(t for t in suite.tests if t.qualified_name != candidate.qualified_name),
        candidate_offset=merged.given_line - candidate.name_span.start_line,
        context=sample.context,
        candidate_shift=merged.given_column - candidate.name_span.start_column,
        new_imports=merged.new_imports,
        missing_names=merged.missing_names,
        idle_imports=merged.idle_imports,
        error_lines=merged.error_lines,
    )


def file_cases(
    language: Language,
    focal: str,
    test_text: str,
    names: Iterable[str],
    *,
    everything: bool = False,
    focal_path: str = "",
    test_path: str = "",
    context: tuple[tuple[str, str], ...] = (),
) -> list[Case]:
    """The cases of the named tests of one test file, in order of place; unknown names are left out.

    Existing tests of each: the tests that are not in `names`, and those of `names` above it, so that the first to
    reach a line gets the credit; with `everything`, all the others. The cases share their parsed files.

    Raises:
        RunfreeError: a text is too large to be read.
    """
    suite, source = suite_file(language, test_text), focal_file(language, focal)
    wanted = set(names)
    last = {test.qualified_name: test for test in suite.tests}
    cases = []
    for candidate in suite.tests:
        name = candidate.qualified_name
        if name not in wanted or last[name] is not candidate:
            continue
        existing = (
            test
            for test in suite.tests
            if test.qualified_name != name
            and (everything or test.qualified_name not in wanted or _before(test.span, candidate.span))
        )
        cases.append(
            Case(
                language=language,
                focal_path=focal_path,
                test_path=test_path,
                focal=source,
                suite=suite,
                candidate=candidate,
                existing=tuple(existing),
                context=context,
                error_lines=_own_errors(suite, candidate),
            )
        )
    return cases


def focal_file(language: Language, text: str) -> SourceFile:
    """A focal file as a case holds it: without comments, but for those that say what coverage leaves out.

    Raises:
        RunfreeError: the text is too large to be read.
    """
    return parse(language, without_comments(language, text, keep_pragmas=True))


def suite_file(language: Language, text: str) -> SourceFile:
    """A test file as a case holds it: without comments.

    Raises:
        RunfreeError: the text is too large to be read.
    """
    return parse(language, without_comments(language, text))


def _candidate(suite: SourceFile, merged: Merged) -> Function | None:
    by_name = {test.qualified_name: test for test in suite.tests}
    found = by_name.get(merged.name)
    if found is None:
        # A class that was renamed or joined changes the owner: the bare name is then enough, if it is the only one.
        bare = [f for f in (*suite.functions, *suite.tests) if f.name == merged.bare_name]
        found = bare[-1] if bare else None
    return found


def _before(one: Span, other: Span) -> bool:
    return one.start_byte < other.start_byte


def _own_errors(suite: SourceFile, candidate: Function) -> tuple[int, ...]:
    if not suite.error_lines:
        return ()
    return tuple(outside(suite.error_lines, (f.span for f in suite.functions if f is not candidate)))
