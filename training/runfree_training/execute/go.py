"""The Go executor: modules and packages of one checkout, labelled pair by pair (`runfree_training.execute.Executor`)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from runfree_training.candidates.broken_go import break_tests
from runfree_training.candidates.written import written_for
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute import go_module as modules
from runfree_training.execute.go_history import history
from runfree_training.execute.go_label import label
from runfree_training.execute.go_suite import parse
from runfree_training.records import Record, TestResult


def prepare(project: Project) -> None:
    """Fetches the modules that the tests need and writes a go.mod where there is none.

    Raises:
        RunfreeError: no test package of the project compiles.
    """
    modules.prepare(project.root, project.repository)


def find_pairs(root: Path) -> list[Pair]:
    """Every `x.go` with its `x_test.go`, most tests first."""
    return modules.find_pairs(root)


def label_pair(project: Project, pair: Pair, settings: Settings) -> Record:
    """Runs the tests of a pair, their broken copies and the written candidates.

    Raises:
        RunfreeError: the package's own tests do not compile.
    """
    candidates = [*broken(project.root, pair, settings), *_written(project, pair, settings)]
    with tempfile.TemporaryDirectory(prefix="runfree-go-") as work:
        return label(project, pair, settings, candidates, Path(work))


def label_history(project: Project, pairs: Sequence[Pair], settings: Settings) -> list[tuple[str, Record]]:
    """Records of commits that added tests to these files: each before the commit and after it."""
    return history(project, pairs, settings)


def broken(root: Path, pair: Pair, settings: Settings) -> list[TestResult]:
    """The broken candidates of a pair, from at most `settings.tests` of its tests."""
    text = (root / pair.test_path).read_text(errors="replace")
    return break_tests(
        text,
        seed=settings.seed,
        per_test=settings.broken_per_test,
        most=settings.broken_per_file,
        tests=parse(text).tests[: settings.tests],
    )


def _written(project: Project, pair: Pair, settings: Settings) -> list[TestResult]:
    """The written candidates of this pair, not run yet."""
    return [
        TestResult(w.test_name, "written", "not-run", kind=w.author_batch, text=w.candidate)
        for w in written_for(settings.written, project.repository, pair)
    ]
