"""Labels one Java focal/test pair: outcomes, lines and kills of every existing test and candidate, each run alone.

Each test runs in a class loader of its own, so that static state and static initialisers are its own too. Mutants are
those of `runfree.mutation.java` (PIT's DEFAULTS group at source level), each compiled into a folder of its own.
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.mutation import Mutant, list_mutants
from runfree_training import sandbox
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.java_host import Compile, Jvm, Run, drive
from runfree_training.execute.java_module import Module, versions
from runfree_training.execute.java_suite import Suite, candidate_copy, parse, without
from runfree_training.records import MutantResult, Outcome, Record, TestResult

TEST_SECONDS = 20.0
COVER_SECONDS = 120.0  # all tests of a pair together
MUTANT_SECONDS = 120.0


@dataclass(slots=True)
class _Test:
    """One test or candidate: its name in the JVM and what it did."""

    result: TestResult
    binary: str
    outcome: Outcome = "not-run"
    error: str = ""
    seconds: float = 0.0
    lines: tuple[int, ...] = ()
    kills: set[int] = field(default_factory=set)
    timeouts: set[int] = field(default_factory=set)
    kills_known: bool = False


def label(
    project: Project,
    module: Module,
    pair: Pair,
    settings: Settings,
    candidates: Sequence[TestResult],
    work: Path,
    excluded: frozenset[str] = frozenset(),
) -> Record:
    """Executes one pair of a built module; the checkout is left as it was.

    `candidates` are results with outcome "not-run"; each comes back with what it did. `excluded` names tests of the
    file to leave out. `work` is an empty folder for everything that is written.

    Raises:
        RunfreeError: the test class does not compile, or none of its tests can be run.
    """
    begun = time.monotonic()
    focal_text = (project.root / pair.focal_path).read_text()
    test_text = without((project.root / pair.test_path).read_text(), excluded)
    suite = parse(test_text, Path(pair.test_path).stem)
    names = [t.name for t in suite.tests][: settings.tests]
    if not names and not candidates:
        raise RunfreeError(f"{pair.test_path}: holds no test")
    folder, out = work / "tree", work / "out"
    shutil.copytree(module.root, folder, symlinks=True, ignore=shutil.ignore_patterns(".git", "target"))
    out.mkdir()
    jvm = module.jvm(focal_classes(focal_text), before=(out / "candidates",))

    tests = [_Test(TestResult(n, "existing", "not-run"), suite.binary_name(n)) for n in names]
    tests += _write_candidates(suite, candidates, out / "sources")
    existing, written = tests[: len(names)], tests[len(names) :]
    executable = _run_alone(jvm, existing, (), folder, out, settings.patience)
    if existing and not any(t.outcome == "passed" for t in existing):
        why = next((t.error for t in existing if t.error), "")
        raise RunfreeError(f"{pair.test_path}: none of its tests passes {why}".strip())
    sources = sorted((out / "sources").glob("*.java"))
    executable = _run_alone(jvm, written, sources, folder, out, settings.patience) or executable
    if not executable:
        raise RunfreeError(f"{pair.test_path}: no test could be run with coverage")
    mutants = _sample(focal_text, settings)
    incompetent, unrun = _run_mutants(
        jvm, tests, mutants, executable, focal_text, pair, folder, out, settings.patience
    )

    kept = [i for i in range(len(mutants)) if i not in unrun]
    return Record(
        language="java",
        repository=project.repository,
        commit=project.commit,
        licence=project.licence,
        focal_path=pair.focal_path,
        test_path=pair.test_path,
        focal_text=focal_text,
        test_text=test_text,
        focal_lines=executable,
        mutants=tuple(
            MutantResult(mutants[i].operator, mutants[i].line, mutants[i].ordinal, i in incompetent)
            for i in kept
        ),
        tests=tuple(_result(t, kept) for t in tests),
        context=_context(project.root, pair, suite),
        seed=settings.seed,
        tools={**versions(module), "mutants": "runfree.mutation.java", "isolation": sandbox.isolation()},
        seconds=round(time.monotonic() - begun, 3),
    )


def focal_classes(text: str) -> tuple[str, ...]:
    """Binary names (`pkg/Foo`) of the top-level types of a focal file."""
    suite = parse(text)
    names = re.findall(r"(?m)^(?:[\w@().\"]+\s+)*?(?:class|interface|enum|record|@interface)\s+(\w+)", text)
    prefix = suite.package.replace(".", "/") + "/" if suite.package else ""
    return tuple(dict.fromkeys(prefix + n for n in [suite.class_name, *names] if n))


def _write_candidates(suite: Suite, candidates: Sequence[TestResult], sources: Path) -> list[_Test]:
    """Writes each candidate's copy of the test class; those in which no test can be read do not compile."""
    sources.mkdir()
    tests = []
    for index, candidate in enumerate(candidates):
        copy = candidate_copy(suite, candidate, index)
        if copy is None:
            refused = replace(candidate, error="no test method can be read in it")
            tests.append(_Test(refused, "", "does-not-compile", refused.error))
            continue
        name, source, binary = copy
        (sources / f"{name}.java").write_text(source)
        tests.append(_Test(candidate, binary))
    return tests


def _run_alone(
    jvm: Jvm, tests: Sequence[_Test], sources: Sequence[Path], folder: Path, out: Path, patience: float
) -> tuple[int, ...]:
    """Compiles the candidates and runs every test alone with coverage, and all once more; returns the focal lines.

    The second run has one class loader for all: it is quick, and a test that differs there is run alone again.
    """
    runnable = [t for t in tests if t.binary]
    steps: list[Compile | Run] = (
        [Compile("candidates", out / "candidates", tuple(sources))] if sources else []
    )
    steps += [
        Run(f"alone{at}", (t.binary,), patience * TEST_SECONDS, cover=True) for at, t in enumerate(runnable)
    ]
    first = drive(jvm, steps, folder, out, seconds=patience * COVER_SECONDS)
    refused = {Path(file).stem: message for (_, file), message in first.errors.items()}
    for at, test in enumerate(runnable):
        owner = test.binary.split("#")[0].split("$")[0].rsplit(".", 1)[-1]
        if owner in refused:
            message = re.sub(r"_rf\d+\b", "", " ".join(refused[owner].split()))
            test.outcome, test.error, test.binary = "does-not-compile", message[:300], ""
        else:
            found = first.tests.get((f"alone{at}", test.binary), ("not-run", "no time left for it", 0.0))
            test.outcome, test.error, test.seconds = found
            test.lines = first.covered.get(f"alone{at}", ())
    runnable = [t for t in runnable if t.binary and t.outcome in ("passed", "failed", "error")]
    together = drive(
        jvm,
        [Run("together", tuple(t.binary for t in runnable), patience * TEST_SECONDS)] if runnable else [],
        folder,
        out,
        seconds=patience * COVER_SECONDS,
    )
    doubtful = [t for t in runnable if together.tests.get(("together", t.binary), ("",))[0] != t.outcome]
    again = drive(
        jvm,
        [
            Run(f"again{at}", (t.binary,), patience * TEST_SECONDS, cover=True)
            for at, t in enumerate(doubtful)
        ],
        folder,
        out,
        seconds=patience * COVER_SECONDS,
    )
    for at, test in enumerate(doubtful):
        if again.tests.get((f"again{at}", test.binary), ("",))[0] != test.outcome:
            test.outcome = "flaky"
    return first.executable


def _sample(text: str, settings: Settings) -> list[Mutant]:
    """At most `settings.mutants` mutants of the focal file, in order of place."""
    listed = list(list_mutants("java", text))
    if len(listed) > settings.mutants:
        listed = random.Random(settings.seed).sample(listed, settings.mutants)
    return sorted(listed, key=lambda m: (m.start_byte, m.end_byte, m.operator, m.replacement))


def _run_mutants(
    jvm: Jvm,
    tests: Sequence[_Test],
    mutants: Sequence[Mutant],
    executable: Sequence[int],
    focal_text: str,
    pair: Pair,
    folder: Path,
    out: Path,
    patience: float,
) -> tuple[set[int], set[int]]:
    """Runs every mutant against the tests that reach it; returns the incompetent ones and those not run at all."""
    passed = [t for t in tests if t.outcome == "passed"]
    by_binary = {t.binary: t for t in passed}
    reach = reaching(mutants, [t.lines for t in passed], executable)
    steps: list[Compile | Run] = []
    for index, mutant in enumerate(mutants):
        place = out / f"mutant{index}"
        place.mkdir()
        source = place / Path(pair.focal_path).name
        source.write_text(mutant.apply(focal_text))
        steps.append(Compile(f"compile{index}", place / "classes", (source,), rounds=1))
        wanted = [passed[at] for at in reach[index]]
        if wanted:
            limit = max(2.0 * patience, 10 * max(t.seconds for t in wanted))
            run = Run(f"mutant{index}", tuple(t.binary for t in wanted), limit, override=place / "classes")
            steps.append(run)
    done = drive(jvm, steps, folder, out, seconds=patience * MUTANT_SECONDS)
    incompetent = {i for i in range(len(mutants)) if any(name == f"compile{i}" for name, _ in done.errors)}
    complete = set()
    for step in steps:
        if isinstance(step, Run) and all((step.id, t) in done.tests for t in step.tests):
            complete.add(int(step.id.removeprefix("mutant")))
    unrun = {i for i in range(len(mutants)) if reach[i] and i not in complete and i not in incompetent}
    for test in passed:
        test.kills_known = True
    for (name, binary), (outcome, _, _) in done.tests.items():
        index = int(name.removeprefix("mutant"))
        if index in incompetent or index in unrun:
            continue
        if outcome == "timeout":
            by_binary[binary].timeouts.add(index)
        elif outcome in ("failed", "error"):
            by_binary[binary].kills.add(index)
    return incompetent, unrun


def reaching(
    mutants: Sequence[Mutant], covered: Sequence[Sequence[int]], executable: Sequence[int]
) -> list[list[int]]:
    """For each mutant, which tests (by index into `covered`) run its line.

    A mutant on a line that the coverage tool does not count (the second line of a statement, a field's value)
    belongs to the nearest executable line above it and to the one below.
    """
    sets = [frozenset(lines) for lines in covered]
    known = sorted(executable)
    found = []
    for mutant in mutants:
        near = {mutant.line} & set(known)
        if not near:
            near = {max((n for n in known if n < mutant.line), default=0)}
            near |= {min((n for n in known if n > mutant.line), default=0)}
        found.append([at for at, lines in enumerate(sets) if lines & near])
    return found


def _result(test: _Test, kept: Sequence[int]) -> TestResult:
    rank = {index: at for at, index in enumerate(kept)}
    return replace(
        test.result,
        outcome=test.outcome,
        error="" if test.outcome == "passed" else test.error,
        lines=test.lines,
        kills=tuple(sorted(rank[i] for i in test.kills if i in rank)),
        timeouts=tuple(sorted(rank[i] for i in test.timeouts if i in rank)),
        kills_known=test.kills_known or test.outcome != "passed",
        seconds=round(test.seconds, 3),
    )


def _context(root: Path, pair: Pair, suite: Suite) -> tuple[tuple[str, str], ...]:
    """Superclasses of focal and test class from the same packages, and the focal package's smallest files (40 kB)."""
    left = 40_000
    found: dict[str, str] = {}
    near = [(root / pair.test_path).parent, (root / pair.focal_path).parent]
    texts = suite.text + (root / pair.focal_path).read_text()
    bases = set(re.findall(r"\b(?:extends|implements)\s+([\w, ]+)", texts))
    named = {w for b in bases for w in re.findall(r"\w+", b)}
    used = set(re.findall(r"\b[A-Z]\w+", texts))
    files = sorted(
        (p for folder in near for p in folder.glob("*.java")),
        key=lambda p: (p.stem not in named, p.stat().st_size),
    )
    for path in files:
        relative = str(path.relative_to(root))
        if (
            relative in (pair.focal_path, pair.test_path)
            or path.stem not in used
            or path.stat().st_size > left
        ):
            continue
        left -= path.stat().st_size
        found[relative] = path.read_text(errors="replace")
    return tuple(sorted(found.items()))
