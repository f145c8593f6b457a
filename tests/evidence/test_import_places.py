"""Imports from the wrong module of the project."""

import pytest

FOCAL = """\
from shop.money import Price
from .stock import Shelf


class Till:
    pass


def scan(code):
    return code
"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from shop.prices import Price", ["unknown-import"]),
        ("from shop.till.parts import Shelf", ["unknown-import"]),
        ("from shop.helpers import scan", ["unknown-import"]),
        ("from mymodule import Till", ["unknown-import"]),
        ("from .helpers import scan as s", []),
        ("from shop.money import Price", []),
        ("from shop.stock import Shelf", []),
        ("from shop import Price, Shelf, scan", []),
        ("from shop.till import scan, Price", []),
        ("from shop.basket import Basket", []),
        ("try:\n    from shop.prices import Price\nexcept ImportError:\n    Price = int", []),
    ],
)
def test_places(codes, line, found):
    candidate = f"{line}\nfrom shop.till import Till\n\ndef test_it():\n    assert Till()\n"
    assert codes("python", FOCAL, candidate) == found


def test_the_message_names_the_place(case):
    from runfree.evidence import evidence

    candidate = (
        "from shop.prices import Price\nfrom shop.till import Till\n\ndef test_it():\n    assert Till()\n"
    )
    messages = [e.message for e in evidence(case("python", FOCAL, candidate)) if e.weight == "fails"]
    assert messages == ["the focal file has `Price` from `shop.money`, not from `shop.prices`"]


def test_files_at_hand_and_imports_that_work_already_are_left_alone(codes):
    body = "def test_new():\n    assert Till()\n"
    header = (
        "from shop.prices import Price\nfrom shop.till import Till\n\ndef test_old():\n    assert Price\n\n"
    )
    assert codes("python", FOCAL, body, header) == []
    context = (("shop/prices.py", "from shop.money import Price\n"),)
    assert codes("python", FOCAL, header + body, "", "test_new", context) == []
