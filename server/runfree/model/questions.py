"""What is asked of the model about one test, and the answers; the same code trains, scores and evaluates.

A test is asked about alone: which focal lines does it cover, which mutants does it kill. The answers of a candidate and
of the existing tests are then combined into one row for the gains (see `gain_row`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from runfree.canonical import Case
from runfree.model.focal_index import FocalIndex, Floats
from runfree.model.gain_features import GAIN_FEATURES, gain_features
from runfree.model.line_features import LINE_FEATURES, Reading, line_features
from runfree.model.mutant_features import MUTANT_FEATURES, mutant_features
from runfree.model.pass_features import PASS_FEATURES, pass_features
from runfree.model.reach import Reach, reach
from runfree.model.reading import read_test
from runfree.model.test_view import TestView, test_view
from runfree.mutation import Mutant
from runfree.sample import Evidence
from runfree.syntax.tree import Function, SourceFile


class Heads(Protocol):
    """Anything that answers feature rows with probabilities: the ONNX model, or boosters in training."""

    def scores(self, head: str, rows: Floats) -> Floats:
        """Probabilities (r,) of one head for feature rows (r, width)."""


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """One test before the model is asked: `lines` is (n, len(LINE_FEATURES))."""

    view: TestView
    reached: Reach
    reading: Reading
    lines: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One test after: probability per line (n,) and per mutant (m,), and what was computed for certain.

    `line_grades` (n,) as `Reading.grades`; `mutant_grades` (m,): 0 survives, 1 unknown, 3 killed.
    """

    lines: Floats
    mutants: Floats
    line_grades: Floats
    mutant_grades: Floats


def ask(index: FocalIndex, suite: SourceFile, test: Function, mutants: Sequence[Mutant]) -> Questions:
    """Reads one test of a suite against the focal file."""
    view = test_view(suite, test)
    reading = read_test(index.source, suite, test, mutants)
    reached = reach(view, index)
    return Questions(view, reached, reading, line_features(view, index, reading, reached))


def mutant_rows(questions: Questions, index: FocalIndex, mutants: Sequence[Mutant], probabilities: Floats) -> Floats:
    """Mutant features (m, len(MUTANT_FEATURES)) given the line model's answers (n,)."""
    return mutant_features(
        questions.view, index, mutants, questions.lines, probabilities, questions.reached, questions.reading.mutants
    )


def line_grades(questions: Questions, index: FocalIndex) -> Floats:
    """Grades (n,) of the focal lines for one test; 1 (unknown) everywhere if it was not read."""
    grades = questions.reading.grades
    if not grades:
        return np.ones(len(index.lines), dtype=np.float32)
    return np.array([grades.get(int(line), 0) for line in index.lines], dtype=np.float32)


def mutant_grades(questions: Questions, count: int) -> Floats:
    """Grades (m,) of the mutants for one test: 0 survives, 1 unknown, 3 killed."""
    told = questions.reading.mutants
    if told is None:
        return np.ones(count, dtype=np.float32)
    return np.array([{1: 0.0, 2: 3.0}.get(t, 1.0) for t in told], dtype=np.float32)


def answer(questions: Questions, index: FocalIndex, mutants: Sequence[Mutant], heads: Heads) -> Answers:
    """Asks the line and the mutant head about one test."""
    lines = heads.scores("lines", questions.lines)
    killed = heads.scores("mutants", mutant_rows(questions, index, mutants, lines))
    return Answers(lines, killed, line_grades(questions, index), mutant_grades(questions, len(mutants)))


EXTRA_FEATURES = (
    "similarity",
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
)

HEAD_FEATURES: dict[str, tuple[str, ...]] = {
    "lines": LINE_FEATURES,
    "mutants": MUTANT_FEATURES,
    "passes": PASS_FEATURES,
    "coverage": GAIN_ROW,
    "mutation": GAIN_ROW,
}


def mutant_groups(index: FocalIndex, mutants: Sequence[Mutant]) -> Floats:
    """Function index (m,) of each mutant, -1 at module level."""
    position = {f.qualified_name: i for i, f in enumerate(index.functions)}
    return np.array([position.get(m.function, -1) for m in mutants], dtype=np.float32)


def gain_row(
    questions: Questions,
    candidate: Answers,
    existing: Sequence[Answers],
    index: FocalIndex,
    groups: Floats,
    similarity: float,
) -> Floats:
    """The second stage's features for one candidate, shape (len(GAIN_ROW),), float32."""
    n, m = len(candidate.lines), len(candidate.mutants)

    def stack(rows: list[Floats], width: int) -> Floats:
        return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)

    known_lines = stack([e.line_grades for e in existing], n)
    known_mutants = stack([e.mutant_grades for e in existing], m)
    over_lines = gain_features(
        candidate.lines,
        stack([e.lines for e in existing], n),
        index.function_of.astype(np.float32),
        candidate.line_grades,
        known_lines.max(axis=0) if len(existing) else np.zeros(n, dtype=np.float32),
    )
    over_mutants = gain_features(
        candidate.mutants,
        stack([e.mutants for e in existing], m),
        groups,
        candidate.mutant_grades,
        known_mutants.max(axis=0) if len(existing) else np.zeros(m, dtype=np.float32),
    )
    view = questions.view
    extra = np.array(
        [
            similarity,
            {"python": 0, "java": 1, "go": 2}[index.source.language],
            len(view.test.lines),
            len(view.assertions),
            sum(a.kind == "equal" for a in view.assertions),
            view.catches,
            questions.reading.outcome,
            len(questions.reached.direct),
            view.test.cases,
            len(index.functions),
        ],
        dtype=np.float32,
    )
    return np.concatenate([over_lines, over_mutants, extra])


def pass_row(
    case: Case,
    questions: Questions,
    index: FocalIndex,
    evidence: Sequence[Evidence],
    probabilities: Floats,
    similarity: float,
) -> Floats:
    """The pass head's features for one candidate, shape (len(PASS_FEATURES),), float32."""
    return pass_features(
        case,
        questions.view,
        index,
        questions.reached,
        questions.reading,
        evidence,
        questions.lines,
        probabilities,
        similarity,
    )


