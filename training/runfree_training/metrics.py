"""How good predictions are, with intervals from a bootstrap over repositories and the majority class beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

BINS = 10
ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95% interval over repositories; NaN where it cannot be computed."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """One signal on one set of samples. F1 at the given threshold; `majority_*` is always guessing the commoner class."""

    samples: int
    repositories: int
    positives: float
    auroc: Interval
    average_precision: Interval
    macro_f1: Interval
    weighted_f1: Interval
    brier: Interval
    ece: float
    majority_macro_f1: float
    majority_weighted_f1: float
    majority_brier: float

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Scores:
        """Back from `as_dict`."""
        values: dict[str, Any] = {k: Interval(**v) if isinstance(v, dict) else v for k, v in data.items()}
        return cls(**values)


Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


def auroc(labels: Labels, p: Array) -> float:
    """Area under the ROC curve; NaN with a single class."""
    return float(roc_auc_score(labels, p)) if 0 < labels.sum() < len(labels) else float("nan")


def expected_calibration_error(labels: Labels, p: Array, bins: int = BINS) -> float:
    """Mean gap between confidence and frequency over equal-width bins, weighted by their size (Naeini et al. 2015)."""
    which = np.minimum((p * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(labels[which == b].mean() - p[which == b].mean()) * (which == b).mean()
            for b in np.unique(which)
        )
    )


def evaluate(
    labels: Sequence[bool],
    probabilities: Sequence[float],
    repositories: Sequence[str],
    threshold: float,
    seed: int = 0,
) -> Scores:
    """All figures of one signal. `threshold` must come from other data than this."""
    y, p = np.array(labels, dtype=np.bool_), np.array(probabilities, dtype=np.float64)
    names = sorted(set(repositories))
    groups = [np.flatnonzero(np.array(repositories) == name) for name in names]
    rng = np.random.default_rng(seed)
    draws = [
        np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))]) for _ in range(ROUNDS)
    ]

    def interval(figure: object) -> Interval:
        assert callable(figure)
        values = [figure(y[d], p[d]) for d in draws]
        known = [v for v in values if v == v]
        low, high = np.percentile(known, [2.5, 97.5]) if known else (float("nan"), float("nan"))
        return Interval(float(figure(y, p)), float(low), float(high))

    majority = np.full(len(y), y.mean() >= 0.5)
    return Scores(
        samples=len(y),
        repositories=len(names),
        positives=float(y.mean()),
        auroc=interval(auroc),
        average_precision=interval(
            lambda a, b: float(average_precision_score(a, b)) if a.any() else float("nan")
        ),
        macro_f1=interval(lambda a, b: float(f1_score(a, b >= threshold, average="macro", zero_division=0))),
        weighted_f1=interval(
            lambda a, b: float(f1_score(a, b >= threshold, average="weighted", zero_division=0))
        ),
        brier=interval(lambda a, b: float(np.mean((a - b) ** 2))),
        ece=expected_calibration_error(y, p),
        majority_macro_f1=float(f1_score(y, majority, average="macro", zero_division=0)),
        majority_weighted_f1=float(f1_score(y, majority, average="weighted", zero_division=0)),
        majority_brier=float(np.mean((y - y.mean()) ** 2)),
    )


def best_threshold(labels: Labels, p: Array) -> float:
    """The threshold with the best macro F1, among the quantiles of p."""
    candidates = np.unique(np.quantile(p, np.linspace(0.01, 0.99, 99)))
    return float(
        max(candidates, key=lambda t: float(f1_score(labels, p >= t, average="macro", zero_division=0)))
    )
