"""Python's builtin types and exceptions as class values, and which plain data types the evaluator handles itself."""

from __future__ import annotations

import builtins
import collections
import datetime
import decimal
import fractions
import pathlib
import re
import types
import uuid

from runfree.interpreter.values import (
    BoundMethod,
    Builtin,
    ClassMethod,
    ClassValue,
    Coroutine,
    DefaultDict,
    FunctionValue,
    Instance,
    IteratorValue,
    Manager,
    ModuleValue,
    Property,
    StaticMethod,
    SuperValue,
    Value,
)

OBJECT = ClassValue("object", [], object)
TYPE = ClassValue("type", [OBJECT])
FUNCTION = ClassValue("function", [OBJECT])
METHOD = ClassValue("method", [OBJECT])
MODULE = ClassValue("module", [OBJECT])
GENERATOR = ClassValue("generator", [OBJECT])
COROUTINE = ClassValue("coroutine", [OBJECT])
PROPERTY = ClassValue("property", [OBJECT])
STATICMETHOD = ClassValue("staticmethod", [OBJECT])
CLASSMETHOD = ClassValue("classmethod", [OBJECT])
SUPER = ClassValue("super", [OBJECT])
MANAGER = ClassValue("contextmanager", [OBJECT])

_HOSTS: dict[type, ClassValue] = {object: OBJECT}


def _host(host: type, name: str = "", base: ClassValue = OBJECT) -> ClassValue:
    klass = ClassValue(name or host.__name__, [base], host)
    _HOSTS[host] = klass
    return klass


INT = _host(int)
BOOL = _host(bool, base=INT)
FLOAT, COMPLEX, STR, BYTES, BYTEARRAY = map(_host, (float, complex, str, bytes, bytearray))
LIST, TUPLE, DICT, SET, FROZENSET, RANGE, SLICE = map(
    _host, (list, tuple, dict, set, frozenset, range, slice)
)
NONE = _host(type(None), "NoneType")
NOT_IMPLEMENTED = _host(type(NotImplemented), "NotImplementedType")
ELLIPSIS = _host(type(...), "ellipsis")
DEQUE = _host(collections.deque)
ORDERED = _host(collections.OrderedDict, base=DICT)
COUNTER = _host(collections.Counter, base=DICT)
DEFAULTDICT = _host(DefaultDict, "defaultdict", base=DICT)
DATE = _host(datetime.date)
DATETIME = _host(datetime.datetime, base=DATE)
TIME, TIMEDELTA, TIMEZONE = map(_host, (datetime.time, datetime.timedelta, datetime.timezone))
DECIMAL, FRACTION = map(_host, (decimal.Decimal, fractions.Fraction))
PATTERN, MATCH = _host(re.Pattern, "Pattern"), _host(re.Match, "Match")
UUID = _host(uuid.UUID)
MEMORYVIEW = _host(memoryview)
PATH = _host(pathlib.PurePosixPath, "PosixPath")
_EMPTY: dict[str, str] = {}
KEYS, VALUES, ITEMS = type(_EMPTY.keys()), type(_EMPTY.values()), type(_EMPTY.items())
for _view, _name in ((KEYS, "dict_keys"), (VALUES, "dict_values"), (ITEMS, "dict_items")):
    _host(_view, _name)
MAPPINGPROXY = _host(types.MappingProxyType, "mappingproxy")

SCALARS = frozenset(
    {
        int, float, complex, str, bytes, bytearray, bool, type(None), type(...), type(NotImplemented), range, slice,
        datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone, decimal.Decimal,
        fractions.Fraction, re.Pattern, re.Match, uuid.UUID, pathlib.PurePosixPath,
        memoryview,
    }
)  # fmt: skip
MAPPINGS = frozenset(
    {dict, collections.OrderedDict, collections.Counter, DefaultDict, types.MappingProxyType}
)
SEQUENCES = frozenset({list, tuple, set, frozenset, collections.deque})
CONTAINERS = MAPPINGS | SEQUENCES | {KEYS, VALUES, ITEMS}
HOST_TYPES = frozenset(_HOSTS)
MUTABLE = frozenset({list, set, bytearray, collections.deque}) | MAPPINGS

EXCEPTIONS: dict[str, ClassValue] = {}


def _exception(host: type) -> ClassValue:
    if host.__name__ not in EXCEPTIONS:
        bases = [_exception(b) if issubclass(b, BaseException) else OBJECT for b in host.__bases__]
        EXCEPTIONS[host.__name__] = ClassValue(host.__name__, bases, None, "exception")
    return EXCEPTIONS[host.__name__]


for _name, _value in list(vars(builtins).items()):
    if isinstance(_value, type) and issubclass(_value, BaseException):
        if _value.__name__ == _name:
            _exception(_value)
        else:
            EXCEPTIONS[_name] = _exception(_value)


def library_exception(name: str, base: str) -> ClassValue:
    """An exception class of a library module."""
    if name not in EXCEPTIONS:
        EXCEPTIONS[name] = ClassValue(name, [EXCEPTIONS[base]], None, "exception")
    return EXCEPTIONS[name]


_OTHERS: dict[type, ClassValue] = {
    ClassValue: TYPE, FunctionValue: FUNCTION, Builtin: FUNCTION, BoundMethod: METHOD, ModuleValue: MODULE,
    IteratorValue: GENERATOR, Coroutine: COROUTINE, Property: PROPERTY, StaticMethod: STATICMETHOD,
    ClassMethod: CLASSMETHOD, SuperValue: SUPER, Manager: MANAGER,
}  # fmt: skip


def class_of(value: Value) -> ClassValue | None:
    """The class of a known value, None where it is unknown."""
    kind = type(value)
    if kind is Instance:
        klass: ClassValue = value.klass
        return klass
    return _HOSTS.get(kind) or _OTHERS.get(kind)


def type_name(value: Value) -> str:
    """The name of a value's type as Python's messages give it."""
    if type(value) is Builtin:
        return "builtin_function_or_method"
    if type(value) is IteratorValue:
        return str(value.kind)
    klass = class_of(value)
    return klass.name if klass is not None else "object"


def exception_for(name: str) -> ClassValue:
    """The class value of a builtin exception, `Exception` for names that are not known."""
    return EXCEPTIONS.get(name) or EXCEPTIONS["Exception"]
