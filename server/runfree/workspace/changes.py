"""Which tests of a file are new: added or changed against its old version, by the functions' own texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from textwrap import dedent

from runfree.syntax.tree import Function, SourceFile
from runfree.workspace.names import is_test_path

SIMILAR = 0.5  # share of common lines from which a deleted file counts as the old name of a new one
_MOST_CANDIDATES = 40  # deleted files compared with a new one


def new_tests(old: SourceFile | None, new: SourceFile) -> tuple[str, ...]:
    """Qualified names of the tests that are not in the old file with the same text, in order of place.

    A test that was only moved, with its class renamed or not, is not new; line endings and trailing blanks do not
    count. A changed test is new as a whole: its old version is not part of the new file.
    """
    known: Counter[tuple[str, str]] = Counter()
    if old is not None:
        known.update(_identity(test) for test in old.tests)
    names = []
    for test in new.tests:
        identity = _identity(test)
        if known[identity] > 0:
            known[identity] -= 1
        else:
            names.append(test.qualified_name)
    return tuple(dict.fromkeys(names))


def renamed_from(path: str, text: str, gone: Iterable[tuple[str, str]]) -> str | None:
    """The deleted file (of `gone`: path, text) that a new file is the successor of; None if none is similar."""
    best, found = SIMILAR, None
    lines = Counter(line.strip() for line in text.splitlines() if line.strip())
    for old_path, old_text in gone:
        old = Counter(line.strip() for line in old_text.splitlines() if line.strip())
        total = max(lines.total(), old.total())
        share = (lines & old).total() / total if total else 0.0
        if share >= best and (share > best or found is None):
            best, found = share, old_path
    return found


def rename_candidates(path: str, gone: Iterable[str]) -> list[str]:
    """Of the files that a commit has and the working tree lacks: test files of this language, nearest first."""
    wanted = PurePosixPath(path)
    tests = [PurePosixPath(old) for old in gone if old.endswith(wanted.suffix)]
    tests = [old for old in tests if is_test_path(old)]
    tests.sort(key=lambda old: (old.name != wanted.name, old.parent != wanted.parent, str(old)))
    return [str(old) for old in tests[:_MOST_CANDIDATES]]


def _identity(test: Function) -> tuple[str, str]:
    # The text starts at the definition's own column, the lines below it keep their indent.
    first, _, rest = "\n".join(line.rstrip() for line in test.text.splitlines()).partition("\n")
    return test.name, f"{first}\n{dedent(rest)}"
