"""What an analysis says of small tests in the three languages: outcomes, sentences, lines, branches, mutants."""

from __future__ import annotations

import pytest

from runfree.interpreter import Answers, analyse_test, mutant_answers
from runfree.mutation import list_mutants

CART = """\
import requests


class Cart:
    def __init__(self):
        self.prices = []

    def add(self, price):
        if price < 0:
            raise ValueError(f"bad price {price}")
        self.prices.append(price)
        return self

    def total(self, tax=0):
        return sum(self.prices) + tax

    def fetch(self, url):
        try:
            answer = requests.get(url)
        except OSError:
            return None
        return answer.json()


def unused():
    return 1
"""


def python(body: str, name: str = "test_it", focal: str = CART) -> Answers:
    suite = f"import pytest\nfrom unittest.mock import patch, Mock\nfrom shop.cart import Cart\n\n{body}"
    return analyse_test("python", focal, suite, name, "shop/cart.py", "tests/test_cart.py")


def test_a_wrong_value_is_told_with_its_place() -> None:
    answers = python("def test_it():\n    assert Cart().add(30).add(10).total(tax=2) == 41\n")
    assert answers.outcome == "fails"
    assert answers.sentence == "expects 41, but Cart().add(30).add(10).total(tax=2) gives 42 (cart.py:15)"
    assert [(a.line, a.state) for a in answers.assertions] == [(6, "fails")]


def test_lines_are_graded() -> None:
    answers = python("def test_it():\n    assert Cart().add(1).total() == 1\n")
    assert answers.outcome == "passes"
    certain = {line for line, grade in answers.line_grades.items() if grade == 3}
    never = {line for line, grade in answers.line_grades.items() if grade == 0}
    assert {6, 9, 11, 12, 15} <= certain
    assert {10, 18, 19, 20, 21, 22, 26} <= never
    assert [(b.line, b.condition, b.taken) for b in answers.branches] == [
        (9, "price < 0", frozenset({False}))
    ]


def test_unknown_calls_are_likely_at_most() -> None:
    answers = python("def test_it():\n    assert Cart().fetch('u') is not None\n")
    assert answers.outcome == "unknown"
    assert answers.line_grades[19] == 3
    assert answers.line_grades[22] == 2
    assert answers.line_grades[21] == 1
    assert answers.line_grades[26] == 0
    assert answers.reason is not None
    assert answers.reason.code == "module:requests"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("def test_it():\n    with pytest.raises(ValueError, match='bad price -1'):\n        Cart().add(-1)\n", "passes"),
        ("def test_it():\n    with pytest.raises(KeyError):\n        Cart().add(-1)\n", "fails"),
        ("def test_it():\n    with pytest.raises(ValueError):\n        Cart().add(1)\n", "fails"),
        ("def test_it():\n    assert Cart().add(0.1).add(0.2).total() == pytest.approx(0.3)\n", "passes"),
        ("@pytest.mark.parametrize('p, t', [(1, 1), (2, 3)])\ndef test_it(p, t):\n    assert Cart().add(p).total() == t\n", "fails"),
        ("@pytest.fixture\ndef cart():\n    yield Cart().add(5)\n\ndef test_it(cart):\n    assert cart.total() == 5\n", "passes"),
        ("def test_it(nowhere):\n    assert nowhere\n", "unknown"),
        ("@patch('requests.get')\ndef test_it(get):\n    get.return_value.json.return_value = 3\n    assert Cart().fetch('u') == 3\n", "passes"),
        ("def test_it():\n    Cart().ad(1)\n", "fails"),
        ("def test_it():\n    Cart().add(1, 2)\n", "fails"),
        ("@pytest.mark.skip\ndef test_it():\n    assert False\n", "unknown"),
        ("class TestIt:\n    def setup_method(self):\n        self.c = Cart()\n\n    def test_it(self):\n        assert not self.c.prices\n", "passes"),
    ],
)  # fmt: skip
def test_pytest(body: str, outcome: str) -> None:
    name = "TestIt::test_it" if body.startswith("class") else "test_it"
    assert python(body, name).outcome == outcome


def test_unittest() -> None:
    suite = (
        "import unittest\nfrom shop.cart import Cart\n\nclass T(unittest.TestCase):\n    def setUp(self):\n"
        "        self.cart = Cart().add(2)\n    def test_it(self):\n        self.assertEqual(self.cart.total(), 2)\n"
        "        with self.assertRaisesRegex(ValueError, 'price'):\n            self.cart.add(-3)\n"
        "        self.assertIn(2, self.cart.prices)\n        self.assertAlmostEqual(0.1 + 0.2, 0.3)\n"
    )
    answers = analyse_test("python", CART, suite, "T::test_it", "shop/cart.py", "tests/test_cart.py")
    assert answers.outcome == "passes"
    assert len(answers.assertions) == 4


def test_mutants_are_killed_or_survive() -> None:
    suite = "from shop.cart import Cart\n\ndef test_it():\n    assert Cart().add(3).total(tax=1) == 4\n"
    mutants = list_mutants("python", CART)
    fates = mutant_answers("python", CART, suite, "test_it", "shop/cart.py", "tests/test_cart.py", mutants)
    by_edit = {(m.line, m.original, m.replacement): fates[i] for i, m in enumerate(mutants)}
    assert by_edit[(15, "+", "-")] == "killed"
    assert by_edit[(9, "<", "<=")] == "survives"
    assert {f for (line, _, _), f in by_edit.items() if line == 26} == {"survives"}


def test_the_same_texts_give_the_same_answer() -> None:
    body = "def test_it():\n    assert Cart().fetch('u')\n"
    first = python(body)
    analyse_test.cache_clear()
    assert python(body) == first


GO = """\
package shop

import (
	"errors"
	"fmt"
)

type Cart struct {
	prices []int
}

func (c *Cart) Add(price int) error {
	if price < 0 {
		return errors.New(fmt.Sprintf("bad price %d", price))
	}
	c.prices = append(c.prices, price)
	return nil
}

func (c Cart) Total() (sum int8) {
	for _, p := range c.prices {
		sum += int8(p)
	}
	return
}
"""


def go(body: str, imports: str = '"testing"') -> Answers:
    suite = f"package shop\n\nimport (\n\t{imports}\n)\n\nfunc TestIt(t *testing.T) {{\n{body}\n}}\n"
    return analyse_test("go", GO, suite, "TestIt", "shop/cart.go", "shop/cart_test.go")


def test_go_wraps_around() -> None:
    body = '\tc := Cart{}\n\t_ = c.Add(100)\n\t_ = c.Add(100)\n\tif got := c.Total(); got != %s {\n\t\tt.Errorf("got %%d", got)\n\t}'
    assert go(body % "-56").outcome == "passes"
    wrong = go(body % "100")
    assert wrong.outcome == "fails"
    assert wrong.sentence.startswith("expects 100, but got is -56")


def test_go_testify_and_subtests() -> None:
    imports = '"testing"\n\t"github.com/stretchr/testify/assert"'
    body = (
        '\tt.Run("x", func(t *testing.T) {\n\t\tassert.EqualError(t, (&Cart{}).Add(-1), "bad price -1")\n\t})'
    )
    answers = go(body, imports)
    assert answers.outcome == "passes"
    assert answers.line_grades[14] == 3
    assert answers.line_grades[16] == 0


def test_go_compile_errors_are_seen() -> None:
    answers = go("\tx := 1\n")
    assert answers.outcome == "fails"
    assert answers.sentence == "does not compile: x is declared and not used"


JAVA = """\
package shop;

import java.util.ArrayList;
import java.util.List;

public class Cart {
    private final List<Integer> prices = new ArrayList<>();

    public Cart add(int price) {
        if (price < 0) {
            throw new IllegalArgumentException("bad price " + price);
        }
        prices.add(price);
        return this;
    }

    public int total() {
        return prices.stream().mapToInt(Integer::intValue).sum() / 2;
    }
}
"""


def java(body: str, focal: str = JAVA) -> Answers:
    suite = (
        "package shop;\n\nimport static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n\n"
        f"class CartTest {{\n    @Test\n    void it() {{\n        {body}\n    }}\n}}\n"
    )
    return analyse_test(
        "java", focal, suite, "it", "src/main/java/shop/Cart.java", "src/test/java/shop/CartTest.java"
    )


def test_java_divides_whole_numbers() -> None:
    answers = java("assertEquals(2, new Cart().add(2).add(3).total());")
    assert answers.outcome == "passes"
    assert answers.line_grades[18] == 3
    assert answers.line_grades[11] == 0
    wrong = java("assertEquals(3, new Cart().add(2).add(3).total());")
    assert wrong.outcome == "fails"
    assert wrong.sentence == "expects 3, but the code gives 2 (Cart.java:18)"


@pytest.mark.parametrize(
    "body",
    [
        "assertThrows(Cart.Bad.class, () -> new Cart().add(-1));",
        "assertThrowsExactly(shop.Cart.Bad.class, () -> new Cart().add(-1));",
        "try { new Cart().add(-1); fail(); } catch (Cart.Bad e) { assertNotNull(e); }",
        "assertTrue(assertThrows(RuntimeException.class, () -> new Cart().add(-1)) instanceof Cart.Bad);",
        "assertInstanceOf(Cart.Bad.class, assertThrows(RuntimeException.class, () -> new Cart().add(-1)));",
    ],
)
def test_java_nested_exceptions_are_named_with_their_class(body: str) -> None:
    nested = JAVA.replace("IllegalArgumentException", "Bad").rstrip().removesuffix("}") + (
        "    public static class Bad extends RuntimeException {\n"
        "        public Bad(String message) {\n            super(message);\n        }\n    }\n}\n"
    )
    assert java(body, nested).outcome == "passes"


def test_java_expected_exceptions() -> None:
    thrown = (
        "IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> new Cart().add(-1));"
    )
    assert java(thrown + ' assertEquals("bad price -1", e.getMessage());').outcome == "passes"
    assert java("assertThrows(IllegalStateException.class, () -> new Cart().add(-1));").outcome == "fails"
