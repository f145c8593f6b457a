"""The modules sys, inspect and io as far as tests need them: what is the same on every machine, and text held in memory."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from typing import Any

from runfree.interpreter import python_types as types
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_types import type_name
from runfree.interpreter.values import (
    BoundMethod,
    Builtin,
    ClassValue,
    Coroutine,
    FunctionValue,
    Instance,
    IteratorValue,
    ModuleValue,
    Unknown,
    Value,
)

Call = Callable[[Any, list[Value], dict[str, Value]], Value]

# -- sys ----------------------------------------------------------------------------------------------------------------

# Versions of Python that may run the tests: comparisons that all of them answer alike are known.
OLDEST, NEWEST = (3, 9), (3, 15)
VERSION = ClassValue("sys.version_info", [types.OBJECT])


def _version(op: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        other = a[1]
        if type(other) is not tuple or not other or not all(type(v) is int for v in other[:2]):
            return NotImplemented
        answers = {bool(_COMPARE[op]((*v, 5, "final", 0), other)) for v in (OLDEST, NEWEST)}
        return answers.pop() if len(answers) == 1 else Unknown("python-version", kind="bool")

    return call


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "__lt__": lambda x, y: x < y, "__le__": lambda x, y: x <= y, "__gt__": lambda x, y: x > y,
    "__ge__": lambda x, y: x >= y, "__eq__": lambda x, y: x == y,
}  # fmt: skip
for _name in _COMPARE:
    VERSION.namespace[_name] = Builtin(_name, _version(_name), binds=True)


def _version_part(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if a[1] == 0:
        return 3
    if type(a[1]) is slice and a[1].start in (None, 0) and a[1].step is None and a[1].stop == 1:
        return (3,)
    if type(a[1]) is slice and a[1].start in (None, 0) and a[1].stop in (2, 3):
        return a[0]
    return Unknown("python-version", kind="int")


VERSION.namespace["__getitem__"] = Builtin("__getitem__", _version_part, binds=True)
VERSION.namespace["major"] = 3
VERSION.opaque = "python-version"


def _exit(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    raise ev.error("SystemExit", *a)


SYS: dict[str, Value] = {
    "maxsize": 2**63 - 1, "byteorder": "little", "version_info": Instance(VERSION), "exit": Builtin("sys.exit", _exit),
    "maxunicode": 0x10FFFF, "getdefaultencoding": Builtin("sys.getdefaultencoding", lambda ev, a, k: "utf-8"),
    "intern": Builtin("sys.intern", lambda ev, a, k: a[0]),
    # The tests are taken to run where most of them do.
    "platform": "linux",
}  # fmt: skip

# -- inspect ------------------------------------------------------------------------------------------------------------


def _predicate(test: Callable[[Value], bool]) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if isinstance(a[0], Unknown):
            ev.reason(a[0].why)
            return Unknown(a[0].why, kind="bool")
        if type(a[0]) is Instance and (a[0].klass.kind == "mock" or a[0].klass.opaque):
            return Unknown("inspect", kind="bool")
        return test(a[0])

    return call


def _function(value: Value) -> FunctionValue | None:
    while type(value) is BoundMethod:
        value = value.function
    return value if type(value) is FunctionValue else None


def _is_async(value: Value) -> bool:
    function = _function(value)
    return (
        function is not None
        and function.definition.is_async
        and not function.definition.body.load().generator
    )


def _is_generator_function(value: Value) -> bool:
    function = _function(value)
    return (
        function is not None
        and function.definition.body.load().generator
        and not function.definition.is_async
    )


_PREDICATES: dict[str, Callable[[Value], bool]] = {
    "isclass": lambda v: isinstance(v, ClassValue), "isfunction": lambda v: type(v) is FunctionValue,
    "ismethod": lambda v: type(v) is BoundMethod and type(v.function) is FunctionValue,
    "ismodule": lambda v: type(v) is ModuleValue, "iscoroutinefunction": _is_async,
    "isgeneratorfunction": _is_generator_function, "iscoroutine": lambda v: type(v) is Coroutine,
    "isgenerator": lambda v: type(v) is IteratorValue and v.kind == "generator",
    "isabstract": lambda v: isinstance(v, ClassValue) and bool(v.abstract),
}  # fmt: skip


def _cleandoc(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.host(inspect.cleandoc, a[0]) if isinstance(a[0], str) else Unknown("inspect", kind="str")


INSPECT: dict[str, Value] = {
    **{n: Builtin("inspect." + n, _predicate(t)) for n, t in _PREDICATES.items()},
    "cleandoc": Builtin("inspect.cleandoc", _cleandoc),
}  # fmt: skip

# -- io -----------------------------------------------------------------------------------------------------------------

STRING_IO = ClassValue("StringIO", [types.OBJECT])
BYTES_IO = ClassValue("BytesIO", [types.OBJECT])
for _klass in (STRING_IO, BYTES_IO):
    _klass.kind = "memory"
_CONTENT, _AT, _CLOSED = "memory:content", "memory:at", "memory:closed"


def _open(ev: Any, value: Instance) -> Any:
    """The file in memory as Python's own, at its place; it is made anew for every operation."""
    content = value.attrs.get(_CONTENT)
    if isinstance(content, Unknown) or content is None:
        raise Stop("memory-file")
    if value.attrs.get(_CLOSED):
        raise ev.error("ValueError", "I/O operation on closed file.")
    made: Any = io.StringIO(newline="") if isinstance(content, str) else io.BytesIO()
    made.write(content)
    made.seek(value.attrs[_AT])
    return made


def _initialise(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    value = a[0]
    blank: Any = "" if STRING_IO in value.klass.mro else b""
    given = ev.raw(a[1]) if len(a) > 1 else k.get("initial_value", k.get("initial_bytes"))
    if given is not None and not isinstance(given, (type(blank), Unknown, bytearray)):
        raise ev.error("TypeError", f"initial_value must be str or None, not {type_name(given)}")
    if "newline" in k or len(a) > 2:
        raise Stop("memory-file")
    value.attrs.update({_AT: 0, _CLOSED: False, _CONTENT: blank if given is None else given})


def _operation(name: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        value = a[0]
        arguments = [ev.raw(v) for v in a[1:]]
        if name in ("write", "writelines") and any(isinstance(v, Unknown) for v in arguments):
            value.attrs[_CONTENT] = Unknown("memory-file")
            return Unknown("memory-file", kind="int")
        if k or any(isinstance(v, Unknown) for v in arguments):
            raise Stop("memory-file")
        if name == "writelines":
            for line in ev.collect(arguments[0]):
                call_write(ev, [value, line], {})
            return None
        handle = _open(ev, value)
        result = ev.host(getattr(handle, name), *arguments)
        content = handle.getvalue()
        ev.charge(len(content))
        value.attrs[_CONTENT], value.attrs[_AT] = content, handle.tell()
        return result

    return call


call_write = _operation("write")


def _lines(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return IteratorValue(iter(_operation("readlines")(ev, a, k)))


def _close(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    a[0].attrs[_CLOSED] = True


for _klass in (STRING_IO, BYTES_IO):
    for _name in (
        "read",
        "readline",
        "readlines",
        "getvalue",
        "seek",
        "tell",
        "truncate",
        "write",
        "writelines",
    ):
        _klass.namespace[_name] = Builtin(_name, _operation(_name), binds=True)
    for _name in ("flush", "__enter__"):
        _klass.namespace[_name] = Builtin(_name, lambda ev, a, k: a[0] if len(a) == 1 else None, binds=True)
    for _name in ("readable", "writable", "seekable"):
        _klass.namespace[_name] = Builtin(_name, lambda ev, a, k: True, binds=True)
    for _name in ("close", "__exit__"):
        _klass.namespace[_name] = Builtin(_name, _close, binds=True)
    _klass.namespace["isatty"] = Builtin("isatty", lambda ev, a, k: False, binds=True)
    _klass.namespace["__init__"] = Builtin("__init__", _initialise, binds=True)
    _klass.namespace["__iter__"] = Builtin("__iter__", _lines, binds=True)
    _klass.namespace["flush"] = Builtin("flush", lambda ev, a, k: None, binds=True)
IO: dict[str, Value] = {"StringIO": STRING_IO, "BytesIO": BYTES_IO}
