"""The state of loaded modules, kept by content: a later path or test starts from it instead of loading them again.

After a module was loaded, everything that can be reached from it and changed is written down once; before the modules
are used again, all of it is put back. Nothing is copied, so objects stay themselves and cost only what they hold.
"""

from __future__ import annotations

import types as host_types
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from runfree.interpreter import ir
from runfree.interpreter.machine import Trace
from runfree.interpreter.python_classes import Auto, FieldSpec
from runfree.interpreter.python_mock_objects import State
from runfree.interpreter.python_types import HOST_TYPES, SCALARS
from runfree.interpreter.values import (
    MISSING,
    BoundMethod,
    Builtin,
    ClassMethod,
    ClassValue,
    DefaultDict,
    Env,
    FieldValue,
    FunctionValue,
    Instance,
    ModuleValue,
    Property,
    StaticMethod,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from runfree.interpreter.python_evaluator import PythonEvaluator

# Slots of each kind of object that hold what may change or lead on.
_SLOTS: dict[type, tuple[str, ...]] = {
    Env: ("vars", "redirect", "parent", "module", "klass", "function"),
    ModuleValue: ("env", "open", "loaded", "home"),
    FunctionValue: ("attrs", "defaults", "name", "owner", "env", "module"),
    ClassValue: (
        "namespace", "annotations", "options", "fields", "bases", "mro", "module", "opaque", "kind", "abstract", "frozen",
    ),
    Instance: ("klass", "attrs", "payload"),
    FieldValue: ("default", "factory"),
    Property: ("getter", "setter", "deleter", "cached"),
    StaticMethod: ("function",), ClassMethod: ("function",), BoundMethod: ("function", "receiver"),
    Builtin: ("call",), FieldSpec: ("options",),
    State: ("name", "parent", "children", "calls", "mock_calls", "returns", "effect", "spec", "wraps", "escaped"),
}  # fmt: skip
_LEAVES = SCALARS | {
    type(MISSING),
    type(NotImplemented),
    Auto,
    type,
    host_types.ModuleType,
    int,
    str,
    bool,
    type(None),
}
_CALLS = (host_types.BuiltinFunctionType, host_types.MethodDescriptorType, host_types.WrapperDescriptorType)


class CannotSaveError(Exception):
    """Something is reachable whose state cannot be put back: an iterator, a running patch."""


class Graph:
    """Walks everything reachable from some values; `saved` are the ways to put it back."""

    def __init__(self, known: frozenset[int] = frozenset(), strict: bool = True) -> None:
        self.known = known
        self.strict = strict
        self.seen: dict[int, Any] = {}
        self.slots: list[tuple[Any, tuple[str, ...], tuple[Any, ...]]] = []
        self.lists: list[tuple[Any, list[Any]]] = []
        self.dicts: list[tuple[Any, dict[Any, Any]]] = []
        self.sets: list[tuple[Any, Any]] = []

    def walk(self, roots: Iterable[Any]) -> None:
        """Notes the state of what the roots lead to.

        Raises:
            CannotSaveError: see there; only where `strict`.
        """
        stack = list(roots)
        seen, known = self.seen, self.known
        while stack:
            item = stack.pop()
            kind = type(item)
            if kind in _LEAVES and kind is not bytearray:
                continue
            name = id(item)
            if name in seen or name in known:
                continue
            seen[name] = item
            slots = _SLOTS.get(kind)
            if slots is not None:
                values = tuple([getattr(item, s) for s in slots])
                self.slots.append((item, slots, values))
                stack.extend(values)
            elif isinstance(item, dict):
                copy = dict(item)
                self.dicts.append((item, copy))
                stack.extend(copy)
                stack.extend(copy.values())
                if isinstance(item, DefaultDict):
                    stack.append(item.factory)
            elif kind is list or kind is deque:
                self.lists.append((item, list(item)))
                stack.extend(item)
            elif kind is tuple or kind is frozenset:
                stack.extend(item)
            elif kind is set:
                self.sets.append((item, set(item)))
                stack.extend(item)
            elif kind is Unknown:
                self.slots.append((item, ("truth", "length"), (item.truth, item.length)))
            elif kind is host_types.FunctionType:
                stack.extend(self.captured(item))
            elif kind is partial:
                stack += [item.func, item.args, item.keywords]
            elif not (isinstance(item, (ir.Node, ir.Body, *_CALLS)) or kind in HOST_TYPES) and self.strict:
                raise CannotSaveError(kind.__name__)
            elif kind is bytearray and self.strict:
                raise CannotSaveError("bytearray")

    def captured(self, function: Any) -> list[Any]:
        """What a function of ours holds on to."""
        found = [c.cell_contents for c in function.__closure__ or () if c != _EMPTY]
        found += function.__defaults__ or ()
        found += function.__dict__.values()
        return found

    def restore(self) -> None:
        """Puts everything back as it was noted."""
        for item, names, values in self.slots:
            for name, value in zip(names, values, strict=True):
                setattr(item, name, value)
        for item, copy in self.dicts:
            item.clear()
            if type(item) is OrderedDict:
                item.update(copy)
            else:
                # A Counter's own update would add.
                dict.update(item, copy)
        for listed, items in self.lists:
            listed.clear()
            listed.extend(items)
        for members, kept in self.sets:
            members.clear()
            members.update(kept)


_EMPTY = host_types.CellType()
_STATIC: list[frozenset[int]] = []
_KEPT: list[Any] = []


def static_values() -> frozenset[int]:
    """Identities of all values of the modelled library, which no program changes."""
    if not _STATIC:
        from runfree.interpreter.python_builtins import BUILTINS
        from runfree.interpreter.python_fixtures import FIXTURES
        from runfree.interpreter.python_library import LIBRARY
        from runfree.interpreter.python_types import EXCEPTIONS

        graph = Graph(strict=False)
        graph.walk([LIBRARY, BUILTINS, EXCEPTIONS, FIXTURES])
        _KEPT.append(graph.seen)
        _STATIC.append(frozenset(graph.seen))
    return _STATIC[0]


# What loading may add to, and what it must leave alone to be repeatable.
_SETS = ("certain", "lines", "maybe", "roots")
_FLAGS = ("escaped", "internal")
_FIXED = ("tainted", "caught", "assumed", "unlikely", "decided")


@dataclass
class Mark:
    """The evaluator before a module is loaded."""

    steps: int
    cells: int
    taken: int
    trace: dict[str, Any]
    state: tuple[Any, ...]
    output: dict[str, int]
    murky: set[int]
    loaded: set[str]

    @staticmethod
    def of(ev: PythonEvaluator, loaded: Iterable[str]) -> Mark:
        """The state now."""
        trace: dict[str, Any] = {n: set(getattr(ev.trace, n)) for n in _SETS}
        trace["branches"] = {n: set(sides) for n, sides in ev.trace.branches.items()}
        trace["reasons"] = len(ev.trace.reasons)
        return Mark(
            ev.steps, ev.cells, len(ev.taken), trace, steady(ev), {n: len(v) for n, v in ev.output.items()},
            set(ev.murky), set(loaded),
        )  # fmt: skip


def steady(ev: PythonEvaluator) -> tuple[Any, ...]:
    """What loading must not change for its effects to be repeated without it."""
    trace = ev.trace
    return (
        dict(ev.overridden), dict(ev.environ), len(ev.patched), dict(ev.sentinels), len(ev.alternatives),
        dict(trace.assertions), len(ev.__dict__.get("_representatives", ())), *(getattr(trace, n) for n in _FIXED),
    )  # fmt: skip


@dataclass
class Snapshot:
    """A module loaded after others: how to put all of them back, and what loading did to the evaluator."""

    graph: Graph | None = None
    modules: dict[str, ModuleValue] = field(default_factory=dict)
    # None: cannot be kept.
    children: dict[str, Snapshot | None] = field(default_factory=dict)
    steps: int = 0
    cells: int = 0
    trace: Trace = field(default_factory=Trace)
    output: dict[str, list[Value]] = field(default_factory=dict)
    murky: dict[int, Value] = field(default_factory=dict)
    own_lookup: bool = False
    focal_loaded: bool = False

    def apply(self, ev: PythonEvaluator) -> dict[str, ModuleValue]:
        """Puts the modules back and repeats what loading them did; the modules it loaded."""
        if self.graph is not None:
            self.graph.restore()
        trace = ev.trace
        for name in _SETS:
            getattr(trace, name).update(getattr(self.trace, name))
        for place, sides in self.trace.branches.items():
            trace.branches.setdefault(place, set()).update(sides)
        trace.reasons += self.trace.reasons[: 20 - len(trace.reasons)]
        for name in _FLAGS:
            setattr(trace, name, getattr(trace, name) or getattr(self.trace, name))
        ev.cells += self.cells
        for stream, texts in self.output.items():
            ev.output[stream] += texts
        ev.murky.update(self.murky)
        ev.own_lookup = ev.own_lookup or self.own_lookup
        ev.focal_loaded = ev.focal_loaded or self.focal_loaded
        return self.modules


def take(ev: PythonEvaluator, mark: Mark, by_path: dict[str, ModuleValue]) -> Snapshot | None:
    """The snapshot of a load that has just ended; None where it cannot be repeated."""
    if len(ev.taken) != mark.taken or steady(ev) != mark.state:
        return None
    graph = Graph(static_values())
    try:
        graph.walk(m for m in by_path.values() if m.loaded)
    except CannotSaveError:
        return None
    trace, before = ev.trace, mark.trace
    added = Trace()
    for name in _SETS:
        setattr(added, name, getattr(trace, name) - before[name])
    added.branches = {
        p: sides - before["branches"].get(p, set())
        for p, sides in trace.branches.items()
        if sides - before["branches"].get(p, set())
    }
    added.reasons = trace.reasons[before["reasons"] :]
    for name in _FLAGS:
        setattr(added, name, getattr(trace, name))
    return Snapshot(
        graph,
        {p: m for p, m in by_path.items() if p not in mark.loaded and m.loaded},
        {},
        ev.steps - mark.steps,
        ev.cells - mark.cells,
        added,
        {n: v[mark.output[n] :] for n, v in ev.output.items()},
        {n: v for n, v in ev.murky.items() if n not in mark.murky},
        ev.own_lookup,
        ev.focal_loaded,
    )
