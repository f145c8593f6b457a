"""The explanation shown on a test's name, as markdown."""

from __future__ import annotations

import re

from runfree.render.sentences import BEYOND, line_ranges, percent, sentence, verdict
from runfree.render.thresholds import Thresholds
from runfree.sample import Language, Prediction

BAR = 10  # cells of a bar
LINE_CUT = 0.5  # a focal line is listed as "expected to be newly covered" from this probability on
EVIDENCE_SHOWN = 6

LANGUAGE_NAMES: dict[Language, str] = {"python": "Python", "java": "Java", "go": "Go"}


def escape(text: str) -> str:
    """Text from a user's file, made harmless inside markdown (no links, images, HTML or headings)."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\\[\]!*_|#~$])", r"\\\1", text)


def bar(probability: float) -> str:
    """A probability as a bar of ten cells."""
    full = round(min(max(probability, 0.0), 1.0) * BAR)
    return "█" * full + "░" * (BAR - full)


def hover_markdown(
    name: str,
    prediction: Prediction,
    thresholds: Thresholds,
    language: Language,
    *,
    model_id: str,
    focal_path: str = "",
    stale: bool = False,
) -> str:
    """Signals with bars, evidence in sentences, expected new lines, nearest test, model and calibration."""
    head = verdict(prediction, thresholds, language)
    lines = [f"**`{name.replace('`', '')}`**: {head}{' (unsure)' if prediction.unsure else ''}"]
    if stale:
        lines[0] += " — from before the last edit, updating …"
    rows = (
        ("passes", prediction.passes),
        ("new coverage", prediction.coverage_gain),
        ("new mutants killed", prediction.mutation_gain),
    )
    # Lines that end in two blanks, not a table: editors give a hover little height, and terminals show no tables.
    # Blanks that do not break stay as many as they are.
    numbers = [percent(value).rjust(4, "\N{NO-BREAK SPACE}") for _, value in rows]
    lines += [
        "",
        *(f"`{bar(v)} {number}` {label}  " for (label, v), number in zip(rows, numbers, strict=True)),
    ]
    shown = prediction.evidence[:EVIDENCE_SHOWN]
    if shown:
        lines += ["", "Why:"]
        for item in shown:
            place = f" (line {item.line})" if item.line else ""
            if item.where == "focal" and item.line:
                place = f" (focal line {item.line})"
            lines.append(f"- {escape(sentence(item.message).rstrip('.'))}{place}")
        rest = len(prediction.evidence) - len(shown)
        if rest:
            lines.append(f"- and {rest} more")
    expected = [new.line for new in prediction.new_lines if new.probability >= LINE_CUT]
    if expected:
        where = f" of `{focal_path.replace('`', '')}`" if focal_path else ""
        lines += ["", f"Lines{where} expected to be newly covered: {line_ranges(expected)}."]
    if prediction.similar_test:
        lines += ["", f"Most similar test: `{prediction.similar_test.replace('`', '')}`."]
    lines += ["", BEYOND]
    for note in prediction.notes:
        lines += ["", escape(sentence(note))]
    language_name = LANGUAGE_NAMES[language]
    calibration = (
        f"calibrated for {language_name}"
        if prediction.calibrated
        else f"not calibrated for {language_name}: take the numbers as an order, not as frequencies"
    )
    lines += ["", f"*Predicted by {escape(model_id)} without running anything; {calibration}.*"]
    return "\n".join(lines)
