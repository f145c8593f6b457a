"""Features of the question «does this test, alone, kill this mutant?», one row a mutant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from runfree.model.focal_index import Floats, FocalIndex, Ints
from runfree.model.line_features import LINE_FEATURES
from runfree.model.test_view import TestView
from runfree.model.tokens import length
from runfree.mutation import OPERATORS, Mutant

ASSERTION_KINDS = (
    "equal", "not-equal", "true", "false", "null", "not-null", "raises", "contains", "type", "compare", "approx", "fail", "mock", "other",
)  # fmt: skip

# What a mutant takes over from its line: what the line model knows of it that bears on killing.
_FROM_LINE = (
    "module_level", "fraction_of_function", "branch_depth", "branch_kind", "enclosing_except", "enclosing_loop", "earlier_exits",
    "is_raise", "is_return", "branch_raises", "private", "constructor", "condition_kind", "file_functions", "language",
    "reach_distance", "reach_guards", "reach_direct_calls", "reach_ambiguity", "reach_by_member",
    "test_lines", "test_calls", "test_literals", "test_cases", "test_expects_error", "direct_functions",
    "line_overlap", "condition_overlap", "function_overlap", "condition_literal_hits", "raise_type_match", "raise_message_match",
    "read_grade", "read_outcome", "read_function_grade",
)  # fmt: skip
_COLUMNS = np.array([LINE_FEATURES.index(name) for name in _FROM_LINE])

MUTANT_FEATURES: tuple[str, ...] = (
    "line_probability",
    "function_probability",  # mean line probability over the mutant's function
    "operator",
    "replacement_length",
    "function_in_assertion",
    "result_in_assertion",
    "literal_in_test",
    "assertions_per_call",
    *(f"assertions_{kind}" for kind in ASSERTION_KINDS),
    "mutants_on_line",
    "read_mutant",  # -1 not read, 0 unknown, 1 survives, 2 killed
    *_FROM_LINE,
)


def mutant_features(
    view: TestView,
    index: FocalIndex,
    mutants: Sequence[Mutant],
    lines: Floats,
    answers: Sequence[int] | None = None,
) -> Floats:
    """Features of every mutant for one test, shape (m, len(MUTANT_FEATURES)), float32.

    `lines` are the test's line features (n, ...); `answers` (m,) what the interpreter says of each mutant (see
    "read_mutant"). The columns that need the line model's answers are zero: see `with_line_answers`.
    """
    m = len(mutants)
    out = np.zeros((m, len(MUTANT_FEATURES)), dtype=np.float32)
    if not m:
        return out
    asserted = " ".join(f"{a.actual} {a.expected}" for a in view.assertions)
    asserted_words = set(re.findall(r"[A-Za-z_]\w*", asserted))
    called_words = asserted_words - view.variables  # a variable of the function's name is no call of it
    from_result = {made.split(".")[-1] for name, made in view.made.items() if name in asserted_words}
    kinds = np.array([sum(a.kind == k for a in view.assertions) for k in ASSERTION_KINDS], dtype=np.float32)
    per_call = len(view.assertions) / max(1, len(view.calls))
    positions = line_positions(index, mutants)
    on_line = Counter(positions.tolist())
    variables = {f.qualified_name: f.binds - {p.name for p in f.parameters} for f in index.functions}
    for row, mutant in enumerate(mutants):
        bare = mutant.function.replace("::", ".").split(".")[-1]
        own = variables.get(mutant.function, frozenset())
        literal = mutant.original.strip("rbuf\"'`")
        out[row, : 8 + len(ASSERTION_KINDS) + 2] = (
            0.0,
            0.0,
            OPERATORS.index(mutant.operator),
            length(mutant.replacement, own) - length(mutant.original, own),
            bare in called_words,
            bare in from_result,
            bool(literal) and literal in view.literal_values,
            per_call,
            *kinds,
            on_line[int(positions[row])],
            -1 if answers is None else answers[row],
        )
    if len(index.lines):
        out[:, -len(_FROM_LINE) :] = lines[positions][:, _COLUMNS]
    return out


def line_positions(index: FocalIndex, mutants: Sequence[Mutant]) -> Ints:
    """Row (m,) of each mutant's line; one inside a statement of several lines belongs to the statement's first line."""
    wanted = np.array([m.line for m in mutants], dtype=np.int32)
    return np.maximum(np.searchsorted(index.lines, wanted, side="right") - 1, 0).astype(np.int32)


def with_line_answers(rows: Floats, positions: Ints, function_of: Ints, probabilities: Floats) -> Floats:
    """Mutant features with the line model's answers (n,) filled in; `positions` as `line_positions` gives them."""
    if not len(rows) or not len(probabilities):
        return rows
    filled = rows.copy()
    filled[:, 0] = probabilities[positions]
    sums = np.bincount(function_of + 1, weights=probabilities)
    sizes = np.bincount(function_of + 1)
    filled[:, 1] = (sums / np.maximum(sizes, 1))[function_of[positions] + 1]
    return filled
