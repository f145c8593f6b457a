import pytest

from runfree.render.lens import lens_text, scoring_text, skipped_text
from runfree.render.thresholds import Thresholds
from runfree.sample import Prediction

THRESHOLDS = Thresholds({"RF001": {"default": 0.3}})
GOOD = Prediction(0.93, 0.71, 0.4)


def text(prediction, style="full", **more):
    return lens_text(prediction, THRESHOLDS, "python", style, **more)


def test_full():
    assert text(GOOD) == "likely passes 93% · new coverage 71% · new mutants killed 40%"
    assert text(Prediction(0.1, 0, 0)).startswith("likely fails (passes 10%) · new coverage <1%")
    assert text(Prediction(0.4, 0, 0)).startswith("may fail (passes 40%) · ")


def test_states_are_told_apart():
    unsure = Prediction(0.93, 0.71, 0.4, unsure=True)
    texts = [text(GOOD), text(GOOD, stale=True), text(unsure), scoring_text(), skipped_text("no focal file")]
    assert len(set(texts)) == len(texts)
    assert text(GOOD, stale=True).endswith("updating …")
    assert text(unsure).startswith("likely passes")
    assert text(unsure).endswith(" (unsure)")


def test_compact():
    assert text(GOOD, "compact") == "93% pass · 71% new cov · 40% new kills"
    assert text(Prediction(0.93, 0.71, 0.4, unsure=True), "compact", stale=True).endswith(" ?…")


@pytest.mark.parametrize("style", ["full", "compact"])
@pytest.mark.parametrize("passes", [0.0, 0.1, 0.4, 0.93, 1.0])
def test_never_looks_like_a_result(style, passes):
    shown = text(Prediction(passes, 0, 0), style)
    assert not any(mark in shown for mark in "✓✔✗✘✅❌")
    assert "passed" not in shown
    assert "failed" not in shown
    assert "100%" not in shown


def test_reason_is_one_line():
    assert skipped_text("two\nlines.") == "not scored: two lines"
    assert len(skipped_text("x" * 200, "compact")) < 80
