"""The sandbox: no network, nothing written outside, everything ended, limits kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runfree_training import sandbox
from runfree_training.sandbox import Limits, folder_bytes, isolation, run

needs_namespaces = pytest.mark.skipif(isolation() == "none", reason="this machine permits no namespaces")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


def test_output_and_status(folder: Path) -> None:
    done = run(["sh", "-c", "cat; echo bad >&2; exit 3"], folder, limits=Limits(seconds=20), stdin=b"given")
    assert (done.returncode, done.stdout, done.stderr, done.stopped) == (3, "given", "bad\n", "")


def test_environment_is_only_what_is_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    done = run(["env"], folder, limits=Limits(), environment={"GIVEN": "y"})
    assert "GIVEN=y" in done.stdout
    assert "SECRET" not in done.stdout
    assert "RUNFREE" not in done.stdout


def test_time_is_bounded_and_children_end_too(folder: Path) -> None:
    begun = time.monotonic()
    done = run(["sh", "-c", "sleep 3217 & sleep 3218"], folder, limits=Limits(seconds=1))
    assert done.stopped == "time"
    assert time.monotonic() - begun < 15
    for _ in range(50):
        left = subprocess.run(["ps", "-e", "-o", "args="], capture_output=True, text=True, check=True).stdout
        if "sleep 321" not in left:
            break
        time.sleep(0.1)
    assert "sleep 3217" not in left
    assert "sleep 3218" not in left


def test_output_is_cut(folder: Path) -> None:
    done = run(["sh", "-c", "yes | head -c 5000000"], folder, limits=Limits(output_bytes=1000))
    assert len(done.stdout) == 1000


@needs_namespaces
def test_only_named_folders_are_writable(folder: Path) -> None:
    mine, other = folder / "mine", folder / "other"
    mine.mkdir()
    other.mkdir()
    script = f"echo a > {mine}/a; echo b > {other}/b; echo c > /var/c; echo d > $TMPDIR/d && cat $TMPDIR/d"
    done = run(["sh", "-c", script], folder, limits=Limits(), writable=[mine])
    assert done.stdout == "d\n"
    assert (mine / "a").read_text() == "a\n"
    assert not (other / "b").exists()
    assert not Path("/var/c").exists()


@needs_namespaces
def test_there_is_no_network(folder: Path) -> None:
    script = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    done = run(
        [sys.executable, "-c", script],
        folder,
        limits=Limits(),
        visible=[Path(sys.base_prefix), Path(sys.prefix)],
    )
    assert "unreachable" in done.stderr.lower()


@needs_namespaces
def test_disk_is_bounded(folder: Path) -> None:
    filling = "i=0; while head -c 1000000 /dev/zero > big$i; do i=$((i+1)); sleep 0.02; done"
    done = run(
        ["sh", "-c", filling], folder, limits=Limits(seconds=30, disk_bytes=3_000_000), writable=[folder]
    )
    assert done.stopped == "disk"
    assert folder_bytes(folder) > 3_000_000
    scratch = run(["sh", "-c", "cat /dev/zero > $TMPDIR/big"], folder, limits=Limits(scratch_bytes=1 << 20))
    assert "No space left" in scratch.stderr


def test_memory_and_file_size_are_bounded(folder: Path) -> None:
    eater = [sys.executable, "-c", "bytes(1 << 30)"]
    seen = [Path(sys.base_prefix), Path(sys.prefix)]
    assert "MemoryError" in run(eater, folder, limits=Limits(memory_bytes=1 << 29), visible=seen).stderr
    writer = [sys.executable, "-c", "open('big', 'wb').write(bytes(1 << 22))"]
    done = run(writer, folder, limits=Limits(file_bytes=1 << 20), visible=seen, writable=[folder])
    assert "File too large" in done.stderr


@needs_namespaces
def test_it_ends_with_the_program_that_started_it(folder: Path) -> None:
    script = (
        "from pathlib import Path; import time; from runfree_training.sandbox import *; "
        f"start(['sleep', '3219'], Path({str(folder)!r}), limits=Limits()); print('up', flush=True); time.sleep(60)"
    )
    program = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert program.stdout is not None
    program.stdout.readline()
    time.sleep(1.0)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    for _ in range(50):
        left = subprocess.run(["ps", "-e", "-o", "args="], capture_output=True, text=True, check=True).stdout
        if "sleep 3219" not in left:
            return
        time.sleep(0.1)
    pytest.fail("it is still running")


def test_without_namespaces_the_limits_still_hold(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "isolation", lambda: "none")
    assert run(["sleep", "30"], folder, limits=Limits(seconds=0.5)).stopped == "time"
    writer = [sys.executable, "-c", "open('big', 'wb').write(bytes(1 << 22))"]
    assert "File too large" in run(writer, folder, limits=Limits(file_bytes=1 << 20)).stderr
