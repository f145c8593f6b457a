"""Labels Python tests that a commit added: against the code before that commit, and after it."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from runfree.canonical import canonical
from runfree.errors import RunfreeError
from runfree.sample import Sample
from runfree_training.candidates.history import Event, events
from runfree_training.corpus import git
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.python_label import Target, label_target
from runfree_training.execute.python_pairs import bound_by, names_read
from runfree_training.execute.python_suite import Candidate, Suite
from runfree_training.records import Record

# Fewer than of a pair at the newest commit: these records are many, and alike.
_MUTANTS, _TESTS = 20, 25


def label_history(project: Project, pairs: Sequence[Pair], settings: Settings) -> list[tuple[str, Record]]:
    """At most `settings.history` records, a "before" and an "after" of each commit; slugs name commit and file."""
    if project.clone is None:
        return []
    few = replace(settings, mutants=_MUTANTS, tests=_TESTS, seconds=min(settings.seconds, 240.0))
    records: list[tuple[str, Record]] = []
    failures = 0
    for event in events(project.clone, pairs):
        if len(records) + 2 > settings.history or failures > settings.history:
            break
        try:
            records += _label(project, event, few)
        except RunfreeError:
            failures += 1  # an old commit need not run with today's dependencies
    return records


def _label(project: Project, event: Event, settings: Settings) -> list[tuple[str, Record]]:
    """Both records of one event.

    Raises:
        RunfreeError: the tests of one of the two commits cannot be run any more.
    """
    records = []
    name = f"{event.commit[:12]}-{Path(event.pair.test_path).stem}"
    for kind, commit in (("before", event.parent), ("after", event.commit)):
        with tempfile.TemporaryDirectory(prefix="runfree-history-") as folder:
            root = Path(folder)
            check_out_beside(project, commit, root)
            there = replace(project, root=root, commit=commit)
            text, candidates = before(event) if kind == "before" else after(event)
            if not candidates:
                raise RunfreeError("no candidate")
            focal = (root / event.pair.focal_path).read_text(encoding="utf-8", errors="replace")
            target = Target(there, event.pair, focal, text)
            records.append((f"{name}-{kind}", label_target(target, settings, candidates, broken=False)))
    return records


def check_out_beside(project: Project, commit: str, root: Path) -> None:
    """Lays a commit's tree into a folder, with the Python files that installing the project once generated."""
    assert project.clone is not None
    command = ["git", "-C", str(project.clone), "archive", "--format=tar", commit]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise RunfreeError(f"commit {commit[:12]} cannot be checked out")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(root, filter="data")
    root.chmod(0o755)
    for path in git(project.root, "ls-files", "--others").splitlines():
        source, target = project.root / path, root / path
        if path.endswith(".py") and target.parent.is_dir() and not target.exists():
            shutil.copyfile(source, target)


def before(event: Event) -> tuple[str, list[Candidate]]:
    """The parent's test file, and each new test with what it brings along merged into it."""
    old, new = Suite(event.before), Suite(event.after)
    candidates = []
    base = next(iter(old.tests), "")
    for name in event.added:
        given = brought(old, new, name)
        sample = Sample("python", "", event.before, given, name)
        try:
            case = canonical(sample)
        except RunfreeError:
            continue
        qualified = case.candidate.qualified_name
        candidates.append(
            Candidate(
                "history", "before", base, qualified, new.tests[name].text, file=case.suite.text, given=given
            )
        )
    return event.before, candidates


def after(event: Event) -> tuple[str, list[Candidate]]:
    """The commit's test file without its new tests, and these as candidates."""
    new = Suite(event.after)
    gone = {line for name in event.added for line in range(new.tests[name].start, new.tests[name].end + 1)}
    text = "".join(line for number, line in enumerate(new.lines, 1) if number not in gone)
    try:
        rest = Suite(text)
    except SyntaxError:  # a class is left without a body
        return text, []
    candidates = []
    for name in event.added:
        beside = [other for other in rest.tests.values() if other.owner == name.rpartition("::")[0]]
        if beside:
            candidates.append(Candidate("history", "after", beside[-1].name, name, new.tests[name].text))
    return text, candidates


def brought(old: Suite, new: Suite, name: str) -> str:
    """A new test as its author would hand it in: with the imports and helpers that the old file lacks, no more."""
    test = new.tests[name]
    have = {bound for node in old.module.body for bound in bound_by(node)}
    wanted = names_read(new.nodes[name])
    pieces: list[str] = []
    for node in reversed(new.module.body):
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        text = "".join(new.lines[start - 1 : node.end_lineno])
        binds = bound_by(node)
        if (
            binds & wanted - have
            and text not in old.text
            and not any(n.startswith(name.partition("::")[0]) for n in binds)
        ):
            pieces.insert(0, text)
            wanted |= names_read(node)
    if not test.owner:
        return "".join([*pieces, "\n\n", test.text]) if pieces else test.text
    flat = textwrap.dedent(test.text)
    if not pieces:
        return flat
    parts = test.owner.split("::")
    heads = "".join("    " * depth + f"class {part}:\n" for depth, part in enumerate(parts))
    return "".join([*pieces, "\n\n", heads, test.text])
