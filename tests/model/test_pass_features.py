"""What passing is predicted from."""

from runfree.canonical import canonical
from runfree.evidence import evidence
from runfree.model.focal_index import focal_index
from runfree.model.pass_features import PASS_FEATURES, pass_features
from runfree.model.questions import ask
from runfree.sample import Sample

FOCAL = "def total(prices):\n    return sum(prices)\n"
HEADER = "import math\nimport pytest\nfrom shop.cart import total\n\n\ndef test_empty():\n    assert total([]) == 0\n"
TEST = "def test_rounded():\n    assert math.floor(total([1, 2])) == 3\n"


def row(candidate):
    case = canonical(Sample("python", FOCAL, HEADER, candidate, "", "shop/cart.py", "tests/test_cart.py"))
    index = focal_index(case.focal)
    asked = ask(index, case.suite, case.candidate, (), case.focal_path, case.test_path)
    values = pass_features(case, asked.view, index, asked.reached, asked.reading, evidence(case), 0.0)
    return dict(zip(PASS_FEATURES, values.tolist(), strict=True))


def test_a_reading_to_a_good_end_is_told():
    told = row(TEST)
    assert told["evidence_fails"] == 0
    assert told["read_outcome"] == 1


def test_a_file_that_lacks_an_import_of_the_existing_one_is_not_read_to_a_good_end():
    told = row("import pytest\nfrom shop.cart import total\n\n\n" + TEST)
    assert told["evidence_missing-import"] == 1
    assert told["evidence_fails"] == 1
    assert told["read_outcome"] == 0
