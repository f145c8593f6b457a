"""What is compared: the interface of a contender, and those that need no pretrained weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from lightgbm import Booster

from runfree.canonical import Case
from runfree.scorer import Scorer
from runfree_training.boosting import TreeSettings, fit
from runfree_training.comparison.samples import Item
from runfree_training.comparison.surface import Floats, surface
from runfree_training.comparison.text import Passage, passages

Scores = npt.NDArray[np.float64]  # (samples, 3): passes, coverage, mutation
SIGNAL_COUNT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """An item that has been read: its surface features (width,) and its passages, the most relevant first."""

    item: Item
    features: Floats
    passages: tuple[Passage, ...]

    @property
    def paths(self) -> tuple[str, str]:
        """Paths of the focal and of the test file."""
        return self.item.sample.focal_path, self.item.sample.test_path


def read(item: Item, case: Case) -> Question:
    """The item, read."""
    return Question(item, surface(case), passages(case))


def labels_of(questions: Sequence[Question]) -> tuple[Scores, npt.NDArray[np.bool_]]:
    """Labels as numbers (r, 3), 0 where unknown, and which of them are known (r, 3)."""
    known = np.array([[x is not None for x in q.item.labels] for q in questions], dtype=np.bool_)
    labels = np.array([[float(bool(x)) for x in q.item.labels] for q in questions], dtype=np.float64)
    return labels.reshape(-1, SIGNAL_COUNT), known.reshape(-1, SIGNAL_COUNT)


class Contender(Protocol):
    """A way to predict the three signals of a sample. A higher score means more likely; in [0, 1]."""

    def fit(self, questions: Sequence[Question]) -> None:
        """Learns from samples of the training split."""

    def scores(self, questions: Sequence[Question]) -> Scores:
        """Scores (r, 3) of samples it has not learnt from."""


class Majority:
    """Always the share of positives among the training samples, whatever is asked."""

    def __init__(self) -> None:
        self._rates = np.full(SIGNAL_COUNT, 0.5)

    def fit(self, questions: Sequence[Question]) -> None:
        """Counts."""
        labels, known = labels_of(questions)
        self._rates = ((labels * known).sum(axis=0) + 1) / (known.sum(axis=0) + 2)

    def scores(self, questions: Sequence[Question]) -> Scores:
        """The same for all samples."""
        return np.tile(self._rates, (len(questions), 1))


class Trees:
    """Boosted trees on surface features, one ensemble a signal; with few columns, a rule of thumb."""

    def __init__(self, columns: Sequence[int] | None = None, settings: TreeSettings | None = None) -> None:
        self._columns = columns
        self._settings = settings or TreeSettings(rounds=200, learning_rate=0.05, leaves=15, leaf_rows=30)
        self._boosters: list[Booster] = []

    def _features(self, questions: Sequence[Question]) -> Floats:
        features = np.stack([q.features for q in questions])
        return features if self._columns is None else np.ascontiguousarray(features[:, list(self._columns)])

    def fit(self, questions: Sequence[Question]) -> None:
        """Fits three ensembles; rows whose label is unknown are left out."""
        features = self._features(questions)
        labels, known = labels_of(questions)
        self._boosters = [
            fit(
                features[known[:, k]],
                labels[known[:, k], k] > 0,
                np.ones(int(known[:, k].sum()), dtype=np.float32),
                self._settings,
            )
            for k in range(SIGNAL_COUNT)
        ]

    def scores(self, questions: Sequence[Question]) -> Scores:
        """Probabilities of the ensembles."""
        features = self._features(questions)
        return np.stack([np.asarray(b.predict(features)) for b in self._boosters], axis=1)


class Shipped:
    """The model of a folder as the product runs it: text in, calibrated probabilities out. It learns nothing here."""

    def __init__(self, folder: Path) -> None:
        self._scorer = Scorer.load(folder, threads=1)

    def fit(self, questions: Sequence[Question]) -> None:
        """Nothing to do."""

    def scores(self, questions: Sequence[Question]) -> Scores:
        """What the product would say."""
        told = [self._scorer.score(q.item.sample) for q in questions]
        return np.array([[p.passes, p.coverage_gain, p.mutation_gain] for p in told])
