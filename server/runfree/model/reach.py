"""Which focal functions a test reaches, how far away they are and how many conditions stand in between."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass

import numpy as np

from runfree.model.focal_index import Floats, FocalIndex
from runfree.model.test_view import TestView
from runfree.model.tokens import without_strings
from runfree.syntax.tree import Call

UNREACHED = 9.0

REACH_FEATURES: tuple[str, ...] = (
    "distance",  # 0: called by the test itself; UNREACHED: by no path
    "guards",  # least number of conditional blocks around the calls on the way
    "direct_calls",  # call sites in the test and its helpers
    "ambiguity",  # how many focal functions share the called name
    "through_helper",
    "by_member",  # read as an attribute or passed as a value, not called
    "receiver_known",
    "reached_callers",
)

# What runs a special method without naming it.
_IMPLICIT = {
    "len": ("__len__",), "str": ("__str__", "__repr__"), "repr": ("__repr__",), "iter": ("__iter__",), "next": ("__next__",),
    "list": ("__iter__",), "tuple": ("__iter__",), "sorted": ("__iter__", "__lt__"), "set": ("__iter__", "__hash__"), "hash": ("__hash__",),
    "bool": ("__bool__", "__len__"), "int": ("__int__",), "float": ("__float__",), "dict": ("__iter__", "__getitem__"), "reversed": ("__reversed__",),
    "print": ("__str__",), "format": ("__format__", "__str__"), "abs": ("__abs__",), "getattr": ("__getattr__",), "setattr": ("__setattr__",),
}  # fmt: skip
# The end of a left operand, however much space there is: no keyword (`return -1`), no exponent (`1e-5`).
_LEFT = r"(?:\b(?!(?:return|yield|assert|in|and|or|not|if|else|is|lambda|import|print|case|await)\b)[A-Za-z_]\w*|\b\d+|[)\]\"])\s*"
_SYNTAX = (
    (re.compile(r"=="), ("__eq__", "equals", "hashCode")),
    (re.compile(r"!="), ("__ne__", "__eq__")),
    (re.compile(r"\bfor\b[^:\n]*\bin\b"), ("__iter__", "__next__", "iterator")),
    (re.compile(r"\bin\b"), ("__contains__", "__iter__")),
    (re.compile(r"\bwith\b"), ("__enter__", "__exit__")),
    (re.compile(r"\w\[[^\]]*\]\s*=(?!=)"), ("__setitem__",)),
    (re.compile(r"\bdel\b[^\n]*\["), ("__delitem__",)),
    (re.compile(r"\w\["), ("__getitem__",)),
    (re.compile(r"<(?!=)"), ("__lt__", "__gt__")),
    (re.compile(r"(?<![-=])>(?!=)"), ("__gt__", "__lt__")),
    (re.compile(r"<="), ("__le__", "__ge__")),
    (re.compile(r">="), ("__ge__", "__le__")),
    (re.compile(_LEFT + r"\+\s*[\w(\"]"), ("__add__", "__radd__")),
    (re.compile(_LEFT + r"-\s*[\w(\"]"), ("__sub__", "__rsub__")),
    (re.compile(_LEFT + r"\*\s*[\w(\"]"), ("__mul__", "__rmul__")),
    (re.compile(_LEFT + r"/\s*[\w(\"]"), ("__truediv__",)),
    (re.compile(_LEFT + r"\|\s*[\w({\"]"), ("__or__",)),
    (re.compile(_LEFT + r"&\s*[\w({\"]"), ("__and__",)),
    (re.compile(r"\bassertEquals\b|isEqualTo"), ("equals", "compareTo")),
)
_PRINTS = (re.compile(r"%[sv]"), ("String", "Error"))  # looked for in strings; the others in code alone


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """F focal functions as one test sees them.

    `features` is (F, len(REACH_FEATURES)); `direct` maps a function index to the calls that name it.
    """

    features: Floats
    direct: dict[int, tuple[Call, ...]]


def _root(receiver: str) -> str:
    match = re.match(r"[A-Za-z_]\w*", receiver.lstrip("*&("))
    return match.group() if match else ""


def _classes_of(name: str, index: FocalIndex) -> list[str]:
    """A class and the classes of this file it inherits from, nearest first."""
    order: list[str] = []
    queue = [name]
    while queue and len(order) < 16:
        current = queue.pop(0)
        if current not in order and current in index.bases:
            order.append(current)
            queue.extend(index.bases[current])
    return order


def _owner(index: FocalIndex, function: int) -> str:
    return index.functions[function].owner.split("::")[-1].split(".")[-1]


def _targets(name: str, receiver: str, view: TestView, index: FocalIndex) -> tuple[tuple[int, ...], bool]:
    """Focal functions a call may mean, and whether its receiver is known."""
    if name in index.bases:  # a class: its constructor, or the nearest inherited one
        for owner in _classes_of(name, index):
            if owner in index.constructors:
                return index.constructors[owner], True
        return (), True
    named = index.by_name.get(name, ())
    if not named:
        return (), False
    if not receiver:
        bare = tuple(t for t in named if not index.functions[t].owner)
        return (bare, True) if bare else (named, False)
    root = _root(receiver)
    made = view.made.get(root, "").split(".")[-1]
    inline = re.match(r"(?:new\s+)?&?([A-Z]\w*)\s*(?:<[^()]*>)?[({]", receiver)
    returned = [re.sub(r"\W", "", index.functions[f].return_type) for f in index.by_name.get(made, ())]
    for class_name in (inline.group(1) if inline else "", made, *returned, root, receiver.split(".")[-1]):
        if class_name in index.bases:
            for owner in _classes_of(class_name, index):
                owned = tuple(t for t in named if _owner(index, t) == owner)
                if owned:
                    return owned, True
    if made:  # a factory `NewX` / `makeX` / `X.of`: its result's methods
        owned = tuple(t for t in named if _owner(index, t) and _owner(index, t).lower() in made.lower())
        if owned:
            return owned, True
    free = tuple(t for t in named if not index.functions[t].owner)
    if free and root not in view.made:
        return free, True
    return named, False


def reach(view: TestView, index: FocalIndex) -> Reach:
    """Walks from the test's calls through the focal file's call graph."""
    count = len(index.functions)
    features = np.zeros((count, len(REACH_FEATURES)), dtype=np.float32)
    features[:, 0] = UNREACHED
    features[:, 1] = UNREACHED
    direct: dict[int, list[Call]] = {}
    start: dict[int, tuple[float, float]] = {}

    def enter(target: int, depth: float, guards: float) -> None:
        if target not in start or (depth, guards) < start[target]:
            start[target] = (depth, guards)

    classes_made: set[str] = set()
    for level, call in view.calls:
        targets, known = _targets(call.name, call.receiver, view, index)
        if call.name in index.bases:
            classes_made.update(_classes_of(call.name, index))
        for target in targets:
            direct.setdefault(target, []).append(call)
            features[target, 2] += 1
            features[target, 3] = max(features[target, 3], len(targets))
            features[target, 4] = max(features[target, 4], float(level > 0))
            features[target, 6] = max(features[target, 6], float(known))
            enter(target, 0.0, 0.0 if known or len(targets) == 1 else 0.5)
        for special in _IMPLICIT.get(call.name, ()):
            for target in index.by_name.get(special, ()):
                features[target, 5] = 1
                enter(target, 0.0, 1.0 if _owner(index, target) in classes_made else 2.0)
    called = {(call.receiver, call.name) for _, call in view.calls}
    for _, member in view.members:
        if (member.receiver, member.name) in called:
            continue
        for target in _targets(member.name, member.receiver, view, index)[0]:
            features[target, 5] = 1
            enter(target, 0.0, 0.0 if index.functions[target].is_property else 0.5)
    for name in view.references:
        for target in index.by_name.get(name, ()):
            if not index.functions[target].owner and target not in start:
                features[target, 5] = 1
                enter(target, 0.0, 0.5)
    code = without_strings(view.key)
    made_names = {name.split(".")[-1] for name in view.made.values()} | classes_made
    for pattern, specials in (*_SYNTAX, _PRINTS):
        text = view.key if pattern is _PRINTS[0] else code
        if any(s in index.by_name for s in specials) and pattern.search(text):
            for special in specials:
                for target in index.by_name.get(special, ()):
                    features[target, 5] = 1
                    enter(target, 0.0, 1.0 if _owner(index, target) in made_names else 2.0)

    heap = [(depth, guards, target) for target, (depth, guards) in start.items()]
    heapq.heapify(heap)
    done: set[int] = set()
    while heap:
        depth, guards, target = heapq.heappop(heap)
        if target in done:
            continue
        done.add(target)
        features[target, 0], features[target, 1] = depth, guards
        for edge in index.edges[target]:
            features[edge.callee, 7] += 1
            if edge.callee not in done and depth < UNREACHED - 1:
                heapq.heappush(heap, (depth + 1, guards + edge.guards, edge.callee))
    return Reach(features, {t: tuple(c) for t, c in direct.items()})
