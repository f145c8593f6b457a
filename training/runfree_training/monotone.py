"""Directions that are known beforehand: what is certain must not be unlearnt from a few odd repositories.

A head may only go up (+1) or down (-1) in these features, everything else being equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from runfree.model.gain_features import TOP
from runfree.model.questions import HEAD_FEATURES

_FAILING_RULES = (
    "undefined-name", "undefined-member", "missing-import", "unknown-import", "argument-count", "unknown-keyword", "unknown-fixture",
    "duplicate-name", "syntax-error",
)  # fmt: skip


def _gains(prefix: str) -> dict[str, int]:
    tops = (f"top_over_{kind}_{i + 1}" for kind in ("best", "all") for i in range(TOP))
    rest = ("sum_over_best", "any_over_best", "any_over_all", "certain_new", "likely_new")
    return {f"{prefix}_{name}": 1 for name in (*tops, *rest)}


SIGNS: Mapping[str, Mapping[str, int]] = {
    "lines": {"read_grade": 1},
    "mutants": {"line_probability": 1, "read_mutant": 1},
    "passes": {
        **{f"evidence_{code}": -1 for code in _FAILING_RULES},
        "evidence_fails": -1,
        "read_outcome": 1,
        "read_likely": 1,
        "read_fails": -1,
        "contradictions": -1,
        "agreements": 1,
        "novel_members": -1,
        "novel_names": -1,
    },
    "coverage": _gains("line"),
    "mutation": _gains("mutant"),
}


def signs(head: str) -> list[int]:
    """The direction of each feature of a head, in the order of `HEAD_FEATURES`; 0 where none is known."""
    known = SIGNS[head]
    missing = set(known) - set(HEAD_FEATURES[head])
    if missing:
        raise ValueError(f"{head}: no such features: {', '.join(sorted(missing))}")
    return [known.get(name, 0) for name in HEAD_FEATURES[head]]
