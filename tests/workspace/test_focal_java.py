import pytest

TEST = """package shop.cart;

import org.junit.jupiter.api.Test;
import shop.tax.Rates;

class NAME {
    @Test void a() { new Cart().add(Rates.normal()); new Cart(); }
}
"""
CART = "package shop.cart;\npublic class Cart {}\n"


@pytest.mark.parametrize(
    ("test", "focal"),
    [
        ("src/test/java/shop/cart/CartTest.java", "src/main/java/shop/cart/Cart.java"),
        ("app/src/test/java/shop/cart/CartTests.java", "app/src/main/java/shop/cart/Cart.java"),
        ("src/integrationTest/java/shop/cart/CartIT.java", "src/main/java/shop/cart/Cart.java"),
        ("test/shop/cart/TestCart.java", "src/shop/cart/Cart.java"),
        ("src/test/java/shop/cart/CartDiscountTest.java", "src/main/java/shop/cart/Cart.java"),
        ("tests-module/src/test/java/shop/cart/CartTest.java", "core/src/main/java/shop/cart/Cart.java"),
        ("CartTest.java", "Cart.java"),
    ],
)
def test_by_name(focal_of, test, focal):
    text = TEST.replace("NAME", test.rpartition("/")[2].removesuffix(".java"))
    if "/" not in test:
        text = text.replace("package shop.cart;", "")
    found, reason = focal_of({test: text, focal: CART, "src/main/java/x/Cart.java": CART}, test)
    assert found == focal
    assert reason.startswith("named like the")


def test_nearest_module_goes_first(focal_of):
    test = "a/src/test/java/shop/cart/CartTest.java"
    files = {
        test: TEST,
        "b/src/main/java/shop/cart/Cart.java": CART,
        "a/src/main/java/shop/cart/Cart.java": CART,
    }
    assert focal_of(files, test)[0] == "a/src/main/java/shop/cart/Cart.java"


def test_type_that_is_used_most(focal_of):
    test = "src/test/java/shop/cart/RegressionTest.java"
    files = {
        test: TEST,
        "src/main/java/shop/cart/Cart.java": CART,
        "src/main/java/shop/tax/Rates.java": "package shop.tax;\npublic class Rates {}\n",
        "src/main/java/other/Cart.java": "package other;\npublic class Cart {}\n",
    }
    found, reason = focal_of(files, test)
    assert found == "src/main/java/shop/cart/Cart.java"
    assert "use most (uses: 2)" in reason


def test_imported_type(focal_of):
    test = "src/test/java/shop/web/RegressionTest.java"
    files = {
        test: TEST.replace("package shop.cart", "package shop.web"),
        "src/main/java/shop/tax/Rates.java": "package shop.tax;\npublic class Rates {}\n",
        "src/main/java/other/Cart.java": "package other;\npublic class Cart {}\n",
    }
    assert focal_of(files, test)[0] == "src/main/java/shop/tax/Rates.java"


def test_not_found(focal_of):
    test = "src/test/java/shop/cart/CartTest.java"
    found, reason = focal_of({test: TEST, "src/main/java/p/X.java": ""}, test)
    assert found is None
    assert "Setting: focal" in reason
