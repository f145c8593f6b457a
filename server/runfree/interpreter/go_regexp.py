"""Go's regexp package on known texts."""

from __future__ import annotations

import re
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.go_natives import native_type
from runfree.interpreter.go_types import (
    NIL_VALUE,
    STRING,
    UINT8,
    G,
    GoBuiltin,
    SliceData,
    boolean,
    from_bytes,
    integer,
    pointer_to,
    slice_of,
    strings,
    text,
    to_bytes,
)
from runfree.interpreter.patterns import check, go_pattern
from runfree.interpreter.values import Unknown, Value

REGEXP = native_type("Regexp", "regexp")
_TEXTS = slice_of(slice_of(STRING))
_NUMBERS = slice_of(integer(0).t)


def compile_regexp(ev: Any, a: list[Value]) -> Value:
    """regexp.MustCompile."""
    if type(a[0]) is not G:
        return Unknown("regexp", kind="non-nil")
    return G(pointer_to(REGEXP), Regexp(a[0].v, go_pattern(a[0].v)))


class Regexp:
    """A compiled regular expression."""

    methods = ("String",)

    def __init__(self, source: str, pattern: re.Pattern[str]) -> None:
        self.source = source
        self.pattern = pattern

    def member(self, ev: Any, name: str) -> Value:
        """A method."""
        method = getattr(self, "do_" + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), None)
        if method is None:
            return Unknown("regexp." + name)

        def call(e: Any, a: list[Value]) -> Value:
            if any(isinstance(v, Unknown) for v in a):
                return Unknown("regexp." + name)
            subject = _text(a[0]) if a else ""
            check(self.pattern, subject, java=False)
            e.step(1 + (len(subject) >> 4))
            return method(e, subject, a[1:])

        return GoBuiltin("regexp." + name, call)

    def matches(self, subject: str, limit: int = -1) -> list[re.Match[str]]:
        """Successive matches: empty ones next to the one before do not count."""
        found: list[re.Match[str]] = []
        last = -1
        for match in self.pattern.finditer(subject):
            if match.start() == match.end() == last:
                continue
            if limit >= 0 and len(found) >= limit:
                break
            found.append(match)
            last = match.end()
        return found

    def do_string(self, ev: Any, subject: str, a: list[Value]) -> Value:
        return text(self.source)

    def do_num_subexp(self, ev: Any, subject: str, a: list[Value]) -> Value:
        return integer(self.pattern.groups)

    def do_match_string(self, ev: Any, subject: str, a: list[Value]) -> Value:
        return boolean(self.pattern.search(subject) is not None)

    do_match = do_match_string

    def do_find_string(self, ev: Any, subject: str, a: list[Value]) -> Value:
        found = self.pattern.search(subject)
        return text(found.group(0) if found else "")

    def do_find_string_index(self, ev: Any, subject: str, a: list[Value]) -> Value:
        found = self.pattern.search(subject)
        if found is None:
            return G(_NUMBERS, None)
        return G(_NUMBERS, SliceData([integer(len(to_bytes(subject[:p]))) for p in found.span()]))

    def do_find_string_submatch(self, ev: Any, subject: str, a: list[Value]) -> Value:
        found = self.pattern.search(subject)
        return _groups(found) if found else G(slice_of(STRING), None)

    def do_find_all_string(self, ev: Any, subject: str, a: list[Value]) -> Value:
        found = self.matches(subject, a[0].v)
        return strings([m.group(0) for m in found]) if found else G(slice_of(STRING), None)

    def do_find_all_string_submatch(self, ev: Any, subject: str, a: list[Value]) -> Value:
        found = self.matches(subject, a[0].v)
        return G(_TEXTS, SliceData([_groups(m) for m in found]) if found else None)

    def do_replace_all_string(self, ev: Any, subject: str, a: list[Value]) -> Value:
        template = _text(a[0])
        return self.replaced(ev, subject, lambda m: expand(m, template))

    def do_replace_all_literal_string(self, ev: Any, subject: str, a: list[Value]) -> Value:
        template = _text(a[0])
        return self.replaced(ev, subject, lambda _: template)

    def do_replace_all_string_func(self, ev: Any, subject: str, a: list[Value]) -> Value:
        def call(match: re.Match[str]) -> str:
            result = ev.call(a[0], [text(match.group(0))], {})
            if type(result) is not G:
                raise Stop("regexp")
            return str(result.v)

        return self.replaced(ev, subject, call)

    def do_replace_all(self, ev: Any, subject: str, a: list[Value]) -> Value:
        result = self.do_replace_all_string(ev, subject, a)
        return G(slice_of(UINT8), SliceData([G(UINT8, b) for b in to_bytes(result.v)]))

    def do_split(self, ev: Any, subject: str, a: list[Value]) -> Value:
        limit = a[0].v
        if limit == 0:
            return G(slice_of(STRING), None)
        if self.source and not subject:
            return strings([""])
        parts: list[str] = []
        begin = end = 0
        for match in self.matches(subject, limit):
            if limit > 0 and len(parts) == limit - 1:
                break
            end = match.start()
            if match.end() != 0:
                parts.append(subject[begin:end])
            begin = match.end()
        if end != len(subject):
            parts.append(subject[begin:])
        return strings(parts)

    def replaced(self, ev: Any, subject: str, function: Any) -> Value:
        """The text with each match replaced."""
        out: list[str] = []
        last = 0
        for match in self.matches(subject):
            out += [subject[last : match.start()], function(match)]
            last = match.end()
        result = "".join([*out, subject[last:]])
        ev.charge(len(result))
        return text(result)


def expand(match: re.Match[str], template: str) -> str:
    """Regexp.Expand: `$1`, `${1}`, `$name`, `$$`."""

    def one(found: re.Match[str]) -> str:
        if found.group(0) == "$$":
            return "$"
        name = found.group(1) or found.group(2)
        if name.isdigit():
            number = int(name)
            return (match.group(number) or "") if number <= (match.re.groups or 0) else ""
        return (match.group(name) or "") if name in match.re.groupindex else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", one, template, flags=re.ASCII)


def _groups(match: re.Match[str]) -> G:
    return strings([g or "" for g in (match.group(0), *match.groups())])


def _text(value: Value) -> str:
    if type(value) is not G:
        raise Stop("regexp")
    if isinstance(value.v, str):
        return value.v
    if value.v is None:
        return ""
    if isinstance(value.v, SliceData):
        return from_bytes(bytes(b.v for b in value.v.items()))
    raise Stop("regexp")


MEMBERS: dict[str, Value] = {
    "Regexp": REGEXP,
    "MustCompile": GoBuiltin("regexp.MustCompile", compile_regexp),
    "Compile": GoBuiltin("regexp.Compile", lambda ev, a: (compile_regexp(ev, a), NIL_VALUE)),
    "QuoteMeta": GoBuiltin(
        "regexp.QuoteMeta", lambda ev, a: text(re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", _text(a[0])))
    ),
    "MatchString": GoBuiltin(
        "regexp.MatchString",
        lambda ev, a: (
            (ev.call(compile_regexp(ev, a[:1]).v.member(ev, "MatchString"), a[1:], {}), NIL_VALUE)
            if type(a[0]) is G
            else Unknown("regexp")
        ),
    ),
}
