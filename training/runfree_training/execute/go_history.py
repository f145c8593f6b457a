"""Go tests that a commit added, run against the code before that commit and after it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.go_label import label
from runfree_training.execute.go_module import prepare
from runfree_training.execute.go_suite import Declaration, Parsed, parse
from runfree_training.records import Record, TestResult

MOST_COMMITS = 80  # of one test file that are looked at, newest first
MOST_TESTS = 6  # candidates of one commit


@dataclass(frozen=True, slots=True)
class Event:
    """A commit that added tests to a file that already had some; `focal_changed`: and changed the focal file."""

    commit: str
    pair: Pair
    tests: tuple[TestResult, ...]
    focal_changed: bool


def history(project: Project, pairs: Sequence[Pair], settings: Settings) -> list[tuple[str, Record]]:
    """At most `settings.history` records, two an event; commits that changed the focal file too come first."""
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
            continue  # an old commit need not build with today's toolchain
    return records


def spread(found: Sequence[Event]) -> list[Event]:
    """Events in the order of their worth: with a changed focal file first (their tests fail before for the natural
    reason), then one of each test file before a second of any."""
    rank: dict[str, int] = {}
    order = []
    for event in found:
        rank[event.pair.test_path] = rank.get(event.pair.test_path, 0) + 1
        order.append(
            (not event.focal_changed, rank[event.pair.test_path], event.pair.test_path, event.commit)
        )
    return [event for _, event in sorted(zip(order, found, strict=True), key=lambda row: row[0])]


def label_event(project: Project, event: Event, settings: Settings) -> list[tuple[str, Record]]:
    """The two records of one event.

    Raises:
        RunfreeError: the tests of one of the commits do not compile.
    """
    records = []
    names = frozenset(t.name for t in event.tests)
    for kind, revision in (("before", f"{event.commit}^"), ("after", event.commit)):
        with tempfile.TemporaryDirectory(prefix="runfree-go-") as folder:
            root, work = Path(folder, "checkout"), Path(folder, "work")
            root.mkdir()
            work.mkdir()
            commit = check_out(project.clone, revision, root)
            prepare(root, project.repository, package=root / Path(event.pair.focal_path).parent)
            there = replace(project, root=root, commit=commit)
            candidates = [replace(t, kind=kind) for t in event.tests]
            record = label(there, event.pair, settings, candidates, work, excluded=names)
            records.append((f"{event.commit[:12]}-{kind}", record))
    return records


def events(clone: Path, pair: Pair) -> Iterator[Event]:
    """The commits of a test file that added tests, newest first."""
    log = git(clone, "log", "--no-merges", f"-{MOST_COMMITS}", "--format=%H", "--", pair.test_path)
    for commit in log.split():
        try:
            after = git(clone, "show", f"{commit}:{pair.test_path}")
            before = git(clone, "show", f"{commit}^:{pair.test_path}")
            focal = [git(clone, "show", f"{c}:{pair.focal_path}") for c in (commit, f"{commit}^")]
        except RunfreeError:
            continue
        tests = added_tests(before, after)
        if tests and parse(before).tests:
            yield Event(commit, pair, tuple(tests[:MOST_TESTS]), focal[0] != focal[1])


def added_tests(before: str, after: str) -> list[TestResult]:
    """The tests of `after` that `before` does not have, each as a file text with the imports and helpers it brings.

    Tests that need a helper which was changed under its old name are left out: as a candidate they would clash.
    """
    old, new = parse(before), parse(after)
    known = {name: d.text for d in old.declarations for name in d.names}
    found = []
    for declaration in new.declarations:
        if not declaration.is_test or declaration.names[0] in known:
            continue
        needed = _needed(new, declaration.text)
        if any(known.get(n, d.text) != d.text for d in needed for n in d.names):
            continue
        brought = [d.text for d in needed if not any(n in known for n in d.names)]
        texts = [*brought, declaration.text]
        imports = [i.text for i in new.imports if i.text not in {k.text for k in old.imports}
                   and any(re.search(rf"\b{re.escape(n)}\.", t) for n in i.names for t in texts)]  # fmt: skip
        text = declaration.text
        if imports or brought:
            block = "import (\n" + "".join(f"\t{i}\n" for i in imports) + ")\n\n" if imports else ""
            text = f"package {new.package}\n\n{block}" + "\n\n".join(texts)
        found.append(TestResult(declaration.names[0], "history", "not-run", text=text))
    return found


def _needed(file: Parsed, text: str) -> list[Declaration]:
    """The helpers of a file that a text uses, directly or through others, in order of place."""
    chosen: set[int] = set()
    texts = [text]
    while texts:
        words = set(re.findall(r"\w+", texts.pop()))
        for at, declaration in enumerate(file.declarations):
            names = {re.findall(r"\w+", n)[-1] for n in declaration.names if re.findall(r"\w+", n)}
            methods = {w for n in declaration.names if n.startswith("(") for w in re.findall(r"\w+", n)}
            if at not in chosen and not declaration.is_test and (names | methods) & words:
                chosen.add(at)
                texts.append(declaration.text)
    return [file.declarations[at] for at in sorted(chosen)]


def check_out(clone: Path | None, revision: str, into: Path) -> str:
    """Unpacks a revision into an empty folder; returns its full hash.

    Raises:
        RunfreeError: the clone does not hold it.
    """
    if clone is None:
        raise RunfreeError("there is no clone to check out from")
    commit = git(clone, "rev-parse", revision).strip()
    packed = subprocess.run(
        ["git", f"--git-dir={clone}", "archive", commit], capture_output=True, check=False
    )
    done = subprocess.run(
        ["tar", "-x", "-C", str(into)], input=packed.stdout, capture_output=True, check=False
    )
    if packed.returncode or done.returncode:
        raise RunfreeError(f"{revision} cannot be checked out")
    return commit


def git(clone: Path, *arguments: str) -> str:
    """Output of a git command in a clone.

    Raises:
        RunfreeError: git refused.
    """
    done = subprocess.run(
        ["git", f"--git-dir={clone}", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise RunfreeError(f"git {arguments[0]}: {done.stderr.strip()[:200]}")
    return done.stdout
