"""Labels Python focal/test pairs (pytest and unittest suites): outcomes, covered lines and kills of tests and candidates."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.mutation import Mutant, list_mutants
from runfree_training.candidates.broken_python import broken_candidates
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.python_context import context_files, tool_versions
from runfree_training.execute.python_job import SLOW_SECONDS, Answer, Collection, Ran, Worker
from runfree_training.execute.python_sample import sample_mutants
from runfree_training.execute.python_suite import Candidate, Suite
from runfree_training.records import MutantResult, Record, TestResult

# Candidates that need a text of the whole file to themselves cost a collection each.
_MOST_FILES = 8
# So do mutants that act on import; those beyond this are left out of the record.
_MOST_COLD = 6
_SPLITS = 7


@dataclass(frozen=True, slots=True)
class Target:
    """What is labelled: the texts of a pair, and files that differ from the checkout (another commit's tree)."""

    project: Project
    pair: Pair
    focal_text: str
    test_text: str
    overlay: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Kills:
    """What the mutants' runs say, by the name a test was run under."""

    kills: dict[str, set[int]] = field(default_factory=dict)
    late: dict[str, set[int]] = field(default_factory=dict)
    ran: set[int] = field(default_factory=set)
    incompetent: set[int] = field(default_factory=set)

    def add(self, index: int, killed: Iterable[str], late: Iterable[str]) -> None:
        self.ran.add(index)
        for name in killed:
            self.kills.setdefault(name, set()).add(index)
        for name in late:
            self.late.setdefault(name, set()).add(index)


def label_pair(project: Project, pair: Pair, settings: Settings) -> Record:
    """Runs the pair's tests, broken and written candidates against the checkout and its mutants.

    Raises:
        RunfreeError: nothing could be learnt from it; the message is the reason.
    """
    texts = []
    for path in (pair.focal_path, pair.test_path):
        try:
            texts.append((project.root / path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise RunfreeError(f"{path} cannot be read: {error}") from error
    return label_target(Target(project, pair, *texts), settings, ())


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
    if broken:
        candidates += broken_candidates(
            suite,
            target.focal_text,
            sorted(passing),
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
    results, kills = _run_all(target, worker, settings, suite, passing, candidates, mutants)
    known = kills.ran | kills.incompetent
    order = sorted(known)
    index = {old: new for new, old in enumerate(order)}
    tests = [
        _result(name, "existing", first.tests.get(name, Ran("not-run", "", (), 0.0)), kills, name, index)
        for name in names
    ]
    for number, candidate in enumerate(candidates):
        ran, alone = results[number]
        tests.append(
            _result(
                candidate.name,
                candidate.source,
                ran,
                kills,
                _run_name(candidate, number),
                index,
                candidate,
                not alone,
            )
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


def _run_name(candidate: Candidate, number: int) -> str:
    """The name a candidate is run under in the shared file: unique, whatever its own."""
    return candidate.name if candidate.file else f"{candidate.name}__rf{number}"


def _run_all(
    target: Target,
    worker: Worker,
    settings: Settings,
    suite: Suite,
    passing: Mapping[str, Ran],
    candidates: Sequence[Candidate],
    mutants: Sequence[Mutant],
) -> tuple[dict[int, tuple[Ran, bool]], _Kills]:
    """Outcome of each candidate (by number; True where it ran in a file of its own, without mutants), and all kills."""
    results: dict[int, tuple[Ran, bool]] = {}
    shared: list[int] = []
    alone: list[int] = []
    for number, candidate in enumerate(candidates):
        if error := candidate.compiles:
            results[number] = (Ran("does-not-compile", error, (), 0.0), False)
        elif candidate.file:
            alone.append(number)
        else:
            shared.append(number)
    spoilt, answer, text = _shared(worker, settings, suite, passing, candidates, shared, mutants)
    for number, error in spoilt.items():
        results[number] = (Ran("error", error, (), 0.0), True)
    kills = _Kills()
    cold = []
    for index, (status, killed, late) in sorted(answer.mutants.items()):
        if status == "done":
            kills.add(index, killed, late)
        elif status == "incompetent":
            kills.incompetent.add(index)
        else:
            cold.append(index)
    if len(cold) > _MOST_COLD:
        cold = sorted(random.Random(f"cold {settings.seed}").sample(cold, _MOST_COLD))
    for number in shared:
        if number not in spoilt:
            ran = answer.tests.get(
                _run_name(candidates[number], number), Ran("not-run", "out of time", (), 0.0)
            )
            results[number] = (ran, False)
    alive = {**passing, **{name: ran for name, ran in answer.tests.items() if ran.outcome == "passed"}}
    alive = {name: ran for name, ran in alive.items() if ran.seconds <= SLOW_SECONDS}
    collections = [
        Collection(
            index,
            text,
            focal_text=mutants[index].apply(target.focal_text),
            tests=tuple(alive),
            cover=False,
            baseline={name: ran.seconds for name, ran in alive.items()},
            alone=answer.alone,
            seconds=settings.seconds / 10,
        )
        for index in cold
    ]
    own = {len(mutants) + at: number for at, number in enumerate(alone[:_MOST_FILES])}
    collections += [
        Collection(
            id, candidates[number].file, tests=(candidates[number].name,), test_seconds=3.0, seconds=60.0
        )
        for id, number in own.items()
    ]
    for number in alone[_MOST_FILES:]:
        results[number] = (Ran("not-run", "too many candidates with a file of their own", (), 0.0), True)
    answers = worker.run(collections) if collections else {}
    for index in cold:
        one = answers[index]
        if one.uncollected:
            kills.incompetent.add(index)
        elif one.compared is not None and one.complete:
            kills.add(index, *one.compared)
    for id, number in own.items():
        one = answers[id]
        missing = (
            Ran("error", one.uncollected, (), 0.0)
            if one.uncollected
            else Ran("not-run", "out of time", (), 0.0)
        )
        results[number] = (one.tests.get(candidates[number].name, missing), True)
    return results, kills


def _shared(
    worker: Worker,
    settings: Settings,
    suite: Suite,
    passing: Mapping[str, Ran],
    candidates: Sequence[Candidate],
    numbers: Sequence[int],
    mutants: Sequence[Mutant],
) -> tuple[dict[int, str], Answer, str]:
    """Runs candidates together in one file; those that keep it from being collected are found by halving.

    Returns the errors of these, the answer for the rest, and the file's text. Each candidate runs once alone and, if
    it passes, once more among the others; one that then fails, alone too, is flaky.
    """
    spoilt: dict[int, str] = {}
    # A candidate that takes much longer than the slowest test hangs.
    patience = max(2.0, 5 * max(ran.seconds for ran in passing.values()))

    def text_of(some: Sequence[int]) -> str:
        put = [(candidates[n], _run_name(candidates[n], n).rpartition("::")[2]) for n in some]
        return suite.with_candidates(put)

    def collection(some: Sequence[int], probe: bool) -> Collection:
        return Collection(
            0,
            text_of(some),
            tests=() if probe else (*passing, *(_run_name(candidates[n], n) for n in some)),
            mutants=() if probe else tuple(enumerate(mutants)),
            known={name: ran.lines for name, ran in passing.items()},
            baseline={name: ran.seconds for name, ran in passing.items()},
            repeat=1,
            test_seconds=patience,
            seconds=60.0 if probe else settings.seconds / 2,
        )

    def sift(some: Sequence[int], depth: int) -> list[int]:
        """Those of some candidates with which the file can be collected."""
        error = worker.run([collection(some, probe=True)])[0].uncollected
        if not error:
            return list(some)
        if len(some) == 1 or depth == _SPLITS:
            spoilt.update(dict.fromkeys(some, error))
            return []
        half = len(some) // 2
        return sift(some[:half], depth + 1) + sift(some[half:], depth + 1)

    kept = list(numbers)
    answer = worker.run([collection(kept, probe=False)])[0]
    if answer.uncollected and kept:
        half = max(1, len(kept) // 2)
        kept = [n for part in (kept[:half], kept[half:]) if part for n in sift(part, 1)]
        answer = worker.run([collection(kept, probe=False)])[0]
    return spoilt, answer, text_of(kept)


def _result(
    name: str,
    source: str,
    ran: Ran,
    kills: _Kills,
    run_name: str,
    index: Mapping[int, int],
    candidate: Candidate | None = None,
    kills_known: bool = True,
) -> TestResult:
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
        kills=tuple(sorted(index[i] for i in kills.kills.get(run_name, ()))) if passed else (),
        timeouts=tuple(sorted(index[i] for i in kills.late.get(run_name, ()))) if passed else (),
        kills_known=(kills_known and ran.seconds <= SLOW_SECONDS) or not passed,
        seconds=ran.seconds,
    )
