"""Follows the paths of one test, one for each combination of unknown conditions, and joins what they say."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from runfree.interpreter import ir
from runfree.interpreter.answers import (
    CERTAIN,
    LIKELY,
    NEVER,
    POSSIBLE,
    Answers,
    AssertionAnswer,
    BranchDecision,
    Outcome,
    Reason,
)
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.machine import FAILS, HOLDS, UNKNOWN, Alternative, Machine, Trace
from runfree.interpreter.reach import all_lines, module_lines, reachable, regions
from runfree.interpreter.values import Instance, Thrown

# What a framework that tells of a failure may ask of the objects in it.
_SHOWN = (
    "__repr__",
    "__str__",
    "__len__",
    "__iter__",
    "__getitem__",
    "__contains__",
    "keys",
    "splitlines",
    "strip",
)
RunPath = Callable[[tuple[bool, ...], Budget, float], tuple[Machine, "PathEnd"]]


@dataclass(slots=True)
class PathEnd:
    """How a path ended: "passed", "failed" or "stopped", with the exception or the reason."""

    state: str
    thrown: Thrown | None = None
    stop: Stop | None = None
    trace: Trace = field(default_factory=Trace)
    sentence: str = ""
    loaded: bool = True
    focal_loaded: bool = False


@dataclass(slots=True)
class Exploration:
    """All paths that were tried and the alternatives that were not; `load_steps`: of loading modules, not in `steps`."""

    ends: list[PathEnd]
    left: list[Alternative]
    steps: int
    load_steps: int = 0


def explore(run_path: RunPath, budget: Budget) -> Exploration:
    """Runs the first path, then its alternatives: expected ones first, in order of discovery."""
    deadline = time.thread_time() + budget.seconds
    ends: list[PathEnd] = []
    queue: list[Alternative] = [Alternative((), frozenset(), False)]
    steps = load_steps = 0
    while queue and len(ends) < budget.paths and steps < budget.steps and time.thread_time() < deadline:
        position = next((i for i, a in enumerate(queue) if not a.unlikely), 0)
        alternative = queue.pop(position)
        machine, end = run_path(alternative.decisions, budget, deadline)
        machine.trace.unlikely = alternative.unlikely
        end.trace = machine.trace
        end.loaded = machine.loaded
        end.focal_loaded = machine.focal_loaded
        ends.append(end)
        queue.extend(machine.alternatives)
        steps += machine.steps - machine.load_steps
        load_steps += machine.load_steps
    return Exploration(ends, queue, steps, load_steps)


def describe_failure(end: PathEnd) -> str:
    """Why a path fails."""
    failed = [s for state, s in end.trace.assertions.values() if state == FAILS and s]
    if failed:
        return failed[0]
    if end.thrown is not None and isinstance(end.thrown.value, Instance):
        place = f" ({end.thrown.path.rsplit('/', 1)[-1]}:{end.thrown.line})" if end.thrown.path else ""
        return f"raises {end.sentence or end.thrown.value.klass.name}{place}"
    if end.thrown is not None and end.sentence:
        place = f" ({end.thrown.path.rsplit('/', 1)[-1]}:{end.thrown.line})" if end.thrown.path else ""
        return end.sentence + place
    return end.sentence


def outcome_of(result: Exploration) -> tuple[Outcome, Outcome, str]:
    """The certain outcome, the likely one, and why the test fails."""
    ends = result.ends
    complete = not result.left
    passed = [e.state == "passed" and not e.trace.assumed and not e.trace.tainted for e in ends]
    # A failure is certain only where no unknown condition was decided after something unknown was touched.
    failed = [
        e.state == "failed"
        and not e.trace.caught
        and not e.trace.escaped
        and not (e.trace.tainted and e.trace.decided)
        for e in ends
    ]
    sentence = next((describe_failure(e) for e in ends if e.state == "failed"), "")
    certain: Outcome = "unknown"
    if complete and all(passed):
        certain = "passes"
    elif complete and all(failed):
        certain = "fails"
    normal = [e for e in ends if not e.trace.unlikely]
    likely: Outcome = "unknown"
    if normal and all(e.state == "passed" for e in normal):
        likely = "passes"
    elif normal and all(e.state == "failed" for e in normal) and all(a.unlikely for a in result.left):
        likely = "fails"
    return (
        certain,
        certain if certain != "unknown" else likely,
        sentence if "fails" in (certain, likely) else "",
    )


def grade_lines(result: Exploration, focal: ir.Program, roots: Callable[[], set[str]]) -> dict[int, int]:
    """0 never, 1 possible, 2 likely, 3 certain for every statement line of the focal file."""
    ends = result.ends
    stopped = [e for e in ends if e.state == "stopped"]
    certain: set[int] | None = None
    for lines in [e.trace.certain for e in ends] + [set(a.certain) for a in result.left]:
        certain = set(lines) if certain is None else certain & lines
    normal = [e for e in ends if not e.trace.unlikely] or ends
    good = [e for e in normal if e.state == "passed"] or normal
    likely: set[int] | None = None
    for end in good:
        likely = set(end.trace.lines) if likely is None else likely & end.trace.lines
    possible: set[int] = set()
    for end in ends:
        possible |= end.trace.lines | end.trace.maybe
    if stopped or result.left:
        possible |= module_lines(focal)
    shown = set(_SHOWN) if any(e.state != "passed" for e in ends) else set()
    if stopped or result.left or any(e.trace.escaped for e in ends) or shown:
        # A framework that tells of a failure asks for texts of the objects in it.
        wide = shown | (roots() if stopped or result.left else set())
        possible |= reachable(focal, wide.union(*(e.trace.roots for e in ends)))
    unsure = any(not e.focal_loaded or e.trace.internal for e in ends)
    # Importing a name asks a module's own `__getattr__` for its path.
    possible.update(*(r.lines for r in regions(focal) if r.name == "__getattr__" and not r.owner))
    if unsure or any(not a.certain for a in result.left):
        possible |= all_lines(focal)
    grades = dict.fromkeys(all_lines(focal), NEVER)
    grades.update(dict.fromkeys(possible, POSSIBLE))
    grades.update(dict.fromkeys(likely or (), LIKELY))
    grades.update(dict.fromkeys(certain or (), CERTAIN))
    return grades


def join(result: Exploration, focal: ir.Program, roots: Callable[[], set[str]]) -> Answers:
    """What all paths together say; `roots`: the names unknown code could start from, asked for where needed."""
    outcome, likely, sentence = outcome_of(result)
    ends = result.ends
    assertions: dict[int, list[tuple[str, str]]] = {}
    branches: dict[tuple[int, int, int], set[bool | None]] = {}
    reasons: Counter[tuple[str, int, str]] = Counter()
    raised: dict[Reason, None] = {}
    for end in ends:
        if not end.trace.unlikely:
            for line, answer in end.trace.assertions.items():
                assertions.setdefault(line, []).append(answer)
        for place, sides in end.trace.branches.items():
            branches.setdefault(place, set()).update(sides)
        for reason in end.trace.reasons:
            reasons[reason] += 1
        if end.stop is not None:
            reasons[(end.stop.reason, end.stop.args[1] if len(end.stop.args) > 1 else 0, "")] += 3
        if end.thrown is not None and isinstance(end.thrown.value, Instance):
            raised[Reason(end.thrown.value.klass.name, end.thrown.line, end.thrown.path)] = None
    count = sum(not e.trace.unlikely for e in ends)
    return Answers(
        outcome=outcome,
        likely=likely,
        sentence=sentence,
        assertions=tuple(_assertion(line, answers, count) for line, answers in sorted(assertions.items())),
        line_grades=grade_lines(result, focal, roots),
        branches=tuple(
            BranchDecision(line, focal.text[pos:end].decode(errors="replace"), frozenset(sides))
            for (line, pos, end), sides in sorted(branches.items())
        ),
        reasons=tuple(Reason(*r) for r, _ in sorted(reasons.items(), key=lambda item: -item[1])[:8]),
        raised=tuple(raised),
        complete=not result.left and all(e.state != "stopped" for e in ends),
        paths=len(ends),
        steps=result.steps,
        loaded=all(e.loaded for e in ends),
    )


def _assertion(line: int, answers: list[tuple[str, str]], count: int) -> AssertionAnswer:
    states = {s for s, _ in answers}
    if states == {HOLDS} and len(answers) == count:
        return AssertionAnswer(line, "holds")
    if states == {FAILS} and len(answers) == count:
        return AssertionAnswer(line, "fails", answers[0][1])
    assert states <= {HOLDS, FAILS, UNKNOWN}
    return AssertionAnswer(line, "unknown")
