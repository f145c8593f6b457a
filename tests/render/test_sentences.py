import pytest

from runfree.render.sentences import line_ranges, percent, sentence, top_sentence, verdict
from runfree.render.thresholds import Thresholds
from runfree.sample import Evidence, Prediction

THRESHOLDS = Thresholds({"RF001": {"python": 0.3}})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "<1%"), (0.004, "<1%"), (0.006, "1%"), (0.5, "50%"), (0.994, "99%"), (1.0, ">99%")],
)
def test_never_a_certainty(value, text):
    assert percent(value) == text


@pytest.mark.parametrize(
    ("passes", "word"),
    [(0.29, "likely fails"), (0.3, "may fail"), (0.49, "may fail"), (0.5, "likely passes")],
)
def test_verdict(passes, word):
    assert verdict(Prediction(passes, 0, 0), THRESHOLDS, "python") == word


@pytest.mark.parametrize(
    ("lines", "text"), [([], ""), ([3], "3"), ([3, 4, 5, 9], "3-5, 9"), ([1, 2, 4, 5], "1-2, 4-5")]
)
def test_line_ranges(lines, text):
    assert line_ranges(lines) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("expects 4", "Expects 4."),
        ("total() is gone", "total() is gone."),
        ("x_y?", "x_y?"),
        ("", ""),
        ("é a", "é a."),
    ],
)
def test_sentence(text, expected):
    assert sentence(text) == expected


def test_the_sentence_that_explains_the_verdict():
    evidence = tuple(
        Evidence(w, f"because {w}", weight=w) for w in ("info", "new", "redundant", "fails", "unchecked")
    )

    def top(*values):
        return top_sentence(Prediction(*values, evidence=evidence), THRESHOLDS, "python")

    assert top(0.1, 0.0, 0.0) == "because fails"
    assert top(0.9, 0.1, 0.1) == "because redundant"
    assert top(0.9, 0.8, 0.1) == "because unchecked"
    assert top(0.9, 0.8, 0.8) == "because new"
    assert top_sentence(Prediction(0.9, 0.8, 0.8), THRESHOLDS, "python") == ""
