"""Candidates of source "history": test functions that a commit added to a test file that was already there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.corpus import git
from runfree_training.execute import Pair

# Of one test file, newest first: older ones seldom run with today's dependencies.
_MOST_COMMITS = 60
_MOST_TESTS = 6


@dataclass(frozen=True, slots=True)
class Event:
    """A commit that added tests of a pair.

    Attributes:
        commit, parent: full hashes. pair: its paths, the same in both.
        before, after: the test file's text in the parent and in the commit. added: qualified names of the new tests.
        focal_changed: the commit changed the focal file too.
    """

    commit: str
    parent: str
    pair: Pair
    before: str
    after: str
    added: tuple[str, ...]
    focal_changed: bool


def events(clone: Path, pairs: Sequence[Pair]) -> list[Event]:
    """Python commits that added tests: those that changed the focal file too first, test files taking turns."""
    ranked: list[tuple[bool, int, str, Event]] = []
    for pair in pairs:
        rank = {True: 0, False: 0}
        for event in _of_pair(clone, pair):
            rank[event.focal_changed] += 1
            ranked.append((not event.focal_changed, rank[event.focal_changed], pair.test_path, event))
    return [event for *_, event in sorted(ranked, key=lambda row: row[:3])]


def _of_pair(clone: Path, pair: Pair) -> Iterator[Event]:
    log = git(
        clone,
        "log",
        "--no-merges",
        f"-n{_MOST_COMMITS}",
        "--diff-filter=M",
        "--format=%H %P",
        "--",
        pair.test_path,
    )
    for line in log.splitlines():
        commit, _, parents = line.partition(" ")
        parent = parents.split(" ")[0]
        if not parent:
            continue
        try:
            before = git(clone, "show", f"{parent}:{pair.test_path}")
            after = git(clone, "show", f"{commit}:{pair.test_path}")
            changed = git(clone, "diff", "--name-only", parent, commit, "--", pair.focal_path)
            git(clone, "cat-file", "-e", f"{parent}:{pair.focal_path}")
        except RunfreeError:
            continue
        added = added_tests(before, after)
        if added:
            yield Event(commit, parent, pair, before, after, added[:_MOST_TESTS], bool(changed.strip()))


def added_tests(before: str, after: str) -> tuple[str, ...]:
    """Qualified names of the tests that are new in a file; renamed and moved ones are not new."""
    from runfree_training.candidates.broken_python import body_of
    from runfree_training.execute.python_suite import Suite

    try:
        old, new = Suite(before), Suite(after)
    except (SyntaxError, ValueError):
        return ()
    bodies = {body_of(test.text, test.bare_name) for test in old.tests.values()}
    names = {name.rpartition("::")[2] for name in old.tests}
    return tuple(
        name
        for name, test in new.tests.items()
        if test.bare_name not in names and body_of(test.text, test.bare_name) not in bodies
    )
