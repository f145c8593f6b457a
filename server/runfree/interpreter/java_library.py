"""The parts of Java's library that tests really use: strings, boxes, collections, Optional, Math, simple streams."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.java_collections import (
    METHODS as COLLECTION_METHODS,
)
from runfree.interpreter.java_collections import (
    STATIC_METHODS as COLLECTION_STATIC,
)
from runfree.interpreter.java_collections import (
    list_method,
    map_method,
    queue_method,
    set_method,
)
from runfree.interpreter.java_evaluator import CONSTANTS, JavaEvaluator, double_text
from runfree.interpreter.java_regex import (
    CONSTANTS as REGEX_CONSTANTS,
)
from runfree.interpreter.java_regex import (
    METHODS as REGEX_METHODS,
)
from runfree.interpreter.java_regex import (
    STATIC_METHODS as REGEX_STATIC,
)
from runfree.interpreter.java_regex import (
    STRING_METHODS,
)
from runfree.interpreter.java_summary import METHODS as SUMMARY_METHODS
from runfree.interpreter.java_summary import NEW as SUMMARY_NEW
from runfree.interpreter.java_summary import summarise
from runfree.interpreter.java_values import (
    BOXES,
    INTEGRAL,
    PRIMITIVES,
    J,
    JArray,
    JBuilder,
    JFunction,
    JList,
    JMap,
    JObject,
    JOptional,
    JSet,
    JStream,
    JType,
    boolean,
    box,
    hash_text,
    integer,
    wrap,
)
from runfree.interpreter.values import Unknown, Value

Call = Callable[[Any, Any, list[Value]], Value]


# Methods that take no argument, on every library class that has them.
_NO_ARGUMENTS = frozenset(
    [
        "size",
        "isEmpty",
        "length",
        "hasNext",
        "next",
        "iterator",
        "hashCode",
        "getClass",
        "clear",
        "trim",
        "intValue",
        "longValue",
        "doubleValue",
        "keySet",
        "values",
        "entrySet",
        "getKey",
        "getValue",
        "toCharArray",
        "isPresent",
        "isBlank",
        "strip",
        "boxed",
        "distinct",
        "findFirst",
        "peekFirst",
    ]
)
METHODS: dict[type, Any] = {**COLLECTION_METHODS, **REGEX_METHODS, **SUMMARY_METHODS}
_LISTS = frozenset({"ArrayList", "LinkedList", "ArrayDeque", "Stack"})
# Classes that hold and order their elements as another one does.
_SAME = {
    "Vector": "ArrayList", "CopyOnWriteArrayList": "ArrayList", "LinkedBlockingDeque": "ArrayDeque",
    "ConcurrentLinkedDeque": "ArrayDeque", "ConcurrentLinkedQueue": "ArrayDeque",
}  # fmt: skip
# What is thrown for a capacity below zero.
_SIZED = {
    **dict.fromkeys(
        ("ArrayList", "Vector", "HashMap", "LinkedHashMap", "HashSet", "LinkedHashSet", "ConcurrentHashMap"),
        "IllegalArgumentException",
    ),
    **dict.fromkeys(("StringBuilder", "StringBuffer"), "NegativeArraySizeException"),
}
_QUEUES = ("LinkedList", "ArrayDeque", "Stack")
CONSTANTS.update(REGEX_CONSTANTS)
_LANG = frozenset(
    [
        "Object",
        "String",
        "Math",
        "Integer",
        "Long",
        "Double",
        "Boolean",
        "Character",
        "Byte",
        "Short",
        "Float",
        "System",
        "Thread",
        "Runtime",
        "StringBuilder",
        "StringBuffer",
        "Number",
        "Class",
        "Iterable",
        "Comparable",
        "Enum",
        "Record",
        "Void",
    ]
)


class JavaLibrary(JavaEvaluator):
    """The evaluator with the library's tables."""

    def instance_call(self, owner: Value, name: str, arguments: list[Value]) -> Value:
        self.step()
        if arguments and name in _NO_ARGUMENTS:
            raise Stop("does-not-compile")
        tables: tuple[tuple[type, dict[str, Call]], ...] = (
            (str, STRING), (JBuilder, BUILDER), (JList, LIST), (JMap, MAP), (JSet, SET), (JOptional, OPTIONAL),
            (JStream, STREAM), (J, BOX),
        )  # fmt: skip
        for kind, table in tables:
            if type(owner) is kind and name in table:
                if isinstance(owner, JList) and owner.kind in _QUEUES:
                    found = queue_method(self, owner, name, arguments)
                    if found is not NotImplemented:
                        return found
                unknown = next((a for a in arguments if isinstance(a, Unknown)), None)
                if unknown is not None and kind is str:
                    self.hand_over(arguments)
                if unknown is not None and kind is not JList and name not in ("put", "equals"):
                    self.risky(unknown.why)
                    if kind in (JBuilder, JMap, JSet):
                        raise Stop("unknown-argument:" + unknown.why)
                    return Unknown(unknown.why)
                return table[name](self, owner, arguments)
        more = self.more_methods(owner, name, arguments)
        if more is not NotImplemented:
            return more
        if name == "equals":
            same = self.equals(owner, arguments[0])
            return same if isinstance(same, Unknown) else boolean(same)
        if name == "toString":
            return self.text(owner)
        if name == "forEach" and type(owner) in (JList, JSet):
            for item in self.iterate(owner):
                self.invoke(arguments[0], "accept", [item])
            return None
        if name in ("stream", "parallelStream", "spliterator") and type(owner) in (JList, JSet):
            return JStream(list(self.iterate(owner)))
        if name == "clone" and type(owner) is JArray:
            return JArray(owner.element, list(owner.items))
        self.risky("library:" + name)
        if type(owner) in (JBuilder, JList, JMap, JSet):
            raise Stop("library:" + name)
        self.hand_over(arguments)
        return Unknown("library:" + name, name)

    def more_methods(self, owner: Value, name: str, arguments: list[Value]) -> Any:
        """Methods of library values that are not in the tables; NotImplemented if it is none."""
        methods = METHODS.get(type(owner))
        if methods is None and type(owner) not in (JList, JMap, JSet):
            return NotImplemented
        unknown = next((a for a in arguments if isinstance(a, Unknown)), None)
        if unknown is not None:
            raise Stop("unknown-argument:" + unknown.why)
        if methods is not None:
            return methods(self, owner, name, arguments)
        if type(owner) is JList:
            found = queue_method(self, owner, name, arguments)
            return found if found is not NotImplemented else list_method(self, owner, name, arguments)
        return (map_method if type(owner) is JMap else set_method)(self, owner, name, arguments)

    def static_or_instance(self, owner: JType, name: str, arguments: list[Value]) -> Value:
        self.step()
        found = STATIC.get(f"{owner.name}.{name}")
        if found is not None:
            unknown = next((a for a in arguments if isinstance(a, Unknown)), None)
            if unknown is not None:
                self.risky(unknown.why)
                self.hand_over(arguments)
                return Unknown(unknown.why)
            return found(self, owner, arguments)
        values = owner.name in ("String", "Object") or owner.name in BOXES
        if values and arguments and not isinstance(arguments[0], Unknown):
            return self.invoke(arguments[0], name, arguments[1:])
        why = self.origin(owner.name)
        self.risky(why)
        self.hand_over(arguments)
        return Unknown(why, f"{owner.name}.{name}")

    def origin(self, name: str) -> str:
        """The reason code of an unknown class: of the JDK, or of the project."""
        return ("library:" if name in self.table.platform or name in _LANG else "home:") + name

    def library_new(self, name: str, arguments: list[Value]) -> Value:
        first = arguments[0] if arguments else None
        if type(first) is J and first.k in INTEGRAL and first.v < 0 and name in _SIZED:
            raise self.error(_SIZED[name], Unknown("message"))
        if name in _LISTS or name in _SAME:
            name = _SAME.get(name, name)
            if isinstance(first, Unknown):
                raise Stop("unknown-argument:" + first.why)
            items = list(self.iterate(first)) if arguments and type(first) is not J else []
            return JList(items, name)
        if name in SUMMARY_NEW and not arguments and name in self.table.platform:
            return SUMMARY_NEW[name]()
        if name in ("HashMap", "LinkedHashMap", "TreeMap", "ConcurrentHashMap"):
            made = JMap(name)
            if type(first) in (JFunction, JObject) and name == "TreeMap":
                made.comparator = first
            elif type(first) is JMap:
                for key, value in first.entries.values():
                    made.entries[self.key(key)] = (key, value)
            elif first is not None and type(first) is not J:
                raise Stop("new:" + name)
            return made
        if name in ("HashSet", "LinkedHashSet", "TreeSet"):
            result = JSet(name.replace("Set", "Map"))
            if type(first) in (JFunction, JObject) and name == "TreeSet":
                result.map.comparator, arguments = first, []
            for item in self.iterate(first) if arguments and type(first) is not J else ():
                result.map.entries.setdefault(self.key(item), (item, None))
            return result
        if name in ("StringBuilder", "StringBuffer"):
            text = self.text(first) if arguments and not (type(first) is J and first.k == "int") else ""
            if isinstance(text, Unknown):
                return text
            return JBuilder(text)
        if name == "Object":
            return Unknown("object")
        if name == "String":
            return new_string(self, arguments)
        self.risky(self.origin(name))
        self.hand_over(arguments)
        return Unknown(self.origin(name), name)

    # -- helpers ------------------------------------------------------------------------------------------------------

    def bounds(self, index: int, size: int) -> None:
        """Refuses an index outside a list."""
        if not 0 <= index < size:
            raise self.error("IndexOutOfBoundsException", f"Index {index} out of bounds for length {size}")

    def natural(self, one: Value, other: Value) -> int:
        """compareTo of two values."""
        if type(one) is J and type(other) is J:
            return int(one.v > other.v) - int(one.v < other.v)
        if isinstance(one, str) and isinstance(other, str):
            return compare_text(one, other)
        answer = self.invoke(one, "compareTo", [other])
        if type(answer) is not J:
            raise Stop("order")
        return int(answer.v)

    def ordered(self, items: list[Value], comparator: Value) -> list[Value]:
        """Sorted items."""
        self.step(len(items))
        if any(isinstance(i, Unknown) for i in items):
            raise Stop("order")

        def order(one: Value, other: Value) -> int:
            if comparator is None:
                return self.natural(one, other)
            answer = self.invoke(comparator, "compare", [one, other])
            if type(answer) is not J:
                raise Stop("order")
            return int(answer.v)

        return sorted(items, key=cmp_to_key(order))

    def fact(self, function: Value, arguments: list[Value]) -> bool:
        """What a predicate says, decided where unknown."""
        return self.truth(self.invoke(function, "test", arguments))


def new_string(ev: JavaLibrary, a: list[Value]) -> Value:
    """`new String(...)` of texts, characters and bytes."""
    if not a:
        return ""
    if isinstance(a[0], str):
        return a[0]
    if type(a[0]) is JBuilder:
        return a[0].text
    if type(a[0]) is JArray and not any(isinstance(i, Unknown) for i in a[0].items):
        items = [i.v for i in a[0].items]
        if len(a) == 3 and type(a[1]) is J and type(a[2]) is J:
            if not 0 <= a[1].v <= a[1].v + a[2].v <= len(items):
                raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
            items, a = items[a[1].v : a[1].v + a[2].v], a[:1]
        if a[0].element == "char" and len(a) == 1:
            return "".join(map(chr, items))
        if a[0].element == "byte" and all(0 <= i < 128 for i in items):
            # The same in every charset that is in use.
            return (
                bytes(items).decode("ascii") if len(a) == 1 or _ascii_compatible(a[1]) else Unknown("charset")
            )
    return Unknown("new:String", kind="String")


def _ascii_compatible(charset: Value) -> bool:
    name = charset if isinstance(charset, str) else charset.label if isinstance(charset, Unknown) else ""
    return name.upper().replace("_", "-").rsplit(".", 1)[-1] in (
        "UTF-8",
        "US-ASCII",
        "ISO-8859-1",
        "ASCII",
        "UTF8",
    )


def compare_text(one: str, other: str) -> int:
    """String.compareTo.

    Raises:
        Stop: one is no text.
    """
    if not isinstance(one, str) or not isinstance(other, str):
        raise Stop("compareTo")
    for left, right in zip(one, other, strict=False):
        if left != right:
            return ord(left) - ord(right)
    return len(one) - len(other)


# -- strings ----------------------------------------------------------------------------------------------------------


def _sub(ev: Any, v: str, a: list[Value]) -> Value:
    low = a[0].v
    high = a[1].v if len(a) > 1 else len(v)
    if not 0 <= low <= high <= len(v):
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    return v[low:high]


def _char_at(ev: Any, v: str, a: list[Value]) -> Value:
    if not 0 <= a[0].v < len(v):
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    return J("char", ord(v[a[0].v]))


def _needle(value: Value) -> str:
    return chr(value.v) if type(value) is J else value.text if type(value) is JBuilder else value


def _index_of(last: bool) -> Call:
    def call(ev: Any, v: str, a: list[Value]) -> Value:
        if len(a) > 1:
            if last:
                return integer(v.rfind(_needle(a[0]), 0, a[1].v + len(_needle(a[0]))) if a[1].v >= 0 else -1)
            return integer(v.find(_needle(a[0]), max(a[1].v, 0)))
        return integer(v.rfind(_needle(a[0])) if last else v.find(_needle(a[0])))

    return call


def _replace(ev: Any, v: str, a: list[Value]) -> Value:
    old, new = _needle(a[0]), _needle(a[1])
    ev.charge((len(v) + 1) * (len(new) + 1) if len(new) > 1 else len(v))
    return v.replace(old, new)


def _repeat(ev: Any, v: str, a: list[Value]) -> Value:
    if a[0].v < 0:
        raise ev.error("IllegalArgumentException", f"count is negative: {a[0].v}")
    ev.charge(len(v) * a[0].v)
    return v * a[0].v


def _cased(name: str) -> Call:
    def call(ev: Any, v: str, a: list[Value]) -> Value:
        if not v.isascii():
            return Unknown("case")
        return getattr(v, name)()

    return call


def _trim(ev: Any, v: str, a: list[Value]) -> Value:
    return v.strip("".join(map(chr, range(33))))


def _text_equals(ev: Any, v: str, a: list[Value]) -> Value:
    if isinstance(a[0], Unknown):
        return Unknown(a[0].why)
    return boolean(isinstance(a[0], str) and a[0] == v)


def _ignoring_case(ev: Any, v: str, a: list[Value]) -> Value:
    if a[0] is not None and not (v.isascii() and a[0].isascii()):
        return Unknown("case")
    return boolean(a[0] is not None and v.lower() == a[0].lower())


def _flag(function: Callable[[str, str], bool]) -> Call:
    def call(ev: Any, v: str, a: list[Value]) -> Value:
        if a[0] is None:
            raise ev.error("NullPointerException", Unknown("npe-message"))
        return boolean(function(v, _needle(a[0])))

    return call


def _blank(value: str) -> bool:
    return not value.strip(" \t\n\x0b\f\r\x1c\x1d\x1e\x1f")


def _get_bytes(ev: Any, v: str, a: list[Value]) -> Value:
    name = a[0] if a and isinstance(a[0], str) else a[0].label if a and isinstance(a[0], Unknown) else "UTF-8"
    plain = v.isascii() and _ascii_compatible(Unknown("", name))
    if (not plain and name.rsplit(".", 1)[-1].replace("_", "-").upper() not in ("UTF-8", "UTF8")) or (
        not v.isprintable() and not v.isascii()
    ):
        return Unknown("charset")
    ev.charge(len(v))
    return JArray("byte", [J("byte", wrap("byte", b)) for b in v.encode("utf-8", "surrogatepass")])


def _get_chars(ev: Any, v: str, a: list[Value]) -> Value:
    low, high, into, at = a[0].v, a[1].v, a[2], a[3].v
    if into is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    if not (0 <= low <= high <= len(v) and 0 <= at <= len(into.items) - (high - low)):
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    into.items[at : at + high - low] = [J("char", ord(c)) for c in v[low:high]]
    return None


def _region(ev: Any, v: str, a: list[Value]) -> Value:
    folded = type(a[0]) is J and a[0].k == "boolean"
    start, other, at, size = a[1:] if folded else a
    if start.v < 0 or at.v < 0 or start.v + size.v > len(v) or at.v + size.v > len(other):
        return boolean(False)
    one, two = v[start.v : start.v + max(size.v, 0)], other[at.v : at.v + max(size.v, 0)]
    if folded and a[0].v:
        if not (one.isascii() and two.isascii()):
            return Unknown("case")
        one, two = one.lower(), two.lower()
    return boolean(one == two)


def _code_point(ev: Any, v: str, a: list[Value]) -> Value:
    if not 0 <= a[0].v < len(v):
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    code = ord(v[a[0].v])
    return Unknown("utf-16") if 0xD800 <= code < 0xE000 or any(ord(c) > 0xFFFF for c in v) else integer(code)


def _compare_folded(ev: Any, v: str, a: list[Value]) -> Value:
    if not (v.isascii() and a[0].isascii()):
        return Unknown("case")
    return integer(compare_text(v.lower(), a[0].lower()))


STRING: dict[str, Call] = {
    "getBytes": _get_bytes, "getChars": _get_chars, "regionMatches": _region, "codePointAt": _code_point, "compareToIgnoreCase": _compare_folded,
    "subSequence": lambda ev, v, a: _sub(ev, v, a), "contentEquals": lambda ev, v, a: boolean(v == (a[0].text if type(a[0]) is JBuilder else a[0])),
    "stripLeading": lambda ev, v, a: v.lstrip() if v.isascii() else Unknown("strip"),
    "stripTrailing": lambda ev, v, a: v.rstrip() if v.isascii() else Unknown("strip"),
    "lines": lambda ev, v, a: JStream(re.split(r"\r\n|\r|\n", v.removesuffix("\n")) if v else []) if "\r" not in v else Unknown("lines"),
    "codePoints": lambda ev, v, a: JStream([integer(ord(c)) for c in v], "int") if v.isascii() else Unknown("utf-16"),
    "codePointCount": lambda ev, v, a: integer(a[1].v - a[0].v) if v.isascii() and 0 <= a[0].v <= a[1].v <= len(v) else Unknown("utf-16"),
    "length": lambda ev, v, a: integer(len(v)) if all(ord(c) < 0x10000 for c in v) else Unknown("utf-16"),
    "isEmpty": lambda ev, v, a: boolean(not v), "charAt": _char_at, "substring": _sub, "equals": _text_equals,
    "indexOf": _index_of(False), "lastIndexOf": _index_of(True),
    "replace": _replace, "repeat": _repeat, "toUpperCase": _cased("upper"), "toLowerCase": _cased("lower"),
    "trim": _trim, "equalsIgnoreCase": _ignoring_case, "concat": lambda ev, v, a: ev.binary("+", v, a[0]),
    "contains": _flag(lambda v, x: x in v), "startsWith": _flag(lambda v, x: v.startswith(x)),
    "endsWith": _flag(lambda v, x: v.endswith(x)), "hashCode": lambda ev, v, a: integer(hash_text(v)),
    "compareTo": lambda ev, v, a: integer(compare_text(v, a[0])), "toString": lambda ev, v, a: v,
    "isBlank": lambda ev, v, a: boolean(_blank(v)), "intern": lambda ev, v, a: v,
    "strip": lambda ev, v, a: v.strip() if v.isascii() else Unknown("strip"),
    "toCharArray": lambda ev, v, a: JArray("char", [J("char", ord(c)) for c in v]),
    "chars": lambda ev, v, a: JStream([integer(ord(c)) for c in v], "int"),
    "formatted": lambda ev, v, a: java_format(ev, v, a), **STRING_METHODS,
}  # fmt: skip


def _append(ev: Any, v: JBuilder, a: list[Value]) -> Value:
    text = "".join(chr(c.v) for c in a[0].items) if type(a[0]) is JArray else ev.text(a[0])
    if isinstance(text, Unknown):
        raise Stop("unknown-argument")
    if len(a) == 3 and type(a[1]) is J and type(a[2]) is J:
        # Text: from and to; characters: from and count.
        end = a[1].v + a[2].v if type(a[0]) is JArray else a[2].v
        if not 0 <= a[1].v <= end <= len(text):
            raise ev.error("IndexOutOfBoundsException", Unknown("message"))
        text = text[a[1].v : end]
    elif len(a) > 1:
        raise Stop("append")
    ev.charge(len(text))
    v.text += text
    if len(v.text) > ev.budget.text:
        raise Stop("budget:size")
    return v


def _insert(ev: Any, v: JBuilder, a: list[Value]) -> Value:
    text = ev.text(a[1])
    if isinstance(text, Unknown) or not 0 <= a[0].v <= len(v.text):
        raise Stop("insert")
    v.text = v.text[: a[0].v] + text + v.text[a[0].v :]
    return v


def _builder(change: Callable[[str, list[Value]], str]) -> Call:
    def call(ev: Any, v: JBuilder, a: list[Value]) -> Value:
        ev.charge(len(v.text))
        v.text = change(v.text, a)
        return v

    return call


def _delete_at(ev: Any, v: JBuilder, a: list[Value]) -> Value:
    if not 0 <= a[0].v < len(v.text):
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    v.text = v.text[: a[0].v] + v.text[a[0].v + 1 :]
    return v


def _set_length(ev: Any, v: JBuilder, a: list[Value]) -> Value:
    if not 0 <= a[0].v <= len(v.text):
        raise Stop("setLength")
    v.text = v.text[: a[0].v]


def _set_char(ev: Any, v: JBuilder, a: list[Value]) -> Value:
    if not 0 <= a[0].v < len(v.text):
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    v.text = v.text[: a[0].v] + chr(a[1].v) + v.text[a[0].v + 1 :]


def _delete(ev: Any, v: JBuilder, a: list[Value]) -> Value:
    low, high = a[0].v, min(a[1].v, len(v.text))
    if not 0 <= low <= high:
        raise ev.error("StringIndexOutOfBoundsException", Unknown("message"))
    v.text = v.text[:low] + v.text[high:]
    return v


BUILDER: dict[str, Call] = {
    "setCharAt": _set_char, "delete": _delete, "lastIndexOf": lambda ev, v, a: _index_of(True)(ev, v.text, a),
    "ensureCapacity": lambda ev, v, a: None, "trimToSize": lambda ev, v, a: None,
    "subSequence": lambda ev, v, a: _sub(ev, v.text, a),
    "append": _append, "insert": _insert, "toString": lambda ev, v, a: v.text, "deleteCharAt": _delete_at,
    "reverse": _builder(lambda t, a: t[::-1]), "setLength": _set_length,
    "length": lambda ev, v, a: integer(len(v.text)), "charAt": lambda ev, v, a: _char_at(ev, v.text, a),
    "isEmpty": lambda ev, v, a: boolean(not v.text), "indexOf": lambda ev, v, a: integer(v.text.find(a[0])),
    "substring": lambda ev, v, a: _sub(ev, v.text, a),
}  # fmt: skip

# -- lists, maps, sets --------------------------------------------------------------------------------------------------


def _mutable(ev: Any, v: JList, growing: bool = True) -> None:
    if v.kind == "view":
        raise Stop("sublist")  # it writes through to the list it was taken from
    if v.kind in ("immutable", "unmodifiable", "empty") or (v.kind == "fixed" and growing):
        raise ev.error("UnsupportedOperationException")


def _list_add(ev: Any, v: JList, a: list[Value]) -> Value:
    _mutable(ev, v)
    ev.charge(1)
    if len(v.items) >= ev.budget.items:
        raise Stop("budget:items")
    if len(a) == 1:
        v.items.append(box(a[0]))
        return boolean(True)
    if isinstance(a[0], Unknown):
        raise Stop("unknown-argument")
    if not 0 <= a[0].v <= len(v.items):
        raise ev.error("IndexOutOfBoundsException", Unknown("message"))
    v.items.insert(a[0].v, box(a[1]))
    return None


def _list_get(ev: Any, v: JList, a: list[Value]) -> Value:
    if isinstance(a[0], Unknown):
        return Unknown(a[0].why)
    if v.kind == "immutable" and not 0 <= a[0].v < len(v.items):
        raise ev.error(
            "ArrayIndexOutOfBoundsException" if len(v.items) > 2 else "IndexOutOfBoundsException",
            Unknown("m"),
        )
    ev.bounds(a[0].v, len(v.items))
    return v.items[a[0].v]


def _list_set(ev: Any, v: JList, a: list[Value]) -> Value:
    _mutable(ev, v, False)
    if isinstance(a[0], Unknown):
        raise Stop("unknown-argument")
    ev.bounds(a[0].v, len(v.items))
    old, v.items[a[0].v] = v.items[a[0].v], box(a[1])
    return old


def _find(ev: Any, items: list[Value], wanted: Value) -> int:
    for position, item in enumerate(items):
        same = ev.equals(box(wanted), item) if wanted is not None else item is None
        if isinstance(same, Unknown):
            raise Stop("element")
        if same:
            return position
    return -1


def _list_remove(ev: Any, v: JList, a: list[Value]) -> Value:
    _mutable(ev, v)
    if type(a[0]) is J and not a[0].boxed:
        ev.bounds(a[0].v, len(v.items))
        return v.items.pop(a[0].v)
    found = _find(ev, v.items, a[0])
    if found >= 0:
        del v.items[found]
    return boolean(found >= 0)


def _list_sort(ev: Any, v: JList, a: list[Value]) -> Value:
    if v.kind == "empty":
        return
    _mutable(ev, v, False)
    v.items[:] = ev.ordered(v.items, a[0] if a else None)


def _list_clear(ev: Any, v: JList, a: list[Value]) -> Value:
    if v.kind == "empty" or (v.kind == "fixed" and not v.items):
        return  # nothing is removed, so nothing is refused
    _mutable(ev, v)
    v.items.clear()


def _add_all(ev: Any, v: JList, a: list[Value]) -> Value:
    _mutable(ev, v)
    items = list(ev.iterate(a[0]))
    v.items.extend(items)
    if len(v.items) > ev.budget.items:
        raise Stop("budget:items")
    return boolean(bool(items))


def _remove_if(ev: Any, v: JList, a: list[Value]) -> Value:
    if v.kind == "empty":
        return boolean(False)
    _mutable(ev, v)
    kept = [i for i in v.items if not ev.fact(a[0], [i])]
    changed = len(kept) != len(v.items)
    v.items[:] = kept
    return boolean(changed)


def _sub_list(ev: Any, v: JList, a: list[Value]) -> Value:
    low, high = a[0].v, a[1].v
    if not 0 <= low <= high <= len(v.items):
        raise ev.error("IndexOutOfBoundsException", Unknown("message"))
    return JList(v.items[low:high], "view")


def _end(position: int, remove: bool) -> Call:
    def call(ev: Any, v: JList, a: list[Value]) -> Value:
        if not v.items:
            raise ev.error("NoSuchElementException", Unknown("message"))
        if v.kind != "LinkedList" and remove:
            _mutable(ev, v)
        return v.items.pop(position) if remove else v.items[position]

    return call


def _to_array(ev: Any, v: JList, a: list[Value]) -> Value:
    if a and type(a[0]) is not JArray:
        return JArray("Object", list(v.items)) if type(a[0]) is J else Unknown("toArray")
    if a and len(a[0].items) > len(v.items):
        raise Stop("toArray")
    return JArray(a[0].element if a else "Object", list(v.items))


LIST: dict[str, Call] = {
    "add": _list_add, "get": _list_get, "set": _list_set, "remove": _list_remove, "sort": _list_sort,
    "clear": _list_clear, "addAll": _add_all, "removeIf": _remove_if, "subList": _sub_list,
    "size": lambda ev, v, a: integer(len(v.items)), "isEmpty": lambda ev, v, a: boolean(not v.items),
    "contains": lambda ev, v, a: boolean(_find(ev, v.items, a[0]) >= 0),
    "indexOf": lambda ev, v, a: integer(_find(ev, v.items, a[0])), "getFirst": _end(0, False), "getLast": _end(-1, False),
    "removeFirst": _end(0, True), "removeLast": _end(-1, True),
    "toArray": _to_array,
}  # fmt: skip


def _frozen(ev: Any, v: JMap) -> None:
    if v.view:
        raise Stop("key-view")  # it writes through to the map it was taken from
    if v.frozen:
        raise ev.error("UnsupportedOperationException")


def _put(ev: Any, v: JMap, a: list[Value]) -> Value:
    _frozen(ev, v)
    if (v.kind == "TreeMap" and a[0] is None) or (v.kind == "ConcurrentHashMap" and None in (a[0], a[1])):
        raise ev.error("NullPointerException", Unknown("npe-message"))
    ev.charge(1)
    key = box(a[0])
    name = ev.key(key)
    old = v.entries.get(name)
    v.entries[name] = (old[0] if old else key, box(a[1]))
    return old[1] if old else None


def _get(ev: Any, v: JMap, a: list[Value]) -> Value:
    entry = v.entries.get(ev.key(box(a[0])))
    return entry[1] if entry else (a[1] if len(a) > 1 else None)


def _map_remove(ev: Any, v: JMap, a: list[Value]) -> Value:
    _frozen(ev, v)
    entry = v.entries.pop(ev.key(box(a[0])), None)
    return entry[1] if entry else None


def _put_if_absent(ev: Any, v: JMap, a: list[Value]) -> Value:
    old = _get(ev, v, a[:1])
    if old is None:
        _put(ev, v, a)
    return old


def _merge(ev: Any, v: JMap, a: list[Value]) -> Value:
    old = _get(ev, v, a[:1])
    new = box(a[1]) if old is None else box(ev.invoke(a[2], "apply", [old, a[1]]))
    if new is None:
        _map_remove(ev, v, a[:1])
    else:
        _put(ev, v, [a[0], new])
    return new


def _compute_if_absent(ev: Any, v: JMap, a: list[Value]) -> Value:
    old = _get(ev, v, a[:1])
    if old is None:
        old = box(ev.invoke(a[1], "apply", [a[0]]))
        if old is not None:
            _put(ev, v, [a[0], old])
    return old


def _for_each_entry(ev: Any, v: JMap, a: list[Value]) -> Value:
    for key in ev.keys(v):
        ev.invoke(a[0], "accept", [key, v.entries[ev.key(key)][1]])


def _map_clear(ev: Any, v: JMap, a: list[Value]) -> Value:
    _frozen(ev, v)
    v.entries.clear()


def _key_set(ev: Any, v: JMap, a: list[Value]) -> Value:
    made = JSet("LinkedHashMap")
    made.map.frozen = made.map.view = True
    for key in ev.keys(v):
        made.map.entries[ev.key(key)] = (key, None)
    return made


MAP: dict[str, Call] = {
    "put": _put, "get": _get, "getOrDefault": _get, "remove": _map_remove, "putIfAbsent": _put_if_absent,
    "merge": _merge, "computeIfAbsent": _compute_if_absent, "forEach": _for_each_entry, "clear": _map_clear,
    "size": lambda ev, v, a: integer(len(v.entries)), "isEmpty": lambda ev, v, a: boolean(not v.entries),
    "containsKey": lambda ev, v, a: boolean(ev.key(box(a[0])) in v.entries),
    "containsValue": lambda ev, v, a: boolean(_find(ev, [x for _, x in v.entries.values()], a[0]) >= 0),
    "keySet": _key_set,
    "values": lambda ev, v, a: JList([v.entries[ev.key(k)][1] for k in ev.keys(v)], "view"),
}  # fmt: skip


def _set_add(ev: Any, v: JSet, a: list[Value]) -> Value:
    _frozen(ev, v.map)
    ev.charge(1)
    item = box(a[0])
    name = ev.key(item)
    fresh = name not in v.map.entries
    if fresh:
        v.map.entries[name] = (item, None)
    return boolean(fresh)


def _set_remove(ev: Any, v: JSet, a: list[Value]) -> Value:
    _frozen(ev, v.map)
    return boolean(v.map.entries.pop(ev.key(box(a[0])), None) is not None)


def _set_add_all(ev: Any, v: JSet, a: list[Value]) -> Value:
    return boolean(sum(_set_add(ev, v, [i]).v for i in ev.iterate(a[0])) > 0)


SET: dict[str, Call] = {
    "add": _set_add, "remove": _set_remove, "addAll": _set_add_all,
    "contains": lambda ev, v, a: boolean(ev.key(box(a[0])) in v.map.entries),
    "size": lambda ev, v, a: integer(len(v.map.entries)), "isEmpty": lambda ev, v, a: boolean(not v.map.entries),
    "clear": lambda ev, v, a: _map_clear(ev, v.map, a),
    "containsAll": lambda ev, v, a: boolean(all(ev.key(i) in v.map.entries for i in ev.iterate(a[0]))),
}  # fmt: skip

# -- Optional, boxes, streams -------------------------------------------------------------------------------------------


def _optional_get(ev: Any, v: JOptional, a: list[Value]) -> Value:
    if v.value is None:
        raise ev.error("NoSuchElementException", "No value present")
    return v.value


def _or_else_throw(ev: Any, v: JOptional, a: list[Value]) -> Value:
    if v.value is None and a:
        raise ev.throw(ev.invoke(a[0], "get", []))
    return _optional_get(ev, v, a)


def _optional_map(ev: Any, v: JOptional, a: list[Value]) -> Value:
    return v if v.value is None else JOptional(box(ev.invoke(a[0], "apply", [v.value])))


def _optional_filter(ev: Any, v: JOptional, a: list[Value]) -> Value:
    return v if v.value is None or ev.fact(a[0], [v.value]) else JOptional(None)


def _if_present(ev: Any, v: JOptional, a: list[Value]) -> Value:
    if v.value is not None:
        ev.invoke(a[0], "accept", [v.value])


OPTIONAL: dict[str, Call] = {
    "get": _optional_get, "orElseThrow": _or_else_throw, "map": _optional_map, "filter": _optional_filter,
    "isPresent": lambda ev, v, a: boolean(v.value is not None), "isEmpty": lambda ev, v, a: boolean(v.value is None),
    "orElse": lambda ev, v, a: v.value if v.value is not None else box(a[0]), "ifPresent": _if_present,
    "orElseGet": lambda ev, v, a: v.value if v.value is not None else box(ev.invoke(a[0], "get", [])),
    "flatMap": lambda ev, v, a: v if v.value is None else ev.invoke(a[0], "apply", [v.value]),
    "getAsInt": _optional_get, "getAsDouble": _optional_get, "getAsLong": _optional_get,
}  # fmt: skip


def _value_as(kind: str) -> Call:
    return lambda ev, v, a: ev.to_kind(J(v.k, v.v), kind, True)


def _box_hash(ev: Any, v: J, a: list[Value]) -> Value:
    known = ev.hash_of(v)
    return Unknown("hashCode", kind="int") if known is None else integer(known)


BOX: dict[str, Call] = {
    "hashCode": _box_hash,
    **{f"{k}Value": _value_as(k) for k in ("int", "long", "double", "float", "short", "byte")},
    "booleanValue": lambda ev, v, a: boolean(v.v), "charValue": lambda ev, v, a: J("char", v.v),
    "compareTo": lambda ev, v, a: integer(ev.natural(v, a[0])), "toString": lambda ev, v, a: ev.text(v),
    "isNaN": lambda ev, v, a: boolean(v.v != v.v),
}  # fmt: skip


def _stream_map(kind: str | None) -> Call:
    def call(ev: Any, v: JStream, a: list[Value]) -> Value:
        items = [ev.invoke(a[0], "apply", [i]) for i in v.items]
        target = v.kind if kind is None else kind
        if target:
            items = [ev.coerce(i, target) for i in items]
        else:
            items = [box(i) for i in items]
        return JStream(items, target)

    return call


def _stream_sum(ev: Any, v: JStream, a: list[Value]) -> Value:
    total = J(v.kind, 0.0 if v.kind == "double" else 0)
    if v.kind == "double" and len(v.items) > 2:
        return Unknown("double-sum")
    for item in v.items:
        total = ev.binary("+", total, item)
    return total


def _stream_extreme(sign: int) -> Call:
    def call(ev: Any, v: JStream, a: list[Value]) -> Value:
        ordered = ev.ordered(v.items, a[0] if a else None)
        if not ordered:
            return JOptional(None)
        if sign > 0:
            return JOptional(ordered[0])
        best = ordered[-1]
        return JOptional(best)

    return call


def _reduce(ev: Any, v: JStream, a: list[Value]) -> Value:
    items = list(v.items)
    if len(a) == 1:
        if not items:
            return JOptional(None)
        total = items.pop(0)
    else:
        total = a[0]
    for item in items:
        total = box(ev.invoke(a[-1], "apply", [total, item]))
    return JOptional(total) if len(a) == 1 else total


def _collect(ev: Any, v: JStream, a: list[Value]) -> Value:
    collector = a[0]
    if not isinstance(collector, Collector):
        raise Stop("library:collect")
    return collector.run(ev, v.items)


def _distinct(ev: Any, v: JStream, a: list[Value]) -> Value:
    seen: dict[Any, Value] = {}
    for item in v.items:
        seen.setdefault(ev.key(box(item)), item)
    return JStream(list(seen.values()), v.kind)


def _average(ev: Any, v: JStream, a: list[Value]) -> Value:
    if not v.items:
        return JOptional(None)
    if v.kind == "double" and len(v.items) > 2:
        return Unknown("double-sum")
    return JOptional(J("double", sum(i.v for i in v.items) / len(v.items)))


STREAM: dict[str, Call] = {
    "map": _stream_map(None), "mapToInt": _stream_map("int"), "mapToLong": _stream_map("long"),
    "mapToDouble": _stream_map("double"), "mapToObj": _stream_map(""),
    "boxed": lambda ev, v, a: JStream([box(i) for i in v.items]), "sum": _stream_sum, "max": _stream_extreme(-1),
    "min": _stream_extreme(1), "reduce": _reduce, "collect": _collect, "distinct": _distinct, "average": _average,
    "filter": lambda ev, v, a: JStream([i for i in v.items if ev.fact(a[0], [i])], v.kind),
    "sorted": lambda ev, v, a: JStream(ev.ordered(v.items, a[0] if a else None), v.kind),
    "count": lambda ev, v, a: J("long", len(v.items)), "limit": lambda ev, v, a: JStream(v.items[: a[0].v], v.kind),
    "skip": lambda ev, v, a: JStream(v.items[a[0].v :], v.kind),
    "toList": lambda ev, v, a: JList([box(i) for i in v.items], "immutable"),
    "anyMatch": lambda ev, v, a: boolean(any(ev.fact(a[0], [i]) for i in v.items)),
    "allMatch": lambda ev, v, a: boolean(all(ev.fact(a[0], [i]) for i in v.items)),
    "noneMatch": lambda ev, v, a: boolean(not any(ev.fact(a[0], [i]) for i in v.items)),
    "findFirst": lambda ev, v, a: JOptional(v.items[0] if v.items else None),
    "forEach": lambda ev, v, a: [ev.invoke(a[0], "accept", [i]) for i in v.items] and None,
    "toArray": lambda ev, v, a: JArray(v.kind or "Object", list(v.items)), "summaryStatistics": summarise,
}  # fmt: skip


class Collector:
    """A stream collector."""

    def __init__(self, run: Callable[[Any, list[Value]], Value]) -> None:
        self.run = run


def _joining(ev: Any, _: Value, a: list[Value]) -> Value:
    separator, before, after = [*a, *["", "", ""][len(a) :]][:3]

    def run(e: Any, items: list[Value]) -> Value:
        parts = [e.text(i) for i in items]
        if any(not isinstance(p, str) for p in parts):
            return Unknown("text")
        return before + separator.join(parts) + after

    return Collector(run)


def _to_set(ev: Any, _: Value, a: list[Value]) -> Value:
    def run(e: Any, items: list[Value]) -> Value:
        made = JSet("HashMap")
        for item in items:
            made.map.entries.setdefault(e.key(item), (item, None))
        return made

    return Collector(run)


# -- static methods -------------------------------------------------------------------------------------------------------


def _number(kind: str) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        text = a[0]
        if text is None:
            raise ev.error("NumberFormatException", Unknown("message"))
        base = a[1].v if len(a) > 1 else 10
        if kind in INTEGRAL:
            if base != 10 and base not in (2, 8, 16):
                raise Stop("radix")
            digits = {2: "01", 8: "0-7", 10: "0-9", 16: "0-9a-fA-F"}[base]
            if re.fullmatch(f"[+-]?[{digits}]+", text, re.ASCII) and len(text) < 100:
                value = int(text, base)
                if wrap(kind, value) == value:
                    return J(kind, value)
            radix = f" under radix {base}" if base != 10 else ""
            raise ev.error(
                "NumberFormatException",
                f'For input string: "{text}"' + radix if text.isascii() else Unknown("m"),
            )
        if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text, re.ASCII):
            return J(kind, float(text))
        if (
            re.fullmatch(r"[a-zA-Z]*", text)
            and text not in ("NaN", "Infinity")
            and text[-1:] not in ("f", "d", "F", "D")
        ):
            message = f'For input string: "{text}"' if text else "empty String"
            raise ev.error("NumberFormatException", message)
        raise Stop("parse")

    return call


def _value_of(kind: str) -> Call:
    parse = _number(kind)

    def call(ev: Any, owner: Value, a: list[Value]) -> Value:
        if not a:
            raise Stop("valueOf")
        value = parse(ev, owner, a) if isinstance(a[0], str) or a[0] is None else ev.coerce(a[0], kind)
        return box(value)

    return call


def _math(function: Callable[..., float]) -> Call:
    return lambda ev, _, a: J("double", float(function(*[float(ev.unboxed(x).v) for x in a])))


def _extreme(name: str) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        one, other = ev.unboxed(a[0]), ev.unboxed(a[1])
        kind = ev.binary("+", one, other).k
        pick = max if name == "max" else min
        if one.v != one.v or other.v != other.v:
            return J(kind, math.nan)
        return ev.to_kind(
            J(kind, pick(one.v, other.v)) if kind in INTEGRAL else J("double", float(pick(one.v, other.v))),
            kind,
            True,
        )

    return call


def _abs(ev: Any, _: Value, a: list[Value]) -> Value:
    value = ev.unary("+", a[0])
    return J(value.k, wrap(value.k, abs(value.v)) if value.k in INTEGRAL else abs(value.v))


def _round(ev: Any, _: Value, a: list[Value]) -> Value:
    value = ev.unboxed(a[0])
    if value.k == "float":
        return Unknown("float-round")
    if value.k != "double":
        return ev.to_kind(value, "long", True)
    if abs(value.v) >= 2**52 or value.v != value.v:
        return ev.to_kind(value, "long", True)
    # floor(x + 1/2) exactly
    whole = math.floor(value.v)
    return J("long", whole + (1 if value.v - whole >= 0.5 else 0))


def _exact(op: str) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        one, other = a[0].v, a[1].v
        kind = "long" if "long" in (a[0].k, a[1].k) else "int"
        value = {"+": one + other, "-": one - other, "*": one * other}[op]
        if wrap(kind, value) != value:
            raise ev.error("ArithmeticException", "integer overflow" if kind == "int" else "long overflow")
        return J(kind, value)

    return call


def _floor_mod(ev: Any, _: Value, a: list[Value]) -> Value:
    if a[1].v == 0:
        raise ev.error("ArithmeticException", "/ by zero")
    return J("long" if a[0].k == "long" and a[1].k == "long" else "int", a[0].v % a[1].v)


def _list_of(kind: str) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        items = (
            list(a[0].items)
            if len(a) == 1 and type(a[0]) is JArray and a[0].element not in INTEGRAL
            else [box(x) for x in a]
        )
        if kind == "immutable" and any(i is None for i in items):
            raise ev.error("NullPointerException", Unknown("npe-message"))
        ev.charge(len(items))
        return JList(items, kind)

    return call


def _set_of(ev: Any, _: Value, a: list[Value]) -> Value:
    made = JSet("unordered")
    for item in a:
        if ev.key(box(item)) in made.map.entries:
            raise ev.error("IllegalArgumentException", Unknown("message"))
        made.map.entries[ev.key(box(item))] = (box(item), None)
    made.map.frozen = True
    return made


def _map_of(ev: Any, _: Value, a: list[Value]) -> Value:
    made = JMap("unordered")
    for key, value in zip(a[::2], a[1::2], strict=True):
        made.entries[ev.key(box(key))] = (box(key), box(value))
    made.frozen = True
    return made


def _require(ev: Any, _: Value, a: list[Value]) -> Value:
    if a[0] is None:
        raise ev.error("NullPointerException", a[1] if len(a) > 1 and isinstance(a[1], str) else None)
    return a[0]


def _objects_equals(ev: Any, _: Value, a: list[Value]) -> Value:
    same = ev.equals(box(a[0]), box(a[1]))
    return same if isinstance(same, Unknown) else boolean(same)


def _range(closed: bool) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        high = a[1].v + closed
        if high - a[0].v > ev.budget.items:
            raise Stop("budget:items")
        return JStream([integer(i) for i in range(a[0].v, high)], "int")

    return call


def _array_stream(ev: Any, _: Value, a: list[Value]) -> Value:
    if type(a[0]) is not JArray or len(a) > 1:
        raise Stop("stream")
    kind = a[0].element if a[0].element in ("int", "long", "double") else ""
    return JStream(list(a[0].items), kind)


def _array_text(ev: Any, _: Value, a: list[Value]) -> Value:
    return "null" if a[0] is None else ev.text(JList(a[0].items))


def _array_sort(ev: Any, _: Value, a: list[Value]) -> Value:
    if len(a) > 2:
        raise Stop("sort")
    a[0].items[:] = ev.ordered(a[0].items, a[1] if len(a) > 1 else None)


def _copy_of(ev: Any, _: Value, a: list[Value]) -> Value:
    if a[1].v < 0:
        raise ev.error("NegativeArraySizeException", str(a[1].v))
    ev.charge(a[1].v)
    kept = a[0].items[: a[1].v]
    return JArray(a[0].element, kept + [ev.zero(a[0].element) for _ in range(a[1].v - len(kept))])


def _fill(ev: Any, _: Value, a: list[Value]) -> Value:
    a[0].items[:] = [ev.coerce(a[1], a[0].element) for _ in a[0].items]


def _set_all(ev: Any, _: Value, a: list[Value]) -> Value:
    if a[0] is None or a[1] is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    for position in range(len(a[0].items)):
        a[0].items[position] = ev.coerce(ev.invoke(a[1], "apply", [integer(position)]), a[0].element)


def _array_equals(ev: Any, _: Value, a: list[Value]) -> Value:
    if a[0] is None or a[1] is None:
        return boolean(a[0] is a[1])
    same = ev.all_equal(a[0].items, a[1].items)
    return same if isinstance(same, Unknown) else boolean(same)


def _join(ev: Any, _: Value, a: list[Value]) -> Value:
    items = list(ev.iterate(a[1])) if len(a) == 2 and not isinstance(a[1], str) else a[1:]
    parts = [ev.text(i) for i in items]
    if any(not isinstance(p, str) for p in parts):
        return Unknown("text")
    ev.charge(sum(map(len, parts)) + len(a[0]) * len(parts))
    return a[0].join(parts)


def _comparing(ev: Any, _: Value, a: list[Value]) -> Value:
    return JFunction(
        lambda e, b: integer(e.natural(e.invoke(a[0], "apply", [b[0]]), e.invoke(a[0], "apply", [b[1]])))
    )


def _string_format(ev: Any, a: list[Value]) -> Value:
    """String.format without a locale; a null format throws."""
    if a[0] is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    return java_format(ev, a[0], a[1:]) if isinstance(a[0], str) else Unknown("locale")


def java_format(ev: Any, form: str, values: list[Value]) -> Value:
    """String.format for common verbs: a string or unknown.

    Raises:
        Thrown: the format does not fit the values. Stop: a verb is not modelled.
    """
    if len(values) == 1 and type(values[0]) is JArray and values[0].element not in PRIMITIVES:
        values = values[0].items
    parts: list[str] = []
    last = position = 0
    for match in re.finditer(r"%(?:(\d+)\$)?([-0,+ #(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])|%", form):
        parts.append(form[last : match.start()])
        last = match.end()
        chosen, flags, width, digits, verb = match.groups()
        if verb in ("%", "n") and not (chosen or flags or width or digits):
            parts.append("%" if verb == "%" else "\n")
            continue
        if (
            verb is None
            or set(flags) & set(" #(")
            or int(width or 0) > 10_000
            or ("-" in flags and "0" in flags)
        ):
            raise Stop("format")
        at = int(chosen) - 1 if chosen else position
        position += not chosen
        if at >= len(values):
            raise ev.error("MissingFormatArgumentException", Unknown("message"))
        text = _formatted(ev, values[at], verb, flags, digits)
        if not isinstance(text, str):
            return Unknown("format", kind="String")
        size = int(width or 0)
        if verb.isupper():
            text = text.upper() if text.isascii() else _not_modelled()
        if "0" in flags:
            sign = text[0] if text[:1] in ("-", "+") else ""
            text = sign + text[len(sign) :].rjust(size - len(sign), "0")
        parts.append(text.ljust(size) if "-" in flags else text.rjust(size))
    parts.append(form[last:])
    return "".join(parts)


def _not_modelled() -> str:
    raise Stop("format")


def _formatted(ev: Any, value: Value, verb: str, flags: str, digits: str | None) -> Any:
    """One value of a format, without its width."""
    if isinstance(value, Unknown):
        return value
    signed = set(flags) & {"+", ","}
    lower = verb.lower()
    if lower in ("s", "b", "c") and (signed or "0" in flags):
        raise Stop("format")
    if lower == "s":
        text = ev.text(value)
        return text[: int(digits)] if isinstance(text, str) and digits is not None else text
    if lower == "b":
        return (
            "false"
            if value is None
            else "true"
            if type(value) is not J or value.k != "boolean"
            else str(value.v).lower()
        )
    if value is None:
        return "null" if "0" not in flags and digits is None else _not_modelled()
    number = value if type(value) is J else None
    if lower in ("d", "x", "o") and digits is None:
        if number is None or number.k not in INTEGRAL or number.k == "char":
            if number is None and not isinstance(value, str):
                raise Stop("format")
            raise ev.error("IllegalFormatConversionException", Unknown("message"))
        if lower == "d":
            return format(number.v, ("+" if "+" in flags else "") + ("," if "," in flags else "") + "d")
        if signed:
            raise Stop("format")
        return format(number.v & ((1 << INTEGRAL[number.k]) - 1), lower)
    if lower in ("f", "e"):
        if number is None or number.k not in ("float", "double"):
            if number is None and not isinstance(value, str):
                raise Stop("format")
            raise ev.error("IllegalFormatConversionException", Unknown("message"))
        if lower == "e" or "," in flags or not math.isfinite(number.v) or number.k == "float":
            raise Stop("format")
        text = half_up(number.v, int(digits) if digits is not None else 6)
        return "+" + text if "+" in flags and not text.startswith("-") else text
    if lower == "c" and digits is None:
        if number is not None and number.k == "char":
            return chr(number.v)
        if number is None and isinstance(value, str):
            raise ev.error("IllegalFormatConversionException", Unknown("message"))
    raise Stop("format")


def half_up(value: float, digits: int) -> str:
    """Java rounds the shortest decimal text of a double half up."""
    from decimal import ROUND_HALF_UP, Decimal

    if digits > 100:
        raise Stop("format")
    plain = Decimal(double_text(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{plain:f}"


def _character(test: Callable[[str], bool]) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        if a[0].v > 127:
            return Unknown("character")
        return boolean(test(chr(a[0].v)))

    return call


def _character_case(name: str) -> Call:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        if a[0].v > 127:
            return Unknown("character")
        return J(a[0].k, ord(getattr(chr(a[0].v), name)()))

    return call


STATIC: dict[str, Call] = {
    **REGEX_STATIC,
    **{f"{b}.parse{n}": _number(BOXES[b]) for b, n in (("Integer", "Int"), ("Long", "Long"), ("Double", "Double"))},
    **{f"{b}.valueOf": _value_of(BOXES[b]) for b in ("Integer", "Long", "Double")},
    **{f"{b}.compare": lambda ev, _, a: integer(ev.natural(a[0], a[1])) for b in ("Integer", "Long", "Character")},
    **{f"{b}.toString": lambda ev, _, a: ev.text(a[0]) if len(a) == 1 else Unknown("radix") for b in BOXES},
    **{f"{b}.{n}": c for b in ("Integer", "Long", "Math") for n, c in (("max", _extreme("max")), ("min", _extreme("min")))},
    "Integer.sum": lambda ev, _, a: ev.binary("+", a[0], a[1]), "Boolean.valueOf": lambda ev, _, a: box(
        a[0] if type(a[0]) is J else boolean(a[0] is not None and a[0].lower() == "true")
    ),
    "Boolean.parseBoolean": lambda ev, _, a: boolean(a[0] is not None and a[0].lower() == "true"),
    "Character.isDigit": _character(str.isdigit), "Character.isLetter": _character(str.isalpha),
    "Character.isLetterOrDigit": _character(str.isalnum), "Character.isUpperCase": _character(str.isupper),
    "Character.isLowerCase": _character(str.islower),
    "Character.isWhitespace": _character(lambda c: c in " \t\n\x0b\f\r\x1c\x1d\x1e\x1f"),
    "Character.toUpperCase": _character_case("upper"), "Character.toLowerCase": _character_case("lower"),
    "Character.valueOf": lambda ev, _, a: box(a[0]), "Character.toString": lambda ev, _, a: ev.text(a[0]),
    "Character.getNumericValue": lambda ev, _, a: integer(a[0].v - 48) if 48 <= a[0].v < 58 else Unknown("character"),
    "String.valueOf": lambda ev, _, a: "".join(chr(c.v) for c in a[0].items) if type(a[0]) is JArray else ev.text(a[0]),
    "String.format": lambda ev, _, a: _string_format(ev, a),
    "String.join": _join, "Math.abs": _abs, "Math.round": _round, "Math.floorMod": _floor_mod,
    "Math.sqrt": _math(lambda v: math.sqrt(v) if v >= 0 else math.nan),
    "Math.floor": _math(lambda v: math.copysign(math.floor(v), v) if math.isfinite(v) else v),
    "Math.ceil": _math(lambda v: math.copysign(math.ceil(v), v) if math.isfinite(v) else v),
    "Math.addExact": _exact("+"), "Math.subtractExact": _exact("-"), "Math.multiplyExact": _exact("*"),
    "Arrays.asList": _list_of("fixed"), "List.of": _list_of("immutable"), "Set.of": _set_of, "Map.of": _map_of,
    "Collections.emptyList": lambda ev, _, a: JList([], "empty"), "Stream.of": lambda ev, _, a: JStream([box(x) for x in a]),
    "Collections.singletonList": _list_of("immutable"), "Collections.sort": lambda ev, _, a: _list_sort(ev, a[0], a[1:]),
    "Collections.unmodifiableList": lambda ev, _, a: JList(a[0].items, "unmodifiable"),
    "Collections.emptyMap": _map_of, "Collections.emptySet": _set_of,
    "Collections.reverse": lambda ev, _, a: a[0].items.reverse(), "List.copyOf": lambda ev, _, a: JList(list(ev.iterate(a[0])), "immutable"),
    "Arrays.setAll": _set_all,
    "StreamSupport.stream": lambda ev, _, a: a[0] if type(a[0]) is JStream else Unknown("library:StreamSupport"),
    "Arrays.stream": _array_stream, "Arrays.toString": _array_text, "Arrays.sort": _array_sort, "Arrays.fill": _fill,
    "Arrays.copyOf": _copy_of, "Arrays.equals": _array_equals, "Objects.equals": _objects_equals,
    "Objects.requireNonNull": _require, "Objects.isNull": lambda ev, _, a: boolean(a[0] is None),
    "Objects.nonNull": lambda ev, _, a: boolean(a[0] is not None), "Objects.hash": lambda ev, _, a: Unknown("hash"),
    "Objects.toString": lambda ev, _, a: a[1] if len(a) > 1 and a[0] is None else ev.text(a[0]), "Optional.of": lambda ev, _, a: JOptional(box(_require(ev, _, a))),
    "Optional.empty": lambda ev, _, a: JOptional(None), "Optional.ofNullable": lambda ev, _, a: JOptional(box(a[0])),
    "IntStream.range": _range(False), "IntStream.rangeClosed": _range(True), "Comparator.comparing": _comparing,
    "Comparator.comparingInt": _comparing, "Comparator.naturalOrder": lambda ev, _, a: None,
    "Comparator.reverseOrder": lambda ev, _, a: JFunction(lambda e, b: integer(e.natural(b[1], b[0]))),
    "Collections.reverseOrder": lambda ev, _, a: JFunction(lambda e, b: integer(e.natural(b[1], b[0]))),
    "Collectors.toList": lambda ev, _, a: Collector(lambda e, items: JList(list(items), "ArrayList")),
    "Collectors.joining": _joining, "Collectors.toSet": _to_set, "System.lineSeparator": lambda ev, _, a: "\n",
    "Function.identity": lambda ev, _, a: JFunction(lambda e, b: b[0]), **COLLECTION_STATIC,
}  # fmt: skip
