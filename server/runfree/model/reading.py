"""What the abstract interpreter knows of a test, in the shape that the features want."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from runfree.interpreter.analyse import analyse_test
from runfree.interpreter.answers import Answers
from runfree.interpreter.budget import Budget
from runfree.model.line_features import Reading
from runfree.mutation import Mutant
from runfree.syntax.tree import Function, SourceFile

# Features must not depend on how busy the machine is: steps bound the work, the clock is only the last resort.
BUDGET = Budget()

_OUTCOMES = {"passes": 1, "unknown": 0, "fails": -1}


@lru_cache(maxsize=64)
def _other_tests(suite: SourceFile) -> tuple[tuple[int, int], ...]:
    """Line ranges (1-based, inclusive) of the tests of a suite, in order."""
    return tuple(sorted((t.span.start_line, t.span.end_line) for t in suite.tests))


def alone(suite: SourceFile, test: Function) -> tuple[str, int]:
    """The test file without its other tests, and what to add to a line of it inside the test to get the suite's line.

    Two edits of another test so leave a test's text, and what was computed for it, as it was.
    """
    lines = suite.text.split("\n")
    kept: list[str] = []
    position = removed_before = 0
    for start, end in _other_tests(suite):
        if start <= test.span.start_line and end >= test.span.end_line:
            continue
        if start - 1 < position:
            continue
        kept.extend(lines[position : start - 1])
        position = end
        if end < test.span.start_line:
            removed_before += end - start + 1
    kept.extend(lines[position:])
    if suite.language == "go":
        kept = _without_idle_imports(suite, lines, kept)
    return "\n".join(kept), removed_before


def _without_idle_imports(suite: SourceFile, whole: list[str], kept: list[str]) -> list[str]:
    """The kept lines with imports blanked that only the removed tests used: left in, the file would not compile."""

    def used(lines: list[str]) -> frozenset[str]:
        return frozenset(re.findall(r"\b(\w+)\s*\.", "\n".join(lines)))

    idle = used(whole) - used(kept)
    blank = {i.span.start_line - 1 for i in suite.imports if i.binds in idle}
    # Imports stand above every test, so their line numbers are those of the whole file.
    return ["" if number in blank else line for number, line in enumerate(kept)]


def _without_place(sentence: str, test_path: str) -> str:
    """The sentence without lines of the test file: they count in the text without its other tests."""
    name = re.escape(test_path.rsplit("/", 1)[-1] or "test_focal.py")
    return re.sub(rf"\s*\({name}:\d+\)", "", sentence)


def read_test(
    focal: SourceFile,
    suite: SourceFile,
    test: Function,
    mutants: Sequence[Mutant],
    focal_path: str = "",
    test_path: str = "",
    context: tuple[tuple[str, str], ...] = (),
) -> Reading:
    """Reads one test to its end without running it."""
    text, shift = alone(suite, test)
    answers: Answers = analyse_test(
        suite.language, focal.text, text, test.qualified_name, focal_path, test_path, BUDGET, context
    )
    failing = next((a for a in answers.assertions if a.state == "fails"), None)
    return Reading(
        grades=answers.line_grades,
        outcome=_OUTCOMES[answers.outcome],
        likely=_OUTCOMES[answers.likely],
        complete=answers.complete,
        loaded=answers.loaded,
        assertions=(
            sum(a.state == "holds" for a in answers.assertions),
            sum(a.state == "fails" for a in answers.assertions),
            sum(a.state == "unknown" for a in answers.assertions),
        ),
        reasons=len(answers.reasons),
        sentence=_without_place(answers.sentence or (failing.sentence if failing else ""), test_path),
        sentence_line=failing.line + shift if failing else 0,
    )
