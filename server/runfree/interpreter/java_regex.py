"""java.util.regex on known texts: Pattern, Matcher and the methods of String that take a pattern."""

from __future__ import annotations

import re
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.java_values import J, JArray, JFunction, JStream, boolean, integer
from runfree.interpreter.patterns import check, java_pattern
from runfree.interpreter.values import Unknown, Value

FLAGS = {
    "CASE_INSENSITIVE": 2,
    "COMMENTS": 4,
    "MULTILINE": 8,
    "LITERAL": 16,
    "DOTALL": 32,
    "UNICODE_CASE": 64,
}


class JPattern:
    """A compiled pattern."""

    __slots__ = ("flags", "pattern", "source")

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source = source
        self.flags = flags
        self.pattern = java_pattern(re.escape(source) if flags & 16 else source, flags & ~16)


class JMatcher:
    """A matcher over one text; `current` is its last match, None before the first and after a failed one."""

    __slots__ = ("current", "pattern", "position", "subject", "tried")

    def __init__(self, pattern: JPattern, subject: str) -> None:
        self.pattern = pattern
        self.subject = subject
        self.position = 0
        self.current: re.Match[str] | None = None

    def find(self) -> bool:
        """The next match."""
        found = None
        if self.position <= len(self.subject):
            found = self.pattern.pattern.search(self.subject, self.position)
        self.current = found
        if found is None:
            self.position = len(self.subject) + 1
        else:
            self.position = found.end() + (found.end() == found.start())
        return found is not None


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if hasattr(value, "text") and isinstance(value.text, str):
        return str(value.text)
    raise Stop("regex:text")


def _matcher(ev: Any, pattern: JPattern, value: Value) -> JMatcher:
    if value is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    subject = _text(value)
    check(pattern.pattern, subject, java=True)
    ev.step(1 + (len(subject) >> 4))
    return JMatcher(pattern, subject)


def compile_pattern(ev: Any, _: Value, a: list[Value]) -> Value:
    """Pattern.compile."""
    if a[0] is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    return JPattern(a[0], a[1].v if len(a) > 1 else 0)


def _expand(ev: Any, match: re.Match[str], template: str) -> str:
    """What a replacement text stands for: `$1`, `${name}` and escapes."""
    out: list[str] = []
    position = 0
    while position < len(template):
        char = template[position]
        position += 1
        if char == "\\":
            if position >= len(template):
                raise ev.error("IllegalArgumentException", Unknown("message"))
            out.append(template[position])
            position += 1
        elif char == "$":
            name = re.compile(r"\{([a-zA-Z][a-zA-Z0-9]*)\}").match(template, position)
            if name is not None:
                if name.group(1) not in match.re.groupindex:
                    raise ev.error("IllegalArgumentException", Unknown("message"))
                out.append(match.group(name.group(1)) or "")
                position = name.end()
                continue
            if not template[position : position + 1].isdigit():
                raise ev.error("IllegalArgumentException", Unknown("message"))
            number = int(template[position])
            position += 1
            if number > match.re.groups:
                raise ev.error("IndexOutOfBoundsException", Unknown("message"))
            while (
                template[position : position + 1].isdigit()
                and number * 10 + int(template[position]) <= match.re.groups
            ):
                number = number * 10 + int(template[position])
                position += 1
            out.append(match.group(number) or "")
        else:
            out.append(char)
    return "".join(out)


def replace(ev: Any, matcher: JMatcher, template: Value, every: bool) -> str:
    """Matcher.replaceAll and replaceFirst."""
    out: list[str] = []
    last = 0
    matcher.position = 0
    while matcher.find() and matcher.current is not None:
        match = matcher.current
        out.append(matcher.subject[last : match.start()])
        if type(template) is JFunction:
            out.append(_expand(ev, match, _text(ev.invoke(template, "apply", [_frozen(matcher)]))))
        else:
            out.append(_expand(ev, match, _text(template)))
        ev.charge(len(out[-1]) + 1)
        last = match.end()
        if not every:
            break
    return "".join([*out, matcher.subject[last:]])


def _frozen(matcher: JMatcher) -> JMatcher:
    made = JMatcher(matcher.pattern, matcher.subject)
    made.current = matcher.current
    return made


def split(pattern: JPattern, subject: str, limit: int) -> list[str]:
    """String.split: no empty part before a match of no width at the start, trailing ones dropped where limit is 0."""
    parts: list[str] = []
    last = 0
    matcher = JMatcher(pattern, subject)
    while matcher.find() and matcher.current is not None:
        match = matcher.current
        if limit > 0 and len(parts) == limit - 1:
            break
        if last == 0 and match.start() == match.end() == 0:
            continue
        parts.append(subject[last : match.start()])
        last = match.end()
    if last == 0 and not parts:
        return [subject]
    parts.append(subject[last:])
    if limit == 0:
        while parts and parts[-1] == "":
            parts.pop()
    return parts


def matcher_method(ev: Any, owner: JMatcher, name: str, a: list[Value]) -> Value:
    """A method of Matcher or MatchResult."""
    compiled = owner.pattern.pattern
    if name == "find" and not a:
        return boolean(owner.find())
    if name == "matches":
        owner.current = compiled.fullmatch(owner.subject)
        owner.position = owner.current.end() if owner.current else len(owner.subject) + 1
        return boolean(owner.current is not None)
    if name == "lookingAt":
        owner.current = compiled.match(owner.subject)
        owner.position = owner.current.end() if owner.current else len(owner.subject) + 1
        return boolean(owner.current is not None)
    if name == "groupCount":
        return integer(compiled.groups)
    if name in ("replaceAll", "replaceFirst"):
        return replace(ev, owner, a[0], name == "replaceAll")
    if name == "reset" and not a:
        owner.position, owner.current = 0, None
        return owner
    if name in ("group", "start", "end"):
        if owner.current is None:
            raise ev.error("IllegalStateException", Unknown("message"))
        key = 0 if not a else a[0] if isinstance(a[0], str) else a[0].v
        if isinstance(key, str) and key not in compiled.groupindex:
            raise ev.error("IllegalArgumentException", Unknown("message"))
        if isinstance(key, int) and not 0 <= key <= compiled.groups:
            raise ev.error("IndexOutOfBoundsException", Unknown("message"))
        if name == "group":
            return owner.current.group(key)
        return integer(owner.current.start(key) if name == "start" else owner.current.end(key))
    raise Stop("library:Matcher." + name)


def pattern_method(ev: Any, owner: JPattern, name: str, a: list[Value]) -> Value:
    """A method of Pattern."""
    if name == "matcher":
        return _matcher(ev, owner, a[0])
    if name in ("pattern", "toString"):
        return owner.source
    if name == "flags":
        return integer(owner.flags)
    if name in ("split", "splitAsStream"):
        matcher = _matcher(ev, owner, a[0])
        parts = split(owner, matcher.subject, a[1].v if len(a) > 1 else 0)
        return JArray("String", list(parts)) if name == "split" else JStream(list(parts))
    if name in ("asPredicate", "asMatchPredicate"):
        full = name == "asMatchPredicate"

        def test(e: Any, b: list[Value]) -> Value:
            matcher = _matcher(e, owner, b[0])
            return matcher_method(e, matcher, "matches" if full else "find", [])

        return JFunction(test)
    raise Stop("library:Pattern." + name)


def _string(name: str) -> Any:
    def call(ev: Any, v: str, a: list[Value]) -> Value:
        if a[0] is None:
            raise ev.error("NullPointerException", Unknown("npe-message"))
        pattern = JPattern(a[0])
        matcher = _matcher(ev, pattern, v)
        if name == "matches":
            return matcher_method(ev, matcher, "matches", [])
        if name == "split":
            return JArray("String", list(split(pattern, v, a[1].v if len(a) > 1 else 0)))
        return replace(ev, matcher, a[1], name == "replaceAll")

    return call


STRING_METHODS = {n: _string(n) for n in ("matches", "split", "replaceAll", "replaceFirst")}
STATIC_METHODS = {
    "Pattern.compile": compile_pattern,
    "Pattern.matches": lambda ev, _, a: matcher_method(ev, _matcher(ev, JPattern(a[0]), a[1]), "matches", []),
    "Pattern.quote": lambda ev, _, a: "\\Q" + a[0] + "\\E",
    "Matcher.quoteReplacement": lambda ev, _, a: a[0].replace("\\", "\\\\").replace("$", "\\$"),
}
CONSTANTS = {f"Pattern.{name}": J("int", value) for name, value in FLAGS.items()}
METHODS = {JPattern: pattern_method, JMatcher: matcher_method}
