"""The same questions for all, answers reused for the very same questions only, one evaluator."""

import json

import numpy as np
import pytest

from runfree.canonical import canonical
from runfree_training.comparison.judge import HEAD, Entry, ask, cells, judge, markdown, read_all, write_json

RNG = np.random.default_rng(1)


class Oracle:
    """Knows each label with some noise; counts how often it was asked to learn."""

    learnt = 0

    def fit(self, questions):
        Oracle.learnt += 1

    def scores(self, questions):
        truth = np.array([[float(bool(x)) for x in q.item.labels] for q in questions])
        return np.clip(0.02 + 0.3 * truth + 0.05 * RNG.random(truth.shape), 0, 1)


@pytest.fixture
def sets(ask_about):
    def some(count, first):
        return [
            ask_about(
                f"def test_new():\n    assert price_apple({first + i}) == {i}\n",
                labels=(i % 3 > 0, i % 2 == 0, i % 4 == 0),
                repository=f"ours/{i % 5}",
            )
            for i in range(count)
        ]

    return {"train": some(4, 0), "validation": some(80, 100), "test": some(60, 500)}


def test_answers_are_reused_for_the_very_same_questions(sets, tmp_path):
    entry = Entry("oracle", Oracle)
    Oracle.learnt = 0
    first = ask(entry, sets, tmp_path)
    again = ask(entry, sets, tmp_path)
    assert Oracle.learnt == 1
    np.testing.assert_array_equal(first.scores["test"], again.scores["test"])
    ask(entry, {**sets, "test": sets["test"][1:]}, tmp_path)
    assert Oracle.learnt == 2
    ask(Entry("oracle", Oracle, key="another rate"), sets, tmp_path)
    assert Oracle.learnt == 3


def test_calibration_and_thresholds_come_from_validation(sets, tmp_path):
    raw, calibrated = Entry("raw", Oracle, calibrate=False), Entry("calibrated", Oracle)
    answers = ask(raw, sets, tmp_path)
    as_it_is = judge(raw, answers, sets)["test"]["all/natural"]
    fitted = judge(calibrated, answers, sets)["test"]["all/natural"]
    for signal in ("passes", "coverage", "mutation"):
        assert as_it_is[signal].auroc.value == fitted[signal].auroc.value == 1
        assert as_it_is[signal].macro_f1.value == 1  # though no score is above 0.4
        assert fitted[signal].brier.value < as_it_is[signal].brier.value
        assert fitted[signal].repositories == 5


def test_one_row_a_contender(sets, tmp_path):
    entry = Entry("oracle", Oracle, note="made up")
    answers = ask(entry, sets, tmp_path)
    found = judge(entry, answers, sets)
    row = cells(entry, answers, found["test"]["all/natural"])
    assert len(row) == len(HEAD)
    assert row[:2] == ["oracle, made up", "1.000 [1.00, 1.00]"]
    assert markdown([row]).splitlines()[2].startswith("| oracle, made up | 1.000")
    write_json(tmp_path / "c.json", {"oracle": found})
    told = json.loads((tmp_path / "c.json").read_text())
    assert told["oracle"]["test"]["all/natural"]["passes"]["auroc"]["value"] == 1


def test_reading_is_done_once(sets, tmp_path):
    items = [q.item for q in sets["train"]]
    first = read_all(((i, canonical(i.sample)) for i in items), tmp_path / "train.questions")
    again = read_all(iter(()), tmp_path / "train.questions")
    assert [q.item for q in again] == [q.item for q in first] == items
