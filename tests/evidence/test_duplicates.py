"""Tests that repeat others."""

from runfree.canonical import file_cases
from runfree.evidence import evidence
from runfree.evidence.duplicates import nearest

FOCAL = "def double(x):\n    return 2 * x\n"
EXISTING = """\
from shop.till import double


def test_small():
    value = double(1)
    other = double(value)
    assert value == 2
    assert other == 4


def test_loop():
    for x in range(3):
        assert double(x) == x + x
"""


def test_a_copy_under_another_name(case):
    copy = EXISTING.replace("test_small", "test_again").split("\n\n\ndef test_loop")[0]
    found = [e for e in evidence(case("python", FOCAL, copy, EXISTING)) if e.code == "near-duplicate"]
    assert [(e.weight, e.message) for e in found] == [("redundant", "this test is the same as `test_small`")]


def test_a_test_of_its_own_is_no_duplicate(case):
    own = "def test_own():\n    assert double('a') == 'aa'\n"
    made = case("python", FOCAL, own, EXISTING)
    assert "near-duplicate" not in [e.code for e in evidence(made)]
    test, likeness = nearest(made)
    assert test is not None
    assert 0 < likeness < 0.9


def test_the_older_version_of_a_test_is_not_its_duplicate(case):
    again = EXISTING.split("\n\n\n")[1] + "\n"
    assert case("python", FOCAL, again, EXISTING).candidate.name == "test_small"
    codes = [e.code for e in evidence(case("python", FOCAL, again, EXISTING))]
    assert "near-duplicate" not in codes
    assert "duplicate-name" not in codes


def test_a_name_defined_twice_in_a_file():
    text = EXISTING + "\n\ndef test_small():\n    assert double(5) == 10\n"
    (case,) = file_cases("python", FOCAL, text, ["test_small"])
    assert ("duplicate-name", "redundant") in [(e.code, e.weight) for e in evidence(case)]
    go = "package p\n\nfunc TestA(t *testing.T) {\n\tt.Fail()\n}\n"
    (twice,) = file_cases("go", "package p\n", go + go.split("\n\n")[1], ["TestA"])
    assert ("duplicate-name", "fails") in [(e.code, e.weight) for e in evidence(twice)]
