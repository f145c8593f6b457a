"""Surface features count what is on the surface."""

import numpy as np

from runfree_training.comparison.surface import NAMES

CANDIDATE = "def test_new():\n    assert price_apple(2) == 4\n    assert price_bread(2) == 6\n"


def value(question, name):
    return question.features[NAMES.index(name)]


def test_names_and_values_agree(ask_about):
    question = ask_about(CANDIDATE)
    assert question.features.shape == (len(NAMES),)
    assert np.isfinite(question.features).all()
    assert len(set(NAMES)) == len(NAMES)


def test_counts(ask_about):
    question = ask_about(CANDIDATE, ["def test_old():\n    assert price_apple(2) == 4\n"])
    assert value(question, "language_python") == 1
    assert value(question, "assertions") == 2
    assert value(question, "assert_equal") == 2
    assert value(question, "existing_tests") == 1
    assert value(question, "focal_functions_named") == 2
    assert value(question, "focal_functions_named_by_existing") == 1
    assert value(question, "focal_functions_new") == 1


def test_likeness_is_one_for_a_copy_and_none_without_tests(ask_about):
    old = CANDIDATE.replace("test_new", "test_old")
    assert value(ask_about(CANDIDATE, [old]), "likeness_most") == 1
    assert value(ask_about(CANDIDATE), "likeness_most") == 0
    assert (
        value(ask_about(CANDIDATE, [CANDIDATE]), "existing_tests") == 0
    )  # the candidate takes the old one's place
