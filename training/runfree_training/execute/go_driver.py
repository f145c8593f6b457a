"""Runs one Go test binary over a list of jobs and writes what each test did; runs alone inside the sandbox.

    python -I go_driver.py PLAN.json RESULTS.jsonl

Standard library only: inside the sandbox nothing else need be readable. A job is a set of tests to run in one
process (further ones where a test ends the process), with an environment and perhaps a coverage profile. The jobs run
in a copy of the project's tree; what one leaves behind (files, processes) is gone before the next begins.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

KEPT_OUTPUT = 1 << 20  # bytes of a process's output that are read; the rest is thrown away
_RESULT = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)")
_START = re.compile(r"^=== (?:RUN|CONT|NAME)\s+(\S*)")
_RUNNING = re.compile(r"^\t+(Test\S*) \(\S+\)$")
_MESSAGE = re.compile(r"^\s+\S+\.go:\d+: ?(.*)$")
_OUTCOMES = {"PASS": "passed", "FAIL": "failed", "SKIP": "not-run"}


@dataclass
class Parsed:
    """What one process's output says: tests with a result, and the one (if any) that was running at its end.

    `results` maps a test's name to (outcome, error, seconds); `death` is the last panic or fatal line.
    """

    results: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    death: str = ""
    timed_out: bool = False


def parse(output: str) -> Parsed:
    """Reads the output of `-test.v=test2json`, where a control character marks the testing package's own lines."""
    parsed = Parsed()
    said: dict[str, list[str]] = {}
    current = ""
    open_tests: dict[str, None] = {}
    last_failed = ""
    for raw in output.split("\n"):
        # Output without a final newline is followed by the mark on the same line.
        for line in raw.split("\x16"):
            if start := _START.match(line):
                current = start[1].split("/")[0]
                if current:
                    open_tests[current] = None
            elif (result := _RESULT.match(line)) and "/" not in result[2]:
                outcome = _OUTCOMES[result[1]]
                error = first_error(said.get(result[2], [])) if outcome == "failed" else ""
                if error.startswith("panic: "):
                    outcome = "error"
                parsed.results[result[2]] = (outcome, error, float(result[3]))
                open_tests.pop(result[2], None)
                last_failed = result[2] if outcome == "failed" else ""
            elif line.startswith(("panic: ", "fatal error: ")):
                parsed.timed_out = parsed.timed_out or line.startswith("panic: test timed out")
                parsed.death = parsed.death or line.split(" [recovered")[0]
                if last_failed and not parsed.timed_out:
                    # A panic that nothing recovers is printed after the verdict of its test.
                    parsed.results[last_failed] = (
                        "error",
                        parsed.death[:300],
                        parsed.results[last_failed][2],
                    )
            elif parsed.timed_out and (running := _RUNNING.match(line)):
                parsed.running.append(running[1].split("/")[0])
            elif len(said.setdefault(current, [])) < 200:
                said[current].append(line)
    if not parsed.running and current in open_tests:
        parsed.running = [current]
    parsed.running = [name for name in parsed.running if name not in parsed.results]
    return parsed


def first_error(lines: list[str]) -> str:
    """The first line of a test's complaint: its message, or testify's `Error:` with what was expected and found."""
    fallback = ""
    for at, line in enumerate(lines):
        if found := re.match(r"^\s+Error:\s+(.*)$", line):
            parts = [found[1].strip()]
            for following in lines[at + 1 : at + 4]:
                if re.match(r"^\s+(expected|actual)\s*:", following):
                    parts.append(" ".join(following.split()))
            return " ".join(parts)[:300]
        if not fallback and (message := _MESSAGE.match(line)):
            fallback = message[1].strip() or _below(lines[at + 1 :])
    return fallback[:300]


def _below(lines: list[str]) -> str:
    """The first text of a message that begins with a line break; a heading such as `error:` brings the text below it."""
    own = itertools.takewhile(lambda line: not _MESSAGE.match(line), lines)
    texts = [line.strip() for line in own if line.strip()][:2]
    return " ".join(texts if texts and texts[0].endswith(":") else texts[:1])


@dataclass
class Ended:
    """One process: exit status (negative: a signal), its output, whether the clock ended it."""

    status: int
    output: str
    late: bool


def run_process(command: Sequence[str], folder: str, environment: dict[str, str], seconds: float) -> Ended:
    """Runs one process (and its whole group) until it ends or its time is over."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    kept = bytearray()
    assert process.stdout is not None
    reader = threading.Thread(target=_drain, args=(process.stdout, kept), daemon=True)
    reader.start()
    late = False
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        late = True
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    reader.join(2.0)
    return Ended(process.returncode, bytes(kept).decode("utf-8", "replace"), late)


def _drain(stream: IO[bytes], into: bytearray) -> None:
    # Both ends are kept: the results of a process that prints much stand last.
    half = KEPT_OUTPUT // 2
    tail = bytearray()
    while piece := stream.read1(65536):  # type: ignore[attr-defined]
        room = max(0, half - len(into))
        into += piece[:room]
        tail += piece[room:]
        if len(tail) > 2 * half:
            del tail[:-half]
    into += tail


def run_job(binary: str, folder: str, job: dict[str, Any], around: Place | None = None) -> dict[str, Any]:
    """Runs the tests of one job; every test named gets a result.

    `job`: {"tests", "seconds" (a process), "environment", "profile" (name of the file whose
    part of the profile is wanted), "timeouts" (how many before the rest
    counts as timed out too)}. Returns {"results": {test: [outcome, error, seconds]}, "profile", "status"}.
    """
    results: dict[str, tuple[str, str, float]] = {}
    remaining = list(job["tests"])
    environment = {**os.environ, **job.get("environment", {})}
    allowed = job.get("timeouts", 2)
    profile, status = "", 0
    begun = time.monotonic()
    while remaining:
        with tempfile.TemporaryDirectory() as scratch:
            place = os.path.join(scratch, "profile")  # noqa: PTH118
            command = [binary, "-test.v=test2json", "-test.paniconexit0", "-test.parallel=1", "-test.count=1"]
            command += [f"-test.timeout={job['seconds']:.3f}s", f"-test.run=^({'|'.join(remaining)})$"]
            command += [f"-test.coverprofile={place}"] if job.get("profile") else []
            ended = run_process(command, folder, environment, job["seconds"] + 2.0)
            if job.get("profile") and os.path.exists(place):  # noqa: PTH110
                with open(place, encoding="utf-8") as stream:  # noqa: PTH123
                    wanted = f"/{job['profile']}:"
                    profile = "".join(line for line in stream if wanted in line)
        if around:
            around.clean()
        status = ended.status
        parsed = parse(ended.output)
        results.update({name: parsed.results[name] for name in remaining if name in parsed.results})
        timed_out = parsed.timed_out or ended.late
        running = [name for name in parsed.running if name in remaining and name not in results]
        for name in running:
            if timed_out:
                results[name] = ("timeout", "", time.monotonic() - begun)
            elif status == 0:
                results[name] = ("not-run", "the process ended in its midst", 0.0)
            else:
                results[name] = ("error", (parsed.death or f"exit status {status}")[:300], 0.0)
        remaining = [name for name in remaining if name not in results]
        if timed_out:
            allowed -= 1
        if remaining and timed_out and (allowed <= 0 or not running):
            results.update(dict.fromkeys(remaining, ("timeout", "", 0.0)))
            break
        if remaining and not running:
            # Nothing more to learn from another round: the process ended by itself without running them.
            last = next((line for line in reversed(ended.output.splitlines()) if line.strip()), "")
            silent = ("not-run", "") if status == 0 else ("error", (parsed.death or last.strip())[:300])
            results.update(dict.fromkeys(remaining, (*silent, 0.0)))
            break
    return {"results": results, "profile": profile, "status": status}


class Place:
    """A copy of a tree that jobs run in, put back as it was after each of them.

    `tree` is only read. `shared` is a folder that is this sandbox's alone and that tests may write in (its temporary
    folder), "" where it is everybody's: what they add there is taken away too.
    """

    def __init__(self, tree: str, shared: str) -> None:
        self.tree, self.shared = tree, shared
        self.base = tempfile.mkdtemp(prefix="runfree-place-")
        self.copy, self.temporary = (os.path.join(self.base, n) for n in ("tree", "tmp"))  # noqa: PTH118
        self.known = set(os.listdir(shared)) if shared else set()  # noqa: PTH208
        os.mkdir(self.temporary)  # noqa: PTH102
        shutil.copytree(tree, self.copy, symlinks=True)
        self.state = look(self.copy)

    def clean(self) -> None:
        """Ends what still runs and puts the files back."""
        end_others()
        shutil.rmtree(self.temporary, ignore_errors=True)
        os.makedirs(self.temporary)  # noqa: PTH103
        for name in set(os.listdir(self.shared)) - self.known if self.shared else ():  # noqa: PTH208
            path = os.path.join(self.shared, name)  # noqa: PTH118
            if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(path)  # noqa: PTH108
        if look(self.copy) != self.state:
            shutil.rmtree(self.copy, ignore_errors=True)
            shutil.copytree(self.tree, self.copy, symlinks=True, dirs_exist_ok=True)
            self.state = look(self.copy)


def look(folder: str) -> dict[str, tuple[int, int]]:
    """Path -> (time of change, size) of everything below a folder; what cannot be read is missing."""
    state = {}
    folders = [folder]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                        state[entry.path] = (0, 0)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        state[entry.path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            continue
    return state


def end_others() -> None:
    """Ends every other process of this sandbox; outside one (this process is not its first) it does nothing."""
    if os.getpid() != 1:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0)[0]:
            pass


def main(arguments: Sequence[str]) -> None:
    """Works through a plan: {"binary", "folder", "seconds" (all jobs together), "jobs": [...], "tree", "shared"}.

    With a "tree" the jobs run in a `Place` of it, and "folder" is relative to it; without one in "folder" as it is.
    """
    plan_path, results_path = arguments
    with open(plan_path, encoding="utf-8") as stream:  # noqa: PTH123
        plan = json.load(stream)
    place = Place(plan["tree"], plan["shared"]) if plan.get("tree") else None
    folder = os.path.join(place.copy, plan["folder"]) if place else plan["folder"]  # noqa: PTH118
    begun = time.monotonic()
    with open(results_path, "w", encoding="utf-8") as out:  # noqa: PTH123
        for number, job in enumerate(plan["jobs"]):
            if time.monotonic() - begun > plan["seconds"]:
                break
            if place:
                job["environment"] = {**job.get("environment", {}), "TMPDIR": place.temporary}
            done = run_job(plan["binary"], folder, job, place)
            out.write(json.dumps({"job": number, **done}) + "\n")
            out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
