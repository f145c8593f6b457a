"""Texts as copies from a source: exact, short, and never a hiding place for somebody's code."""

from __future__ import annotations

import json
import random

import pytest

from runfree.errors import RunfreeError
from runfree_training.recipes import Source, cook

SOURCE = "".join(
    f"    def test_sum_{n}(self):\n        assert total([{n}, {n + 1}]) == {2 * n + 1}  # é\n\n"
    for n in range(30)
)


def test_a_changed_test_is_a_few_copies() -> None:
    text = SOURCE[85:170].replace("total", "sum_of")
    recipe = Source(SOURCE).recipe(text)
    assert cook(recipe, SOURCE) == text
    assert len(recipe) < 60
    new = "".join(step for step in json.loads(recipe) if isinstance(step, str))
    assert set(new) <= set("sum_of")


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_mixed_comes_back(seed: int) -> None:
    chance = random.Random(seed)
    pieces = []
    for _ in range(6):
        at = chance.randrange(len(SOURCE))
        pieces += [SOURCE[at : at + chance.randrange(60)], chance.choice(["", "x", '"\\ü\n'])]
    text = "".join(pieces)
    assert cook(Source(SOURCE).recipe(text), SOURCE) == text


def test_foreign_text_gets_no_recipe() -> None:
    foreign = "".join(chr(0x4E00 + n) for n in range(130))
    assert Source(SOURCE).recipe(SOURCE[:50] + foreign) == ""
    assert Source("").recipe("") == "[]"
    assert cook("[]", "") == ""


@pytest.mark.parametrize("recipe", ["", "{", "[[0,9999]]", "[[-1,2]]", "[[1]]", "[null]", "7", "[[5,-2]]"])
def test_what_is_no_recipe_is_refused(recipe: str) -> None:
    with pytest.raises(RunfreeError, match="not a recipe"):
        cook(recipe, SOURCE)
