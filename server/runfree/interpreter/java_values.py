"""Java's values: primitives with their kinds, boxes, arrays, collections, objects of the user's classes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.values import Env, ModuleValue, Value

INTEGRAL = {"byte": 8, "short": 16, "int": 32, "long": 64, "char": 16}
RANKS = {"byte": 1, "short": 2, "char": 2, "int": 3, "long": 4, "float": 5, "double": 6}
BOXES = {
    "Integer": "int", "Long": "long", "Double": "double", "Boolean": "boolean", "Character": "char", "Byte": "byte",
    "Short": "short", "Float": "float",
}  # fmt: skip
PRIMITIVES = frozenset(RANKS) | {"boolean"}
BOX_OF = {v: k for k, v in BOXES.items()}


class J:
    """A primitive value, or a box around one."""

    __slots__ = ("boxed", "k", "v")

    def __init__(self, k: str, v: Any, boxed: bool = False) -> None:
        self.k = k
        self.v = v
        self.boxed = boxed

    def __repr__(self) -> str:
        return f"<{self.k} {self.v}>"


class JArray:
    """An array with the source text of its element type."""

    __slots__ = ("element", "items")

    def __init__(self, element: str, items: list[Value]) -> None:
        self.element = element
        self.items = items


class JList:
    """A List. `kind`: ArrayList, LinkedList, fixed (Arrays.asList), immutable (List.of), unmodifiable."""

    __slots__ = ("items", "kind")

    def __init__(self, items: list[Value], kind: str = "ArrayList") -> None:
        self.items = items
        self.kind = kind


class JMap:
    """A Map: stand-in of a key to (key, value), in order of insertion. `kind` says how it is iterated."""

    __slots__ = ("comparator", "entries", "frozen", "kind", "view")

    def __init__(self, kind: str = "HashMap") -> None:
        self.comparator: Value = None
        self.entries: dict[Any, tuple[Value, Value]] = {}
        self.kind = kind
        self.frozen = False
        self.view = False


class JSet:
    """A Set, held like the keys of a map."""

    __slots__ = ("map",)

    def __init__(self, kind: str = "HashMap") -> None:
        self.map = JMap(kind)


class JOptional:
    """An Optional; None inside means empty."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class JBuilder:
    """A StringBuilder."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class JEntry:
    """An entry of a map, which shows what the map holds."""

    __slots__ = ("key", "map")

    def __init__(self, holder: JMap, key: Value) -> None:
        self.map = holder
        self.key = key


class JIterator:
    """An Iterator over elements computed; `source` is what `remove` takes them from."""

    __slots__ = ("items", "position", "source")

    def __init__(self, items: list[Value], source: Value = None) -> None:
        self.items = items
        self.position = 0
        self.source = source


class JStream:
    """A stream with its elements computed; `kind` is "" for objects, else the primitive."""

    __slots__ = ("items", "kind")

    def __init__(self, items: list[Value], kind: str = "") -> None:
        self.items = items
        self.kind = kind


class JClass:
    """A class of the user, or a library exception. `opaque`: why members may exist that are not known."""

    __slots__ = (
        "annotations",
        "bases",
        "components",
        "constants",
        "definition",
        "env",
        "fields",
        "initialised",
        "interfaces",
        "kind",
        "methods",
        "modifiers",
        "module",
        "name",
        "opaque",
        "outer",
        "static",
        "statics",
    )  # fmt: skip

    def __init__(self, name: str, kind: str = "class") -> None:
        self.name = name
        self.kind = kind
        self.bases: list[JClass] = []
        self.opaque = ""
        self.interfaces: frozenset[str] = frozenset()
        self.methods: dict[str, list[ir.FunctionDef]] = {}
        self.fields: list[ir.Statement] = []
        self.static: dict[str, Value] = {}
        # Declarations of static fields by name.
        self.statics: dict[str, ir.Annotate] = {}
        self.components: tuple[ir.Parameter, ...] = ()
        self.constants: list[Value] = []
        self.definition: ir.ClassDef | None = None
        self.env: Env | None = None
        self.module: ModuleValue | None = None
        self.outer: JClass | None = None
        self.initialised = True
        self.modifiers: frozenset[str] = frozenset()
        self.annotations: Any = ()

    def order(self) -> list[JClass]:
        """The class and all above it, nearest first."""
        seen: list[JClass] = []
        todo = [self]
        while todo:
            item = todo.pop(0)
            if item not in seen:
                seen.append(item)
                todo += item.bases
        return seen

    def is_a(self, name: str) -> bool:
        """Whether a class or JDK interface of that name is among them; `Outer.Inner` is known as `Inner`."""
        name = name.rpartition(".")[2]
        return any(k.name == name or name in k.interfaces for k in self.order())


class JObject:
    """An object of a user's class, an enum constant, a record or an exception.

    `scopes`: for each of its classes that is an inner one, what lies around it.
    """

    __slots__ = ("fields", "klass", "scopes")

    def __init__(self, klass: JClass) -> None:
        self.klass = klass
        self.scopes: dict[int, Env] = {}
        self.fields: dict[str, Value] = {}


class JFunction:
    """A lambda or method reference: `call(evaluator, arguments)`; `klass`: the user's interface it was assigned to."""

    __slots__ = ("call", "klass")

    def __init__(self, call: Callable[[Any, list[Value]], Value], klass: JClass | None = None) -> None:
        self.call = call
        self.klass = klass


class JType:
    """The name of a type used as a value: `Math`, `Integer`, or a class literal."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def wrap(kind: str, value: int) -> int:
    """An integer brought into the range of its type."""
    bits = INTEGRAL[kind]
    value &= (1 << bits) - 1
    return value if kind == "char" or not value >> (bits - 1) else value - (1 << bits)


def round32(value: float) -> float:
    """A double rounded to float."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def integer(value: int) -> J:
    """An int."""
    return J("int", wrap("int", value))


def boolean(value: bool) -> J:
    """A boolean."""
    return J("boolean", value)


def box(value: Value) -> Value:
    """A primitive in its box; anything else as it is."""
    return J(value.k, value.v, True) if type(value) is J and not value.boxed else value


def hash_text(text: str) -> int:
    """String.hashCode."""
    result = 0
    for char in text:
        result = (31 * result + ord(char)) & 0xFFFFFFFF
    return wrap("int", result)
