"""The command line with the model that ships: whatever it predicts, every surface predicts the same."""

import json
import sys

import pytest

import runfree.cli
from runfree import Sample
from runfree.loading import load_scorer

CART = '''"""A cart."""


def total(prices, tax=0):
    if not prices:
        return 0
    return sum(prices) + tax


def cheapest(prices):
    if not prices:
        raise ValueError("empty cart")
    return min(prices)
'''
HEADER = "import pytest\n\nfrom cart import cheapest, total\n"
GOOD = "def test_total():\n    assert total([30, 10], tax=2) == 42\n"
WRONG = "def test_undefined():\n    assert totl([30, 10]) == 40\n"
RAISES = "def test_empty():\n    with pytest.raises(ValueError):\n        cheapest([])\n"
SUITE = f"{HEADER}\n\n{GOOD}\n\n{WRONG}\n\n{RAISES}"


@pytest.fixture(scope="module")
def model():
    return load_scorer()


@pytest.fixture
def run(monkeypatch, capsys, model):
    monkeypatch.setattr(runfree.cli, "load_scorer", lambda: model)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["runfree", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            runfree.cli.main()
        return stopped.value.code, capsys.readouterr().out

    return call


@pytest.fixture
def folder(write, monkeypatch):
    folder = write({"cart.py": CART, "tests/test_cart.py": SUITE})
    monkeypatch.chdir(folder)
    return folder


def by_name(out):
    return {test["name"]: test for test in json.loads(out)["files"][0]["tests"]}


def test_undefined_name_is_found_where_it_stands(run, folder):
    code, out = run("check", "--format", "json")
    tests = by_name(out)
    assert list(tests) == ["test_total", "test_undefined", "test_empty"]
    assert tests["test_undefined"]["passes"] < min(tests[n]["passes"] for n in ("test_total", "test_empty"))
    (found,) = tests["test_undefined"]["diagnostics"]
    assert (code, found["code"]) == (1, "RF001")
    place = SUITE.split("\n")[found["line"] - 1][found["column"] - 1 : found["end_column"] - 1]
    assert "totl" in place
    for test in tests.values():
        assert max(test["coverage_gain"], test["mutation_gain"]) <= test["passes"]


def test_the_cache_changes_nothing(run, folder):
    fresh = run("check", "--format", "json", "--no-cache")
    assert run("check", "--format", "json") == fresh
    assert run("check", "--format", "json") == fresh


def test_an_edit_of_the_focal_file_changes_predictions(run, folder):
    before = by_name(run("check", "--format", "json")[1])
    (folder / "cart.py").write_text(f"{CART}\n\ndef totl(prices):\n    return sum(prices)\n")
    (folder / "tests" / "test_cart.py").write_text(SUITE.replace("cheapest, total", "cheapest, totl, total"))
    after = by_name(run("check", "--format", "json")[1])
    assert after["test_undefined"]["passes"] > before["test_undefined"]["passes"]


def test_check_and_score_agree(run, folder, model):
    """The same sample by file and by line of JSON, as a bare function and as a whole file."""
    checked = by_name(run("check", "--format", "json")[1])["test_empty"]
    sample = {
        "language": "python",
        "focal_path": "cart.py",
        "focal": CART,
        "test_path": "tests/test_cart.py",
        "existing": f"{HEADER}\n\n{GOOD}\n\n{WRONG}",
        "test_name": "test_empty",
    }
    lines = [
        {"id": "bare", **sample, "candidate": RAISES},
        {"id": "whole", **sample, "candidate": f"{HEADER}\n\n{RAISES}"},
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, out = run("score", "in.jsonl")
    assert code == 0
    bare, whole = (json.loads(line) for line in out.splitlines())
    for key in ("passes", "coverage_gain", "mutation_gain", "new_lines"):
        assert bare[key] == whole[key]
    for key in ("passes", "coverage_gain", "mutation_gain"):
        # the file has blank lines that the canonical form of a bare function has not
        assert bare[key] == pytest.approx(checked[key], abs=0.03)
    assert [n["line"] for n in bare["new_lines"]] == [n["line"] for n in checked["new_lines"]]
    assert run("score", "in.jsonl") == (code, out)
    prediction = model.score(Sample(**sample, candidate=RAISES))
    assert prediction.passes == bare["passes"]


@pytest.mark.parametrize("form", ["text", "sarif", "github"])
def test_every_format(run, folder, form):
    code, out = run("check", "--format", form)
    assert code == 1
    assert "RF001" in out


def test_a_finding_with_a_place_comes_before_a_computed_failure_without_one():
    focal = "package shop\n\nfunc Parse(text string) (int, error) { return len(text), nil }\n"
    test = (
        'package shop\n\nimport "testing"\n\nfunc TestParse(t *testing.T) {\n'
        '\tif got, _ := Parse("5m", 2); got != 300 {\n\t\tt.Errorf("got %d", got)\n\t}\n}\n'
    )
    prediction = load_scorer().score(Sample("go", focal, "", test, "", "till.go", "till_test.go"))
    assert prediction.passes < 0.05
    assert [e.code for e in prediction.evidence if e.weight == "fails"] == ["argument-count"]
