"""Runs inside the sandbox with the project's own interpreter: collects a test file once, then forks for every test.

A script that needs the standard library, pytest and coverage alone, and one file on purpose: there is no package around
it where it runs, and a folder of modules on the path would be in the way of the project's own names. It reads JSON lines:
first the job (project, focal file, test file), then lists of collections; each collection is one text of the test file
(and of the focal file, for mutants that act on import), collected in a process of its own. Results come out as JSON lines
on standard output, as they happen; whatever the tests print is thrown away.

`python_job.py` makes the jobs, says what is in them and reads the answers. The script's own folder is taken off the path.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_SKIPPED_FOLDERS = {".git", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__", ".hypothesis"}
_IDLE_PLUGINS = ("cacheprovider", "xdist", "pytest_cov", "randomly", "sugar", "benchmark", "rerunfailures")


class Channel:
    """Where results go: one JSON object a line."""

    def __init__(self, number: int) -> None:
        self.number = number

    def send(self, **event: Any) -> None:
        """Writes one event, whole."""
        data = json.dumps(event).encode() + b"\n"
        while data:
            data = data[os.write(self.number, data) :]


class WorkTree:
    """A copy of the project that tests may damage: what a test changed is put back after it."""

    def __init__(self, source: Path, place: Path) -> None:
        self.source, self.place = source, place
        shutil.copytree(
            source,
            place,
            symlinks=True,
            ignore=lambda _, names: _SKIPPED_FOLDERS & set(names),
            dirs_exist_ok=True,
        )
        self.written: dict[str, bytes] = {}
        self.stamp = 1_000_000_000
        self.state = self.look()

    def write(self, path: str, text: str) -> None:
        """Replaces a file; every new text gets a time of its own, so that no cached bytecode of another fits."""
        data = text.encode("utf-8", "surrogatepass")
        if self.written.get(path) == data:
            return
        self.written[path] = data
        self._put(path)
        self.state = self.look()

    def _put(self, path: str) -> None:
        target = self.place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        target.write_bytes(self.written[path])
        self.stamp += 10
        os.utime(target, (self.stamp, self.stamp))

    def look(self) -> dict[str, tuple[int, int]]:
        """Path -> (time of change, size) of every file; what cannot be read is missing."""
        state = {}
        folders = [str(self.place)]
        while folders:
            try:
                with os.scandir(folders.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if entry.name != "__pycache__":
                                folders.append(entry.path)
                        else:
                            status = entry.stat(follow_symlinks=False)
                            state[entry.path] = (status.st_mtime_ns, status.st_size)
            except OSError:
                continue
        return state

    def restore(self) -> bool:
        """Puts back what differs from the state after the last write; says whether anything did."""
        now = self.look()
        if now == self.state:
            return False
        for path in now.keys() - self.state.keys():
            Path(path).unlink(missing_ok=True)
        for path in self.state.keys() - {p for p in now if now[p] == self.state.get(p)}:
            relative = os.path.relpath(path, self.place)
            target = Path(path)
            for above in reversed(target.parents):
                if above.is_relative_to(self.place) and not above.is_dir():
                    above.unlink(missing_ok=True)
                    above.mkdir()
            if relative in self.written:
                target.write_bytes(self.written[relative])
            else:
                target.unlink(missing_ok=True)
                shutil.copy2(self.source / relative, target, follow_symlinks=False)
            if not target.is_symlink():
                os.utime(target, ns=(self.state[path][0], self.state[path][0]))
        return True


class Recorder:
    """The pytest plugin: keeps the reports of the running test, and takes the run loop over."""

    def __init__(self, loop: Callable[[Any], None]) -> None:
        self.loop = loop
        self.reports: list[Any] = []
        self.collect_errors: list[str] = []

    # pytest calls these by their names; it documents them.
    def pytest_collectreport(self, report: Any) -> None:  # noqa: D102
        if report.failed:
            self.collect_errors.append(crash_line(report))

    def pytest_runtest_logreport(self, report: Any) -> None:  # noqa: D102
        self.reports.append(report)

    def pytest_runtestloop(self, session: Any) -> bool:  # noqa: D102
        self.loop(session)
        return True


# First of all plugins, so that the usual loop never starts. (Set by hand: the decorator would need pytest imported.)
Recorder.pytest_runtestloop.pytest_impl = {"tryfirst": True}  # type: ignore[attr-defined]


def crash_line(report: Any) -> str:
    """Exception type and first line of the message of a failed report; addresses are left out: they change."""
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    if crash is not None:
        line = str(crash.message).strip().split("\n")[0]
    else:
        lines = [line for line in str(getattr(report, "longrepr", "")).strip().splitlines() if line.strip()]
        errors = [line[1:].strip() for line in lines if line.startswith("E ")]
        line = (errors or lines or ["error"])[-1]
    return re.sub(r"0x[0-9a-f]{6,}|x[0-9a-f]{9,}", "0x", line)[:300]


def verdict(reports: list[Any]) -> tuple[str, str]:
    """(outcome, error) of one test function from the reports of all its items and phases."""
    failed = [r for r in reports if r.failed]
    if failed:
        first = failed[0]
        return ("failed" if first.when == "call" else "error"), crash_line(first)
    calls = [r for r in reports if r.when == "call" and r.passed]
    return ("passed", "") if calls else ("not-run", "skipped")


class Session:
    """One collection: everything that is run on one text of the test file and the focal file."""

    def __init__(
        self, job: dict[str, Any], plan: dict[str, Any], tree: WorkTree, out: Channel, coverage: Any
    ) -> None:
        self.job, self.plan, self.tree, self.out, self.coverage = job, plan, tree, out, coverage
        self.focal = str(tree.place / job["focal_path"])
        self.recorder = Recorder(self.loop)
        self.groups: dict[str, list[Any]] = {}
        self.lines: dict[str, set[int]] = {}
        self.import_lines: set[int] = set()
        self.seconds: dict[str, float] = {}
        self.alone: set[str] = set()
        # Tests that change files of the project; looking through its tree after every fork would cost much.
        self.writers: set[str] = set()
        self.deadline = time.monotonic() + plan["seconds"]
        self.private = job["private"]

    # -- collection -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Collects and runs; says `end` last, so that a reader knows that nothing is missing."""
        import pytest

        options = [
            self.job["test_path"],
            "-q",
            "-s",
            "--tb=native",
            "--basetemp",
            "/tmp/rf-base",
            "-o",
            "addopts=",
            # What was imported early is not the project's fault, and some projects make errors of all warnings.
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
            *self.job["options"],
        ]
        for plugin in _IDLE_PLUGINS:
            options += ["-p", f"no:{plugin}"]
        status = pytest.main(options, plugins=[self.recorder])
        if not self.groups:
            error = (self.recorder.collect_errors or [f"pytest collected nothing (status {int(status)})"])[0]
            self.out.send(kind="uncollected", collection=self.plan["id"], error=error)
        self.out.send(kind="end", collection=self.plan["id"], late=time.monotonic() > self.deadline)

    def loop(self, session: Any) -> None:
        """What happens instead of pytest's run loop, once everything is collected."""
        if self.recorder.collect_errors:
            return
        here = str(self.tree.place / self.job["test_path"])
        for item in session.items:
            if str(getattr(item, "path", getattr(item, "fspath", ""))) == here:
                self.groups.setdefault(qualified(item), []).append(item)
        wanted = self.plan["tests"]
        names = [name for name in self.groups if wanted is None or name in set(wanted)]
        self.tree.restore()
        functions = live_functions(self.focal) if self.plan["mutants"] else []
        import gc

        gc.collect()
        gc.freeze()
        if self.plan["cover"]:
            known = self.plan["known"]
            self.measure([name for name in names if name not in known])
            self.lines.update({name: set(known[name]) for name in names if name in known})
            self.seconds.update({name: self.plan["baseline"][name] for name in names if name in known})
        else:
            self.seconds = {name: self.plan["baseline"].get(name, 1.0) for name in names}
        if self.plan["mutants"]:
            functions = functions or self.import_focal()
            # Slow tests would take most of the time that mutants get; the reader knows that they are left out.
            self.lines = {n: lines for n, lines in self.lines.items() if self.seconds[n] <= self.job["slow"]}
            self.find_dirty([n for n in names if n in self.lines])
            self.coverage.stop()
            Mutation(self, functions).run(self.plan["mutants"])
        elif not self.plan["cover"]:
            self.compare(names)

    def import_focal(self) -> list[Any]:
        """Imports a focal file that the tests import only while they run, so that its functions can be mutated."""
        import importlib

        try:
            importlib.import_module(self.job["module"])
        except BaseException:  # its mutants will get collections of their own
            return []
        self.import_lines |= self.translate(self.covered_here())
        return live_functions(self.focal)

    # -- outcomes and lines ---------------------------------------------------------------------------------------

    def measure(self, names: list[str]) -> None:
        """Each test alone, `repeat` times: outcome, focal lines, seconds."""
        from coverage.python import PythonFileReporter

        reporter = PythonFileReporter(self.focal, self.coverage)
        self.translate = reporter.translate_lines
        statements = set(reporter.lines())
        self.import_lines = self.translate(self.covered_here()) & statements
        self.out.send(
            kind="statements",
            collection=self.plan["id"],
            lines=sorted(statements),
            imported=sorted(self.import_lines),
        )
        for name in names:
            if time.monotonic() > self.deadline:
                return
            first = self.measure_one(name)
            again = (
                [self.measure_one(name) for _ in range(self.plan["repeat"] - 1)]
                if first[0] != "timeout"
                else []
            )
            outcome, error, lines, seconds = first
            if any(other[0] != outcome for other in again):
                outcome, error = "flaky", " | ".join(f"{o} {e}".strip() for o, e, *_ in (first, *again))
            # Lines may differ from run to run (threads, caches) where the outcome does not: keep what is sure.
            for other in again:
                lines = lines & other[2]
            lines = (self.translate(lines) & statements) | self.import_lines
            if outcome == "passed":
                self.lines[name] = lines
                self.seconds[name] = max([seconds, *(a[3] for a in again)])
            self.out.send(
                kind="test",
                collection=self.plan["id"],
                name=name,
                outcome=outcome,
                error=error[:300],
                lines=sorted(lines),
                seconds=round(seconds, 4),
            )

    def covered_here(self) -> set[int]:
        """Focal lines run so far, asked in a fork: reading the data resets it."""
        for event in self.fork(lambda out: out.send(lines=self.own_lines()), 30.0, None):
            if isinstance(event, dict):
                return set(event["lines"])
        return set()

    def own_lines(self) -> list[int]:
        """Focal lines run in this process so far, those before the fork included; ends the measuring."""
        self.coverage.stop()
        collector = getattr(self.coverage, "_collector", None)
        traced = getattr(collector, "data", None)
        if isinstance(traced, dict):  # as the tracer left it; going through coverage's database takes 5 ms
            return sorted(line for line in traced.get(self.focal, ()) if isinstance(line, int))
        return sorted(self.coverage.get_data().lines(self.focal) or [])

    def measure_one(self, name: str) -> tuple[str, str, set[int], float]:
        """(outcome, error, focal lines, processor seconds) of one test in a fork of its own."""

        def work(out: Channel) -> None:
            begun = time.process_time()  # of the processor: other programs on the machine do not count
            outcome, error = self.protocol(name)
            spent = time.process_time() - begun
            out.send(outcome=outcome, error=error, lines=self.own_lines(), seconds=spent)

        for event in self.fork(work, self.job["wall"], self.plan["cpu"], [name]):
            if isinstance(event, dict):
                return event["outcome"], event["error"], set(event["lines"]), event["seconds"]
            return ("timeout" if event == "timeout" else "error"), event, set(), self.job["wall"]
        return "error", "ended without a result", set(), 0.0

    def protocol(self, name: str, whole: bool = True) -> tuple[str, str]:
        """Runs the items of one test function here and now; unless `whole`, only up to the first that fails."""
        self.recorder.reports = []
        items = self.groups[name]
        try:
            for at, item in enumerate(items):
                following = items[at + 1] if at + 1 < len(items) else None
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                if not whole and any(report.failed for report in self.recorder.reports):
                    if following is not None:
                        item.session._setupstate.teardown_exact(None)
                    break
        except BaseException as error:  # pytest.exit, KeyboardInterrupt: they end the suite
            return "error", f"{type(error).__name__}: {error}".split("\n")[0][:300]
        return verdict(self.recorder.reports)

    # -- many tests in one fork -----------------------------------------------------------------------------------

    def find_dirty(self, names: list[str]) -> None:
        """Finds the tests that fail only after others in one process: they get a fork of their own each time."""
        results = self.batch(names, None)
        self.alone = {name for name in names if results.get(name, ("", ""))[0] != "passed"}
        for name in sorted(self.alone - set(self.plan["known"])):
            outcome, error, _, seconds = self.measure_one(name)
            if outcome != "passed":
                self.alone.discard(name)
                lines = self.lines.pop(name)
                self.out.send(
                    kind="test",
                    collection=self.plan["id"],
                    name=name,
                    outcome="flaky",
                    error=error,
                    lines=sorted(lines),
                    seconds=round(seconds, 4),
                )
        self.out.send(kind="alone", collection=self.plan["id"], tests=sorted(self.alone))

    def compare(self, names: list[str]) -> None:
        """For a focal text that acts on import: which tests no longer pass."""
        self.alone = set(self.plan["alone"]) & set(names)
        killed, late = self.kills([n for n in names if n not in self.alone], None)
        for name in sorted(self.alone):
            more = self.kills([name], None)
            killed, late = killed + more[0], late + more[1]
        self.out.send(kind="compared", collection=self.plan["id"], kills=killed, timeouts=late)

    def kills(self, names: list[str], before: Callable[[], None] | None) -> tuple[list[str], list[str]]:
        """(tests that do not pass, tests that time out) after `before` was done."""
        results = self.batch(names, before)
        killed = [n for n in names if n in results and results[n][0] not in ("passed", "timeout")]
        return killed, [n for n in names if n in results and results[n][0] == "timeout"]

    def batch(self, names: list[str], before: Callable[[], None] | None) -> dict[str, tuple[str, str]]:
        """Outcomes of tests run one after another in one fork; a test that hangs or crashes costs a new fork.

        After two timeouts the rest counts as timed out: a loop without end is reached by most of them.
        """
        results: dict[str, tuple[str, str]] = {}
        left = list(names)
        hung = 0
        while left:
            if hung == 2:
                results.update(dict.fromkeys(left, ("timeout", "assumed")))
                break
            batch, at = left, 0

            def work(out: Channel, batch: list[str] = batch) -> None:
                if before is not None:
                    before()
                for name in batch:
                    signal.setitimer(signal.ITIMER_PROF, self.allowed(name))
                    outcome, error = self.protocol(name, whole=False)
                    out.send(name=name, outcome=outcome, error=error)
                signal.setitimer(signal.ITIMER_PROF, 0)

            careful = batch if self.writers.intersection(batch) else None
            for event in self.fork(work, self.job["mutant_wall"], None, careful):
                if isinstance(event, dict):
                    results[event["name"]] = (event["outcome"], event["error"])
                    at += 1
                elif at < len(batch):
                    results[batch[at]] = ("timeout" if event == "timeout" else "error", event)
                    hung += event == "timeout"
                    at += 1
            if at == 0:
                results[batch[0]] = ("error", "ended without a result")
                at = 1
            left = batch[at:]
        return results

    def allowed(self, name: str) -> float:
        """Processor seconds for a test under a mutant; the wall clock only ends those that wait for ever."""
        return float(max(self.job["mutant_seconds"], 10 * self.seconds.get(name, 0.0)))

    # -- processes ------------------------------------------------------------------------------------------------

    def fork(
        self,
        work: Callable[[Channel], None],
        wall: float | Callable[[], float],
        cpu: float | None,
        names: list[str] | None = None,
    ) -> Iterator[dict[str, Any] | str]:
        """Runs `work` in a fork and yields what it sends; a string says how it ended if not by itself.

        `wall` is the time allowed from one message to the next. Everything the fork left running is ended; what it
        did to the project's files is undone if tests are named (or it ended badly), and these are then remembered.
        """
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reading)
                os.setsid()
                if cpu is not None:
                    signal.setitimer(signal.ITIMER_PROF, cpu)
                random.seed(self.job["seed"])
                work(Channel(writing))
            except BaseException:
                os._exit(70)
            os._exit(0)
        os.close(writing)
        ended = ""
        try:
            buffer = b""
            while True:
                allowed = wall() if callable(wall) else wall
                piece = read_within(reading, allowed)
                if piece is None:
                    ended = "timeout"
                    break
                if not piece:
                    break
                *lines, buffer = (buffer + piece).split(b"\n")
                for line in lines:
                    yield json.loads(line)
        finally:
            os.close(reading)
            status = self.end(child, at_once=ended == "timeout")
            if (names is not None or ended or status) and self.tree.restore() and len(names or ()) == 1:
                self.writers.update(names or ())
        if not ended and os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            ended = "timeout" if number in (signal.SIGPROF, signal.SIGXCPU) else f"ended by signal {number}"
        elif not ended and os.WEXITSTATUS(status):
            ended = f"ended with status {os.WEXITSTATUS(status)}"
        if ended:
            yield ended

    def end(self, child: int, at_once: bool) -> int:
        """Waits for a fork that is done (or hangs) and ends what it started."""
        give_up = time.monotonic() + (0.0 if at_once else 1.0)
        pid, status = os.waitpid(child, os.WNOHANG)
        while not pid and time.monotonic() < give_up:
            time.sleep(0.0005)
            pid, status = os.waitpid(child, os.WNOHANG)
        try:
            if self.private:
                os.kill(-1, signal.SIGKILL)
            else:
                os.killpg(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        if not pid:
            _, status = os.waitpid(child, 0)
        return status


class Mutation:
    """Runs the mutants of functions by swapping code objects: no import, no collection, one fork a mutant."""

    def __init__(self, session: Session, functions: list[Any]) -> None:
        self.session = session
        self.text = (session.tree.place / session.job["focal_path"]).read_bytes()
        self.codes = list(code_tree(compile(self.text, session.focal, "exec", dont_inherit=True)))
        known: dict[tuple[str, int], list[int]] = {}
        for index, code in enumerate(self.codes):
            known.setdefault((code.co_qualname, code.co_firstlineno), []).append(index)
        self.live: dict[tuple[str, int, int], list[Any]] = {}
        for function in functions:
            code = function.__code__
            places = known.get((code.co_qualname, code.co_firstlineno), [])
            for ordinal, index in enumerate(places):
                if self.codes[index] == code:
                    self.live.setdefault((code.co_qualname, code.co_firstlineno, ordinal), []).append(
                        function
                    )
                    break

    def run(self, mutants: list[dict[str, Any]]) -> None:
        """Runs each mutant against the tests that reach its line."""
        session = self.session
        for mutant in mutants:
            if time.monotonic() > session.deadline:
                return
            status, swaps = self.plan(mutant)
            if status != "swap":
                session.out.send(
                    kind="mutant", collection=session.plan["id"], index=mutant["index"], status=status
                )
                continue
            line = min(session.translate({mutant["line"]}), default=mutant["line"])
            reaching = [name for name, lines in session.lines.items() if line in lines]

            def swap(pairs: list[tuple[Any, Any]] = swaps) -> None:
                for function, code in pairs:
                    function.__code__ = code

            killed, late = session.kills([n for n in reaching if n not in session.alone], swap)
            for name in reaching:
                if name in session.alone and len(late) < 2:
                    more = session.kills([name], swap)
                    killed, late = killed + more[0], late + more[1]
            session.out.send(
                kind="mutant",
                collection=session.plan["id"],
                index=mutant["index"],
                status="done",
                kills=killed,
                timeouts=late,
            )

    def plan(self, mutant: dict[str, Any]) -> tuple[str, list[tuple[Any, Any]]]:
        """("swap", pairs of function and new code), or "incompetent", or "cold": it must act before the import."""
        session = self.session
        try:
            module = compile(mutant["text"], session.focal, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return "incompetent", []
        if session.translate({mutant["line"]}) & session.import_lines:
            return "cold", []
        old, new = keyed(self.codes), keyed(code_tree(module))
        swaps = []
        for key, code in old.items():
            changed = new.get(key)
            if changed is None or changed == code:
                continue
            if not code.co_flags & 1:  # a module or a class body, run on import
                if own_part(code) != own_part(changed):
                    return "cold", []
                continue
            for function in self.live.get(key, ()):
                if function.__code__.co_freevars != changed.co_freevars:
                    return "cold", []
                swaps.append((function, changed))
        return ("swap", swaps) if swaps else ("cold", [])


def code_tree(code: Any) -> Iterator[Any]:
    """A code object and all those inside it, outermost first."""
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from code_tree(constant)


def keyed(codes: Any) -> dict[tuple[str, int, int], Any]:
    """Code objects by (qualified name, first line, rank among those of the same name and line)."""
    counts: dict[tuple[str, int], int] = {}
    found = {}
    for code in codes:
        place = (code.co_qualname, code.co_firstlineno)
        counts[place] = counts.get(place, -1) + 1
        found[(*place, counts[place])] = code
    return found


def own_part(code: Any) -> tuple[Any, ...]:
    """What a code object does itself, the functions inside it left out."""
    constants = tuple(repr(c) for c in code.co_consts if not hasattr(c, "co_code"))
    return code.co_code, constants, code.co_names


def live_functions(path: str) -> list[Any]:
    """Every function object alive whose code comes from a file (before `gc.freeze`, which hides them)."""
    import gc
    from types import FunctionType

    return [o for o in gc.get_objects() if type(o) is FunctionType and o.__code__.co_filename == path]


def qualified(item: Any) -> str:
    """`Class::test_x` of a pytest item, parameters left out."""
    owners = [node.name for node in item.listchain() if type(node).__name__ in ("Class", "UnitTestCase")]
    return "::".join([*owners, getattr(item, "originalname", None) or item.name.partition("[")[0]])


def read_within(number: int, seconds: float) -> bytes | None:
    """The next bytes of a pipe, b"" at its end, None when the time is over."""
    import select

    ready, _, _ = select.select([number], [], [], max(0.0, seconds))
    return os.read(number, 1 << 16) if ready else None


def start_coverage(focal: str) -> Any:
    """Line coverage of the focal file alone, by the C tracer, kept in memory."""
    import coverage

    measuring = coverage.Coverage(data_file=None, include=[focal], config_file=False, messages=False)
    measuring.start()
    return measuring


def preload(level: int) -> None:
    """Imports what every collection needs, before it forks: pytest (level 1), its installed plugins too (level 2)."""
    if level >= 1:
        import pytest  # noqa: F401
    if level >= 2:
        from importlib.metadata import entry_points

        for entry in entry_points(group="pytest11"):
            try:
                entry.load()
            except BaseException:  # pytest will say so itself, or does not use it
                continue


def safe_level(place: str) -> int:
    """How much can be imported early without importing the project: its own tools may be built on it."""
    for level in (2, 1):
        child = os.fork()
        if child == 0:
            try:
                preload(level)
                paths = [str(getattr(module, "__file__", "")) for module in list(sys.modules.values())]
                os._exit(int(any(path.startswith(place + os.sep) for path in paths)))
            except BaseException:
                os._exit(1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return level
    return 0


def main() -> None:
    """Reads the job (first line), then lists of collections, one a line; runs each collection in a fork."""
    sys.path[:] = [path for path in sys.path if path != str(Path(__file__).resolve().parent)]
    commands = os.fdopen(os.dup(0), "rb")
    job = json.loads(commands.readline())
    out = Channel(os.dup(1))
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job["private"] = os.getpid() == 1
    place = Path(job["place"])
    tree = WorkTree(Path(job["root"]), place)
    os.chdir(place)
    sys.pycache_prefix = job["place"] + "-bytecode"
    roots = [str(place / part) for part in job["import_roots"]]
    sys.path[:0] = roots
    os.environ["PYTHONPATH"] = os.pathsep.join(roots)
    for path, text in job["overlay"].items():
        tree.write(path, text)
    import coverage  # noqa: F401

    level = safe_level(job["place"]) if job["preload"] is None else job["preload"]
    out.send(kind="preload", level=level)
    preload(level)
    given = (place / job["focal_path"]).read_text("utf-8")
    for line in commands:
        for plan in json.loads(line):
            tree.write(job["test_path"], plan["test_text"])
            tree.write(job["focal_path"], given if plan["focal_text"] is None else plan["focal_text"])
            run_apart(job, plan, tree, out)
            tree.restore()
        out.send(kind="done")


def run_apart(job: dict[str, Any], plan: dict[str, Any], tree: WorkTree, out: Channel) -> None:
    """Runs one collection in a fork of this process, which stays clean."""
    child = os.fork()
    if child == 0:
        try:
            measuring = start_coverage(str(tree.place / job["focal_path"])) if plan["cover"] else None
            Session(job, plan, tree, out, measuring).run()
        except BaseException as error:
            out.send(
                kind="uncollected", collection=plan["id"], error=f"{type(error).__name__}: {error}"[:300]
            )
            os._exit(70)
        os._exit(0)
    watch(child, plan["seconds"] + 60)


def watch(child: int, seconds: float) -> None:
    """Waits for a collection, reaping orphans on the way; ends it when it is far beyond its time."""
    limit = time.monotonic() + seconds
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == child:
            break
        if not pid:
            if time.monotonic() > limit:
                os.kill(child, signal.SIGKILL)
                limit += 5
            time.sleep(0.002)
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)


if __name__ == "__main__":
    main()
