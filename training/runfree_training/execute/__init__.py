"""Really running tests: outcomes, covered lines and killed mutants for each test of a file."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from runfree.sample import Language
from runfree_training.records import Record


@dataclass(frozen=True, slots=True)
class Project:
    """A checked-out project that is ready to be run.

    Attributes:
        repository: "owner/name", or the folder's name where it comes from nowhere.
        commit: full hash, "" outside git. licence: SPDX identifier, "" where unknown.
        root: the checkout; labelling never writes in it.
        environment: folder with what the language needs beside it (a virtual environment, a module cache).
        clone: git directory with the history, for candidates of source "history"; None where there is none.
    """

    language: Language
    repository: str
    commit: str
    licence: str
    root: Path
    environment: Path
    clone: Path | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A focal file and the test file that exercises it (paths relative to the project, with `/`).

    `left_out` says why it is not labelled, "" where it is.
    """

    focal_path: str
    test_path: str
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How thoroughly a pair is labelled.

    Attributes:
        seed: of every sampling step. mutants: at most this many a focal file.
        tests: at most this many existing tests a file; broken_per_test, broken_per_file: broken candidates.
        seconds: wall-clock limit of one pair. history: (commit, pair) records a repository at most.
        written: JSON lines file of candidates by authors, or a folder of them, or None.
        patience: multiplies the time limits of Java runs, for a machine that has other work to do.
    """

    seed: int = 0
    mutants: int = 40
    tests: int = 120
    broken_per_test: int = 6
    broken_per_file: int = 200
    seconds: float = 240.0
    history: int = 15
    written: Path | None = None
    patience: float = 1.0


class Executor(Protocol):
    """What a language module (`runfree_training.execute.<language>`) offers, as plain functions."""

    def prepare(self, project: Project) -> None:
        """Fetches and installs what the project's tests need: the one step with network.

        Raises:
            RunfreeError: it cannot be installed; the message is the reason for leaving it out.
        """

    def find_pairs(self, root: Path) -> list[Pair]:
        """The focal/test pairs of a project, those left out with their reason."""

    def label_pair(self, project: Project, pair: Pair, settings: Settings) -> Record:
        """Runs the pair's tests and candidates in the sandbox.

        Raises:
            RunfreeError: nothing could be learnt from it (no test passes, it cannot be collected); the reason.
        """

    def label_history(
        self, project: Project, pairs: Sequence[Pair], settings: Settings
    ) -> list[tuple[str, Record]]:
        """Records of commits that added tests, each with a short slug that names it; may be empty."""


def executor(language: Language) -> Executor:
    """The module that runs tests of a language."""
    return cast(Executor, importlib.import_module(f"runfree_training.execute.{language}"))
