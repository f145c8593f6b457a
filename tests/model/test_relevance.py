"""Of files too large to be looked at whole, what the candidate reaches is looked at, wherever it stands."""

import random

import pytest

from runfree.canonical import canonical, file_cases
from runfree.loading import load_scorer
from runfree.model.relevance import (
    MAX_MUTANTS,
    needs_reach,
    reached_by_suite,
    relevant_mutants,
    relevant_tests,
)
from runfree.mutation import SAMPLE_LIMIT, list_mutants
from runfree.sample import Sample

MANY = 260


def focal(count=MANY):
    return "\n\n".join(f"def price_{i}(count):\n    return count * 2 + {i}\n" for i in range(count))


def names(count=MANY):
    return ", ".join(f"price_{i}" for i in range(count))


def suite(order, count=MANY):
    tests = [f"def test_{i}():\n    assert price_{i}(3) == {6 + i}\n" for i in order]
    return f"from shop import {names(count)}\n\n\n" + "\n\n".join(tests)


def sample(order, at, text=None):
    candidate = text or f"def test_new():\n    assert price_{at}(4) == {8 + at}\n"
    return Sample("python", focal(), suite(order), candidate, "test_new", "shop.py", "test_shop.py")


@pytest.mark.parametrize("at", [0, MANY // 2, MANY - 1])
def test_the_existing_test_that_shares_most_is_kept_wherever_it_stands(at):
    case = canonical(sample(range(MANY), at))
    kept = relevant_tests(case, 20)
    assert len(kept) == 20
    assert f"test_{at}" in {test.name for test in kept}


def test_what_is_reached_through_a_helper_counts():
    text = "import shop\n\n\ndef helper():\n    return shop.price_7(1)\n\n\ndef test_new():\n    assert helper() == 9\n"
    case = canonical(sample(range(MANY), 7, text))
    assert "test_7" in {test.name for test in relevant_tests(case, 1)}


def test_the_order_of_the_tests_makes_no_difference():
    orders = [list(range(MANY)) for _ in range(3)]
    for seed, order in enumerate(orders):
        random.Random(seed).shuffle(order)
    kept = [[t.name for t in relevant_tests(canonical(sample(order, 5)), 20)] for order in orders]
    assert kept[0] == kept[1] == kept[2]


def test_few_tests_are_all_kept():
    case = canonical(sample(range(8), 5))
    assert {t.name for t in relevant_tests(case, 20)} == {f"test_{i}" for i in range(8)}


def test_a_long_suite_tells_a_redundant_test_from_a_new_one():
    """More existing tests than are looked at, those that matter in the middle of the file, the candidate at its end."""
    order = [i for i in range(MANY) if i != 9]
    scorer = load_scorer()
    again, new = scorer.score(sample(order, 130)), scorer.score(sample(order, 9))
    assert not again.new_lines
    assert [line.line for line in new.new_lines] == [focal().split("\n").index("def price_9(count):") + 2]
    assert new.coverage_gain > again.coverage_gain


def test_every_function_of_a_long_file_has_a_mutant():
    mutants = list_mutants("python", focal(MAX_MUTANTS - 10))
    chosen = relevant_mutants(mutants, frozenset())
    assert SAMPLE_LIMIT < len(chosen) <= MAX_MUTANTS
    assert {m.function for m in chosen} == {m.function for m in mutants}
    assert not needs_reach(mutants)


@pytest.mark.parametrize("at", [0, MANY - 1])
def test_of_a_longer_one_what_the_suite_reaches_comes_first(at):
    case = file_cases("python", focal(), suite([at]), [f"test_{at}"])[0]
    mutants = list_mutants("python", focal())
    assert needs_reach(mutants)
    reached = reached_by_suite(case)
    assert reached == {f"price_{at}"}
    chosen = relevant_mutants(mutants, reached)
    assert len(chosen) == MAX_MUTANTS
    assert f"price_{at}" in {m.function for m in chosen}
    # The rest is drawn by lot, not by place.
    rest = {int(m.function.split("_")[1]) for m in chosen}
    assert min(rest) < 20
    assert max(rest) > MANY - 20


def test_the_draw_does_not_depend_on_places():
    """More mutants than are asked about: a comment above them, or their functions in another order, draws the same."""
    functions = focal(SAMPLE_LIMIT - 10).split("\n\n\n")

    def drawn(text):
        return sorted(
            (m.function, m.operator, m.original, m.replacement)
            for m in relevant_mutants(list_mutants("python", text), frozenset())
        )

    first = drawn("\n\n\n".join(functions))
    assert len(first) == SAMPLE_LIMIT
    assert drawn("# moved\n\n" + "\n\n\n".join(functions)) == first
    assert drawn("\n\n\n".join(reversed(functions))) == first
