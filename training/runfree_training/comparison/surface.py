"""Sample-level features off the surface of the text: sizes, counts, shared words; what a reader sees at a glance."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from runfree.canonical import Case
from runfree.evidence import similarity
from runfree.sample import LANGUAGES
from runfree.syntax.tree import AssertionKind, Function
from runfree_training.comparison.text import mentions

Floats = npt.NDArray[np.float32]
_WORD = re.compile(r"[A-Za-z_]\w*")
_KINDS: tuple[AssertionKind, ...] = (
    "equal",
    "true",
    "false",
    "null",
    "not-null",
    "raises",
    "contains",
    "type",
    "compare",
    "mock",
)
NAMES = (
    *(f"language_{language}" for language in LANGUAGES),
    *(f"{what}_{of}" for of in ("candidate", "focal", "existing") for what in ("lines", "characters")),
    "focal_functions", "focal_branches", "focal_raises", "existing_tests", "helpers", "context_files",
    "calls", "distinct_calls", "literals", "branches", "assertions", *(f"assert_{kind}" for kind in _KINDS),
    "parameters", "decorators", "new_imports", "missing_names", "syntax_errors",
    "focal_functions_named", "focal_functions_named_by_existing", "focal_functions_new", "largest_named_focal",
    "words", "words_in_focal", "words_in_existing", "words_new", "strings_in_focal",
    "likeness_most", "likeness_mean", "same_name",
)  # fmt: skip


def _focal_named(function: Function, focal: frozenset[str]) -> frozenset[str]:
    return mentions(function) & focal


def surface(case: Case) -> Floats:
    """The features of one case, shape (len(NAMES),)."""
    test = case.candidate
    focal_names = frozenset(f.name for f in case.focal.functions) | {c.name for c in case.focal.classes}
    named = _focal_named(test, focal_names)
    before: frozenset[str] = frozenset().union(*(_focal_named(t, focal_names) for t in case.existing))
    existing_text = "\n".join(t.text for t in case.existing)
    words = set(_WORD.findall(test.text))
    focal_words, existing_words = set(_WORD.findall(case.focal.text)), set(_WORD.findall(existing_text))
    strings = [x.value for x in test.literals if x.kind == "string" and x.value]
    alike = [similarity(test, t) for t in case.existing]
    kinds = [a.kind for a in test.assertions]
    texts = (test.text, case.focal.text, existing_text)
    values: list[float] = [
        *(float(case.language == language) for language in LANGUAGES),
        *(x for text in texts for x in (text.count("\n") + 1 if text else 0, len(text))),
        len(case.focal.functions),
        sum(len(f.branches) for f in case.focal.functions),
        sum(len(f.raises) for f in case.focal.functions),
        len(case.existing),
        len(case.suite.functions) - len(case.suite.tests),
        len(case.context),
        len(test.calls),
        len({c.name for c in test.calls}),
        len(test.literals),
        len(test.branches),
        len(kinds),
        *(kinds.count(kind) for kind in _KINDS),
        len(test.parameters),
        len(test.decorators),
        len(case.new_imports),
        len(case.missing_names),
        len(case.error_lines),
        len(named),
        len(before),
        len(named - before),
        max((len(f.lines) for f in case.focal.functions if f.name in named), default=0),
        len(words),
        len(words & focal_words) / max(1, len(words)),
        len(words & existing_words) / max(1, len(words)),
        len(words - focal_words - existing_words) / max(1, len(words)),
        sum(s in case.focal.text for s in strings) / max(1, len(strings)),
        max(alike, default=0.0),
        float(np.mean(alike)) if alike else 0.0,
        float(any(t.name == test.name for t in case.existing)),
    ]
    return np.array(values, dtype=np.float32)
