"""Features of the question «does this test, alone, cover this focal line?», one row a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from runfree.model.focal_index import STATIC_FEATURES, Floats, FocalIndex, row_sums
from runfree.model.reach import REACH_FEATURES, UNREACHED, Reach, reach
from runfree.model.test_view import TestView
from runfree.syntax.tree import Call, Function

ARGUMENT_KINDS = (
    "null", "true", "false", "zero", "negative", "number", "empty-string", "string", "empty-collection", "collection",
    "name", "call", "default-null", "default",
)  # fmt: skip

TEST_FEATURES: tuple[str, ...] = (
    "test_lines",
    "test_calls",
    "test_assertions",
    "test_literals",
    "test_cases",
    "test_loops",
    "test_expects_error",
    "reached_share",
    "direct_functions",
)

PAIR_FEATURES: tuple[str, ...] = (
    "line_overlap",
    "condition_overlap",
    "function_overlap",
    "line_tokens",
    "condition_literal_hits",
    "condition_literals",
    "raise_type_match",
    "raise_message_match",
    "condition_parameters_passed",
    *(f"argument_{kind}" for kind in ARGUMENT_KINDS),
)

INTERPRETER_FEATURES: tuple[str, ...] = (
    "read_grade",  # 0 never, 1 possibly, 2 likely, 3 certainly executed; -1 not read
    "read_outcome",  # -1 fails, 0 unknown, 1 passes
    "read_function_grade",  # highest grade of the line's function
)

LINE_FEATURES: tuple[str, ...] = (
    *STATIC_FEATURES,
    *(f"reach_{name}" for name in REACH_FEATURES),
    *TEST_FEATURES,
    *PAIR_FEATURES,
    *INTERPRETER_FEATURES,
)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the abstract interpreter knows of one test.

    Attributes:
        grades: focal line -> 0 never, 1 possibly, 2 likely, 3 certainly executed; {} where the test was not read.
        outcome, likely: -1 fails, 0 unknown, 1 passes (`likely`: if nothing unknown raises or does not hold).
        complete: every path was followed to its end. loaded: the files load.
        assertions: how many hold, fail, are unknown. reasons: how many kinds of things stayed unknown.
        mutants: per mutant 0 unknown, 1 survives, 2 killed; None where none were read.
        sentence, sentence_line: why it fails, and the suite's line of the assertion (0 where there is none).
    """

    grades: dict[int, int]
    outcome: int
    likely: int = 0
    complete: bool = False
    loaded: bool = True
    assertions: tuple[int, int, int] = (0, 0, 0)
    reasons: int = 0
    mutants: tuple[int, ...] | None = None
    sentence: str = ""
    sentence_line: int = 0


UNREAD = Reading({}, 0)


def argument_kind(text: str) -> str:
    """Which of `ARGUMENT_KINDS` an argument's source text is."""
    text = text.strip()
    if text in ("None", "null", "nil"):
        return "null"
    if text.lower() in ("true", "false"):
        return text.lower()
    if re.fullmatch(r"0+(\.0*)?[lLfFdD]?", text):
        return "zero"
    if re.fullmatch(r"-\s*[\d.]+\w*", text):
        return "negative"
    if re.fullmatch(r"[\d.][\w.]*", text):
        return "number"
    if re.fullmatch(r"[rbuf]*(\"\"|''|``|\"{6})", text):
        return "empty-string"
    if re.match(r"[rbufRBUF]{0,2}[\"'`]", text):
        return "string"
    if re.fullmatch(
        r"[\[({]\s*[\])}]|.*\{\s*\}|(?:dict|list|set|tuple)\(\)|.*\.(?:of|emptyList|emptyMap)\(\)", text
    ):
        return "empty-collection"
    if re.match(r"[\[({]|\w*(?:\[\w*\])+\w*\{|new\s+\w+\[", text):
        return "collection"
    if re.fullmatch(r"[A-Za-z_][\w.]*", text):
        return "name"
    return "call"


def _passed(function: Function, call: Call) -> dict[str, str]:
    """Parameter name -> kind of what the call passes for it (defaults included)."""
    formal = [p for p in function.parameters if p.kind != "keywords"]
    if function.owner and formal and formal[0].name in ("self", "cls"):
        formal = formal[1:]
    given: dict[str, str] = {}
    keywords: dict[str, str] = {}
    positional: list[str] = []
    for argument in call.arguments:
        name, _, value = argument.partition("=")
        if name.strip() in call.keywords and value and not value.startswith("="):
            keywords[name.strip()] = value
        else:
            positional.append(argument)
    for i, parameter in enumerate(formal):
        if parameter.name in keywords:
            given[parameter.name] = argument_kind(keywords[parameter.name])
        elif i < len(positional) and parameter.kind == "positional":
            given[parameter.name] = argument_kind(positional[i])
        elif parameter.optional and not call.spread:
            pattern = rf"\b{re.escape(parameter.name)}\b[^,()=]*=\s*None\b"
            given[parameter.name] = "default-null" if re.search(pattern, function.text) else "default"
    return given


def line_features(
    view: TestView, index: FocalIndex, reading: Reading, reached: Reach | None = None
) -> Floats:
    """Features of every line of the focal file for one test, shape (n, len(LINE_FEATURES)), float32."""
    reached = reached or reach(view, index)
    n = len(index.lines)
    owner = index.function_of
    inside = owner >= 0
    reach_rows = np.full((n, len(REACH_FEATURES)), 0.0, dtype=np.float32)
    if inside.any():
        reach_rows[inside] = reached.features[owner[inside]]

    distances = reached.features[:, 0]
    test = view.test
    test_row = np.array(
        [
            view.size,
            len(view.calls),
            len(view.assertions),
            len(view.literals),
            test.cases,
            sum(b.kind in ("for", "while") for b in test.branches),
            view.catches,
            float((distances < UNREACHED).mean()) if len(distances) else 0.0,
            len(reached.direct),
        ],
        dtype=np.float32,
    )

    pair = np.zeros((n, len(PAIR_FEATURES)), dtype=np.float32)
    present = np.zeros(len(index.rarity), dtype=np.float32)
    for token in view.tokens:
        position = index.vocabulary.get(token)
        if position is not None:
            present[position] = 1.0
    hit = index.rarity * present
    for column, csr in ((0, index.line_tokens), (1, index.condition_tokens)):
        total = row_sums(csr, index.rarity)
        pair[:, column] = row_sums(csr, hit) / np.maximum(total, 1e-6)
        pair[total == 0, column] = -1
    if len(index.functions):
        total = row_sums(index.function_tokens, index.rarity[: len(index.rarity)])
        share = row_sums(index.function_tokens, hit) / np.maximum(total, 1e-6)
        pair[inside, 2] = share[owner[inside]]
    pair[:, 3] = np.diff(index.line_tokens[0])

    argument_column = len(PAIR_FEATURES) - len(ARGUMENT_KINDS)
    passed: dict[int, list[dict[str, str]]] = {
        target: [_passed(index.functions[target], call) for call in calls[:32]]
        for target, calls in reached.direct.items()
    }
    message = " ".join(view.error_messages).lower()
    for row in range(n):
        wanted = index.condition_literals[row]
        if wanted:
            pair[row, 4] = len(wanted & view.literal_values)
            pair[row, 5] = len(wanted)
        types = index.raise_types[row]
        if types:
            pair[row, 6] = 2 if types & view.expected_errors else (1 if view.catches else 0)
            text = index.raise_messages[row].lower()
            pair[row, 7] = bool(message) and bool(text) and (message[:40] in text or text[:40] in message)
        names = index.condition_parameters[row]
        if names:
            calls = passed.get(int(owner[row]), ())
            for given in calls:
                for name in names:
                    kind = given.get(name)
                    if kind is not None:
                        pair[row, argument_column + ARGUMENT_KINDS.index(kind)] += 1
                        pair[row, 8] += kind not in ("default", "default-null")
        else:
            pair[row, 8] = -1

    read = np.full((n, len(INTERPRETER_FEATURES)), -1.0, dtype=np.float32)
    read[:, 1] = reading.outcome
    if reading.grades:
        grades = np.array([reading.grades.get(int(line), -1) for line in index.lines], dtype=np.float32)
        read[:, 0] = grades
        best = np.zeros(len(index.functions) + 1, dtype=np.float32)
        np.maximum.at(best, owner, grades)  # -1 (module level) falls on the last slot
        read[:, 2] = best[owner]
    return np.concatenate(
        [index.static, reach_rows, np.broadcast_to(test_row, (n, len(test_row))), pair, read], axis=1
    )
