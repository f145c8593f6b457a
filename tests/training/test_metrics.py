"""The figures agree with the field's reference implementation, also for the draws of the bootstrap."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from runfree_training.metrics import auroc, average_precision, best_threshold, evaluate, f1

RNG = np.random.default_rng(3)
LABELS = RNG.random(400) < 0.3
P = np.round(np.clip(LABELS * 0.2 + RNG.random(400) * 0.8, 0, 1), 2)  # rounded: many ties
WEIGHTS = np.concatenate([np.ones((1, 400)), RNG.integers(0, 4, (5, 400))]).astype(np.float64)


def test_ranking_figures():
    for i, w in enumerate(WEIGHTS):
        assert auroc(WEIGHTS, LABELS, P)[i] == pytest.approx(roc_auc_score(LABELS, P, sample_weight=w))
        expected = average_precision_score(LABELS, P, sample_weight=w)
        assert average_precision(WEIGHTS, LABELS, P)[i] == pytest.approx(expected)


@pytest.mark.parametrize("told", [P >= 0.5, P >= 2, P >= 0])
@pytest.mark.parametrize("labels", [LABELS, np.ones(400, dtype=bool)])
def test_f1(labels, told):
    macro, weighted = f1(WEIGHTS, labels, told)
    for i, w in enumerate(WEIGHTS):
        expected = f1_score(labels, told, sample_weight=w, average="macro", zero_division=0)
        assert macro[i] == pytest.approx(expected)
        expected = f1_score(labels, told, sample_weight=w, average="weighted", zero_division=0)
        assert weighted[i] == pytest.approx(expected)


def test_one_class_has_no_ranking():
    ones = np.ones(3, dtype=bool)
    assert np.isnan(auroc(np.ones((1, 3)), ones, np.array([0.1, 0.2, 0.3]))[0])


def test_intervals_come_from_repositories():
    """Where one repository is all right and the other all wrong, the interval is as wide as can be."""
    labels = [True, False] * 40
    p = [0.9 if y else 0.1 for y in labels[:40]] + [0.1 if y else 0.9 for y in labels[40:]]
    scores = evaluate(labels, p, ["right"] * 40 + ["wrong"] * 40, 0.5)
    assert scores.auroc.value == pytest.approx(0.5)
    assert (scores.auroc.low, scores.auroc.high) == (0.0, 1.0)
    assert scores.majority_macro_f1 == pytest.approx(1 / 3)


def test_best_threshold_separates():
    labels = np.array([False] * 30 + [True] * 30)
    p = np.linspace(0, 1, 60)
    assert p[29] < best_threshold(labels, p) <= p[31]
