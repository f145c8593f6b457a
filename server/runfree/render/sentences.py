"""The words for predictions, shared by every surface: never a result, always a prediction."""

from __future__ import annotations

from runfree.render.thresholds import Thresholds
from runfree.sample import Evidence, Language, Prediction

BEYOND = "Gains are beyond this test file: what its other tests do not already cover or kill."


def percent(probability: float) -> str:
    """A probability as text; never 0% or 100%, since nothing was run."""
    if probability < 0.005:
        return "<1%"
    if probability >= 0.995:
        return ">99%"
    return f"{round(probability * 100)}%"


def verdict(prediction: Prediction, thresholds: Thresholds, language: Language) -> str:
    """ "likely passes", "may fail" or "likely fails" (below the threshold of RF001)."""
    if prediction.passes < thresholds.of("RF001", language):
        return "likely fails"
    return "likely passes" if prediction.passes >= 0.5 else "may fail"


def strongest(prediction: Prediction, *weights: str) -> Evidence | None:
    """The first evidence of these weights (it comes strongest first); of any weight if none is given."""
    return next((e for e in prediction.evidence if not weights or e.weight in weights), None)


def top_sentence(prediction: Prediction, thresholds: Thresholds, language: Language) -> str:
    """The one sentence that best explains the prediction, or ""."""
    if verdict(prediction, thresholds, language) != "likely passes":
        order: tuple[str, ...] = ("fails", "unchecked", "redundant", "new", "info")
    elif max(prediction.coverage_gain, prediction.mutation_gain) < 0.5:
        order = ("redundant", "unchecked", "fails", "new", "info")
    elif prediction.mutation_gain < 0.5:
        order = ("unchecked", "new", "redundant", "fails", "info")
    else:
        order = ("new", "unchecked", "fails", "redundant", "info")
    for weight in order:
        found = strongest(prediction, weight)
        if found:
            return found.message
    return ""


def line_ranges(lines: list[int]) -> str:
    """Ascending line numbers as short text: [3, 4, 5, 9] gives "3-5, 9"."""
    parts: list[str] = []
    start = previous = 0
    for line in [*lines, 0]:
        if previous and line == previous + 1:
            previous = line
            continue
        if previous:
            parts.append(str(start) if start == previous else f"{start}-{previous}")
        start = previous = line
    return ", ".join(parts)


def sentence(text: str) -> str:
    """Text with a capital first letter and a full stop, unless it opens with code."""
    text = text.strip()
    if not text:
        return ""
    first = text.split()[0]
    if first.isalpha() and first.islower() and first.isascii():
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."
