"""Literals of a Go file: their values, and the tables of test cases they make up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from runfree.syntax.nodes import Source, field, line_of, operands, unescape
from runfree.syntax.tree import LiteralValue

SEQUENCES = frozenset({"slice_type", "array_type", "implicit_length_array_type", "map_type"})
_CASE_NAME = re.compile(r"^(name|desc|description|title|label|scenario|test|testname|casename|tname)$", re.I)
_NUMBERS = frozenset({"int_literal", "float_literal", "imaginary_literal"})
_LITERALS = _NUMBERS | {
    "interpreted_string_literal",
    "raw_string_literal",
    "rune_literal",
    "true",
    "false",
    "nil",
    "unary_expression",
    "composite_literal",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A literal table of test cases: how many, and their names where they have some."""

    cases: int
    names: tuple[str, ...]


def literal_of(source: Source, node: Node) -> LiteralValue | None:
    """The literal that a node is; None for other nodes."""
    kind = node.type
    if kind not in _LITERALS:
        return None
    text = source.text(node)
    if kind == "interpreted_string_literal":
        return LiteralValue("string", text, unescape(text[1:-1]), line_of(node))
    if kind == "raw_string_literal":
        return LiteralValue("string", text, text[1:-1], line_of(node))
    if kind == "rune_literal":
        return LiteralValue("string", text, unescape(text[1:-1]), line_of(node))
    if kind in _NUMBERS:
        return LiteralValue("number", text, text.replace("_", ""), line_of(node))
    if kind in {"true", "false"}:
        return LiteralValue("boolean", text, text, line_of(node))
    if kind == "nil":
        return LiteralValue("null", text, text, line_of(node))
    if kind == "unary_expression" and text.startswith("-"):
        operand = field(node, "operand")
        if operand is not None and operand.type in _NUMBERS:
            return LiteralValue("number", text, text.replace("_", "").replace(" ", ""), line_of(node))
    if kind == "composite_literal":
        type_node = field(node, "type")
        if type_node is not None and type_node.type in SEQUENCES:
            return LiteralValue("collection", text, "", line_of(node))
    return None


def table_of(source: Source, node: Node) -> Table | None:
    """The table in a composite literal of a slice, array or map type; None for other nodes."""
    type_node, body = field(node, "type"), field(node, "body")
    if (
        node.type != "composite_literal"
        or type_node is None
        or type_node.type not in SEQUENCES
        or body is None
    ):
        return None
    names: list[str] = []
    element_type = field(type_node, "element")
    named_first = False
    if element_type is not None and element_type.type == "struct_type":
        match = re.match(r"struct\s*\{\s*(\w+)", source.text(element_type))
        named_first = match is not None and _CASE_NAME.match(match.group(1)) is not None
    elements = operands(body)
    for element in elements:
        if type_node.type == "map_type" and element.type == "keyed_element":
            _add_string(source, names, field(element, "key"))
            continue
        for value in operands(element):
            inner = value if value.type == "literal_value" else field(value, "body")
            for rank, entry in enumerate(operands(inner)):
                if entry.type == "keyed_element":
                    if _CASE_NAME.match(source.text(field(entry, "key"))):
                        _add_string(source, names, field(entry, "value"))
                elif rank == 0 and named_first:
                    _add_string(source, names, entry)
    return Table(len(elements), tuple(names))


def _add_string(source: Source, names: list[str], element: Node | None) -> None:
    """Adds the value of a literal_element that is a string."""
    for child in operands(element):
        literal = literal_of(source, child)
        if literal is not None and literal.kind == "string":
            names.append(literal.value)


def message_of(source: Source, arguments: list[Node]) -> str:
    """The first string literal in a call's arguments, also inside a nested fmt.Sprintf."""
    for argument in arguments:
        inner = [argument]
        if argument.type == "call_expression":
            inner = operands(field(argument, "arguments"))
        for node in inner:
            literal = literal_of(source, node)
            if literal is not None and literal.kind == "string":
                return literal.value
    return ""
