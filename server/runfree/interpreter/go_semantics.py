"""Go's rules for conversion, operators, equality and zero values."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.go_natives import FACTORIES
from runfree.interpreter.go_types import (
    DEFAULTS,
    FLOATS,
    INT_BITS,
    INTEGERS,
    NIL,
    NIL_VALUE,
    NUMERIC,
    OPAQUE,
    STRING,
    G,
    GoPackage,
    GoType,
    Ref,
    SliceData,
    StructData,
    boolean,
    from_bytes,
    has_opaque,
    identical,
    pointer_to,
    round32,
    to_bytes,
    wrap,
)
from runfree.interpreter.statements import Statements
from runfree.interpreter.values import MISSING, Env, Thrown, Unknown, Value


class GoPanic:
    """What a panic carries: a value, or the text of a runtime error."""

    def __init__(self, value: Value, message: str = "") -> None:
        self.value = value
        self.message = message


class GoSemantics(Statements):
    """Operators and conversions of Go values."""

    # -- panics and types -----------------------------------------------------------------------------------------

    def panic(self, message: str) -> Thrown:
        """A runtime panic, to be raised."""
        return self.throw(GoPanic(MISSING, message))

    def resolve(self, expression: Any, env: Env) -> GoType:
        """The type that a type expression means."""
        self.step()
        kind = expression[0]
        if kind == "name":
            name = expression[1]
            scope: Env | None = env
            while scope is not None:
                found = scope.vars.get(name)
                if isinstance(found, GoType):
                    return found
                scope = scope.parent
            return self.missing_type(name, env)
        if kind == "ptr":
            return pointer_to(self.resolve(expression[1], env))
        if kind == "slice":
            return GoType("slice", elem=self.resolve(expression[1], env))
        if kind == "array":
            made = GoType("array", elem=self.resolve(expression[2], env))
            if expression[1] is not None:
                length = self.eval(expression[1], env)
                if not isinstance(length, G) or not isinstance(length.v, int) or length.v > self.budget.items:
                    raise Stop("array-length")
                made.length = length.v
            else:
                made.length = -1
            return made
        if kind == "map":
            made = GoType("map", elem=self.resolve(expression[2], env))
            made.key = self.resolve(expression[1], env)
            return made
        if kind == "struct":
            made = GoType("struct")
            made.fields = tuple((n, self.resolve(t, env), e) for n, t, e in expression[1])
            return made
        if kind == "interface":
            made = GoType("interface")
            names = list(expression[1])
            for other in expression[2]:
                inner = self.resolve(other, env)
                names += inner.names
                if inner.kind == "opaque":
                    names.append("?")
            made.names = tuple(names)
            return made
        if kind == "func":
            made = GoType("func")
            made.params = tuple(self.resolve(t, env) for t in expression[1])
            made.results = tuple(self.resolve(t, env) for t in expression[2])
            made.variadic = expression[3]
            return made
        if kind == "qual":
            package = self.lookup(expression[1], env)
            if isinstance(package, GoPackage) and package.env is not None:
                return self.resolve(("name", expression[2]), package.env)
            if isinstance(package, GoPackage) and package.members is not None:
                found = package.members.get(expression[2])
                if isinstance(found, GoType):
                    return found
            return OPAQUE
        if kind == "generic":
            return self.instantiate_type(self.resolve(expression[1], env), expression[2], env)
        if kind == "chan":
            return GoType("chan")
        return OPAQUE

    def missing_type(self, name: str, env: Env) -> GoType:
        """A type that no scope holds yet: one of the package, a predeclared one, or unknown."""
        raise NotImplementedError

    def instantiate_type(self, base: GoType, arguments: Any, env: Env) -> GoType:
        """`Stack[int]`."""
        raise NotImplementedError

    def zero(self, t: GoType) -> Value:
        """The zero value of a type."""
        kind = t.kind
        if kind in INT_BITS:
            return G(t, 0)
        if kind in FLOATS:
            return G(t, 0.0)
        if kind == "string":
            return G(t, "")
        if kind == "bool":
            return G(t, False)
        if kind == "struct":
            return G(t, StructData(t, {n: self.zero(f) for n, f, _ in t.fields}))
        if kind == "array":
            if t.length < 0 or t.elem is None:
                raise Stop("array-length")
            self.charge(t.length)
            return G(t, [self.zero(t.elem) for _ in range(t.length)])
        if kind == "interface":
            return NIL_VALUE
        if kind in ("slice", "map", "pointer", "func", "chan"):
            return G(t, None)
        if t in FACTORIES:
            return G(t, FACTORIES[t]())
        return Unknown("type")

    def default(self, value: Value) -> Value:
        """An untyped constant with its default type."""
        if type(value) is G and value.t.kind in DEFAULTS:
            return self.coerce(value, DEFAULTS[value.t.kind])
        return value

    def copy(self, value: Value) -> Value:
        """What an assignment stores: structs and arrays are copied."""
        if type(value) is G:
            if value.t.kind == "struct" and isinstance(value.v, StructData):
                self.step()
                return G(
                    value.t,
                    StructData(value.t, {n: self.copy(f) for n, f in value.v.fields.items()}),
                    value.boxed,
                )
            if value.t.kind == "array":
                self.charge(len(value.v))
                return G(value.t, [self.copy(v) for v in value.v], value.boxed)
        return value

    def coerce(self, value: Value, t: GoType) -> Value:
        """A value assigned to a variable of a type.

        Raises:
            Stop: a constant that does not fit, or types that do not match: such a file does not compile.
        """
        if type(value) is not G:
            return value
        source = value.t.kind
        if t.kind == "interface":
            value = self.default(value)
            if value.t is NIL:
                return NIL_VALUE
            return G(value.t, value.v, True)
        if t.kind == "opaque":
            return G(t, None) if value.t is NIL else value
        if source == "opaque" and value.v is None:
            # A nil whose type is not known.
            return G(t, None) if t.kind in ("slice", "map", "pointer", "func", "chan") else Unknown("type")
        if source == "nil":
            if t.kind in ("slice", "map", "pointer", "func", "chan"):
                return G(t, None)
            raise Stop("does-not-compile")
        if source in DEFAULTS:
            return self.constant(value, t)
        if value.boxed and value.t.kind != "interface":
            value = G(value.t, value.v)
        if identical(value.t, t):
            return value
        if (not value.t.name or not t.name) and value.t.kind == t.kind and value.t.kind not in NUMERIC:
            # Assignable: identical underlying types, one of them without a name.
            return G(t, value.v)
        if value.t.name and value.t.name == t.name:
            raise Stop("generic-type")  # two instances of a generic type, whose arguments are not compared
        raise Stop("does-not-compile")

    def constant(self, value: G, t: GoType) -> G:
        """An untyped constant as a value of a type."""
        source, data, kind = value.t.kind, value.v, t.kind
        if source == "untyped bool" and kind == "bool":
            return G(t, data)
        if source == "untyped string" and kind == "string":
            return G(t, data)
        if source in NUMERIC and kind in NUMERIC:
            if kind in FLOATS:
                number = float(data)
                return G(t, round32(number) if kind == "float32" else number)
            if isinstance(data, float):
                if data != int(data):
                    raise Stop("does-not-compile")
                data = int(data)
            if wrap(kind, data) != data:
                raise Stop("does-not-compile")
            return G(t, data)
        raise Stop("does-not-compile")

    def convert(self, value: Value, t: GoType) -> Value:
        """An explicit conversion `T(value)`."""
        if type(value) is not G:
            if isinstance(value, Unknown):
                return Unknown(value.why, value.label)
            return value
        source, target = value.t.kind, t.kind
        if target in INT_BITS and source in DEFAULTS and source in NUMERIC:
            return self.constant(value, t)
        if target in INT_BITS and source in INTEGERS:
            return G(t, wrap(target, value.v))
        if target in INT_BITS and source in FLOATS:
            if not math.isfinite(value.v) or wrap(target, int(value.v)) != int(value.v):
                raise Stop("conversion")
            return G(t, int(value.v))
        if target in FLOATS and source in NUMERIC:
            number = float(value.v)
            return G(t, round32(number) if target == "float32" else number)
        if target == "string":
            if source in INTEGERS:
                code = value.v
                valid = 0 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000
                return G(t, chr(code) if valid else "\ufffd")
            if source == "slice" and value.t.elem is not None:
                items = value.v.items() if value.v is not None else []
                self.charge(len(items))
                if any(type(i) is not G for i in items):
                    return Unknown("content")
                if value.t.elem.kind == "uint8":
                    return G(t, from_bytes(bytes(i.v for i in items)))
                return G(t, "".join(self.convert(i, STRING).v for i in items))
            if source in ("string", "untyped string"):
                return G(t, value.v)
        if target == "slice" and source in ("string", "untyped string") and t.elem is not None:
            self.charge(len(value.v))
            if t.elem.kind == "uint8":
                return G(t, SliceData([G(t.elem, b) for b in to_bytes(value.v)]))
            return G(
                t,
                SliceData([G(t.elem, ord(c) if not 0xDC80 <= ord(c) <= 0xDCFF else 0xFFFD) for c in value.v]),
            )
        if target == "interface" or source in ("nil", "untyped bool"):
            return self.coerce(value, t)
        if target == source:
            if target == "struct":
                return G(t, self.copy(value).v)
            return G(t, value.v)
        raise Stop("conversion")

    # -- operators ------------------------------------------------------------------------------------------------

    def truth_of(self, value: Value) -> bool | None:
        if type(value) is G:
            return bool(value.v)
        if isinstance(value, bool):
            return value
        return value.truth if isinstance(value, Unknown) else None

    def match_types(self, left: G, right: G) -> tuple[G, G]:
        """Both operands in one type."""
        one, other = left.t.kind, right.t.kind
        if one in DEFAULTS and other in DEFAULTS:
            if "untyped float" in (one, other) and one != other:
                return G(FLOAT_CONSTANT, float(left.v)), G(FLOAT_CONSTANT, float(right.v))
            return left, right
        if one in DEFAULTS:
            return self.constant(left, right.t), right
        if other in DEFAULTS:
            return left, self.constant(right, left.t)
        if not identical(left.t, right.t):
            raise Stop("does-not-compile")
        return left, right

    def binary(self, op: str, left: Value, right: Value) -> Value:
        unknown = left if isinstance(left, Unknown) else right if isinstance(right, Unknown) else None
        if unknown is not None:
            self.reason(unknown.why)
            return Unknown(unknown.why, unknown.label)
        if type(left) is not G or type(right) is not G:
            raise Stop("does-not-compile")
        if op in ("<<", ">>"):
            return self.shift(op, left, right)
        left, right = self.match_types(left, right)
        kind, t = left.t.kind, left.t
        if kind in ("string", "untyped string"):
            if op != "+":
                raise Stop("does-not-compile")
            self.charge(len(left.v) + len(right.v))
            joined = left.v + right.v
            # Halves of a character may meet.
            return G(t, from_bytes(to_bytes(joined)) if not joined.isascii() else joined)
        if kind in INTEGERS:
            return self.integer_operation(op, t, left.v, right.v)
        if kind in FLOATS:
            return self.float_operation(op, t, left.v, right.v)
        raise Stop("does-not-compile")

    def integer_operation(self, op: str, t: GoType, left: int, right: int) -> G:
        if op in ("/", "%"):
            if right == 0:
                if t.kind in DEFAULTS:
                    raise Stop("does-not-compile")
                raise self.panic("runtime error: integer divide by zero")
            quotient = abs(left) // abs(right)
            quotient = quotient if (left < 0) == (right < 0) else -quotient
            return G(t, wrap(t.kind, quotient if op == "/" else left - quotient * right))
        if op == "*" and left.bit_length() + right.bit_length() > 4000:
            raise Stop("budget:int")
        result = {
            "+": left + right, "-": left - right, "*": left * right, "&": left & right, "|": left | right,
            "^": left ^ right, "&^": left & ~right,
        }.get(op)  # fmt: skip
        if result is None:
            raise Stop("syntax:" + op)
        return G(t, wrap(t.kind, result))

    def float_operation(self, op: str, t: GoType, left: float, right: float) -> G:
        if t.kind == "untyped float" and op in ("+", "-", "*", "/") and (right or op != "/"):
            # Constants are exact: the shortest text of each is what was written.
            one, other = Fraction(repr(left)), Fraction(repr(right))
            exact = {"+": one + other, "-": one - other, "*": one * other}.get(op)
            return G(t, float(one / other if exact is None else exact))
        if op == "/":
            if right == 0:
                if t.kind in DEFAULTS:
                    raise Stop("does-not-compile")
                sign = math.copysign(1, left) * math.copysign(1, right)
                result = math.nan if left == 0 or math.isnan(left) else sign * math.inf
            else:
                result = left / right
        else:
            try:
                result = {"+": left + right, "-": left - right, "*": left * right}[op]
            except (KeyError, OverflowError) as error:
                raise Stop("does-not-compile") from error
        return G(t, round32(result) if t.kind == "float32" else result)

    def shift(self, op: str, left: G, right: G) -> Value:
        count = right.v
        if left.t.kind not in INTEGERS or not isinstance(count, int):
            raise Stop("does-not-compile")
        if count < 0:
            raise self.panic("runtime error: negative shift amount")
        if op == ">>":
            return G(left.t, left.v >> min(count, 5000))
        if count > 4000:
            if left.t.kind in DEFAULTS:
                raise Stop("budget:int")
            return G(left.t, 0)
        return G(left.t, wrap(left.t.kind, left.v << count))

    def unary(self, op: str, value: Value) -> Value:
        if isinstance(value, Unknown):
            return Unknown(value.why, value.label)
        if type(value) is not G:
            raise Stop("does-not-compile")
        if op == "-" and value.t.kind in NUMERIC:
            return G(value.t, wrap(value.t.kind, -value.v) if isinstance(value.v, int) else -value.v)
        if op == "+":
            return value
        if op == "^" and value.t.kind in INTEGERS:
            return G(value.t, wrap(value.t.kind, ~value.v))
        raise Stop("syntax:" + op)

    # -- comparison -----------------------------------------------------------------------------------------------

    def compare(self, op: str, left: Value, right: Value) -> Value:
        unknown = left if isinstance(left, Unknown) else right if isinstance(right, Unknown) else None
        if unknown is not None:
            self.reason(unknown.why)
            if op in ("==", "!=") and unknown.kind == "non-nil":
                other = right if unknown is left else left
                if type(other) is G and other.t is NIL:
                    return boolean(op == "!=")
            return Unknown(unknown.why, unknown.label)
        if op in ("==", "!="):
            same = self.same(left, right)
            if isinstance(same, Unknown):
                return same
            return boolean(same if op == "==" else not same)
        if type(left) is not G or type(right) is not G:
            raise Stop("does-not-compile")
        left, right = self.match_types(left, right)
        one, other = left.v, right.v
        if left.t.kind in ("string", "untyped string"):
            one, other = to_bytes(one), to_bytes(other)
        elif left.t.kind not in NUMERIC:
            raise Stop("does-not-compile")
        return boolean({"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op])

    def same(self, left: Value, right: Value) -> Any:
        """`==`: True, False or unknown.

        Raises:
            Thrown: a panic, for types that cannot be compared inside interfaces.
        """
        self.step()
        for one, other in ((left, right), (right, left)):
            if type(one) is G and one.t is NIL:
                if type(other) is G:
                    return other.t is NIL or (other.v is None and not other.boxed)
                return False
        if type(left) is not G or type(right) is not G:
            if isinstance(left, Unknown) or isinstance(right, Unknown):
                return Unknown("element")
            return left is right
        if left.t.kind in DEFAULTS or right.t.kind in DEFAULTS:
            if left.boxed or right.boxed:
                left, right = self.default(left), self.default(right)
            else:
                left, right = self.match_types(left, right)
        if not identical(left.t, right.t):
            if (
                left.t.kind == "pointer"
                and right.t.kind == "pointer"
                and left.v is not None
                and left.v is right.v
            ):
                return True
            return Unknown("type") if has_opaque(left.t) or has_opaque(right.t) else False
        kind = left.t.kind
        if kind in ("slice", "map", "func"):
            raise self.panic(f"runtime error: comparing uncomparable type {left.t.text()}")
        if kind == "struct":
            return self.all_same([(left.v.fields[n], right.v.fields[n]) for n, _, _ in left.t.fields])
        if kind == "array":
            return self.all_same(list(zip(left.v, right.v, strict=True)))
        if kind == "pointer":
            if isinstance(left.v, Ref):
                return left.v.same(right.v)
            return left.v is right.v
        if left.v is None or right.v is None:
            return left.v is right.v
        if isinstance(left.v, (int, float, str, bool)):
            return left.v == right.v
        return left.v is right.v

    def all_same(self, pairs: list[tuple[Value, Value]]) -> Any:
        result: Any = True
        for one, other in pairs:
            same = self.same(one, other)
            if isinstance(same, Unknown):
                result = same
            elif not same:
                return False
        return result

    def deep_same(self, left: Value, right: Value, seen: int = 0) -> Any:
        """reflect.DeepEqual: True, False or unknown."""
        self.step()
        if seen > 40:
            raise Stop("budget:depth")
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return Unknown("element")
        if type(left) is not G or type(right) is not G:
            return Unknown("function")
        left, right = self.default(left), self.default(right)
        if left.t is NIL or right.t is NIL:
            return left.t is right.t
        if not identical(left.t, right.t):
            return Unknown("type") if has_opaque(left.t) or has_opaque(right.t) else False
        kind = left.t.kind
        if kind in ("slice", "map", "pointer", "func") and (left.v is None or right.v is None):
            return left.v is right.v
        if kind in ("slice", "array"):
            one = left.v.items() if kind == "slice" else left.v
            other = right.v.items() if kind == "slice" else right.v
            if len(one) != len(other):
                return False
            return self.all_deep(list(zip(one, other, strict=True)), seen)
        if kind == "map":
            if set(left.v.entries) != set(right.v.entries):
                return False
            return self.all_deep(
                [(left.v.entries[k][1], right.v.entries[k][1]) for k in left.v.entries], seen
            )
        if kind == "struct":
            return self.all_deep([(left.v.fields[n], right.v.fields[n]) for n, _, _ in left.t.fields], seen)
        if kind == "pointer":
            if left.v is right.v:
                return True
            one, other = self.deref(left), self.deref(right)
            return self.deep_same(one, other, seen + 1)
        if kind == "func":
            return False
        return self.same(left, right)

    def all_deep(self, pairs: list[tuple[Value, Value]], seen: int) -> Any:
        result: Any = True
        for one, other in pairs:
            same = self.deep_same(one, other, seen + 1)
            if isinstance(same, Unknown):
                result = same
            elif not same:
                return False
        return result

    def map_key(self, value: Value) -> Any:
        """What stands for a value among a map's keys."""
        if isinstance(value, Unknown):
            raise Stop("unknown-key:" + value.why)
        if type(value) is not G:
            raise Stop("map-key")
        value = self.default(value)
        kind = value.t.kind
        if kind in ("slice", "map", "func"):
            raise self.panic(f"runtime error: hash of unhashable type {value.t.text()}")
        if kind == "struct":
            return (
                id(value.t) if value.t.name else "struct",
                tuple(self.map_key(v) for v in value.v.fields.values()),
            )
        if kind == "array":
            return ("array", tuple(self.map_key(v) for v in value.v))
        if kind == "pointer":
            data = value.v
            return ("pointer", (id(data.container), data.key) if isinstance(data, Ref) else id(data))
        if value.v != value.v:
            raise Stop("map-key")
        return (id(value.t) if value.t.name else kind, value.v)

    # -- pointers -------------------------------------------------------------------------------------------------

    def deref(self, pointer: Value) -> Value:
        """`*pointer`."""
        if isinstance(pointer, Unknown):
            self.risky(pointer.why)
            return Unknown(pointer.why, pointer.label)
        if type(pointer) is not G or pointer.t.kind != "pointer":
            raise Stop("does-not-compile")
        if pointer.v is None:
            raise self.panic("runtime error: invalid memory address or nil pointer dereference")
        if isinstance(pointer.v, Ref):
            return pointer.v.get()
        return G(pointer.t.elem or OPAQUE, pointer.v)

    def address_of(self, value: Value, ref: Ref | None) -> Value:
        """A pointer to a value that lives in `ref`."""
        if isinstance(value, Unknown):
            return Unknown(value.why, value.label, kind="non-nil")
        if type(value) is not G:
            if ref is None:
                raise Stop("address")
            return G(pointer_to(OPAQUE), ref)
        if value.t.kind in ("struct", "native"):
            return G(pointer_to(value.t), value.v)
        return G(pointer_to(value.t), ref if ref is not None else Ref([value], 0))

    def is_nil(self, value: Value) -> bool:
        """Whether a known value is nil."""
        return type(value) is G and value.v is None and not value.boxed


FLOAT_CONSTANT = GoType("untyped float")
