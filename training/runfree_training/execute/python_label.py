"""Labels Python focal/test pairs (pytest and unittest suites): outcomes, covered lines and kills of tests and candidates."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runfree.errors import RunfreeError
from runfree.mutation import list_mutants
from runfree_training.candidates.broken_python import broken_candidates
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.python_context import context_files, tool_versions
from runfree_training.execute.python_job import SLOW_SECONDS, Collection, Ran, Worker
from runfree_training.execute.python_run import Judge, Kills, run_name
from runfree_training.execute.python_sample import sample_mutants
from runfree_training.execute.python_suite import Candidate, Suite
from runfree_training.execute.python_written import written_candidates
from runfree_training.records import MutantResult, Record, TestResult


@dataclass(frozen=True, slots=True)
class Target:
    """What is labelled: the texts of a pair, and files that differ from the checkout (another commit's tree)."""

    project: Project
    pair: Pair
    focal_text: str
    test_text: str
    overlay: Mapping[str, str] = field(default_factory=dict)


def label_pair(project: Project, pair: Pair, settings: Settings) -> Record:
    """Runs the pair's tests, broken and written candidates against the checkout and its mutants.

    Raises:
        RunfreeError: nothing could be learnt from it; the message is the reason.
    """
    focal_text, test_text = _read(project, pair.focal_path), _read(project, pair.test_path)
    given = written_candidates(settings.written, project.repository, pair, test_text)
    return label_target(Target(project, pair, focal_text, test_text), settings, given)


def _read(project: Project, path: str) -> str:
    try:
        return (project.root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunfreeError(f"{path} cannot be read: {error}") from error


def label_target(
    target: Target, settings: Settings, given: Sequence[Candidate], broken: bool = True
) -> Record:
    """Labels one pair as it stands in a target, with the given candidates besides those made here.

    Raises:
        RunfreeError: nothing could be learnt from it; the message is the reason.
    """
    pair = target.pair
    with Worker(
        target.project, pair.focal_path, pair.test_path, target.focal_text, settings.seed, target.overlay
    ) as worker:
        return _label(target, settings, given, broken, worker)


def _label(
    target: Target, settings: Settings, given: Sequence[Candidate], broken: bool, worker: Worker
) -> Record:
    begun = time.monotonic()
    try:
        suite = Suite(target.test_text)
    except (SyntaxError, ValueError) as error:
        raise RunfreeError(f"{target.pair.test_path} does not parse: {error}") from error
    names = tuple(suite.tests)[: settings.tests]
    first = worker.run([Collection(0, target.test_text, tests=names, seconds=settings.seconds / 3)])[0]
    if first.uncollected:
        raise RunfreeError(f"cannot be collected: {first.uncollected}")
    if not first.statements:
        raise RunfreeError("the focal file has no executable line")
    passing = {name: ran for name, ran in first.tests.items() if ran.outcome == "passed"}
    if not any(ran.lines for ran in passing.values()):
        raise RunfreeError("no test passes" if not passing else "no test runs a line of the focal file")
    candidates = list(given)
    if broken and settings.broken_per_file:
        candidates += broken_candidates(
            suite,
            target.focal_text,
            # Variants of slow tests would take most of the time that the pair gets.
            sorted(name for name, ran in passing.items() if ran.seconds <= SLOW_SECONDS),
            per_test=settings.broken_per_test,
            most=settings.broken_per_file,
            seed=settings.seed,
        )
    mutants = sample_mutants(
        list_mutants("python", target.focal_text),
        target.focal_text,
        {line for ran in passing.values() for line in ran.lines},
        set(first.imported),
        settings.mutants,
        settings.seed,
    )
    judge = Judge(
        worker, suite, target.focal_text, passing, candidates, mutants, settings.seconds, settings.seed
    )
    results, kills = judge.run()
    order = sorted(kills.ran | kills.incompetent)
    index = {old: new for new, old in enumerate(order)}
    tests = [
        _result(name, "existing", first.tests.get(name, Ran("not-run", "", (), 0.0)), kills, name, index)
        for name in names
    ]
    for number, candidate in enumerate(candidates):
        name = run_name(candidate, number)
        tests.append(
            _result(candidate.name, candidate.source, results[number], kills, name, index, candidate)
        )
    return Record(
        language="python",
        repository=target.project.repository,
        commit=target.project.commit,
        licence=target.project.licence,
        focal_path=target.pair.focal_path,
        test_path=target.pair.test_path,
        focal_text=target.focal_text,
        test_text=target.test_text,
        focal_lines=first.statements,
        mutants=tuple(
            MutantResult(mutants[i].operator, mutants[i].line, mutants[i].ordinal, i in kills.incompetent)
            for i in order
        ),
        tests=tuple(tests),
        context=context_files(target.project.root, target.pair, target.overlay),
        seed=settings.seed,
        tools=tool_versions(target.project.environment),
        seconds=round(time.monotonic() - begun, 2),
    )


def _result(
    name: str,
    source: str,
    ran: Ran,
    kills: Kills,
    key: str,
    index: Mapping[int, int],
    candidate: Candidate | None = None,
) -> TestResult:
    """One test's result; `key` is the name its kills go by, `index` maps mutants to their place in the record."""
    passed = ran.outcome == "passed"
    return TestResult(
        name=name,
        source=source,  # type: ignore[arg-type]
        outcome=ran.outcome,  # type: ignore[arg-type]
        kind=candidate.kind if candidate else "",
        base=candidate.base if candidate and source == "broken" else "",
        text=candidate.shown if candidate else "",
        removes=candidate.removes if candidate else "",
        error=ran.error,
        lines=ran.lines,
        kills=tuple(sorted(index[i] for i in kills.kills.get(key, ()))) if passed else (),
        timeouts=tuple(sorted(index[i] for i in kills.late.get(key, ()))) if passed else (),
        kills_known=not passed or (bool(index) and ran.seconds <= SLOW_SECONDS and key not in kills.unknown),
        seconds=ran.seconds,
    )
