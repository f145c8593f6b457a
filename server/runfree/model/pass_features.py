"""Features of the question «does the candidate compile and pass, and break nothing?», one row a candidate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from runfree.canonical import Case
from runfree.model.focal_index import Floats, FocalIndex
from runfree.model.line_features import Reading
from runfree.model.mutant_features import ASSERTION_KINDS
from runfree.model.reach import UNREACHED, Reach
from runfree.model.test_view import TestView, statements, variables_of
from runfree.model.tokens import length, literal_value, literals_of, squeezed
from runfree.sample import Evidence
from runfree.syntax.tree import Assertion, Function

# Rules of `runfree.evidence` whose findings are features, by their stable codes; anything else is counted by weight.
EVIDENCE_CODES: tuple[str, ...] = (
    "undefined-name", "unresolved-name", "undefined-member", "missing-import", "unknown-import", "unused-import", "unused-variable",
    "argument-count", "unknown-keyword", "unknown-fixture", "duplicate-name", "near-duplicate", "no-assertion", "error-never-raised",
    "message-never-used", "syntax-error", "reached-by-candidate-alone",
)  # fmt: skip

PASS_FEATURES: tuple[str, ...] = (
    *(f"evidence_{code}" for code in EVIDENCE_CODES),
    "evidence_fails",
    "read_outcome",
    "read_likely",
    "read_complete",
    "read_loaded",
    "read_holds",
    "read_fails",
    "read_unknown",
    "read_reasons",
    "read_share",  # share of focal functions it reaches that were read at least "likely"
    "language",
    "test_lines",
    "test_calls",
    "test_literals",
    "test_cases",
    "test_loops",
    "parts",
    "decorators",
    "parameters",
    *(f"assertions_{kind}" for kind in ASSERTION_KINDS),
    "existing_tests",
    "suite_lines",
    "similarity",
    "contradictions",
    "agreements",
    "same_call_other_value",
    "novel_calls",
    "novel_members",
    "novel_names",
    "novel_tokens",
    "focal_tokens",
    "expected_in_focal",
    "expected_in_existing",
    "expected_length",
    "expected_numbers",
    "expects_error",
    "error_in_reach",
    "error_in_focal",
    "error_message_in_focal",
    "reached_share",
    "direct_functions",
    "direct_ambiguity",
    "unreached_target",
    "focal_functions",
    "focal_lines",
    "argument_share",
    "uses_mock",
    "touches_world",
    "has_error",
    "lines_sum",
    "raise_lines_max",
    "raise_lines_sum",
)

_MOCK = re.compile(r"\b(mock|Mock|MagicMock|patch|monkeypatch|Mockito|when\(|gomock)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORLD = re.compile(
    r"\b(open\(|tmp_path|tmpdir|Path\(|File|socket|requests|urlopen|sleep|time\.|datetime\.now|random|http|os\.)"
)


@dataclass(frozen=True, slots=True)
class SuiteFacts:
    """What the candidate is compared with: everything of the suite but the candidate, and the focal file."""

    calls: frozenset[str]
    members: frozenset[str]
    names: frozenset[str]
    assertions: tuple[Assertion, ...]
    literal_values: frozenset[str]


def suite_facts(case: Case) -> SuiteFacts:
    """Collects them from the canonical case."""
    others: list[Function] = [
        f for f in case.suite.functions if f is not case.candidate and f not in case.suite.tests
    ]
    others += [*case.existing, *case.focal.functions]
    names = case.suite.module_names | case.focal.module_names | {f.name for f in others}
    fields = {f for c in (*case.focal.classes, *case.suite.classes) for f in c.fields}
    return SuiteFacts(
        calls=frozenset(c.name for f in others for c in f.calls) | names | fields,
        members=frozenset(m.name for f in others for m in f.members) | fields | names,
        names=frozenset(n.text for f in others for n in f.names) | names,
        assertions=tuple(
            a for f in case.existing for a in _comparable(f.assertions, variables_of(f, case.suite))
        ),
        literal_values=frozenset(literal_value(v) for f in others for v in f.literals),
    )


def _lines(case: Case) -> int:
    """Statements of the suite, tests that do not count as existing left out."""
    counted = [f for f in case.suite.functions if f not in case.suite.tests]
    return len(case.suite.imports) + sum(
        statements(f, case.language) for f in (*counted, *case.existing, case.candidate)
    )


def _comparable(assertions: Sequence[Assertion], variables: frozenset[str]) -> Iterator[Assertion]:
    """Equal assertions that say the same in every test: a local variable is another thing in each."""
    for assertion in assertions:
        if assertion.kind == "equal" and not variables & set(
            _WORD.findall(f"{assertion.actual} {assertion.expected}")
        ):
            yield assertion


def _compare(candidate: Sequence[Assertion], existing: Sequence[Assertion]) -> tuple[int, int]:
    """(contradictions, agreements): equal assertions on the same expression with another / the same expected value."""
    known: dict[str, set[str]] = {}
    for assertion in existing:
        if "(" in assertion.actual:
            known.setdefault(squeezed(assertion.actual), set()).add(squeezed(assertion.expected))
    wrong = right = 0
    for assertion in candidate:
        values = known.get(squeezed(assertion.actual))
        if values:
            if squeezed(assertion.expected) in values:
                right += 1
            else:
                wrong += 1
    return wrong, right


def pass_features(
    case: Case,
    view: TestView,
    index: FocalIndex,
    reached: Reach,
    reading: Reading,
    evidence: Sequence[Evidence],
    similarity: float,
) -> Floats:
    """One row for the candidate, shape (len(PASS_FEATURES),), float32.

    `similarity` in [0, 1] is that to the nearest existing test. The columns that need the line model's answers are
    zero: see `with_line_answers`.
    """
    counts = Counter(e.code for e in evidence)
    test = view.test
    facts = suite_facts(case)
    bound = test.binds | {name for _, part in view.parts for name in part.binds}
    novel_calls = {c.name for c in test.calls} - facts.calls - bound
    novel_members = {m.name for m in test.members} - facts.members
    novel_names = {n.text for n in test.names} - facts.names - bound
    contradictions, agreements = _compare(
        list(_comparable(test.assertions, variables_of(test, case.suite))), facts.assertions
    )
    expected = [a.expected for a in test.assertions if a.kind == "equal" and a.expected]
    expected_text = " ".join(expected)
    expected_literals = literals_of(expected_text)
    values = [v for v in set(expected_literals) if v]
    distances = reached.features[:, 0] if len(index.functions) else np.zeros(0, dtype=np.float32)
    reached_types: set[str] = set()
    for function, distance in zip(index.functions, distances, strict=True):
        if distance < UNREACHED:
            reached_types |= {r.type.split(".")[-1].lower() for r in function.raises if r.type}
    focal_text = case.focal.text.lower()
    known_tokens = sum(t in index.vocabulary for t in view.body_tokens)
    grades = reading.grades
    reached_lines = [
        line for f, d in zip(index.functions, distances, strict=True) if d < UNREACHED for line in f.lines
    ]
    words = set(re.findall(r"[a-z]+", test.name.lower())) - {"test", "should", "when", "with", "and"}
    targets = {w for f in index.functions for w in re.findall(r"[a-z]+", f.name.lower())}
    fails = sum(e.weight == "fails" for e in evidence)
    # What was given may lack what the file it was put into has: then reading it there to a good end says nothing.
    outcome, likely = (
        (min(reading.outcome, 0), min(reading.likely, 0)) if fails else (reading.outcome, reading.likely)
    )
    row = [
        *(min(counts[code], 3) for code in EVIDENCE_CODES),
        fails,
        outcome,
        likely,
        reading.complete if grades else -1,
        reading.loaded if grades else -1,
        *reading.assertions,
        min(reading.reasons, 10),
        sum(grades.get(line, 0) >= 2 for line in reached_lines) / max(1, len(reached_lines))
        if grades
        else -1,
        {"python": 0, "java": 1, "go": 2}[case.language],
        view.size,
        len(view.calls),
        len(view.literals),
        test.cases,
        sum(b.kind in ("for", "while") for b in test.branches),
        len(view.parts),
        len(test.decorators),
        len(test.parameters),
        *(sum(a.kind == kind for a in view.assertions) for kind in ASSERTION_KINDS),
        len(case.existing),
        _lines(case),
        similarity,
        contradictions,
        agreements,
        contradictions > 0 and agreements == 0,
        len(novel_calls),
        len(novel_members),
        len(novel_names),
        len(view.body_tokens) - known_tokens,
        known_tokens / max(1, len(view.body_tokens)),
        sum(value.lower() in focal_text for value in values) / max(1, len(values)),
        sum(value in facts.literal_values for value in values) / max(1, len(values)),
        length(expected_text, view.variables),
        sum(len(re.findall(r"\d+", text)) for text in expected_literals),
        view.catches,
        bool(view.expected_errors & reached_types),
        bool(view.expected_errors) and any(e in focal_text for e in view.expected_errors),
        any(m.lower().strip("^$")[:30] in focal_text for m in view.error_messages),
        float((distances < UNREACHED).mean()) if len(distances) else 0.0,
        len(reached.direct),
        max((reached.features[t, 3] for t in reached.direct), default=0.0),
        bool(words) and not words & targets,
        len(index.functions),
        len(index.lines),
        sum(len(c.arguments) for c in test.calls) / max(1, len(test.calls)),
        bool(_MOCK.search(view.key)),
        bool(_WORLD.search(view.key)),
        test.has_error,
        0.0,
        0.0,
        0.0,
    ]
    return np.array(row, dtype=np.float32)


def with_line_answers(row: Floats, is_raise: Floats, probabilities: Floats) -> Floats:
    """The row with the line model's answers (n,) filled in; `is_raise` (n,) marks lines that raise."""
    filled = row.copy()
    raising = probabilities[is_raise > 0]
    filled[-3:] = (
        float(probabilities.sum()),
        float(raising.max()) if len(raising) else -1.0,
        float(raising.sum()),
    )
    return filled
