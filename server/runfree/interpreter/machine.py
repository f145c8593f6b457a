"""What every evaluation keeps count of: steps, sizes, the trace of focal lines, decisions on unknown conditions.

An unknown condition is decided by an oracle: the first execution takes the default side, and every other side is an
alternative that a later execution takes from the start (`explore`). So states never need to be joined.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.values import ModuleValue, Thrown, Unknown, Value

HOLDS, FAILS, UNKNOWN = "holds", "fails", "unknown"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A side of an unknown condition that was not taken, with the lines that were certain up to it."""

    decisions: tuple[bool, ...]
    certain: frozenset[int]
    unlikely: bool


@dataclass(slots=True)
class Trace:
    """What one path did.

    Attributes:
        certain: focal lines executed while nothing unknown could have raised. lines: all focal lines executed.
        branches: (line, pos, end) of conditions to the sides taken; None in a set means unknown.
        assertions: suite line to (state, sentence), the last one where executed several times and all hold.
        tainted: something unknown may have raised. caught: ... inside a handler of the user.
        escaped: objects of the user were handed to unknown code.
        maybe: lines that were begun, but that a coverage tool may not count.
        roots: names through which unknown code may come back to the user's.
        internal: code of the same project that is not at hand ran, and may have called the focal file.
        assumed: an assertion with an unknown result was taken to hold.
    """

    certain: set[int] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)
    branches: dict[tuple[int, int, int], set[bool | None]] = field(default_factory=dict)
    assertions: dict[int, tuple[str, str]] = field(default_factory=dict)
    reasons: list[tuple[str, int, str]] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    maybe: set[int] = field(default_factory=set)
    tainted: bool = False
    caught: bool = False
    escaped: bool = False
    internal: bool = False
    assumed: bool = False
    unlikely: bool = False
    decided: bool = False


class Machine:
    """Budgets, trace and decisions of one path."""

    def __init__(self, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0) -> None:
        self.budget = budget
        self.steps = 0
        self.max_steps = budget.path_steps
        # Steps that loading modules took, which do not count for the path.
        self.load_steps = 0
        self.cells = 0
        self.depth = 0
        self.deadline = deadline
        self.oracle = decisions
        self.taken: list[bool] = []
        self.alternatives: list[Alternative] = []
        self.trace = Trace()
        self.tracing = False
        self.importing = 0
        self.loaded = True
        # Whether the top level of the focal file ran to its end.
        self.focal_loaded = False
        self.line = 0
        self.module: ModuleValue | None = None
        self.guards: list[list[bool]] = []
        # Containers whose content became unknown: id -> the container (kept alive, so that the id stays its own).
        self.murky: dict[int, Value] = {}
        self.last_return: tuple[str, int] | None = None

    def step(self, count: int = 1) -> None:
        """Counts work.

        Raises:
            Stop: the budget of steps or time is spent.
        """
        self.steps += count
        if self.steps > self.max_steps:
            raise Stop("budget:steps")
        if not self.steps & 255 and self.deadline and time.thread_time() > self.deadline:
            raise Stop("budget:time")

    def charge(self, size: int) -> None:
        """Counts the size of a value that is about to be made.

        Raises:
            Stop: the value, or all values of this path together, are too large.
        """
        self.cells += size
        self.steps += size >> 6
        if size > self.budget.text or self.cells > self.budget.cells:
            raise Stop("budget:size")

    def hit(self, line: int) -> None:
        """A focal line is executed."""
        trace = self.trace
        trace.lines.add(line)
        if not trace.tainted:
            trace.certain.add(line)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What runs meanwhile is only for telling of a failure: a framework may run it as well, or not."""
        trace, line = self.trace, self.line
        before = set(trace.lines), set(trace.certain)
        try:
            yield
        finally:
            trace.maybe |= trace.lines - before[0]
            trace.lines, trace.certain = before
            self.line = line

    def reason(self, why: str) -> None:
        """Notes why something is unknown, at the current place; the first few are kept."""
        if len(self.trace.reasons) < 20:
            path = self.module.program.path if self.module is not None and self.module.program else ""
            self.trace.reasons.append((why, self.line, path))

    def decide(self, default: bool, unlikely: bool = False) -> bool:
        """Decides an unknown condition; `unlikely`: the other side is not what one expects to happen."""
        index = len(self.taken)
        self.trace.decided = self.trace.decided or not unlikely
        if index < len(self.oracle):
            choice = self.oracle[index]
            if unlikely and choice != default:
                self.trace.unlikely = True
        else:
            if index >= self.budget.decisions:
                raise Stop("budget:decisions")
            choice = default
            other = (*self.taken, not default)
            self.alternatives.append(
                Alternative(other, frozenset(self.trace.certain), unlikely or self.trace.unlikely)
            )
        self.taken.append(choice)
        return choice

    def risky(self, why: str) -> None:
        """Something unknown is done that may raise: what follows is likely, not certain; handlers get their path."""
        trace = self.trace
        self.reason(why)
        if self.importing:
            return  # Modules are taken to load: a test file that does not is found out by other means.
        trace.tainted = True
        if why.startswith("home:"):
            trace.internal = True
        if self.guards:
            trace.caught = True
            if not self.guards[-1][0]:
                self.guards[-1][0] = True
                if self.decide(False, unlikely=True):
                    raise Thrown(Unknown("raised:" + why, kind="exception", truth=True))
