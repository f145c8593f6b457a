"""Regular expressions of Go and Java as Python patterns, on short texts, where they cannot backtrack catastrophically."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_regex import RUNAWAY, danger

MAX_PATTERN = 400
MAX_SUBJECT = 2_000
MAX_WORK = 2_000_000
_POSIX = {
    "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Lower": "a-z", "Upper": "A-Z", "Space": r" \t\n\x0b\f\r",
    "XDigit": "0-9a-fA-F", "Punct": r"!-/:-@\[-`{-~", "Blank": r" \t",
}  # fmt: skip


@lru_cache(maxsize=256)
def go_pattern(text: str) -> re.Pattern[str]:
    """A pattern of Go's regexp package.

    Raises:
        Stop: it is not modelled, or may be slow.
    """
    return _compile(_translate(text, r" \t\n\f\r", "\\Z", java=False), 0)


@lru_cache(maxsize=256)
def java_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern of java.util.regex; `flags` as Java counts them: 2 ignores case, 4 has comments, 8 lines, 32 all.

    Raises:
        Stop: it is not modelled, or may be slow.
    """
    if flags & ~(2 | 8 | 32):
        raise Stop("regex:flags")
    own = (
        (re.IGNORECASE if flags & 2 else 0)
        | (re.MULTILINE if flags & 8 else 0)
        | (re.DOTALL if flags & 32 else 0)
    )
    return _compile(_translate(text, r" \t\n\x0b\f\r", "$", java=True), own)


def check(pattern: re.Pattern[str], subject: str, java: bool) -> None:
    """Refuses what would take long, or what the languages see differently.

    Raises:
        Stop: the pattern is not tried on this text.
    """
    size = len(subject)
    if size > MAX_SUBJECT or size ** max(1, math.ceil(danger(pattern.pattern))) > MAX_WORK:
        raise Stop("budget:regex")
    if not subject.isascii() and (pattern.flags & re.IGNORECASE or "\\b" in pattern.pattern):
        raise Stop("regex:unicode")
    if java:
        ends = set(subject) & set("\r\n\x85\u2028\u2029")
        if ends - {"\n"} or (ends and "$" in pattern.pattern) or any(ord(c) > 0xFFFF for c in subject):
            raise Stop("regex:lines")
    elif any(0xDC80 <= ord(c) <= 0xDCFF for c in subject):
        raise Stop("regex:bytes")


def _compile(text: str, flags: int) -> re.Pattern[str]:
    if danger(text) >= RUNAWAY:
        raise Stop("budget:regex")
    try:
        return re.compile(text, flags | re.ASCII)
    except (re.error, OverflowError, RecursionError) as problem:
        raise Stop("regex:syntax") from problem


def _translate(text: str, spaces: str, end: str, java: bool) -> str:
    if len(text) > MAX_PATTERN or (not text.isascii() and "(?i" in text):
        raise Stop("regex:long")
    out: list[str] = []
    inside = False
    position = 0
    while position < len(text):
        char = text[position]
        following = text[position + 1 : position + 2]
        if char == "\\":
            position += 2
            if following == "Q":
                stop = text.find("\\E", position)
                stop = len(text) if stop < 0 else stop
                out.append(re.escape(text[position:stop]))
                position = stop + 2
            elif following == "p" and java:
                found = re.match(r"\{(\w+)\}", text[position:])
                if found is None or found.group(1) not in _POSIX:
                    raise Stop("regex:class")
                position += found.end()
                out.append(_POSIX[found.group(1)] if inside else f"[{_POSIX[found.group(1)]}]")
            elif following == "s":
                out.append(spaces if inside else f"[{spaces}]")
            elif following == "z" and not inside:
                out.append("\\Z")
            elif following and (following in "dwDWSbBAtnrfv.x0123456789" or not following.isalnum()):
                if (
                    (following in "S" and inside)
                    or following in "v0"
                    or (following.isdigit() and (not java or inside))
                ):
                    raise Stop("regex:escape")
                out.append("\\" + following)
            else:
                raise Stop("regex:escape")
            continue
        if inside:
            if char == "[" and (java or following == ":"):
                raise Stop("regex:class")
            if char == "&" and following == "&" and java:
                raise Stop("regex:class")
            out.append("\\[" if char == "[" else char)
            if char == "]":
                inside = False
        elif char == "[":
            inside = True
            out.append(char)
            if following == "^":
                out.append("^")
                position += 1
            if text[position + 1 : position + 2] == "]":
                if java:
                    raise Stop("regex:class")
                out.append("\\]")
                position += 1
        elif char == "$":
            out.append(end)
        elif text.startswith("(?<", position) and java and text[position + 3 : position + 4].isalpha():
            out.append("(?P<")
            position += 2
        elif (
            char == "("
            and following == "?"
            and not re.match(r"\(\?(:|>|P<\w+>|=|!|<=|<!|i\))", text[position:])
        ) or (char == "(" and following == "?" and text.startswith("(?i)", position) and position):
            raise Stop("regex:group")
        elif char == "{" and not re.match(r"\{\d+(,\d*)?\}", text[position:]):
            raise Stop("regex:brace")
        else:
            out.append(char)
        position += 1
    return "".join(out)
