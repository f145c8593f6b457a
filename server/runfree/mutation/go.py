"""Mutants of a Go file: one text edit each, inside function bodies, written so that nearly all compile.

Per operator, with the tool its definition comes from (gremlins' names in capitals):

- arithmetic: ARITHMETIC_BASE (`+` and `-`, `*` and `/`, `%` -> `*`), INVERT_BITWISE (`&` and `|`, `^` -> `&`,
  `<<` and `>>`, `&^` -> `&`), INVERT_NEGATIVES (`-x` -> `+x`). Not where an operand is visibly a string.
- comparison: CONDITIONALS_BOUNDARY (`<` and `<=`, `>` and `>=`), CONDITIONALS_NEGATION (`==` and `!=`, `<` -> `>=`, ...).
- boolean: INVERT_LOGICAL (`&&` and `||`); `!x` -> `x` and `true` <-> `false` as in mutmut.
- number, string: n -> n + 1 (the largest value of an integer type -> n - 1), "x" -> "XXxXX", as in mutmut.
- assignment: INVERT_ASSIGNMENTS and INVERT_BWASSIGN (`+=` and `-=`, ...), INCREMENT_DECREMENT (`++` and `--`).
- return: PIT's empty, false, true, null and primitive returns: a returned value -> the zero value of its declared
  type, booleans -> true and false.
- call: a call that is a statement of its own removed (go-mutesting's statement remover), panics and deferred ones kept.
- condition: an `if` condition forced true and false, a loop's forced false (go-mutesting's branch mutators).
- control: INVERT_LOOPCTRL (`break` and `continue`, where a loop encloses them; unlabelled).

Go refuses unused variables, so where an edit removes the last use of one, the replacement keeps a `_ = x`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_go
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from runfree.errors import RunfreeError
from runfree.mutation import Mutant
from runfree.mutation.edits import MOST_BYTES, Edit, numbered
from runfree.mutation.go_types import Strings, zero_values
from runfree.syntax.nodes import descend, field, operands, parsed
from runfree.syntax.parse import parse

_GRAMMAR = Grammar(tree_sitter_go.language())
_ARITHMETIC = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<", "&^": "&",
}  # fmt: skip
_COMPARISON = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
}  # fmt: skip
_ASSIGNMENT = {
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "*=", "&=": "|=", "|=": "&=", "^=": "&=", "<<=": ">>=",
    ">>=": "<<=", "&^=": "&=",
}  # fmt: skip
_BOOLEAN = {"&&": "||", "||": "&&"}
_LARGEST = frozenset(2**bits - 1 for bits in (7, 8, 15, 16, 31, 32, 63, 64))
_LOOPS = frozenset({"for_statement"})
# Types, tags and imports are no code; array lengths and duplicate keys or cases would not compile.
_SKIPPED = frozenset(
    {
        "array_type", "comment", "import_declaration", "interface_type", "parameter_list", "struct_type", "type_arguments",
        "type_declaration", "const_declaration",
    }
)  # fmt: skip
_SCOPES = frozenset(
    {
        "block", "if_statement", "for_statement", "expression_switch_statement", "type_switch_statement",
        "expression_case", "type_case", "default_case", "communication_case", "func_literal",
    }
)  # fmt: skip
# Variables of one name in one function; more are generated code, where an edit may leave one unused.
_MOST_NAMESAKES = 100
_KEPT_CALLS = frozenset({"panic", "recover"})


def mutants(text: str) -> tuple[Mutant, ...]:
    """Every mutant of a Go file in order of place; empty where the file cannot be read."""
    try:
        functions = parse("go", text).functions
    except RunfreeError:
        return ()
    data = text.encode("utf-8", "replace")
    root = parsed(Parser(_GRAMMAR), data)
    strings = Strings(root)
    edits: list[Edit] = []
    for node in descend(root):
        body = field(node, "body")
        if node.type in {"function_declaration", "method_declaration"} and body is not None:
            edits.extend(_Function(node, body, strings).edits())
    return numbered(edits, data, functions)


@dataclass(frozen=True, slots=True)
class _Place:
    """What encloses a node: the innermost loop, and the result types of the innermost function."""

    loop: Node | None
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Variable:
    """A local variable: the byte where it is declared and the end of its scope."""

    declared: int
    scope_end: int


class _Function:
    """Finds the edits of one function."""

    def __init__(self, node: Node, body: Node, strings: Strings) -> None:
        self._node = node
        self._body = body
        self._strings = strings.inside(node)
        self._variables: dict[str, list[_Variable]] = {}
        self._reads: dict[str, list[int]] = {}  # name -> start bytes of its reads
        self._note_variables()

    def edits(self) -> Iterator[Edit]:
        """All edits; a stack of its own keeps hostile nesting harmless."""
        stack = [(self._body, _Place(None, zero_values(self._node)))]
        while stack:
            node, place = stack.pop()
            if node.type in _SKIPPED or node.is_error or node.is_missing:
                continue
            if not node.has_error:
                yield from self._of(node, place)
            if node.type == "func_literal":
                place = _Place(None, zero_values(node))
            elif node.type in _LOOPS:
                place = _Place(node, place.results)
            for child in node.children:
                if self._mutable(node, child):
                    stack.append((child, place))

    def _mutable(self, parent: Node, child: Node) -> bool:
        """Whether to look into a child: constants that must differ from their siblings are left alone."""
        if parent.type == "expression_case" and child == field(parent, "value"):
            return any(n.type in {"call_expression", "binary_expression"} for n in descend(child))
        return not (parent.type == "keyed_element" and child == field(parent, "key"))

    def _of(self, node: Node, place: _Place) -> Iterator[Edit]:
        kind = node.type
        if node.end_byte - node.start_byte > MOST_BYTES and kind not in {"binary_expression", "if_statement"}:
            return
        if kind == "binary_expression":
            yield from self._binary(node)
        elif kind == "unary_expression":
            yield from self._unary(node)
        elif kind in {"true", "false"}:
            yield Edit("boolean", node, "false" if kind == "true" else "true")
        elif kind in {"int_literal", "float_literal"}:
            yield from _number(node)
        elif kind in {"interpreted_string_literal", "raw_string_literal"}:
            text = _text(node)
            yield Edit("string", node, f"{text[0]}XX{text[1:-1]}XX{text[-1]}")
        elif kind == "assignment_statement":
            yield from self._assignment(node)
        elif kind in {"inc_statement", "dec_statement"}:
            sign = node.children[-1]
            yield Edit("assignment", sign, "--" if _text(sign) == "++" else "++")
        elif kind == "return_statement":
            yield from self._return(node, place.results)
        elif kind == "statement_list":
            yield from self._removed_calls(node)
        elif kind in {"if_statement", "for_statement"}:
            yield from _condition(node)
        elif kind in {"break_statement", "continue_statement"} and place.loop is not None:
            yield from _control(node, place.loop)

    def _binary(self, node: Node) -> Iterator[Edit]:
        sign, right = field(node, "operator"), field(node, "right")
        if sign is None or right is None:
            return
        operator = _text(sign)
        if operator in _BOOLEAN:
            yield Edit("boolean", sign, _BOOLEAN[operator])
        for swapped in _COMPARISON.get(operator, ()):
            yield Edit("comparison", sign, swapped)
        if operator in _ARITHMETIC:
            if operator == "+" and self._strings.is_string(node):
                return
            if (
                operator == "*"
                and right.type.endswith("_literal")
                and re.fullmatch(r"0(\.0*)?", _text(right))
            ):
                return  # a constant division by zero does not compile
            yield Edit("arithmetic", sign, _ARITHMETIC[operator])

    def _unary(self, node: Node) -> Iterator[Edit]:
        sign, operand = field(node, "operator"), field(node, "operand")
        if sign is None or operand is None:
            return
        if _text(sign) == "-":
            yield Edit("arithmetic", sign, "+")
        elif _text(sign) == "!":
            yield Edit("boolean", node, _text(operand))

    def _assignment(self, node: Node) -> Iterator[Edit]:
        sign, left, right = field(node, "operator"), field(node, "left"), field(node, "right")
        operator = _text(sign) if sign is not None else ""
        if sign is None or operator not in _ASSIGNMENT:
            return
        if operator == "+=" and any(
            self._strings.is_string(side) for side in (left, right) if side is not None
        ):
            return
        yield Edit("assignment", sign, _ASSIGNMENT[operator])

    def _return(self, node: Node, results: tuple[str, ...]) -> Iterator[Edit]:
        values = [v for group in operands(node) for v in operands(group)]
        if not results or not values:
            return
        if len(values) != len(results):  # return f(), where f gives several results
            zeros = ", ".join("false" if zero == "bool" else zero for zero in results)
            yield self._replaced_return(node, node, f"return {zeros}")
            return
        for value, zero in zip(values, results, strict=True):
            text = _text(value)
            for new in ("true", "false") if zero == "bool" else (zero,):
                if text not in {new, "true", "false"} and not (
                    new == "0" and re.fullmatch(r"0(\.0*)?", text)
                ):
                    start, end = value.start_byte - node.start_byte, value.end_byte - node.start_byte
                    whole = node.text or b""
                    changed = (whole[:start] + new.encode() + whole[end:]).decode("utf-8", "replace")
                    yield self._replaced_return(node, value, changed, new)

    def _replaced_return(self, node: Node, value: Node, changed: str, new: str = "") -> Edit:
        """An edit of the value alone, or of the whole statement where a variable would be left unused."""
        unused = self._left_unused(value)
        if not unused and new:
            return Edit("return", value, new)
        keep = "".join(f"_ = {name}; " for name in unused)
        return Edit("return", node, f"{{ {keep}{changed} }}" if keep else changed)

    def _removed_calls(self, node: Node) -> Iterator[Edit]:
        for statement in operands(node):
            inner = operands(statement)
            if (
                statement.type != "expression_statement"
                or len(inner) != 1
                or inner[0].type != "call_expression"
            ):
                continue
            if statement.end_byte - statement.start_byte > MOST_BYTES:
                continue
            if _text(field(inner[0], "function")) not in _KEPT_CALLS:
                keep = "; ".join(f"_ = {name}" for name in self._left_unused(statement))
                yield Edit("call", statement, f"{{ {keep} }}" if keep else "{}")

    def _left_unused(self, node: Node) -> list[str]:
        """Local variables that are read nowhere but inside a node."""
        found = []
        for name in sorted({_text(n) for n in descend(node) if n.type == "identifier"}):
            variables = self._variables.get(name, [])
            if len(variables) > _MOST_NAMESAKES:
                continue
            around = [v for v in variables if v.declared < node.start_byte < v.scope_end]
            if not around:
                continue  # a parameter, a global, or declared inside the node itself
            variable = max(around, key=lambda v: v.declared)
            reads = [at for at in self._reads.get(name, ()) if variable.declared < at < variable.scope_end]
            if all(node.start_byte <= at < node.end_byte for at in reads):
                found.append(name)
        return found

    def _note_variables(self) -> None:
        """Where local variables are declared and where they are read (assigning to one is no use of it)."""
        written: set[int] = set()
        stack = [(self._body, self._body.end_byte)]
        while stack:
            node, scope_end = stack.pop()
            if node.type in _SCOPES:
                scope_end = node.end_byte
            targets: list[Node] = []
            if node.type in {"short_var_declaration", "range_clause"}:
                targets = operands(field(node, "left"))
                if any(c.type == ":=" for c in node.children):
                    self._declare(targets, scope_end)
            elif node.type == "var_spec":
                targets = node.children_by_field_name("name")
                self._declare(targets, scope_end)
            elif node.type == "assignment_statement" and _text(field(node, "operator")) == "=":
                targets = operands(field(node, "left"))
            written.update(t.start_byte for t in targets if t.type == "identifier")
            if node.type == "identifier" and node.start_byte not in written:
                self._reads.setdefault(_text(node), []).append(node.start_byte)
            stack.extend((c, scope_end) for c in node.named_children)

    def _declare(self, targets: list[Node], scope_end: int) -> None:
        for target in targets:
            name = _text(target)
            if name != "_":
                self._variables.setdefault(name, []).append(_Variable(target.start_byte, scope_end))


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _number(node: Node) -> Iterator[Edit]:
    """n -> n + 1, in decimal."""
    text = _text(node).replace("_", "")
    try:
        if node.type == "float_literal":
            yield Edit("number", node, repr(float(text) + 1))
            return
        octal = re.fullmatch(r"0[0-7]+", text) is not None
        value = int(text, 8) if octal else int(text, 0)
    except (ValueError, OverflowError):
        return
    if value < 2**64:
        yield Edit("number", node, str(value - 1 if value in _LARGEST else value + 1))


def _condition(node: Node) -> Iterator[Edit]:
    """The condition forced; it is still evaluated, so that what it reads stays used."""
    condition = field(node, "condition")
    if node.type == "for_statement":
        heads = [c for c in operands(node) if c.type != "block"]
        condition = field(heads[0], "condition") if heads and heads[0].type == "for_clause" else None
        if heads and heads[0].type not in {"for_clause", "range_clause"}:
            condition = heads[0]
    if condition is None or condition.has_error or condition.end_byte - condition.start_byte > MOST_BYTES:
        return
    text = _text(condition)
    if text in {"true", "false"}:
        return
    if node.type == "if_statement":
        yield Edit("condition", condition, f"({text}) || true")
    yield Edit("condition", condition, f"({text}) && false")


def _control(node: Node, loop: Node) -> Iterator[Edit]:
    """break <-> continue; an endless loop keeps its way out and gets no new one."""
    if operands(node):
        return
    if node.type == "break_statement":
        yield Edit("control", node, "continue")
    elif any(c.type != "block" for c in operands(loop)):
        yield Edit("control", node, "break")
