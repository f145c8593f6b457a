from pathlib import PurePosixPath as P

import pytest

from runfree.workspace.names import focal_stems, is_settings_file, is_test_path, language_of


@pytest.mark.parametrize(
    "path",
    [
        "test_x.py",
        "a/x_test.py",
        "app/tests.py",
        "tests/testthing.py",
        "src/test/java/p/CartTest.java",
        "src/test/java/p/CartTests.java",
        "src/test/java/p/CartIT.java",
        "src/test/java/p/CartTestCase.java",
        "src/test/java/p/TestCart.java",
        "pkg/cart_test.go",
    ],
)
def test_test_files(path):
    assert is_test_path(P(path))


@pytest.mark.parametrize(
    "path",
    [
        "x.py",
        "tests/conftest.py",
        "tests/__init__.py",
        "testing.py",
        "contest.py",
        "latest.go",
        "_test.go",
        "Contest.java",
        "src/main/java/p/UnitTest.java",
        "src/test/java/p/Testing.java",
        "src/test/java/p/Audit.java",
        "test_x.pyc",
        "test_x.ipynb",
        "test_x.ts",
    ],
)
def test_other_files(path):
    assert not is_test_path(P(path))


def test_language():
    assert [language_of(P(n)) for n in ("a.py", "a.java", "a.go", "a.c")] == ["python", "java", "go", None]


@pytest.mark.parametrize(
    ("path", "stems"),
    [
        ("tests/test_cart.py", ("cart",)),
        ("cart_test.py", ("cart",)),
        ("cart_test.go", ("cart",)),
        ("CartTest.java", ("Cart",)),
        ("CartIT.java", ("Cart",)),
        ("TestCart.java", ("Cart",)),
        ("CartItemTotalTests.java", ("CartItemTotal", "CartItem", "Cart")),
        ("tests.py", ()),
    ],
)
def test_stems(path, stems):
    assert focal_stems(P(path)) == stems


def test_settings_files():
    assert is_settings_file(P("a/runfree.toml"))
    assert is_settings_file(P("pyproject.toml"))
    assert not is_settings_file(P("ruff.toml"))
