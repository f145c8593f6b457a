"""Labelling as a whole: resuming after a kill gives the same records; what is left out says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from runfree_training.cli import main
from runfree_training.counts import count
from runfree_training.records import Record, read_record

FOCAL = "def double(n):\n    return n * 2\n\n\ndef name(n):\n    return str(n)\n"
TESTS = """from {module} import double, name


def test_double():
    assert double(2) == 4


def test_name():
    assert name(3) == "3"
"""


def project(folder: Path) -> Path:
    """Two pairs, and a test file without a focal file."""
    for module in ("one", "two"):
        (folder / "tests").mkdir(parents=True, exist_ok=True)
        (folder / f"{module}.py").write_text(FOCAL)
        (folder / "tests" / f"test_{module}.py").write_text(TESTS.format(module=module))
    (folder / "tests" / "test_nothing.py").write_text("def test_it():\n    assert True\n")
    folder.chmod(0o755)
    return folder


def environment(output: Path, name: str) -> None:
    """An environment that counts as installed; without an interpreter of its own, this one is used."""
    place = output / "environments" / "python" / name
    place.mkdir(parents=True)
    (place / "installed").write_text("")


def timeless(path: Path) -> Record:
    record = read_record(path)
    return replace(record, seconds=0.0, tests=tuple(replace(t, seconds=0.0) for t in record.tests))


def test_killed_and_resumed_gives_the_same_records(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    place = project(tmp_path / "shop")
    whole, broken_off = tmp_path / "whole", tmp_path / "broken-off"
    arguments = [str(place), "--language", "python", "--broken", "8", "--mutants", "8"]
    environment(whole, "shop")
    done = CliRunner().invoke(main, ["label", *arguments, "--output", str(whole)], catch_exceptions=False)
    assert done.exit_code == 0
    expected = sorted(path.relative_to(whole) for path in whole.rglob("*.json.gz"))
    assert [path.name for path in expected] == ["tests-test-one.json.gz", "tests-test-two.json.gz"]

    environment(broken_off, "shop")
    command = [sys.executable, "-m", "runfree_training.cli", "label", *arguments, "--output", str(broken_off)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    limit = time.monotonic() + 120
    while not list(broken_off.rglob("*.json.gz")) and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(0.2)  # in the middle of the second pair
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert list(broken_off.rglob("*.json.gz"))
    CliRunner().invoke(main, ["label", *arguments, "--output", str(broken_off)], catch_exceptions=False)
    found = sorted(path.relative_to(broken_off) for path in broken_off.rglob("*.json.gz"))
    assert found == expected
    assert [timeless(broken_off / path) for path in found] == [timeless(whole / path) for path in expected]

    again = CliRunner().invoke(
        main, ["label", *arguments, "--output", str(broken_off)], catch_exceptions=False
    )
    assert again.output == ""  # nothing is left to do
    totals = count(whole)["python"]
    assert (len(totals.repositories), len(totals.pairs), totals.tests) == (1, 2, 4)
    assert totals.outcomes["existing", "passed"] == 4
