"""Methods of Python's builtin values: tables of names that are safe to run on plain data, and those of our own."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import pathlib
import re
import types
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_types import CONTAINERS, MAPPINGS, SCALARS, type_name
from runfree.interpreter.values import MISSING, Builtin, DefaultDict, Instance, Unknown, Value

if TYPE_CHECKING:
    from runfree.interpreter.python_attributes import PythonAttributes

_STR = (
    "capitalize casefold center count encode endswith expandtabs find index isalnum isalpha isascii isdecimal isdigit "
    "isidentifier islower isnumeric isprintable isspace istitle isupper ljust lower lstrip partition removeprefix "
    "removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "translate upper zfill"
)
_BYTES = _STR.replace("encode", "decode hex").replace("casefold ", "")
# Methods that only read, or that change nothing but their own receiver, run by the standard library on plain data.
PURE: dict[type, frozenset[str]] = {
    str: frozenset(_STR.split()),
    bytes: frozenset(_BYTES.split()),
    bytearray: frozenset((_BYTES + " append extend").split()),
    int: frozenset(["bit_length", "bit_count", "to_bytes", "conjugate", "is_integer", "as_integer_ratio"]),
    bool: frozenset(["bit_length", "conjugate", "as_integer_ratio"]),
    float: frozenset(["is_integer", "as_integer_ratio", "hex", "conjugate"]),
    complex: frozenset({"conjugate"}),
    range: frozenset(["count", "index"]),
    slice: frozenset({"indices"}),
    tuple: frozenset(),
    list: frozenset(),
    set: frozenset(),
    frozenset: frozenset(),
    datetime.date: frozenset(
        [
            "isoformat",
            "isoweekday",
            "weekday",
            "strftime",
            "replace",
            "toordinal",
            "timetuple",
            "ctime",
            "isocalendar",
        ]
    ),
    datetime.datetime: frozenset(
        [
            "isoformat",
            "isoweekday",
            "weekday",
            "strftime",
            "replace",
            "toordinal",
            "date",
            "time",
            "timetz",
            "utcoffset",
            "tzname",
            "dst",
            "ctime",
            "isocalendar",
        ]
    ),
    datetime.time: frozenset(["isoformat", "strftime", "replace", "utcoffset", "tzname", "dst"]),
    datetime.timedelta: frozenset({"total_seconds"}),
    datetime.timezone: frozenset(["utcoffset", "tzname", "dst"]),
    decimal.Decimal: frozenset(
        [
            "quantize",
            "normalize",
            "as_tuple",
            "is_zero",
            "is_nan",
            "is_finite",
            "is_infinite",
            "is_signed",
            "copy_abs",
            "copy_negate",
            "compare",
            "to_integral_value",
            "to_integral",
            "adjusted",
            "as_integer_ratio",
        ]
    ),
    fractions.Fraction: frozenset(["limit_denominator", "as_integer_ratio"]),
    re.Match: frozenset(["group", "groups", "groupdict", "start", "end", "span", "expand"]),
    re.Pattern: frozenset(),
    uuid.UUID: frozenset(),
    memoryview: frozenset({"tobytes", "hex", "tolist"}),
    pathlib.PurePosixPath: frozenset(
        [
            "as_posix",
            "is_absolute",
            "joinpath",
            "with_name",
            "with_suffix",
            "with_stem",
            "relative_to",
            "is_relative_to",
            "match",
        ]
    ),
}
_FIELDS: dict[type, frozenset[str]] = {
    int: frozenset(["real", "imag", "numerator", "denominator"]),
    bool: frozenset(["real", "imag", "numerator", "denominator"]),
    float: frozenset(["real", "imag"]),
    complex: frozenset(["real", "imag"]),
    range: frozenset(["start", "stop", "step"]),
    slice: frozenset(["start", "stop", "step"]),
    datetime.date: frozenset(["year", "month", "day"]),
    datetime.datetime: frozenset(
        ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"]
    ),
    datetime.time: frozenset(["hour", "minute", "second", "microsecond", "tzinfo", "fold"]),
    datetime.timedelta: frozenset(["days", "seconds", "microseconds"]),
    fractions.Fraction: frozenset(["numerator", "denominator"]),
    re.Match: frozenset(["string", "pos", "endpos", "lastindex", "lastgroup", "re"]),
    re.Pattern: frozenset(["pattern", "flags", "groups", "groupindex"]),
    uuid.UUID: frozenset(["hex", "int", "version", "bytes"]),
    pathlib.PurePosixPath: frozenset(
        ["name", "stem", "suffix", "suffixes", "parent", "parts", "anchor", "root"]
    ),
    collections.deque: frozenset({"maxlen"}),
    memoryview: frozenset({"nbytes", "itemsize", "format", "ndim", "readonly"}),
}
_DUNDERS: dict[str, Callable[..., Any]] = {
    "__len__": len, "__str__": str, "__repr__": repr, "__hash__": hash,
}  # fmt: skip


def method_of(ev: PythonAttributes, value: Any, name: str) -> Value:
    """A member of a builtin value.

    Raises:
        Thrown: an AttributeError, where Python has no such member either.
    """
    kind = type(value)
    if name in _FIELDS.get(kind, ()):
        return getattr(value, name)
    if name in PURE.get(kind, ()):
        return Builtin(name, _pure(value, name))
    table = _TABLES.get(kind)
    if table is not None and name in table:
        method = table[name]
        return Builtin(name, lambda e, a, k: method(e, value, a, k))
    if kind is DefaultDict and name == "default_factory":
        return value.factory
    if name == "__class__":
        return ev.get_attribute(value, name)
    if name in _SPECIAL:
        special = _SPECIAL[name]
        return Builtin(name, lambda e, a, k: special(e, value, a))
    host = collections.defaultdict if kind is DefaultDict else kind
    host = pathlib.PosixPath if kind is pathlib.PurePosixPath else host
    if not hasattr(host, name):
        raise ev.no_attribute(value, name)
    return Unknown("method:" + type_name(value) + "." + name)


def _pure(value: Any, name: str) -> Callable[[Any, list[Value], dict[str, Value]], Value]:
    def call(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        arguments = [ev.raw(a) for a in arguments]
        for argument in (*arguments, *keywords.values()):
            if isinstance(argument, Unknown):
                ev.risky(argument.why)
                return Unknown(
                    argument.why, argument.label, kind=type_name(value) if name in _SAME_KIND else ""
                )
        if not all(ev.plain(a) for a in arguments) or not all(ev.plain(a) for a in keywords.values()):
            ev.risky("method:" + name)
            for argument in (*arguments, *keywords.values()):
                ev.escape(argument)
            return Unknown("method:" + name)
        if name in _GROWING:
            _bound(ev, value, name, arguments)
        result = ev.host(getattr(value, name), *arguments, **keywords)
        ev.charge(len(result) if hasattr(result, "__len__") else 1)
        return result

    return call


_SAME_KIND = frozenset(
    [
        "strip",
        "lower",
        "upper",
        "replace",
        "title",
        "capitalize",
        "lstrip",
        "rstrip",
        "removeprefix",
        "removesuffix",
    ]
)
_GROWING = frozenset(
    [
        "center",
        "ljust",
        "rjust",
        "zfill",
        "expandtabs",
        "replace",
        "translate",
        "to_bytes",
        "strftime",
        "expand",
    ]
)


def _bound(ev: Any, value: Any, name: str, arguments: list[Any]) -> None:
    """Stops before a method would make a giant result."""
    limit = ev.budget.text
    if name == "replace" and isinstance(value, (str, bytes)) and len(arguments) >= 2:
        if hasattr(arguments[1], "__len__") and (len(value) + 1) * (len(arguments[1]) + 1) > limit * 4:
            raise Stop("budget:size")
    elif name == "expandtabs":
        width = arguments[0] if arguments else 8
        if not isinstance(width, int) or width * (len(value) + 1) > limit:
            raise Stop("budget:size")
    elif name in ("translate", "expand"):
        sizes = sum(len(v) for v in arguments[0].values() if isinstance(v, str)) if name == "translate" and isinstance(
            arguments[0], dict
        ) else len(arguments[0]) if isinstance(arguments[0], str) else 0  # fmt: skip
        if sizes * 8 > limit or (isinstance(value, str) and len(value) * max(sizes, 1) > limit * 4):
            raise Stop("budget:size")
    elif (arguments and isinstance(arguments[0], int) and arguments[0] > limit) or (
        name == "strftime" and len(str(arguments[0])) > 200
    ):
        raise Stop("budget:size")


Method = Callable[[Any, Any, list[Value], dict[str, Value]], Value]


def _argument(
    ev: Any, arguments: list[Value], keywords: dict[str, Value], position: int, default: Value
) -> Value:
    if len(arguments) > position:
        return arguments[position]
    return next(iter(keywords.values())) if keywords and default is not MISSING else default


def _count(ev: Any, name: str, arguments: list[Value], low: int, high: int) -> None:
    if not low <= len(arguments) <= high:
        if low == high == 1:
            raise ev.error("TypeError", f"{name}() takes exactly one argument ({len(arguments)} given)")
        raise ev.error("TypeError", f"{name} expected at least {low} argument, got {len(arguments)}")


# -- lists ------------------------------------------------------------------------------------------------------------


def _list_append(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "list.append", a, 1, 1)
    v.append(a[0])
    ev.charge(1)
    if len(v) > ev.budget.items:
        raise Stop("budget:items")


def _list_extend(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "list.extend", a, 1, 1)
    if isinstance(a[0], Unknown):
        ev.risky(a[0].why)
        ev.muddle(v)
        return
    v.extend(ev.collect(a[0]))
    if len(v) > ev.budget.items:
        raise Stop("budget:items")


def _list_insert(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "insert", a, 2, 2)
    if isinstance(a[0], Unknown):
        ev.muddle(v)
        return
    ev.host(v.insert, a[0], a[1])
    ev.charge(1)


def _find(ev: Any, v: Any, item: Value, start: int = 0, stop: int | None = None) -> int | None:
    """Index of the first equal element, None if absent.

    Raises:
        Stop: whether an element is equal is not known.
    """
    for position, element in enumerate(v):
        ev.step()
        if position < start or (stop is not None and position >= stop):
            continue
        if element is item and not isinstance(item, Unknown):
            return position
        same = ev.truth_of(ev.equal(element, item))
        if same is None:
            raise Stop("element")
        if same:
            return position
    return None


def _list_remove(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "list.remove", a, 1, 1)
    found = _find(ev, v, a[0])
    if found is None:
        raise ev.error("ValueError", f"{type_name(v)}.remove(x): x not in {type_name(v)}")
    del v[found]


def _list_index(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    limits = [x if isinstance(x, int) else None for x in a[1:]]
    if None in limits:
        raise Stop("index")
    low, high = ([x + len(v) if x is not None and x < 0 else x for x in limits] + [None, None])[:2]
    found = _find(ev, v, a[0], low or 0, high)
    if found is None:
        if not ev.plain(a[0]):
            raise ev.error("ValueError")
        raise ev.error(
            "ValueError", "tuple.index(x): x not in tuple" if type(v) is tuple else f"{a[0]!r} is not in list"
        )
    return found


def _list_count(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "count", a, 1, 1)
    answers = [ev.truth_of(ev.equal(e, a[0])) for e in v]
    ev.step(len(v))
    return sum(map(bool, answers)) if None not in answers else Unknown("element", kind="int")


def _list_pop(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if a and isinstance(a[0], Unknown):
        ev.risky(a[0].why)
        ev.muddle(v)
        return Unknown(a[0].why)
    return ev.host(v.pop, *a)


def _list_sort(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    reverse = ev.truth(k.get("reverse", False))
    ordered = ev.sort(list(v), k.get("key"), reverse)
    if ordered is None:
        ev.muddle(v)
    else:
        v[:] = ordered


def _simple(name: str) -> Method:
    def call(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if any(isinstance(x, Unknown) for x in a):
            ev.risky("method:" + name)
            ev.muddle(v)
            return Unknown("method:" + name)
        if hasattr(v, "__len__"):
            ev.charge(len(v))
        return ev.host(getattr(v, name), *a, **k)

    return call


# -- dictionaries -----------------------------------------------------------------------------------------------------


def _dict_get(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "get", a, 1, 2)
    default = a[1] if len(a) > 1 else None
    if isinstance(a[0], Unknown):
        return Unknown(a[0].why, a[0].label)
    return v.get(ev.key(a[0]), default)


def _dict_pop(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "pop", a, 1, 2)
    if isinstance(a[0], Unknown):
        ev.risky(a[0].why)
        ev.muddle(v)
        return Unknown(a[0].why)
    key = ev.key(a[0])
    if key in v:
        return v.pop(key)
    if len(a) > 1:
        return a[1]
    raise ev.error("KeyError", a[0])


def _dict_setdefault(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.charge(1)
    if isinstance(a[0], Unknown):
        ev.muddle(v)
        return Unknown(a[0].why)
    return v.setdefault(ev.key(a[0]), a[1] if len(a) > 1 else None)


def fill_mapping(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> None:
    """What `dict(...)` and `dict.update(...)` do with their arguments."""
    if len(a) > 1:
        raise ev.error("TypeError", f"update expected at most 1 argument, got {len(a)}")
    source: Any = ev.raw(a[0]) if a else None
    if isinstance(source, Unknown):
        ev.risky(source.why)
        ev.muddle(v)
    elif type(source) in MAPPINGS:
        if ev.murky and id(source) in ev.murky:
            ev.muddle(v)
        if type(v) is collections.Counter:
            ev.host(v.update, source)
        else:
            dict.update(v, source)
    elif type(source) is Instance and (
        source.klass.opaque or "keys" in source.attrs or source.klass.find("keys") is not MISSING
    ):
        names = ev.call(ev.get_attribute(source, "keys"), [], {})
        for name in ev.collect(names):
            v[ev.key(name)] = ev.get_index(source, name)
    elif source is not None or a:
        if type(v) is collections.Counter:
            for item in ev.collect(source):
                v[ev.key(item)] += 1
        else:
            for pair in ev.collect(source):
                items = ev.collect(pair)
                if len(items) != 2:
                    raise ev.error(
                        "ValueError",
                        f"dictionary update sequence element #0 has length {len(items)}; 2 is required",
                    )
                v[ev.key(items[0])] = items[1]
    for name, item in k.items():
        v[name] = item
    ev.charge(len(v))


def _dict_update(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    fill_mapping(ev, v, a, k)


def _most_common(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return (
        ev.host(v.most_common, *a) if all(ev.plain(x) for x in v.values()) else Unknown("method:most_common")
    )


def _elements(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not ev.plain(v) or sum(x for x in v.values() if isinstance(x, int)) > ev.budget.items:
        raise Stop("budget:items")
    return list(v.elements())


# -- sets -------------------------------------------------------------------------------------------------------------


def _set_add(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "set.add", a, 1, 1)
    ev.charge(1)
    v.add(ev.key(a[0]))


def _set_discard(name: str) -> Method:
    def call(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
        _count(ev, "set." + name, a, 1, 1)
        return ev.host(getattr(v, name), ev.key(a[0]))

    return call


def _set_combine(name: str) -> Method:
    def call(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
        others = []
        for value in a:
            if isinstance(value, Unknown):
                ev.risky(value.why)
                if name.endswith("update"):
                    ev.muddle(v)
                return Unknown(value.why, value.label)
            others.append({ev.key(x) for x in ev.collect(value)})
        result = getattr(v, name)(*others)
        ev.charge(len(v))
        return result

    return call


# -- strings and the rest ---------------------------------------------------------------------------------------------


def _str_join(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _count(ev, "str.join", a, 1, 1)
    if isinstance(a[0], Unknown):
        ev.risky(a[0].why)
        return Unknown(a[0].why, a[0].label, kind=type_name(v))
    items = [ev.raw(x) for x in ev.collect(a[0])]
    unknown = next((x for x in items if isinstance(x, Unknown)), None)
    if unknown is not None:
        ev.risky(unknown.why)
        return Unknown(unknown.why, unknown.label, kind=type_name(v))
    ev.charge(sum(len(x) for x in items if isinstance(x, (str, bytes))) + len(v) * len(items))
    for position, item in enumerate(items):
        if type(item) is not type(v):
            raise ev.error(
                "TypeError", f"sequence item {position}: expected str instance, {type_name(item)} found"
            )
    return v.join(items)


_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::([^{}]*))?\}|[{}]")


def _str_format(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    parts: list[str] = []
    last = automatic = 0
    unknown: Unknown | None = None
    for match in _FIELD.finditer(v):
        parts.append(v[last : match.start()])
        last = match.end()
        whole = match.group(0)
        if whole in ("{{", "}}"):
            parts.append(whole[0])
            continue
        if whole in "{}" and len(whole) == 1:
            raise Stop("format")
        steps = re.split(r"(\.|\[)", match.group(1))
        head = steps[0]
        if head == "":
            head, automatic = str(automatic), automatic + 1
        if head.isdigit():
            if int(head) >= len(a):
                raise ev.error(
                    "IndexError", f"Replacement index {head} out of range for positional args tuple"
                )
            value = a[int(head)]
        elif head in k:
            value = k[head]
        else:
            raise ev.error("KeyError", head)
        for kind, name in zip(steps[1::2], steps[2::2], strict=True):
            if kind == ".":
                value = ev.get_attribute(value, name)
            else:
                key = name.rstrip("]")
                value = ev.get_index(value, int(key) if key.isdigit() else key)
        text = ev.format_value(value, match.group(2) or "", match.group(3) or "")
        if isinstance(text, Unknown):
            unknown = text
        else:
            parts.append(text)
    if unknown is not None:
        return Unknown(unknown.why, unknown.label, kind="str")
    parts.append(v[last:])
    ev.charge(sum(map(len, parts)))
    return "".join(parts)


def _named_tuple(ev: Any, v: Any, a: list[Value]) -> Value:
    return v


def _deque_append(name: str) -> Method:
    def call(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
        ev.charge(1)
        values = ev.collect(a[0]) if name.startswith("extend") else a[0]
        getattr(v, name)(values)
        if len(v) > ev.budget.items:
            raise Stop("budget:items")

    return call


def _rotate(ev: Any, v: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.host(v.rotate, *a)


_LIST: dict[str, Method] = {
    "append": _list_append, "extend": _list_extend, "insert": _list_insert, "remove": _list_remove,
    "index": _list_index, "count": _list_count, "pop": _list_pop, "sort": _list_sort, "reverse": _simple("reverse"),
    "clear": _simple("clear"), "copy": _simple("copy"),
}  # fmt: skip
_DICT: dict[str, Method] = {
    "get": _dict_get, "pop": _dict_pop, "setdefault": _dict_setdefault, "update": _dict_update,
    "keys": _simple("keys"), "values": _simple("values"), "items": _simple("items"), "clear": _simple("clear"),
    "copy": _simple("copy"), "popitem": _simple("popitem"), "move_to_end": _simple("move_to_end"),
}  # fmt: skip
_COMBINE = [
    "union",
    "intersection",
    "difference",
    "symmetric_difference",
    "issubset",
    "issuperset",
    "isdisjoint",
]
_FROZEN: dict[str, Method] = {name: _set_combine(name) for name in _COMBINE}
_FROZEN["copy"] = _simple("copy")
_SET: dict[str, Method] = {
    **_FROZEN,
    **{n: _set_combine(n) for n in ["update", "intersection_update", "difference_update", "symmetric_difference_update"]},
    "add": _set_add, "discard": _set_discard("discard"), "remove": _set_discard("remove"), "clear": _simple("clear"),
}  # fmt: skip
_DEQUE: dict[str, Method] = {
    **{n: _deque_append(n) for n in ("append", "appendleft", "extend", "extendleft")},
    "pop": _list_pop, "popleft": _simple("popleft"), "clear": _simple("clear"), "rotate": _rotate,
    "copy": _simple("copy"), "remove": _list_remove, "index": _list_index, "count": _list_count,
    "reverse": _simple("reverse"),
}  # fmt: skip
_TABLES: dict[type, dict[str, Method]] = {
    list: _LIST, tuple: {"index": _list_index, "count": _list_count}, dict: _DICT, collections.OrderedDict: _DICT,
    DefaultDict: {n: m for n, m in _DICT.items() if n != "move_to_end"}, types.MappingProxyType: _DICT,
    collections.Counter: {**_DICT, "most_common": _most_common, "elements": _elements, "total": _simple("total")},
    set: _SET, frozenset: _FROZEN, collections.deque: _DEQUE,
    str: {"join": _str_join, "format": _str_format}, bytes: {"join": _str_join},
}  # fmt: skip
del _DICT["move_to_end"]
_TABLES[collections.OrderedDict] = {**_DICT, "move_to_end": _simple("move_to_end")}


def register(kind: type, name: str, method: Method) -> None:
    """Adds a method to a builtin type's table (the regular expression module does)."""
    _TABLES.setdefault(kind, {})[name] = method


def _call(op: str) -> Callable[[Any, Any, list[Value]], Value]:
    return lambda ev, v, a: ev.compare(op, v, a[0])


_SPECIAL: dict[str, Callable[[Any, Any, list[Value]], Value]] = {
    "__len__": lambda ev, v, a: len(v),
    "__str__": lambda ev, v, a: ev.text(v),
    "__repr__": lambda ev, v, a: ev.show(v),
    "__eq__": _call("=="), "__ne__": _call("!="), "__lt__": _call("<"), "__gt__": _call(">"), "__le__": _call("<="),
    "__ge__": _call(">="),
    "__contains__": lambda ev, v, a: ev.contains(v, a[0]),
    "__getitem__": lambda ev, v, a: ev.get_index(v, a[0]),
    "__setitem__": lambda ev, v, a: ev.set_index(v, a[0], a[1]),
    "__delitem__": lambda ev, v, a: ev.delete_index(v, a[0]),
    "__add__": lambda ev, v, a: ev.binary("+", v, a[0]),
    "__sub__": lambda ev, v, a: ev.binary("-", v, a[0]),
    "__mul__": lambda ev, v, a: ev.binary("*", v, a[0]),
    "__iter__": lambda ev, v, a: ev.make_iterator(v),
}  # fmt: skip
assert all(k in SCALARS or k in CONTAINERS for k in PURE)
