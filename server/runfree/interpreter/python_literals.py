"""Python's string and number literals, read from their source text."""

from __future__ import annotations

import re
import unicodedata

MAX_DIGITS = 4000
_SIMPLE = {
    "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": "",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(\r\n|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL
)


def prefix_of(opening: str) -> str:
    """The lower-cased prefix letters of a string's opening, e.g. "rb" of `rb'''`."""
    return opening.rstrip("'\"").lower()


def unescape(text: str, is_bytes: bool = False) -> str:
    """The text of a non-raw literal with its escapes resolved; bytes come back as latin-1 text.

    Raises:
        ValueError: an escape that Python refuses.
    """
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code in _SIMPLE:
            return _SIMPLE[code]
        if code == "\r\n":
            return ""
        head = code[0]
        if head in "01234567":
            value = int(code, 8)
            return chr(value & 0xFF if is_bytes else value)
        if head == "x" and len(code) == 3:
            return chr(int(code[1:], 16))
        if not is_bytes and head in "uU" and len(code) > 1:
            return chr(int(code[1:], 16))
        if not is_bytes and head == "N" and len(code) > 1:
            try:
                return unicodedata.lookup(code[2:-1])
            except KeyError as error:
                raise ValueError(str(error)) from error
        if head in "xuUN" and not (is_bytes and head in "uUN"):
            raise ValueError(f"bad escape \\{code}")
        return "\\" + code

    return _ESCAPE.sub(one, text)


def number(text: str) -> int | float | complex:
    """The value of a number literal.

    Raises:
        ValueError: not a number, or one with more than `MAX_DIGITS` digits.
    """
    digits = text.replace("_", "").lower()
    if len(digits) > MAX_DIGITS:
        raise ValueError("giant literal")
    if digits.endswith("j"):
        return complex(0, float(digits[:-1]))
    if digits[:2] in ("0x", "0o", "0b"):
        return int(digits, 0)
    if any(c in digits for c in ".e"):
        return float(digits)
    return int(digits, 10)
