"""The parts of Python's standard library that tests really use, as tables of pure functions."""

from __future__ import annotations

import base64
import bisect
import calendar
import collections
import copy
import datetime
import decimal
import hashlib
import heapq
import html
import json
import math
import pathlib
import posixpath
import statistics
import string
import textwrap
import types as host_types
import unicodedata
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from runfree.interpreter import python_types as types
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_builtins import BUILTINS, on_plain
from runfree.interpreter.python_classes import Auto, FieldSpec, make_dataclass, make_tuple_class
from runfree.interpreter.python_formats import FORMATS, OPERATOR
from runfree.interpreter.python_functional import FUNCTOOLS, ITERTOOLS
from runfree.interpreter.python_host import INSPECT, IO, SYS
from runfree.interpreter.python_regex import REGEX
from runfree.interpreter.python_semantics import ABSTRACT_TYPES
from runfree.interpreter.python_types import CONTAINERS, MAPPINGS, SCALARS, library_exception
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassValue,
    FieldValue,
    FunctionValue,
    Instance,
    Manager,
    Property,
    StaticMethod,
    Thrown,
    Unknown,
    Value,
)

LIBRARY: dict[str, dict[str, Value]] = {}
Call = Callable[[Any, list[Value], dict[str, Value]], Value]


def _plain(module: Any, names: str) -> dict[str, Value]:
    return {n: Builtin(f"{module.__name__}.{n}", on_plain(n, getattr(module, n))) for n in names.split()}


def _fn(name: str, call: Call) -> Builtin:
    return Builtin(name, call)


# -- math and numbers -------------------------------------------------------------------------------------------------


def _small(name: str, limit: int) -> Call:
    inner = on_plain(name, getattr(math, name))

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if any(isinstance(v, int) and abs(v) > limit for v in a):
            raise Stop("budget:int")
        return inner(ev, a, k)

    return call


def _math_prod(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    total = k.get("start", 1)
    for item in ev.iterate(a[0]):
        ev.step()
        total = ev.binary("*", total, item)
    return total


LIBRARY["math"] = {
    **_plain(
        math,
        "sqrt floor ceil fabs trunc gcd lcm isqrt exp log log2 log10 log1p expm1 sin cos tan asin acos atan atan2 sinh "
        "cosh tanh hypot degrees radians isnan isinf isfinite isclose copysign fmod modf frexp pow fsum dist erf gamma "
        "asinh acosh atanh erfc lgamma remainder nextafter ulp",
    ),
    **{n: _fn("math." + n, _small(n, 1500)) for n in ("factorial", "comb", "perm", "ldexp")},
    "prod": _fn("math.prod", _math_prod), "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan,
    "tau": math.tau,
}  # fmt: skip
LIBRARY["statistics"] = _plain(
    statistics,
    "mean median mode stdev pstdev variance pvariance median_low median_high multimode harmonic_mean fmean",
)
library_exception("StatisticsError", "ValueError")
library_exception("InvalidOperation", "ArithmeticError")
LIBRARY["decimal"] = {
    "Decimal": types.DECIMAL, "InvalidOperation": library_exception("InvalidOperation", "ArithmeticError"),
    **{n: getattr(decimal, n) for n in dir(decimal) if n.startswith("ROUND_")},
}  # fmt: skip
LIBRARY["fractions"] = {"Fraction": types.FRACTION}
LIBRARY["numbers"] = {
    n: ClassValue(n, [types.OBJECT]) for n in ("Number", "Complex", "Real", "Rational", "Integral")
}
LIBRARY["bisect"] = _plain(bisect, "bisect bisect_left bisect_right")


def _insort(function: Callable[..., Any]) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if not all(ev.plain(v) for v in a) or k:
            raise Stop("builtin:insort")
        return ev.host(function, *a)

    return call


for _name in ("insort", "insort_left", "insort_right"):
    LIBRARY["bisect"][_name] = _fn(_name, _insort(getattr(bisect, _name)))
LIBRARY["heapq"] = {
    n: _fn(n, _insort(getattr(heapq, n)))
    for n in ("heappush", "heappop", "heapify", "heapreplace", "heappushpop")
}
LIBRARY["heapq"].update(_plain(heapq, "nlargest nsmallest"))

# -- text ---------------------------------------------------------------------------------------------------------------

LIBRARY["string"] = {
    n: getattr(string, n)
    for n in [
        "ascii_letters",
        "ascii_lowercase",
        "ascii_uppercase",
        "digits",
        "hexdigits",
        "octdigits",
        "punctuation",
        "whitespace",
        "printable",
    ]
}
LIBRARY["textwrap"] = _plain(textwrap, "dedent indent fill wrap shorten")
LIBRARY["html"] = _plain(html, "escape unescape")
LIBRARY["unicodedata"] = _plain(unicodedata, "normalize category name combining")
LIBRARY["base64"] = _plain(
    base64, "b64encode b64decode urlsafe_b64encode urlsafe_b64decode b32encode b32decode b16encode b16decode"
)
LIBRARY.update(FORMATS)
LIBRARY["urllib"] = {}
LIBRARY["os.path"] = _plain(posixpath, "join basename dirname splitext split isabs normpath commonprefix")
LIBRARY["os"] = {"sep": "/", "linesep": "\n", "pathsep": ":"}
LIBRARY["posixpath"] = LIBRARY["os.path"]
LIBRARY["calendar"] = _plain(calendar, "isleap monthrange leapdays weekday timegm")
LIBRARY["re"] = REGEX


def _digest(name: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        value = a[0] if a else b""
        if not isinstance(value, (bytes, bytearray)):
            if isinstance(value, Unknown):
                ev.risky(value.why)
                return Unknown(value.why)
            raise ev.error("TypeError", "Strings must be encoded before hashing")
        instance = Instance(_DIGEST)
        instance.payload = MISSING
        instance.attrs.update({"name": name, "_data": bytes(value)})
        return instance

    return call


def _digest_method(name: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        data = a[0].attrs["_data"]
        if name == "update":
            if not isinstance(a[1], bytes):
                raise Stop("digest")
            ev.charge(len(data))
            a[0].attrs["_data"] = data + a[1]
            return None
        return getattr(hashlib.new(a[0].attrs["name"], data), name)()

    return call


_DIGEST = ClassValue("HASH", [types.OBJECT])
_DIGEST.namespace.update(
    {n: Builtin(n, _digest_method(n), binds=True) for n in ("hexdigest", "digest", "update")}
)
LIBRARY["hashlib"] = {
    n: _fn("hashlib." + n, _digest(n)) for n in ("md5", "sha1", "sha256", "sha512", "sha224", "sha384")
}

# -- json, copy, containers -------------------------------------------------------------------------------------------

_DECODE_ERROR = library_exception("JSONDecodeError", "ValueError")


def _json_dumps(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = ev.raw(a[0])
    if not ev.plain(value) or not all(ev.plain(v) for v in k.values()):
        ev.risky("json")
        for given in (*a, *k.values()):
            ev.escape(given)
        return Unknown("json", kind="str", truth=True)
    if isinstance(k.get("indent"), int) and k["indent"] > 100:
        raise Stop("budget:size")
    if _odd_json(value, ev) and ("default" in k or "cls" in k):
        return Unknown("json", kind="str", truth=True)
    allowed = {
        n: v for n, v in k.items() if n in ("indent", "sort_keys", "separators", "ensure_ascii", "allow_nan")
    }
    if set(k) - set(allowed) - {"default", "cls"} or any(k.get(n) is not None for n in ("cls",)):
        return Unknown("json", kind="str", truth=True)
    result = ev.host(json.dumps, value, **allowed)
    ev.charge(len(result))
    return result


def _odd_json(value: Any, ev: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        ev.step()
        if type(item) is dict:
            stack.extend(item.values())
        elif type(item) in (list, tuple):
            stack.extend(item)
        elif type(item) not in (str, int, float, bool, type(None)):
            return True
    return False


def _json_loads(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if k:
        return Unknown("json")
    return on_plain("json.loads", json.loads)(ev, a, k)


LIBRARY["json"] = {
    "dumps": _fn("json.dumps", _json_dumps), "loads": _fn("json.loads", _json_loads), "JSONDecodeError": _DECODE_ERROR,
}  # fmt: skip
LIBRARY["json.decoder"] = {"JSONDecodeError": _DECODE_ERROR}


def copies_itself(value: Instance) -> bool:
    """Whether an object may have a way of its own to be copied."""
    own = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__new__")
    return bool(value.klass.opaque) or any(
        type(value.klass.find(n)) in (FunctionValue, StaticMethod) for n in own
    )


def _copy(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0]
    if type(value) is Instance:
        method = value.klass.find("__copy__")
        if method is not MISSING:
            return ev.call(method, [value], {})
        if value.klass.kind == "enum":
            return value
        if copies_itself(value):
            ev.risky("copy")
            return Unknown("copy")
        made = Instance(value.klass, copy.copy(value.payload) if value.payload is not MISSING else MISSING)
        made.attrs.update(value.attrs)
        return made
    if type(value) in CONTAINERS and not (ev.murky and id(value) in ev.murky):
        ev.charge(len(value))
        return value.copy() if hasattr(value, "copy") else value
    return value if type(value) in SCALARS else Unknown("copy")


def _deepcopy(ev: Any, a: list[Value], k: dict[str, Value], seen: dict[int, Value] | None = None) -> Value:
    value = a[0]
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    ev.step()
    ev.depth += 1
    if ev.depth > ev.budget.depth:
        raise Stop("budget:depth")
    kind = type(value)
    result: Value = value
    if kind is Instance:
        if value.klass.find("__deepcopy__") is not MISSING:
            result = ev.call(value.klass.find("__deepcopy__"), [value, {}], {})
        elif copies_itself(value):
            ev.risky("copy")
            result = Unknown("copy")
        elif value.klass.kind != "enum":
            result = Instance(value.klass)
            seen[id(value)] = result
            if value.payload is not MISSING:
                result.payload = _deepcopy(ev, [value.payload], {}, seen)
            result.attrs.update({n: _deepcopy(ev, [v], {}, seen) for n, v in value.attrs.items()})
    elif kind in CONTAINERS:
        if ev.murky and id(value) in ev.murky:
            result = Unknown("content")
        elif kind in MAPPINGS:
            result = value.copy()
            seen[id(value)] = result
            for key, item in list(value.items()):
                result[key] = _deepcopy(ev, [item], {}, seen)
        elif kind in (list, collections.deque):
            result = kind()
            seen[id(value)] = result
            result.extend(_deepcopy(ev, [v], {}, seen) for v in value)
        elif kind is tuple:
            result = tuple(_deepcopy(ev, [v], {}, seen) for v in value)
        else:
            result = set(value) if kind is set else value
        ev.charge(len(value))
    ev.depth -= 1
    return result


LIBRARY["copy"] = {"copy": _fn("copy.copy", _copy), "deepcopy": _fn("copy.deepcopy", _deepcopy)}


def _namedtuple(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    name, names = a[0], a[1] if len(a) > 1 else k.get("field_names")
    fields = names.replace(",", " ").split() if isinstance(names, str) else ev.collect(names)
    defaults = ev.collect(k["defaults"]) if k.get("defaults") is not None else []
    if not isinstance(name, str) or not all(isinstance(f, str) for f in fields) or k.get("rename"):
        raise Stop("namedtuple")
    klass = ClassValue(name, [types.TUPLE])
    shift = len(fields) - len(defaults)
    made = [FieldValue(f, defaults[i - shift] if i >= shift else MISSING) for i, f in enumerate(fields)]
    return make_tuple_class(klass, made)


LIBRARY["collections"] = {
    "OrderedDict": types.ORDERED, "Counter": types.COUNTER, "defaultdict": types.DEFAULTDICT, "deque": types.DEQUE,
    "namedtuple": _fn("namedtuple", _namedtuple),
}  # fmt: skip
LIBRARY["collections.abc"] = {
    n: ClassValue(n, [types.OBJECT]) for n in ABSTRACT_TYPES if n not in LIBRARY["numbers"]
}
LIBRARY["types"] = {
    "MappingProxyType": _fn("MappingProxyType", lambda ev, a, k: host_types.MappingProxyType(a[0])),
    "FunctionType": types.FUNCTION, "ModuleType": types.MODULE, "NoneType": types.NONE,
    "GeneratorType": types.GENERATOR,
}  # fmt: skip


def _namespace(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    made = Instance(_NAMESPACE)
    made.attrs.update(k)
    return made


_NAMESPACE = ClassValue("SimpleNamespace", [types.OBJECT])
_NAMESPACE.namespace["__eq__"] = Builtin(
    "__eq__",
    lambda ev, a, k: ev.equal(a[0].attrs, a[1].attrs) if type(a[1]) is Instance and a[1].klass is _NAMESPACE
    else NotImplemented,
    binds=True,
)  # fmt: skip
LIBRARY["types"]["SimpleNamespace"] = _fn("SimpleNamespace", _namespace)

# -- classes --------------------------------------------------------------------------------------------------------------


def _dataclass(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if a:
        return make_dataclass(ev, a[0], k)
    return _fn("dataclass", lambda e, b, _: make_dataclass(e, b[0], k))


def _fields_of(ev: Any, value: Value) -> list[FieldValue]:
    klass = value.klass if type(value) is Instance else value
    if not isinstance(klass, ClassValue) or klass.fields is None:
        raise ev.error("TypeError", "must be called with a dataclass type or instance")
    return klass.fields


def _asdict(ev: Any, a: list[Value], k: dict[str, Value], as_tuple: bool = False) -> Value:
    value = a[0]
    if isinstance(value, Unknown):
        return Unknown(value.why)
    ev.step()
    if type(value) is Instance and value.klass.fields is not None and value.payload is MISSING:
        if type(value.klass.opaque) is str and value.klass.opaque:
            raise Stop("class:" + value.klass.opaque)
        items = {
            f.name: _asdict(ev, [ev.get_attribute(value, f.name)], k, as_tuple) for f in value.klass.fields
        }
        return tuple(items.values()) if as_tuple else items
    if type(value) in (list, tuple):
        return type(value)([_asdict(ev, [v], k, as_tuple) for v in value])
    if type(value) is dict:
        return {key: _asdict(ev, [v], k, as_tuple) for key, v in value.items()}
    return _deepcopy(ev, [value], {})


def _replace(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    given = dict(k)
    for field in _fields_of(ev, a[0]):
        if field.init:
            given.setdefault(field.name, ev.get_attribute(a[0], field.name))
    return ev.call(a[0].klass, [], given)


def _field_list(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    result = []
    for field in _fields_of(ev, a[0]):
        made = Instance(_NAMESPACE)
        made.attrs["name"] = field.name
        made.attrs["default"] = Unknown("field") if field.default is MISSING else field.default
        for name in ("type", "metadata", "default_factory", "init", "repr"):
            made.attrs[name] = Unknown("field")
        result.append(made)
    return tuple(result)


LIBRARY["dataclasses"] = {
    "dataclass": _fn("dataclass", _dataclass),
    "field": _fn("field", lambda ev, a, k: FieldSpec(k)),
    "asdict": _fn("asdict", _asdict),
    "astuple": _fn("astuple", partial(_asdict, as_tuple=True)),
    "replace": _fn("replace", _replace),
    "fields": _fn("fields", _field_list),
    "is_dataclass": _fn(
        "is_dataclass",
        lambda ev, a, k: getattr(a[0].klass if type(a[0]) is Instance else a[0], "fields", None) is not None,
    ),
    "FrozenInstanceError": library_exception("FrozenInstanceError", "AttributeError"),
    "KW_ONLY": Unknown("dataclasses", "dataclasses.KW_ONLY"),
    "InitVar": Unknown("dataclasses", "dataclasses.InitVar"),
}
_ENUM = ClassValue("Enum", [types.OBJECT], None, "enum")
_FLAG = ClassValue("Flag", [_ENUM])


def _enum_text(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    member = a[0]
    names = [c.name for c in member.klass.mro]
    if "IntEnum" in names or "StrEnum" in names:
        return ev.text(member.payload)
    return f"{member.klass.name}.{member.attrs['_name_']}"


def _enum_show(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    shown = ev.show(a[0].attrs["_value_"])
    if isinstance(shown, Unknown):
        return shown
    return f"<{a[0].klass.name}.{a[0].attrs['_name_']}: {shown}>"


_ENUM.namespace["__str__"] = Builtin("__str__", _enum_text, binds=True)
_ENUM.namespace["__repr__"] = Builtin("__repr__", _enum_show, binds=True)
LIBRARY["enum"] = {
    "Enum": _ENUM, "IntEnum": ClassValue("IntEnum", [types.INT, _ENUM]), "Flag": _FLAG,
    "StrEnum": ClassValue("StrEnum", [types.STR, _ENUM]), "IntFlag": ClassValue("IntFlag", [types.INT, _FLAG]),
    "auto": _fn("auto", lambda ev, a, k: Auto()), "unique": _fn("unique", lambda ev, a, k: a[0]),
    "EnumMeta": ClassValue("EnumMeta", [types.TYPE]),
}  # fmt: skip
for _name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"):
    LIBRARY["enum"][_name].kind = "enum"


def _abstract(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0].getter if type(a[0]) is Property else a[0]
    function = ev.function_of(value)
    if type(function) is FunctionValue:
        function.attrs["__isabstractmethod__"] = True
    return a[0]


LIBRARY["abc"] = {
    "ABC": ClassValue("ABC", [types.OBJECT]), "ABCMeta": ClassValue("ABCMeta", [types.TYPE]),
    "abstractmethod": _fn("abstractmethod", _abstract),
    "abstractproperty": _fn("abstractproperty", lambda ev, a, k: Property(_abstract(ev, a, k))),
}  # fmt: skip


def _typing_member(name: str) -> Value:
    return Unknown("typing", "typing." + name)


LIBRARY["typing"] = {
    n: _typing_member(n)
    for n in [
        "Any",
        "Union",
        "Optional",
        "List",
        "Dict",
        "Set",
        "FrozenSet",
        "Tuple",
        "Type",
        "Callable",
        "Iterable",
        "Iterator",
        "Generator",
        "Sequence",
        "Mapping",
        "MutableMapping",
        "Literal",
        "Final",
        "ClassVar",
        "Generic",
        "Protocol",
        "Annotated",
        "Deque",
        "DefaultDict",
        "Counter",
        "Awaitable",
        "Coroutine",
        "AsyncIterator",
        "TypedDict",
        "Self",
        "Pattern",
        "Match",
        "IO",
        "TextIO",
        "BinaryIO",
        "Hashable",
        "Sized",
        "Text",
        "SupportsInt",
        "SupportsFloat",
        "NoReturn",
        "Never",
        "TypeAlias",
        "ParamSpec",
        "Concatenate",
    ]
}
LIBRARY["typing"].update(
    {
        "TYPE_CHECKING": False,
        "cast": _fn("cast", lambda ev, a, k: a[1]),
        "NamedTuple": ClassValue("NamedTuple", [types.TUPLE]),
        "TypeVar": _fn("TypeVar", lambda ev, a, k: _typing_member("TypeVar")),
        "NewType": _fn("NewType", lambda ev, a, k: _fn("NewType", lambda e, b, _: b[0])),
        **{
            n: _fn(n, lambda ev, a, k: a[0])
            for n in ("overload", "final", "runtime_checkable", "no_type_check", "override")
        },
    }
)
LIBRARY["typing_extensions"] = dict(LIBRARY["typing"])

# -- dates, paths, ids ------------------------------------------------------------------------------------------------

LIBRARY["datetime"] = {
    "date": types.DATE, "datetime": types.DATETIME, "time": types.TIME, "timedelta": types.TIMEDELTA,
    "timezone": types.TIMEZONE, "UTC": datetime.UTC,
}  # fmt: skip


def _clock(name: str, kind: str) -> Call:
    return lambda ev, a, k: Unknown("clock", "datetime." + name, kind=kind)


for _klass, _names in (
    (types.DATETIME, ("now", "utcnow", "today", "fromtimestamp")),
    (types.DATE, ("today",)),
):
    for _name in _names:
        _klass.namespace[_name] = Builtin(_name, _clock(_name, _klass.name))


def _from_timestamp(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """Exact where a time zone is given; the machine's own zone is not known, and the time may be out of range."""
    zone = a[1] if len(a) > 1 else k.get("tz")
    if type(zone) is datetime.timezone:
        return on_plain("fromtimestamp", datetime.datetime.fromtimestamp)(ev, a, k)
    ev.risky("clock")
    return Unknown("clock", "datetime.fromtimestamp", kind="datetime")


types.DATETIME.namespace["fromtimestamp"] = Builtin("fromtimestamp", _from_timestamp)
types.TIMEZONE.namespace["utc"] = datetime.UTC
types.DATETIME.namespace["min"], types.DATETIME.namespace["max"] = (
    datetime.datetime.min,
    datetime.datetime.max,
)
types.DATE.namespace["min"], types.DATE.namespace["max"] = datetime.date.min, datetime.date.max
LIBRARY["pathlib"] = dict.fromkeys(("Path", "PurePath", "PosixPath", "PurePosixPath"), types.PATH)
types.PATH.namespace["parents"] = Property(
    _fn("parents", lambda ev, a, k: tuple(pathlib.PurePosixPath(p) for p in a[0].parents))
)
del types.PATH.namespace["parents"]
for _name in ("cwd", "home"):
    types.PATH.namespace[_name] = Builtin(_name, lambda ev, a, k: Unknown("files", "pathlib.Path.cwd"))
LIBRARY["uuid"] = {
    "UUID": types.UUID,
    "uuid5": _plain(uuid, "uuid5")["uuid5"],
    "NAMESPACE_DNS": uuid.NAMESPACE_DNS,
}

# -- operator, contextlib, asyncio ------------------------------------------------------------------------------------


def _getter(op: str) -> Call:
    def make(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        names = list(a)

        def one(e: Any, value: Value, name: Value) -> Value:
            if op == "item":
                return e.get_index(value, name)
            for part in str(name).split("."):
                value = e.get_attribute(value, part)
            return value

        def get(e: Any, b: list[Value], _: dict[str, Value]) -> Value:
            found = [one(e, b[0], n) for n in names]
            return found[0] if len(found) == 1 else tuple(found)

        return _fn(op + "getter", get)

    return make


def _method_caller(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return _fn("methodcaller", lambda e, b, _: e.call(e.get_attribute(b[0], a[0]), a[1:], k))


def _operator(op: str) -> Call:
    return lambda ev, a, k: ev.binary(op, a[0], a[1])


def _comparison(op: str) -> Call:
    return lambda ev, a, k: ev.compare(op, a[0], a[1])


LIBRARY["operator"] = {
    **{
        n: _fn(n, _operator(o))
        for n, o in {
            "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "and_": "&",
            "or_": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "concat": "+",
        }.items()
    },
    **{
        n: _fn(n, _comparison(o))
        for n, o in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "is_": "is", "is_not": "is not"}.items()
    },
    "neg": _fn("neg", lambda ev, a, k: ev.unary("-", a[0])), "not_": _fn("not_", lambda ev, a, k: not ev.truth(a[0])),
    "contains": _fn("contains", lambda ev, a, k: ev.contains(a[0], a[1])),
    "getitem": _fn("getitem", lambda ev, a, k: ev.get_index(a[0], a[1])),
    "setitem": _fn("setitem", lambda ev, a, k: ev.set_index(a[0], a[1], a[2])),
    "itemgetter": _fn("itemgetter", _getter("item")), "attrgetter": _fn("attrgetter", _getter("attribute")),
    "methodcaller": _fn("methodcaller", _method_caller),
}  # fmt: skip


def _suppress(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    def enter() -> Value:
        ev.guards.append([False])
        return None

    def leave(thrown: Thrown | None) -> bool:
        if ev.guards:
            ev.guards.pop()
        return thrown is not None and ev.matches(thrown.value, tuple(a))

    return Manager("suppress", enter, leave)


def _contextmanager(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    function = a[0]

    def make(e: Any, b: list[Value], kw: dict[str, Value]) -> Value:
        generator = e.call(function, b, kw)
        if isinstance(generator, Unknown):
            return generator

        def enter() -> Value:
            value = e.next_of(generator, MISSING)
            e.guards.append([False])
            return value

        def leave(thrown: Thrown | None) -> bool:
            if e.guards:
                e.guards.pop()
            if thrown is None:
                if next(generator.host, MISSING) is not MISSING:
                    raise e.error("RuntimeError", "generator didn't stop")
                return False
            try:
                generator.host.throw(thrown)
            except StopIteration:
                return True
            except Thrown as other:
                if other is thrown:
                    return False
                raise
            raise e.error("RuntimeError", "generator didn't stop after throw()")

        return Manager("contextmanager", enter, leave)

    # A decorated method is still bound to its object.
    return Builtin(getattr(function, "name", "contextmanager"), make, binds=True)


def _nullcontext(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return Manager("nullcontext", lambda: a[0] if a else None, lambda thrown: False)


LIBRARY["contextlib"] = {
    "suppress": _fn("suppress", _suppress), "contextmanager": _fn("contextmanager", _contextmanager),
    "nullcontext": _fn("nullcontext", _nullcontext),
}  # fmt: skip


def _gather(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    from runfree.interpreter.values import Coroutine

    return Coroutine(lambda: [ev.await_value(c) for c in a])


def _sleep(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    from runfree.interpreter.values import Coroutine

    return Coroutine(lambda: None)


LIBRARY["asyncio"] = {
    "run": _fn("asyncio.run", lambda ev, a, k: ev.await_value(a[0])), "gather": _fn("asyncio.gather", _gather),
    "sleep": _fn("asyncio.sleep", _sleep),
}  # fmt: skip
LIBRARY["operator"].update(OPERATOR)
LIBRARY["functools"] = FUNCTOOLS
LIBRARY["itertools"] = ITERTOOLS
LIBRARY["builtins"] = BUILTINS
LIBRARY.update({"sys": SYS, "inspect": INSPECT, "io": IO})


def environment(ev: Any, name: Value, default: Value, strict: bool = False) -> Value:
    """A variable of the process's environment: known where the test sets it, otherwise most likely not set."""
    if isinstance(name, str) and name in ev.environ:
        found = ev.environ[name]
        if found is not None:
            return found
    elif not isinstance(name, str) or name in _USUAL or ev.decide(False, unlikely=True):
        if isinstance(name, str):
            ev.environ[name] = Unknown("environment", "os.environ.get()", kind="str")
        return Unknown("environment", "os.environ.get()", kind="str")
    else:
        ev.environ[name] = None
    if strict:
        raise ev.error("KeyError", name)
    return default


_USUAL = frozenset(
    {"HOME", "PATH", "USER", "PWD", "LANG", "SHELL", "TERM", "TMPDIR", "PYTEST_CURRENT_TEST", "CI", "TZ"}
)


def _environ_set(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not isinstance(a[1], str):
        raise Stop("environment")
    if type(a[2]) in SCALARS and not isinstance(a[2], str):
        raise ev.error("TypeError", f"str expected, not {type(a[2]).__name__}")
    ev.environ[a[1]] = a[2]


def _environ_pop(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    found = environment(ev, a[1], a[2] if len(a) > 2 else MISSING, strict=len(a) < 3)
    if isinstance(a[1], str):
        ev.environ[a[1]] = None
    return found


def _environ_has(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    found = environment(ev, a[1], MISSING)
    return Unknown("environment", kind="bool") if isinstance(found, Unknown) else found is not MISSING


def _fspath(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0]
    if type(value) is pathlib.PurePosixPath:
        return str(value)
    if isinstance(value, (str, bytes, Unknown)):
        return value
    if type(value) is Instance and value.klass.find("__fspath__") is not MISSING:
        return ev.call(value.klass.find("__fspath__"), [value], {})
    raise ev.error("TypeError", f"expected str, bytes or os.PathLike object, not {types.type_name(value)}")


ENVIRON = ClassValue("_Environ", [types.OBJECT])
for _name, _environ_call in (
    ("get", lambda ev, a, k: environment(ev, a[1], a[2] if len(a) > 2 else k.get("default"))),
    ("__getitem__", lambda ev, a, k: environment(ev, a[1], None, strict=True)), ("__setitem__", _environ_set),
    ("__delitem__", _environ_pop), ("pop", _environ_pop), ("__contains__", _environ_has),
):  # fmt: skip
    ENVIRON.namespace[_name] = Builtin("environ." + _name, _environ_call, binds=True)
ENVIRON.opaque = "environment"
LIBRARY["os"] = {
    "environ": Instance(ENVIRON), "sep": "/", "linesep": "\n", "pathsep": ":", "curdir": ".", "pardir": "..",
    "extsep": ".", "altsep": None, "devnull": "/dev/null", "fspath": _fn("os.fspath", _fspath),
    "getenv": _fn("os.getenv", lambda ev, a, k: environment(ev, a[0], a[1] if len(a) > 1 else k.get("default"))),
}  # fmt: skip


# -- locks: one thread alone takes and gives them back ------------------------------------------------------------------


def _acquire(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    held = a[0].attrs.get("lock:held", 0)
    if held and a[0].klass is _LOCK:
        raise Stop("lock")  # It waits for ever, or until a time is over.
    a[0].attrs["lock:held"] = held + 1
    return True


def _release(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not a[0].attrs.get("lock:held", 0):
        raise ev.error("RuntimeError", "release unlocked lock")
    a[0].attrs["lock:held"] -= 1


_LOCK, _RLOCK = ClassValue("lock", [types.OBJECT]), ClassValue("RLock", [types.OBJECT])
for _klass in (_LOCK, _RLOCK):
    _klass.kind = "memory"
    for _name, _lock_call in (
        ("acquire", _acquire), ("__enter__", _acquire), ("release", _release), ("__exit__", _release),
        ("__init__", lambda ev, a, k: None), ("locked", lambda ev, a, k: bool(a[0].attrs.get("lock:held", 0))),
    ):  # fmt: skip
        _klass.namespace[_name] = Builtin(_name, _lock_call, binds=True)
LIBRARY["threading"] = {
    "Lock": _fn("threading.Lock", lambda ev, a, k: ev.call(_LOCK, [], {})),
    "RLock": _fn("threading.RLock", lambda ev, a, k: ev.call(_RLOCK, [], {})),
    "local": ClassValue("_local", [types.OBJECT]),
}  # fmt: skip
LIBRARY["threading"]["local"].kind = "memory"


def _recursive_repr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """`reprlib.recursive_repr()`: a text that does not hold itself is made as without it; one that does is unknown."""
    return _fn("recursive_repr", lambda e, b, _: b[0])


LIBRARY["reprlib"] = {"recursive_repr": _fn("recursive_repr", _recursive_repr)}
LIBRARY["time"] = {"sleep": _fn("time.sleep", lambda ev, a, k: None)}
LIBRARY["logging"] = dict({"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}.items())
