"""Identifiers and words of code as comparable subtokens: `parseISODate_v2` -> parse, iso, date, v, 2; and its literals."""

from __future__ import annotations

import re
from functools import lru_cache

from runfree.syntax.tree import LiteralValue

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+(?:\.\d+)?")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# Strings whole (an f-string's places are code), words, brackets and what may follow a name.
_LEXEME = re.compile(
    r"""(?P<string>[A-Za-z]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`))"""
    r"""|(?P<word>(?P<dot>\.\s*)?[A-Za-z_]\w*(?P<key>\s*(?:=(?!=)|:(?!=)))?)|(?P<open>[\[({])|(?P<close>[\])}])"""
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])")
_EMPTY = ('""', "''", "``", '""""""', "''''''")

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


def without_names(text: str, names: frozenset[str]) -> str:
    """The text without the identifiers in `names` where they stand for a variable: members, keywords and texts stay."""
    if not names:
        return text
    pieces: list[str] = []
    brackets: list[str] = []
    at = 0
    for match in _LEXEME.finditer(text):
        kind, key = match.lastgroup, match["key"] or ""
        if kind == "open":
            brackets.append(match[0])
        elif kind == "close":
            del brackets[-1:]
        elif kind == "word":
            # f(name=...), T{name: ...}
            named = key and brackets and brackets[-1] == {"=": "(", ":": "{"}[key.strip()]
            found = _NAME.search(match[0])
            if match["dot"] or named or found is None or found[0] not in names:
                continue
            pieces.append(text[at : match.start()])
            at = match.end() - len(key)
        elif match[0][:1] in "fF" and "{" in match[0]:
            pieces += (text[at : match.start()], _NAME.sub(lambda m: "" if m[0] in names else m[0], match[0]))
            at = match.end()
    return "".join([*pieces, text[at:]]) if pieces else text


def without_strings(text: str) -> str:
    """The text with every string empty."""
    return _LEXEME.sub(lambda m: '""' if m.lastgroup == "string" else m[0], text)


def literal_value(literal: LiteralValue) -> str:
    """What a literal is compared by: the text of a string (that of an empty one is ""), the source text of others."""
    if literal.kind == "string" and literal.text.lstrip("rbuRBU") in _EMPTY:
        return ""
    return literal.value or literal.text


def literals_of(text: str) -> list[str]:
    """The literals in a stretch of source text: strings without their quotes, and numbers."""
    return [next(g for g in match.groups() if g is not None) for match in _LITERAL.finditer(text)]


def squeezed(text: str) -> str:
    """The text without what a formatter may change: space, the comma before a closing bracket, the kind of quotes."""
    text = re.sub(r",?\s+(?=[\])}])|,(?=[\])}])|\s+", "", text)
    return text if '"' in text else text.replace("'", '"')


def length(text: str, variables: frozenset[str]) -> int:
    """Characters of a squeezed text, a variable's name counted as one: it can be of any length."""
    return len(squeezed(_NAME.sub(lambda m: "v" if m[0] in variables else m[0], text)))
