"""Python's structural pattern matching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_types import MAPPINGS
from runfree.interpreter.values import MISSING, ClassValue, Env, Instance, Thrown, Unknown, Value

if TYPE_CHECKING:
    from runfree.interpreter.python_evaluator import PythonEvaluator

_SELF_MATCHING = frozenset(
    {"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"}
)


def match_pattern(ev: PythonEvaluator, pattern: ir.Pattern, subject: Value, env: Env) -> bool:
    """Whether a value fits a pattern; names are bound as it goes, unknown answers are decided."""
    kind = pattern.kind
    ev.step()
    if kind == "wildcard":
        return True
    if kind == "capture":
        ev.assign_name(pattern.name, subject, env)
        return True
    if kind == "opaque":
        raise Stop("syntax:pattern")
    if kind == "or":
        return any(match_pattern(ev, p, subject, env) for p in pattern.items)
    if kind == "as":
        if not match_pattern(ev, pattern.items[0], subject, env):
            return False
        ev.assign_name(pattern.name, subject, env)
        return True
    if kind == "value" and pattern.value is not None:
        value = ev.eval(pattern.value, env)
        single = isinstance(pattern.value, ir.Const) and (value is None or isinstance(value, bool))
        return ev.truth(ev.compare("is" if single else "==", subject, value), default=False)
    if isinstance(subject, Unknown):
        ev.reason(subject.why)
        if not ev.decide(False):
            return False
        _bind_unknown(ev, pattern, subject, env)
        return True
    if kind == "sequence":
        return _sequence(ev, pattern, ev.raw(subject), env)
    if kind == "mapping":
        return _mapping(ev, pattern, ev.raw(subject), env)
    if kind == "class":
        return _class(ev, pattern, subject, env)
    raise Stop("syntax:pattern")


def _bind_unknown(ev: PythonEvaluator, pattern: ir.Pattern, subject: Unknown, env: Env) -> None:
    if pattern.name:
        ev.assign_name(pattern.name, Unknown(subject.why), env)
    for item in pattern.items:
        _bind_unknown(ev, item, subject, env)


def _sequence(ev: PythonEvaluator, pattern: ir.Pattern, subject: Value, env: Env) -> bool:
    if type(subject) not in (list, tuple):
        if type(subject) is Instance and subject.klass.opaque:
            raise Stop("pattern")
        return False
    star = next((i for i, p in enumerate(pattern.items) if p.kind == "star"), None)
    count = len(pattern.items)
    if star is None:
        if len(subject) != count:
            return False
        return all(match_pattern(ev, p, s, env) for p, s in zip(pattern.items, subject, strict=True))
    after = count - star - 1
    if len(subject) < count - 1:
        return False
    if not all(match_pattern(ev, p, s, env) for p, s in zip(pattern.items[:star], subject, strict=False)):
        return False
    middle = list(subject[star : len(subject) - after])
    if pattern.items[star].name != "_":
        ev.assign_name(pattern.items[star].name, middle, env)
    tail = subject[len(subject) - after :] if after else ()
    return all(match_pattern(ev, p, s, env) for p, s in zip(pattern.items[star + 1 :], tail, strict=True))


def _mapping(ev: PythonEvaluator, pattern: ir.Pattern, subject: Value, env: Env) -> bool:
    if type(subject) not in MAPPINGS:
        return False
    keys = [ev.key(ev.eval(k, env)) for k in pattern.keys]
    for key, item in zip(keys, pattern.items, strict=True):
        if key not in subject or not match_pattern(ev, item, subject[key], env):
            return False
    if pattern.name:
        ev.assign_name(pattern.name, {k: v for k, v in subject.items() if k not in keys}, env)
    return True


def _class(ev: PythonEvaluator, pattern: ir.Pattern, subject: Value, env: Env) -> bool:
    if pattern.value is None:
        raise Stop("syntax:pattern")
    klass = ev.eval(pattern.value, env)
    known = ev.is_instance(subject, klass)
    if known is None:
        known = ev.decide(False)
    if not known:
        return False
    if isinstance(klass, Unknown):
        raise Stop("pattern")
    positional = [p for p, n in zip(pattern.items, pattern.names, strict=True) if not n]
    if (
        positional
        and isinstance(klass, ClassValue)
        and klass.name in _SELF_MATCHING
        and klass.definition is None
    ):
        return match_pattern(ev, positional[0], subject, env)
    names: Value = ()
    if positional:
        names = klass.find("__match_args__")
        if names is MISSING and klass.fields is not None:
            names = tuple(f.name for f in klass.fields if f.init)
        if names is MISSING or len(names) < len(positional):
            raise Stop("pattern")
    position = 0
    for item, name in zip(pattern.items, pattern.names, strict=True):
        if not name:
            name = names[position]
            position += 1
        try:
            value = ev.get_attribute(subject, name)
        except Thrown:
            return False
        if not match_pattern(ev, item, value, env):
            return False
    return True
