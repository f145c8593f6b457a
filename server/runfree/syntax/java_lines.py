"""Which lines of Java code JaCoCo counts: those that javac gives bytecode to.

The rules are javac's (`Gen.statBegin`): a statement counts on its first line, a call on the line of its opening
parenthesis, a declaration only where it has an initialiser, a `try` not at all, a void method that can reach its end
on the line of its closing brace.
"""

from __future__ import annotations

from tree_sitter import Node

from runfree.syntax.nodes import field, line_of, operands

_COUNTED = frozenset(
    {
        "expression_statement",
        "if_statement",
        "return_statement",
        "throw_statement",
        "break_statement",
        "continue_statement",
        "yield_statement",
        "assert_statement",
        "enhanced_for_statement",
        "synchronized_statement",
        "catch_clause",
        "explicit_constructor_invocation",
    }
)
_ENDS = frozenset(
    {"return_statement", "throw_statement", "break_statement", "continue_statement", "yield_statement"}
)
_TRIES = frozenset({"try_statement", "try_with_resources_statement"})
_JUMPS_BACK = frozenset({"while_statement", "for_statement", "enhanced_for_statement", "if_statement"})
_LOOPS = frozenset({"while_statement", "do_statement", "for_statement"})


def counted_lines(node: Node) -> set[int]:
    """1-based lines that get bytecode at and below a node (a body, a field declaration, an initialiser block)."""
    lines: set[int] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        kind = current.type
        if kind in _COUNTED:
            lines.add(line_of(current))
        elif kind in _LOOPS:
            lines.update(line_of(part) for part in _loop_parts(current))
        elif kind in {"variable_declarator", "resource"}:
            name = field(current, "name")
            if field(current, "value") is not None:
                lines.add(line_of(name or current))
        elif kind == "switch_expression":
            lines.add(line_of(field(current, "condition") or current))
        elif kind == "method_invocation":
            lines.add(line_of(field(current, "arguments") or current))
        elif kind == "ternary_expression":
            lines.update(
                line_of(part)
                for part in (field(current, "consequence"), field(current, "alternative"))
                if part is not None and part.type != "method_invocation"
            )
        elif kind == "lambda_expression":
            lines |= _lambda_lines(current)
        elif kind in _TRIES and any(can_complete(part) for part in _jumping_parts(current)):
            lines.add(current.end_point[0] + 1)
        if kind in _JUMPS_BACK:
            lines |= _jump_lines(current)
        elif kind in {"method_declaration", "constructor_declaration", "compact_constructor_declaration"}:
            lines |= closing_line(current)
        stack.extend(current.named_children)
    return lines


def closing_line(function: Node) -> set[int]:
    """The lines javac adds to a method's own statements: the implicit return, a constructor's implicit super()."""
    body = field(function, "body")
    if body is None:
        return set()
    lines: set[int] = set()
    is_constructor = function.type != "method_declaration"
    first = operands(body)[0] if operands(body) else None
    if is_constructor and (first is None or first.type != "explicit_constructor_invocation"):
        lines.add(line_of(body))
    returns = field(function, "type")
    if (is_constructor or (returns is not None and returns.type == "void_type")) and can_complete(body):
        lines.add(body.end_point[0] + 1)
    return lines


def can_complete(block: Node) -> bool:
    """Whether control can reach the end of a block, roughly as the language defines it (JLS 14.22)."""
    stack = [block]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in _ENDS:
            continue
        inner = operands(node)
        if kind in {"block", "constructor_body", "labeled_statement", "synchronized_statement"}:
            if not inner:
                return True
            stack.append(inner[-1])
        elif kind == "if_statement" and field(node, "alternative") is not None:
            stack.extend(n for n in (field(node, "consequence"), field(node, "alternative")) if n is not None)
        elif kind in _TRIES:
            final = next((c for c in inner if c.type == "finally_clause"), None)
            last = operands(operands(final)[0])[-1:] if final is not None and operands(final) else []
            if last and last[0].type in _ENDS:
                continue
            stack.extend(n for n in (field(node, "body"),) if n is not None)
            stack.extend(
                b for c in inner if c.type == "catch_clause" for b in (field(c, "body"),) if b is not None
            )
        elif kind in _LOOPS and _endless(node):
            continue
        else:
            return True
    return False


def _jumping_parts(node: Node) -> list[Node]:
    """The blocks of a try that jump behind it: all but the last catch, which needs no jump without a finally."""
    body = field(node, "body")
    catches = [field(c, "body") for c in operands(node) if c.type == "catch_clause"]
    if not any(c.type == "finally_clause" for c in operands(node)):
        catches = catches[:-1]
    return [part for part in (body, *catches) if part is not None]


def _jump_lines(node: Node) -> set[int]:
    """The closing brace of a block whose end jumps: javac marks it where the block's own variables go out of scope."""
    block = field(node, "body") or field(node, "consequence")
    if (
        block is None
        or block.type != "block"
        or (node.type == "if_statement" and field(node, "alternative") is None)
    ):
        return set()
    if node.type == "for_statement" and field(node, "update") is not None:
        return set()
    scoped = node.type == "enhanced_for_statement" or any(
        c.type == "local_variable_declaration" for c in operands(block)
    )
    return {block.end_point[0] + 1} if scoped and can_complete(block) else set()


def _endless(loop: Node) -> bool:
    """Whether a loop has a condition that is always true and no break of its own."""
    condition = field(loop, "condition")
    text = (condition.text or b"").strip(b"() \n") if condition is not None else b""
    if text not in {b"", b"true"}:
        return False
    stack = [loop]
    while stack:
        node = stack.pop()
        if node.type == "break_statement":
            return False
        if node.type not in {"lambda_expression", "class_body"} and (node is loop or node.type not in _LOOPS):
            stack.extend(node.named_children)
    return True


def _loop_parts(loop: Node) -> list[Node]:
    """The condition and the updates of a loop (its initialiser is a declaration of its own)."""
    parts = [loop] if loop.type == "for_statement" and len(operands(loop)) > 1 else []
    condition = field(loop, "condition")
    if condition is not None and (condition.text or b"").strip(b"() \n") != b"true":
        parts.append(condition)
    return parts + loop.children_by_field_name("update")


def _lambda_lines(node: Node) -> set[int]:
    """A lambda's expression counts where it starts; a block that can end, on its closing brace."""
    body = field(node, "body")
    if body is None:
        return set()
    if body.type != "block":
        return set() if body.type == "method_invocation" else {line_of(body)}
    return {body.end_point[0] + 1} if can_complete(body) else set()
