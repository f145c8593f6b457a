"""Errors that a Go function makes and returns: `errors.New`, `fmt.Errorf`, named errors, error types."""

from __future__ import annotations

import re

from tree_sitter import Node

from runfree.syntax.go_literals import message_of
from runfree.syntax.nodes import Source, field, line_of, operands
from runfree.syntax.tree import Raise

_ERROR_NAME = re.compile(r"^(Err[A-Z0-9]\w*|err[A-Z0-9]\w*|EOF|\w+Error)$")
_ERROR_MAKERS = frozenset({"errors.New", "fmt.Errorf", "errors.Errorf", "errors.Wrap", "errors.Wrapf"})


def returned_error(source: Source, value: Node) -> Raise | None:
    """The error made or named by one returned expression."""
    if value.type == "call_expression":
        function = source.text(field(value, "function"))
        arguments = operands(field(value, "arguments"))
        if function in _ERROR_MAKERS:
            return Raise("error", message_of(source, arguments), line_of(value))
        name = re.match(r"(?:\w+\.)?[nN]ew(\w*Error)$", function)
        return Raise(name.group(1), message_of(source, arguments), line_of(value)) if name else None
    if value.type in {"identifier", "selector_expression"}:
        name = _ERROR_NAME.match(source.text(value).split(".")[-1])
        return Raise(name.group(1), "", line_of(value)) if name else None
    literal = value if value.type == "composite_literal" else None
    if value.type == "unary_expression":
        literal = next((c for c in operands(value) if c.type == "composite_literal"), None)
    if literal is not None:
        name = _ERROR_NAME.match(source.text(field(literal, "type")).split(".")[-1])
        return Raise(name.group(1), "", line_of(value)) if name else None
    return None
