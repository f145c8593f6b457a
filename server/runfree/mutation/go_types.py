"""What a Go file says of types without a type checker: which expressions are strings, zero values of results."""

from __future__ import annotations

import re

from tree_sitter import Node

from runfree.syntax.nodes import descend, field, operands

_NUMERIC = re.compile(r"u?int(8|16|32|64)?|uintptr|byte|rune|float(32|64)|complex(64|128)")
_NILABLE = frozenset(
    {"pointer_type", "slice_type", "map_type", "channel_type", "function_type", "interface_type"}
)
_STRING_CALLS = re.compile(
    r"(fmt\.Sprint\w*|string|strconv\.(Itoa|Quote\w*|Format\w+)|path\.(Join|Base|Dir|Clean|Ext)|filepath\.\w+"
    r"|strings\.(To\w+|Trim\w*|Join|Repeat|Replace\w*|Title|Map)|.*\.(String|Error|Name|Text))"
)
_DECLARATIONS = frozenset({"function_declaration", "method_declaration", "method_elem"})
_MOST_BYTES = 1_000
_MOST_NAME = 200


class Strings:
    """Knows which names of a file are strings: fields and functions everywhere, variables in one function."""

    def __init__(self, root: Node) -> None:
        self._fields: set[str] = set()
        self._functions: set[str] = set()
        self._names: set[str] = set()
        for node in descend(root):
            if node.type == "field_declaration" and _is_string_type(field(node, "type")):
                self._fields.update(_text(n) for n in node.children_by_field_name("name"))
            elif node.type in _DECLARATIONS and _is_string_type(field(node, "result")):
                self._functions.add(_text(field(node, "name")))
        for declaration in operands(root):
            if declaration.type in {"var_declaration", "const_declaration"}:
                self._note(declaration)

    def inside(self, function: Node) -> Strings:
        """The same with the parameters and variables of one function."""
        found = Strings.__new__(Strings)
        found._fields, found._functions, found._names = self._fields, self._functions, set(self._names)
        found._note(function)
        return found

    def is_string(self, node: Node) -> bool:
        """Whether an expression is visibly a string: a literal, a string's name, a concatenation with one."""
        if node.end_byte - node.start_byte > _MOST_BYTES:
            return True  # generated text, and too much of it to look through
        stack = [node]
        while stack:
            current = stack.pop()
            kind = current.type
            if kind in {"interpreted_string_literal", "raw_string_literal"}:
                return True
            if kind == "identifier" and _text(current) in self._names:
                return True
            if kind == "selector_expression" and _text(field(current, "field")) in self._fields:
                return True
            if kind == "call_expression":
                function = field(current, "function")
                if function is None or function.end_byte - function.start_byte > _MOST_NAME:
                    continue
                name = _text(function)
                if name.rpartition(".")[2] in self._functions or _STRING_CALLS.fullmatch(name):
                    return True
            elif kind == "type_conversion_expression":
                if _text(field(current, "type")) == "string":
                    return True
            elif kind in {"binary_expression", "parenthesized_expression", "expression_list"}:
                stack.extend(operands(current))
            elif kind == "slice_expression":
                stack.extend(n for n in (field(current, "operand"),) if n is not None)
        return False

    def _note(self, scope: Node) -> None:
        """Adds the names that a scope's declarations make strings, in order of place."""
        for node in descend(scope):
            kind = node.type
            if kind in {"parameter_declaration", "var_spec", "const_spec"} and _is_string_type(
                field(node, "type")
            ):
                self._names.update(_text(n) for n in node.children_by_field_name("name"))
            elif kind in {"short_var_declaration", "var_spec", "const_spec"}:
                left = operands(field(node, "left")) or node.children_by_field_name("name")
                right = operands(field(node, "right") or field(node, "value"))
                for name, value in zip(left, right, strict=False):
                    if self.is_string(value):
                        self._names.add(_text(name))
            elif kind == "range_clause":
                self._note_range(node)

    def _note_range(self, node: Node) -> None:
        """`for _, s := range []string{...}` or over strings.Split(...)."""
        left, right = operands(field(node, "left")), _text(field(node, "right"))
        if len(left) == 2 and re.match(r"\[\]string\b|strings\.(Split\w*|Fields)\(", right):
            self._names.add(_text(left[1]))


def zero_values(function: Node) -> tuple[str, ...]:
    """The zero value of each result of a function as source text; "bool" stands for a boolean."""
    result = field(function, "result")
    if result is None:
        return ()
    if result.type != "parameter_list":
        return (_zero(result),)
    found: list[str] = []
    for declaration in operands(result):
        count = len(declaration.children_by_field_name("name")) or 1
        type_node = field(declaration, "type")
        if type_node is None:
            return ()
        found.extend([_zero(type_node)] * count)
    return tuple(found)


def _zero(type_node: Node) -> str:
    """Zero value of a type; `*new(T)` where only the type checker knows."""
    text = _text(type_node)
    if text == "bool":
        return "bool"
    if text == "string":
        return '""'
    if _NUMERIC.fullmatch(text):
        return "0"
    if type_node.type in _NILABLE or text in {"error", "any"}:
        return "nil"
    return f"*new({text})"


def _is_string_type(node: Node | None) -> bool:
    return _text(node) == "string"


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
