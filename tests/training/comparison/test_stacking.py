"""A feature that knows the truth helps the second stage, one that knows nothing does not; folds stay apart."""

import json

import numpy as np
import pytest
from rich.console import Console

from runfree_training.boosting import TreeSettings
from runfree_training.comparison.contenders import labels_of
from runfree_training.comparison.stacking import compare, out_of_fold, table, thinned
from runfree_training.train import SIGNALS, TrainSettings, first_stage

SETTINGS = TrainSettings(
    folds=2,
    heads={name: TreeSettings(rounds=15, leaf_rows=5) for name in ("lines", "mutants", *SIGNALS)},
)
SOURCES = ("held-out", "written", "broken")


@pytest.fixture(scope="module")
def stage(corpus):
    """(first stage, training questions, validation questions) over the same picked samples."""
    splits = json.loads((corpus / "splits.json").read_text())
    sets = {}
    for split in ("train", "validation"):
        wanted = [name for name, where in splits.items() if where == split]
        sets[split] = thinned(corpus / "blocks", corpus / "records", wanted, 24, SOURCES, 0)
    first = first_stage(sets["train"][0], sets["validation"][0], SETTINGS, Console(quiet=True))
    return first, sets["train"][1], sets["validation"][1]


def test_rows_and_questions_are_the_same_samples(stage):
    first, training, validation = stage
    for rows, questions in ((first.training, training), (first.validation, validation)):
        assert rows.pass_labels.tolist() == [q.item.labels[0] for q in questions]
        assert rows.repositories.tolist() == [q.item.repository for q in questions]
        assert rows.sources.tolist() == [q.item.source for q in questions]


def test_truth_helps_and_nothing_does_not(stage):
    first, training, validation = stage
    known = [labels_of(questions)[0] for questions in (training, validation)]
    nothing = [np.zeros_like(k) for k in known]
    told = compare(first, SETTINGS, *known)
    assert told["coverage"].with_it >= told["coverage"].without
    assert told["coverage"].with_it > 0.99
    assert told["coverage"].samples > 20
    assert set(told) == {"coverage", "mutation"}  # all natural candidates here pass: nothing to tell apart
    for gain in compare(first, SETTINGS, *nothing).values():
        assert gain.low <= 0 <= gain.high
    assert table(told).count("\n") == 3


def test_no_score_comes_from_a_contender_that_learnt_the_repository(stage):
    first, training, _ = stage

    class Remembers:
        def fit(self, questions):
            self.seen = {q.item.repository for q in questions}

        def scores(self, questions):
            return np.array([[float(q.item.repository in self.seen)] * 3 for q in questions])

    assert out_of_fold(Remembers, training, first.fold).max() == 0
