"""Says which mutant of PIT is which site of ours: by line, method and kind of change, then by order on the line.

PIT changes instructions and we change text, so a site is only taken for the same where both have equally many of a kind
on a line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from runfree.mutation import Mutant
from runfree_training.execute.java_pit import PitMutant

Item = TypeVar("Item", Mutant, PitMutant)
Key = TypeVar("Key", bound=Hashable)

_OF_PIT = {
    "Math": "math", "Increments": "math", "InvertNegs": "math", "ConditionalsBoundary": "boundary",
    "NegateConditionals": "negate", "VoidMethodCall": "call", "BooleanTrueReturnVals": "return true",
    "BooleanFalseReturnVals": "return false", "NullReturnVals": "return", "PrimitiveReturns": "return",
    "EmptyObjectReturnVals": "return",
}  # fmt: skip
_WORDS = {
    "addition": "+", "subtraction": "-", "multiplication": "*", "division": "/", "modulus": "%", "AND": "&", "OR": "|",
    "XOR": "^", "Shift Left": "<<", "Shift Right": ">>", "Unsigned Shift Right": ">>>",
}  # fmt: skip
_LITERAL = re.compile(r"""\"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_BOUNDARY = {("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")}


@dataclass(frozen=True, slots=True)
class Match:
    """Sites of ours and mutants of PIT that are the same.

    Attributes:
        pairs: index of PIT's mutant by index of ours. by_order: those of ours that only the order on the line decides.
        ours_alone, pit_alone: indices without a partner, with the reason.
    """

    pairs: dict[int, int]
    by_order: frozenset[int]
    ours_alone: dict[int, str]
    pit_alone: dict[int, str]


def group_of_ours(mutant: Mutant) -> str:
    """The kind of change of a site of ours, in words shared with PIT's mutators."""
    if mutant.operator == "comparison":
        return "boundary" if (mutant.original, mutant.replacement) in _BOUNDARY else "negate"
    if mutant.operator == "return":
        is_boolean = mutant.replacement in ("true", "false")
        return f"return {mutant.replacement}" if is_boolean else "return"
    return {"boolean": "negate", "arithmetic": "math", "assignment": "math"}.get(
        mutant.operator, mutant.operator
    )


def group_of_pit(mutant: PitMutant) -> str:
    """The same of a mutant of PIT; "" for mutators that we have nothing like."""
    return _OF_PIT.get(mutant.mutator, "")


def match(ours: Sequence[Mutant], pit: Sequence[PitMutant]) -> Match:
    """Identifies mutants one to one; `ours` are all sites of the focal file, `pit` all of PIT's mutants of it."""
    left = _grouped(ours, lambda m: (m.line, group_of_ours(m)))
    right = _grouped(pit, lambda m: (m.line, group_of_pit(m)))
    pairs: dict[int, int] = {}
    by_order: set[int] = set()
    ours_alone: dict[int, str] = {}
    pit_alone: dict[int, str] = {}
    for key in left.keys() | right.keys():
        mine, its = left.get(key, []), right.get(key, [])
        if not key[1]:
            pit_alone |= dict.fromkeys(its, "an operator that we do not have")
        elif not mine:
            pit_alone |= dict.fromkeys(its, "we have none of its kind on the line")
        elif not its:
            ours_alone |= dict.fromkeys(mine, "PIT has none of its kind on the line")
        else:
            _match_line(
                [(i, ours[i]) for i in mine],
                [(i, pit[i]) for i in its],
                pairs,
                by_order,
                ours_alone,
                pit_alone,
            )
    return Match(pairs, frozenset(by_order), ours_alone, pit_alone)


def _match_line(
    mine: Sequence[tuple[int, Mutant]],
    its: Sequence[tuple[int, PitMutant]],
    pairs: dict[int, int],
    by_order: set[int],
    ours_alone: dict[int, str],
    pit_alone: dict[int, str],
) -> None:
    """One kind on one line: what is changed into what must be the same, and the method where PIT's has a name."""
    left = _grouped([m for _, m in mine], _detail_of_ours)
    right = _grouped([m for _, m in its], _detail_of_pit)
    for key in left.keys() | right.keys():
        a = sorted((mine[i] for i in left.get(key, [])), key=lambda e: (e[1].start_byte, e[1].end_byte))
        b = sorted(
            (its[i] for i in right.get(key, [])), key=lambda e: (e[1].class_name, e[1].method, e[1].index)
        )
        if len(a) == len(b) and all(_same_method(m, p) for (_, m), (_, p) in zip(a, b, strict=True)):
            pairs |= {i: k for (i, _), (k, _) in zip(a, b, strict=True)}
            by_order |= {i for i, _ in a} if len(a) > 1 else set()
        else:
            ours_alone |= {i: "the numbers on the line differ" for i, _ in a}
            pit_alone |= {k: "the numbers on the line differ" for k, _ in b}


def _grouped(items: Sequence[Item], key: Callable[[Item], Key]) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        found[key(item)].append(at)
    return found


def _detail_of_ours(mutant: Mutant) -> str:
    kind = group_of_ours(mutant)
    if kind == "call":
        return called(mutant.original)
    if kind != "math":
        return ""
    if mutant.original in ("++", "--"):
        return mutant.original[0]
    return mutant.original.removesuffix("=") if re.fullmatch(r"[^\w\s]+", mutant.original) else "negation"


def _detail_of_pit(mutant: PitMutant) -> str:
    kind = group_of_pit(mutant)
    if kind == "call":
        return mutant.description.rpartition("::")[2]
    if kind != "math":
        return ""
    if mutant.mutator == "InvertNegs":
        return "negation"
    if mutant.mutator == "Increments":
        return "-" if "from -" in mutant.description else "+"
    found = re.match(r"Replaced (?:integer |long |float |double |bitwise )?(.+) with ", mutant.description)
    return _WORDS.get(found[1], found[1]) if found else mutant.description


def called(statement: str) -> str:
    """The name of the outermost call of a statement (`a.b(c()).d(e);` -> "d"), "" where there is none."""
    statement, depth = _LITERAL.sub("_", statement), 0
    for at in range(len(statement) - 1, -1, -1):
        depth += (statement[at] == ")") - (statement[at] == "(")
        if statement[at] == "(" and not depth:
            name = re.search(r"(\w+)\s*$", statement[:at])
            return name[1] if name else ""
    return ""


def _same_method(ours: Mutant, pit: PitMutant) -> bool:
    """Whether the methods may be the same; initialisers and anonymous classes have other names in bytecode."""
    name = re.sub(r"^lambda\$(\w+)\$\d+$", r"\1", pit.method)
    unnamed = not ours.function or not name.isidentifier() or bool(re.search(r"\$\d", pit.class_name))
    return unnamed or name in ("new", "static") or ours.function.rpartition(".")[2] == name


def by_line(mutants: Iterable[tuple[int, int, str]]) -> dict[tuple[int, str], list[int]]:
    """(index, line, kind) rows as indices by line and kind."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, line, kind in mutants:
        found[line, kind].append(index)
    return found
