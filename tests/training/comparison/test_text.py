"""A text for a model is cut by relevance: what the candidate names stays, wherever it stands."""

import pytest

from runfree_training.comparison.text import cut, lay_out

LONG = "\n".join(f"    value_{i} = {i}" for i in range(400))


def words(text):
    return len(text.split())


def laid(question, most):
    return lay_out(question.passages, question.paths, most, words)


@pytest.mark.parametrize("most", [30, 60, 120, 1000])
def test_it_never_exceeds_what_the_model_can_read(ask_about, most):
    existing = [f"def test_apple_{n}():\n    assert price_apple({n}) == {n * 2}\n" for n in range(30)]
    question = ask_about("def test_new():\n    assert price_apple(9) == 18\n", existing)
    assert words(laid(question, most)) <= most


def test_the_candidate_is_there_and_comes_last(ask_about):
    question = ask_about(
        "def test_new():\n    assert price_dates(2) == 10\n", ["def test_a():\n    price_apple(1)\n"]
    )
    text = laid(question, 60)
    assert text.rstrip().endswith("assert price_dates(2) == 10")
    assert text.index("code under test: shop.py") < text.index("# new test")


def test_the_function_that_is_called_is_kept_and_others_go_first(ask_about):
    question = ask_about("def test_new():\n    assert price_dates(2) == 10\n")
    text = laid(question, 40)
    assert "def price_dates" in text
    assert "def price_apple" not in text
    assert all(f"def price_{name}" in laid(question, 1000) for name in ("apple", "bread", "cider", "dates"))


def test_the_most_similar_existing_test_is_kept(ask_about):
    existing = [
        "def test_other():\n    items = [price_bread(n) for n in range(4)]\n    assert sum(items) > 3\n",
        "def test_like():\n    assert price_dates(3) == 15\n",
    ]
    text = laid(ask_about("def test_new():\n    assert price_dates(2) == 10\n", existing), 48)
    assert "test_like" in text
    assert "test_other" not in text


def test_what_a_helper_names_counts_as_named(ask_about):
    existing = ["def order(count):\n    return price_cider(count)\n"]
    question = ask_about("def test_new():\n    assert order(2) == 8\n", existing)
    relevance = {p.text.split("(")[0]: p.relevance for p in question.passages if p.part == "focal"}
    assert relevance["def price_cider"] > relevance["def price_apple"]


def test_only_named_functions_of_other_files_are_shown(ask_about):
    context = (("conftest.py", "def basket():\n    return 3\n\n\ndef shelf():\n    return 4\n"),)
    question = ask_about("def test_new(basket):\n    assert price_apple(basket) == 6\n", context=context)
    shown = [p.text for p in question.passages if p.part == "context"]
    assert len(shown) == 1
    assert "def basket" in shown[0]


def test_a_long_candidate_leaves_room_for_the_code(ask_about):
    question = ask_about(f"def test_new():\n{LONG}\n    assert price_dates(2) == 10\n")
    text = laid(question, 200)
    assert "def test_new" in text
    assert "def price_dates" in text


def test_cut_keeps_whole_lines():
    assert cut("a b\nc d\ne f", 4, words) == "a b\nc d"
    assert cut("a b c", 2, words) == ""
