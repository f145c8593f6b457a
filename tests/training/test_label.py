"""Labelling as a whole: resuming after a kill gives the same records; what is left out says why; written candidates."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from runfree_training.blocks import build_block
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


def candidate(pair: str, name: str, text: str) -> dict[str, str]:
    return {
        "repository": "shop", "commit": "", "focal_path": f"{pair}.py", "test_path": f"tests/test_{pair}.py",
        "candidate": text, "test_name": name, "author_batch": "first",
    }  # fmt: skip


def write_lines(path: Path, *rows: dict[str, str]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_written_candidates_get_a_record_beside_the_pairs_own(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    place, output, written = project(tmp_path / "shop"), tmp_path / "out", tmp_path / "written"
    environment(output, "shop")
    arguments = ["label", str(place), "--language", "python", "--output", str(output), "--mutants", "8"]
    CliRunner().invoke(main, [*arguments, "--broken", "4"], catch_exceptions=False)
    before = {path.name: path.read_bytes() for path in output.rglob("*.json.gz")}
    counted = count(output)["python"]

    written.mkdir()
    right = candidate("one", "test_zero", "def test_zero():\n    assert double(0) == 0\n")
    wrong = candidate("one", "test_none", "def test_none():\n    assert name(None) == 'none'\n")
    lost = candidate("three", "test_three", "def test_three():\n    pass\n")
    write_lines(written / "python.jsonl", right, wrong, lost)
    write_lines(written / "others.jsonl", {**right, "repository": "elsewhere"})
    with_written = [*arguments, "--written", str(written)]
    done = CliRunner().invoke(main, with_written, catch_exceptions=False)
    assert "no such pair in shop: three.py with tests/test_three.py" in done.output
    assert "elsewhere" not in done.output
    after = {path.name: path.read_bytes() for path in output.rglob("*.json.gz")}
    assert set(after) - set(before) == {"tests-test-one.written.json.gz"}
    assert {name: after[name] for name in before} == before

    path = next(output.rglob("*.written.json.gz"))
    record = read_record(path)
    assert record.written
    assert [(t.name, t.source, t.outcome) for t in record.tests] == [
        ("test_double", "existing", "passed"), ("test_name", "existing", "passed"),
        ("test_zero", "written", "passed"), ("test_none", "written", "failed"),
    ]  # fmt: skip
    printed = CliRunner().invoke(main, ["written", str(output)], catch_exceptions=False).output
    assert printed.splitlines()[-1] == "| python | 2 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 0 |"
    block = build_block(record)
    assert [(s.source, s.passes) for s in block.samples] == 2 * [("written", True)] + 2 * [("written", False)]
    assert [t.source for t in block.tests] == ["suite", "suite", "written", "written"]
    assert {int(i) for s in block.samples for i in s.existing} <= {0, 1}
    both = count(output)["python"]
    assert (both.tests, both.mutants) == (counted.tests, counted.mutants)
    assert both.outcomes - counted.outcomes == {("written", "passed"): 1, ("written", "failed"): 1}

    assert "shop one.py" not in CliRunner().invoke(main, with_written, catch_exceptions=False).output
    write_lines(written / "python.jsonl", right)
    CliRunner().invoke(main, with_written, catch_exceptions=False)
    assert [t.name for t in read_record(path).tests if t.source == "written"] == ["test_zero"]
