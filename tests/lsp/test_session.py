"""What stays on the screen while a newer result is on its way."""

from dataclasses import replace

from runfree.lsp.outcome import Outcome
from runfree.lsp.session import Session, merged, same_tests, with_carried
from runfree.report import FileReport, TestReport
from runfree.sample import Prediction
from runfree.syntax.tree import Span

GOOD = Prediction(0.9, 0.8, 0.4)
TEXT = "def test_a():\n    pass\n\ndef test_b():\n    pass\n"


def listed(text, prediction=GOOD):
    return tuple(
        TestReport(line[4:-3], Span(number, 4, number, len(line) - 3), prediction)
        for number, line in enumerate(text.split("\n"), 1)
        if line.startswith("def ")
    )


def outcome(text, prediction=GOOD, version=1, complete=True):
    report = FileReport("test_x.py", "python", "x.py", listed(text, prediction), text=text)
    return Outcome(report, version, complete=complete)


def names(view):
    return [test.name for test in view.report.tests]


def test_a_plan_shows_the_last_predictions_and_has_none_for_a_new_test():
    plan = outcome("def test_new():\n    pass\n\n" + TEXT, prediction=None, version=2)
    view = merged(plan, outcome(TEXT))
    assert [(test.name, test.prediction) for test in view.report.tests] == [
        ("test_new", None),
        ("test_a", GOOD),
        ("test_b", GOOD),
    ]
    assert [test.name_span.start_line for test in view.report.tests] == [1, 4, 7]


def test_a_test_that_is_skipped_now_loses_its_prediction():
    plan = outcome(TEXT, prediction=None)
    first, second = plan.report.tests
    plan = replace(plan, report=replace(plan.report, tests=(replace(first, skipped="ignored"), second)))
    assert [test.prediction for test in merged(plan, outcome(TEXT)).report.tests] == [None, GOOD]


def test_tests_swallowed_by_an_open_string_stay_where_they_are():
    text = 'x = """\n' + TEXT
    current = replace(outcome("", version=2, complete=False))
    current = replace(current, report=replace(current.report, text=text))
    view = with_carried(current, outcome(TEXT))
    assert names(view) == ["test_a", "test_b"]
    assert [test.name_span.start_line for test in view.report.tests] == [2, 5]


def test_a_deleted_test_does_not_stay():
    text = "x = (\n" + TEXT.replace("def test_a():\n    pass\n", "")
    current = outcome("", version=2, complete=False)
    current = replace(current, report=replace(current.report, text=text))
    assert names(with_carried(current, outcome(TEXT))) == ["test_b"]


def test_a_text_that_parses_has_what_it_has():
    current = outcome("def test_b():\n    pass\n", version=2)
    assert with_carried(current, outcome(TEXT)) is current


def test_views_are_told_apart_by_their_tests():
    assert same_tests(outcome(TEXT), outcome(TEXT, prediction=None))
    assert not same_tests(outcome(TEXT), outcome("def test_a():\n"))
    assert not same_tests(None, outcome(TEXT))
    assert same_tests(None, None)


def test_a_session_is_stale_while_it_waits_or_when_the_text_has_moved_on():
    session = Session("file:///a", None)
    assert session.stale(1)
    session.view = outcome(TEXT)
    assert not session.stale(1)
    assert session.stale(2)
    session.settled.clear()
    assert session.stale(1)
    session.give_up()
    assert session.stop.is_set()
