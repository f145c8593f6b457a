"""What is asked of the model about one test, and the answers; the same code trains, scores and evaluates.

A test is asked about alone: which focal lines does it cover, which mutants does it kill. The answers of a candidate and
of the existing tests are then combined into one row for the gains (see `gain_row`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from runfree.model.focal_index import Floats, FocalIndex, Ints
from runfree.model.gain_features import GAIN_FEATURES, gain_features
from runfree.model.line_features import LINE_FEATURES, Reading, line_features
from runfree.model.mutant_features import MUTANT_FEATURES, line_positions, mutant_features, with_line_answers
from runfree.model.pass_features import PASS_FEATURES
from runfree.model.reach import Reach, reach
from runfree.model.reading import read_test
from runfree.model.test_view import TestView, test_view
from runfree.mutation import Mutant
from runfree.syntax.tree import Function, SourceFile


class Heads(Protocol):
    """Anything that answers feature rows with probabilities: the ONNX model, or boosters in training."""

    def scores(self, head: str, rows: Floats) -> Floats:
        """Probabilities (r,) of one head for feature rows (r, width)."""


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """One test before the model is asked.

    `lines` is (n, len(LINE_FEATURES)), `mutants` (m, len(MUTANT_FEATURES)) without the line model's answers.
    """

    view: TestView
    reached: Reach
    reading: Reading
    lines: Floats
    mutants: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One test after: probability per line (n,) and per mutant (m,), and what was computed for certain.

    `line_grades` (n,) as `Reading.grades`; `mutant_grades` (m,): 0 survives, 1 unknown, 3 killed.
    """

    lines: Floats
    mutants: Floats
    line_grades: Floats
    mutant_grades: Floats


def ask(
    index: FocalIndex,
    suite: SourceFile,
    test: Function,
    mutants: Sequence[Mutant],
    focal_path: str = "",
    test_path: str = "",
    context: tuple[tuple[str, str], ...] = (),
) -> Questions:
    """Reads one test of a suite against the focal file; `context` holds other files that matter, as (path, text)."""
    view = test_view(suite, test)
    reading = read_test(index.source, suite, test, mutants, focal_path, test_path, context)
    reached = reach(view, index)
    lines = line_features(view, index, reading, reached)
    return Questions(
        view, reached, reading, lines, mutant_features(view, index, mutants, lines, reading.mutants)
    )


def line_grades(questions: Questions, index: FocalIndex) -> Floats:
    """Grades (n,) of the focal lines for one test; 1 (unknown) everywhere if it was not read."""
    grades = questions.reading.grades
    if not grades:
        return np.ones(len(index.lines), dtype=np.float32)
    return np.array([grades.get(int(line), 1) for line in index.lines], dtype=np.float32)


def mutant_grades(questions: Questions, count: int) -> Floats:
    """Grades (m,) of the mutants for one test: 0 survives, 1 unknown, 3 killed."""
    told = questions.reading.mutants
    if told is None:
        return np.ones(count, dtype=np.float32)
    return np.array([{1: 0.0, 2: 3.0}.get(t, 1.0) for t in told], dtype=np.float32)


def answer(questions: Questions, index: FocalIndex, mutants: Sequence[Mutant], heads: Heads) -> Answers:
    """Asks the line and the mutant head about one test."""
    lines = heads.scores("lines", questions.lines)
    positions = line_positions(index, mutants)
    killed = heads.scores(
        "mutants", with_line_answers(questions.mutants, positions, index.function_of, lines)
    )
    return Answers(lines, killed, line_grades(questions, index), mutant_grades(questions, len(mutants)))


EXTRA_FEATURES = (
    "language",
    "test_lines",
    "assertions",
    "equal_assertions",
    "expects_error",
    "read_outcome",
    "direct_functions",
    "cases",
    "focal_functions",
)
GAIN_ROW: tuple[str, ...] = (
    *(f"line_{name}" for name in GAIN_FEATURES),
    *(f"mutant_{name}" for name in GAIN_FEATURES),
    *EXTRA_FEATURES,
    "similarity",
)

HEAD_FEATURES: dict[str, tuple[str, ...]] = {
    "lines": LINE_FEATURES,
    "mutants": MUTANT_FEATURES,
    "passes": PASS_FEATURES,
    "coverage": GAIN_ROW,
    "mutation": GAIN_ROW,
}


def mutant_groups(index: FocalIndex, mutants: Sequence[Mutant]) -> Ints:
    """Function index (m,) of each mutant, -1 at module level."""
    position = {f.qualified_name: i for i, f in enumerate(index.functions)}
    return np.array([position.get(m.function, -1) for m in mutants], dtype=np.int32)


def extra_features(questions: Questions, index: FocalIndex) -> Floats:
    """What the second stage knows of the candidate itself, shape (len(EXTRA_FEATURES),), float32."""
    view = questions.view
    row = (
        {"python": 0, "java": 1, "go": 2}[index.source.language],
        view.size,
        len(view.assertions),
        sum(a.kind == "equal" for a in view.assertions),
        view.catches,
        questions.reading.outcome,
        len(questions.reached.direct),
        view.test.cases,
        len(index.functions),
    )
    return np.array(row, dtype=np.float32)


def gain_row(
    candidate: Answers,
    existing: Sequence[Answers],
    function_of: Ints,
    groups: Ints,
    extra: Floats,
    similarity: float,
) -> Floats:
    """The second stage's features for one candidate, shape (len(GAIN_ROW),), float32.

    `function_of` (n,) and `groups` (m,) give the function of each line and mutant; `extra` as `extra_features`.
    """
    over_lines = gain_features(
        candidate.lines,
        _stack([e.lines for e in existing], candidate.lines),
        function_of,
        candidate.line_grades,
        _stack([e.line_grades for e in existing], candidate.lines),
    )
    over_mutants = gain_features(
        candidate.mutants,
        _stack([e.mutants for e in existing], candidate.mutants),
        groups,
        candidate.mutant_grades,
        _stack([e.mutant_grades for e in existing], candidate.mutants),
    )
    return np.concatenate([over_lines, over_mutants, extra, np.array([similarity], dtype=np.float32)])


def _stack(rows: list[Floats], like: Floats) -> Floats:
    return np.stack(rows) if rows else np.zeros((0, len(like)), dtype=np.float32)
