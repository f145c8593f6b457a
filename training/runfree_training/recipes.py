"""A text written down as copies from a file that others can fetch, so that facts can rebuild it without holding it.

A recipe is JSON: a list of `[start, length]` (characters of the source) and of short strings of our own in between.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from runfree.errors import RunfreeError

_LEAST = 8  # characters worth a copy: a shorter one is not shorter than the text itself
_PLACES = 48  # places of the same beginning that are compared
# What stands in a recipe is new text: a changed value, a name. More than this would be somebody's code.
_LONGEST, _MOST = 120, 400


class Source:
    """A file's text, indexed once for many recipes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[str, list[int]] = {}
        for at in range(len(text) - _LEAST + 1):
            self._places.setdefault(text[at : at + _LEAST], []).append(at)

    def recipe(self, text: str) -> str:
        """The recipe of a text; "" where too much of it does not come from this file."""
        steps: list[str | list[int]] = []
        at, new = 0, ""
        while at < len(text):
            start, length = self._longest(text, at)
            if not length:
                new += text[at]
                at += 1
                continue
            if new:
                steps.append(new)
                new = ""
            steps.append([start, length])
            at += length
        if new:
            steps.append(new)
        own = [len(step) for step in steps if isinstance(step, str)]
        if max(own, default=0) > _LONGEST or sum(own) > _MOST:
            return ""
        return json.dumps(steps, ensure_ascii=False, separators=(",", ":"))

    def _longest(self, text: str, at: int) -> tuple[int, int]:
        """(start, length) of the longest copy for what stands at a place of the text; length 0 where there is none."""
        best = (0, 0)
        for start in self._places.get(text[at : at + _LEAST], ())[:_PLACES]:
            length = max(_LEAST, best[1])
            # A place that cannot beat the best one is passed over with one comparison.
            if text[at : at + length] != self.text[start : start + length]:
                continue
            length = _common(text, at, self.text, start, length)
            if length > best[1]:
                best = (start, length)
        return best


def _common(text: str, at: int, other: str, start: int, known: int) -> int:
    """Length of the common part from two places on, of which `known` characters are known to agree."""
    most = min(len(text) - at, len(other) - start)
    while known < most and text[at + known] == other[start + known]:
        known += 1
    return known


def cook(recipe: str, source: str) -> str:
    """The text of a recipe.

    Raises:
        RunfreeError: it is no recipe, or reaches beyond the source.
    """
    try:
        steps: Sequence[str | list[int]] = json.loads(recipe)
        pieces = []
        for step in steps:
            if isinstance(step, str):
                pieces.append(step)
                continue
            start, length = step
            if not 0 <= start <= start + length <= len(source):
                raise ValueError(f"copies {length} characters from {start} of {len(source)}")
            pieces.append(source[start : start + length])
    except (ValueError, TypeError) as error:
        raise RunfreeError(f"not a recipe for this source: {error}") from error
    return "".join(pieces)
