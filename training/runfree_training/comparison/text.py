"""A sample as one text for a language model, cut by relevance to what the model can read.

The candidate comes first in importance, then the focal functions it names and the existing tests most like it; what is
kept is laid out in the order of a reader: focal file, context, test file, candidate last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from runfree.canonical import Case
from runfree.errors import RunfreeError
from runfree.evidence import similarity
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, SourceFile

Part = Literal["focal", "context", "suite", "existing", "candidate"]
PARTS: tuple[Part, ...] = ("focal", "context", "suite", "existing", "candidate")
_TITLES = {
    "focal": "code under test",
    "context": "other files",
    "suite": "head of the test file",
    "existing": "existing tests",
    "candidate": "new test",
}
MOST = 80  # passages kept of a sample: the rest would not fit into any text
LEAST = 24  # tokens: less of a passage says nothing


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a file. `relevance` in [0, 1] to the candidate, `place` orders the passages of a part."""

    part: Part
    text: str
    relevance: float
    place: int


def mentions(function: Function) -> frozenset[str]:
    """Every name that a function calls, reads or takes as a parameter (a fixture, in Python)."""
    return frozenset(
        {c.name for c in function.calls}
        | {n.text for n in function.names}
        | {m.name for m in function.members}
        | {p.name for p in function.parameters}
    )


def _outside(file: SourceFile) -> str:
    """What stands outside functions: imports, constants, class headers; empty lines left out."""
    inside = {line for f in file.functions for line in range(f.span.start_line, f.span.end_line + 1)}
    lines = (text for number, text in enumerate(file.text.split("\n"), 1) if number not in inside)
    return "\n".join(line for line in lines if line.strip())


def _relevances(functions: Sequence[Function], named: frozenset[str]) -> list[float]:
    """How much each function matters to a test that mentions these names: named 1, called by a named one 0.6."""
    direct = [f.name in named or (f.owner in named and f.name in ("__init__", f.owner)) for f in functions]
    reached: set[str] = set()
    for function, is_direct in zip(functions, direct, strict=True):
        if is_direct:
            reached |= {c.name for c in function.calls}
    return [
        1.0 if is_direct else 0.6 if f.name in reached else 0.4 if f.owner in named else 0.1
        for f, is_direct in zip(functions, direct, strict=True)
    ]


def passages(case: Case) -> tuple[Passage, ...]:
    """A case in its `MOST` most relevant passages, those first (the candidate before everything)."""
    named = mentions(case.candidate)
    tests = {id(t) for t in case.suite.tests}
    helpers = [f for f in case.suite.functions if id(f) not in tests]
    for helper, weight in zip(helpers, _relevances(helpers, named), strict=True):
        if weight == 1.0:  # what a helper names, the test needs
            named |= mentions(helper)
    found = [Passage("candidate", case.candidate.text, 1.0, 0)]
    found += _functions("focal", case.focal.functions, named, 0)
    found.append(Passage("focal", _outside(case.focal), 0.5, 0))
    found += _functions("suite", helpers, named, 0)
    found.append(Passage("suite", _outside(case.suite), 0.3, 0))
    for test in case.existing:
        likeness = similarity(case.candidate, test)
        found.append(Passage("existing", test.text, 0.3 + 0.65 * likeness, test.span.start_line))
    for number, (_, text) in enumerate(case.context):
        try:
            other = parse(case.language, text)
        except RunfreeError:
            continue
        place = (number + 1) * 1_000_000
        found += [p for p in _functions("context", other.functions, named, place) if p.relevance == 1.0]
    told = [p for p in found if p.text.strip()]
    return tuple(sorted(told, key=lambda p: (p.part != "candidate", -p.relevance, p.place))[:MOST])


def _functions(part: Part, functions: Sequence[Function], named: frozenset[str], place: int) -> list[Passage]:
    """Passages of functions; named ones weigh a little less in other files than in the focal file."""
    scale = {"focal": 0.99, "suite": 0.9, "context": 1.0}[part]
    return [
        Passage(part, f.text, weight if part == "context" else weight * scale, place + f.span.start_line)
        for f, weight in zip(functions, _relevances(functions, named), strict=True)
    ]


def cut(text: str, most: int, count: Callable[[str], int]) -> str:
    """The first whole lines of a text that have at most `most` tokens."""
    lines = text.split("\n")
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        if count("\n".join(lines[:middle])) <= most:
            low = middle
        else:
            high = middle - 1
    return "\n".join(lines[:low])


def lay_out(found: Sequence[Passage], paths: tuple[str, str], most: int, count: Callable[[str], int]) -> str:
    """The passages that fit into `most` tokens, most relevant first taken, in a reader's order.

    The candidate gets at most half, everything else what is left; a passage that does not fit whole gives its first
    lines. `paths`: of the focal and of the test file. `count` says how many tokens a text has.
    """
    focal, test = (PurePosixPath(p).name for p in paths)
    titles = {part: f"# {title}" for part, title in _TITLES.items()}
    titles["focal"] += f": {focal}" if focal else ""
    titles["suite"] += f": {test}" if test else ""
    left = most
    kept: dict[Part, list[tuple[int, str]]] = {}
    for passage in found:
        heading = 0 if passage.part in kept else count(titles[passage.part]) + 1
        room = left - heading
        if passage.part == "candidate":
            room = min(room, max(most // 2, LEAST))
        size = count(passage.text) + 1
        text = passage.text
        if size > room:
            if room < LEAST:
                continue
            text = cut(text, room - 1, count)
            size = count(text) + 1
        if text.strip():
            kept.setdefault(passage.part, []).append((passage.place, text))
            left -= size + heading
    parts = []
    for part in PARTS:
        if part in kept:
            parts += [titles[part], *(text for _, text in sorted(kept[part]))]
    return "\n".join(parts)
