"""Reads files of pinned commits out of local clones, and says in plain words what is not there."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from runfree.errors import RunfreeError
from runfree_training.corpus import find_clones


class GoneError(RunfreeError):
    """A repository, a commit or a file that the clones do not hold; the message says which."""


class Clones:
    """Clones below some folders, as `runfree_training.corpus.find_clones` finds them; a context manager."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._places: dict[str, list[Path]] = defaultdict(list)
        for folder in folders:
            for name, place in find_clones(folder):
                self._places[name].append(place)
        self._reader: tuple[Path, subprocess.Popen[bytes]] | None = None
        self._found: dict[tuple[str, str], Path] = {}

    def __enter__(self) -> Clones:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def place(self, repository: str, commit: str) -> Path:
        """The git directory that holds a commit.

        Raises:
            GoneError: there is none.
        """
        key = repository, commit
        if key not in self._found:
            places = self._places.get(repository, [])
            if not places:
                raise GoneError(f"{repository}: there is no clone")
            for place in places:
                if self._read(place, f"{commit}^{{commit}}") is not None:
                    self._found[key] = place
                    break
            else:
                raise GoneError(f"{repository}: commit {commit[:12]} is gone")
        return self._found[key]

    def newest(self, repository: str) -> Path:
        """The git directory of a repository, whatever commit it is at.

        Raises:
            GoneError: there is no clone of it.
        """
        if repository not in self._places:
            raise GoneError(f"{repository}: there is no clone")
        return self._places[repository][0]

    def resolve(self, place: Path, revision: str) -> str:
        """The full hash of a commit of a clone that is named by the beginning of its hash.

        Raises:
            GoneError: there is no such commit, or more than one.
        """
        command = ["git", f"--git-dir={place}", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise GoneError(f"commit {revision} is gone")
        return done.stdout.strip()

    def text(self, repository: str, commit: str, path: str) -> str:
        r"""A file's text as reading it from a checkout gives it: UTF-8, lines ending in `\n`.

        Raises:
            GoneError: the clones do not hold it.
        """
        data = self._read(self.place(repository, commit), f"{commit}:{path}")
        if data is None:
            raise GoneError(f"{repository}: {path} is not in commit {commit[:12]}")
        return _decoded(data)

    def checked_out(self, repository: str, commit: str, path: str) -> str:
        """The same, but as git's attributes have it in a checkout (`$Id$` filled in, for one); slower.

        Raises:
            GoneError: the clones do not hold it.
        """
        place = self.place(repository, commit)
        with tempfile.TemporaryDirectory() as folder:
            index = {**os.environ, "GIT_INDEX_FILE": str(Path(folder, "index"))}
            tree = Path(folder, "tree")
            tree.mkdir()
            begin = ["git", f"--git-dir={place}", f"--work-tree={tree}"]
            for step in (["read-tree", commit], ["checkout-index", "--force", "--", path]):
                done = subprocess.run([*begin, *step], cwd=tree, env=index, capture_output=True, check=False)
                if done.returncode:
                    raise GoneError(f"{repository}: {path} cannot be checked out of commit {commit[:12]}")
            return _decoded((tree / path).read_bytes())

    def _read(self, place: Path, name: str) -> bytes | None:
        """An object's bytes; None where it is missing or no file. One process answers for one clone after another."""
        if "\n" in name:
            return None
        if self._reader is None or self._reader[0] != place or self._reader[1].poll() is not None:
            self._close()
            command = ["git", f"--git-dir={place}", "cat-file", "--batch"]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._reader = (place, process)
        process = self._reader[1]
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return None
        head = process.stdout.readline().split()
        if len(head) != 3 or not head[2].isdigit():
            return None
        data = process.stdout.read(int(head[2]))
        process.stdout.read(1)
        return data if head[1] in (b"blob", b"commit") else None

    def _close(self) -> None:
        if self._reader is None:
            return
        process = self._reader[1]
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
        process.wait()
        self._reader = None


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
