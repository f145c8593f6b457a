"""The one place where text becomes lines and a byte column becomes a code point or a UTF-16 unit, and back.

tree-sitter counts columns in UTF-8 bytes; editors count in the encoding they negotiated (UTF-16 unless
they say otherwise); people count characters. Lines end at LF, CRLF or a lone CR, as the Language Server
Protocol has it: `str.splitlines` would also split at form feeds and other separators, and put every later
position out.
"""

from __future__ import annotations

import re
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    """The lines of a text, each with its ending, and a last one without: `"a\\n"` gives `["a\\n", ""]`."""
    if "\r" not in text:  # the common case, three times as fast
        lines = text.split("\n")
        return [line + "\n" for line in lines[:-1]] + lines[-1:]
    lines = _LINE.findall(text)
    return [*lines, ""] if lines[-1][-1] in "\r\n" else lines


def normalise(text: str) -> str:
    """The text with every line ending as LF: the same lines and columns, whatever the editor or file used."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def character_column(line: str, byte_column: int) -> int:
    """The 0-based code point column of a 0-based UTF-8 byte column; past the end gives the line's length."""
    if line.isascii():
        return min(byte_column, len(line))
    return len(line.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore"))


def to_units(line: str, byte_column: int, encoding: Encoding) -> int:
    """The column in the editor's units of a UTF-8 byte column, both 0-based; past the end, the line end."""
    return units_of(line[: character_column(line, byte_column)], encoding)


def units_of(text: str, encoding: Encoding) -> int:
    """How many units of the encoding a text takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def from_units(line: str, column: int, encoding: Encoding) -> int:
    """The 0-based code point column of a column in the editor's units.

    Past the end gives the end of the line, before its line ending, as the protocol asks; a column inside a
    character gives the character's start.
    """
    content = line.rstrip("\r\n")
    if encoding == "utf-32" or content.isascii():
        return min(column, len(content))
    if encoding == "utf-8":
        return len(content.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
    units = 0
    for index, character in enumerate(content):
        units += 2 if character > "\uffff" else 1
        if units > column:
            return index
    return len(content)
