"""Runs the candidates of a Python pair, and its mutants against them and the existing tests, in as few forks as can be."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runfree.mutation import Mutant
from runfree_training.execute.python_job import SLOW_SECONDS, UNHEARD, Answer, Collection, Ran, Worker
from runfree_training.execute.python_suite import Candidate, Suite

# Broken candidates that need a text of the whole file to themselves cost a collection each.
_MOST_FILES = 8
# So do mutants that act on import; those beyond this are left out of the record.
_MOST_COLD = 6
_SPLITS = 7


@dataclass(slots=True)
class Kills:
    """What the mutants' runs say, by the name a test was run under.

    `ran`: indices of mutants that were run; `incompetent`: of those with which the focal file cannot be imported;
    `unknown`: names of tests that were not run under mutants.
    """

    kills: dict[str, set[int]] = field(default_factory=dict)
    late: dict[str, set[int]] = field(default_factory=dict)
    ran: set[int] = field(default_factory=set)
    incompetent: set[int] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def add(self, index: int, killed: Iterable[str], late: Iterable[str]) -> None:
        """Notes one mutant's run."""
        self.ran.add(index)
        for name in killed:
            self.kills.setdefault(name, set()).add(index)
        for name in late:
            self.late.setdefault(name, set()).add(index)


def run_name(candidate: Candidate, number: int) -> str:
    """The name a candidate's results go by: unique, whatever its own; in the shared file it is also called so."""
    return f"{candidate.name}__rf{number}"


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything that running the candidates of one pair needs.

    Attributes:
        passing: existing tests that pass, and how they ran alone.
        seconds: wall-clock limit of the whole. seed: of sampling.
    """

    worker: Worker
    suite: Suite
    focal_text: str
    passing: Mapping[str, Ran]
    candidates: Sequence[Candidate]
    mutants: Sequence[Mutant]
    seconds: float
    seed: int

    def run(self) -> tuple[dict[int, Ran], Kills]:
        """How each candidate (by number) ended, and all kills."""
        results: dict[int, Ran] = {}
        shared: list[int] = []
        own: list[int] = []
        for number, candidate in enumerate(self.candidates):
            if error := candidate.compiles:
                results[number] = Ran("does-not-compile", error, (), 0.0)
            elif candidate.file:
                own.append(number)
            else:
                shared.append(number)
        spoilt, answer, text = self._shared(shared)
        for number in shared:
            name = run_name(self.candidates[number], number)
            missing = _uncollected(spoilt[number]) if number in spoilt else _LATE
            results[number] = answer.tests.get(name, missing)
        kills = Kills()
        cold = self._warm(answer, kills)
        self._cold(cold, answer, text, kills)
        results.update(self._own(own, kills))
        return results, kills

    def _shared(self, numbers: Sequence[int]) -> tuple[dict[int, str], Answer, str]:
        """Runs candidates together in one file; those that keep it from being collected are found by halving.

        Returns the errors of these, the answer for the rest, and the file's text. Each candidate runs once alone
        and, if it passes, once more among the others; one that then fails, alone too, is flaky.
        """
        spoilt: dict[int, str] = {}

        def sift(some: Sequence[int], depth: int) -> list[int]:
            """Those of some candidates with which the file can be collected."""
            error = self.worker.run([self._collection(some, probe=True)])[0].uncollected
            if not error:
                return list(some)
            if len(some) == 1 or depth == _SPLITS:
                spoilt.update(dict.fromkeys(some, error))
                return []
            half = len(some) // 2
            return sift(some[:half], depth + 1) + sift(some[half:], depth + 1)

        kept = list(numbers)
        answer = self.worker.run([self._collection(kept, probe=False)])[0]
        if answer.uncollected and kept:
            half = max(1, len(kept) // 2)
            kept = [n for part in (kept[:half], kept[half:]) if part for n in sift(part, 1)]
            answer = self.worker.run([self._collection(kept, probe=False)])[0]
        return spoilt, answer, self._text(kept)

    def _text(self, numbers: Sequence[int]) -> str:
        put = [(self.candidates[n], run_name(self.candidates[n], n).rpartition("::")[2]) for n in numbers]
        return self.suite.with_candidates(put)

    def _collection(self, numbers: Sequence[int], probe: bool) -> Collection:
        """The shared file with some candidates; a probe only collects it."""
        text = self._text(numbers)
        if probe:
            return Collection(0, text, tests=(), seconds=60.0)
        return Collection(
            0,
            text,
            tests=(*self.passing, *(run_name(self.candidates[n], n) for n in numbers)),
            mutants=tuple(enumerate(self.mutants)),
            known={name: ran.lines for name, ran in self.passing.items()},
            baseline={name: ran.seconds for name, ran in self.passing.items()},
            repeat=1,
            # A candidate that takes much longer than the slowest test hangs.
            test_seconds=max(2.0, 5 * max(ran.seconds for ran in self.passing.values())),
            seconds=self.seconds / 2,
        )

    def _warm(self, answer: Answer, kills: Kills) -> list[int]:
        """Notes the mutants that were run in the shared file; returns a sample of those that act on import."""
        cold = []
        for index, (status, killed, late) in sorted(answer.mutants.items()):
            if status == "done":
                kills.add(index, killed, late)
            elif status == "incompetent":
                kills.incompetent.add(index)
            else:
                cold.append(index)
        if len(cold) > _MOST_COLD:
            cold = sorted(random.Random(f"cold {self.seed}").sample(cold, _MOST_COLD))
        return cold

    def _cold(self, cold: Sequence[int], answer: Answer, text: str, kills: Kills) -> None:
        """Runs mutants that act on import, each in a collection of its own."""
        passed = {name: ran for name, ran in answer.tests.items() if ran.outcome == "passed"}
        alive = {
            n: ran.seconds for n, ran in {**self.passing, **passed}.items() if ran.seconds <= SLOW_SECONDS
        }
        answers = self.worker.run(
            [
                Collection(
                    index,
                    text,
                    focal_text=self.mutants[index].apply(self.focal_text),
                    tests=tuple(alive),
                    cover=False,
                    baseline=alive,
                    alone=answer.alone,
                    seconds=self.seconds / 10,
                )
                for index in cold
            ]
        )
        for index, one in answers.items():
            if one.uncollected:
                kills.incompetent.add(index)
            elif one.compared is not None and one.complete:
                kills.add(index, *one.compared)

    def _own(self, numbers: Sequence[int], kills: Kills) -> dict[int, Ran]:
        """Runs candidates whose file differs from the original beyond them; mutants that act on import left out."""
        few = [n for n in numbers if self.candidates[n].source != "broken"]
        few += [n for n in numbers if self.candidates[n].source == "broken"][:_MOST_FILES]
        warm = [(i, self.mutants[i]) for i in sorted(kills.ran)]
        answers = self.worker.run(
            [
                Collection(
                    number,
                    self.candidates[number].file,
                    tests=(self.candidates[number].name,),
                    mutants=tuple(warm),
                    test_seconds=3.0,
                    seconds=60.0,
                )
                for number in few
            ]
        )
        results = dict.fromkeys(
            numbers, Ran("not-run", "too many candidates with files of their own", (), 0.0)
        )
        for number, one in answers.items():
            missing = _uncollected(one.uncollected) if one.uncollected else _LATE
            candidate = self.candidates[number]
            results[number] = one.tests.get(candidate.name, missing)
            name = run_name(candidate, number)
            if not one.complete or (warm and not one.mutants):
                kills.unknown.add(name)
            for index, (status, killed, late) in one.mutants.items():
                if status == "done" and killed:
                    kills.kills.setdefault(name, set()).add(index)
                if status == "done" and late:
                    kills.late.setdefault(name, set()).add(index)
        return results


_LATE = Ran("not-run", "out of time", (), 0.0)


def _uncollected(error: str) -> Ran:
    """How a candidate ended with which the file was not collected; a busy machine is not its fault."""
    return Ran("not-run" if error.startswith(UNHEARD) else "error", error, (), 0.0)
