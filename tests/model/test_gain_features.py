import numpy as np

from runfree.model.gain_features import GAIN_FEATURES, gain_features


def row(candidate, existing, grades=None, known=None):
    n = len(candidate)
    found = gain_features(
        np.array(candidate, dtype=np.float32),
        np.array(existing, dtype=np.float32).reshape(len(existing), n),
        np.zeros(n, dtype=np.int32),
        np.array(grades if grades is not None else [1] * n, dtype=np.float32),
        np.array(known if known is not None else np.ones((len(existing), n)), dtype=np.float32).reshape(
            len(existing), n
        ),
    )
    return dict(zip(GAIN_FEATURES, found.tolist(), strict=True))


def test_a_line_no_one_else_covers_is_a_gain():
    found = row([0.9, 0.9], [[0.95, 0.1]])
    assert found["top_over_best_1"] == np.float32(0.9) * np.float32(1 - np.float32(0.1))
    assert found["existing_at_top"] == np.float32(0.1)
    assert found["existing_tests"] == 1


def test_what_the_existing_cover_together_is_no_gain():
    together = row([0.9], [[0.5], [0.5], [0.5]])
    assert together["top_over_all_1"] < together["top_over_best_1"]


def test_without_existing_tests_everything_is_new():
    found = row([0.7, 0.2], np.zeros((0, 2)))
    assert abs(found["top_over_best_1"] - 0.7) < 1e-6
    assert found["existing_share"] == 0


def test_what_was_computed_for_certain_counts():
    found = row([0.5, 0.5], [[0.5, 0.5]], grades=[3, 3], known=[[0, 3]])
    assert found["certain_new"] == 1


def test_no_questions_no_gain():
    assert sum(row([], np.zeros((2, 0))).values()) == 2  # only the number of existing tests
