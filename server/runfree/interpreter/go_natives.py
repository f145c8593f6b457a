"""Go library values with behaviour of their own: errors, string builders, buffers, mutexes."""

from __future__ import annotations

from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.go_types import (
    NIL_VALUE,
    UINT8,
    G,
    GoBuiltin,
    GoType,
    from_bytes,
    integer,
    pointer_to,
    text,
    to_bytes,
)
from runfree.interpreter.values import Unknown, Value


def native_type(name: str, package: str) -> GoType:
    """A library type whose values are objects here."""
    made = GoType("native", name)
    made.package = package
    return made


class ErrorValue:
    """What errors.New and fmt.Errorf make; compared by identity."""

    def __init__(self, message: str, inner: list[Value]) -> None:
        self.message = message
        self.inner = inner
        self.methods = ("Error", "Unwrap") if inner else ("Error",)

    def member(self, ev: Any, name: str) -> Value:
        """A method."""
        if name == "Error":
            return GoBuiltin("Error", lambda e, a: text(self.message))
        if name == "Unwrap" and self.inner:
            return GoBuiltin("Unwrap", lambda e, a: self.inner[0])
        return Unknown("error." + name)


def _count(size: int) -> G:
    return G(_INT64, size)


_INT64 = GoType("int64")
_ERROR_STRING = pointer_to(native_type("errorString", "errors"))
_WRAP_ERROR = pointer_to(native_type("wrapError", "fmt"))


def error(message: str, kind: str = "") -> G:
    """A new error."""
    t = _ERROR_STRING if not kind else pointer_to(native_type(kind, "strconv"))
    return G(t, ErrorValue(message, []), True)


def wrapped(message: str, inner: list[Value]) -> G:
    """An error of fmt.Errorf."""
    return G(_WRAP_ERROR if inner else _ERROR_STRING, ErrorValue(message, inner), True)


class Text:
    """strings.Builder and bytes.Buffer, as far as they are written and read whole."""

    methods = (
        "WriteString",
        "WriteByte",
        "WriteRune",
        "Write",
        "String",
        "Len",
        "Reset",
        "Grow",
        "Bytes",
        "WriteTo",
        "Truncate",
    )

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.unknown = False

    def write(self, ev: Any, value: str) -> None:
        """Appends text."""
        ev.charge(len(value) + 1)
        self.parts.append(to_bytes(value))

    def member(self, ev: Any, name: str) -> Value:
        """A method."""
        if name not in self.methods:
            self.unknown = True
            return Unknown("buffer." + name)
        return GoBuiltin("Builder." + name, lambda e, a: self.run(e, name, a))

    def run(self, ev: Any, name: str, a: list[Value]) -> Value:
        """The result of a method."""
        data = b"".join(self.parts)
        if name in ("String", "Len", "Bytes"):
            if self.unknown:
                return Unknown("buffer")
            ev.charge(len(data))
            if name == "Bytes":
                return ev.convert(text(from_bytes(data)), _BYTES)
            return text(from_bytes(data)) if name == "String" else integer(len(data))
        if name == "Reset":
            self.parts, self.unknown = [], False
            return None
        if name == "Grow":
            return None
        if name == "Truncate" and type(a[0]) is G and 0 <= a[0].v <= len(data):
            self.parts = [data[: a[0].v]]
            return None
        if name == "WriteTo":
            into = a[0].v if type(a[0]) is G else None
            if not isinstance(into, Text) or self.unknown or into is self:
                raise Stop("buffer.WriteTo")
            into.parts.append(data)
            self.parts = []
            return _count(len(data)), NIL_VALUE
        if isinstance(a[0], Unknown):
            self.unknown = True
            return (Unknown("buffer"), NIL_VALUE) if name != "WriteByte" else NIL_VALUE
        if name == "WriteString":
            self.write(ev, a[0].v)
            return integer(len(to_bytes(a[0].v))), NIL_VALUE
        if name == "WriteByte":
            self.parts.append(bytes([ev.coerce(a[0], UINT8).v]))
            return NIL_VALUE
        if name == "WriteRune":
            char = ev.convert(ev.default(a[0]), text("").t).v
            self.write(ev, char)
            return integer(len(to_bytes(char))), NIL_VALUE
        chunk = bytes(i.v for i in (a[0].v.items() if a[0].v is not None else []))
        ev.charge(len(chunk))
        self.parts.append(chunk)
        return integer(len(chunk)), NIL_VALUE


class Mutex:
    """sync.Mutex and RWMutex: nothing runs at the same time here, but unlocking twice is fatal."""

    methods = ("Lock", "Unlock", "RLock", "RUnlock")

    def __init__(self) -> None:
        self.writers = 0
        self.readers = 0

    def run(self, ev: Any, name: str) -> Value:
        """Locks or unlocks."""
        if name == "Lock":
            if self.writers or self.readers:
                raise Stop("deadlock")
            self.writers = 1
        elif name == "RLock":
            if self.writers:
                raise Stop("deadlock")
            self.readers += 1
        elif name == "Unlock":
            if not self.writers:
                raise ev.panic("fatal error: sync: unlock of unlocked mutex")
            self.writers = 0
        else:
            if not self.readers:
                raise ev.panic("fatal error: sync: RUnlock of unlocked RWMutex")
            self.readers -= 1
        return None

    def member(self, ev: Any, name: str) -> Value:
        """A method."""
        if name not in self.methods:
            return Unknown("sync." + name)
        return GoBuiltin("Mutex." + name, lambda e, a: self.run(e, name))


_BYTES = GoType("slice", elem=UINT8)
BUILDER, BUFFER, MUTEX = (
    native_type("Builder", "strings"),
    native_type("Buffer", "bytes"),
    native_type("Mutex", "sync"),
)
FACTORIES: dict[GoType, type] = {BUILDER: Text, BUFFER: Text, MUTEX: Mutex}
