"""Focal files of test files: by name, by import, by re-export; and why there is none."""

from __future__ import annotations

from pathlib import Path

from runfree_training.execute import Pair
from runfree_training.execute.python_pairs import find_pairs

FUNCTION = "def f():\n    return 1\n"
TEST = "def test_x():\n    assert f()\n"


def tree(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / (name.replace("__", "/").replace("/init", "/__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def pairs(root: Path) -> dict[str, str]:
    return {pair.test_path: pair.left_out or pair.focal_path for pair in find_pairs(root)}


def test_by_name_in_both_layouts(tmp_path: Path) -> None:
    flat = tree(tmp_path / "flat", shop__init="", shop__price=FUNCTION, shop__other=FUNCTION,
                tests__test_price="from shop.price import f\n" + TEST,
                shop__other_test="from shop.other import f\n" + TEST)  # fmt: skip
    assert pairs(flat) == {"tests/test_price.py": "shop/price.py", "shop/other_test.py": "shop/other.py"}
    src = tree(tmp_path / "src", src__shop__init="", src__shop___price=FUNCTION,
               tests__unit__test_prices="from shop._price import f\n" + TEST)  # fmt: skip
    assert pairs(src) == {"tests/unit/test_prices.py": "src/shop/_price.py"}


def test_by_what_is_imported_and_used(tmp_path: Path) -> None:
    root = tree(tmp_path, shop__init="from .price import f\nfrom .other import *\n", shop__price=FUNCTION,
                shop__other="def g():\n    return 2\n",
                tests__test_api="import shop\nfrom shop import f\n\ndef test_x():\n    assert f() == f()\n",
                tests__test_star="import shop\n\ndef test_x():\n    assert shop.g() == 2\n")  # fmt: skip
    assert pairs(root) == {"tests/test_api.py": "shop/price.py", "tests/test_star.py": "shop/other.py"}


def test_why_there_is_none(tmp_path: Path) -> None:
    root = tree(tmp_path, shop__init="", shop__names="A = 1\n", tests__test_none="def test_x():\n    pass\n",
                tests__test_names="from shop.names import A\n\ndef test_x():\n    assert A\n",
                tests__test_empty="from shop.names import A\n", tests__test_bad="def test_x(:\n")  # fmt: skip
    assert pairs(root) == {
        "tests/test_none.py": "no focal file of that name, and nothing of the project is imported",
        "tests/test_names.py": "the focal file has no function",
        "tests/test_empty.py": "no test function",
        "tests/test_bad.py": "the test file does not parse or is too long",
    }


def test_best_first(tmp_path: Path) -> None:
    uses = "from shop.price import f\n" + TEST
    root = tree(tmp_path, shop__init="", shop__price=FUNCTION, shop__tax=FUNCTION, tests__test_more=uses,
                tests__test_price=uses, tests__test_tax="from shop.tax import f\n" + TEST,
                tests__property__test_a=uses)  # fmt: skip
    assert find_pairs(root) == [
        Pair("shop/price.py", "tests/test_price.py"),
        Pair("shop/tax.py", "tests/test_tax.py"),
        Pair("shop/price.py", "tests/test_more.py"),
        Pair("shop/price.py", "tests/property/test_a.py"),
    ]
