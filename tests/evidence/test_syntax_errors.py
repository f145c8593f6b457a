"""What cannot be parsed: named where it lies outside the test that is asked about."""

from runfree.canonical import file_cases
from runfree.evidence import evidence

FOCAL = "def double(x):\n    return 2 * x\n"
GOOD = "from till import double\n\n\ndef test_good():\n    assert double(1) == 2\n"


def messages(text, name):
    (case,) = file_cases("python", FOCAL, text, [name])
    return [e.message for e in evidence(case) if e.code == "syntax-error"]


def test_the_line_of_the_test_itself():
    text = GOOD + "\n\ndef test_bad():\n    assert double(1 ==\n"
    assert messages(text, "test_bad") == ["this line cannot be parsed"]
    assert messages(text, "test_good") == []


def test_a_line_of_the_header_is_named():
    text = GOOD.replace("import double", "import double)")
    assert messages(text, "test_good") == ["line 1, outside the test, cannot be parsed"]
