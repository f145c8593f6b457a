"""Hands jobs to `worker.py` in the sandbox and reads its answers; the one place that knows what goes over that pipe."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import subprocess
import tempfile
import threading
import time
import tomllib
from collections.abc import Mapping, Sequence
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from runfree.mutation import Mutant
from runfree_training import sandbox
from runfree_training.execute import Project
from runfree_training.execute.python_install import environment_python

_WORKER = Path(__file__).with_name("worker.py")
_KEPT_OPTIONS = re.compile(r"--import-mode[= ]\S+|--asyncio-mode[= ]\S+|--strict-\S+|-p [a-z]\S+|--pyargs")
_DROPPED_PLUGINS = re.compile(r"-p (no:|xdist|pytest_cov|cov|randomly|sugar)")

LIMITS = sandbox.Limits(
    cpu_seconds=1800,
    memory_bytes=3 << 30,
    processes=64,
    file_bytes=64 << 20,
    scratch_bytes=512 << 20,
)
# Limits of a test in processor seconds, alone and (the least it gets) under a mutant; and on the wall clock, for tests
# that wait: the machine may be busy with other things.
TEST_SECONDS, MUTANT_SECONDS, TEST_WALL, MUTANT_WALL = 10.0, 0.5, 40.0, 15.0
# Tests that take longer (processor seconds) are not run under mutants: their kills stay unknown.
SLOW_SECONDS = 0.3

# Begins what is said of a collection that nothing was heard of: no verdict on what was to be collected.
UNHEARD = "the worker ended or ran out of time"

# What a worker may import before the project, by environment, as the first worker there found out.
_PRELOAD: dict[Path, int] = {}


@dataclass(frozen=True, slots=True)
class Collection:
    """One text of the test file to collect, and what to run in it.

    Attributes:
        test_text: text of the test file. focal_text: of the focal file, None for the project's own.
        tests: names to run, None for all. cover: run each alone, twice, with coverage; otherwise all of them one
            after another, only to see which no longer pass. mutants: (index, mutant), run for the tests that pass.
        known: focal lines of tests known to pass, which are not run alone again; baseline: their seconds. alone: tests that need a process of their own.
        test_seconds: processor time of a test alone. seconds: wall-clock time for all.
    """

    id: int
    test_text: str
    focal_text: str | None = None
    tests: tuple[str, ...] | None = None
    cover: bool = True
    repeat: int = 2
    mutants: tuple[tuple[int, Mutant], ...] = ()
    known: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    baseline: Mapping[str, float] = field(default_factory=dict)
    alone: tuple[str, ...] = ()
    test_seconds: float = TEST_SECONDS
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How one test ended alone."""

    outcome: str
    error: str
    lines: tuple[int, ...]
    seconds: float


@dataclass(slots=True)
class Answer:
    """What came out of one collection.

    `mutants`: index -> (status, killed tests, timed out tests), status "done", "cold" (acts on import: needs a
    collection of its own) or "incompetent". `complete` is False where the time was over or the worker was ended.
    """

    uncollected: str = ""
    statements: tuple[int, ...] = ()
    imported: tuple[int, ...] = ()
    tests: dict[str, Ran] = field(default_factory=dict)
    mutants: dict[int, tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    alone: tuple[str, ...] = ()
    compared: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    complete: bool = False


class Worker:
    """A worker in the sandbox for one pair, kept warm from one list of collections to the next.

    It starts when it is first needed, and anew when the last one had to be ended.
    """

    def __init__(
        self,
        project: Project,
        focal_path: str,
        test_path: str,
        focal_text: str,
        seed: int,
        overlay: Mapping[str, str] | None = None,
    ) -> None:
        self._project, self._focal_path, self._focal_text = project, focal_path, focal_text
        self._job = {
            "root": str(project.root.resolve()),
            "place": str(Path(tempfile.gettempdir()) / "runfree-work"),
            "focal_path": focal_path,
            "test_path": test_path,
            "import_roots": import_roots(project.root, focal_path),
            "module": module_name(project.root, focal_path),
            "options": pytest_options(project.root),
            "overlay": dict(overlay or {}),
            "seed": seed,
            "wall": TEST_WALL,
            "mutant_seconds": MUTANT_SECONDS,
            "mutant_wall": MUTANT_WALL,
            "slow": SLOW_SECONDS,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker and everything in its sandbox."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.stdin.close()  # an idle worker ends by itself
            self._process.wait(5.0)
        sandbox.stop(self._process)
        if self._process.stdout is not None:
            with contextlib.suppress(OSError):
                self._process.stdout.close()
        self._process = None
        if self._complaints is not None:
            self._complaints.close()
            self._complaints = None

    def run(self, collections: Sequence[Collection]) -> dict[int, Answer]:
        """Runs collections one after another; every one gets an answer, empty where the worker did not get to it."""
        answers = {collection.id: Answer() for collection in collections}
        process = self._process or self._start()
        limit = time.monotonic() + sum(collection.seconds + 30 for collection in collections)
        order = (
            json.dumps([_plan(collection, self._focal_text) for collection in collections]).encode() + b"\n"
        )
        try:
            assert process.stdin is not None
            process.stdin.write(order)
            process.stdin.flush()
        except OSError:
            gone = True
        else:
            gone = not self._read(answers, limit)
        for answer in answers.values():
            if not answer.complete and not answer.tests and not answer.mutants and not answer.uncollected:
                answer.uncollected = f"{UNHEARD}{self._complaint()}"
        if gone:
            self.close()
        return answers

    def _complaint(self) -> str:
        """The last line that the interpreter itself said, before it threw its output away; "" if none."""
        if self._complaints is None:
            return ""
        self._complaints.seek(0)
        said = self._complaints.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return f": {said[-1][:300]}" if said else ""

    def _read(self, answers: dict[int, Answer], limit: float) -> bool:
        """Takes answers until the worker says that it is done; False where it is gone or out of time."""
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, limit - time.monotonic()))
            except queue.Empty:
                line = b""
            if not line:
                return False
            try:
                event = json.loads(line)
                if event["kind"] == "done":
                    return True
                if event["kind"] == "preload":
                    _PRELOAD[self._project.environment] = int(event["level"])
                _take(answers, event)
            except (ValueError, KeyError, TypeError):
                continue  # not ours: a test found the pipe

    def _start(self) -> subprocess.Popen[bytes]:
        python = environment_python(self._project)
        base = Path(python.resolve()).parent.parent
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        process = sandbox.start(
            [str(python), "-X", "utf8", str(_WORKER)],
            self._project.root,
            limits=LIMITS,
            environment={"PYTHONHASHSEED": "0", "COVERAGE_CORE": "ctrace", "TZ": "UTC"},
            visible=[python.parent.parent, base, _WORKER.parent],
            stdin=subprocess.PIPE,
            stderr=self._complaints,
        )
        self._process, self._lines = process, queue.SimpleQueue()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            job = {**self._job, "preload": _PRELOAD.get(self._project.environment)}
            process.stdin.write(json.dumps(job).encode() + b"\n")
        threading.Thread(target=_pump, args=(process.stdout, self._lines), daemon=True).start()
        return process


def _pump(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Moves lines from a pipe to a queue; an empty one says that it ended. No line may be longer than 16 MiB."""
    with contextlib.suppress(ValueError, OSError):
        while line := stream.readline(16 << 20):
            lines.put(line)
    lines.put(b"")


def _plan(collection: Collection, focal_text: str) -> dict[str, Any]:
    mutants = [
        {"index": index, "line": mutant.line, "text": aligned(mutant, focal_text)}
        for index, mutant in collection.mutants
    ]
    return {
        "id": collection.id,
        "test_text": collection.test_text,
        "focal_text": collection.focal_text,
        "tests": None if collection.tests is None else list(collection.tests),
        "cover": collection.cover,
        "repeat": collection.repeat,
        "mutants": mutants,
        "known": {name: list(lines) for name, lines in collection.known.items()},
        "baseline": dict(collection.baseline),
        "alone": list(collection.alone),
        "cpu": collection.test_seconds,
        "seconds": collection.seconds,
    }


def aligned(mutant: Mutant, text: str) -> str:
    """The mutated text with every later line at its old number, so that later functions are found by theirs."""
    lost = mutant.original.count("\n") - mutant.replacement.count("\n")
    if lost > 0:
        data = text.encode()
        filler = mutant.replacement + " " + "\\\n" * lost
        padded = (data[: mutant.start_byte] + filler.encode() + data[mutant.end_byte :]).decode()
        try:
            compile(padded, "mutant", "exec", dont_inherit=True)
        except SyntaxError:
            pass
        else:
            return padded
    return mutant.apply(text)


def _take(answers: dict[int, Answer], event: dict[str, Any]) -> None:
    answer = answers.get(event.get("collection", -1))
    if answer is None:
        return
    kind = event["kind"]
    if kind == "uncollected":
        answer.uncollected = str(event["error"])
    elif kind == "statements":
        answer.statements, answer.imported = tuple(event["lines"]), tuple(event["imported"])
    elif kind == "test":
        lines = tuple(event["lines"])
        answer.tests[event["name"]] = Ran(event["outcome"], event["error"], lines, event["seconds"])
    elif kind == "mutant":
        killed, late = tuple(event.get("kills", ())), tuple(event.get("timeouts", ()))
        answer.mutants[event["index"]] = (event["status"], killed, late)
    elif kind == "alone":
        answer.alone = tuple(event["tests"])
    elif kind == "compared":
        answer.compared = tuple(event["kills"]), tuple(event["timeouts"])
    elif kind == "end":
        answer.complete = not event["late"]


def import_roots(root: Path, focal_path: str) -> list[str]:
    """Folders (relative to the project) that its modules are imported from: the focal package's parent first."""
    package = Path(focal_path).parent
    while (root / package / "__init__.py").exists() and package != Path():
        package = package.parent
    roots = [package.as_posix(), *(["src"] if (root / "src").is_dir() else []), "."]
    return list(dict.fromkeys(roots))


def module_name(root: Path, focal_path: str) -> str:
    """The dotted name that the focal file is imported under."""
    place = Path(focal_path).relative_to(import_roots(root, focal_path)[0]).with_suffix("")
    return ".".join(place.parts[:-1] if place.name == "__init__" else place.parts)


def pytest_options(root: Path) -> list[str]:
    """What the project's own `addopts` say about how tests are imported and which plugins they need."""
    said = ""
    try:
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
        table = settings.get("pytest", {})
        said = table.get("ini_options", table).get("addopts", "")
        said = said if isinstance(said, str) else " ".join(map(str, said))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError):
        said = ""
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(root / name, encoding="utf-8")
        except (Error, UnicodeDecodeError):
            continue
        said = said or parser.get(section, "addopts", fallback="").replace("\n", " ")
    kept = [option for option in _KEPT_OPTIONS.findall(said) if not _DROPPED_PLUGINS.match(option)]
    return [part for option in kept for part in option.split(" ", 1)]
