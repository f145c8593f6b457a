"""Fixtures for all tests: a cache of their own, a scorer with known answers, small projects on the disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from runfree.canonical import Case
from runfree.sample import Evidence, NewLine, Prediction, Sample

GOOD = Prediction(0.93, 0.71, 0.4, (NewLine(2, 0.9),), calibrated=True)


class KnownScorer:
    """Answers by words in the candidate: "wrong" fails, "again" is redundant, "smoke" checks nothing."""

    model_id = "known 1 (0000)"
    thresholds: Mapping[str, Mapping[str, float]] = {
        "RF001": {"default": 0.3},
        "RF002": {"default": 0.2},
        "RF003": {"default": 0.2},
    }
    calibrated = ("python",)

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def score(self, sample: Sample) -> Prediction:
        return self._answer(sample.candidate, "", 1, "")

    def score_cases(self, cases: Sequence[Case]) -> list[Prediction]:
        answers = []
        for case in cases:
            name, existing = case.candidate.qualified_name, tuple(t.qualified_name for t in case.existing)
            self.asked.append((name, existing))
            line = case.candidate.span.end_line
            similar = existing[0] if existing else ""
            answers.append(self._answer(case.candidate.text, case.test_path, line, similar))
        return answers

    def _answer(self, text: str, path: str, line: int, similar: str) -> Prediction:
        if "explode" in text:
            raise ZeroDivisionError("an error of the scorer's own")
        if "wrong" in text:
            reason = Evidence("wrong-value", "expects 4, but it gives 3", path, line, weight="fails")
            return Prediction(0.08, 0.02, 0.01, evidence=(reason,), similar_test=similar)
        if "again" in text:
            reason = Evidence("near-duplicate", "the same calls as another test", weight="redundant")
            return Prediction(0.95, 0.03, 0.02, evidence=(reason,), similar_test=similar)
        if "smoke" in text:
            reason = Evidence("asserts-nothing", "it asserts nothing", path, line, weight="unchecked")
            return Prediction(0.96, 0.8, 0.05, evidence=(reason,))
        return GOOD


@pytest.fixture
def scorer() -> KnownScorer:
    return KnownScorer()


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the developer's own cache or git settings."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Writes files below a project folder and gives that folder."""

    def write_files(files: Mapping[str, str]) -> Path:
        folder = tmp_path.resolve() / "project"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return folder

    return write_files


@pytest.fixture
def git() -> Callable[..., str]:
    """Runs git in a folder as a test's author."""

    def run(folder: Path, *arguments: str) -> str:
        author = (
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@example.org",
            "-c",
            "init.defaultBranch=main",
        )
        done = subprocess.run(
            ["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout

    return run


@pytest.fixture
def commit(git: Callable[..., str]) -> Callable[[Path], str]:
    """Commits all files of a folder, which becomes a repository where it is none, and gives the commit's name."""

    def commit_all(folder: Path) -> str:
        if not (folder / ".git").exists():
            git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "state")
        return git(folder, "rev-parse", "HEAD").strip()

    return commit_all
