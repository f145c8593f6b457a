"""Python's builtin functions, and the constructors of its builtin types."""

from __future__ import annotations

import builtins
import collections
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from runfree.interpreter import python_types as types
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_methods import fill_mapping
from runfree.interpreter.python_mock_objects import is_mock, own_class
from runfree.interpreter.python_semantics import ABSTRACT_TYPES
from runfree.interpreter.python_types import CONTAINERS, EXCEPTIONS, MAPPINGS, SCALARS, class_of, type_name
from runfree.interpreter.values import (
    MISSING,
    BoundMethod,
    Builtin,
    ClassMethod,
    ClassValue,
    DefaultDict,
    FunctionValue,
    Instance,
    IteratorValue,
    ModuleValue,
    Property,
    StaticMethod,
    SuperValue,
    Thrown,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from runfree.interpreter.python_evaluator import PythonEvaluator

BUILTINS: dict[str, Value] = {}
Call = Callable[[Any, list[Value], dict[str, Value]], Value]


def builtin(name: str) -> Callable[[Call], Call]:
    """Registers a builtin function."""

    def register(call: Call) -> Call:
        BUILTINS[name] = Builtin(name, call)
        return call

    return register


def guard_unknown(call: Call) -> Call:
    """A function whose result is unknown as soon as an argument is."""

    def guarded(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        for value in (*a, *k.values()):
            if isinstance(value, Unknown):
                ev.risky(value.why)
                return Unknown(value.why, value.label)
        return call(ev, a, k)

    return guarded


def on_plain(name: str, function: Callable[..., Any]) -> Call:
    """A function of the standard library that runs on plain data only."""

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        a = [ev.raw(v) for v in a]
        values = (*a, *k.values())
        for value in values:
            if isinstance(value, Unknown):
                ev.risky(value.why)
                return Unknown(value.why, value.label)
        if not all(ev.plain(v) for v in values):
            ev.risky("builtin:" + name)
            for value in values:
                # It may ask objects of the user for what they are.
                ev.escape(value)
            return Unknown("builtin:" + name)
        result = ev.host(function, *a, **k)
        ev.charge(len(result) if hasattr(result, "__len__") else 1)
        return result

    return call


for _name in ("chr", "ord", "hex", "oct", "bin", "ascii", "divmod", "callable"):
    BUILTINS[_name] = Builtin(_name, on_plain(_name, getattr(builtins, _name)))


@builtin("print")
def _print(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    texts = [ev.text(v) for v in a]
    between, after = (k.get(n) for n in ("sep", "end"))
    between, after = " " if between is None else between, "\n" if after is None else after
    written: Value = Unknown("output", kind="str")
    if all(isinstance(t, str) for t in (*texts, between, after)):
        ev.charge(sum(map(len, texts)) + len(texts) * len(between))
        written = between.join(texts) + after
    target = k.get("file")
    if target is None:
        for name in ("sys.stdout.write", "sys.stdout"):
            target = ev.overridden.get(name, target)
        if target is not None:
            write = target if "sys.stdout.write" in ev.overridden else ev.get_attribute(target, "write")
            ev.call(write, [written], {})
            return None
    if target is None or (isinstance(target, Unknown) and target.label == "sys.stdout"):
        ev.output["out"].append(written)
    elif isinstance(target, Unknown):
        if target.label == "sys.stderr":
            ev.output["err"].append(written)
    else:
        ev.call(ev.get_attribute(target, "write"), [written], {})
    return None


@builtin("len")
def _len(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if len(a) != 1:
        raise ev.error("TypeError", f"len() takes exactly one argument ({len(a)} given)")
    value = a[0]
    if isinstance(value, Unknown):
        ev.risky(value.why)
        return value.length if value.length is not None else Unknown(value.why, kind="int", truth=value.truth)
    if type(value) is Instance:
        method = value.klass.find("__len__")
        if method is not MISSING:
            return ev.call(method, [value], {})
        value = ev.raw(value)
        if type(value) is Instance and value.klass.opaque:
            ev.risky("class:" + value.klass.opaque)
            return Unknown("class:" + value.klass.opaque, kind="int")
    if ev.murky and id(value) in ev.murky:
        return Unknown("content", kind="int")
    if type(value) is ClassValue and value.kind == "enum":
        return len(ev.collect(value))
    if not hasattr(type(value), "__len__"):
        raise ev.error("TypeError", f"object of type '{type_name(value)}' has no len()")
    return ev.host(len, value)


@builtin("isinstance")
def _isinstance(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    known = ev.is_instance(a[0], a[1])
    if known is None:
        why = next((v.why for v in a if isinstance(v, Unknown)), "isinstance")
        ev.reason(why)
        return Unknown(why, kind="bool")
    return known


@builtin("issubclass")
def _issubclass(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    choices = a[1] if isinstance(a[1], tuple) else (a[1],)
    if not isinstance(a[0], ClassValue) or a[0].opaque or not all(isinstance(c, ClassValue) for c in choices):
        ev.risky("issubclass")
        return Unknown("issubclass", kind="bool")
    if any(c in a[0].mro for c in choices):
        return True
    if any(c.find(n) is not MISSING for c in choices for n in ("__subclasshook__", "__subclasscheck__")):
        return Unknown("issubclass", kind="bool")
    return (
        Unknown("issubclass", kind="bool")
        if any(c.opaque or c.name in ABSTRACT_TYPES for c in choices)
        else False
    )


@builtin("callable")
def _callable(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0]
    if isinstance(value, Unknown):
        return Unknown(value.why, kind="bool")
    if type(value) is Instance:
        return value.klass.find("__call__") is not MISSING or (
            Unknown("class", kind="bool") if value.klass.opaque else False
        )
    return type(value) in (FunctionValue, Builtin, BoundMethod, ClassValue)


@builtin("range")
def _range(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    for value in a:
        if isinstance(value, Unknown):
            ev.risky(value.why)
            return Unknown(value.why, kind="range")
    return ev.host(range, *[ev.raw(v) for v in a])


BUILTINS["range"] = types.RANGE


def _fold(name: str, op: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if len(a) == 1 and isinstance(a[0], Unknown):
            ev.risky(a[0].why)
            return Unknown(a[0].why, a[0].label)
        items = ev.collect(a[0]) if len(a) == 1 else a
        if not items:
            if "default" in k:
                return k["default"]
            raise ev.error("ValueError", f"{name}() arg is an empty sequence")
        key = k.get("key")
        keys = items if key is None else [ev.call(key, [i], {}) for i in items]
        best = 0
        for position in range(1, len(items)):
            less = ev.order(op, keys[position], keys[best])
            if ev.truth_of(less) is None:
                return Unknown("order")
            if ev.truth_of(less):
                best = position
        return items[best]

    return call


BUILTINS["max"] = Builtin("max", _fold("max", ">"))
BUILTINS["min"] = Builtin("min", _fold("min", "<"))


@builtin("sum")
def _sum(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if isinstance(a[0], Unknown):
        ev.risky(a[0].why)
        return Unknown(a[0].why, a[0].label)
    items = ev.collect(a[0])
    start = a[1] if len(a) > 1 else k.get("start", 0)
    if all(type(i) in (int, float, bool) for i in items) and type(start) in (int, float):
        # CPython 3.12 adds floats with compensation, earlier ones do not: sums that differ are not known.
        plain = ev.host(sum, items, start)
        if any(type(i) is float for i in items) and math.fsum([start, *items]) != plain and len(items) > 2:
            return Unknown("float-sum", kind="float")
        return plain
    total = start
    if type(start) is str:
        raise ev.error("TypeError", "sum() can't sum strings [use ''.join(seq) instead]")
    for item in items:
        total = ev.binary("+", total, item)
    return total


@builtin("abs")
@guard_unknown
def _abs(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if type(a[0]) is Instance and a[0].klass.find("__abs__") is not MISSING:
        return ev.call(a[0].klass.find("__abs__"), a, {})
    value = ev.raw(a[0])
    if type(value) not in SCALARS:
        raise ev.error("TypeError", f"bad operand type for abs(): '{type_name(value)}'")
    return ev.host(abs, value)


@builtin("round")
@guard_unknown
def _round(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if type(a[0]) is Instance and a[0].klass.find("__round__") is not MISSING:
        return ev.call(a[0].klass.find("__round__"), a, {})
    if type(ev.raw(a[0])) not in SCALARS:
        raise ev.error("TypeError", f"type {type_name(a[0])} doesn't define __round__ method")
    digits = a[1] if len(a) > 1 else k.get("ndigits")
    if isinstance(digits, int) and abs(digits) > 400:
        raise Stop("budget:int")
    return ev.host(round, ev.raw(a[0]), digits) if digits is not None else ev.host(round, ev.raw(a[0]))


@builtin("pow")
@guard_unknown
def _pow(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if len(a) == 3:
        if not all(isinstance(v, int) and v.bit_length() < 512 for v in a):
            raise Stop("budget:int")
        return ev.host(pow, *a)
    return ev.binary("**", a[0], a[1])


@builtin("any")
def _any(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return any(ev.truth(v, default=False) for v in ev.iterate(a[0]))


@builtin("all")
def _all(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return all(ev.truth(v) for v in ev.iterate(a[0]))


@builtin("sorted")
def _sorted(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if isinstance(a[0], Unknown) or isinstance(k.get("reverse"), Unknown):
        ev.risky("sort")
        return Unknown("sort", kind="list")
    ordered = ev.sort(ev.collect(a[0]), k.get("key"), ev.truth(k.get("reverse", False)))
    return ordered if ordered is not None else Unknown("sort", kind="list")


def _stepped(ev: Any, source: Iterator[Value]) -> Iterator[Value]:
    for item in source:
        ev.step()
        yield item


@builtin("enumerate")
def _enumerate(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    start = a[1] if len(a) > 1 else k.get("start", 0)
    if not isinstance(start, int):
        raise Stop("enumerate")
    return IteratorValue(_stepped(ev, enumerate(ev.iterate(a[0]), start)), "enumerate")


@builtin("zip")
def _zip(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    sources = [ev.iterate(v) for v in a]
    if "strict" in k and k["strict"] is not False:
        columns = [list(_limited(ev, s)) for s in sources]
        if len({len(c) for c in columns}) > 1:
            raise Stop("zip-strict")
        return IteratorValue(iter(list(zip(*columns, strict=True))), "zip")
    return IteratorValue(_stepped(ev, zip(*sources, strict=False)), "zip")


def _limited(ev: Any, source: Iterator[Value]) -> Iterator[Value]:
    for count, item in enumerate(source):
        if count > ev.budget.items:
            raise Stop("budget:items")
        ev.step()
        yield item


@builtin("map")
def _map(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    sources = [ev.iterate(v) for v in a[1:]]
    return IteratorValue(
        (ev.call(a[0], list(v), {}) for v in _stepped(ev, zip(*sources, strict=False))), "map"
    )


@builtin("filter")
def _filter(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    source = _stepped(ev, ev.iterate(a[1]))
    if a[0] is None:
        return IteratorValue((v for v in source if ev.truth(v)), "filter")
    return IteratorValue((v for v in source if ev.truth(ev.call(a[0], [v], {}))), "filter")


@builtin("reversed")
def _reversed(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0]
    if type(value) is Instance:
        method = value.klass.find("__reversed__")
        if method is not MISSING:
            return ev.call(method, [value], {})
        if value.klass.find("__getitem__") is not MISSING:
            count = ev.call(BUILTINS["len"], [value], {})
            if not isinstance(count, int) or count > ev.budget.items:
                raise Stop("reversed")
            return IteratorValue((ev.get_index(value, i) for i in range(count - 1, -1, -1)), "reversed")
        value = ev.raw(value)
    if type(value) in (set, frozenset) or type(value) is IteratorValue:
        raise ev.error("TypeError", f"'{type_name(value)}' object is not reversible")
    if type(value) is range:
        return IteratorValue(iter(reversed(value)), "range_iterator")
    return IteratorValue(iter(ev.collect(value)[::-1]), "reversed")


@builtin("iter")
def _iter(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if len(a) == 2:

        def until() -> Iterator[Value]:
            while True:
                ev.step()
                value = ev.call(a[0], [], {})
                if ev.truth(ev.equal(value, a[1])):
                    return
                yield value

        return IteratorValue(until(), "callable_iterator")
    if type(a[0]) is Instance and a[0].klass.find("__iter__") is not MISSING:
        made = ev.call(a[0].klass.find("__iter__"), [a[0]], {})
        ev.check_iterator(made)
        return made
    return ev.make_iterator(a[0])


@builtin("next")
def _next(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0]
    default = a[1] if len(a) > 1 else MISSING
    if isinstance(value, Unknown):
        ev.risky(value.why)
        return Unknown(value.why, value.label)
    if type(value) is Instance and value.klass.find("__next__") is not MISSING:
        try:
            return ev.call(value.klass.find("__next__"), [value], {})
        except Thrown as thrown:
            stop = type(thrown.value) is Instance and EXCEPTIONS["StopIteration"] in thrown.value.klass.mro
            if stop and default is not MISSING:
                return default
            raise
    if type(value) is not IteratorValue:
        raise ev.error("TypeError", f"'{type_name(value)}' object is not an iterator")
    return ev.next_of(value, default)


def _attribute_error(thrown: Thrown) -> bool:
    return type(thrown.value) is Instance and EXCEPTIONS["AttributeError"] in thrown.value.klass.mro


@builtin("getattr")
def _getattr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not isinstance(a[1], str):
        if not isinstance(a[1], Unknown):
            raise ev.error("TypeError", f"attribute name must be string, not '{type_name(a[1])}'")
        ev.risky("getattr")
        return Unknown("getattr")
    if len(a) < 3:
        return ev.get_attribute(a[0], a[1])
    if isinstance(a[0], Unknown):
        return Unknown(a[0].why, a[0].label)
    try:
        return ev.get_attribute(a[0], a[1])
    except Thrown as thrown:
        if _attribute_error(thrown):
            return a[2]
        raise


@builtin("hasattr")
def _hasattr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if isinstance(a[0], Unknown) or not isinstance(a[1], str):
        return Unknown("hasattr", kind="bool")
    value, name = a[0], a[1]
    opaque = value.klass.opaque if type(value) is Instance else ""
    if opaque and name not in value.attrs and value.klass.find(name) is MISSING:
        return Unknown("class:" + opaque, kind="bool")
    if type(value) is ModuleValue and value.open and name not in value.env.vars:
        # Names of modules that are not modelled in full differ between systems and versions.
        return Unknown("hasattr", kind="bool")
    try:
        found = ev.get_attribute(a[0], a[1])
    except Thrown as thrown:
        if _attribute_error(thrown):
            return False
        raise
    if isinstance(found, Unknown) and found.why.startswith("attribute"):
        return Unknown("hasattr", kind="bool")
    return True


@builtin("setattr")
def _setattr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not isinstance(a[1], str):
        raise Stop("setattr")
    ev.set_attribute(a[0], a[1], a[2])


@builtin("delattr")
def _delattr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not isinstance(a[1], str):
        raise Stop("delattr")
    ev.delete_attribute(a[0], a[1])


@builtin("repr")
def _repr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.show(a[0])


@builtin("format")
def _format(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.format_value(a[0], "", a[1] if len(a) > 1 else "")


@builtin("hash")
def _hash(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if type(a[0]) is Instance:
        method = a[0].klass.find("__hash__")
        if method is None:
            raise ev.error("TypeError", f"unhashable type: '{a[0].klass.name}'")
        if method is not MISSING:
            return ev.call(method, [a[0]], {})
    if not isinstance(a[0], Unknown):
        ev.key(a[0])
        if type(a[0]) in (int, bool):
            return hash(a[0])
    # Equal values must have equal hashes, which an unknown number would not show; a fresh unknown says no more.
    return Unknown("hash", kind="int")


@builtin("id")
def _id(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return Unknown("id", kind="int", truth=True)


@builtin("vars")
def _vars(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.get_attribute(a[0], "__dict__")


@builtin("dir")
def _dir(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return Unknown("builtin:dir", kind="list", truth=True)


@builtin("super")
def _super(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if len(a) == 2 and isinstance(a[0], ClassValue):
        klass = a[1] if isinstance(a[1], ClassValue) else class_of(a[1])
        if klass is not None:
            return SuperValue(a[0], klass, a[1])
    raise Stop("super")


@builtin("property")
def _property(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    names = ("fget", "fset", "fdel")
    parts = [a[i] if len(a) > i else k.get(n) for i, n in enumerate(names)]
    return Property(parts[0], parts[1], parts[2])


@builtin("staticmethod")
def _staticmethod(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return StaticMethod(a[0])


@builtin("classmethod")
def _classmethod(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ClassMethod(a[0])


BUILTINS.update(EXCEPTIONS)
BUILTINS["NotImplemented"] = NotImplemented
BUILTINS["Ellipsis"] = ...
BUILTINS["__debug__"] = True
for _klass in (
    types.OBJECT, types.TYPE, types.INT, types.BOOL, types.FLOAT, types.COMPLEX, types.STR, types.BYTES,
    types.BYTEARRAY, types.LIST, types.TUPLE, types.DICT, types.SET, types.FROZENSET, types.SLICE,
    types.MEMORYVIEW,
):  # fmt: skip
    BUILTINS[_klass.name] = _klass


# -- constructors ---------------------------------------------------------------------------------------------------


def construct_builtin(ev: PythonEvaluator, klass: ClassValue, a: list[Value], k: dict[str, Value]) -> Value:
    """A value of a builtin class.

    Raises:
        Thrown: what Python raises for these arguments. Stop: the class is not modelled.
    """
    maker = _MAKERS.get(klass.name)
    if maker is not None:
        return maker(ev, a, k)
    if klass.host is not None and klass.host in SCALARS:
        for value in (*a, *k.values()):
            if isinstance(value, Unknown):
                ev.risky(value.why)
                return Unknown(value.why, value.label, kind=klass.name)
        plain = [ev.raw(v) for v in a]
        if not all(ev.plain(v) for v in (*plain, *k.values())):
            return Unknown("construct:" + klass.name, kind=klass.name)
        return ev.host(klass.host, *plain, **k)
    if klass.opaque:
        return ev.call_unknown(Unknown("class:" + klass.opaque, klass.name), a, k)
    raise Stop("construct:" + klass.name)


def _make_number(host: Any, dunder: str) -> Call:
    def make(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if a and type(a[0]) is Instance:
            for name in (dunder, "__index__"):
                method = a[0].klass.find(name)
                if method is not MISSING:
                    return ev.call(method, [a[0]], {})
        plain = [ev.raw(v) for v in a]
        for value in plain:
            if isinstance(value, Unknown):
                ev.risky(value.why)
                return Unknown(value.why, value.label, kind=host.__name__)
        if plain and type(plain[0]) not in SCALARS:
            raise ev.error(
                "TypeError",
                f"{'int() argument must be a string, a bytes-like object or a real number' if host is int else 'float() argument must be a string or a real number'}, not '{type_name(plain[0])}'",
            )
        if plain and isinstance(plain[0], (str, bytes)) and len(plain[0]) > 4000:
            raise Stop("budget:int")
        return ev.host(host, *plain, **k)

    return make


def _make_str(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not a:
        return ""
    if len(a) > 1 or k:
        return on_plain("str", str)(ev, a, k)
    return ev.text(a[0])


def _make_bool(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not a:
        return False
    known = ev.truth_of(a[0])
    if known is None:
        return ev.truth(a[0])
    return known


def _make_list(kind: Any) -> Call:
    def make(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if not a:
            return kind()
        if isinstance(a[0], Unknown):
            ev.risky(a[0].why)
            result = Unknown(a[0].why, a[0].label, kind=kind.__name__)
            result.length = a[0].length
            return result
        if ev.murky and id(a[0]) in ev.murky:
            return Unknown("content", kind=kind.__name__)
        items = ev.collect(a[0])
        if kind in (set, frozenset):
            items = [ev.key(i) for i in items]
        return kind(items)

    return make


def _make_dict(kind: Any) -> Call:
    def make(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        result = kind()
        fill_mapping(ev, result, a, k)
        return result

    return make


def _make_defaultdict(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    result = DefaultDict()
    result.factory = a[0] if a else None
    fill_mapping(ev, result, a[1:], k)
    return result


def _make_deque(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    limit = a[1] if len(a) > 1 else k.get("maxlen")
    if isinstance(limit, Unknown):
        raise Stop("deque")
    return ev.host(collections.deque, ev.collect(a[0]) if a else [], limit)


def _make_bytes(kind: Any) -> Call:
    def make(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if a and isinstance(a[0], int) and a[0] > ev.budget.text:
            raise Stop("budget:size")
        if a and type(a[0]) is IteratorValue:
            a = [ev.collect(a[0]), *a[1:]]
        if len(a) == 1 and type(a[0]) is Instance and kind is bytes:
            method = a[0].klass.find("__bytes__")
            if method is not MISSING:
                made = ev.call(method, a, {})
                if isinstance(made, (bytes, Unknown)):
                    return made
                raise ev.error("TypeError", f"__bytes__ returned non-bytes (type {type_name(made)})")
        return on_plain("bytes", kind)(ev, a, k)

    return make


def _make_type(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if len(a) != 1:
        raise Stop("type-call")
    if isinstance(a[0], Unknown):
        return Unknown(a[0].why, f"type({a[0].label})" if a[0].label else "")
    if is_mock(a[0]):
        return own_class(a[0])
    return class_of(a[0]) or Unknown("type")


def _make_object(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return Instance(types.OBJECT)


_MAKERS: dict[str, Call] = {
    "int": _make_number(int, "__int__"), "float": _make_number(float, "__float__"), "str": _make_str,
    "bool": _make_bool, "list": _make_list(list), "tuple": _make_list(tuple), "set": _make_list(set),
    "frozenset": _make_list(frozenset), "dict": _make_dict(dict),
    "OrderedDict": _make_dict(collections.OrderedDict), "Counter": _make_dict(collections.Counter),
    "defaultdict": _make_defaultdict, "deque": _make_deque, "bytes": _make_bytes(bytes),
    "bytearray": _make_bytes(bytearray), "type": _make_type, "object": _make_object, "range": _range,
}  # fmt: skip


def _fromkeys(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return {ev.key(i): a[1] if len(a) > 1 else None for i in ev.collect(a[0])}


def _utc_only(function: Callable[..., Any]) -> Call:
    return on_plain("datetime", function)


def find_class_builtin(ev: PythonEvaluator, klass: ClassValue, name: str) -> Value:
    """A class method of a builtin class, None where there is none."""
    host = klass.base_host()
    if name == "fromkeys" and host is dict:
        return Builtin(name, _fromkeys)
    if name == "__new__":
        return Builtin(name, lambda e, a, k: e.blank(a[0], a[1:], k))
    if name == "__init__" and klass.kind == "exception":
        return Builtin(name, _set_exception_arguments)
    if klass is types.OBJECT and name in _OBJECT_METHODS:
        return Builtin(name, _OBJECT_METHODS[name])
    if host is not None and (host.__name__, name) in _CLASS_METHODS:
        return Builtin(name, on_plain(name, getattr(host, name)))
    return None


def _object_set(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    receiver, name, new = a
    if type(receiver) is not Instance or not isinstance(name, str):
        raise Stop("object.__setattr__")
    found = receiver.klass.find(name)
    if type(found) is Property and not found.cached:
        if found.setter is None:
            raise ev.error(
                "AttributeError", f"property '{name}' of '{receiver.klass.name}' object has no setter"
            )
        ev.call(found.setter, [receiver, new], {})
    else:
        receiver.attrs[name] = new


def _object_delete(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    receiver, name = a
    if type(receiver) is not Instance:
        raise Stop("object.__delattr__")
    if name not in receiver.attrs:
        raise ev.error("AttributeError", str(name))
    del receiver.attrs[name]


def _object_get(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    receiver, name = a
    if type(receiver) is not Instance or not isinstance(name, str) or receiver.klass.kind == "mock":
        raise Stop("object.__getattribute__")
    found = receiver.klass.find(name)
    if not (type(found) is Property and not found.cached) and name in receiver.attrs:
        return receiver.attrs[name]
    if found is not MISSING:
        return ev.bind(found, receiver, receiver.klass)
    if name in ("__dict__", "__class__"):
        return receiver.attrs if name == "__dict__" else receiver.klass
    if receiver.klass.opaque or receiver.payload is not MISSING or name.startswith("__"):
        raise Stop("object.__getattribute__")
    raise ev.error("AttributeError", f"'{receiver.klass.name}' object has no attribute '{name}'")


_OBJECT_METHODS: dict[str, Call] = {
    "__setattr__": _object_set, "__delattr__": _object_delete, "__getattribute__": _object_get,
    "__init__": lambda ev, a, k: None, "__eq__": lambda ev, a, k: True if a[0] is a[1] else NotImplemented,
    "__ne__": lambda ev, a, k: False if a[0] is a[1] else NotImplemented,
    "__hash__": lambda ev, a, k: Unknown("hash", kind="int"), "__repr__": lambda ev, a, k: Unknown("repr", kind="str", truth=True),
}  # fmt: skip
_CLASS_METHODS = {
    ("datetime", n) for n in ("fromisoformat", "strptime", "combine", "fromordinal", "min", "max")
} | {
    ("date", "fromisoformat"), ("date", "fromordinal"), ("time", "fromisoformat"), ("int", "from_bytes"),
    ("bytes", "fromhex"), ("float", "fromhex"), ("str", "maketrans"), ("Fraction", "from_float"),
}  # fmt: skip


def _set_exception_arguments(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if type(a[0]) is Instance:
        a[0].attrs["args"] = tuple(a[1:])


def find_super_builtin(ev: PythonEvaluator, value: SuperValue, name: str) -> Value:
    """A member that a builtin base class gives to `super()`."""
    receiver, klass = value.receiver, value.klass
    if name == "__init__":

        def initialise(e: Any, a: list[Value], k: dict[str, Value]) -> Value:
            if klass.kind == "exception":
                receiver.attrs["args"] = tuple(a)
            elif type(receiver) is Instance and type(receiver.payload) in (list, set):
                receiver.payload.clear()
                if a:
                    items = e.collect(a[0])
                    if type(receiver.payload) is set:
                        receiver.payload.update(e.key(i) for i in items)
                    else:
                        receiver.payload.extend(items)
            elif type(receiver) is Instance and type(receiver.payload) is DefaultDict:
                receiver.payload.factory = a[0] if a else None
                fill_mapping(e, receiver.payload, a[1:], k)
            elif type(receiver) is Instance and type(receiver.payload) in MAPPINGS:
                fill_mapping(e, receiver.payload, a, k)
            elif (a or k) and klass.base_host() is None:
                raise e.error(
                    "TypeError", "object.__init__() takes exactly one argument (the instance to initialize)"
                )
            return None

        return Builtin(name, initialise)
    if name == "__new__":
        return Builtin(name, lambda e, a, k: e.blank(a[0], a[1:], k))
    if name in ("__init_subclass__", "__set_name__"):
        return Builtin(name, lambda e, a, k: None)
    if name == "__setattr__":

        def assign(e: Any, a: list[Value], k: dict[str, Value]) -> Value:
            if klass.frozen:
                raise e.throw(e.frozen_error(f"cannot assign to field '{a[0]}'"))
            receiver.attrs[a[0]] = a[1]

        return Builtin(name, assign)
    if type(receiver) is Instance:
        if name == "__getattribute__":
            raise Stop("getattribute")
        if name == "__eq__":
            return Builtin(name, lambda e, a, k: True if a[0] is receiver else NotImplemented)
        if klass.kind == "exception" and name == "__str__":
            return Builtin(name, lambda e, a, k: e.exception_text(receiver))
        if receiver.payload is not MISSING:
            payload = receiver.payload
            if type(payload) in SCALARS or type(payload) in CONTAINERS:
                return ev.get_attribute(payload, name)
        if name in ("__str__", "__repr__", "__hash__", "__format__"):
            return Builtin(name, lambda e, a, k: Unknown("object" + name, truth=True))
        raise ev.error("AttributeError", f"'super' object has no attribute '{name}'")
    return Unknown("super:" + name)
