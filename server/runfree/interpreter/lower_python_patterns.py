"""Lowers the patterns of Python's match statement."""

from __future__ import annotations

from tree_sitter import Node

from runfree.interpreter import ir
from runfree.interpreter.lower_python_expressions import ExpressionLowering

_OPAQUE = ir.Pattern("opaque")


def lower_pattern(lowering: ExpressionLowering, node: Node) -> ir.Pattern:
    """Lowers a pattern node and notes the names it captures."""
    kind = node.type
    children = lowering.named(node)
    if kind == "case_pattern":
        if not children:
            return ir.Pattern("wildcard") if lowering.text(node) == "_" else _negative(lowering, node)
        if node.children[0].type == "-":
            return _negative(lowering, node)
        return lower_pattern(lowering, children[0])
    if kind == "dotted_name":
        if len(children) == 1:
            name = lowering.text(children[0])
            lowering.bind(name)
            return ir.Pattern("capture", name=name)
        return ir.Pattern("value", lowering.expression(node))
    if kind == "identifier":
        name = lowering.text(node)
        if name == "_":
            return ir.Pattern("wildcard")
        lowering.bind(name)
        return ir.Pattern("capture", name=name)
    if kind == "union_pattern":
        if any(c.type == "-" for c in node.children):
            return _OPAQUE
        return ir.Pattern("or", items=tuple(lower_pattern(lowering, c) for c in children))
    if kind in ("list_pattern", "tuple_pattern"):
        return ir.Pattern("sequence", items=tuple(lower_pattern(lowering, c) for c in children))
    if kind == "splat_pattern":
        name = lowering.text(children[0]) if children else "_"
        if name != "_":
            lowering.bind(name)
        return ir.Pattern("star", name=name)
    if kind == "as_pattern":
        name = lowering.text(children[-1])
        lowering.bind(name)
        return ir.Pattern("as", name=name, items=(lower_pattern(lowering, children[0]),))
    if kind == "dict_pattern":
        keys = [lowering.expression(k) for k in node.children_by_field_name("key")]
        values = [lower_pattern(lowering, v) for v in node.children_by_field_name("value")]
        rest = [c for c in children if c.type == "splat_pattern"]
        name = lower_pattern(lowering, rest[0]).name if rest else ""
        if len(keys) != len(values):
            return _OPAQUE
        return ir.Pattern("mapping", name=name, items=tuple(values), keys=tuple(keys))
    if kind == "class_pattern":
        return _class_pattern(lowering, children)
    if kind in ("string", "concatenated_string", "integer", "float", "true", "false", "none"):
        return ir.Pattern("value", lowering.expression(node))
    return _OPAQUE


def _negative(lowering: ExpressionLowering, node: Node) -> ir.Pattern:
    children = lowering.named(node)
    if not children:
        return _OPAQUE
    value = lowering.expression(children[0])
    if isinstance(value, ir.Const) and type(value.value) in (int, float):
        return ir.Pattern("value", ir.Const(value.line, value.pos, value.end, -value.value))
    return _OPAQUE


def _class_pattern(lowering: ExpressionLowering, children: list[Node]) -> ir.Pattern:
    items: list[ir.Pattern] = []
    names: list[str] = []
    for child in children[1:]:
        inner = lowering.named(child)
        if inner and inner[0].type == "keyword_pattern":
            parts = lowering.named(inner[0])
            names.append(lowering.text(parts[0]))
            items.append(lower_pattern(lowering, parts[1]))
        else:
            names.append("")
            items.append(lower_pattern(lowering, child))
    return ir.Pattern("class", lowering.expression(children[0]), items=tuple(items), names=tuple(names))
