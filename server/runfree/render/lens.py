"""The text of the code lens above a test, in each of its states."""

from __future__ import annotations

from typing import Literal

from runfree.render.sentences import percent, verdict
from runfree.render.thresholds import Thresholds
from runfree.sample import Language, Prediction

Style = Literal["full", "compact"]

SCORING = "predicting …"


def lens_text(
    prediction: Prediction,
    thresholds: Thresholds,
    language: Language,
    style: Style = "full",
    *,
    stale: bool = False,
    unsaved: bool = False,
) -> str:
    """The lens of a scored test.

    Args:
        stale: the text has changed since and is being scored again.
        unsaved: the text has changed since and is scored when it is saved.
    """
    passes = percent(prediction.passes)
    word = verdict(prediction, thresholds, language)
    coverage, mutation = percent(prediction.coverage_gain), percent(prediction.mutation_gain)
    if style == "compact":
        text = f"{passes} pass · {coverage} new cov · {mutation} new kills"
        marks = ("?" if prediction.unsure else "") + ("…" if stale else "*" if unsaved else "")
        return f"{text} {marks}" if marks else text
    if word == "likely passes":
        head = f"likely passes {passes}"
    else:
        head = f"{word} (passes {passes})"
    text = f"{head} · new coverage {coverage} · new mutants killed {mutation}"
    if prediction.unsure:
        text = f"{text} (unsure)"
    if stale:
        return f"{text} · updating …"
    return f"{text} · from before the last edit (save to update)" if unsaved else text


def scoring_text() -> str:
    """The lens of a test that has never been scored and is being scored."""
    return SCORING


def skipped_text(reason: str, style: Style = "full") -> str:
    """The lens of a test that is not scored; one line, whatever the reason holds."""
    reason = " ".join(reason.split()).rstrip(".")
    if style == "compact" and len(reason) > 60:
        reason = f"{reason[:59]}…"
    return f"not scored: {reason}"
