"""Mutants of a Python file: one text edit each, every one compilable.

The definitions are those of mutmut 3 (`node_mutation.py`) where it has the operator; per operator:

- arithmetic: mutmut's swaps of binary operators, `~x` -> `x`.
- comparison: mutmut's swaps (`<` and `<=`, `==` and `!=`, `is` and `is not`, `in` and `not in`, ...).
- boolean: mutmut's `and` <-> `or`, `not x` -> `x`, `True` <-> `False`.
- number: mutmut's n -> n + 1. string: mutmut's "x" -> "XXxXX"; no docstrings, no f-strings, not its changes of case.
- assignment: mutmut's `a = x` -> `a = None` (`a = None` -> `a = ""`), `a += x` -> `a = x` and `a -= x`.
- return: `return x` -> `return None`, after PIT's null returns (mutmut has none).
- call: mutmut's argument -> None; a call that is a statement of its own -> `pass`, after PIT's void method calls.
- condition: an `if`, `elif` or ternary condition forced true and false, a `while` condition forced false, after
  PIT's remove conditionals.
- control: `break` -> `return` (mutmut), `continue` -> `break` (mutmut).
- default: a parameter's default changed as a literal would be, None -> "", anything else -> None.
- lambda: mutmut's body -> None (a body None -> 0).

Annotations, decorators, imports, `if TYPE_CHECKING` and f-strings are left alone.
"""

from __future__ import annotations

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from runfree.mutation import Mutant

_LANGUAGE = Language(tree_sitter_python.language())

# Longer originals are not replaced as a whole: nested ones would otherwise cost memory quadratic in the file's size.
_MOST_BYTES = 1_000
_MOST_MUTANTS = 50_000

_BINARY = {
    "+": "-", "-": "+", "*": "/", "/": "*", "//": "/", "%": "/", "**": "*", "<<": ">>", ">>": "<<",
    "&": "|", "|": "&", "^": "&", "@": "*",
}  # fmt: skip
_COMPARISON = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "<>": "==", "is": "is not",
    "is not": "is", "in": "not in", "not in": "in",
}  # fmt: skip
_AUGMENTED = {
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "//=": "/=", "%=": "/=", "**=": "*=", "<<=": ">>=",
    ">>=": "<<=", "&=": "|=", "|=": "&=", "^=": "&=",
}  # fmt: skip
_DEFAULTS = frozenset({"default_parameter", "typed_default_parameter"})
_SKIPPED = frozenset(
    {
        "type", "decorator", "import_statement", "import_from_statement", "future_import_statement",
        "interpolation", "comment", "type_alias_statement", "global_statement", "nonlocal_statement", "type_parameter",
    }
)  # fmt: skip

_Edit = tuple[str, Node, str]


def mutants(text: str) -> tuple[Mutant, ...]:
    """Every mutant of a Python file in order of place; files with syntax errors give those outside the errors."""
    data = text.encode("utf-8", "surrogatepass")
    root = Parser(_LANGUAGE).parse(data).root_node
    found: list[Mutant] = []
    counts: dict[tuple[str, int], int] = {}
    for operator, node, replacement, function in sorted(
        _walk(root), key=lambda e: (e[1].start_byte, e[1].end_byte, e[0], e[2])
    )[:_MOST_MUTANTS]:
        original = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
        line = node.start_point.row + 1
        ordinal = counts.get((operator, line), 0)
        counts[operator, line] = ordinal + 1
        found.append(
            Mutant(operator, line, ordinal, node.start_byte, node.end_byte, original, replacement, function)
        )
    return tuple(found)


def _walk(root: Node) -> list[tuple[str, Node, str, str]]:
    """All edits as (operator, node, replacement, function), found without recursion: files can be nested deeply."""
    edits: list[tuple[str, Node, str, str]] = []
    # (node, owners' qualified name so far, name of the function around it, lies in a function)
    stack: list[tuple[Node, str, str, bool]] = [(root, "", "", False)]
    while stack:
        node, owner, function, inside = stack.pop()
        if node.type in _SKIPPED or node.is_error or node.is_missing or _type_checking(node):
            continue
        if node.type in {"class_definition", "function_definition"}:
            named = node.child_by_field_name("name")
            name = _text(named) if named else ""
            if not inside:
                owner = f"{owner}::{name}" if owner else name
            if node.type == "function_definition":
                function = function if inside else owner
                inside = True
        for operator, changed, replacement in _edits(node, inside):
            small = changed.end_byte - changed.start_byte <= _MOST_BYTES
            if small and not (changed.has_error and changed.child_count):
                edits.append((operator, changed, replacement, function))
        if node.type == "string" and _formatted(node):
            continue
        # A default is mutated as a whole by its own operator.
        whole = node.child_by_field_name("value") if node.type in _DEFAULTS else None
        for child in node.children:
            if child != whole or child.type == "lambda":
                stack.append((child, owner, function, inside))
    return edits


def _edits(node: Node, inside: bool) -> list[_Edit]:
    """The edits that one node offers; `inside`: it lies in a function (where `return` is allowed)."""
    kind = node.type
    field = node.child_by_field_name
    if kind == "binary_operator":
        return _swap("arithmetic", field("operator"), _BINARY)
    if kind == "unary_operator":
        operand, sign = field("argument"), field("operator")
        return [("arithmetic", node, _text(operand))] if operand and sign and sign.type == "~" else []
    if kind == "comparison_operator":
        return [edit for sign in node.children_by_field_name("operators") for edit in _compare(sign)]
    if kind == "boolean_operator":
        return _swap("boolean", field("operator"), {"and": "or", "or": "and"})
    if kind == "not_operator":
        operand = field("argument")
        return [("boolean", node, _text(operand))] if operand else []
    if kind in {"true", "false", "integer", "float", "string"}:
        changed = _literal(node)
        return [(changed[0], node, changed[1])] if changed and not _bare(node) else []
    if kind == "assignment":
        value = field("right")
        if value is None or value.type in {"assignment", "augmented_assignment"}:
            return []
        return [("assignment", value, '""' if value.type == "none" else "None")]
    if kind == "augmented_assignment":
        return _augmented(node)
    if kind == "return_statement":
        value = node.named_children[0] if node.named_children else None
        return [("return", value, "None")] if value and value.type not in {"none", "comment"} else []
    if kind == "call":
        return _arguments(node)
    if kind == "expression_statement":
        only = node.named_children[0] if node.named_child_count == 1 else None
        if only is not None and only.type == "await" and only.named_children:
            only = only.named_children[0]
        return [("call", node, "pass")] if only is not None and only.type == "call" else []
    if kind in {"if_statement", "elif_clause", "conditional_expression", "while_statement"}:
        return _condition(node)
    if kind == "continue_statement":
        return [("control", node, "break")]
    if kind == "break_statement":
        return [("control", node, "return")] if inside else []
    if kind in _DEFAULTS:
        return _default(field("value"))
    if kind == "lambda":
        body = field("body")
        return [("lambda", body, "0" if body.type == "none" else "None")] if body else []
    return []


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _swap(operator: str, sign: Node | None, table: dict[str, str]) -> list[_Edit]:
    return [(operator, sign, table[sign.type])] if sign is not None and sign.type in table else []


def _compare(sign: Node) -> list[_Edit]:
    written = " ".join(_text(sign).split())
    return [("comparison", sign, _COMPARISON[written])] if written in _COMPARISON else []


def _augmented(node: Node) -> list[_Edit]:
    sign = node.child_by_field_name("operator")
    target = node.child_by_field_name("left")
    if sign is None or target is None or sign.type not in _AUGMENTED:
        return []
    return [("assignment", sign, "="), ("assignment", sign, _AUGMENTED[sign.type])]


def _arguments(call: Node) -> list[_Edit]:
    """Each argument replaced by None; `*args`, `**kw`, generators without brackets and None itself are left alone."""
    passed = call.child_by_field_name("arguments")
    if passed is None or passed.type != "argument_list":
        return []
    edits: list[_Edit] = []
    for argument in passed.named_children:
        value = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
        if value is None or value.type in {"none", "list_splat", "dictionary_splat", "comment"}:
            continue
        edits.append(("call", value, "None"))
    return edits


def _condition(node: Node) -> list[_Edit]:
    if node.type == "conditional_expression":
        condition = node.named_children[1] if node.named_child_count == 3 else None
    else:
        condition = node.child_by_field_name("condition")
    if condition is None:
        return []
    forced = ("False",) if node.type == "while_statement" else ("True", "False")
    return [
        ("condition", condition, value)
        for value in forced
        if condition.type not in {"true", "false"}
        or (node.type == "while_statement" and condition.type == "true")
    ]


def _default(value: Node | None) -> list[_Edit]:
    if value is None:
        return []
    changed = _literal(value)
    if changed:
        return [("default", value, changed[1])]
    return [("default", value, '""' if value.type == "none" else "None")] if value.type != "lambda" else []


def _literal(node: Node) -> tuple[str, str] | None:
    """(operator, replacement) of a plain literal; None where it is none or has no sensible neighbour."""
    written = _text(node)
    if node.type == "true":
        return "boolean", "False"
    if node.type == "false":
        return "boolean", "True"
    if node.type == "integer":
        try:
            return "number", str(int(written, 0) + 1)
        except ValueError:  # complex, or more digits than Python converts
            return None
    if node.type == "float":
        try:
            following = float(written) + 1
        except ValueError:
            return None
        return ("number", repr(following)) if following not in {float("inf"), float(written)} else None
    if node.type == "string" and not _formatted(node) and node.child_count >= 2:
        start, end = _text(node.children[0]), _text(node.children[-1])
        return "string", f"{start}XX{written[len(start) : len(written) - len(end)]}XX{end}"
    return None


def _formatted(string: Node) -> bool:
    """Whether a string literal is an f-string (or a t-string)."""
    start = string.children[0] if string.children else None
    return start is not None and bool({"f", "t"} & set(_text(start).lower().rstrip("\"'")))


def _bare(node: Node) -> bool:
    """Whether a literal is a statement of its own (a docstring), or a part of one."""
    above = node.parent
    while above is not None and above.type in {"concatenated_string", "parenthesized_expression"}:
        above = above.parent
    return above is not None and above.type == "expression_statement"


def _type_checking(node: Node) -> bool:
    """Whether a node is an `if TYPE_CHECKING:` statement, which never runs."""
    if node.type != "if_statement":
        return False
    condition = node.child_by_field_name("condition")
    return condition is not None and _text(condition).rpartition(".")[2] == "TYPE_CHECKING"
