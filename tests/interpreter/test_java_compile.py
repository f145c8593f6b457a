"""Java that does not compile is told with its reason; Java that compiles is never refused."""

from __future__ import annotations

import pytest

from runfree.interpreter import analyse_test

FOCAL = """\
package shop;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.*;

public class Cart implements Serializable, Comparable<Cart> {
    private final List<Integer> prices = new ArrayList<>();
    public static final int LIMIT = 9;

    public Cart(String name) {}

    public Cart add(int price) throws Problem {
        return this;
    }

    public static Cart of(String text) {
        return new Cart(text);
    }

    public static Cart of(Locale locale) {
        return new Cart("x");
    }

    public int total() {
        return 1;
    }

    public long sum(long... more) {
        return more.length;
    }

    public int compareTo(Cart other) {
        return 0;
    }

    public <T> T same(T value) {
        return value;
    }

    public BigDecimal price() {
        return null;
    }

    private void hidden() {}

    public static class Problem extends Exception {}
}
"""


def said(body: str, throws: str = "", imports: str = "", base: str = "") -> str:
    suite = (
        "package shop;\n\nimport static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n"
        f"{imports}\n\nclass CartTest {base} {{\n    @Test\n    void it() {throws} {{\n        {body}\n    }}\n}}\n"
    )
    answers = analyse_test("java", FOCAL, suite, "it", "shop/Cart.java", "shop/CartTest.java")
    told, _, reason = answers.sentence.partition("does not compile: ")
    return reason if answers.outcome == "fails" and not told else ""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("new Cart();", "no constructor of Cart takes 0 arguments"),
        ('Cart c = new Cart("a"); c.ad(1);', "Cart has no method ad"),
        ('new Cart("a").add("x");', "no Cart.add takes (String)"),
        ('new Cart("a").add(2.5);', "no Cart.add takes (double)"),
        ('new Cart("a").add(1);', "Problem is neither caught nor declared"),
        ("Cart.of(null);", "null may mean several of Cart.of"),
        ('String s = Cart.of("a").total();', "int cannot be converted to String"),
        ('int n = 0; n = Cart.of("a");', "Cart cannot be converted to int"),
        ('new Cart("a").hidden();', "Cart.hidden is private"),
        ('assertTrue(Cart.of("a").total());', "assertTrue takes no int"),
        ("Thread.sleep(1);", "InterruptedException is neither caught nor declared"),
        ('"abc".lengthy();', "String has no method lengthy"),
        ('Cart.of("a", 1);', "no Cart.of takes (String, int)"),
        ('assertEquals(Cart.of("a") + 1, 2);', "Cart is no operand of +"),
        ("assertEquals(9, Cart.LIMITS);", "Cart has no LIMITS"),
        ("assertEquals(9, LIMIT);", "LIMIT is not defined"),
        ('assertEquals(1, Cart.of("a").sum("b"));', "no Cart.sum takes (String)"),
        ("new BigDecimal(1);", "BigDecimal is not imported"),
        ('int n = 1; n.toString(); ', "int has no methods"),
        ('assertThrows(Exception.class, () -> new Cart("a").add());', "no Cart.add takes 0 arguments"),
    ],
)  # fmt: skip
def test_what_does_not_compile_is_told(body: str, reason: str) -> None:
    assert said(body) == reason


@pytest.mark.parametrize(
    "body",
    [
        'try { new Cart("a").add(1); } catch (Cart.Problem e) { fail("no"); }',
        'assertThrows(Cart.Problem.class, () -> new Cart("a").add(1));',
        'long t = Cart.of("a").total(); byte b = 3; Object o = t; Integer i = 4; double d = i; char c = 65;',
        'Cart.of("a").sum(); Cart.of("a").sum(1, 2L); Cart.of("a").sum(new long[] {1});',
        'String s = Cart.of("a").same("x"); Cart c = Cart.of("b").same(null);',
        'Cart.of("a").compareTo(Cart.of("b")); Cart.of("a").toString().length(); Cart.of("a").hashCode();',
        'java.math.BigDecimal n = new java.math.BigDecimal(1); assertNotNull(n);',
        'for (int price : new int[] {1}) { assertTrue(price + Cart.LIMIT > 0 && Cart.of("a") != null); }',
        'Object o = Cart.of("a"); if (o instanceof Cart found) { assertEquals(1, found.total()); }',
        'Comparable<Cart> c = Cart.of("a"); java.io.Serializable s = Cart.of("b"); CharSequence t = "x";',
        'Runnable r = () -> Cart.of("a").total(); r.run();',
        'int[] a = {1, 2}; assertEquals(2, a.length); Cart[] cs = {Cart.of("a")}; Object[] os = cs;',
        'assertEquals("x1", "x" + Cart.of("a").total()); String t = "n" + Cart.of("a");',
    ],
)  # fmt: skip
def test_what_compiles_is_not_refused(body: str) -> None:
    assert said(body) == ""


def test_a_declared_exception_is_let_through() -> None:
    assert said('new Cart("a").add(1);', "throws Exception") == ""
    assert said('new Cart("a").add(1);', "throws Cart.Problem") == ""
    assert said('new Cart("a").add(1);', "throws java.io.IOException") == ""  # more than is looked up


def test_an_unknown_superclass_may_hold_what_is_not_seen() -> None:
    assert said("assertEquals(9, LIMIT);", base="extends Base") == ""
    assert said("help(1);", base="extends Base") == ""


def test_an_assertion_beside_imported_ones_is_not_inherited() -> None:
    suite = (
        "package shop;\n\nimport static org.junit.jupiter.api.Assertions.assertTrue;\nimport org.junit.jupiter.api.Test;\n\n"
        'class CartTest extends Base {\n    @Test\n    void it() {\n        assertEquals(1, Cart.of("a").total());\n    }\n}\n'
    )
    answers = analyse_test("java", FOCAL, suite, "it", "shop/Cart.java", "shop/CartTest.java")
    assert answers.sentence == "does not compile: assertEquals is not imported"
