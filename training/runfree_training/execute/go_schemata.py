"""All sampled mutants of a Go file in one file: each function's body holds its mutated copies behind a switch.

    func F(a int) int {
        switch rfMutant { case 7: { <mutated body> }; rfFell() }
        <original body>
    }

Whole bodies are copied, not expressions, so that the signature, the scopes, named results, `defer` and `recover`
stay as they were; one compile then serves every mutant, and the environment variable `RF_MUTANT` selects one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tree_sitter_go
from tree_sitter import Language, Node, Parser

from runfree.mutation import Mutant

GO = Language(tree_sitter_go.language())
SWITCH_FILE = "zz_rf_switch.go"
FELL = 97  # exit status of a mutated body that ran off its end, which the compiler would have refused

SWITCH_TEXT = """package {package}

import (
	"os"
	"strconv"
)

var rfMutant = rfSelected()

func rfSelected() int {{
	n, _ := strconv.Atoi(os.Getenv("RF_MUTANT"))
	return n
}}

func rfFell() {{ os.Exit({fell}) }}
"""


@dataclass(frozen=True, slots=True)
class Schemata:
    """A focal file with mutants built in.

    Attributes:
        text: the file; mutant `i` of the list is selected by `RF_MUTANT=i+1`.
        places: 1-based line ranges (inclusive) of each mutated copy in `text`, as (start, end, index).
    """

    text: str
    places: tuple[tuple[int, int, int], ...]

    def mutant_at(self, line: int) -> int | None:
        """Index of the mutant whose copy holds a line of `text`."""
        return next((index for start, end, index in self.places if start <= line <= end), None)


def function_bodies(data: bytes) -> list[tuple[Node, bool]]:
    """The bodies of the top-level functions and methods, in order, and whether each must return a value."""
    root = Parser(GO).parse(data).root_node
    found = []
    for node in root.named_children:
        if node.type in ("function_declaration", "method_declaration"):
            body = node.child_by_field_name("body")
            if body is not None:
                found.append((body, node.child_by_field_name("result") is not None))
    return found


def can_hold(text: str, mutants: Sequence[Mutant]) -> list[bool]:
    """Which mutants lie wholly inside a function body, the only place where a switch can stand."""
    spans = [(body.start_byte, body.end_byte) for body, _ in function_bodies(text.encode())]
    return [any(start < m.start_byte and m.end_byte < end for start, end in spans) for m in mutants]


def build(text: str, mutants: Sequence[Mutant], skip: frozenset[int] = frozenset()) -> Schemata:
    """The focal text with every mutant except the indices in `skip` built in.

    Mutants outside function bodies are left out silently; ask `can_hold` first.
    """
    data = text.encode()
    pieces: list[bytes] = []
    places: list[tuple[int, int, int]] = []
    at = 0
    for body, returns in function_bodies(data):
        inside = [
            i
            for i, m in enumerate(mutants)
            if i not in skip and body.start_byte < m.start_byte and m.end_byte < body.end_byte
        ]
        if not inside:
            continue
        labels = [(n.start_byte, n.end_byte) for n in _labels(body)]
        pieces.append(data[at : body.start_byte + 1])
        pieces.append(b"\nswitch rfMutant {\n")
        for i in inside:
            start = b"".join(pieces).count(b"\n") + 1
            copy = _mutated(data, body, labels, mutants[i], i)
            end_of_body = b"rfFell()" if returns else b"return"
            pieces.append(b"case %d:\n" % (i + 1) + copy + b"\n" + end_of_body + b"\n")
            places.append((start, start + pieces[-1].count(b"\n") - 1, i))
        pieces.append(b"}\n")
        at = body.start_byte + 1
    pieces.append(data[at:])
    return Schemata(b"".join(pieces).decode(), tuple(places))


def _labels(node: Node) -> list[Node]:
    """Label names below a node: they are function-wide in Go, so each copy needs its own."""
    found = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "label_name":
            found.append(current)
        stack.extend(current.children)
    return found


def _mutated(data: bytes, body: Node, labels: list[tuple[int, int]], mutant: Mutant, index: int) -> bytes:
    """One copy of a body (braces included) with the mutant's edit made and its labels renamed."""
    edits = [(mutant.start_byte, mutant.end_byte, mutant.replacement.encode())]
    edits += [
        (end, end, b"_rf%d" % index) for _, end in labels if not mutant.start_byte < end <= mutant.end_byte
    ]
    copy = data[body.start_byte : body.end_byte]
    for start, end, new in sorted(edits, reverse=True):
        copy = copy[: start - body.start_byte] + new + copy[end - body.start_byte :]
    return copy
