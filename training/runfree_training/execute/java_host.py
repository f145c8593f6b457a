"""Talks to `JavaHost.java`: writes plans, runs the JVM in the sandbox, starts it again where a test ends it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote_plus, unquote_plus

from runfree.errors import RunfreeError
from runfree_training import sandbox
from runfree_training.records import Outcome

SOURCE = Path(__file__).with_name("JavaHost.java")
RESTARTS = 80
LIMITS = sandbox.Limits(seconds=600, cpu_seconds=1200, memory_bytes=None, processes=512)
_IN_A_COPY = 'copy=$(mktemp -d) && cp -R "$0/." "$copy" && cd "$copy" && exec "$@"'
_OPENED = ("java.lang", "java.util", "java.io", "java.net", "java.text", "java.time", "java.lang.reflect")
JVM_FLAGS = (
    "-Xmx1500m", "-Xss2m", "-XX:MaxMetaspaceSize=700m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData", "-Xshare:auto", "-Duser.language=en", "-Duser.country=US", "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true", *(f"--add-opens=java.base/{p}=ALL-UNNAMED" for p in _OPENED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compile:
    """Compile these files into `out`: those with errors are left out and the others tried again, `rounds` times."""

    id: str
    out: Path
    files: tuple[Path, ...]
    rounds: int = 8


@dataclass(frozen=True, slots=True)
class Run:
    """Run tests one after another in a class loader of their own.

    `cover`: with line coverage of the focal file; `override`: folder of classes that come before the project's;
    `seconds`: limit of each test; `timeouts`: after so many the rest counts as timed out too.
    """

    id: str
    tests: tuple[str, ...]
    seconds: float
    cover: bool = False
    override: Path | None = None
    timeouts: int = 2


@dataclass(slots=True)
class Results:
    """What came back.

    Attributes:
        errors: first compile error by (compile id, file path). compiled: ids of which something was compiled.
        tests: by (run id, test): outcome, error, seconds. covered: lines by run id. executable: the focal file's.
    """

    errors: dict[tuple[str, str], str] = field(default_factory=dict)
    compiled: set[str] = field(default_factory=set)
    tests: dict[tuple[str, str], tuple[Outcome, str, float]] = field(default_factory=dict)
    covered: dict[str, tuple[int, ...]] = field(default_factory=dict)
    executable: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Jvm:
    """How to start the host.

    Attributes:
        classpath: host, JUnit, JaCoCo and the project's libraries, in this order.
        classes: the project's own class folders, the first found counts. focal: its top-level binary names.
        options: further compiler options.
    """

    classpath: tuple[Path, ...]
    classes: tuple[Path, ...] = ()
    focal: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def drive(
    jvm: Jvm,
    steps: Sequence[Compile | Run],
    folder: Path,
    out: Path,
    *,
    seconds: float = 600.0,
) -> Results:
    """Carries out the steps in the sandbox; plans and results go to `out`.

    The working folder is a copy of `folder` in the sandbox's own temporary folder, new with every JVM: what tests write
    or delete there is bounded, and gone with it.

    Runs for which there was no time left are missing from the results.
    """
    results = Results()
    left = list(steps)
    finished: set[str] = set()
    begun = time.monotonic()
    for _ in range(RESTARTS):
        spare = seconds - (time.monotonic() - begun)
        if not left or spare < 1.0:
            break
        _once(jvm, left, folder, out, spare, results, finished)
        left = [s for s in (_remaining(s, results, finished) for s in left) if s is not None]
    return results


def _remaining(step: Compile | Run, results: Results, finished: set[str]) -> Compile | Run | None:
    """What of a step is still to do after a JVM ended; tests past the allowed timeouts get theirs here."""
    if step.id in finished:
        return None
    if isinstance(step, Compile):
        return step
    done = {t: results.tests[step.id, t] for t in step.tests if (step.id, t) in results.tests}
    late = sum(outcome == "timeout" for outcome, _, _ in done.values())
    tests = tuple(t for t in step.tests if t not in done)
    if late >= step.timeouts:
        results.tests.update({(step.id, t): ("timeout", "", 0.0) for t in tests})
        return None
    return (
        Run(step.id, tests, step.seconds, step.cover, step.override, step.timeouts - late) if tests else None
    )


def _once(
    jvm: Jvm,
    steps: Sequence[Compile | Run],
    folder: Path,
    out: Path,
    seconds: float,
    results: Results,
    finished: set[str],
) -> None:
    plan, answer = out / "plan.tsv", out / "results.tsv"
    answer.unlink(missing_ok=True)
    # Read through this handle: a test may delete the file, but not what the host has written into it.
    with answer.open("w+", errors="replace") as told:
        out_of_time = _run_host(jvm, plan, answer, steps, folder, out, seconds)
        lines = told.read().splitlines()
    running: tuple[str, str] | None = None
    for line in lines:
        running = _read(list(map(unquote_plus, line.split("\t"))), results, finished, running)
    if running is not None and not out_of_time:  # else we ended it, and nothing is known of that test
        results.tests[running] = ("error", "the test ended the JVM", 0.0)


def _run_host(
    jvm: Jvm,
    plan: Path,
    answer: Path,
    steps: Sequence[Compile | Run],
    folder: Path,
    out: Path,
    seconds: float,
) -> bool:
    """Writes the plan and runs one JVM over it; returns whether the time for all steps ran out meanwhile."""
    rows = [["classpath", *map(str, [*jvm.classes, *jvm.classpath])], ["options", *jvm.options]]
    rows += [["folders", *map(str, jvm.classes)], ["focal", *jvm.focal]]
    for step in steps:
        if isinstance(step, Compile):
            rows.append(["compile", step.id, str(step.out), str(step.rounds), *map(str, step.files)])
        else:
            mode = "cover" if step.cover else "plain"
            limit = str(int(step.seconds * 1000))
            rows.append(["run", step.id, mode, str(step.override or "-"), limit, *step.tests])
    plan.write_text("".join("\t".join(map(quote_plus, row)) + "\n" for row in rows))
    command = java_command(jvm.classpath, "JavaHost", str(plan), str(answer))
    done = run_in_copy(command, (*jvm.classpath, *jvm.classes), folder, out, seconds)
    return done.stopped == "time" and seconds < LIMITS.seconds


def run_in_copy(
    command: Sequence[str], classpath: Sequence[Path], folder: Path, out: Path, seconds: float
) -> sandbox.Finished:
    """Runs a command in the sandbox, in a copy of `folder`; it reads the class path and writes to `out`."""
    alone = sandbox.isolation() != "none"
    if alone:
        sandbox.let_read(folder)
        command = ["sh", "-c", _IN_A_COPY, str(folder), *command]
    writable = [out] if alone else [out, folder]
    return sandbox.run(
        command,
        folder,
        limits=LIMITS if seconds >= LIMITS.seconds else replace(LIMITS, seconds=seconds),
        environment={"TZ": "UTC", "LC_ALL": "C.UTF-8"},
        writable=writable,
        visible=_needed(classpath, writable),
    )


def _needed(classpath: Sequence[Path], writable: Sequence[Path]) -> list[Path]:
    """The folders of a class path that do not lie in a writable one: the sandbox hides what is not named."""
    folders = {p.parent if p.suffix == ".jar" else p for p in classpath}
    return sorted(f for f in folders if f.is_dir() and not any(f.is_relative_to(w) for w in writable))


def _read(
    row: list[str], results: Results, finished: set[str], running: tuple[str, str] | None
) -> tuple[str, str] | None:
    """Takes in one line of results; returns the test that is running after it."""
    match row:
        case ["error", name, file, _, message]:
            results.errors.setdefault((name, file), message)
            finished.add(name)
        case ["compiled", name]:
            results.compiled.add(name)
            finished.add(name)
        case ["begin", name, test]:
            return (name, test)
        case ["result", name, test, outcome, milliseconds, error]:
            kind: Outcome = outcome if outcome in ("passed", "failed", "error", "timeout") else "not-run"  # type: ignore[assignment]
            results.tests[name, test] = (kind, error, int(milliseconds) / 1000)
            return None
        case ["lines", name, covered, executable]:
            results.covered[name] = tuple(map(int, covered.split(","))) if covered else ()
            results.executable = tuple(map(int, executable.split(","))) if executable else results.executable
        case ["end", name]:
            finished.add(name)
        case _:
            pass  # the last line of a JVM that was ended
    return running


def java_command(classpath: Sequence[Path], main: str, *arguments: str) -> list[str]:
    """The command line of a small JVM: one that starts fast, compiles little and holds little."""
    return ["java", *JVM_FLAGS, "-cp", os.pathsep.join(map(str, classpath)), main, *arguments]


def build(harness: Path) -> Path:
    """Compiles the host against the jars of `harness` into `harness/host`, once; returns that folder.

    Raises:
        RunfreeError: there is no JDK, or the jars are not those it needs.
    """
    out = harness / "host"
    if (out / "JavaHost.class").exists() and (
        out / "JavaHost.class"
    ).stat().st_mtime >= SOURCE.stat().st_mtime:
        return out
    if not shutil.which("javac"):
        raise RunfreeError("labelling Java needs a JDK (javac) on the PATH")
    out.mkdir(parents=True, exist_ok=True)
    jars = os.pathsep.join(str(p) for p in sorted(harness.glob("*.jar")))
    command = [
        "javac",
        "-nowarn",
        "-proc:none",
        "-encoding",
        "UTF-8",
        "-cp",
        jars,
        "-d",
        str(out),
        str(SOURCE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunfreeError(f"JavaHost.java does not compile: {done.stderr.strip()[:500]}")
    return out
