"""Java tests that a commit added, run against the code before that commit and after it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.go_history import MOST_COMMITS, MOST_TESTS, Event, check_out, git, spread
from runfree_training.execute.java_label import label
from runfree_training.execute.java_module import Module, build, module_of
from runfree_training.execute.java_suite import parse
from runfree_training.records import Record, TestResult


def history(project: Project, pairs: Sequence[Pair], settings: Settings) -> list[tuple[str, Record]]:
    """At most `settings.history` records, two an event; commits that changed the focal file too come first.

    Old commits are compiled against today's libraries: those that need others do not compile and are passed over.
    """
    if project.clone is None or not settings.history:
        return []
    found = [event for pair in pairs for event in events(project.clone, pair)]
    records: list[tuple[str, Record]] = []
    for event in spread(found):
        if len(records) + 2 > settings.history:
            break
        try:
            records += label_event(project, event, settings)
        except RunfreeError:
            continue
    return records


def label_event(project: Project, event: Event, settings: Settings) -> list[tuple[str, Record]]:
    """The two records of one event.

    Raises:
        RunfreeError: one of the commits does not compile.
    """
    records = []
    names = frozenset(t.name for t in event.tests)
    today = module_of(project, event.pair.focal_path)
    for kind, revision in (("before", f"{event.commit}^"), ("after", event.commit)):
        with tempfile.TemporaryDirectory(prefix="runfree-java-") as folder:
            root, work, built = (Path(folder, n) for n in ("checkout", "work", "built"))
            for made in (root, work, built):
                made.mkdir()
            commit = check_out(project.clone, revision, root)
            shutil.copytree(today.built / "lib", built / "lib")
            module = Module(root / today.root.relative_to(project.root), built, today.harness)
            test = root / event.pair.test_path
            build(module, module.root, only=test.relative_to(module.root))
            there = replace(project, root=root, commit=commit)
            candidates = [replace(t, kind=kind) for t in event.tests]
            record = label(there, module, event.pair, settings, candidates, work, excluded=names)
            records.append((f"{event.commit[:12]}-{kind}", record))
    return records


def events(clone: Path, pair: Pair) -> Iterator[Event]:
    """The commits of a test file that added tests, newest first."""
    log = git(clone, "log", "--no-merges", f"-{MOST_COMMITS}", "--format=%H", "--", pair.test_path)
    stem = Path(pair.test_path).stem
    for commit in log.split():
        try:
            after = git(clone, "show", f"{commit}:{pair.test_path}")
            before = git(clone, "show", f"{commit}^:{pair.test_path}")
            focal = [git(clone, "show", f"{c}:{pair.focal_path}") for c in (commit, f"{commit}^")]
        except RunfreeError:
            continue
        tests = added_tests(before, after, stem)
        if tests and parse(before, stem).tests:
            yield Event(commit, pair, tuple(tests[:MOST_TESTS]), focal[0] != focal[1])


def added_tests(before: str, after: str, class_name: str) -> list[TestResult]:
    """The tests of `after` that `before` does not have, each with the imports that it brings in front."""
    old, new = parse(before, class_name), parse(after, class_name)
    known = {t.name for t in old.tests}
    imports = [line for _, _, line in new.imports if line not in {k for _, _, k in old.imports}]
    found = []
    for test in new.tests:
        if test.name not in known:
            used = [i for i in imports if i.rstrip(" ;").endswith("*") or _imported(i) in test.text]
            text = "\n".join([*used, "", test.text]) if used else test.text
            found.append(TestResult(test.name, "history", "not-run", text=text))
    return found


def _imported(line: str) -> str:
    return line.rstrip(" ;").rsplit(".", 1)[-1]
