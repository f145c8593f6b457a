"""Reports of whole files, with a scorer whose answers are known."""

import pytest

from runfree.cache import PredictionCache
from runfree.config import CacheSettings
from runfree.review import StoppedError, draft, review
from runfree.workspace import Workspace

CART = "def total(prices):\n    return sum(prices)\n"
HEAD = "from cart import total\n\n\n"


def suite(*names):
    return HEAD + "\n\n".join(f"def test_{name}():\n    assert total([]) == '{name}'\n" for name in names)


@pytest.fixture
def examine(write):
    folder = write({"cart.py": CART, "test_cart.py": ""})
    workspace = Workspace()
    return lambda text, **values: workspace.examine(folder / "test_cart.py", text, values)


@pytest.fixture
def cache(tmp_path):
    return PredictionCache(CacheSettings(directory=str(tmp_path / "kept")))


def test_predictions_and_findings(examine, scorer):
    report = review(examine(suite("good", "wrong", "again", "smoke")), scorer)
    assert [(t.name, [d.code for d in t.diagnostics]) for t in report.tests] == [
        ("test_good", []),
        ("test_wrong", ["RF001"]),
        ("test_again", ["RF002"]),
        ("test_smoke", ["RF003"]),
    ]
    assert report.focal_path == "cart.py"


def test_draft_has_the_same_tests_without_predictions(examine, scorer):
    file = examine(suite("good", "wrong"))
    assert [(t.name, t.prediction, t.skipped) for t in draft(file).tests] == [
        ("test_good", None, ""),
        ("test_wrong", None, ""),
    ]


def test_existing_tests_of_new_ones(write, commit, scorer):
    folder = write({"cart.py": CART, "test_cart.py": suite("old1", "changed", "old2")})
    commit(folder)
    text = suite("old1", "new1", "changed", "old2", "new2").replace("'changed'", "'CHANGED'")
    review(Workspace().examine(folder / "test_cart.py", text), scorer)
    assert scorer.asked == [
        ("test_new1", ("test_old1", "test_old2")),
        ("test_changed", ("test_old1", "test_new1", "test_old2")),
        ("test_new2", ("test_old1", "test_new1", "test_changed", "test_old2")),
    ]


def test_existing_tests_where_all_are_scored(examine, scorer):
    review(examine(suite("a", "b"), scope="all"), scorer)
    assert scorer.asked == [("test_a", ("test_b",)), ("test_b", ("test_a",))]


def test_severities_thresholds_and_suppression(examine, scorer):
    text = suite("wrong", "wrong2").replace(
        "def test_wrong2():", "def test_wrong2():  # runfree: ignore[RF001]"
    )
    codes = [d.code for d in review(examine(text), scorer).diagnostics]
    assert codes == ["RF001"]
    assert review(examine(text, severities={"RF001": "off"}), scorer).diagnostics == ()
    assert review(examine(text, thresholds={"RF001": 0.05}), scorer).diagnostics == ()
    (found,) = review(examine(text, severities={"RF001": "error"}), scorer).diagnostics
    assert found.severity == "error"


def test_focal_file_not_found_is_said_once(write, scorer):
    folder = write({"runfree.toml": "", "test_x.py": suite("a", "b")})
    report = review(Workspace().examine(folder / "test_x.py"), scorer)
    assert report.skipped.startswith("focal file not found. The test file imports no source file")
    assert [d.code for d in report.diagnostics] == ["RF010"]
    assert [t.skipped for t in report.tests] == ["focal file not found"] * 2
    assert scorer.asked == []


def test_five_thousand_tests(examine, scorer):
    text = suite(*(f"t{number}" for number in range(5000)))
    report = review(examine(text), scorer)
    assert len(report.tests) == 5000
    assert sum(t.prediction is not None for t in report.tests) == 500
    assert report.tests[500].skipped == "only the first 500 tests of a file are scored (limits.max_tests)"
    assert len(scorer.asked) == 500


def test_tests_over_the_limit_are_not_existing_ones(write, commit, scorer):
    folder = write({"cart.py": CART, "test_cart.py": suite("old")})
    commit(folder)
    file = Workspace().examine(
        folder / "test_cart.py", suite("a", "b", "c", "old"), {"limits": {"max_tests": 2}}
    )
    review(file, scorer)
    assert scorer.asked == [("test_a", ("test_old",)), ("test_b", ("test_a", "test_old"))]


def test_one_tests_trouble_is_not_the_others(examine, scorer):
    report = review(examine(suite("good", "explode", "wrong")), scorer)
    assert [t.prediction is not None for t in report.tests] == [True, False, True]
    assert report.tests[1].skipped == "an error of runfree's own (ZeroDivisionError): its log says more"


def test_stopped(examine, scorer):
    with pytest.raises(StoppedError):
        review(examine(suite("a", "b")), scorer, stopped=lambda: bool(scorer.asked))
    assert len(scorer.asked) == 1


def test_two_tests_of_one_name_are_one_candidate(examine, scorer):
    report = review(examine(suite("a", "a")), scorer)
    assert [t.name for t in report.tests] == ["test_a"]
    assert report.tests[0].name_span.start_line == 8


def test_cache_answers_what_did_not_change(write, commit, scorer, cache):
    folder = write({"cart.py": CART, "test_cart.py": suite("old")})
    commit(folder)
    workspace = Workspace()

    def asked(text):
        scorer.asked.clear()
        report = review(workspace.examine(folder / "test_cart.py", text), scorer, cache)
        assert all(t.prediction for t in report.tests)
        return [name for name, _ in scorer.asked], report

    text = suite("old", "wrong", "b", "c")
    assert asked(text)[0] == ["test_wrong", "test_b", "test_c"]
    assert asked(text)[0] == []
    assert asked(text.replace("'b'", "'bb'"))[0] == ["test_b", "test_c"]
    assert asked(text.replace("'c'", "'cc'"))[0] == ["test_c"]
    names, report = asked(text.replace("\n\ndef test_wrong", "\n\n\n\n# moved\n\ndef test_wrong"))
    assert names == []  # a comment says nothing about what runs
    names, report = asked(text.replace("\n\ndef test_wrong", "\n\n\n\n\ndef test_wrong"))
    assert names == []
    (found,) = report.diagnostics
    assert report.text.split("\n")[found.span.start_line - 1] == "    assert total([]) == 'wrong'"
    assert asked(text.replace("import total", "import total, x"))[0] == ["test_wrong", "test_b", "test_c"]
    (folder / "cart.py").write_text(CART + "\nX = 1\n")
    assert asked(text)[0] == ["test_wrong", "test_b", "test_c"]
    scorer.model_id = "another model"
    assert asked(text)[0] == ["test_wrong", "test_b", "test_c"]


def test_findings_are_the_same_from_the_cache(examine, scorer, cache):
    file = examine(suite("good", "wrong", "again", "smoke"))
    first = review(file, scorer, cache)
    scorer.asked.clear()
    assert review(file, scorer, cache) == first
    assert scorer.asked == []
