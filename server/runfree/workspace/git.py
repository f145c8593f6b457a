"""Reads old versions of files out of git, by the `git` executable, without running anything a repository names.

Only plumbing that looks at objects and the index is used (rev-parse, cat-file, ls-tree, ls-files): it runs no
filters, text converters, hooks, pagers or external differs, and fetches nothing.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
from collections import OrderedDict
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.workspace.names import SUFFIXES

logger = logging.getLogger("runfree")

_HARDENED = ("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false")
_KEPT_TEXTS = 256  # old versions kept in memory
_COMMIT_SECONDS = 1.0  # how long a resolved revision is believed: a commit made meanwhile is seen that late
_MISSING_SECONDS = 5.0  # how long the list of deleted files is believed: it takes a look at every file


class GitError(Exception):
    """git did not answer as hoped; the message is fit for a note."""


def _environment() -> dict[str, str]:
    """The user's environment without what redirects git, and with what keeps it quiet, local and literal."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    quiet = {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "LC_ALL": "C",
    }
    return {**kept, **quiet}


def run_git(folder: Path, *arguments: str, seconds: float, stdin: bytes = b"") -> bytes:
    """What git prints.

    Raises:
        GitError: there is no git, it failed, or it took longer than `seconds`.
    """
    executable = shutil.which("git")
    if executable is None:
        raise GitError("git is not installed")
    try:
        done = subprocess.run(
            [executable, *_HARDENED, "-C", str(folder), *arguments],
            input=stdin,
            capture_output=True,
            timeout=seconds,
            env=_environment(),
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git took longer than {seconds:g} s (limits.git_seconds)") from None
    except (OSError, ValueError) as error:
        raise GitError(f"git cannot be started: {error}") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(lines[0][:200] if lines else f"git ended with {done.returncode}")
    return done.stdout


def repository_root(folder: Path) -> Path | None:
    """The nearest folder upwards with a `.git`; None without one."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


class Repository:
    """One working tree; old texts are kept per commit. Not for concurrent use."""

    def __init__(self, root: Path, seconds: float) -> None:
        self.root = root
        self._seconds = seconds
        self._commits: dict[str, tuple[float, str]] = {}
        self._texts: OrderedDict[tuple[str, str], bytes | None] = OrderedDict()
        self._missing: dict[str, tuple[float, list[str]]] = {}

    @classmethod
    def of(cls, folder: Path, seconds: float) -> Repository | None:
        """The repository whose working tree holds the folder, or None where there is none.

        Raises:
            GitError: there is a repository, but git does not read it.
        """
        root = repository_root(folder)
        if root is None:
            return None
        top = run_git(folder, "rev-parse", "--show-toplevel", seconds=seconds)
        if Path(os.fsdecode(top).rstrip("\r\n")).resolve() != root.resolve():
            raise GitError("the repository's working tree lies elsewhere")  # a setting in .git/config
        return cls(root.resolve(), seconds)

    def commit(self, revision: str) -> str | None:
        """The commit a revision names; None for HEAD where nothing has been committed yet.

        Raises:
            RunfreeError: there is no such revision.
            GitError: git failed otherwise.
        """
        known = self._commits.get(revision)
        if known and time.monotonic() - known[0] < _COMMIT_SECONDS:
            return known[1] or None
        try:
            asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            commit = self._git(*asked).decode("ascii", "replace").strip()
        except GitError as error:
            if str(error) != "git ended with 1" and "Needed a single revision" not in str(error):
                raise
            if revision != "HEAD":
                raise RunfreeError(
                    f"{self.root}: git knows no revision {revision!r} (setting `since`, option --since)."
                ) from None
            commit = ""
        self._commits[revision] = (time.monotonic(), commit)
        return commit or None

    def read(self, commit: str, path: str) -> bytes | None:
        """The bytes of a file (relative to the root, with `/`) in a commit; None where it was not there."""
        key = (commit, path)
        if key not in self._texts:
            self._remember(key, self._blob(commit, path))
        self._texts.move_to_end(key)
        return self._texts[key]

    def missing(self, commit: str) -> list[str]:
        """Source files of a commit that the working tree lacks: deleted, or renamed since."""
        known = self._missing.get(commit)
        if known and time.monotonic() - known[0] < _MISSING_SECONDS:
            return known[1]
        listing = self._git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
        paths = [os.fsdecode(p) for p in listing.split(b"\0") if p.endswith(tuple(map(str.encode, SUFFIXES)))]
        gone = [path for path in paths if not os.path.lexists(self.root / path)]
        self._missing = {commit: (time.monotonic(), gone)}
        return gone

    def present(self, folder: Path) -> list[str]:
        """Paths (relative to `folder`) of tracked and untracked files below it that .gitignore does not name.

        A nested repository is one entry, ending in `/` or naming a folder.
        """
        listing = run_git(
            folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", seconds=self._seconds
        )
        return sorted({os.fsdecode(p) for p in listing.split(b"\0") if p})

    def _blob(self, commit: str, path: str) -> bytes | None:
        if "\n" in path:
            return None  # the batch protocol is line by line
        out = self._git("cat-file", "--batch", stdin=os.fsencode(f"{commit}:{path}\n"))
        head, _, rest = out.partition(b"\n")
        fields = head.split()
        if len(fields) < 3 or fields[-2] != b"blob":
            return None
        return rest[: int(fields[-1])]

    def _remember(self, key: tuple[str, str], data: bytes | None) -> None:
        self._texts[key] = data
        while len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return run_git(self.root, *arguments, seconds=self._seconds, stdin=stdin)
