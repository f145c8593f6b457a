"""What changes nothing that runs changes no prediction: comments, layout, order, names of variables; three languages."""

import time
from dataclasses import replace

import pytest

from runfree.loading import load_scorer
from runfree.sample import Sample
from runfree.scorer import Scorer
from runfree_training.rewriting import layout, names, order

PYTHON_FOCAL = '''\
"""Prices."""

MEMBERS = {"anna": 10, "bob": 0}


class PriceError(Exception):
    """A price that cannot be."""


def discount(name, total):
    """What a member pays less."""
    rate = MEMBERS.get(name)
    if rate is None:
        raise PriceError(f"no member {name}")
    if total > 100:
        rate += 5  # large orders
    return total * rate / 100


def cheapest(prices):
    if not prices:
        return None
    best = prices[0]
    for price in prices:
        if price < best:
            best = price
    return best
'''
PYTHON_SUITE = """\
import json
import pytest
from shop import MEMBERS, PriceError, cheapest, discount


def test_discount_of_a_member():
    total = 50
    assert discount("anna", total) == 5


def test_no_prices():
    assert cheapest([]) is None
"""
JAVA_FOCAL = """\
package shop;

import java.util.List;

public class Prices {
    /** The price of some pieces. */
    public int total(int count, int unit) {
        if (count < 0) {
            throw new IllegalArgumentException("negative count");
        }
        int sum = count * unit; // before rebate
        return sum > 100 ? sum - 10 : sum;
    }

    public int first(List<Integer> prices) {
        return prices.isEmpty() ? -1 : prices.get(0);
    }
}
"""
JAVA_SUITE = """\
package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import java.util.List;
import org.junit.jupiter.api.Test;

class PricesTest {
    @Test
    void totalOfTwo() {
        int total = new Prices().total(2, 3);
        assertEquals(6, total);
    }

    @Test
    void noPrices() {
        assertEquals(-1, new Prices().first(List.of()));
    }
}
"""
GO_FOCAL = """\
package shop

import "errors"

// Total is the price of some pieces.
func Total(count, unit int) (int, error) {
	if count < 0 {
		return 0, errors.New("negative count")
	}
	sum := count * unit // before rebate
	if sum > 100 {
		sum -= 10
	}
	return sum, nil
}

func First(prices []int) int {
	if len(prices) == 0 {
		return -1
	}
	return prices[0]
}
"""
GO_SUITE = """\
package shop

import (
	"errors"
	"testing"
)

func TestTotalOfTwo(t *testing.T) {
	total, err := Total(2, 3)
	if err != nil || total != 6 {
		t.Fatal(total, errors.Unwrap(err))
	}
}

func TestNoPrices(t *testing.T) {
	if got := First(nil); got != -1 {
		t.Errorf("got %d", got)
	}
}
"""
CANDIDATES = {
    "python": (
        "def test_large_order():\n    amount = 200\n    expected = 30.0\n    assert discount('anna', amount) == expected\n",
        "def test_unknown_member():\n    with pytest.raises(PriceError, match='no member'):\n        discount('carl', 10)\n",
        "def test_wrong():\n    found = cheapest([3, 2, 5])\n    assert found == 4\n",
        "def test_undefined():\n    prices = [1, 2]\n    assert dearest(prices) == 2\n",
    ),
    "java": (
        "@Test\nvoid largeTotal() {\n    Prices prices = new Prices();\n    int total = prices.total(60, 2);\n    assertEquals(110, total);\n}\n",
        "@Test\nvoid negative() {\n    assertThrows(IllegalArgumentException.class, () -> new Prices().total(-1, 2));\n}\n",
        "@Test\nvoid wrong() {\n    int found = new Prices().total(3, 3);\n    assertEquals(8, found);\n}\n",
    ),
    "go": (
        "func TestLargeTotal(t *testing.T) {\n\ttotal, err := Total(60, 2)\n\tif err != nil || total != 110 {\n\t\tt.Fatal(total)\n\t}\n}\n",
        'func TestNegative(t *testing.T) {\n\tif _, err := Total(-1, 2); err == nil {\n\t\tt.Error("no error")\n\t}\n}\n',
        "func TestWrong(t *testing.T) {\n\tfound := First([]int{3, 4})\n\tif found != 4 {\n\t\tt.Fatal(found)\n\t}\n}\n",
    ),
}
FILES = {
    "python": (PYTHON_FOCAL, PYTHON_SUITE, "shop.py", "test_shop.py"),
    "java": (
        JAVA_FOCAL,
        JAVA_SUITE,
        "src/main/java/shop/Prices.java",
        "src/test/java/shop/PricesTest.java",
    ),
    "go": (GO_FOCAL, GO_SUITE, "shop/shop.go", "shop/shop_test.go"),
}
SAMPLES = [
    Sample(language, focal, suite, candidate, "", focal_path, test_path)
    for language, (focal, suite, focal_path, test_path) in FILES.items()
    for candidate in CANDIDATES[language]
]
PARTS = ("candidate", "existing", "focal")
# Of 0.01 a reader sees nothing; over the paper's `tune` samples the largest change is in training/EXPERIMENTS.md.
NEARLY = 0.01


@pytest.fixture(scope="module")
def scorer():
    # The reader's steps bound it here, as they do on a machine that is not busy: its limits of time would end it anywhere.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "thread_time", lambda: 0.0)
        yield load_scorer()


@pytest.fixture(scope="module")
def told(scorer):
    return {sample: scorer.score(sample) for sample in SAMPLES}


def signals(prediction):
    return prediction.passes, prediction.coverage_gain, prediction.mutation_gain


def rewritten(part, change):
    """(sample, its rewrite) for all samples that the rewrite applies to."""
    found = []
    for sample in SAMPLES:
        text = change(sample.language, getattr(sample, part))
        if text is not None and text != getattr(sample, part):
            found.append((sample, replace(sample, **{part: text})))
    assert found
    return found


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("change", [layout.comments, layout.prompts], ids=lambda c: c.__name__)
def test_comments_and_what_they_ask_for_change_nothing(scorer, told, part, change):
    pairs = rewritten(part, change)
    assert {sample.language for sample, _ in pairs} == {"python", "java", "go"}
    for sample, other in pairs:
        prediction = scorer.score(other)
        assert signals(prediction) == signals(told[sample])
        if part != "focal":  # there, lines have other numbers
            assert prediction.new_lines == told[sample].new_lines
        assert len(prediction.new_lines) == len(told[sample].new_lines)
        assert [e.code for e in prediction.evidence] == [e.code for e in told[sample].evidence]


def test_comments_that_go_change_nothing(scorer, told):
    for sample, other in rewritten("focal", layout.no_comments):
        assert signals(scorer.score(other)) == signals(told[sample])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "change",
    [layout.blank_lines, layout.indentation, layout.line_breaks],
    ids=lambda c: c.__name__,
)
def test_layout_changes_nothing_or_nearly(scorer, told, part, change):
    for sample, other in rewritten(part, change):
        assert signals(scorer.score(other)) == pytest.approx(signals(told[sample]), abs=NEARLY)


def test_the_kind_of_quotes_changes_nothing(scorer, told):
    for sample, other in rewritten("candidate", layout.quotes):
        assert signals(scorer.score(other)) == signals(told[sample])


def test_the_order_of_existing_tests_and_imports_changes_nothing(scorer, told):
    for change in (order.tests, order.imports):
        pairs = rewritten("existing", change)
        assert {sample.language for sample, _ in pairs} == {"python", "java", "go"}
        for sample, other in pairs:
            prediction = scorer.score(other)
            assert signals(prediction) == signals(told[sample])
            assert prediction.new_lines == told[sample].new_lines


def test_the_order_of_focal_functions_changes_nothing(scorer, told):
    for sample, other in rewritten("focal", order.functions):
        assert signals(scorer.score(other)) == pytest.approx(signals(told[sample]), abs=NEARLY)


@pytest.mark.parametrize("part", ["candidate", "existing"])
def test_names_of_variables_change_nearly_nothing(scorer, told, part):
    pairs = rewritten(part, names.rename_variables)
    assert {sample.language for sample, _ in pairs} == {"python", "java", "go"}
    for sample, other in pairs:
        assert signals(scorer.score(other)) == pytest.approx(signals(told[sample]), abs=NEARLY)


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda s: f"{s.language} {s.candidate.split('(')[0].split()[-1]}"
)
def test_a_prompt_does_not_make_a_failing_test_pass(scorer, told, sample):
    mark = "#" if sample.language == "python" else "//"
    prompts = "".join(f"{mark} {prompt}\n" for prompt in layout.PROMPTS)
    assert signals(scorer.score(replace(sample, candidate=prompts + sample.candidate))) == signals(
        told[sample]
    )


def test_what_stands_outside_the_tests_is_never_out_of_date():
    """Answers are kept in memory: a constant of the test file is part of what they were given for."""
    focal = "def double(count):\n    return count * 2\n"
    candidate = "def test_double():\n    assert double(COUNT) == 8\n"

    def sample(count):
        existing = (
            f"from shop import double\n\nCOUNT = {count}\n\n\ndef test_one():\n    assert double(1) == 2\n"
        )
        return Sample("python", focal, existing, candidate, "", "shop.py", "test_shop.py")

    scorer = Scorer.load(threads=1)
    right, wrong = scorer.score(sample(4)), scorer.score(sample(5))
    assert wrong == Scorer.load(threads=1).score(sample(5))
    assert wrong.passes < right.passes
