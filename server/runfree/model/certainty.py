"""What was found or computed for certain moves a prediction, as far as it was measured to be right."""

from __future__ import annotations

from collections.abc import Mapping

from runfree.model.focal_index import Floats
from runfree.model.pass_features import PASS_FEATURES

# Kinds of certain claims about a candidate: a finding says that it fails, reading it to its end says so, or the opposite.
CLAIMS = ("evidence-fails", "computed-fails", "computed-passes")
_FAILS, _OUTCOME = PASS_FEATURES.index("evidence_fails"), PASS_FEATURES.index("read_outcome")

Reliability = Mapping[str, Mapping[str, float]]


def claim(pass_row: Floats) -> str:
    """Which of `CLAIMS` the pass features of one candidate hold, "" if none."""
    if pass_row[_FAILS] > 0:
        return "evidence-fails"
    return {-1.0: "computed-fails", 1.0: "computed-passes"}.get(float(pass_row[_OUTCOME]), "")


def settled(probability: float, pass_row: Floats, language: str, reliability: Reliability) -> float:
    """The probability of passing, moved to at least what the claim's reliability in the language allows.

    `reliability` is claim -> language -> share of such claims that were right, in [0, 1]; nothing moves where it is
    not known.
    """
    kind = claim(pass_row)
    right = reliability.get(kind, {}).get(language)
    if right is None:
        return probability
    return max(probability, right) if kind == "computed-passes" else min(probability, 1 - right)
