"""Python's rules for truth, operators, equality, order, hashing and text of values."""

from __future__ import annotations

import datetime
import operator
import pathlib
import re
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_mock_objects import state_of
from runfree.interpreter.python_types import (
    CONTAINERS,
    EXCEPTIONS,
    MAPPINGS,
    SCALARS,
    class_of,
    exception_for,
    type_name,
)
from runfree.interpreter.statements import Statements
from runfree.interpreter.values import (
    MISSING,
    BoundMethod,
    Builtin,
    ClassValue,
    DefaultDict,
    FunctionValue,
    Instance,
    IteratorValue,
    ModuleValue,
    Thrown,
    Unknown,
    Value,
)

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "<<": operator.lshift, ">>": operator.rshift, "&": operator.and_,
    "|": operator.or_, "^": operator.xor, "@": operator.matmul,
}  # fmt: skip
_DUNDERS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "<<": "lshift",
    ">>": "rshift", "&": "and", "|": "or", "^": "xor", "@": "matmul",
}  # fmt: skip
_ORDER: dict[str, tuple[Callable[[Any, Any], Any], str, str]] = {
    "<": (operator.lt, "__lt__", "__gt__"),
    "<=": (operator.le, "__le__", "__ge__"),
    ">": (operator.gt, "__gt__", "__lt__"),
    ">=": (operator.ge, "__ge__", "__le__"),
}
_NUMBERS = frozenset({int, float, bool, complex})
_SHOWN_OTHERWISE = frozenset({DefaultDict, pathlib.PurePosixPath, memoryview})
_WIDE = re.compile(r"\d{4,}|\*")
_PLAIN_KINDS = frozenset({"int", "float", "str", "bytes", "bool", "list", "dict", "set", "tuple"})


class PythonSemantics(Statements):
    """Operators and conversions of Python values."""

    # -- exceptions -----------------------------------------------------------------------------------------------

    def error(self, name: str, *arguments: Value) -> Thrown:
        """A builtin exception, to be raised."""
        value = Instance(exception_for(name))
        value.attrs["args"] = arguments
        return self.throw(value)

    def host(self, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Calls a pure function of the standard library on plain data; what it raises is the program's exception."""
        try:
            return function(*arguments, **keywords)
        except (RecursionError, MemoryError) as error:
            raise Stop("budget:size") from error
        except (Thrown, Stop):
            raise
        except Exception as error:
            names = [k.__name__ for k in type(error).__mro__]
            name = next((n for n in names if n in EXCEPTIONS), "Exception")
            raise self.error(name, *(a for a in error.args if type(a) in SCALARS)) from None

    def unpack_error(self, have: int, want: int) -> None:
        if have > want:
            raise self.error("ValueError", f"too many values to unpack (expected {want})")
        raise self.error("ValueError", f"not enough values to unpack (expected {want}, got {have})")

    # -- plain data -----------------------------------------------------------------------------------------------

    def plain(self, value: Value) -> bool:
        """Whether a value is builtin data all the way down, so that the standard library may work on it."""
        if type(value) in SCALARS:
            return True
        stack = [value]
        count = 0
        while stack:
            item = stack.pop()
            kind = type(item)
            if kind in SCALARS:
                continue
            if kind not in CONTAINERS or (self.murky and id(item) in self.murky):
                return False
            count += len(item)
            if count > self.budget.items:
                raise Stop("budget:items")
            if kind in MAPPINGS:
                stack.extend(item.keys())
                stack.extend(item.values())
            else:
                stack.extend(item)
        self.steps += count >> 3
        return True

    def raw(self, value: Value) -> Value:
        """The builtin value that an instance extends, else the value itself."""
        if type(value) is Instance and value.payload is not MISSING:
            return value.payload
        return value

    def muddle(self, value: Value) -> None:
        """The content of a container becomes unknown."""
        self.murky[id(value)] = value

    # -- truth ----------------------------------------------------------------------------------------------------

    def truth_of(self, value: Value) -> bool | None:
        kind = type(value)
        if kind is bool:
            return bool(value)
        if isinstance(value, Unknown):
            return value.truth
        if kind is Instance:
            method = value.klass.find("__bool__")
            if method is MISSING:
                method = value.klass.find("__len__")
            if method is not MISSING:
                return self.truth_of(self.call(method, [value], {}))
            if value.payload is not MISSING:
                return self.truth_of(value.payload)
            return None if value.klass.opaque else True
        if kind in CONTAINERS and self.murky and id(value) in self.murky:
            return None
        if kind in SCALARS or kind in CONTAINERS:
            return bool(value)
        return True

    # -- operators ------------------------------------------------------------------------------------------------

    def unknown_of(self, *values: Value) -> Unknown | None:
        """The first unknown operand."""
        for value in values:
            if isinstance(value, Unknown):
                return value
        return None

    def binary(self, op: str, left: Value, right: Value) -> Value:
        kinds = (type(left), type(right))
        if kinds[0] in _NUMBERS and kinds[1] in _NUMBERS:
            return self.arithmetic(op, left, right)
        unknown = self.unknown_of(left, right)
        if unknown is not None:
            self.risky(unknown.why)
            kind = ""
            pair = {u.kind if isinstance(u, Unknown) else type_name(u) for u in (left, right)}
            if pair <= {"int", "float", "bool"} and op in "+-*":
                kind = "float" if "float" in pair else "int"
            elif (pair == {"str"} and op == "+") or (type(left) is str and op == "%"):
                kind = "str"
            return Unknown(unknown.why, unknown.label, kind=kind)
        if kinds[0] is Instance or kinds[1] is Instance:
            return self.instance_binary(op, left, right)
        if kinds[0] is ClassValue or kinds[1] is ClassValue:
            return Unknown("type-expression")
        return self.host_binary(op, left, right)

    def arithmetic(self, op: str, left: Any, right: Any) -> Value:
        """Numbers, with the size of the result bounded before it is made."""
        if type(left) is not float and type(right) is not float and type(left) is not complex:
            bits = self.budget.bits
            if op == "**":
                if type(right) is complex or (
                    isinstance(right, int) and right > 0 and _bits(left) * right > bits
                ):
                    raise Stop("budget:int")
            elif op == "<<":
                if right > 0 and _bits(left) + right > bits:
                    raise Stop("budget:int")
            elif op == "*" and type(right) is not complex and _bits(left) + _bits(right) > bits:
                raise Stop("budget:int")
        return self.host(_OPERATORS[op], left, right)

    def host_binary(self, op: str, left: Any, right: Any) -> Value:
        """Operators of builtin containers and library values."""
        if op == "*":
            sized, times = (left, right) if isinstance(right, int) else (right, left)
            if isinstance(times, int) and isinstance(sized, (str, bytes, list, tuple, bytearray)):
                self.charge(len(sized) * max(times, 0))
        elif op == "+" and isinstance(left, (str, bytes, list, tuple, bytearray)):
            self.charge(len(left) + (len(right) if isinstance(right, (str, bytes, list, tuple)) else 0))
        elif op == "%" and isinstance(left, (str, bytes)):
            return self.percent(left, right)
        elif op == "**" and not (isinstance(left, float) or isinstance(right, float)):
            raise Stop("budget:int")
        elif (type(left) not in SCALARS and type(left) not in CONTAINERS) or type(
            right
        ) not in SCALARS | CONTAINERS:
            return Unknown("operator")
        if self.murky and (id(left) in self.murky or id(right) in self.murky):
            self.risky("content")
            return Unknown("content", kind=type_name(left))
        result = self.host(_OPERATORS[op], left, right)
        if type(result) in CONTAINERS:
            self.charge(len(result))
        return result

    def percent(self, left: Any, right: Value) -> Value:
        """`text % values`."""
        if _WIDE.search(left if isinstance(left, str) else left.decode("latin-1")):
            raise Stop("budget:size")
        if not self.plain(right):
            if not isinstance(left, str):
                return Unknown("format", kind="bytes")
            items = right if type(right) is tuple else (right,)
            if len(re.findall(r"%[^%]", left.replace("%%", ""))) != len(items) or set(
                re.findall(r"%(.)", left.replace("%%", ""))
            ) - {"s", "r"}:
                self.risky("format")
                return Unknown("format", kind="str")
            codes = re.findall(r"%([sr])", left.replace("%%", ""))
            texts = [self.text(v) if c == "s" else self.show(v) for c, v in zip(codes, items, strict=True)]
            if any(isinstance(t, Unknown) for t in texts):
                return Unknown("format", kind="str")
            return self.host(operator.mod, re.sub(r"%r", "%s", left), tuple(texts))
        if self.shown_otherwise(right):
            return Unknown("format", kind="str")
        return self.host(operator.mod, left, right)

    def instance_binary(self, op: str, left: Value, right: Value) -> Value:
        """Operators where a user class is involved."""
        name = _DUNDERS[op]
        for owner, other, dunder in ((left, right, f"__{name}__"), (right, left, f"__r{name}__")):
            if type(owner) is not Instance:
                continue
            method = owner.klass.find(dunder)
            if method is not MISSING:
                result = self.call(method, [owner, other], {})
                if result is not NotImplemented:
                    return result
            elif owner.klass.opaque:
                self.risky("class:" + owner.klass.opaque)
                return Unknown("class:" + owner.klass.opaque)
        plain_left, plain_right = self.raw(left), self.raw(right)
        if type(plain_left) is not Instance and type(plain_right) is not Instance:
            return self.binary(op, plain_left, plain_right)
        if type(plain_left) is str and op == "%":
            return self.percent(plain_left, right)
        symbol = "** or pow()" if op == "**" else op
        raise self.error(
            "TypeError",
            f"unsupported operand type(s) for {symbol}: '{type_name(left)}' and '{type_name(right)}'",
        )

    def augment(self, op: str, left: Value, right: Value) -> Value:
        kind = type(left)
        if kind is list and op == "+" and not isinstance(right, Unknown):
            if self.murky and id(left) in self.murky:
                return left
            left.extend(self.collect(right))
            self.charge(len(left) >> 4)
            return left
        if kind is list and isinstance(right, Unknown) and op == "+":
            self.risky(right.why)
            self.muddle(left)
            return left
        if kind is list and op == "*" and isinstance(right, int):
            self.charge(len(left) * max(right, 0))
            left *= right
            return left
        if kind in (set, dict) and op in "|&-^" and type(right) in (set, frozenset, dict):
            result = self.binary(op, left, right)
            if isinstance(result, Unknown):
                return result
            left.clear()
            left.update(result)
            return left
        if kind is Instance:
            method = left.klass.find(f"__i{_DUNDERS[op]}__")
            if method is not MISSING:
                result = self.call(method, [left, right], {})
                if result is not NotImplemented:
                    return result
        return self.binary(op, left, right)

    def unary(self, op: str, value: Value) -> Value:
        if isinstance(value, Unknown):
            self.risky(value.why)
            return Unknown(value.why, value.label, kind=value.kind if value.kind in ("int", "float") else "")
        if type(value) is Instance:
            method = value.klass.find({"-": "__neg__", "+": "__pos__", "~": "__invert__"}[op])
            if method is not MISSING:
                return self.call(method, [value], {})
            if value.klass.opaque:
                return Unknown("class:" + value.klass.opaque)
            value = self.raw(value)
        if type(value) not in SCALARS and type(value) not in CONTAINERS:
            return self.bad_operand(op, value)
        functions: dict[str, Callable[[Any], Any]] = {
            "-": operator.neg,
            "+": operator.pos,
            "~": operator.invert,
        }
        return self.host(functions[op], value)

    def bad_operand(self, op: str, value: Value) -> Value:
        raise self.error("TypeError", f"bad operand type for unary {op}: '{type_name(value)}'")

    # -- comparison -----------------------------------------------------------------------------------------------

    def compare(self, op: str, left: Value, right: Value) -> Value:
        if op == "==":
            return self.equal(left, right)
        if op == "!=":
            return self.not_equal(left, right)
        if op in ("is", "is not"):
            same = self.identical(left, right)
            if same is None:
                unknown = self.unknown_of(left, right)
                return Unknown(unknown.why if unknown is not None else "identity", kind="bool")
            return same if op == "is" else not same
        if op in ("in", "not in"):
            found = self.contains(right, left)
            if isinstance(found, Unknown):
                return Unknown(found.why, found.label, kind="bool")
            return found if op == "in" else not found
        if op == "<>":
            raise Stop("syntax:<>")
        return self.order(op, left, right)

    def identical(self, left: Value, right: Value) -> bool | None:
        """`is`; None where an implementation may do as it likes."""
        if left is right:
            return True
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Unknown):
                if isinstance(other, Unknown):
                    return None
                return (
                    False
                    if one.kind and (other is None or isinstance(other, bool)) and one.kind != "bool"
                    else None
                )
        kind = type(left)
        if kind is not type(right):
            return False
        if kind is BoundMethod:
            return False
        if kind is int:
            if left != right:
                return False
            return True if -5 <= left <= 256 else None
        if kind in (str, bytes, float, tuple, frozenset, complex):
            return None if left == right else False
        return False

    def not_equal(self, left: Value, right: Value) -> Value:
        if type(left) is Instance:
            method = left.klass.find("__ne__")
            if method is not MISSING:
                result = self.call(method, [left, right], {})
                if result is not NotImplemented:
                    return result
        same = self.equal(left, right)
        if isinstance(same, Unknown):
            return Unknown(same.why, same.label, kind="bool")
        known = self.truth_of(same)
        return Unknown("condition", kind="bool") if known is None else not known

    def equal(self, left: Value, right: Value) -> Value:
        """`==`: True, False, what a user's `__eq__` gives, or unknown."""
        kinds = (type(left), type(right))
        if kinds[0] in SCALARS and kinds[1] in SCALARS:
            return left == right
        unknown = self.unknown_of(left, right)
        if unknown is not None:
            other = right if unknown is left else left
            if not isinstance(other, Unknown) and unknown.kind:
                name = type_name(other)
                numbers = {"int", "float", "bool"}
                if (
                    unknown.kind in _PLAIN_KINDS
                    and name in _PLAIN_KINDS | {"NoneType"}
                    and unknown.kind != name
                ) and not (unknown.kind in numbers and name in numbers):
                    return False
                if unknown.kind == "str" and other == "" and unknown.truth:
                    return False
                if unknown.why == "name" and other == "__main__":
                    return False  # Whatever a module that is imported is called, it is not that.
            self.reason(unknown.why)
            return Unknown(unknown.why, unknown.label, kind="bool" if other is not unknown else "")
        if kinds[0] is Instance or kinds[1] is Instance:
            return self.instance_equal(left, right)
        if kinds[0] in CONTAINERS and kinds[1] in CONTAINERS:
            return self.container_equal(left, right)
        if kinds[0] is BoundMethod and kinds[1] is BoundMethod:
            return left.function is right.function and left.receiver is right.receiver
        return left is right

    def instance_equal(self, left: Value, right: Value) -> Value:
        first, second = (left, right)
        if (
            type(left) is Instance
            and type(right) is Instance
            and right.klass is not left.klass
            and left.klass in right.klass.mro
        ):
            first, second = right, left
        for owner, other in ((first, second), (second, first)):
            if type(owner) is not Instance:
                continue
            method = owner.klass.find("__eq__")
            if method is None:
                continue
            if method is not MISSING:
                result = self.call(method, [owner, other], {})
                if result is not NotImplemented:
                    return result
            elif owner.klass.opaque:
                if left is right:
                    return True
                return Unknown("class:" + owner.klass.opaque, kind="bool")
        plain_left, plain_right = self.raw(left), self.raw(right)
        if type(plain_left) is not Instance and type(plain_right) is not Instance:
            return self.equal(plain_left, plain_right)
        return left is right

    def container_equal(self, left: Any, right: Any) -> Value:
        """Equality of builtin containers, element by element where they hold user objects."""
        if left is right:
            return True
        if self.plain(left) and self.plain(right):
            return bool(left == right)
        if self.murky and (id(left) in self.murky or id(right) in self.murky):
            self.reason("content")
            return Unknown("content", kind="bool")
        kinds = (type(left), type(right))
        self.step(1 + len(left))
        mappings = [k in MAPPINGS for k in kinds]
        if all(mappings):
            if len(left) != len(right):
                return False
            pairs = []
            for key in left:
                if key not in right:
                    return (
                        False
                        if self.plain(list(left)) and self.plain(list(right))
                        else Unknown("key", kind="bool")
                    )
                pairs.append((left[key], right[key]))
            return self.all_equal(pairs)
        if any(mappings) or kinds[0] is not kinds[1]:
            if {kinds[0], kinds[1]} <= {set, frozenset}:
                return bool(left == right)
            return False
        if kinds[0] in (set, frozenset):
            if all(type(v) is not Unknown for v in left) and all(type(v) is not Unknown for v in right):
                return bool(left == right)
            return Unknown("key", kind="bool")
        if len(left) != len(right):
            return False
        return self.all_equal(list(zip(left, right, strict=True)))

    def all_equal(self, pairs: list[tuple[Value, Value]]) -> Value:
        """Whether all pairs are equal; one certain difference decides, else one unknown makes it unknown."""
        unknown: Value = True
        self.depth += 1
        if self.depth > self.budget.depth + 20:
            raise Stop("budget:depth")
        for one, other in pairs:
            self.step()
            if one is other and not isinstance(one, Unknown):
                continue
            same = self.truth_of(self.equal(one, other))
            if same is None:
                unknown = Unknown("element", kind="bool")
            elif not same:
                self.depth -= 1
                return False
        self.depth -= 1
        return unknown

    def order(self, op: str, left: Value, right: Value) -> Value:
        function, dunder, reflected = _ORDER[op]
        kinds = (type(left), type(right))
        if kinds[0] in SCALARS and kinds[1] in SCALARS:
            return self.host(function, left, right)
        unknown = self.unknown_of(left, right)
        if unknown is not None:
            self.risky(unknown.why)
            return Unknown(unknown.why, unknown.label, kind="bool")
        for owner, other, name in ((left, right, dunder), (right, left, reflected)):
            if type(owner) is Instance:
                method = owner.klass.find(name)
                if method is not MISSING:
                    result = self.call(method, [owner, other], {})
                    if result is not NotImplemented:
                        return result
                elif owner.klass.opaque:
                    self.risky("class:" + owner.klass.opaque)
                    return Unknown("class:" + owner.klass.opaque, kind="bool")
        plain_left, plain_right = self.raw(left), self.raw(right)
        if plain_left is not left or plain_right is not right:
            return self.order(op, plain_left, plain_right)
        if self.plain(left) and self.plain(right):
            return self.host(function, left, right)
        if kinds[0] is kinds[1] and kinds[0] in (list, tuple):
            for one, other in zip(left, right, strict=False):
                if not self.truth(self.equal(one, other)):
                    return self.order(op, one, other)
            return function(len(left), len(right))
        if kinds[0] in CONTAINERS and kinds[1] in CONTAINERS:
            return Unknown("order", kind="bool")
        raise self.error(
            "TypeError",
            f"'{op}' not supported between instances of '{type_name(left)}' and '{type_name(right)}'",
        )

    def contains(self, container: Value, item: Value) -> Value:
        """`item in container`."""
        kind = type(container)
        if isinstance(container, Unknown):
            self.risky(container.why)
            return container
        if kind is Instance:
            method = container.klass.find("__contains__")
            if method is not MISSING:
                answer = self.call(method, [container, item], {})
                known = self.truth_of(answer)
                return known if known is not None else Unknown("condition", kind="bool")
            if container.payload is not MISSING:
                return self.contains(container.payload, item)
            if container.klass.opaque:
                self.risky("class:" + container.klass.opaque)
                return Unknown("class:" + container.klass.opaque)
        elif kind in CONTAINERS and self.murky and id(container) in self.murky:
            self.reason("content")
            return Unknown("content")
        if kind in (str, bytes, bytearray, range):
            if isinstance(item, Unknown):
                return item
            if type(item) is Instance and type(self.raw(item)) in SCALARS:
                item = self.raw(item)
            if type(item) not in SCALARS:
                return self.bad_member(container, item)
            return self.host(operator.contains, container, item)
        if kind in MAPPINGS or kind in (set, frozenset) or type(container).__name__ == "dict_keys":
            if isinstance(item, Unknown):
                return item if len(container) else False
            found = self.host(operator.contains, container, self.key(item))
            if not found and any(isinstance(k, Unknown) for k in container):
                return Unknown("key")
            return found
        unknown: Value = False
        for element in self.iterate(container):
            self.step()
            if element is item and not isinstance(item, Unknown):
                return True
            same = self.truth_of(self.equal(element, item))
            if same:
                return True
            if same is None:
                unknown = Unknown("element", kind="bool")
        return unknown

    def bad_member(self, container: Value, item: Value) -> Value:
        if type(container) is str:
            raise self.error(
                "TypeError", f"'in <string>' requires string as left operand, not {type_name(item)}"
            )
        return Unknown("element", kind="bool")

    def sort(self, items: list[Value], key: Value, reverse: bool) -> list[Value] | None:
        """Sorted items, None where their order is not known."""
        keys = items if key is None else [self.call(key, [i], {}) for i in items]
        self.step(len(items))
        if all(self.plain(k) for k in keys):
            order = self.host(sorted, range(len(items)), key=keys.__getitem__, reverse=reverse)
            return [items[i] for i in order]
        if any(isinstance(k, Unknown) for k in keys):
            self.risky("sort")
            return None

        def before(one: int, other: int) -> int:
            if self.truth(self.order("<", keys[one], keys[other])):
                return -1
            return 1 if self.truth(self.order("<", keys[other], keys[one])) else 0

        order = sorted(range(len(items)), key=cmp_to_key(before), reverse=reverse)
        return [items[i] for i in order]

    # -- hashing --------------------------------------------------------------------------------------------------

    def key(self, value: Value) -> Value:
        """What stands for a value in sets and dictionaries: equal user objects get one representative.

        Raises:
            Thrown: the value is not hashable. Stop: whether two values are equal is not known.
        """
        kind = type(value)
        if kind in SCALARS:
            if kind in (slice, bytearray):
                raise self.error("TypeError", f"unhashable type: '{type_name(value)}'")
            return value
        if kind is tuple:
            return tuple([self.key(v) for v in value])
        if kind is Instance:
            klass = value.klass
            method = klass.find("__eq__")
            hasher = klass.find("__hash__")
            if type(hasher) is FunctionValue:
                self.call(hasher, [value], {})
            elif isinstance(hasher, Unknown):
                raise Stop("unknown-key:" + hasher.why)
            if method is MISSING and value.payload is not MISSING:
                if type(value.payload) in (list, dict, set):
                    raise self.error("TypeError", f"unhashable type: '{klass.name}'")
                return (
                    value
                    if klass.kind == "enum" and type(value.payload) is tuple
                    else self.key(value.payload)
                )
            if method is MISSING or klass.kind == "enum":
                return value
            if hasher in (MISSING, None):
                raise self.error("TypeError", f"unhashable type: '{klass.name}'")
            return self.representative(value)
        if kind in CONTAINERS and kind is not frozenset:
            raise self.error("TypeError", f"unhashable type: '{type_name(value)}'")
        if isinstance(value, Unknown):
            raise Stop("unknown-key:" + value.why, value.label)
        return value

    def representative(self, value: Instance) -> Instance:
        known: dict[ClassValue, list[Instance]] = self.__dict__.setdefault("_representatives", {})
        peers = known.setdefault(value.klass, [])
        for peer in peers:
            if peer is value:
                return peer
            # Python compares only where the hashes are equal too: these lines may be executed, or not.
            before = set(self.trace.lines), set(self.trace.certain)
            same = self.truth_of(self.equal(peer, value))
            self.trace.maybe |= self.trace.lines - before[0]
            self.trace.lines, self.trace.certain = before
            if same is None:
                raise Stop("unknown-key")
            if same:
                return peer
        if len(peers) > 200:
            raise Stop("budget:items")
        peers.append(value)
        return value

    # -- text -----------------------------------------------------------------------------------------------------

    def text(self, value: Value) -> Value:
        """`str(value)`: a string or unknown."""
        kind = type(value)
        if kind is str:
            return value
        if kind is Instance:
            method = value.klass.find("__str__")
            if method is not MISSING:
                return self.checked_text("__str__", self.call(method, [value], {}))
            if value.klass.kind == "exception" and value.klass.find("__repr__") is MISSING:
                return self.exception_text(value)
            if value.payload is not MISSING and type(value.payload) is str and value.klass.kind != "enum":
                return value.payload
        return self.show(value)

    def checked_text(self, name: str, text: Value) -> Value:
        """What a user's `__str__` or `__repr__` gave.

        Raises:
            Thrown: it is no text.
        """
        if isinstance(text, (str, Unknown)) or type(text) is Instance:
            return text
        raise self.error("TypeError", f"{name} returned non-string (type {type_name(text)})")

    def exception_text(self, value: Instance) -> Value:
        arguments = value.attrs.get("args", ())
        if value.klass.opaque or not isinstance(arguments, tuple):
            return Unknown("exception-text", kind="str")
        if EXCEPTIONS["KeyError"] in value.klass.mro and len(arguments) == 1:
            return self.show(arguments[0])
        if EXCEPTIONS["OSError"] in value.klass.mro and len(arguments) > 1:
            return Unknown("exception-text", kind="str")
        if not arguments:
            return ""
        return self.text(arguments[0]) if len(arguments) == 1 else self.show(arguments)

    def show(self, value: Value) -> Value:
        """`repr(value)`: a string or unknown."""
        kind = type(value)
        if isinstance(value, Unknown):
            return Unknown(value.why, value.label, kind="str")
        if kind is int and _bits(value) > 13_000:
            raise Stop("budget:int")
        if kind is Instance:
            return self.show_instance(value)
        if kind is ClassValue:
            if value.host is not None or (value.kind == "exception" and value.module is None):
                return f"<class '{value.name}'>"
            return Unknown("repr", kind="str", truth=True)
        if kind in SCALARS or (kind in CONTAINERS and self.plain(value)):
            if self.shown_otherwise(value):
                return Unknown("repr", kind="str", truth=True)
            result = self.host(repr, value)
            self.charge(len(result))
            return result
        if kind in (list, tuple, dict, set, frozenset) and not (self.murky and id(value) in self.murky):
            return self.show_container(value)
        return Unknown("repr", kind="str", truth=True)

    def shown_otherwise(self, value: Value) -> bool:
        """Whether plain data holds something whose text here is not what the program would see."""
        stack = [value]
        while stack:
            item = stack.pop()
            kind = type(item)
            if kind in _SHOWN_OTHERWISE:
                return True
            if kind in MAPPINGS:
                stack.extend(item.keys())
                stack.extend(item.values())
            elif kind in CONTAINERS:
                stack.extend(item)
        return False

    def show_container(self, value: Any) -> Value:
        self.depth += 1
        if self.depth > self.budget.depth:
            raise Stop("budget:depth")
        self.step(len(value))
        if type(value) is dict:
            parts = [(self.show(k), self.show(v)) for k, v in value.items()]
            if any(isinstance(p, Unknown) for pair in parts for p in pair):
                result: Value = Unknown("repr", kind="str", truth=True)
            else:
                result = "{" + ", ".join(f"{k}: {v}" for k, v in parts) + "}"
        else:
            texts = [self.show(v) for v in value]
            if any(isinstance(t, Unknown) for t in texts) or type(value) in (set, frozenset):
                result = Unknown("repr", kind="str", truth=True)
            elif type(value) is list:
                result = "[" + ", ".join(texts) + "]"
            else:
                result = "(" + ", ".join(texts) + ("," if len(texts) == 1 else "") + ")"
        self.depth -= 1
        if isinstance(result, str):
            self.charge(len(result))
        return result

    def show_instance(self, value: Instance) -> Value:
        klass = value.klass
        method = klass.find("__repr__")
        if method is not MISSING:
            return self.checked_text("__repr__", self.call(method, [value], {}))
        if klass.opaque:
            return Unknown("class:" + klass.opaque, kind="str", truth=True)
        if klass.kind == "exception":
            arguments = value.attrs.get("args", ())
            inner = self.show(arguments)
            if isinstance(inner, Unknown):
                return inner
            return klass.name + (f"({inner[1:-2]})" if len(arguments) == 1 else inner)
        if value.payload is not MISSING and klass.kind != "enum":
            return self.show(value.payload)
        return Unknown("repr", kind="str", truth=True)

    def format_value(self, value: Value, conversion: str, spec: Value) -> Value:
        if conversion:
            value = self.show(value) if conversion in "ra" else self.text(value)
            if conversion == "a" and isinstance(value, str):
                value = ascii(value)[1:-1] if "'" not in value else Unknown("format", kind="str")
        if isinstance(value, Unknown) or isinstance(spec, Unknown):
            unknown = value if isinstance(value, Unknown) else spec
            self.risky(unknown.why)
            return Unknown(unknown.why, unknown.label, kind="str")
        if type(value) is Instance:
            method = value.klass.find("__format__")
            if method is not MISSING:
                return self.call(method, [value, spec], {})
            if not spec or value.payload is MISSING or type(value.payload) not in SCALARS:
                text = self.text(value)
                if not spec or isinstance(text, Unknown):
                    return text
                raise self.error(
                    "TypeError", f"unsupported format string passed to {value.klass.name}.__format__"
                )
            if value.klass.kind == "enum" and "__str__" not in value.klass.namespace:
                return Unknown("format", kind="str")
            value = value.payload
        if not spec:
            return self.text(value)
        if _WIDE.search(spec):
            raise Stop("budget:size")
        if type(value) not in SCALARS:
            raise self.error(
                "TypeError", f"unsupported format string passed to {type_name(value)}.__format__"
            )
        if isinstance(value, (datetime.date, datetime.time)) and re.search(r"%[aAbBcxXpZ]", spec):
            return self.host(format, value, spec)
        return self.host(format, value, spec)

    # -- classes --------------------------------------------------------------------------------------------------

    def is_instance(self, value: Value, types: Value) -> bool | None:
        """`isinstance`; None if unknown."""
        if isinstance(types, tuple):
            answers = [self.is_instance(value, t) for t in types]
            return True if True in answers else None if None in answers else False
        if isinstance(types, Unknown):
            return None
        if isinstance(value, Unknown):
            if isinstance(types, ClassValue) and types.host is object:
                return True
            if value.kind in _PLAIN_KINDS and isinstance(types, ClassValue):
                if types.host is not None and types.host.__name__ == value.kind:
                    return True
                return (
                    False
                    if types.host is not None and types.host.__name__ in _PLAIN_KINDS - {"int"}
                    else None
                )
            return None
        if not isinstance(types, ClassValue):
            # A class that is modelled as a function, such as functools.partial: plain values are none of its own.
            plain = type(types) is Builtin and (type(value) is FunctionValue or type(value) in SCALARS)
            return False if plain else None
        klass = class_of(value)
        if klass is None:
            return None
        if types.name in ABSTRACT_TYPES and types.definition is None:
            return True if types in klass.mro else self.is_abstract_instance(value, types.name)
        if types in klass.mro:
            return True
        if klass.kind == "mock":
            return self.is_mock_instance(value, types)
        if klass.opaque or types.opaque:
            return None
        if types.find("__instancecheck__") is not MISSING or types.find("__subclasshook__") is not MISSING:
            return None
        if type(value) is ModuleValue or type(value) is FunctionValue:
            return False
        return False

    def is_mock_instance(self, value: Instance, types: ClassValue) -> bool | None:
        """`isinstance` of a mock: what its specification says."""
        spec = state_of(value).spec
        if spec is None or isinstance(spec, (list, tuple)):
            return False
        klass = spec if isinstance(spec, ClassValue) else class_of(spec)
        return True if klass is not None and types in klass.mro else None

    def is_abstract_instance(self, value: Value, name: str) -> bool | None:
        """`isinstance` with the classes of collections.abc and numbers, for builtin values."""
        host = type(self.raw(value))
        if host in SCALARS or host in CONTAINERS:
            return issubclass(host, ABSTRACT_TYPES[name]) if ABSTRACT_TYPES[name] is not None else None
        kind = type(value)
        if kind is Instance and not value.klass.opaque and value.klass.kind != "mock":
            # The others are classes in name only: who neither extends nor registers with them is none of theirs.
            dunders = _STRUCTURAL.get(name)
            if name in ("Hashable", "Generator") or ABSTRACT_TYPES[name].__module__ != "collections.abc":
                return None
            return dunders is not None and all(value.klass.find(d) not in (MISSING, None) for d in dunders)
        if name == "Callable":
            return kind in (FunctionValue, BoundMethod, ClassValue) or type_name(value) == "function"
        if kind is IteratorValue and name in ("Iterable", "Iterator"):
            return True
        if kind in (FunctionValue, BoundMethod, Builtin, ModuleValue) and name != "Hashable":
            return False
        return None


# What makes an object one of these, whatever its class is called.
_STRUCTURAL = {
    "Iterable": ("__iter__",), "Callable": ("__call__",), "Sized": ("__len__",), "Container": ("__contains__",),
    "Iterator": ("__iter__", "__next__"), "Collection": ("__len__", "__iter__", "__contains__"),
    "Reversible": ("__reversed__", "__iter__"),
}  # fmt: skip


ABSTRACT_TYPES: dict[str, Any] = {}


def _register_abstract_types() -> None:
    import collections.abc
    import numbers

    for name in (
        "Iterable", "Iterator", "Sequence", "MutableSequence", "Mapping", "MutableMapping", "Set", "MutableSet",
        "Callable", "Hashable", "Sized", "Container", "Collection", "Reversible", "Generator", "MappingView", "KeysView",
        "ItemsView", "ValuesView",
    ):  # fmt: skip
        ABSTRACT_TYPES[name] = getattr(collections.abc, name)
    for name in ("Number", "Complex", "Real", "Rational", "Integral"):
        ABSTRACT_TYPES[name] = getattr(numbers, name)


_register_abstract_types()


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0
