"""Each contender learns what it can, and leaves unknown labels alone."""

import numpy as np
import pytest

from runfree.model.location import model_folder
from runfree_training.boosting import TreeSettings
from runfree_training.comparison.contenders import Majority, Shipped, Trees, labels_of

NEW = "def test_new():\n    assert price_bread(2) == 6\n"
OLD = "def test_old():\n    assert price_bread(2) == 6\n"
OTHER = "def test_old():\n    assert price_apple(1) == 2\n"


@pytest.fixture
def questions(ask_about):
    """Redundant where the old test is the same; the third label is known for the first ten only."""
    return [
        ask_about(NEW, [OLD if i % 2 else OTHER], (True, i % 2 == 0, (i < 5) if i < 10 else None))
        for i in range(40)
    ]


def test_labels_and_which_are_known(questions):
    labels, known = labels_of(questions)
    assert labels.shape == known.shape == (40, 3)
    assert known[:, 2].sum() == 10
    assert labels[~known].sum() == 0


def test_majority_counts_known_labels_only(questions):
    majority = Majority()
    majority.fit(questions)
    told = majority.scores(questions[:3])
    assert told.shape == (3, 3)
    assert told[0] == pytest.approx([41 / 42, 21 / 42, 6 / 12])


def test_trees_learn_from_likeness(questions):
    trees = Trees(settings=TreeSettings(rounds=20, leaf_rows=2, feature_share=1.0, row_share=1.0))
    trees.fit(questions)
    told = trees.scores(questions)
    assert told[0::2, 1].min() > told[1::2, 1].max()
    assert ((told >= 0) & (told <= 1)).all()


def test_a_rule_of_thumb_sees_its_columns_only(questions, ask_about):
    trees = Trees(columns=[3], settings=TreeSettings(rounds=5, leaf_rows=2))
    trees.fit(questions)
    told = trees.scores([questions[0], questions[1]])
    np.testing.assert_array_equal(told[0], told[1])


def test_the_shipped_model_answers_as_the_product_does(questions):
    told = Shipped(model_folder()).scores(questions[:2])
    assert told.shape == (2, 3)
    assert told[0, 1] > told[1, 1]  # the first brings a new line, the second repeats the old test
    assert (told[:, 1:] <= told[:, :1]).all()
