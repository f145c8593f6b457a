"""Limits of one analysis, and the one way an evaluation is given up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """What one test may cost. Steps are what decides, so that the same text always gets the same answer; the clock
    is a backstop for a slow machine.

    Attributes:
        steps: nodes evaluated, over all paths of a test (about 1 microsecond each).
        path_steps: nodes evaluated on one path. load_steps: as many more while modules are loaded, which is kept by
            content and mostly done once for many paths and tests.
        depth: calls of user functions inside each other.
        items: elements of a collection or turns of one loop.
        text: characters of a string. bits: of an integer. cells: sizes of all values made on one path, summed.
        paths: executions of a test, one for each combination of unknown conditions that is tried.
        decisions: unknown conditions on one path.
        seconds: processor time of a test, all paths together.
        mutant_steps: nodes evaluated for all mutants of one test together.
        mutant_seconds: processor time of all mutants of one test together.
    """

    steps: int = 20_000
    path_steps: int = 12_000
    load_steps: int = 40_000
    depth: int = 40
    items: int = 10_000
    text: int = 100_000
    bits: int = 20_000
    cells: int = 500_000
    paths: int = 12
    decisions: int = 24
    seconds: float = 0.25
    mutant_steps: int = 8_000
    mutant_seconds: float = 0.25


class Stop(Exception):  # noqa: N818 - not an error: the evaluation of a path ends without an answer
    """A path is given up; `reason` is a stable code such as "budget:steps" or "syntax:x"."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        # Path of the file whose code was running, where a function call noted it.
        self.path = ""
