"""The state of one open test file: what is known, what is shown, and the one job that is under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from runfree.lsp.drift import Drift
from runfree.lsp.outcome import Outcome
from runfree.positions import split_lines
from runfree.report import TestReport
from runfree.sample import Prediction
from runfree.syntax.tree import Span


@dataclass
class Session:
    """Touched on the event loop only.

    Attributes:
        outcome: the last finished one; diagnostics are read off it.
        view: what lenses and hover show: the outcome, or a plan with the outcome's predictions still in it.
        generation: counts the calls for a new result; a job of an older generation is given up.
        stop: set when the running job's result is no longer wanted.
        turned: set when a newer job has taken over from the one under way.
        settled: set while no job is under way. seen: set once there is a view.
        published: whether the editor holds pushed diagnostics of this file.
    """

    uri: str
    path: Path | None
    outcome: Outcome | None = None
    view: Outcome | None = None
    generation: int = 0
    task: asyncio.Task[None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    turned: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    published: bool = False

    def __post_init__(self) -> None:
        self.settled.set()

    @property
    def pending(self) -> bool:
        """A newer result is on its way."""
        return not self.settled.is_set()

    def stale(self, version: int | None) -> bool:
        """Whether what is shown is not of that version, or soon will not be."""
        return self.pending or self.view is None or self.view.version != version

    def give_up(self) -> None:
        """Gives up the job under way, if any."""
        self.stop.set()
        self.turned.set()
        if self.task is not None:
            self.task.cancel()
            self.task = None


def merged(plan: Outcome, last: Outcome | None) -> Outcome:
    """A plan's tests, each with the prediction that the last view has for it; carried-over tests included."""
    if last is None:
        return plan
    known = {test.name: test.prediction for test in last.report.tests}
    tests = tuple(
        replace(test, prediction=known.get(test.name))
        if test.prediction is None and not test.skipped
        else test
        for test in plan.report.tests
    )
    return with_carried(replace(plan, report=replace(plan.report, tests=tests)), last)


def partly_scored(view: Outcome, found: Mapping[str, Prediction]) -> Outcome:
    """The view with the predictions found so far, which count as fresh."""
    tests = tuple(
        replace(test, prediction=found[test.name], diagnostics=()) if test.name in found else test
        for test in view.report.tests
    )
    return replace(view, report=replace(view.report, tests=tests), fresh=frozenset(found))


def changed_tests(plan: Outcome, last: Outcome | None) -> frozenset[str]:
    """The tests whose own text is new: what the developer is at."""
    if last is None:
        return frozenset()
    return frozenset(name for name, text in plan.texts.items() if last.texts.get(name) != text)


def with_carried(current: Outcome, last: Outcome | None) -> Outcome:
    """The current view with the tests that it lacks only because the text does not parse just now.

    An unclosed bracket or string swallows the tests below it; their lenses must not flicker away. A test whose
    line is gone from the text is gone.
    """
    if current.complete or last is None:
        return current
    names = {test.name for test in current.report.tests}
    drift = Drift(last.lines, split_lines(current.report.text))
    carried = []
    for test in last.report.tests:
        line = drift.exactly(test.name_span.start_line - 1)
        if test.name not in names and test.prediction is not None and line is not None:
            carried.append(replace(test, name_span=_moved(test.name_span, line + 1), diagnostics=()))
    if not carried:
        return current
    tests = sorted([*current.report.tests, *carried], key=_place)
    return replace(current, report=replace(current.report, tests=tuple(tests)))


def same_tests(one: Outcome | None, other: Outcome | None) -> bool:
    """Whether two views show the same tests, so that no lens comes or goes between them."""
    return _names(one) == _names(other)


def _names(outcome: Outcome | None) -> Sequence[str] | None:
    return None if outcome is None else [test.name for test in outcome.report.tests]


def _moved(span: Span, line: int) -> Span:
    return Span(line, span.start_column, line + span.end_line - span.start_line, span.end_column)


def _place(test: TestReport) -> tuple[int, int]:
    return test.name_span.start_line, test.name_span.start_column
