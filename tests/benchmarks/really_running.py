"""The same candidates and mutants by running them: one process a run, as a plain script would."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runfree.mutation import list_mutants

RUN_SECONDS = 30.0  # a mutant that runs longer counts as killed


@dataclass(frozen=True)
class CoverageFigures:
    """Each candidate run alone under coverage: what a developer waits for after writing it.

    `suite_seconds`: all of them in one process, the cheapest way to run them.
    """

    candidates: int
    passed: int
    seconds: float
    per_candidate: float
    suite_seconds: float


@dataclass(frozen=True)
class MutationFigures:
    """The suite run on one mutant after the other; `seconds_for_all` extrapolates from those that were run."""

    mutants: int
    run: int
    killed: int
    seconds: float
    seconds_for_all: float


def measure_coverage_runs(case: Any, names: list[str]) -> CoverageFigures:
    """Runs every candidate by itself with pytest under coverage."""
    begun, passed = time.perf_counter(), 0
    for name in names:
        passed += (
            pytest(case, f"{case.tests}::{name}", "coverage", "run", f"--include={case.focal}", "-m") == 0
        )
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    pytest(case, str(case.tests), "coverage", "run", f"--include={case.focal}", "-m")
    suite = time.perf_counter() - begun
    return CoverageFigures(len(names), passed, seconds, seconds / max(len(names), 1), suite)


def measure_mutation_runs(case: Any, most: int) -> MutationFigures:
    """Runs the suite on mutants spread evenly over the focal file; the file is put back each time."""
    text = case.focal.read_text()
    mutants = list_mutants("python", text)
    chosen = mutants[:: max(1, -(-len(mutants) // most))]
    begun, killed = time.perf_counter(), 0
    try:
        for mutant in chosen:
            case.focal.write_text(mutant.apply(text))
            killed += pytest(case, str(case.tests), "-x") != 0
    finally:
        case.focal.write_text(text)
    seconds = time.perf_counter() - begun
    return MutationFigures(
        len(mutants), len(chosen), killed, seconds, seconds / max(len(chosen), 1) * len(mutants)
    )


def pytest(case: Any, target: str, *how: str) -> int:
    """Runs pytest on a target in the project's folder; returns its exit status, 1 where it ran too long."""
    before = ["-m", *how] if how and how[0] == "coverage" else ["-m"]
    after = list(how) if not (how and how[0] == "coverage") else []
    command = [sys.executable, *before, "pytest", "-q", "-p", "no:cacheprovider", *after, target]
    paths = os.pathsep.join({str(case.folder), str(case.focal.parent), str(Path(case.folder, "src"))})
    try:
        done = subprocess.run(
            command,
            cwd=case.folder,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=RUN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode
