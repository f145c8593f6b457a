"""Hands jobs to `worker.py` in the sandbox and reads its answers; the one place that knows what goes over that pipe."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runfree.mutation import Mutant
from runfree_training import sandbox
from runfree_training.execute import Project
from runfree_training.execute.python_install import environment_python

_WORKER = Path(__file__).with_name("worker.py")
_KEPT_OPTIONS = re.compile(r"--import-mode[= ]\S+|--asyncio-mode[= ]\S+|--strict-\S+|-p [a-z]\S+|--pyargs")
_DROPPED_PLUGINS = re.compile(r"-p (no:|xdist|pytest_cov|cov|randomly|sugar)")

# Processor and wall-clock seconds of a test alone (others use the machine too); least seconds under a mutant.
TEST_SECONDS, TEST_WALL, MUTANT_SECONDS = 10.0, 30.0, 1.0


@dataclass(frozen=True, slots=True)
class Collection:
    """One text of the test file to collect, and what to run in it.

    Attributes:
        test_text: text of the test file. focal_text: of the focal file, None for the project's own.
        tests: names to run, None for all. cover: run each alone, twice, with coverage; otherwise all of them one
            after another, only to see which no longer pass. mutants: (index, mutant), run for the tests that pass.
        baseline: seconds of tests known to pass. alone: tests that need a process of their own. seconds: time for all.
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


def run_collections(
    project: Project,
    focal_path: str,
    test_path: str,
    focal_text: str,
    collections: Sequence[Collection],
    seed: int,
    overlay: Mapping[str, str] | None = None,
) -> dict[int, Answer]:
    """Runs the collections one after another in one sandbox; every one gets an answer."""
    place = Path(tempfile.gettempdir()) / "runfree-work"
    job = {
        "root": str(project.root.resolve()),
        "place": str(place),
        "focal_path": focal_path,
        "test_path": test_path,
        "import_roots": import_roots(project.root, focal_path),
        "options": pytest_options(project.root),
        "overlay": dict(overlay or {}),
        "seed": seed,
        "cpu": TEST_SECONDS,
        "wall": TEST_WALL,
        "mutant_seconds": MUTANT_SECONDS,
        "debug": False,
        "collections": [_plan(collection, focal_text) for collection in collections],
    }
    python = environment_python(project)
    base = Path(python.resolve()).parent.parent
    total = sum(collection.seconds + 30 for collection in collections)
    limits = sandbox.Limits(
        seconds=total,
        cpu_seconds=int(total) + 60,
        memory_bytes=3 << 30,
        processes=64,
        file_bytes=64 << 20,
        scratch_bytes=512 << 20,
        output_bytes=256 << 20,
    )
    done = sandbox.run(
        [str(python), "-X", "utf8", str(_WORKER)],
        project.root,
        limits=limits,
        environment={
            "PYTHONHASHSEED": "0",
            "COVERAGE_CORE": "ctrace",
            "TZ": "UTC",
            "PYTHONWARNINGS": "ignore::DeprecationWarning:coverage",
        },
        visible=[python.parent.parent, base, _WORKER.parent],
        stdin=json.dumps(job).encode(),
    )
    answers = {collection.id: Answer() for collection in collections}
    for line in done.stdout.splitlines():
        try:
            _take(answers, json.loads(line))
        except ValueError:
            continue
    if not done.stdout:
        told = (done.stderr.strip().splitlines() or [f"the worker ended with status {done.returncode}"])[-1]
        for answer in answers.values():
            answer.uncollected = answer.uncollected or told
    return answers


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


def pytest_options(root: Path) -> list[str]:
    """What the project's own `addopts` say about how tests are imported and which plugins they need."""
    said = ""
    try:
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
        table = settings.get("pytest", {})
        said = table.get("ini_options", table).get("addopts", "")
        said = said if isinstance(said, str) else " ".join(map(str, said))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError):
        pass
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(root / name, encoding="utf-8")
        except (Error, UnicodeDecodeError):
            continue
        said = said or parser.get(section, "addopts", fallback="").replace("\n", " ")
    kept = [option for option in _KEPT_OPTIONS.findall(said) if not _DROPPED_PLUGINS.match(option)]
    return [part for option in kept for part in option.split(" ", 1)]
