from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from runfree.config import CODES, Severities
from runfree.render.diagnostics import diagnose, documentation_url, firing, focal_not_found
from runfree.render.thresholds import Thresholds
from runfree.sample import Evidence, Prediction
from runfree.syntax.parse import parse

THRESHOLDS = Thresholds({"RF001": {"default": 0.3}, "RF002": {"default": 0.2}, "RF003": {"default": 0.2}})
SUITE = parse(
    "python", "def test_a():\n    é = 1; assert total() == 2\n\n\ndef test_b():\n    assert total()\n"
)
TEST, OTHER = SUITE.tests


def found(prediction, suppressed=frozenset(), severities=Severities()):  # noqa: B008
    return diagnose(TEST, prediction, SUITE, "python", THRESHOLDS, severities, suppressed)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((0.29, 0.0, 0.0), "RF001"),
        ((0.3, 0.0, 0.0), None),
        ((0.5, 0.1, 0.1), "RF002"),
        ((0.9, 0.2, 0.1), None),
        ((0.9, 0.1, 0.2), None),
        ((0.9, 0.5, 0.1), "RF003"),
        ((0.9, 0.5, 0.2), None),
        ((0.9, 0.9, 0.9), None),
    ],
)
def test_which_code_fires(values, code):
    assert firing(Prediction(*values), THRESHOLDS, "python") == code


def test_likely_failing_points_at_the_evidence():
    reason = Evidence("wrong", "expects 2, but total() gives 3", "t.py", 2, 19, 31, weight="fails")
    (diagnostic,) = found(Prediction(0.08, 0, 0, evidence=(reason,)))
    assert diagnostic.message == "likely fails: predicted to pass 8%. Expects 2, but total() gives 3."
    span = diagnostic.span
    assert (span.start_line, span.start_column, span.end_column) == (2, 19, 31)
    assert (diagnostic.severity, diagnostic.test) == ("warning", "test_a")


def test_evidence_with_a_line_alone_marks_its_text():
    (diagnostic,) = found(Prediction(0.1, 0, 0, evidence=(Evidence("w", "m", "t.py", 2, weight="fails"),)))
    assert (diagnostic.span.start_line, diagnostic.span.start_column, diagnostic.span.end_column) == (
        2,
        4,
        31,
    )


@pytest.mark.parametrize(
    "reason",
    [
        Evidence("w", "m", weight="fails"),
        Evidence("w", "m", "t.py", 6, weight="fails"),
        Evidence("w", "m", "t.py", 9999, weight="fails"),
        Evidence("w", "m", "s.py", 2, weight="fails", where="focal"),
        Evidence("w", "m", "t.py", 2, weight="info"),
    ],
)
def test_otherwise_it_points_at_the_name(reason):
    (diagnostic,) = found(Prediction(0.1, 0, 0, evidence=(reason,)))
    assert diagnostic.span == TEST.name_span


def test_redundant_names_the_similar_test():
    reason = Evidence("same", "the same calls", "t.py", 2, weight="redundant")
    (diagnostic,) = found(Prediction(0.9, 0.05, 0.01, evidence=(reason,), similar_test="test_b"))
    assert diagnostic.span == TEST.name_span
    assert diagnostic.tags == ("unnecessary",)
    assert [r.message for r in diagnostic.related] == ["the most similar test: test_b"]
    assert diagnostic.related[0].line == 5
    assert "new coverage 5%, new mutants killed 1%" in diagnostic.message


def test_focal_lines_are_related():
    reasons = (
        Evidence("w", "wrong", "t.py", 2, weight="fails"),
        Evidence("f", "raises here", "cart.py", 7, weight="fails", where="focal"),
    )
    (diagnostic,) = found(Prediction(0.1, 0, 0, evidence=reasons))
    assert [(r.path, r.line, r.message) for r in diagnostic.related] == [("cart.py", 7, "raises here")]


def test_unsure_is_said():
    (diagnostic,) = found(Prediction(0.1, 0, 0, unsure=True))
    assert diagnostic.message == "likely fails: predicted to pass 10% (unsure)."


def test_off_and_suppressed():
    failing = Prediction(0.1, 0, 0)
    assert found(failing, severities=Severities(RF001="off")) == ()
    assert found(failing, {"RF001"}) == ()
    assert found(failing, {"*"}) == ()
    assert len(found(failing, {"RF002"})) == 1


def test_focal_not_found():
    (diagnostic,) = focal_not_found(TEST, "none is named like it", Severities())
    assert (diagnostic.code, diagnostic.severity, diagnostic.span) == ("RF010", "hint", TEST.name_span)
    assert "None is named like it." in diagnostic.message
    assert focal_not_found(TEST, "", Severities(RF010="off")) == ()
    assert focal_not_found(TEST, "", Severities(), {"RF010"}) == ()


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_its_page(code):
    page = Path(unquote(urlparse(documentation_url(code)).path)).read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: ")
    assert f"ignore[{code}]" in page


def test_a_reason_without_a_place_takes_the_next_ones():
    reasons = (
        Evidence("computed", "raises NameError", "t.py", weight="fails"),
        Evidence("undefined", "`total` is not defined", "t.py", 2, 19, 24, weight="fails"),
    )
    (diagnostic,) = found(Prediction(0.1, 0, 0, evidence=reasons))
    assert "Raises NameError." in diagnostic.message
    assert (diagnostic.span.start_line, diagnostic.span.start_column) == (2, 19)


def test_a_test_that_keeps_another_from_running_is_told_of_it():
    twice = Evidence("duplicate-name", "`test_a` is defined more than once", "t.py", 1, weight="redundant")
    (diagnostic,) = found(Prediction(0.9, 0.8, 0.8, evidence=(twice,)))
    assert diagnostic.code == "RF002"
    assert diagnostic.message == "replaces another test. `test_a` is defined more than once."
