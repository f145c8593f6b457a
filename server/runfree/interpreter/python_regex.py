"""Python's `re` on short texts, for patterns that cannot backtrack catastrophically."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_methods import register
from runfree.interpreter.python_types import MATCH, PATTERN, library_exception
from runfree.interpreter.values import Builtin, IteratorValue, Unknown, Value

MAX_PATTERN = 1_500
MAX_SUBJECT = 2_000
# k repeats that may take the same characters split a text of n of them in comb(n + k, k) ways.
MAX_WORK = 2_000_000
RUNAWAY = 99.0
MAX_RUNAWAY = 12
Call = Callable[[Any, list[Value], dict[str, Value]], Value]
library_exception("error", "Exception")


@lru_cache(maxsize=256)
def danger(pattern: str) -> float:
    """How matching may slow down with the text's length: the number of repeats that may compete for the same
    characters (narrow ones count half), or `RUNAWAY` where it may be exponential.

    A repeat inside a repeat, or an alternation inside a repeat, may be exponential. Read off the text alone, on the
    careful side.
    """
    power = 0.0
    stack: list[bool] = []
    risky_group = False
    position = 0
    broad = False
    while position < len(pattern):
        char = pattern[position]
        if char == "\\":
            follower = pattern[position + 1 : position + 2]
            if follower and follower in "123456789":
                return RUNAWAY
            broad = follower in ("S", "w", "W", "D")
            position += 2
            risky_group = False
            continue
        if char == "[":
            end = position + 1
            broad = pattern[end : end + 1] == "^"
            if broad:
                end += 1
            if pattern[end : end + 1] == "]":
                end += 1
            while end < len(pattern) and pattern[end] != "]":
                end += 2 if pattern[end] == "\\" else 1
            position = end + 1
            risky_group = False
            continue
        if char == "(":
            stack.append(False)
            if pattern.startswith("(?", position):
                position += 1
                if pattern[position + 1 : position + 2] == "(":
                    return RUNAWAY
        elif char == ")":
            risky_group = stack.pop() if stack else True
            if risky_group and stack:
                stack[-1] = True
            broad = True
            position += 1
            continue
        elif char == "|":
            if stack:
                stack[-1] = True
        elif char in "*+" or (char == "{" and re.match(r"\{\d*,?\d*\}", pattern[position:])):
            if char == "{":
                numbers = [
                    int(n) for n in re.findall(r"\d+", pattern[position : pattern.index("}", position)])
                ]
                if any(n > 200 for n in numbers):
                    return RUNAWAY
            if position > 0 and pattern[position - 1] == ")" and risky_group:
                return RUNAWAY
            stack = [True] * len(stack)
            power += 1.0 if broad else 0.5
        else:
            broad = char == "."
        risky_group = False
        position += 1
    return power


def safe_compile(ev: Any, pattern: Any, flags: Any = 0) -> re.Pattern[Any] | None:
    """The compiled pattern, None where it is unknown; patterns that may run away stop the path."""
    if isinstance(pattern, re.Pattern):
        return pattern
    if isinstance(pattern, Unknown) or not isinstance(pattern, (str, bytes)) or not isinstance(flags, int):
        return None
    if len(pattern) > MAX_PATTERN:
        raise Stop("budget:regex")
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    danger(text)
    ev.step(10)
    return ev.host(re.compile, pattern, flags)  # type: ignore[no-any-return]


def check_subject(ev: Any, pattern: re.Pattern[Any], subject: Any) -> None:
    """Stops where matching this text could take long."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    size = len(subject)
    power = danger(text)
    if power >= RUNAWAY:
        # Exponential at worst: only texts so short that this does no harm.
        if size > MAX_RUNAWAY:
            raise Stop("budget:regex")
        return
    power = math.ceil(power)
    if size > MAX_SUBJECT or math.comb(size + power, power) > MAX_WORK:
        raise Stop("budget:regex")
    ev.step(1 + size // 32)


def _run(name: str) -> Callable[[Any, re.Pattern[Any] | None, list[Value], dict[str, Value]], Value]:
    def call(ev: Any, pattern: re.Pattern[Any] | None, a: list[Value], k: dict[str, Value]) -> Value:
        repeat = a[0] if name in ("sub", "subn") and a else None
        rest = a[1:] if name in ("sub", "subn") else a
        subject = ev.raw(rest[0]) if rest else k.get("string")
        others = [*rest[1:], *(v for n, v in k.items() if n != "string")]
        if (
            pattern is None
            or isinstance(subject, Unknown)
            or any(isinstance(v, Unknown) for v in (*others, repeat))
        ):
            ev.risky("re")
            return Unknown("re")
        if isinstance(subject, bytearray):
            subject = bytes(subject)
        if not isinstance(subject, (str, bytes)):
            raise ev.error(
                "TypeError", f"expected string or bytes-like object, got '{type(subject).__name__}'"
            )
        check_subject(ev, pattern, subject)
        if name in ("sub", "subn"):
            if isinstance(repeat, (str, bytes)):
                groups = str(repeat).count("\\")
                if (len(subject) + 1) * (len(repeat) + 1 + groups * len(subject)) > 10 * ev.budget.text:
                    raise Stop("budget:size")
                return ev.host(getattr(pattern, name), repeat, subject, *rest[1:], **k)
            return _substitute(ev, pattern, repeat, subject, rest, k, name)
        if name == "finditer":
            return IteratorValue(
                iter(list(ev.host(pattern.finditer, subject, *rest[1:]))), "callable_iterator"
            )
        keywords = {n: v for n, v in k.items() if n != "string"}
        return ev.host(getattr(pattern, name), subject, *rest[1:], **keywords)

    return call


def _substitute(
    ev: Any,
    pattern: re.Pattern[Any],
    function: Value,
    subject: Any,
    rest: list[Value],
    k: dict[str, Value],
    name: str,
) -> Value:
    count = rest[1] if len(rest) > 1 else k.get("count", 0)
    parts: list[Any] = []
    last = done = 0
    for match in pattern.finditer(subject):
        if count and done >= count:
            break
        value = ev.raw(ev.call(function, [match], {}))
        if isinstance(value, Unknown):
            return Unknown(value.why, kind="str")
        if not isinstance(value, type(subject)):
            raise Stop("re.sub")
        parts += [subject[last : match.start()], value]
        last = match.end()
        done += 1
    parts.append(subject[last:])
    ev.charge(sum(map(len, parts)))
    text = (b"" if isinstance(subject, bytes) else "").join(parts)
    return (text, done) if name == "subn" else text


_NAMES = ("match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split")


def _module_function(name: str) -> Builtin:
    run = _run(name)
    # Positional arguments before the flags: pattern, (repl,) string, (count or maxsplit).
    fixed = {"sub": 4, "subn": 4, "split": 3}.get(name, 2)

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        k = dict(k)
        if "pattern" in k or "repl" in k:
            a = [k.pop(n) for n in ("pattern", "repl") if n in k] + a
        flags = k.pop("flags", a[fixed] if len(a) > fixed else 0)
        return run(ev, safe_compile(ev, ev.raw(a[0]), flags), a[1:fixed], k)

    return Builtin("re." + name, call)


def _compile(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    flags = a[1] if len(a) > 1 else k.get("flags", 0)
    try:
        compiled = safe_compile(ev, ev.raw(a[0]), flags)
    except Stop as stop:
        # Most tests never come to the pattern that takes too long.
        return Unknown(stop.reason, "re.compile()")
    return compiled if compiled is not None else Unknown("re")


def _escape(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.host(re.escape, a[0]) if isinstance(a[0], (str, bytes)) else Unknown("re", kind="str")


def _method(name: str) -> Any:
    run = _run(name)
    return lambda ev, value, a, k: run(ev, value, a, k)


for _name in _NAMES:
    register(re.Pattern, _name, _method(_name))
REGEX: dict[str, Value] = {
    **{n: _module_function(n) for n in _NAMES},
    "compile": Builtin("re.compile", _compile), "escape": Builtin("re.escape", _escape), "Pattern": PATTERN,
    "Match": MATCH, "error": library_exception("error", "Exception"),
    **{n: int(getattr(re, n)) for n in (
        "I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "X", "VERBOSE", "A", "ASCII", "U", "UNICODE",
    )},
}  # fmt: skip
