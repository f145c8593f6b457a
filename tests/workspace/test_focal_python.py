import pytest

USES = "def test_a():\n    assert total([]) == 0\n    assert total([1]) == 1\n"


@pytest.mark.parametrize(
    ("test", "focal", "line"),
    [
        ("tests/test_cart.py", "src/shop/cart.py", "from shop.cart import total"),
        ("tests/test_cart.py", "shop/cart.py", "from shop.cart import total"),
        ("tests/unit/deep/test_cart.py", "lib/shop/cart.py", "from shop.cart import total"),
        ("test_cart.py", "cart.py", "from cart import total"),
        ("shop/tests/test_cart.py", "shop/cart.py", "from ..cart import total"),
        ("shop/test_cart.py", "shop/cart.py", "from .cart import total"),
        ("shop/tests/test_cart.py", "shop/cart.py", "from .. import cart\ntotal = cart.total"),
        ("tests/test_cart.py", "src/shop/cart.py", "from shop import cart\ntotal = cart.total"),
        ("services/a/tests/test_cart.py", "services/a/src/shop/cart.py", "from shop.cart import total"),
    ],
)
def test_imported(focal_of, test, focal, line):
    found, reason = focal_of({test: f"{line}\n\n{USES}", focal: "def total(x):\n    return sum(x)\n"}, test)
    assert found == focal
    assert "imported by the test file" in reason


def test_most_used_import_wins(focal_of):
    files = {
        "tests/test_shop.py": "from shop.tax import rate\nfrom shop.cart import total\n\n"
        + USES
        + "\ndef test_b():\n    rate()\n",
        "shop/tax.py": "def rate(): ...\n",
        "shop/cart.py": "def total(x): ...\n",
    }
    assert focal_of(files, "tests/test_shop.py") == (
        "shop/cart.py",
        "imported by the test file, which uses it most (uses: 2)",
    )


def test_name_counts_thrice(focal_of):
    files = {
        "tests/test_tax.py": "from shop.tax import rate\nfrom shop.cart import total\n\n"
        + USES
        + "\ndef test_b():\n    rate()\n",
        "shop/tax.py": "def rate(): ...\n",
        "shop/cart.py": "def total(x): ...\n",
    }
    found, reason = focal_of(files, "tests/test_tax.py")
    assert (found, "named like it" in reason) == ("shop/tax.py", True)


@pytest.mark.parametrize(
    "init",
    [
        "from .cart import total\n",
        "from shop.cart import total\n",
        "from .cart import sum_up as total\n",
        "from .cart import *\n",
        "from .inner import total\n",
    ],
)
def test_re_exported_by_a_package(focal_of, init):
    files = {
        "tests/test_all.py": "import shop\nfrom shop import total\n\n" + USES,
        "src/shop/__init__.py": init,
        "src/shop/cart.py": "def total(x): ...\ndef sum_up(x): ...\n",
        "src/shop/inner/__init__.py": "from ..cart import total\n",
    }
    assert focal_of(files, "tests/test_all.py")[0] == "src/shop/cart.py"


def test_package_used_as_a_module(focal_of):
    files = {
        "tests/test_all.py": "import shop\n\ndef test_a():\n    assert shop.total([]) == 0\n",
        "shop/__init__.py": "from .cart import total\n",
        "shop/cart.py": "def total(x): ...\n",
    }
    assert focal_of(files, "tests/test_all.py")[0] == "shop/cart.py"


def test_package_that_hides_its_files(focal_of):
    files = {
        "tests/test_cart.py": "import shop\n\ndef test_a():\n    assert shop.total([]) == 0\n",
        "shop/__init__.py": "globals().update(load())\n",
        "shop/deep/cart.py": "def total(x): ...\n",
    }
    found, reason = focal_of(files, "tests/test_cart.py")
    assert found == "shop/deep/cart.py"
    assert "in the package shop" in reason


def test_circular_re_export_ends(focal_of):
    files = {
        "tests/test_all.py": "from shop import total\n\n" + USES,
        "shop/__init__.py": "from .a import total\n",
        "shop/a/__init__.py": "from ..b import total\n",
        "shop/b/__init__.py": "from ..a import total\n",
    }
    assert focal_of(files, "tests/test_all.py")[0].startswith("shop/")


def test_tests_own_tools_are_not_focal(focal_of):
    files = {
        "tests/test_cart.py": "from tests.tools import total\nfrom shop.cart import Cart\n\n"
        + USES
        + "\ndef test_b():\n    Cart()\n",
        "tests/tools.py": "def total(x): ...\n",
        "shop/cart.py": "class Cart: ...\n",
    }
    assert focal_of(files, "tests/test_cart.py")[0] == "shop/cart.py"


def test_by_name_where_nothing_is_imported(focal_of):
    files = {
        "tests/test_cart.py": "import os\n\ndef test_a():\n    os.x()\n",
        "a/b/_cart.py": "",
        "c/x.py": "",
    }
    found, reason = focal_of(files, "tests/test_cart.py")
    assert found == "a/b/_cart.py"
    assert "named like the test file" in reason


def test_not_found(focal_of):
    found, reason = focal_of({"tests/test_cart.py": "def test_a(): ...\n", "x.py": ""}, "tests/test_cart.py")
    assert found is None
    assert "imports no source file of this project" in reason


def test_import_out_of_the_project_is_not_followed(focal_of, tmp_path):
    (tmp_path / "outside.py").write_text("def total(x): ...\n")
    files = {"test_a.py": "from ..outside import total\nfrom .....x import y\n\n" + USES}
    assert focal_of(files, "test_a.py")[0] is None


def test_setting_goes_first(focal_of):
    files = {
        "tests/test_cart.py": "from shop.cart import total\n\n" + USES,
        "shop/cart.py": "",
        "shop/tax.py": "",
        "shop/folder/x.py": "",
    }
    test = "tests/test_cart.py"
    assert focal_of(files, test, {"tests/*.py": "shop/tax.py"}) == (
        "shop/tax.py",
        "the setting focal says so for 'tests/*.py'",
    )
    assert focal_of(files, test, {"other/*.py": "shop/tax.py"})[0] == "shop/cart.py"
    assert focal_of(files, test, {test: "shop/none.py"}) == (
        None,
        "Setting focal: 'shop/none.py' does not exist",
    )
    assert focal_of(files, test, {test: "shop/folder"}) == (
        None,
        "Setting focal: 'shop/folder' is a folder, not a file",
    )
    assert "outside the project" in focal_of(files, test, {test: "../../x.py"})[1]


def test_the_namesake_in_the_imported_package_goes_before_the_most_used(focal_of):
    files = {
        "tests/test_tax.py": "import shop\n\ndef test_a():\n    shop.total([])\n    shop.total(shop.rate())\n",
        "shop/__init__.py": "from .cart import total\nfrom .tax import rate\n",
        "shop/tax.py": "def rate(): ...\n",
        "shop/cart.py": "def total(x): ...\n",
    }
    assert focal_of(files, "tests/test_tax.py")[0] == "shop/tax.py"
    files["tests/test_tax.py"] = "import shop\n\ndef test_a():\n" + "    shop.total([])\n" * 9
    assert focal_of(files, "tests/test_tax.py")[0] == "shop/tax.py"


def test_start_of_the_name_counts_twice(focal_of):
    files = {
        "tests/test_tax_of_books.py": "from shop.tax import rate\nfrom shop.cart import total\n\n"
        "def test_a():\n    assert total([1]) == rate() * rate()\n    total(total([]))\n",
        "shop/tax.py": "def rate(): ...\n",
        "shop/cart.py": "def total(x): ...\n",
    }
    assert focal_of(files, "tests/test_tax_of_books.py")[0] == "shop/tax.py"
