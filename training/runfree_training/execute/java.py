"""The Java executor: Maven modules of a checkout, labelled pair by pair (`runfree_training.execute.Executor`)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from runfree_training.candidates.broken_java import break_tests
from runfree_training.candidates.written import written_for
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.java_history import history
from runfree_training.execute.java_label import label
from runfree_training.execute.java_module import find_pairs, module_of, prepare
from runfree_training.execute.java_suite import parse
from runfree_training.records import Record, TestResult

__all__ = ["find_pairs", "label_history", "label_pair", "prepare"]


def label_pair(project: Project, pair: Pair, settings: Settings) -> Record:
    """Runs the tests of a pair, their broken copies and the written candidates.

    Raises:
        RunfreeError: the module was not built, or no test of the class can be run.
    """
    module = module_of(project, pair.focal_path)
    text = (project.root / pair.test_path).read_text()
    stem = Path(pair.test_path).stem
    candidates = break_tests(
        text,
        seed=settings.seed,
        per_test=settings.broken_per_test,
        most=settings.broken_per_file,
        tests=[t.name for t in parse(text, stem).tests][: settings.tests],
        class_name=stem,
    )
    candidates += _written(project, pair, settings)
    with tempfile.TemporaryDirectory(prefix="runfree-java-") as work:
        return label(project, module, pair, settings, candidates, Path(work))


def label_history(project: Project, pairs: Sequence[Pair], settings: Settings) -> list[tuple[str, Record]]:
    """Records of commits that added tests to these files: each before the commit and after it."""
    return history(project, pairs, settings)


def _written(project: Project, pair: Pair, settings: Settings) -> list[TestResult]:
    """The written candidates of this pair, not run yet."""
    return [
        TestResult(w.test_name, "written", "not-run", kind=w.author_batch, text=w.candidate)
        for w in written_for(settings.written, project.repository, pair)
    ]
