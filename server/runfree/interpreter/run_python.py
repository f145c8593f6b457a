"""Puts a Python test together: lowered files, one evaluator a path, the paths explored."""

from __future__ import annotations

import threading
from functools import lru_cache

from runfree.interpreter import ir
from runfree.interpreter.answers import Answers, Reason
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.explore import Exploration, PathEnd, explore, join, outcome_of
from runfree.interpreter.frameworks_python import PythonTestEvaluator, describe
from runfree.interpreter.lower_python import lower_cached, lower_edited
from runfree.interpreter.machine import Machine
from runfree.interpreter.python_modules import Modules
from runfree.interpreter.python_snapshot import Snapshot
from runfree.interpreter.python_tests import TestNotFoundError, run_test
from runfree.interpreter.reach import expand, regions
from runfree.interpreter.values import Thrown
from runfree.mutation import Mutant

Context = tuple[tuple[str, str], ...]
DEFAULT_FOCAL, DEFAULT_TEST = "focal.py", "test_focal.py"


@lru_cache(maxsize=64)
def programs_of(
    focal_text: str, suite_text: str, focal_path: str, test_path: str, context: Context
) -> tuple[str, str, dict[str, ir.Program]]:
    """The lowered files by path, with the paths used for the focal file and the test file."""
    focal_path = focal_path or DEFAULT_FOCAL
    test_path = test_path or DEFAULT_TEST
    if test_path == focal_path:
        test_path = "tests/" + DEFAULT_TEST
    programs = {path: lower_cached(text, path) for path, text in context if path.endswith(".py")}
    programs[focal_path] = lower_cached(focal_text, focal_path)
    programs[test_path] = lower_cached(suite_text, test_path)
    return focal_path, test_path, programs


@lru_cache(maxsize=8)
def snapshots_of(focal_path: str, test_path: str, others: frozenset[tuple[str, ir.Program]]) -> Snapshot:
    """Where the states of loaded modules are kept for these files."""
    return Snapshot()


# States that are kept are put back in place: one analysis at a time.
_KEPT_STATES = threading.Lock()


def run_kept(modules: Modules, name: str, budget: Budget) -> Exploration:
    """Explores the paths of one test, with the states of modules that were loaded before."""
    if not _KEPT_STATES.acquire(blocking=False):
        return run_paths(modules, name, budget)
    try:
        others = frozenset((p, x) for p, x in modules.programs.items() if p != modules.test_path)
        modules.chain = snapshots_of(modules.focal_path, modules.test_path, others)
        return run_paths(modules, name, budget)
    finally:
        _KEPT_STATES.release()


def run_paths(modules: Modules, name: str, budget: Budget) -> Exploration:
    """Explores the paths of one test."""

    def one(decisions: tuple[bool, ...], limits: Budget, deadline: float) -> tuple[Machine, PathEnd]:
        fresh = modules.fresh()
        ev = PythonTestEvaluator(fresh, limits, decisions, deadline)
        try:
            thrown = run_test(ev, fresh, name)
            if thrown is None:
                return ev, PathEnd("passed")
            return ev, PathEnd("failed", thrown, sentence=describe(ev, thrown))
        except Thrown as thrown:
            return ev, PathEnd("failed", thrown, sentence=describe(ev, thrown))
        except Stop as stop:
            stop.args = (stop.reason, ev.line)
            return ev, PathEnd("stopped", stop=stop)
        except TestNotFoundError:
            return ev, PathEnd("stopped", stop=Stop("test-not-found"))
        except RecursionError:
            return ev, PathEnd("stopped", stop=Stop("budget:depth"))
        except MemoryError:
            return ev, PathEnd("stopped", stop=Stop("budget:size"))
        except Exception as error:
            # A gap of the evaluator itself: no claim may come of it, and no crash either.
            return ev, PathEnd("stopped", stop=Stop(f"internal:{type(error).__name__}"))

    return explore(one, budget)


def roots_of(suite: ir.Program, name: str) -> set[str]:
    """Names that the test and the set-up around it mention: where unknown code could start from."""
    parts = name.split("::")
    roots: set[str] = set()
    tests = {r.name for r in regions(suite) if r.name.startswith("test")} - {parts[-1]}
    for region in regions(suite):
        if region.name not in tests:
            roots |= region.mentions
    return roots


def analyse_python(
    focal_text: str,
    suite_text: str,
    name: str,
    focal_path: str,
    test_path: str,
    budget: Budget,
    context: Context,
) -> Answers:
    """Reads one Python test to its end."""
    focal_path, test_path, programs = programs_of(focal_text, suite_text, focal_path, test_path, context)
    focal = programs[focal_path]
    for program in (focal, programs[test_path]):
        if program.has_error:
            return Answers(reasons=(Reason("syntax-error", 0, program.path),))
    modules = Modules(focal_path, test_path, programs)
    result = run_kept(modules, name, budget)
    return join(result, focal, lambda: expand(programs.values(), roots_of(programs[test_path], name)))


def analyse_mutant(
    focal_text: str,
    suite_text: str,
    name: str,
    focal_path: str,
    test_path: str,
    mutant: Mutant,
    budget: Budget,
    context: Context,
) -> Answers:
    """Reads one Python test on the focal file with one edit; only the outcome is of use."""
    focal_path, test_path, programs = programs_of(focal_text, suite_text, focal_path, test_path, context)
    focal = lower_edited(
        programs[focal_path], focal_text, mutant.start_byte, mutant.end_byte, mutant.replacement
    )
    if focal is None:
        return Answers(loaded=False)
    modules = Modules(focal_path, test_path, {**programs, focal_path: focal})
    result = run_paths(modules, name, budget)
    outcome, likely, sentence = outcome_of(result)
    return Answers(
        outcome,
        likely,
        sentence,
        steps=result.steps + result.load_steps,
        paths=len(result.ends),
        loaded=all(e.loaded for e in result.ends),
    )
