"""What the abstract interpreter knows of a test, in the shape that the features want."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from runfree.interpreter.analyse import analyse_test
from runfree.interpreter.answers import Answers
from runfree.interpreter.budget import Budget
from runfree.interpreter.mutants import mutant_answers
from runfree.model.alone import alone
from runfree.model.focal_index import focal_index
from runfree.model.line_features import Reading
from runfree.model.mutant_features import line_positions
from runfree.model.tokens import without_strings
from runfree.mutation import Mutant
from runfree.syntax.tree import Function, SourceFile

# Features must not depend on how busy the machine is: steps bound the work, the clock is only the last resort.
BUDGET = Budget()

_FATES = {"unknown": 0, "survives": 1, "killed": 2}
_OUTCOMES = {"passes": 1, "unknown": 0, "fails": -1}


def _without_place(sentence: str, test_path: str) -> str:
    """The sentence without lines of the test file: they count in the text without its other tests."""
    name = re.escape(test_path.rsplit("/", 1)[-1] or "test_focal.py")
    return re.sub(rf"\s*\({name}:\d+\)", "", sentence)


def on_statements(focal: SourceFile, mutants: Sequence[Mutant]) -> list[Mutant]:
    """The mutants, those inside brackets that a statement left open placed on that statement's first line.

    What a test executes is known by statement; where its lines are broken makes no difference.
    """
    index = focal_index(focal)
    lines = focal.text.split("\n")
    executable = set(index.lines.tolist())
    placed = []
    for mutant, position in zip(mutants, line_positions(index, mutants), strict=True):
        if mutant.line not in executable and len(index.lines):
            first = int(index.lines[position])
            before = without_strings("\n".join(lines[first - 1 : mutant.line - 1]))
            if first < mutant.line and sum(map(before.count, "([")) > sum(map(before.count, ")]")):
                mutant = replace(mutant, line=first)
        placed.append(mutant)
    return placed


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
    fates = mutant_answers(
        suite.language,
        focal.text,
        text,
        test.qualified_name,
        focal_path,
        test_path,
        on_statements(focal, mutants),
        BUDGET,
        context,
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
        reasons=len({reason.code for reason in answers.reasons}),
        mutants=tuple(_FATES[fates[i]] for i in range(len(mutants))),
        sentence=_without_place(answers.sentence or (failing.sentence if failing else ""), test_path),
        sentence_line=failing.line + shift if failing else 0,
    )
