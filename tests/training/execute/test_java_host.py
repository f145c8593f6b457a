"""What becomes of the test that was running when a JVM ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from runfree_training import sandbox
from runfree_training.execute import java_host
from runfree_training.execute.java_host import Jvm, Results, Run, drive


def run_ended_by(limit: str, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    """Drives one run of two tests; the first passes, the JVM ends during the second."""

    def run(command: Sequence[str], folder: Path, **_: Any) -> sandbox.Finished:
        lines = ["begin\tr\ta.B%23one", "result\tr\ta.B%23one\tpassed\t5\t", "begin\tr\ta.B%23two"]
        (tmp_path / "results.tsv").write_text("\n".join(lines) + "\n")
        return sandbox.Finished(137, "", "", limit, seconds)

    monkeypatch.setattr(sandbox, "run", run)
    monkeypatch.setattr(java_host, "RESTARTS", 1)
    return drive(Jvm(()), [Run("r", ("a.B#one", "a.B#two"), 1.0)], tmp_path, tmp_path, seconds=seconds)


def test_a_test_that_ends_the_jvm_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_ended_by("", 30.0, tmp_path, monkeypatch)
    assert done.tests["r", "a.B#one"][0] == "passed"
    assert done.tests["r", "a.B#two"] == ("error", "the test ended the JVM", 0.0)


def test_a_test_that_had_no_time_left_has_no_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_ended_by("time", 30.0, tmp_path, monkeypatch)
    assert set(done.tests) == {("r", "a.B#one")}


def test_a_test_at_the_limit_of_one_jvm_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_ended_by("time", 2 * java_host.LIMITS.seconds, tmp_path, monkeypatch)
    assert done.tests["r", "a.B#two"][0] == "error"
