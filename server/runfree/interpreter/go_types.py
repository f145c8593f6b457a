"""Go's types and the values that carry them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.values import Env, Value

INT_BITS = {
    "int": (64, True), "int8": (8, True), "int16": (16, True), "int32": (32, True), "int64": (64, True),
    "uint": (64, False), "uint8": (8, False), "uint16": (16, False), "uint32": (32, False), "uint64": (64, False),
    "uintptr": (64, False),
}  # fmt: skip
INTEGERS = frozenset(INT_BITS) | {"untyped int", "untyped rune"}
FLOATS = frozenset({"float32", "float64", "untyped float"})
NUMERIC = INTEGERS | FLOATS


class GoType:
    """A type: `kind` is that of its underlying type; a named type has a name and methods of its own.

    Attributes:
        elem, key: of slices, arrays, pointers, channels and maps. length: of arrays.
        fields: (name, type, embedded) of structs. names: methods that an interface asks for.
        params, results, variadic: of functions. methods: name to (definition, pointer receiver).
    """

    __slots__ = (
        "elem", "fields", "key", "kind", "length", "methods", "name", "names", "package", "params", "results",
        "variadic",
    )  # fmt: skip

    def __init__(self, kind: str, name: str = "", elem: GoType | None = None) -> None:
        self.kind = kind
        self.name = name
        self.elem = elem
        self.key: GoType | None = None
        self.length = 0
        self.fields: tuple[tuple[str, GoType, bool], ...] = ()
        self.names: tuple[str, ...] = ()
        self.params: tuple[GoType, ...] = ()
        self.results: tuple[GoType, ...] = ()
        self.variadic = False
        self.methods: dict[str, tuple[ir.FunctionDef, bool]] = {}
        self.package = "main"

    def text(self) -> str:
        """The type as `%T` shows it."""
        if self.name:
            return f"{self.package}.{self.name}" if self.package else self.name
        inner = self.elem.text() if self.elem is not None else ""
        if self.kind == "slice":
            return "[]" + inner
        if self.kind == "array":
            return f"[{self.length}]{inner}"
        if self.kind == "pointer":
            return "*" + inner
        if self.kind == "map" and self.key is not None:
            return f"map[{self.key.text()}]{inner}"
        if self.kind == "interface" and not self.names:
            return "interface {}"
        if self.kind in INT_BITS or self.kind in FLOATS or self.kind in ("string", "bool"):
            return self.kind
        raise Stop("format:%T")

    def field(self, name: str) -> GoType | None:
        """The type of a struct's own field."""
        return next((t for n, t, _ in self.fields if n == name), None)

    def underlie(self, other: GoType) -> None:
        """Takes over the structure of another type (`type Name Other`)."""
        for slot in ("kind", "elem", "key", "length", "fields", "names", "params", "results", "variadic"):
            setattr(self, slot, getattr(other, slot))


def basic(kind: str) -> GoType:
    """A predeclared type."""
    return GoType(kind)


BOOL, STRING, INT, FLOAT64, INT32, UINT8 = map(basic, ("bool", "string", "int", "float64", "int32", "uint8"))
UNTYPED_INT, UNTYPED_FLOAT, UNTYPED_RUNE = map(basic, ("untyped int", "untyped float", "untyped rune"))
UNTYPED_STRING, UNTYPED_BOOL, NIL = map(basic, ("untyped string", "untyped bool", "nil"))
ANY = GoType("interface")
ERROR = GoType("interface", "error")
ERROR.names = ("Error",)
ERROR.package = ""
OPAQUE = GoType("opaque")
UNIVERSE: dict[str, GoType] = {
    **{k: basic(k) for k in INT_BITS}, "float32": basic("float32"), "float64": FLOAT64, "string": STRING, "bool": BOOL,
    "error": ERROR, "any": ANY, "int": INT, "int32": INT32, "uint8": UINT8, "comparable": ANY,
}  # fmt: skip
UNIVERSE["byte"], UNIVERSE["rune"] = UINT8, INT32
DEFAULTS = {
    "untyped int": INT, "untyped float": FLOAT64, "untyped rune": INT32, "untyped string": STRING, "untyped bool": BOOL,
}  # fmt: skip


class G:
    """A known Go value: its type and data; `boxed` where it sits in an interface (a nil pointer in one is not nil)."""

    __slots__ = ("boxed", "t", "v")

    def __init__(self, t: GoType, v: Any, boxed: bool = False) -> None:
        self.t = t
        self.v = v
        self.boxed = boxed

    def __repr__(self) -> str:
        return f"<{self.t.kind} {self.v!r}>"


class StructData:
    """The fields of one struct variable; pointers to it share it."""

    __slots__ = ("fields", "t")

    def __init__(self, t: GoType, fields: dict[str, Value]) -> None:
        self.t = t
        self.fields = fields


class SliceData:
    """A window on a shared array."""

    __slots__ = ("array", "cap", "length", "offset")

    def __init__(
        self, array: list[Value], offset: int = 0, length: int | None = None, cap: int | None = None
    ) -> None:
        self.array = array
        self.offset = offset
        self.length = len(array) - offset if length is None else length
        self.cap = len(array) - offset if cap is None else cap

    def items(self) -> list[Value]:
        """The elements."""
        return self.array[self.offset : self.offset + self.length]


class MapData:
    """A map: hashable stand-in of a key to (key, value)."""

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: dict[Any, tuple[Value, Value]] = {}


class Ref:
    """A pointer to a variable, field or element that is not a struct."""

    __slots__ = ("container", "key")

    def __init__(self, container: Any, key: Any) -> None:
        self.container = container
        self.key = key

    def get(self) -> Value:
        """The value it points to."""
        return self.container[self.key]

    def set(self, value: Value) -> None:
        """Writes through the pointer."""
        self.container[self.key] = value

    def same(self, other: object) -> bool:
        """Whether two pointers point to the same place."""
        return isinstance(other, Ref) and self.container is other.container and self.key == other.key


class GoPackage:
    """An imported package: `members` is its table, `env` its scope where it is one of our own; else not modelled."""

    __slots__ = ("env", "members", "name", "path")

    def __init__(self, path: str, members: dict[str, Value] | None, env: Env | None = None) -> None:
        self.path = path
        self.env = env
        self.name = path.rsplit("/", 1)[-1]
        self.members = members


class GoBuiltin:
    """A modelled function: `call(evaluator, arguments)`."""

    __slots__ = ("call", "name")

    def __init__(self, name: str, call: Callable[[Any, list[Value]], Value]) -> None:
        self.name = name
        self.call = call


class Method:
    """A method with its receiver, or a method expression where the receiver is None."""

    __slots__ = ("definition", "receiver")

    def __init__(self, definition: ir.FunctionDef, receiver: Value) -> None:
        self.definition = definition
        self.receiver = receiver


def wrap(kind: str, value: int) -> int:
    """An integer brought into the range of its type by two's complement."""
    known = INT_BITS.get(kind)
    if known is None:
        return value
    bits, signed = known
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def round32(value: float) -> float:
    """A float rounded to 32 bits."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def identical(one: GoType, other: GoType) -> bool:
    """Whether two types are the same."""
    if one is other:
        return True
    if one.name or other.name:
        return False
    if one.kind != other.kind:
        return False
    if one.kind in ("slice", "pointer", "chan", "array"):
        return (
            one.length == other.length
            and one.elem is not None
            and other.elem is not None
            and identical(one.elem, other.elem)
        )
    if one.kind == "map":
        return (
            one.key is not None
            and other.key is not None
            and one.elem is not None
            and other.elem is not None
            and identical(one.key, other.key)
            and identical(one.elem, other.elem)
        )
    if one.kind == "struct":
        return [(n, e) for n, _, e in one.fields] == [(n, e) for n, _, e in other.fields] and all(
            identical(a[1], b[1]) for a, b in zip(one.fields, other.fields, strict=True)
        )
    if one.kind == "func":
        return (
            len(one.params) == len(other.params)
            and len(one.results) == len(other.results)
            and one.variadic == other.variadic
            and all(identical(a, b) for a, b in zip(one.params, other.params, strict=True))
            and all(identical(a, b) for a, b in zip(one.results, other.results, strict=True))
        )
    if one.kind == "interface":
        return set(one.names) == set(other.names)
    return True


def has_opaque(t: GoType | None) -> bool:
    """Whether a type is not known in all its parts."""
    if t is None:
        return False
    if t.name:
        return t.kind == "opaque" or (t.names != () and any(has_opaque(p) for p in t.params))
    return t.kind == "opaque" or has_opaque(t.elem) or has_opaque(t.key)


def pointer_to(t: GoType) -> GoType:
    """`*T`."""
    return GoType("pointer", elem=t)


def slice_of(t: GoType) -> GoType:
    """`[]T`."""
    return GoType("slice", elem=t)


def text(value: str) -> G:
    """A string value."""
    return G(STRING, value)


def integer(value: int) -> G:
    """An int value."""
    return G(INT, value)


def boolean(value: bool) -> G:
    """A bool value."""
    return G(BOOL, value)


def strings(values: list[str]) -> G:
    """A []string value."""
    return G(slice_of(STRING), SliceData([text(v) for v in values]))


NIL_VALUE = G(NIL, None)


def to_bytes(value: str) -> bytes:
    """The bytes of a Go string, kept in Python with surrogates for bytes that are not UTF-8."""
    return value.encode("utf-8", "surrogateescape")


def from_bytes(value: bytes) -> str:
    """A Go string of bytes."""
    return value.decode("utf-8", "surrogateescape")
