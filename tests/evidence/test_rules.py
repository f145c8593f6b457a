"""All rules together."""

import time
from contextlib import suppress

import pytest

from runfree.canonical import canonical, file_cases
from runfree.errors import RunfreeError
from runfree.evidence import evidence
from runfree.evidence.rules import MAX_FINDINGS
from runfree.sample import Sample

FOCAL = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 3 * x\n"
GOOD = "from shop.till import double, triple\n\n\ndef test_good():\n    assert double(2) == 4\n"


def test_the_strongest_comes_first(case):
    found = evidence(case("python", FOCAL, "def test_x():\n    triple(double(1, 2), missing)\n", GOOD))
    weights = [e.weight for e in found]
    assert weights == ["fails", "fails", "fails", "unchecked", "new"]
    assert {e.code for e in found[:3]} == {"argument-count", "undefined-name"}


def test_a_good_test_has_nothing_against_it(case):
    found = evidence(case("python", FOCAL, "def test_x():\n    assert triple(2) == 6\n", GOOD))
    assert [e.code for e in found] == ["reached-by-candidate-alone"]


def test_the_same_case_gives_the_same_facts(case):
    made = case("python", FOCAL, "def test_x():\n    b, a, c = d, e, f\n", GOOD)
    assert evidence(made) == evidence(made)


def test_what_is_found_is_bounded(case):
    lines = "".join(f"    missing{i}()\n" for i in range(500))
    assert len(evidence(case("python", FOCAL, "def test_x():\n" + lines, GOOD))) == MAX_FINDINGS


@pytest.mark.parametrize("language", ["python", "java", "go"])
@pytest.mark.parametrize(
    "junk",
    [
        "",
        "\0",
        "((((",
        "class A {{{",
        "def f(:",
        "package 1",
        "é😋" * 50,
        "x." * 500,
        "new A(" * 300,
        '"' * 99,
    ],
)
def test_no_text_makes_a_rule_fail(language, junk):
    tests = {
        "python": "def test_x():\n    assert f(1) == {}\n",
        "java": "@Test\nvoid x() {{\n    f({});\n}}\n",
        "go": "func TestX(t *testing.T) {{\n\tf({})\n}}\n",
    }
    for focal, existing, candidate in ((junk, "", "1"), ("", junk, "1"), ("", "", junk)):
        with suppress(RunfreeError):  # no test to be seen in it: said in plain words
            made = canonical(Sample(language, focal, existing, tests[language].format(candidate)))
            assert len(evidence(made)) <= MAX_FINDINGS


def test_a_large_file_is_read_at_typing_speed():
    tests = "".join(
        f"def test_{i}():\n    x = double({i})\n    y = [triple(k) for k in range({i})]\n    assert x == len(y)\n\n\n"
        for i in range(300)
    )
    cases = file_cases(
        "python", FOCAL, "from shop.till import double, triple\n\n\n" + tests, ["test_7", "test_9"]
    )
    evidence(cases[0])
    start = time.perf_counter()
    evidence(cases[1])
    assert time.perf_counter() - start < 0.5  # 0.004 s on an idle core
