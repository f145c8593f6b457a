import numpy as np
import pytest

from runfree.model.focal_index import focal_index
from runfree.model.line_features import LINE_FEATURES, UNREAD, Reading, argument_kind, line_features
from runfree.model.test_view import test_view as view_of
from runfree.syntax.parse import parse

FOCAL = """\
def price(amount, tax=None):
    if tax is None:
        return amount
    if tax < 0:
        raise ValueError("negative tax")
    return amount + amount * tax // 100
"""


def features(body, reading=UNREAD):
    index = focal_index(parse("python", FOCAL))
    suite = parse("python", body)
    rows = line_features(view_of(suite, suite.tests[0]), index, reading)
    return {
        int(line): dict(zip(LINE_FEATURES, row.tolist(), strict=True))
        for line, row in zip(index.lines, rows, strict=True)
    }


def test_what_is_passed_for_the_parameter_that_decides():
    plain = features("def test_a():\n    assert price(10) == 10\n")
    assert plain[3]["argument_default-null"] == 1
    assert plain[3]["condition_parameters_passed"] == 0
    taxed = features("def test_a():\n    assert price(10, tax=-5) == 10\n")
    assert taxed[5]["argument_negative"] == 1
    assert taxed[5]["condition_parameters_passed"] == 1


def test_expected_errors_meet_the_lines_that_raise():
    rows = features(
        "def test_a():\n    with pytest.raises(ValueError, match='negative'):\n        price(1, -1)\n"
    )
    assert rows[5]["raise_type_match"] == 2
    assert rows[5]["raise_message_match"] == 1
    assert rows[6]["raise_type_match"] == 0


def test_a_reading_reaches_the_rows():
    rows = features("def test_a():\n    price(1)\n", Reading({1: 3, 2: 3, 3: 3}, 1))
    assert rows[3]["read_grade"] == 3
    assert rows[6]["read_grade"] == -1  # the reading does not know the line
    assert rows[6]["read_function_grade"] == 3
    assert rows[3]["read_outcome"] == 1


def test_the_place_of_the_test_in_its_file_does_not_matter():
    test = "def test_a():\n    assert price(10, 5) == 10\n"
    near, far = features(test), features("import x\n\n\n\n" + test)
    assert near == far


def test_no_focal_lines_give_no_rows():
    index = focal_index(parse("python", ""))
    suite = parse("python", "def test_a():\n    pass\n")
    assert line_features(view_of(suite, suite.tests[0]), index, UNREAD).shape == (0, len(LINE_FEATURES))


def test_rows_are_finite():
    rows = features("def test_a():\n    for i in range(3):\n        price(i, *[1])\n")
    assert all(np.isfinite(v) for row in rows.values() for v in row.values())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("None", "null"), ("nil", "null"), ("true", "true"), ("False", "false"), ("0", "zero"), ("0.0", "zero"), ("-3", "negative"),
        ("42", "number"), ("1e5", "number"), ('""', "empty-string"), ("''", "empty-string"), ('"a"', "string"), ("f'{x}'", "string"),
        ("[]", "empty-collection"), ("{}", "empty-collection"), ("List.of()", "empty-collection"), ("[1]", "collection"),
        ("[]int{1}", "collection"), ("name", "name"), ("a.b", "name"), ("f(1)", "call"),
    ],
)  # fmt: skip
def test_argument_kind(text, kind):
    assert argument_kind(text) == kind
