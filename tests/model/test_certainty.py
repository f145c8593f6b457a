"""Certain claims move a prediction as far as they were measured to be right."""

import numpy as np
import pytest

from runfree.model.certainty import claim, settled
from runfree.model.pass_features import PASS_FEATURES

RELIABILITY = {"evidence-fails": {"go": 0.99}, "computed-fails": {"go": 0.95}, "computed-passes": {"go": 0.9}}


def row(**values):
    return np.array([values.get(name, 0) for name in PASS_FEATURES], dtype=np.float32)


@pytest.mark.parametrize(
    ("values", "kind", "high", "low"),
    [
        ({"evidence_fails": 2}, "evidence-fails", 0.01, 0.001),
        ({"evidence_fails": 1, "read_outcome": 1}, "evidence-fails", 0.01, 0.001),
        ({"read_outcome": -1}, "computed-fails", 0.05, 0.001),
        ({"read_outcome": 1}, "computed-passes", 0.97, 0.9),
        ({"read_likely": 1}, "", 0.97, 0.001),
    ],
)
def test_claims(values, kind, high, low):
    features = row(**values)
    assert claim(features) == kind
    assert settled(0.97, features, "go", RELIABILITY) == pytest.approx(high)
    assert settled(0.001, features, "go", RELIABILITY) == pytest.approx(low)
    assert settled(0.5, features, "java", RELIABILITY) == 0.5
