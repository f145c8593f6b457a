"""Edits found in a syntax tree -> numbered mutants, each with the function that holds it (Go and Java)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

from runfree.mutation import Mutant
from runfree.syntax.tree import Function

# Longer originals are not replaced as a whole: nested ones would cost memory quadratic in the file's size.
MOST_BYTES = 1_000
_MOST_MUTANTS = 50_000


@dataclass(frozen=True, slots=True)
class Edit:
    """A node of the focal file replaced by a text."""

    operator: str
    node: Node
    replacement: str


def numbered(edits: Iterable[Edit], data: bytes, functions: tuple[Function, ...]) -> tuple[Mutant, ...]:
    """The edits as mutants in order of place, at most 50,000; `data` is the focal file in UTF-8."""
    ordered = sorted(edits, key=lambda e: (e.node.start_byte, e.node.end_byte, e.operator, e.replacement))
    starts = [f.span.start_byte for f in functions]
    counts: dict[tuple[str, int], int] = {}
    found: list[Mutant] = []
    for edit in ordered[:_MOST_MUTANTS]:
        node = edit.node
        line = node.start_point[0] + 1
        ordinal = counts.get((edit.operator, line), 0)
        counts[edit.operator, line] = ordinal + 1
        at = bisect_right(starts, node.start_byte) - 1
        holds = at >= 0 and node.end_byte <= functions[at].span.end_byte
        found.append(
            Mutant(
                operator=edit.operator,
                line=line,
                ordinal=ordinal,
                start_byte=node.start_byte,
                end_byte=node.end_byte,
                original=data[node.start_byte : node.end_byte].decode("utf-8", "replace"),
                replacement=edit.replacement,
                function=functions[at].qualified_name if holds else "",
            )
        )
    return tuple(found)
