"""Undefined names, missing imports and unknown fixtures in Python."""

import pytest

from runfree.evidence import evidence

FOCAL = "LIMIT = 3\n\n\ndef double(x):\n    return 2 * x\n"
HEADER = "import pytest\n\nfrom shop.till import double\n\n\n"


def body(*lines):
    return HEADER + "def test_x():\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["assert double(1) == missing"], ["undefined-name"]),
        (["Thing().run()", "Thing()"], ["undefined-name"]),
        (["assert json.dumps(double(1))"], ["missing-import"]),
        (["assert double(LIMIT) == 6"], ["missing-import"]),
        (["assert np.array(double(1))"], ["missing-import"]),
    ],
)
def test_names_that_nothing_binds(codes, lines, found):
    assert codes("python", FOCAL, body(*lines)) == found


@pytest.mark.parametrize(
    "lines",
    [
        ["assert double(1) == len(__file__)"],
        ["import json", "assert json.dumps(1)"],
        ["for i in range(3): last = i", "assert last"],
        ["later()", "def later(): pass"],
        ["with pytest.raises(NameError): missing()"],
        ["assert {k: v for k, v in zip('a', 'b')} and (lambda q: q)(1)"],
        ["if PY2:", "    assert unicode", "PY2 = False"],
        ["x: Unknown = 1"],
        ["assert double(1), message"],
        ["try: unicode", "except NameError: unicode = str"],
        ["def inner() -> Unknown: pass"],
    ],
)
def test_names_that_are_bound_somehow(codes, lines):
    assert codes("python", FOCAL, body(*lines)) == []


def test_star_imports_silence_the_rule(codes):
    assert codes("python", FOCAL, body("missing()").replace("import pytest", "from util import *")) == []


def test_helpers_and_fixtures_that_run_are_read_too(codes):
    helper = "def helper():\n    return missing\n\n\n"
    assert codes("python", FOCAL, HEADER + helper + "def test_x():\n    assert helper()\n") == [
        "undefined-name"
    ]
    assert codes("python", FOCAL, HEADER + helper + "def test_x():\n    assert double(1)\n") == []
    fixture = "@pytest.fixture\ndef till():\n    return missing\n\n\ndef test_x(till):\n    assert till\n"
    assert codes("python", FOCAL, HEADER + fixture) == ["undefined-name"]


def test_code_that_runs_on_import_is_read(codes):
    assert codes("python", FOCAL, body("assert double(1)") + "\nsys.path.append('.')\n") == ["missing-import"]


def test_an_import_that_a_whole_file_lacks(codes):
    whole = "import os\nimport sys\n\nfrom shop.till import double\n\n\ndef test_x():\n    assert double(1)\n"
    existing = whole.replace("test_x", "test_y")
    lacking = whole.replace("from shop.till import double\n", "")
    assert codes("python", FOCAL, lacking, existing) == ["missing-import"]
    assert codes("python", FOCAL, whole, existing) == []


def test_the_place_is_in_the_text_as_given(case):
    candidate = "\n\n" + body("assert 1", "é = missing  # here")
    (found,) = [e for e in evidence(case("python", FOCAL, candidate, HEADER)) if e.weight == "fails"]
    line = candidate.split("\n")[found.line - 1]
    assert line.encode()[found.column : found.end_column] == b"missing"
    assert (found.path, found.where) == ("tests/test_till.py", "candidate")


@pytest.mark.parametrize(
    ("parameters", "known"),
    [("tmp_path", True), ("till", True), ("unheard", False), ("x=1", True), ("mocker", True)],
)
def test_fixtures_of_the_test(codes, parameters, known):
    candidate = HEADER + f"def test_x({parameters}):\n    assert double(1)\n"
    conftest = (("tests/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef till(): return 1\n"),)
    found = codes("python", FOCAL, candidate, context=conftest)
    assert found == ([] if known else ["unknown-fixture"])


def test_without_a_conftest_an_unknown_fixture_is_only_mentioned(codes):
    candidate = HEADER + "def test_x(unheard):\n    assert double(1)\n"
    assert codes("python", FOCAL, candidate) == []
    assert codes("python", FOCAL, candidate, weights=("info",)) == ["unknown-fixture"]
    marked = candidate.replace("def ", '@pytest.mark.parametrize("unheard", [1])\ndef ')
    assert codes("python", FOCAL, marked, weights=("info",)) == []


def test_an_unfinished_test_is_told_of_its_syntax_alone(codes):
    assert codes("python", FOCAL, HEADER + "def test_x():\n    missing(\n") == ["syntax-error"]
