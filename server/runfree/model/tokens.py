"""Identifiers and words of code as comparable subtokens: `parseISODate_v2` -> parse, iso, date, v, 2."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+(?:\.\d+)?")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# Words that every file of a language holds: they say nothing about which line a test is after.
_COMMON = frozenset(
    [
        "self",
        "this",
        "cls",
        "def",
        "func",
        "return",
        "returns",
        "if",
        "else",
        "elif",
        "for",
        "while",
        "in",
        "is",
        "not",
        "and",
        "or",
        "none",
        "null",
        "nil",
        "true",
        "false",
        "new",
        "class",
        "public",
        "private",
        "protected",
        "static",
        "final",
        "void",
        "int",
        "long",
        "string",
        "str",
        "bool",
        "boolean",
        "float",
        "double",
        "var",
        "let",
        "const",
        "assert",
        "test",
        "tests",
        "equal",
        "equals",
        "expected",
        "actual",
        "result",
        "import",
        "from",
        "package",
        "with",
        "as",
        "try",
        "except",
        "catch",
        "finally",
        "raise",
        "throw",
        "throws",
        "t",
        "err",
        "error",
        "range",
    ]
)


@lru_cache(maxsize=65536)
def _split(word: str) -> tuple[str, ...]:
    parts = tuple(part.lower() for part in _PART.findall(word))
    return parts if len(parts) < 2 else (*parts, word.lower())


def subtokens(text: str) -> frozenset[str]:
    """The lower-case subtokens (and whole words) of a text, without the words every file holds."""
    found: set[str] = set()
    for word in _WORD.findall(text):
        found.update(_split(word))
    return frozenset(found - _COMMON)
