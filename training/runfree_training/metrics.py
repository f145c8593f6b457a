"""How good predictions are, with intervals from a bootstrap over repositories and the majority class beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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


def _ranked(weights: Array, labels: Labels, p: Array) -> tuple[Array, Array]:
    """Positive and negative weight of each distinct score, highest first: two arrays (rounds, distinct scores)."""
    order = np.argsort(-p, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(p[order]) != 0]))
    ordered = weights[:, order]
    y = labels[order]
    return np.add.reduceat(ordered * y, starts, axis=1), np.add.reduceat(ordered * ~y, starts, axis=1)


def auroc(weights: Array, labels: Labels, p: Array) -> Array:
    """Area under the ROC curve for each row of weights (rounds, n), shape (rounds,); NaN with a single class."""
    positive, negative = _ranked(weights, labels, p)
    above = np.cumsum(positive, axis=1) - positive / 2
    with np.errstate(invalid="ignore"):
        found: Array = (above * negative).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))
    return found


def average_precision(weights: Array, labels: Labels, p: Array) -> Array:
    """Average precision for each row of weights (rounds, n), shape (rounds,); NaN without a positive."""
    positive, negative = _ranked(weights, labels, p)
    hits = np.cumsum(positive, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(hits / (hits + np.cumsum(negative, axis=1)))
        found: Array = (precision * positive).sum(axis=1) / positive.sum(axis=1)
    return found


def f1(weights: Array, labels: Labels, told: Labels) -> tuple[Array, Array]:
    """(macro F1, weighted F1) for each row of weights (rounds, n), two arrays (rounds,); a class without any is 0."""
    both = weights @ (labels & told).astype(np.float64)
    neither = weights @ (~labels & ~told).astype(np.float64)
    wrong = weights @ (labels ^ told).astype(np.float64)
    share = (weights @ labels.astype(np.float64)) / weights.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        yes = np.nan_to_num(2 * both / (2 * both + wrong))
        no = np.nan_to_num(2 * neither / (2 * neither + wrong))
    # As is usual, the macro mean is over the classes that are there or are told.
    present = (both + wrong > 0).astype(np.float64) + (neither + wrong > 0)
    return (yes + no) / present, share * yes + (1 - share) * no


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
    names, owner = np.unique(np.array(repositories), return_inverse=True)
    rng = np.random.default_rng(seed)
    # Row 0 is the data as it is; each other row is a draw of repositories, as how often each sample counts.
    drawn = rng.integers(0, len(names), (ROUNDS, len(names)))
    counts = np.stack([np.bincount(d, minlength=len(names)) for d in drawn])
    weights = np.concatenate([np.ones((1, len(y))), counts[:, owner]]).astype(np.float64)

    def interval(values: Array) -> Interval:
        known = values[1:][~np.isnan(values[1:])]
        low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (float("nan"), float("nan"))
        return Interval(float(values[0]), float(low), float(high))

    macro, weighted = f1(weights, y, p >= threshold)
    majority = np.full(len(y), y.mean() >= 0.5)
    return Scores(
        samples=len(y),
        repositories=len(names),
        positives=float(y.mean()),
        auroc=interval(auroc(weights, y, p)),
        average_precision=interval(average_precision(weights, y, p)),
        macro_f1=interval(macro),
        weighted_f1=interval(weighted),
        brier=interval(weights @ (y - p) ** 2 / weights.sum(axis=1)),
        ece=expected_calibration_error(y, p),
        majority_macro_f1=float(f1(weights[:1], y, majority)[0][0]),
        majority_weighted_f1=float(f1(weights[:1], y, majority)[1][0]),
        majority_brier=float(np.mean((y - y.mean()) ** 2)),
    )


def best_threshold(labels: Labels, p: Array) -> float:
    """The threshold with the best macro F1, among the quantiles of p."""
    candidates = np.unique(np.quantile(p, np.linspace(0.01, 0.99, 99)))
    alike = np.ones((1, len(p)))
    return float(max(candidates, key=lambda t: float(f1(alike, labels, p >= t)[0][0])))
