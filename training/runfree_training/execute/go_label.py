"""Labels one Go focal/test pair: outcomes, lines and kills of every existing test and candidate, each run alone."""

from __future__ import annotations

import functools
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from runfree.errors import RunfreeError
from runfree.mutation import Mutant, list_mutants
from runfree.syntax.go import parse as parse_source
from runfree_training import sandbox
from runfree_training.execute import Pair, Project, Settings, go_driver
from runfree_training.execute.go_build import CannotBuildError, compile_candidates, compile_tests
from runfree_training.execute.go_coverage import Block, blocks, lines
from runfree_training.execute.go_module import package_names, version
from runfree_training.execute.go_schemata import (
    FELL,
    SWITCH_FILE,
    SWITCH_TEXT,
    build,
    can_hold,
    function_bodies,
)
from runfree_training.execute.go_suite import (
    RECOVER_FILE,
    RECOVER_TEXT,
    CandidateFile,
    batches,
    candidate_file,
    parse,
    with_recover,
)
from runfree_training.records import MutantResult, Outcome, Record, TestResult

TEST_SECONDS = 20.0
PLAN_SECONDS = 75.0  # all jobs of one binary together
MUTANT_ROUNDS = 6
LIMITS = sandbox.Limits(seconds=PLAN_SECONDS + 60, cpu_seconds=600, memory_bytes=6 << 30, processes=256,
                        output_bytes=1 << 20)  # fmt: skip


@dataclass(slots=True)
class _Run:
    """What one test did: outcome, error, seconds, the profile's blocks, kills and timeouts by mutant index."""

    outcome: Outcome
    error: str = ""
    seconds: float = 0.0
    blocks: list[Block] = field(default_factory=list)
    kills: set[int] = field(default_factory=set)
    timeouts: set[int] = field(default_factory=set)
    kills_known: bool = False
    breaks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Package:
    """The package under test in its work folder."""

    folder: Path
    focal: Path
    test: Path
    out: Path
    focal_text: str
    focal_package: str


def label(
    project: Project,
    pair: Pair,
    settings: Settings,
    candidates: Sequence[TestResult],
    work: Path,
    excluded: frozenset[str] = frozenset(),
) -> Record:
    """Executes one pair of a prepared checkout (`go_module.prepare`), which is copied and left as it was.

    `candidates` are results with outcome "not-run" whose `name`, `source`, `kind`, `base`, `text` and `removes`
    are set; each comes back with what it did. `excluded` names tests of the file to leave out (a later commit's
    tests that are candidates here). `work` is an empty folder for everything that is written.

    Raises:
        RunfreeError: the package's own tests do not compile, or there is none.
    """
    focal_path, test_path = pair.focal_path, pair.test_path
    begun = time.monotonic()
    tree = work / "tree"
    shutil.copytree(project.root, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    out = work / "out"
    out.mkdir()
    focal, test = tree / focal_path, tree / test_path
    focal_text, test_text = focal.read_text(), test.read_text()
    if excluded:
        test_text = _without(test_text, excluded)
    suite = parse(test_text)
    package = _Package(focal.parent, focal, test, out, focal_text, parse(focal_text).package)
    tests = suite.tests[: settings.tests]
    if not tests and not candidates:
        raise RunfreeError(f"{test_path}: holds no test")
    test.write_text(with_recover(test_text))
    (package.folder / RECOVER_FILE).write_text(RECOVER_TEXT.format(package=suite.package))

    names = package_names(package.folder, suite.imports)
    suite = replace(
        suite, imports=tuple(replace(i, alias=i.alias or names.get(i.path, "")) for i in suite.imports)
    )
    files = [candidate_file(suite, c, i) for i, c in enumerate(candidates)]
    mutants = _sample(focal_text, settings)
    runs: dict[str, _Run] = {}
    refused: dict[int, str] = {}
    incompetent: set[int] = set()
    unrun: set[int] = set()
    groups = batches([f for f in files if f is not None]) or [[]]
    for number, group in enumerate(groups):
        existing = list(tests) if number == 0 else []
        refused |= compile_candidates(package.folder, out / "covered", group, cover=True)
        wanted = existing + [c.test for c in group if c.index not in refused]
        runs |= _run_alone(package, wanted)
        if number == 0 and tests and not any(runs[t].outcome == "passed" for t in tests):
            why = next((runs[t].error for t in tests if runs[t].error), "")
            raise RunfreeError(f"{test_path}: none of its tests passes {why}".strip())
        _run_together(package, tests, wanted, runs)
        passed = [t for t in wanted if runs[t].outcome == "passed"]
        incompetent |= _run_mutants(package, mutants, passed, runs, incompetent, unrun)
        for ran in group:
            (package.folder / ran.file_name).unlink(missing_ok=True)

    kept = [i for i in range(len(mutants)) if i not in unrun]
    executable, covered = _lines(focal_text, runs)
    results = [_result(TestResult(t, "existing", "not-run"), runs[t], covered[t], kept) for t in tests]
    for candidate, file in zip(candidates, files, strict=True):
        results.append(_candidate_result(candidate, file, refused, runs, covered, kept))
    return Record(
        language="go",
        repository=project.repository,
        commit=project.commit,
        licence=project.licence,
        focal_path=focal_path,
        test_path=test_path,
        focal_text=focal_text,
        test_text=test_text,
        focal_lines=tuple(executable),
        mutants=tuple(
            MutantResult(mutants[i].operator, mutants[i].line, mutants[i].ordinal, i in incompetent)
            for i in kept
        ),
        tests=tuple(results),
        context=_context(project.root, focal_path, test_path),
        seed=settings.seed,
        tools={"go": version(), "isolation": sandbox.isolation()},
        seconds=round(time.monotonic() - begun, 3),
    )


def _sample(text: str, settings: Settings) -> list[Mutant]:
    """At most `settings.mutants` of the mutants that lie in a function body, in order of place."""
    listed = list_mutants("go", text)
    usable = [m for m, fits in zip(listed, can_hold(text, listed), strict=True) if fits]
    chosen = (
        usable
        if len(usable) <= settings.mutants
        else random.Random(settings.seed).sample(usable, settings.mutants)
    )
    return sorted(chosen, key=lambda m: (m.start_byte, m.end_byte, m.operator, m.replacement))


def _run_alone(package: _Package, tests: Sequence[str]) -> dict[str, _Run]:
    """Each test in a process of its own, with its coverage profile; those that pass twice: where two runs cover
    different lines (a race, a random input), the test is flaky."""
    job: dict[str, Any] = {"seconds": TEST_SECONDS, "profile": package.focal.name}
    done = _drive(package, "covered", [{**job, "tests": [t]} for t in tests])
    runs = {}
    for at, test in enumerate(tests):
        if at not in done:
            runs[test] = _Run("not-run", "no time left for it")
            continue
        outcome, error, seconds = done[at]["results"][test]
        runs[test] = _Run(outcome, error, round(seconds, 3), blocks(done[at]["profile"], package.focal.name))
    passed = [t for t in tests if runs[t].outcome == "passed"]
    if sum(runs[t].seconds for t in passed) < PLAN_SECONDS / 2:
        again = _drive(package, "covered", [{**job, "tests": [t]} for t in passed])
        for at, row in again.items():
            run = runs[passed[at]]
            if run.blocks != blocks(row["profile"], package.focal.name):
                run.outcome, run.error = "flaky", "two runs differ"
    return runs


def _run_together(
    package: _Package, existing: Sequence[str], tests: Sequence[str], runs: dict[str, _Run]
) -> None:
    """All tests once more in one process: finds the flaky ones and the candidates that break existing tests.

    A test that differs there is run alone again; if it differs again it is flaky, if not it minds its company. Where
    an existing test does, each candidate is run with the existing tests by itself.
    """
    known = [
        t for t in dict.fromkeys([*existing, *tests]) if runs[t].outcome in ("passed", "failed", "error")
    ]
    if not known or sum(runs[t].seconds for t in known) > PLAN_SECONDS / 2:
        return
    done = _drive(package, "covered", [{"tests": known, "seconds": PLAN_SECONDS / 2}])
    found = done.get(0, {"results": {}})["results"]
    differing = [t for t in known if t in found and _passes(found[t][0]) != _passes(runs[t].outcome)]
    again = _drive(package, "covered", [{"tests": [t], "seconds": TEST_SECONDS} for t in differing])
    for at, test in enumerate(differing):
        if at in again and _passes(again[at]["results"][test][0]) != _passes(runs[test].outcome):
            runs[test].outcome = "flaky"
    steady = [t for t in existing if runs[t].outcome == "passed"]
    candidates = [t for t in tests if t not in existing and runs[t].outcome == "passed"]
    if not candidates or not set(steady) & set(differing):
        return
    alone = _drive(package, "covered", [{"tests": steady, "seconds": TEST_SECONDS}])
    steady = [t for t, r in alone.get(0, {"results": {}})["results"].items() if r[0] == "passed"]
    done = _drive(package, "covered", [{"tests": [*steady, c], "seconds": TEST_SECONDS} for c in candidates])
    for at, candidate in enumerate(candidates):
        if at in done:
            results = done[at]["results"]
            runs[candidate].breaks = tuple(t for t in steady if results[t][0] != "passed")


def _passes(outcome: str) -> bool:
    return outcome == "passed"


def _run_mutants(
    package: _Package,
    mutants: Sequence[Mutant],
    tests: Sequence[str],
    runs: dict[str, _Run],
    known: set[int],
    unrun: set[int],
) -> set[int]:
    """Runs every mutant against the tests that reach it; fills `runs` and `unrun`, returns the incompetent ones."""
    if not mutants or not tests:
        unrun.update(
            range(len(mutants)) if not tests and not any(r.kills_known for r in runs.values()) else ()
        )
        return set()
    switch = package.folder / SWITCH_FILE
    switch.write_text(SWITCH_TEXT.format(package=package.focal_package, fell=FELL))
    try:
        incompetent = _compile_mutants(package, mutants, known)
        base = _drive(package, "mutants", [{"tests": list(tests), "seconds": 3 * TEST_SECONDS}])
        results = base.get(0, {"results": {}})["results"]
        steady = [t for t in tests if t in results and results[t][0] == "passed"]
        reach = _reaching(package.focal_text, mutants, steady, runs)
        jobs, which = [], []
        for index, reaching in enumerate(reach):
            if reaching and index not in incompetent:
                seconds = min(20.0, max(1.5, 10 * sum(results[t][2] for t in reaching)))
                jobs.append(
                    {
                        "tests": reaching,
                        "seconds": seconds,
                        "timeouts": 2,
                        "environment": {"RF_MUTANT": str(index + 1)},
                    }
                )
                which.append(index)
        done = _drive(package, "mutants", jobs)
    finally:
        switch.unlink()
        package.focal.write_text(package.focal_text)
    for test in steady:
        runs[test].kills_known = True
    for at, index in enumerate(which):
        if at not in done:
            unrun.add(index)
        elif done[at]["status"] == FELL:
            incompetent.add(index)
        else:
            for test, (outcome, _, _) in done[at]["results"].items():
                if outcome == "timeout":
                    runs[test].timeouts.add(index)
                elif outcome in ("failed", "error"):
                    runs[test].kills.add(index)
    return incompetent


def _compile_mutants(package: _Package, mutants: Sequence[Mutant], known: set[int]) -> set[int]:
    """Compiles the package with all mutants built in; returns those that do not compile."""
    skip = set(known)
    for _ in range(MUTANT_ROUNDS):
        schemata = build(package.focal_text, mutants, frozenset(skip))
        package.focal.write_text(schemata.text)
        errors = compile_tests(package.folder, package.out / "mutants", cover=False)
        if not errors:
            return skip
        bad = {schemata.mutant_at(e.line) for e in errors if e.file == package.focal.name} - {None}
        if not bad:
            raise CannotBuildError(f"with mutants: {errors[0].file}:{errors[0].line}: {errors[0].message}")
        skip |= {index for index in bad if index is not None}
    raise CannotBuildError(f"mutants still do not compile after {MUTANT_ROUNDS} rounds")


def _reaching(
    text: str, mutants: Sequence[Mutant], tests: Sequence[str], runs: dict[str, _Run]
) -> list[list[str]]:
    """For each mutant the tests that execute its block (or, where it lies in none, any block of its function)."""
    data = text.encode()
    starts = [0]
    for row in data.split(b"\n"):
        starts.append(starts[-1] + len(row) + 1)
    spans = [
        ((b.start_point[0] + 1, b.start_point[1] + 1), (b.end_point[0] + 1, b.end_point[1] + 1))
        for b, _ in function_bodies(data)
    ]
    reach = []
    for mutant in mutants:
        place = (mutant.line, mutant.start_byte - starts[mutant.line - 1] + 1)
        span = next(((s, e) for s, e in spans if s <= place < e), None)
        reach.append([t for t in tests if _executes(runs[t].blocks, place, span)])
    return reach


def _executes(
    found: Sequence[Block], place: tuple[int, int], span: tuple[tuple[int, int], tuple[int, int]] | None
) -> bool:
    holding = [b for b in found if b.start <= place < b.end]
    if holding:
        return bool(max(holding, key=lambda b: b.start).count)
    return any(b.count for b in found if span and span[0] <= b.start < span[1])


def _drive(package: _Package, binary: str, jobs: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Runs jobs in one sandbox by `go_driver`; those that there was no time for are missing."""
    if not jobs:
        return {}
    plan, answers = package.out / "plan.json", package.out / "answers"
    answers.mkdir(exist_ok=True)
    results = answers / "results.jsonl"
    results.unlink(missing_ok=True)
    tree = package.out.parent / "tree"
    plan.write_text(
        json.dumps(
            {
                "binary": str(package.out / binary),
                "folder": str(package.folder.relative_to(tree)),
                "seconds": PLAN_SECONDS,
                "jobs": list(jobs),
                "tree": str(tree),
                "shared": "" if sandbox.isolation() == "none" else tempfile.gettempdir(),
            }
        )
    )
    driver = Path(go_driver.__file__)
    copy = package.out / driver.name
    shutil.copyfile(driver, copy)
    sandbox.let_read(package.out.parent)
    # Read through this handle: a test may delete the file, but not what the driver has written into it.
    with results.open("w+", errors="replace") as told:
        sandbox.run(
            [_interpreter(), "-I", str(copy), str(plan), str(results)],
            package.out,
            limits=LIMITS,
            environment={"GOMAXPROCS": "2"},
            writable=(answers,),
            visible=(tree,),
        )
        lines = told.read().splitlines()
    done = {}
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the last line of a driver that was stopped
        done[int(row["job"])] = row
    return done


@functools.cache
def _interpreter() -> str:
    """A Python that the sandbox's user may start: this one, unless it lies in somebody's closed home folder."""
    with tempfile.TemporaryDirectory() as folder:
        for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
            done = sandbox.run([python, "-I", "-c", "import json"], Path(folder), limits=LIMITS)
            if done.returncode == 0:
                return python
    raise RunfreeError(
        "no Python interpreter can be started inside the sandbox; install python3 for all users"
    )


def _lines(text: str, runs: dict[str, _Run]) -> tuple[list[int], dict[str, list[int]]]:
    """The focal file's executable lines, and for each run those that it covered."""
    statements = [line for function in parse_source(text).functions for line in function.lines]
    executable: list[int] = []
    covered = {}
    for test, run in runs.items():
        every, some = lines(text, statements, run.blocks)
        executable = every or executable
        covered[test] = some
    return executable, covered


def _result(base: TestResult, run: _Run, covered: Sequence[int], kept: Sequence[int]) -> TestResult:
    rank = {index: at for at, index in enumerate(kept)}
    return replace(
        base,
        outcome=run.outcome,
        error="" if run.outcome == "passed" else run.error,
        lines=tuple(covered),
        kills=tuple(sorted(rank[i] for i in run.kills if i in rank)),
        timeouts=tuple(sorted(rank[i] for i in run.timeouts if i in rank)),
        kills_known=run.kills_known or run.outcome != "passed",
        seconds=run.seconds,
        breaks=run.breaks,
    )


def _candidate_result(
    candidate: TestResult,
    file: CandidateFile | None,
    refused: dict[int, str],
    runs: dict[str, _Run],
    covered: dict[str, list[int]],
    kept: Sequence[int],
) -> TestResult:
    if file is None:
        return replace(candidate, outcome="does-not-compile", error="no test function can be read in it")
    if file.index in refused:
        return replace(candidate, outcome="does-not-compile", error=refused[file.index][:300])
    return _result(candidate, runs[file.test], covered[file.test], kept)


def _without(text: str, names: frozenset[str]) -> str:
    """The test file without the named tests."""
    for declaration in parse(text).declarations:
        if declaration.is_test and declaration.names[0] in names:
            text = text.replace(declaration.text, "", 1)
    return text


def _context(checkout: Path, focal_path: str, test_path: str) -> tuple[tuple[str, str], ...]:
    """The package's other files (at most 60 kB): they hold types and functions that both files use."""
    folder = (checkout / focal_path).parent
    left = 60_000
    found = []
    for path in sorted(folder.glob("*.go"), key=lambda p: (p.stat().st_size, p.name)):
        relative = str(path.relative_to(checkout))
        if relative in (focal_path, test_path) or path.stat().st_size > left:
            continue
        left -= path.stat().st_size
        found.append((relative, path.read_text(errors="replace")))
    return tuple(sorted(found))
