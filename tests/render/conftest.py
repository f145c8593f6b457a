"""A report with a finding of each kind, made from a real file with known answers."""

import pytest

from runfree.check import check_file
from runfree.workspace import Workspace

TEXT = '''"""Tests of the cart."""
from cart import total


def test_good():
    assert total([]) == 0


def test_wrong():
    é = "wrong"; assert total([1, 2]) == 4


def test_again():
    assert total([]) == 0


@mark.smoke
def test_smoke():
    total([3])  # checks nothing
'''


@pytest.fixture
def folder(write):
    return write({"cart.py": "def total(prices):\n    return sum(prices)\n", "tests/test_cart.py": TEXT})


@pytest.fixture
def report(folder, scorer):
    file = Workspace().examine(folder / "tests" / "test_cart.py")
    return check_file(file, scorer, None, folder)


@pytest.fixture
def skipped_report(folder, scorer):
    (folder / "tests" / "test_bad.py").write_bytes(b"\xff")
    file = Workspace().examine(folder / "tests" / "test_bad.py")
    return check_file(file, scorer, None, folder)
