"""Mutants of a Java file: PIT's DEFAULTS group at source level, one text edit each, nearly all of which compile.

The group is that of PIT up to 1.7.1, which negates conditions; since 1.7.2 PIT takes them out.

Per operator, with PIT's mutators in capitals:

- arithmetic: MATH (`+` and `-`, `*` and `/`, `%` -> `*`, `&` and `|`, `^` -> `&`, `<<` and `>>`, `>>>` -> `<<`) and
  INVERT_NEGS (`-x` -> `x`). Not where an operand is visibly a string.
- comparison: CONDITIONALS_BOUNDARY (`<` and `<=`, `>` and `>=`) and NEGATE_CONDITIONALS (`==` and `!=`, `<` -> `>=`, ...).
- boolean: NEGATE_CONDITIONALS of a boolean that decides by itself: `if (f(x))` -> `if (!(f(x)))`, `!x` -> `x`.
- assignment: INCREMENTS (`++` and `--`) and MATH in compound assignments (`+=` and `-=`, ...).
- call: VOID_METHOD_CALLS: a call that is a statement of its own -> `;`, unless it is known to give a value (a method
  of this file that is not void, or one of the JDK's common ones: `list.add(x);`).
- return: PRIMITIVE_RETURNS (0), TRUE_RETURNS and FALSE_RETURNS, EMPTY_RETURNS ("", empty collections and optionals,
  boxed zeros), NULL_RETURNS (null, unless annotated as never null). Not in lambdas, whose types are not written.

Annotations and case labels are left alone. In a `try` that catches a checked exception the last call stays, as javac
refuses a catch without a cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import tree_sitter_java
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from runfree.errors import RunfreeError
from runfree.mutation import Mutant
from runfree.mutation.edits import MOST_BYTES, Edit, numbered
from runfree.mutation.java_types import Strings, empty_values, gives_value
from runfree.syntax.nodes import descend, field, operands, parsed, unparenthesised
from runfree.syntax.parse import parse

_GRAMMAR = Grammar(tree_sitter_java.language())
_ARITHMETIC = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<", ">>>": "<<",
}  # fmt: skip
_COMPARISON = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
}  # fmt: skip
_ASSIGNMENT = {
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "*=", "&=": "|=", "|=": "&=", "^=": "&=", "<<=": ">>=",
    ">>=": "<<=", ">>>=": "<<=",
}  # fmt: skip
_DECIDES = frozenset(
    {"if_statement", "while_statement", "do_statement", "for_statement", "ternary_expression"}
)
_ATOMS = frozenset(
    {"method_invocation", "identifier", "field_access", "instanceof_expression", "array_access"}
)
_SKIPPED = frozenset(
    {
        "modifiers", "switch_label", "line_comment", "block_comment", "import_declaration", "package_declaration",
        "annotation_type_declaration", "formal_parameters",
    }
)  # fmt: skip
_UNCHECKED = re.compile(
    r"(Throwable|Exception|Error|\w*Runtime\w*|Null\w+|Illegal(Argument|State)\w+|Number\w+|Arithmetic\w+"
    r"|ClassCast\w+|\w*IndexOutOfBounds\w+|UnsupportedOperation\w+|NoSuchElement\w+|DateTime\w*|\w+Error)"
)
_NEVER_NULL = re.compile(r"@(\w+\.)*(NotNull|NonNull|Nonnull)\b", re.IGNORECASE)


def mutants(text: str) -> tuple[Mutant, ...]:
    """Every mutant of a Java file in order of place; empty where the file cannot be read."""
    try:
        functions = parse("java", text).functions
    except RunfreeError:
        return ()
    data = text.encode("utf-8", "replace")
    root = parsed(Parser(_GRAMMAR), data)
    return numbered(_File(root).edits(), data, functions)


@dataclass(frozen=True, slots=True)
class _Place:
    """What encloses a node: its method (None in lambdas and outside methods), the checked try, known strings."""

    method: Node | None
    checked_try: Node | None
    strings: Strings


class _File:
    """Finds the edits of one file; a stack of its own keeps hostile nesting harmless."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._values: dict[str, set[bool]] = {}  # method name -> whether its overloads here give values
        for node in descend(root):
            if node.type == "method_declaration":
                is_void = _text(field(node, "type")) == "void"
                self._values.setdefault(_text(field(node, "name")), set()).add(not is_void)

    def edits(self) -> Iterator[Edit]:
        """All edits."""
        stack = [(self._root, _Place(None, None, Strings(self._root)))]
        while stack:
            node, place = stack.pop()
            if node.type in _SKIPPED or node.is_error or node.is_missing:
                continue
            if node.type in {"method_declaration", "constructor_declaration"}:
                place = _Place(node, None, place.strings.inside(node))
            elif node.type == "lambda_expression":
                place = replace(place, method=None, checked_try=None)
            elif node.type in {"try_statement", "try_with_resources_statement"} and _catches_checked(node):
                body = field(node, "body")
                stack.extend((c, place) for c in node.named_children if body is None or c.id != body.id)
                if body is not None:
                    stack.append((body, replace(place, checked_try=body)))
                continue
            if not node.has_error:
                yield from self._of(node, place)
            stack.extend((c, place) for c in node.children)

    def _of(self, node: Node, place: _Place) -> Iterator[Edit]:
        kind = node.type
        if kind in _DECIDES:
            yield from _decision(field(node, "condition"))
        if kind == "binary_expression":
            yield from self._binary(node, place)
        elif kind == "unary_expression":
            sign, operand = field(node, "operator"), field(node, "operand")
            if sign is not None and operand is not None and _short(node):
                if _text(sign) == "-":
                    yield Edit("arithmetic", node, _text(operand))
                elif _text(sign) == "!":
                    yield Edit("boolean", node, _text(operand))
        elif kind == "update_expression":
            sign = next((c for c in node.children if c.type in {"++", "--"}), None)
            if sign is not None:
                yield Edit("assignment", sign, "--" if sign.type == "++" else "++")
        elif kind == "assignment_expression":
            yield from self._assignment(node, place)
        elif kind == "expression_statement":
            yield from self._call(node, place)
        elif kind == "return_statement":
            yield from self._return(node, place)

    def _binary(self, node: Node, place: _Place) -> Iterator[Edit]:
        sign = field(node, "operator")
        if sign is None:
            return
        operator = _text(sign)
        for swapped in _COMPARISON.get(operator, ()):
            yield Edit("comparison", sign, swapped)
        if operator in {"&&", "||"}:
            for side in (field(node, "left"), field(node, "right")):
                yield from _decision(side)
        elif operator in _ARITHMETIC and not (operator == "+" and place.strings.is_string(node)):
            yield Edit("arithmetic", sign, _ARITHMETIC[operator])

    def _assignment(self, node: Node, place: _Place) -> Iterator[Edit]:
        sign, left, right = field(node, "operator"), field(node, "left"), field(node, "right")
        operator = _text(sign) if sign is not None else ""
        if sign is None or operator not in _ASSIGNMENT:
            return
        if operator == "+=" and any(
            place.strings.is_string(side) for side in (left, right) if side is not None
        ):
            return
        yield Edit("assignment", sign, _ASSIGNMENT[operator])

    def _call(self, node: Node, place: _Place) -> Iterator[Edit]:
        inner = operands(node)
        call = inner[0] if len(inner) == 1 else None
        if (
            call is None
            or call.type != "method_invocation"
            or not _short(node)
            or node.children[-1].type != ";"
        ):
            return
        name = _text(field(call, "name"))
        own = field(call, "object") is None or _text(field(call, "object")) == "this"
        known = self._values.get(name)
        if gives_value(call, name, known if own else None) or self._last_cause(node, place):
            return
        yield Edit("call", node, ";")

    def _return(self, node: Node, place: _Place) -> Iterator[Edit]:
        value = next(iter(operands(node)), None)
        method = place.method
        if value is None or method is None or not _short(value) or self._last_cause(value, place):
            return
        type_text = re.sub(r"\s", "", _text(field(method, "type"))) + _text(field(method, "dimensions"))
        modifiers = next((_text(c) for c in operands(method) if c.type == "modifiers"), "")
        for new in empty_values(type_text):
            if new == "null" and (_NEVER_NULL.search(modifiers) or _text(value) == "null"):
                continue
            if not _same(_text(value), new):
                yield Edit("return", value, new)

    def _last_cause(self, node: Node, place: _Place) -> bool:
        """Whether all calls of a try that catches checked exceptions lie in a node."""
        if (
            place.checked_try is None
            or place.checked_try.end_byte - place.checked_try.start_byte > 20 * MOST_BYTES
        ):
            return False
        causes = {"method_invocation", "object_creation_expression", "throw_statement"}
        calls = [n.start_byte for n in descend(place.checked_try) if n.type in causes]
        return bool(calls) and all(node.start_byte <= at < node.end_byte for at in calls)


def _decision(condition: Node | None) -> Iterator[Edit]:
    """The negation of a condition that is one boolean value."""
    if condition is None:
        return
    node = unparenthesised(condition)
    if node.type not in _ATOMS or not _short(node):
        return
    if node.type == "instanceof_expression" and (field(node, "name") or field(node, "pattern")):
        return  # the variable it binds would be out of scope
    yield Edit("boolean", node, f"!({_text(node)})")


def _catches_checked(node: Node) -> bool:
    """Whether a try has a catch that javac wants a cause for."""
    for clause in operands(node):
        if clause.type == "catch_clause":
            types = next((c for p in operands(clause) for c in operands(p) if c.type == "catch_type"), None)
            for name in operands(types):
                if not _UNCHECKED.fullmatch(_text(name).rpartition(".")[2]):
                    return True
    return False


def _same(text: str, new: str) -> bool:
    """Whether a returned value already is the empty one."""
    if new in {"true", "false"}:
        return text == new
    if re.fullmatch(r"[0(].*", new) and re.fullmatch(r"0(\.0*)?[lLfFdD]?", text):
        return True
    if "empty" in new:
        return re.fullmatch(r"(\w+\.)*(empty\w*|of)\(\)", text) is not None
    return text == new


def _short(node: Node) -> bool:
    return node.end_byte - node.start_byte <= MOST_BYTES


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
