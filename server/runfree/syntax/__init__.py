"""Text of a source or test file -> functions, calls, branches and literals, by tree-sitter."""

from runfree.syntax.tree import (
    Assertion,
    Branch,
    Call,
    Class,
    Function,
    Import,
    LiteralValue,
    Member,
    Name,
    Parameter,
    Raise,
    SourceFile,
    Span,
)

__all__ = [
    "Assertion",
    "Branch",
    "Call",
    "Class",
    "Function",
    "Import",
    "LiteralValue",
    "Member",
    "Name",
    "Parameter",
    "Raise",
    "SourceFile",
    "Span",
]
