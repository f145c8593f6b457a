"""The evaluator for Java: primitives, strings, classes, calls, exceptions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.evaluator import Negation
from runfree.interpreter.java_overloads import (
    SUPERS,
    Ambiguous,
    choose,
    is_variable,
    names_of,
    static_type,
    subtype,
)
from runfree.interpreter.java_values import (
    BOXES,
    INTEGRAL,
    PRIMITIVES,
    RANKS,
    J,
    JArray,
    JBuilder,
    JClass,
    JEntry,
    JFunction,
    JIterator,
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
    round32,
    wrap,
)
from runfree.interpreter.reach import walk
from runfree.interpreter.statements import Signal, Statements
from runfree.interpreter.values import Env, Thrown, Unknown, Value

_PARENTS = {
    "Throwable": "", "Exception": "Throwable", "Error": "Throwable", "RuntimeException": "Exception",
    "IllegalArgumentException": "RuntimeException", "IllegalStateException": "RuntimeException",
    "NumberFormatException": "IllegalArgumentException", "ArithmeticException": "RuntimeException",
    "NullPointerException": "RuntimeException", "ClassCastException": "RuntimeException",
    "IndexOutOfBoundsException": "RuntimeException", "UnsupportedOperationException": "RuntimeException",
    "ArrayIndexOutOfBoundsException": "IndexOutOfBoundsException", "NegativeArraySizeException": "RuntimeException",
    "StringIndexOutOfBoundsException": "IndexOutOfBoundsException", "NoSuchElementException": "RuntimeException",
    "ConcurrentModificationException": "RuntimeException", "IOException": "Exception", "AssertionError": "Error",
    "ArrayStoreException": "RuntimeException", "CloneNotSupportedException": "Exception",
    "InputMismatchException": "NoSuchElementException", "DateTimeException": "RuntimeException",
    "EmptyStackException": "RuntimeException", "UncheckedIOException": "RuntimeException",
    "LinkageError": "Error", "VirtualMachineError": "Error", "OutOfMemoryError": "VirtualMachineError",
    "StackOverflowError": "VirtualMachineError", "SecurityException": "RuntimeException", "ExecutionException": "Exception",
    "ReflectiveOperationException": "Exception", "ClassNotFoundException": "ReflectiveOperationException",
    "NoSuchMethodException": "ReflectiveOperationException", "NoSuchFieldException": "ReflectiveOperationException",
    "ParseException": "Exception", "URISyntaxException": "Exception", "MalformedURLException": "IOException", "EOFException": "IOException",
    "UnsupportedEncodingException": "IOException", "SQLException": "Exception", "GeneralSecurityException": "Exception",
    "NoSuchAlgorithmException": "GeneralSecurityException", "DateTimeParseException": "DateTimeException",
    "IllegalMonitorStateException": "RuntimeException", "MissingResourceException": "RuntimeException",
    "UnsupportedTemporalTypeException": "DateTimeException", "PatternSyntaxException": "IllegalArgumentException",
    "IllegalFormatException": "IllegalArgumentException", "MissingFormatArgumentException": "IllegalFormatException",
    "IllegalFormatConversionException": "IllegalFormatException", "UnknownFormatConversionException": "IllegalFormatException", "InstantiationException": "ReflectiveOperationException",
    "IllegalAccessException": "ReflectiveOperationException", "BufferOverflowException": "RuntimeException",
    "BufferUnderflowException": "RuntimeException", "CharacterCodingException": "IOException",
    "FileNotFoundException": "IOException", "InterruptedException": "Exception", "TimeoutException": "Exception",
}  # fmt: skip
EXCEPTIONS: dict[str, JClass] = {}
for _name in _PARENTS:
    EXCEPTIONS[_name] = JClass(_name)
for _name, _parent in _PARENTS.items():
    if _parent:
        EXCEPTIONS[_name].bases = [EXCEPTIONS[_parent]]


class JavaEvaluator(Statements):
    """Evaluates Java; `static_call` and `instance_call` are the library's tables."""

    def __init__(self, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0) -> None:
        super().__init__(budget, decisions, deadline)
        # The classes of the files at hand; simple names that are not in it and not the JDK's are the project's own.
        self.table: Any = None
        # Blocks begun by depth; depth of the last throw statement; whether lines were taken back up to a body's start.
        self.begun: dict[int, int] = {}
        self.raising = -1
        self.open_start = False
        # Objects that stand for themselves among keys, kept alive; those with an equals of their own.
        self.kept: list[Value] = []
        self.equal_keys: list[JObject] = []
        # The arguments of the last call, with the expressions they came from and where these were evaluated.
        self.site: tuple[list[Value], tuple[ir.Argument, ...], Env] | None = None

    def find_class(self, name: str, near: JClass | None = None) -> JClass | None:
        """The user's class that a simple name means where the evaluation is."""
        found: JClass | None = self.table.named(name, self.module, near)
        return found

    # -- exceptions and text --------------------------------------------------------------------------------------

    def error(self, name: str, message: Value = None) -> Thrown:
        """A library exception, to be raised."""
        made = JObject(EXCEPTIONS.get(name) or EXCEPTIONS["RuntimeException"])
        made.fields.update({"message": message, "cause": None})
        return self.throw(made)

    def text(self, value: Value) -> Value:
        """String.valueOf: a string or unknown."""
        self.step()
        if isinstance(value, Unknown):
            return Unknown(value.why, value.label)
        if value is None:
            return "null"
        if isinstance(value, str):
            return value
        if type(value) is J:
            return primitive_text(value)
        if type(value) is JBuilder:
            return value.text
        if type(value) is JOptional:
            inner = self.text(value.value) if value.value is not None else ""
            return (
                "Optional.empty"
                if value.value is None
                else f"Optional[{inner}]"
                if isinstance(inner, str)
                else inner
            )
        if type(value) in (JList, JSet):
            items = value.items if type(value) is JList else self.keys(value.map)
            parts = [self.text(i) for i in items]
            if any(not isinstance(p, str) for p in parts):
                return Unknown("text")
            self.charge(sum(map(len, parts)) + 1)
            return "[" + ", ".join(parts) + "]"
        if type(value) is JEntry:
            return self.invoke(value, "toString", [])
        if type(value) is JMap:
            pairs = [(self.text(k), self.text(value.entries[self.key(k)][1])) for k in self.keys(value)]
            if any(not isinstance(p, str) for pair in pairs for p in pair):
                return Unknown("text")
            return "{" + ", ".join(f"{k}={v}" for k, v in pairs) + "}"
        if type(value) is JObject:
            return self.object_text(value)
        return Unknown("text")

    def object_text(self, value: JObject) -> Value:
        found = self.find_method(value.klass, "toString", [])
        if found is not None:
            return self.call_method(found[0], found[1], value, [])
        if value.klass.kind == "enum":
            return value.fields["$name"]
        if value.klass.kind == "record":
            parts = [(c.name, self.text(value.fields[c.name])) for c in value.klass.components]
            if any(not isinstance(p, str) for _, p in parts):
                return Unknown("text")
            return f"{value.klass.name}[" + ", ".join(f"{n}={p}" for n, p in parts) + "]"
        return Unknown("identity-text")

    # -- operators ------------------------------------------------------------------------------------------------

    def truth_of(self, value: Value) -> bool | None:
        if type(value) is J:
            return bool(value.v)
        return value.truth if isinstance(value, Unknown) else None

    def unboxed(self, value: Value) -> Value:
        """A box's primitive.

        Raises:
            Thrown: a NullPointerException for null.
        """
        if value is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        if type(value) is J:
            return J(value.k, value.v)
        return value

    def binary(self, op: str, left: Value, right: Value) -> Value:
        if op == "+" and (isinstance(left, str) or isinstance(right, str)):
            one, other = self.text(left), self.text(right)
            if isinstance(one, Unknown) or isinstance(other, Unknown):
                return Unknown("text", kind="String")
            self.charge(len(one) + len(other))
            return one + other
        for value in (left, right):
            if isinstance(value, Unknown):
                self.reason(value.why)
                return Unknown(value.why, value.label)
        left, right = self.unboxed(left), self.unboxed(right)
        if type(left) is not J or type(right) is not J:
            raise Stop("does-not-compile")
        if left.k == "boolean" and right.k == "boolean":
            answers = {"&": left.v and right.v, "|": left.v or right.v, "^": left.v != right.v}
            if op not in answers:
                raise Stop("does-not-compile")
            return boolean(answers[op])
        if "boolean" in (left.k, right.k):
            raise Stop("does-not-compile")
        if op in ("<<", ">>", ">>>"):
            return self.shift(op, left, right)
        rank = max(RANKS[left.k], RANKS[right.k], 3)
        kind = {3: "int", 4: "long", 5: "float", 6: "double"}[rank]
        if rank >= 5:
            return self.float_operation(op, kind, float(left.v), float(right.v))
        return self.integer_operation(op, kind, left.v, right.v)

    def shift(self, op: str, left: J, right: J) -> J:
        kind = "long" if left.k == "long" else "int"
        bits = INTEGRAL[kind]
        count = right.v & (bits - 1)
        if op == "<<":
            return J(kind, wrap(kind, left.v << count))
        if op == ">>":
            return J(kind, left.v >> count)
        return J(kind, wrap(kind, (left.v & ((1 << bits) - 1)) >> count))

    def integer_operation(self, op: str, kind: str, left: int, right: int) -> J:
        if op in ("/", "%"):
            if right == 0:
                raise self.error("ArithmeticException", "/ by zero")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return J(kind, wrap(kind, quotient if op == "/" else left - quotient * right))
        result = {
            "+": left + right, "-": left - right, "*": left * right, "&": left & right, "|": left | right,
            "^": left ^ right,
        }.get(op)  # fmt: skip
        if result is None:
            raise Stop("syntax:" + op)
        return J(kind, wrap(kind, result))

    def float_operation(self, op: str, kind: str, left: float, right: float) -> J:
        if op in ("/", "%") and right == 0:
            zero = op == "%" or left == 0 or math.isnan(left)
            result = math.nan if zero else math.copysign(math.inf, left) * math.copysign(1, right)
        elif op == "%":
            result = math.fmod(left, right) if math.isfinite(left) else math.nan
        else:
            choices = {
                "+": left + right,
                "-": left - right,
                "*": left * right,
                "/": left / right if right else 0.0,
            }
            if op not in choices:
                raise Stop("does-not-compile")
            result = choices[op]
        return J(kind, round32(result) if kind == "float" else result)

    def unary(self, op: str, value: Value) -> Value:
        if isinstance(value, Unknown):
            return Unknown(value.why, value.label)
        value = self.unboxed(value)
        if type(value) is not J or value.k == "boolean":
            raise Stop("does-not-compile")
        kind = value.k if RANKS[value.k] >= 4 else "int"
        if op == "-":
            return J(kind, wrap(kind, -value.v) if kind in INTEGRAL else -value.v)
        if op == "~" and kind in INTEGRAL:
            return J(kind, wrap(kind, ~value.v))
        if op == "+":
            return J(kind, value.v)
        raise Stop("syntax:" + op)

    def eval_unary(self, node: ir.Unary, env: Env) -> Value:
        value = self.eval(node.value, env)
        if node.op == "not":
            known = self.truth_of(value)
            if known is None:
                return Negation(value, value.why) if isinstance(value, Unknown) else Unknown("condition")
            return boolean(not known)
        return self.unary(node.op, value)

    def compare(self, op: str, left: Value, right: Value) -> Value:
        for value in (left, right):
            if isinstance(value, Unknown):
                self.reason(value.why)
                return Unknown(value.why, value.label)
        if op in ("==", "!="):
            same = self.identical(left, right)
            if same is None:
                return Unknown("identity")
            return boolean(same if op == "==" else not same)
        left, right = self.unboxed(left), self.unboxed(right)
        if type(left) is not J or type(right) is not J:
            raise Stop("does-not-compile")
        one, other = left.v, right.v
        return boolean({"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op])

    def identical(self, left: Value, right: Value) -> bool | None:
        """`==`; None where it depends on what is shared."""
        if type(left) is J and type(right) is J:
            if not (left.boxed and right.boxed):
                return bool(left.v == right.v)
            if left.k != right.k or left.v != right.v:
                return False
            if left is right or left.k == "boolean" or (left.k in INTEGRAL and -128 <= left.v <= 127):
                return True
            return None
        if isinstance(left, str) and isinstance(right, str):
            return None if left == right else False
        for one, other in ((left, right), (right, left)):
            if type(one) is not J or other is not None:
                continue
            if not one.boxed:
                raise self.error("NullPointerException", Unknown("npe-message"))
            return False
        return left is right

    def equals(self, left: Value, right: Value) -> Any:
        """Objects.equals: True, False or unknown."""
        self.step()
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return Unknown("element")
        if left is None or right is None:
            return left is right
        if type(left) is J and type(right) is J:
            same = left.v == right.v or (left.v != left.v and right.v != right.v)
            return left.k == right.k and same
        if isinstance(left, str):
            return isinstance(right, str) and left == right
        if type(left) is JList:
            return type(right) is JList and self.all_equal(left.items, right.items)
        if type(left) is JSet:
            return type(right) is JSet and set(left.map.entries) == set(right.map.entries)
        if type(left) is JMap:
            if type(right) is not JMap or set(left.entries) != set(right.entries):
                return False
            keys = list(left.entries)
            return self.all_equal([left.entries[k][1] for k in keys], [right.entries[k][1] for k in keys])
        if type(left) is JOptional:
            return type(right) is JOptional and self.equals(left.value, right.value)
        if type(left) is JObject:
            found = self.find_method(left.klass, "equals", [right])
            if found is not None:
                return self.answer(self.call_method(found[0], found[1], left, [right]))
            if left.klass.opaque:
                return True if left is right else Unknown("class:" + left.klass.opaque)
            if left.klass.kind == "record":
                if type(right) is not JObject or right.klass is not left.klass:
                    return False
                names = [c.name for c in left.klass.components]
                return self.all_equal([left.fields[n] for n in names], [right.fields[n] for n in names])
        if type(left) is JType:
            return type(right) is JType and left.name == right.name
        if type(left) is JEntry:
            if type(right) is not JEntry:
                return False
            one, other = (e.map.entries.get(self.key(e.key)) for e in (left, right))
            if one is None or other is None:
                raise Stop("entry-removed")
            return self.all_equal([left.key, one[1]], [right.key, other[1]])
        return left is right

    def answer(self, value: Value) -> Any:
        """A boolean as True, False or unknown."""
        known = self.truth_of(value)
        return known if known is not None else Unknown(getattr(value, "why", "condition"))

    def all_equal(self, one: list[Value], other: list[Value]) -> Any:
        if len(one) != len(other):
            return False
        result: Any = True
        for left, right in zip(one, other, strict=True):
            same = self.equals(left, right)
            if isinstance(same, Unknown):
                result = same
            elif not same:
                return False
        return result

    def key(self, value: Value) -> Any:
        """What stands for a value among keys: equal values share it."""
        self.step()
        if isinstance(value, Unknown):
            raise Stop("unknown-key:" + value.why)
        if value is None or isinstance(value, str):
            return value
        if type(value) is J:
            return (value.k, value.v)
        if type(value) is JList:
            return ("list", tuple(self.key(i) for i in value.items))
        if type(value) is JObject:
            if value.klass.kind == "record" and not value.klass.methods.get("equals"):
                return (
                    id(value.klass),
                    tuple(self.key(value.fields[c.name]) for c in value.klass.components),
                )
            if self.find_method(value.klass, "equals", [value]) is None and not value.klass.opaque:
                self.kept.append(value)
                return ("identity", id(value))
            return self.user_key(value)
        raise Stop("hash-key")

    def user_key(self, value: JObject) -> Any:
        """The stand-in for an object with an equals of its own: that of the first equal one."""
        if any(k.opaque for k in value.klass.order()):
            raise Stop("hash-key")
        for position, other in enumerate(self.equal_keys):
            if other is value:
                return ("user", position)
        for position, other in enumerate(self.equal_keys):
            same = self.equals(value, other)
            if isinstance(same, Unknown):
                raise Stop("hash-key")
            if same:
                return ("user", position)
        if len(self.equal_keys) > 60:
            raise Stop("hash-key")
        self.equal_keys.append(value)
        return ("user", len(self.equal_keys) - 1)

    def hash_of(self, value: Value) -> int | None:
        """hashCode where it is fixed by the language; None where it is not known."""
        self.step()
        if value is None:
            return 0
        if isinstance(value, str):
            return hash_text(value)
        if type(value) is J and value.k in INTEGRAL:
            return value.v if value.k != "long" else wrap("int", value.v ^ ((value.v & (2**64 - 1)) >> 32))
        if type(value) is J and value.k == "boolean":
            return 1231 if value.v else 1237
        if type(value) is JObject:
            found = self.find_method(value.klass, "hashCode", [])
            answer = self.call_method(found[0], found[1], value, []) if found is not None else None
            return answer.v if type(answer) is J else None
        if type(value) is JList:
            total = 1
            for item in value.items:
                one = self.hash_of(item)
                if one is None:
                    return None
                total = wrap("int", 31 * total + one)
            return total
        return None

    def keys(self, holder: JMap) -> list[Value]:
        """Keys in the order of iteration.

        Raises:
            Stop: the order depends on hash codes that are not known.
        """
        keys = [k for k, _ in holder.entries.values()]
        if len(keys) < 2 or holder.kind == "LinkedHashMap":
            return keys
        if holder.kind == "TreeMap":
            if holder.comparator is not None:
                return self.distinct(self.ordered(keys, holder.comparator), holder.comparator)
            if all(isinstance(k, str) for k in keys):
                return sorted(keys)
            if all(type(k) is J for k in keys):
                return sorted(keys, key=lambda k: k.v)
            return self.distinct(self.ordered(keys, None), None)
        if holder.kind != "HashMap":
            raise Stop("map-order")
        hashes = [self.hash_of(k) for k in keys]
        if any(h is None for h in hashes):
            raise Stop("map-order")
        size = 16
        while len(keys) > size * 3 // 4:
            size *= 2
        spread = [((h & 0xFFFFFFFF) ^ ((h & 0xFFFFFFFF) >> 16)) & (size - 1) for h in hashes if h is not None]
        order = sorted(range(len(keys)), key=lambda i: spread[i])
        return [keys[i] for i in order]

    def distinct(self, items: list[Value], comparator: Value) -> list[Value]:
        """Sorted keys as they are.

        Raises:
            Stop: two that are unequal compare as equal, so that a sorted map would hold one of them only.
        """
        for one, other in pairwise(items):
            if comparator is not None:
                answer = self.invoke(comparator, "compare", [one, other])
                apart = type(answer) is J and answer.v != 0
            else:
                apart = bool(self.natural(one, other))
            if not apart:
                raise Stop("map-order")
        return items

    def natural(self, one: Value, other: Value) -> int:
        """compareTo."""
        raise NotImplementedError

    # -- conversion -----------------------------------------------------------------------------------------------

    def coerce(self, value: Value, t: str) -> Value:
        """A value assigned to a variable of a declared type."""
        if t in ("var", ""):
            return value
        if isinstance(value, Unknown):
            if not value.kind and (t in PRIMITIVES or t in SUPERS):
                named = Unknown(value.why, value.label, t, value.truth)
                named.length = value.length
                return named
            return value
        if type(value) is JFunction and value.klass is None:
            klass = self.find_class(t)
            return JFunction(value.call, klass) if klass is not None and klass.kind == "interface" else value
        if t in PRIMITIVES:
            value = self.unboxed(value)
            if isinstance(value, Unknown):
                return value
            if type(value) is not J:
                raise Stop("does-not-compile")
            return self.to_kind(value, t, False)
        if type(value) is J:
            if t in BOXES and not value.boxed:
                return J(BOXES[t], self.to_kind(value, BOXES[t], False).v, True)
            return box(value)
        return value

    def to_kind(self, value: J, kind: str, explicit: bool) -> J:
        """A primitive as another kind: a widening, a constant's narrowing, or an explicit cast."""
        if value.k == kind:
            return J(kind, value.v)
        if kind == "boolean" or value.k == "boolean":
            raise Stop("does-not-compile")
        if kind in INTEGRAL:
            if value.k in INTEGRAL:
                fits = wrap(kind, value.v) == value.v
                if not explicit and not fits:
                    raise Stop("does-not-compile")
                return J(kind, wrap(kind, value.v))
            if not explicit:
                raise Stop("does-not-compile")
            if math.isnan(value.v):
                return J(kind, 0)
            target = kind if kind == "long" else "int"
            limit = 1 << (INTEGRAL[target] - 1)
            whole = limit - 1 if value.v >= limit else -limit if value.v <= -limit else int(value.v)
            return J(kind, wrap(kind, whole))
        number = float(value.v)
        return J(kind, round32(number) if kind == "float" else number)

    def zero(self, t: str) -> Value:
        """The default value of a field or element."""
        if t == "boolean":
            return boolean(False)
        if t in INTEGRAL:
            return J(t, 0)
        return J(t, 0.0) if t in ("float", "double") else None

    def eval_convert(self, node: ir.Convert, env: Env) -> Value:
        value = self.eval(node.value, env)
        if isinstance(value, Unknown):
            return value
        if node.type in PRIMITIVES:
            value = self.unboxed(value)
            if type(value) is not J:
                return Unknown("cast")
            return self.to_kind(value, node.type, True)
        if value is None:
            return None
        if type(value) is J and not value.boxed:
            return self.coerce(value, node.type)
        known = self.has_type(value, node.type)
        if known is False:
            raise self.error("ClassCastException", Unknown("message"))
        return value

    def has_type(self, value: Value, t: str) -> bool | None:
        """`instanceof` for a value that is not null; None if unknown."""
        if isinstance(value, Unknown):
            return None
        if t == "Object":
            return True
        if type(value) is JObject:
            if value.klass.is_a(t):
                return True
            return None if any(k.opaque for k in value.klass.order()) or is_variable(t) else False
        if is_variable(t):
            return None
        if type(value) is JArray:
            if not t.endswith("[]"):
                return t in ("Cloneable", "Serializable")
            return (
                subtype(self, value.element, t[:-2])
                if value.element not in PRIMITIVES
                else t[:-2] == value.element
            )
        if type(value) is JFunction:
            klass = self.find_class(t)
            return (
                False
                if t in ("String", "Class") or t in BOXES or (klass and klass.kind != "interface")
                else None
            )
        names = names_of(value)
        if names is None:
            return None
        if t in names:
            return True
        # A list of another kind may be many things; a user's class it is not.
        certain = t in SUPERS or self.find_class(t) is not None
        vague = type(value) in (JList, JMap, JSet) and names <= SUPERS["List"] | {
            "List",
            "Map",
            "Set",
            "Collection",
        }
        return False if certain and not (vague and self.find_class(t) is None) else None

    def eval_type_test(self, node: ir.TypeTest, env: Env) -> Value:
        value = self.eval(node.value, env)
        known = False if value is None else self.has_type(value, node.type)
        if known is None:
            return Unknown("instanceof")
        if known and node.binds:
            env.vars[node.binds] = value
        return boolean(known)

    # -- names, members, assignment -------------------------------------------------------------------------------

    def eval_const(self, node: ir.Const, env: Env) -> Value:
        if node.type == "String":
            return node.value
        if node.type == "class":
            return JType(node.value)
        if node.type == "types":
            return node.value
        return J(node.type, node.value)

    def name_missing(self, name: str, env: Env, local: bool) -> Value:
        if name == "true" or name == "false":
            return boolean(name == "true")
        if name == "null":
            return None
        scope: Env | None = env
        while scope is not None:
            receiver = scope.vars.get("this")
            if type(receiver) is JObject and name in receiver.fields:
                return receiver.fields[name]
            owner = scope.vars.get("$class")
            if isinstance(owner, JClass):
                found = self.static_field(owner, name)
                if found is not None:
                    return found[0]
            scope = scope.parent
        if name[:1].isupper() or name[:1] == "_":
            near = self.class_around(env)
            klass = self.find_class(name, near)
            if klass is not None:
                return klass
            imported = self.imported_field(name)
            return imported[0] if imported is not None else JType(name)
        imported = self.imported_field(name)
        if imported is None and name in ("java", "javax"):
            return JType(name)
        return imported[0] if imported is not None else Unknown("name:" + name, name)

    def imported_field(self, name: str) -> tuple[Value] | None:
        """A statically imported field in a tuple; a name that looks like a constant's is one that is not at hand."""
        for entry in sorted(self.table.statics_of(self.module)):
            owner, _, member = entry.partition(".")
            if member not in (name, "*"):
                continue
            klass = self.find_class(owner)
            found = self.static_field(klass, name) if klass is not None else None
            if found is not None:
                return found
            if member == name:
                return (CONSTANTS.get(f"{owner}.{name}", Unknown("home:" + owner, name)),)
        return (Unknown("home:" + name, name),) if "_" in name and name.isupper() else None

    def class_around(self, env: Env) -> JClass | None:
        """The class whose code is running."""
        scope: Env | None = env
        while scope is not None:
            owner = scope.vars.get("$class")
            if isinstance(owner, JClass):
                return owner
            scope = scope.parent
        return None

    def static_field(self, klass: JClass, name: str) -> tuple[Value] | None:
        """A static field along the classes and those around them, in a tuple; None if there is none."""
        current: JClass | None = klass
        while current is not None:
            for one in current.order():
                declared = one.statics.get(name)
                if declared is None:
                    continue
                if not one.initialised and is_constant(declared):
                    # A constant's value is copied to where it is read: the class is not initialised for it.
                    scope = Env(one.env, one.module, "block")
                    scope.vars["$class"] = one
                    assert declared.value is not None
                    return (self.coerce(self.eval(declared.value, scope), declared.annotation[0]),)
                self.initialise(one)
                if name in one.static:
                    return (one.static[name],)
            current = current.outer
        return None

    def initialise(self, klass: JClass) -> None:
        """Runs a class's static initialisers, once."""
        if klass.initialised:
            return
        klass.initialised = True
        for base in klass.bases:
            self.initialise(base)
        scope = Env(klass.env, klass.module, "block")
        scope.vars["$class"] = klass
        saved = self.module, self.tracing, self.line
        site = self.site
        self.module, self.tracing = klass.module, klass.module is not None and klass.module.focal
        try:
            position = 0
            for node in klass.fields:
                if isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name):
                    name = node.target.id
                    if node.annotation == ("enum-constant",) and isinstance(node.value, ir.Call):
                        klass.static[name] = self.enum_constant(klass, name, position, node.value, scope)
                        position += 1
                    elif node.annotation[1]:
                        klass.static[name] = self.zero(node.annotation[0])
                        if node.value is not None:
                            if self.tracing and node.line:
                                self.hit(node.line)
                            value = self.eval(node.value, scope)
                            klass.static[name] = self.coerce(value, node.annotation[0])
                elif isinstance(node, ir.Block) and node.label == "static":
                    self.run(node.body, scope)
        finally:
            self.module, self.tracing, self.line = saved
            self.site = site

    def enum_constant(self, klass: JClass, name: str, position: int, node: ir.Call, env: Env) -> Value:
        own = klass
        if node.type[2]:
            own = self.table.local(nameless(node, ""), env, klass)
            own.kind, own.bases = "enum", [klass]
        if self.tracing:
            self.hit(node.line)
        made = JObject(own)
        made.fields.update({"$name": name, "$ordinal": position})
        arguments, _ = self.eval_arguments(node.arguments, env)
        self.construct(klass, made, arguments)
        if own is not klass:
            self.fields(own, made)
        klass.constants.append(made)
        return made

    def eval_attribute(self, node: ir.Attribute, env: Env) -> Value:
        value = self.eval(node.value, env)
        if node.name == "this" and isinstance(value, JClass):
            scope: Env | None = env
            while scope is not None:
                receiver = scope.vars.get("this")
                if type(receiver) is JObject and value in receiver.klass.order():
                    return receiver
                scope = scope.parent
        return self.get_attribute(value, node.name)

    def get_attribute(self, value: Value, name: str) -> Value:
        if value is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        if isinstance(value, Unknown):
            return Unknown(value.why, f"{value.label}.{name}" if value.label else "")
        if type(value) is JArray and name == "length":
            return integer(len(value.items))
        if type(value) is JObject:
            if name in value.fields:
                return value.fields[name]
            found = self.static_field(value.klass, name)
            return found[0] if found is not None else Unknown("class:" + (value.klass.opaque or "field"))
        if isinstance(value, JClass):
            if name == "this":
                return Unknown("outer-this")
            found = self.static_field(value, name)
            if found is not None:
                return found[0]
            return self.table.nested(value, name) or Unknown("class:" + (value.opaque or "static"))
        if type(value) is JType and value.name[:1].islower():
            # A package, as part of a full name.
            return (
                JType(f"{value.name}.{name}") if name[:1].islower() else self.find_class(name) or JType(name)
            )
        if type(value) is JType:
            constant = CONSTANTS.get(f"{value.name}.{name}")
            if constant is not None:
                return constant
            if name[:1].isupper() and not name.isupper():
                # The last part of a full name, or a class nested in one of the library's.
                return (self.find_class(name) if value.name[:1].islower() else None) or JType(name)
            return Unknown("library:" + value.name, name)
        raise Stop("field")

    def set_attribute(self, value: Value, name: str, new: Value) -> None:
        if value is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        if isinstance(value, Unknown):
            self.risky(value.why)
        elif type(value) is JObject and name in value.fields:
            value.fields[name] = self.like(value.fields[name], new)
        elif isinstance(value, JClass) and name in value.static:
            value.static[name] = self.like(value.static[name], new)
        else:
            raise Stop("field")

    def like(self, old: Value, new: Value) -> Value:
        """A value assigned over another one: primitives keep their kind, everything else is boxed."""
        if type(old) is J and not old.boxed:
            return self.coerce(new, old.k)
        return box(new)

    def store(self, target: ir.Expression, value: Value, env: Env) -> None:
        """Assigns to a variable, field or element."""
        if isinstance(target, ir.Attribute):
            self.set_attribute(self.eval(target.value, env), target.name, value)
            return
        if isinstance(target, ir.Index):
            owner, index = self.eval(target.value, env), self.eval(target.key, env)
            if isinstance(owner, Unknown) or isinstance(index, Unknown):
                raise Stop("unknown-index")
            self.get_index(owner, index)
            owner.items[index.v] = self.coerce(value, owner.element)
            return
        if not isinstance(target, ir.Name):
            raise Stop("syntax:target")
        scope: Env | None = env
        while scope is not None:
            if target.id in scope.vars:
                scope.vars[target.id] = self.like(scope.vars[target.id], value)
                return
            receiver = scope.vars.get("this")
            if type(receiver) is JObject and target.id in receiver.fields:
                receiver.fields[target.id] = self.like(receiver.fields[target.id], value)
                return
            owner = scope.vars.get("$class")
            current = owner if isinstance(owner, JClass) else None
            while current is not None:
                for one in current.order():
                    if target.id in one.static:
                        one.static[target.id] = self.like(one.static[target.id], value)
                        return
                current = current.outer
            scope = scope.parent
        klass = self.class_around(env)
        around = [klass] if klass is not None else []
        while around and around[-1].outer is not None:
            around.append(around[-1].outer)
        # A field may be that of a superclass which is not at hand.
        raise Stop("field" if any(k.opaque for one in around for k in one.order()) else "does-not-compile")

    def eval_bind(self, node: ir.Bind, env: Env) -> Value:
        if node.op == "=":
            value = self.eval(node.value, env)
            self.store(node.target, value, env)
            return value
        old = self.eval(node.target, env)
        step = self.eval(node.value, env)
        op = node.op.removeprefix("pre").removeprefix("post") if node.op[:1] == "p" else node.op[:-1]
        new = self.binary(op, old, step)
        if type(old) is J and type(new) is J:
            new = J(old.k, self.to_kind(new, old.k, True).v, old.boxed)
        self.store(node.target, new, env)
        return old if node.op.startswith("post") else new

    def run_annotate(self, node: ir.Annotate, env: Env) -> Signal | None:
        if not isinstance(node.target, ir.Name):
            raise Stop("syntax:var")
        value = self.zero(node.annotation) if node.value is None else self.eval(node.value, env)
        env.vars[node.target.id] = self.coerce(value, node.annotation)
        if node.annotation != "var" and node.annotation not in PRIMITIVES:
            env.vars.setdefault("$types", {})[node.target.id] = node.annotation
        return None

    def run_class(self, node: ir.ClassDef, env: Env) -> Signal | None:
        env.vars[node.name] = self.table.local(node, env, self.class_around(env))
        return None

    def get_index(self, value: Value, key: Value) -> Value:
        if isinstance(value, Unknown) or isinstance(key, Unknown):
            self.risky((value if isinstance(value, Unknown) else key).why)
            return Unknown("element")
        if value is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        index = self.unboxed(key)
        if type(value) is not JArray or type(index) is not J:
            raise Stop("does-not-compile")
        if not 0 <= index.v < len(value.items):
            message = f"Index {index.v} out of bounds for length {len(value.items)}"
            raise self.error("ArrayIndexOutOfBoundsException", message)
        return value.items[index.v]

    def eval_index(self, node: ir.Index, env: Env) -> Value:
        if isinstance(node.key, ir.Const) and node.key.type == "reference":
            return self.reference(self.eval(node.value, env), node.key.value)
        return self.get_index(self.eval(node.value, env), self.eval(node.key, env))

    def reference(self, owner: Value, name: str) -> Value:
        """A method reference."""
        if isinstance(owner, JClass) and name != "new":

            def call(ev: JavaEvaluator, a: list[Value]) -> Value:
                found = ev.find_method(owner, name, a)
                if found is not None and "static" in found[0].flags:
                    return ev.call_method(found[0], found[1], None, a)
                if not a:
                    raise Stop("reference")
                return ev.invoke(a[0], name, a[1:])

            return JFunction(call)
        if isinstance(owner, (JClass, JType)) and name == "new":
            return JFunction(lambda ev, a: ev.create(owner, a))
        if type(owner) is JType:
            return JFunction(lambda ev, a: ev.static_or_instance(owner, name, a))
        return JFunction(lambda ev, a: ev.invoke(owner, name, a))

    def make_sequence(self, node: ir.Sequence, items: list[Value]) -> Value:
        if node.kind != "array":
            raise Stop("syntax:sequence")
        return JArray(node.type, [self.coerce(i, node.type) for i in items])

    # -- calls ------------------------------------------------------------------------------------------------------

    def eval_function(self, node: ir.FunctionExpression, env: Env) -> Value:
        definition = node.function
        module, tracing = self.module, self.tracing

        def call(ev: JavaEvaluator, a: list[Value]) -> Value:
            inner = Env(env, env.module, "block")
            if len(a) != len(definition.parameters):
                raise Stop("lambda-arity")
            for parameter, value in zip(definition.parameters, a, strict=True):
                inner.vars[parameter.name] = ev.coerce(box(value), parameter.type)
            saved = ev.module, ev.tracing, ev.line
            ev.module, ev.tracing = module, tracing
            ev.depth += 1
            if ev.depth > ev.budget.depth:
                raise Stop("budget:depth")
            try:
                signal = ev.run(definition.body.load().statements, inner)
            finally:
                ev.module, ev.tracing, ev.line = saved
                ev.depth -= 1
            return signal.value if signal is not None else None

        return JFunction(call)

    def eval_call(self, node: ir.Call, env: Env) -> Value:
        try:
            return self.dispatch(node, env)
        except Ambiguous as stop:
            # One of several methods was called; which one, is not known.
            self.risky(stop.reason)
            self.trace.escaped = self.trace.internal = True
            return Unknown(stop.reason)

    def dispatch(self, node: ir.Call, env: Env) -> Value:
        """Finds what is called, and calls it."""
        kind = node.type
        if kind[0] == "inline":
            return self.eval(node.function, env).call(self, [])
        arguments, _ = self.eval_arguments(node.arguments, env)
        self.line = node.line
        self.site = (arguments, node.arguments, env)
        if kind[0] == "new":
            local = self.local_class(kind[1], env)
            owner = local or self.find_class(kind[1], self.class_around(env)) or JType(kind[1])
            if kind[3]:
                return self.create_anonymous(node, owner, arguments, env)
            return self.create(owner, arguments, env)
        if kind[0] == "array":
            return self.new_array(kind[1], kind[2], arguments)
        if kind[0] == "delegate":
            return self.delegate(node, env, arguments)
        function = node.function
        if isinstance(function, ir.Attribute):
            if isinstance(function.value, ir.Name) and function.value.id == "super":
                return self.super_call(env, function.name, arguments)
            owner = self.eval(function.value, env)
            self.line = node.line
            self.site = (arguments, node.arguments, env)
            if isinstance(owner, JClass):
                return self.class_call(owner, function.name, arguments)
            if type(owner) is JType:
                return self.static_or_instance(owner, function.name, arguments)
            return self.invoke(owner, function.name, arguments)
        if isinstance(function, ir.Name):
            return self.bare_call(function.id, arguments, env)
        raise Stop("syntax:call")

    def bare_call(self, name: str, arguments: list[Value], env: Env) -> Value:
        """A call without a receiver: a method of the class, of those around it, or a static import."""
        scope: Env | None = env
        while scope is not None:
            owner = scope.vars.get("$class")
            if isinstance(owner, JClass):
                receiver = scope.vars.get("this")
                target = receiver.klass if type(receiver) is JObject else owner
                current: JClass | None = target
                while current is not None:
                    found = self.find_method(current, name, arguments)
                    if found is not None:
                        if "static" not in found[0].flags and current is not target:
                            break  # of the object around this one: further out
                        return self.call_method(found[0], found[1], receiver, arguments)
                    if any(k.opaque for k in current.order()):
                        if self.imports_assertion(name):
                            return self.imported_call(name, arguments)
                        return self.call_opaque(current, name, arguments)
                    current = current.outer
                if type(receiver) is JObject:
                    answer = self.object_method(receiver, name, arguments)
                    if answer is NotImplemented:
                        answer = self.accessor(receiver, name, arguments)
                    if answer is not NotImplemented:
                        return answer
            scope = scope.parent
        return self.imported_call(name, arguments)

    def ordered(self, items: list[Value], comparator: Value) -> list[Value]:
        """Items sorted, by their own order where there is no comparator."""
        raise NotImplementedError

    def imported_call(self, name: str, arguments: list[Value]) -> Value:
        """A statically imported method."""
        raise NotImplementedError

    def call_opaque(self, klass: JClass, name: str, arguments: list[Value]) -> Value:
        """A method that an unknown superclass may have."""
        self.risky("home:" + next(k.opaque for k in klass.order() if k.opaque))
        self.hand_over(arguments)
        return Unknown("class", name)

    def imports_assertion(self, name: str) -> bool:
        """Whether a framework's assertion of this name is imported: it would not be, if a superclass had one."""
        return False

    def class_call(self, klass: JClass, name: str, arguments: list[Value]) -> Value:
        """A static method of a user's class."""
        self.initialise(klass)
        found = self.find_method(klass, name, arguments)
        if found is not None:
            return self.call_method(found[0], found[1], None, arguments)
        if klass.kind == "enum":
            if name == "values":
                return JArray(klass.name, list(klass.constants))
            if name == "valueOf" and isinstance(arguments[0], str):
                for constant in klass.constants:
                    if constant.fields["$name"] == arguments[0]:
                        return constant
                raise self.error("IllegalArgumentException", Unknown("message"))
        return self.call_opaque_static(klass, name, arguments)

    def call_opaque_static(self, klass: JClass, name: str, arguments: list[Value]) -> Value:
        """A static method that the text does not show."""
        self.risky("home:" + klass.name)
        self.hand_over(arguments)
        return Unknown("home:" + klass.name, name)

    def super_call(self, env: Env, name: str, arguments: list[Value]) -> Value:
        scope: Env | None = env
        while scope is not None and "this" not in scope.vars:
            scope = scope.parent
        owner = scope.vars.get("$class") if scope is not None else None
        if scope is None or not isinstance(owner, JClass):
            raise Stop("super")
        above = [
            (d, k) for k in owner.order()[1:] for d in k.methods.get(name, ()) if "abstract" not in d.flags
        ]
        found = choose(self, above, arguments, self.site_of(arguments))
        if found is not None:
            return self.call_method(found[0], found[1], scope.vars["this"], arguments)
        answer = self.object_method(scope.vars["this"], name, arguments)
        if answer is not NotImplemented:
            return answer
        return (
            self.call_opaque(owner, name, arguments)
            if any(k.opaque for k in owner.order())
            else Unknown("super")
        )

    def find_method(
        self, klass: JClass, name: str, arguments: list[Value]
    ) -> tuple[ir.FunctionDef, JClass] | None:
        """The method of a class, or of those above it, that the arguments mean.

        Raises:
            Stop: it depends on types that are not known.
        """
        candidates: list[tuple[ir.FunctionDef, JClass]] = []
        seen: set[tuple[tuple[str, str], ...]] = set()
        for one in klass.order():
            for definition in one.methods.get(name, ()):
                if "abstract" in definition.flags:
                    continue
                types = tuple((p.type, p.kind) for p in definition.parameters)
                if types not in seen:
                    seen.add(types)
                    candidates.append((definition, one))
        return choose(self, candidates, arguments, self.site_of(arguments))

    def site_of(self, arguments: list[Value]) -> tuple[tuple[ir.Argument, ...], Env] | None:
        """The expressions that arguments came from, where they are those of the last call."""
        return self.site[1:] if self.site is not None and self.site[0] is arguments else None

    def call_method(
        self, definition: ir.FunctionDef, klass: JClass, receiver: Value, arguments: list[Value]
    ) -> Value:
        """Calls a user's method or constructor body."""
        env = Env(self.scope_around(klass, receiver), klass.module, "function")
        env.vars["$class"] = klass
        if receiver is not None and "static" not in definition.flags:
            env.vars["this"] = receiver
        self.initialise(klass)
        parameters = definition.parameters
        env.vars["$types"] = {
            p.name: p.type for p in parameters if p.kind != "rest" and p.type not in PRIMITIVES
        }
        for position, parameter in enumerate(parameters):
            if parameter.kind == "rest":
                rest = arguments[position:]
                if len(rest) == 1 and self.is_whole(rest[0], parameter.type, arguments):
                    env.vars[parameter.name] = rest[0]
                else:
                    env.vars[parameter.name] = JArray(
                        parameter.type, [self.coerce(v, parameter.type) for v in rest]
                    )
            else:
                env.vars[parameter.name] = self.coerce(arguments[position], parameter.type)
        saved = self.module, self.tracing, self.line
        self.depth += 1
        if self.depth > self.budget.depth:
            raise Stop("budget:depth")
        self.module = klass.module
        self.tracing = klass.module is not None and klass.module.focal
        if self.tracing and "constructor" in definition.flags:
            self.hit(
                definition.line
            )  # the call of the superclass's constructor counts as the line of the header
        try:
            signal = self.run(definition.body.load().statements, Env(env, klass.module, "block"))
        except (Thrown, Stop) as left:
            if self.tracing and "constructor" in definition.flags and self.open_start:
                self.trace.certain.discard(definition.line)
                self.trace.maybe.add(definition.line)
            if isinstance(left, Stop) and klass.module is not None and klass.module.program is not None:
                left.path = left.path or klass.module.program.path
            raise
        finally:
            self.module, self.tracing, self.line = saved
            self.depth -= 1
        value = signal.value if signal is not None and signal.kind == "return" else None
        return value if definition.result in ("void", "lambda") else self.coerce(value, definition.result)

    def is_whole(self, value: Value, t: str, arguments: list[Value]) -> bool:
        """Whether the last argument is the array of a variable number of arguments, not one element of it."""
        if type(value) is JArray:
            return value.element == t or (value.element not in PRIMITIVES and t not in PRIMITIVES)
        if value is not None:
            return False
        site = self.site_of(arguments)
        shown = static_type(self, site[0][-1].value, site[1]) if site is not None and site[0] else ""
        return not shown or shown.endswith("[]")

    # -- objects ----------------------------------------------------------------------------------------------------

    def scope_around(self, klass: JClass, receiver: Value) -> Env | None:
        """What a class's code sees around it: for an inner class, the object it was made in."""
        if type(receiver) is JObject and id(klass) in receiver.scopes:
            return receiver.scopes[id(klass)]
        return klass.env

    def enclose(self, made: JObject, env: Env | None) -> None:
        """Gives an object of an inner class the object around it."""
        for klass in made.klass.order():
            outer = klass.outer
            if (
                outer is None
                or klass.kind != "class"
                or "static" in klass.modifiers
                or outer.kind == "interface"
            ):
                continue
            if klass.env is not None and klass.env.kind != "module":
                continue  # a local class: its scope is that of the code around it
            scope = env
            while scope is not None:
                receiver = scope.vars.get("this")
                if type(receiver) is JObject and outer in receiver.klass.order():
                    around = Env(self.scope_around(outer, receiver), klass.module, "block")
                    around.vars.update({"this": receiver, "$class": outer})
                    made.scopes[id(klass)] = around
                    break
                scope = scope.parent

    def local_class(self, name: str, env: Env) -> JClass | None:
        """A class declared in the code around."""
        scope: Env | None = env
        while scope is not None:
            found = scope.vars.get(name)
            if isinstance(found, JClass):
                return found
            scope = scope.parent
        return None

    def create_anonymous(self, node: ir.Call, owner: Value, arguments: list[Value], env: Env) -> Value:
        """`new Base(...) { ... }`."""
        klass: JClass = self.table.local(nameless(node, owner.name), env, self.class_around(env))
        if isinstance(owner, JClass) and not klass.bases:
            klass.bases, klass.opaque = [owner], ""
        made = JObject(klass)
        self.initialise(klass)
        self.enclose(made, env)
        if klass.opaque:
            self.risky("home:" + klass.opaque)
        self.construct_base(klass, made, arguments)
        self.fields(klass, made)
        return made

    def create(self, owner: Value, arguments: list[Value], env: Env | None = None) -> Value:
        """`new`."""
        self.step()
        if isinstance(owner, JClass):
            self.initialise(owner)
            if any(k.opaque for k in owner.order()):
                self.risky("home:" + next(k.opaque for k in owner.order() if k.opaque))
            if "abstract" in owner.modifiers or owner.kind == "interface":
                raise Stop("does-not-compile")
            made = JObject(owner)
            self.enclose(made, env)
            self.construct(owner, made, arguments)
            return made
        if owner.name in EXCEPTIONS:
            made = JObject(EXCEPTIONS[owner.name])
            self.fill_exception(made, arguments)
            return made
        return self.library_new(owner.name, arguments)

    def library_new(self, name: str, arguments: list[Value]) -> Value:
        """`new` of a library class."""
        raise NotImplementedError

    def fill_exception(self, made: JObject, arguments: list[Value]) -> None:
        """What an exception's constructor keeps."""
        cause = next((a for a in arguments if type(a) is JObject), None)
        message = (
            arguments[0]
            if arguments and (isinstance(arguments[0], (str, Unknown)) or arguments[0] is None)
            else None
        )
        if cause is not None and arguments[0] is cause:
            message = Unknown("message")
        made.fields.update({"message": message, "cause": cause})

    def construct(self, klass: JClass, made: JObject, arguments: list[Value]) -> None:
        """Runs field initialisers and a constructor."""
        if klass.definition is None:
            self.fill_exception(made, arguments)
            return
        constructors = klass.methods.get("<init>", [])
        if klass.kind == "record":
            self.construct_record(klass, made, arguments, constructors)
            return
        if not constructors:
            if arguments and not klass.opaque:
                raise Stop("does-not-compile")
            self.construct_base(klass, made, [])
            self.fields(klass, made)
            return
        chosen = choose(self, [(d, klass) for d in constructors], arguments, self.site_of(arguments))
        if chosen is None:
            raise Stop("does-not-compile")
        body = chosen[0].body.load().statements
        first = body[0] if body else None
        delegating = (
            isinstance(first, ir.Evaluate)
            and isinstance(first.value, ir.Call)
            and first.value.type == ("delegate",)
        )
        if not delegating:
            self.construct_base(klass, made, [])
            self.fields(klass, made)
        self.call_method(chosen[0], klass, made, arguments)

    def construct_base(self, klass: JClass, made: JObject, arguments: list[Value]) -> None:
        base = next((b for b in klass.bases if b.kind == "class"), None)
        if base is not None:
            self.construct(base, made, arguments)

    def construct_record(
        self, klass: JClass, made: JObject, arguments: list[Value], constructors: list[ir.FunctionDef]
    ) -> None:
        for definition in constructors:
            if "compact" not in definition.flags:
                raise Stop("record-constructor")
        if len(arguments) != len(klass.components):
            raise Stop("does-not-compile")
        scope = Env(klass.env, klass.module, "function")
        scope.vars["$class"] = klass
        for component, value in zip(klass.components, arguments, strict=True):
            scope.vars[component.name] = self.coerce(value, component.type)
        for definition in constructors:
            saved = self.module, self.tracing, self.line
            self.module, self.tracing = klass.module, klass.module is not None and klass.module.focal
            try:
                self.run(definition.body.load().statements, scope)
            finally:
                self.module, self.tracing, self.line = saved
        made.fields.update({c.name: scope.vars[c.name] for c in klass.components})

    def fields(self, klass: JClass, made: JObject) -> None:
        """Runs a class's instance initialisers."""
        scope = Env(self.scope_around(klass, made), klass.module, "block")
        scope.vars["$class"], scope.vars["this"] = klass, made
        saved = self.module, self.tracing, self.line
        self.module, self.tracing = klass.module, klass.module is not None and klass.module.focal
        for node in klass.fields:
            if not isinstance(node, ir.Annotate) or not isinstance(node.target, ir.Name):
                continue
            if len(node.annotation) > 1 and not node.annotation[1]:
                made.fields[node.target.id] = self.zero(node.annotation[0])
        try:
            for node in klass.fields:
                if (
                    isinstance(node, ir.Annotate)
                    and isinstance(node.target, ir.Name)
                    and len(node.annotation) > 1
                ):
                    if not node.annotation[1] and node.value is not None:
                        if self.tracing and node.line:
                            self.hit(node.line)
                        value = self.coerce(self.eval(node.value, scope), node.annotation[0])
                        made.fields[node.target.id] = value
                elif isinstance(node, ir.Block) and node.label == "instance":
                    self.run(node.body, scope)
        finally:
            self.module, self.tracing, self.line = saved

    def delegate(self, node: ir.Call, env: Env, arguments: list[Value]) -> Value:
        """`this(...)` and `super(...)`."""
        scope: Env | None = env
        while scope is not None and "this" not in scope.vars:
            scope = scope.parent
        if scope is None or not isinstance(node.function, ir.Name):
            raise Stop("delegate")
        klass, made = scope.vars["$class"], scope.vars["this"]
        if node.function.id == "this":
            self.construct(klass, made, arguments)
        else:
            self.construct_base(klass, made, arguments)
            self.fields(klass, made)
        return None

    def new_array(self, element: str, depth: int, sizes: list[Value]) -> Value:
        if any(type(s) is not J for s in sizes):
            raise Stop("array-size")
        count = sizes[0].v
        if count < 0:
            raise self.error("NegativeArraySizeException", str(count))
        self.charge(count)
        inner = element + "[]" * (depth - 1)
        if len(sizes) > 1:
            return JArray(inner, [self.new_array(element, depth - 1, sizes[1:]) for _ in range(count)])
        return JArray(inner, [self.zero(inner) for _ in range(count)])

    def invoke(self, owner: Value, name: str, arguments: list[Value]) -> Value:
        """A method called on a value."""
        if owner is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        if isinstance(owner, Unknown):
            self.step()
            self.risky(owner.why)
            self.hand_over(arguments)
            return Unknown(
                owner.why, f"{owner.label}.{name}()" if owner.label and len(owner.label) < 80 else ""
            )
        if type(owner) is JObject:
            found = self.find_method(owner.klass, name, arguments)
            if found is not None:
                return self.call_method(found[0], found[1], owner, arguments)
            answer = self.object_method(owner, name, arguments)
            if answer is not NotImplemented:
                return answer
            if any(k.opaque for k in owner.klass.order()):
                return self.call_opaque(owner.klass, name, arguments)
            made = self.accessor(owner, name, arguments)
            if made is not NotImplemented:
                return made
            raise Stop("does-not-compile")
        if type(owner) is JFunction:
            if owner.klass is not None:
                found = self.find_method(owner.klass, name, arguments)
                if found is not None:
                    return self.call_method(found[0], found[1], owner, arguments)
            if name == "reversed" and not arguments:
                return JFunction(lambda ev, a: owner.call(ev, [a[1], a[0]]))
            if name == "thenComparing" and len(arguments) == 1 and type(arguments[0]) is JFunction:
                raise Stop("library:thenComparing")
            if name in ("andThen", "compose", "negate", "and", "or", "identity"):
                return Unknown("functional")
            return owner.call(self, arguments)
        return self.instance_call(owner, name, arguments)

    def accessor(self, owner: JObject, name: str, arguments: list[Value]) -> Value:
        """A getter that an annotation processor makes; NotImplemented where it makes none."""
        for klass in owner.klass.order():
            class_wide = {n for n, _ in klass.annotations} & {"Value", "Data", "Getter"}
            for node in klass.fields:
                if not isinstance(node, ir.Annotate) or not isinstance(node.target, ir.Name):
                    continue
                field, notes = node.target.id, node.annotation
                if len(notes) < 4 or notes[1] or not (class_wide or "Getter" in {n for n, _ in notes[2]}):
                    continue
                stem = field[2:] if notes[0] == "boolean" and re.match("is[A-Z]", field) else field
                prefix = "is" if notes[0] == "boolean" else "get"
                if name == prefix + stem[:1].upper() + stem[1:] and not arguments:
                    return owner.fields.get(field)
        return NotImplemented

    def hand_over(self, arguments: list[Value]) -> None:
        """Unknown code may change what it is given, or call it."""
        for value in arguments:
            if type(value) is JArray:
                value.items[:] = [Unknown("handed-over", kind=value.element) for _ in value.items]
        if any(not isinstance(a, (J, str, Unknown, JType)) and a is not None for a in arguments):
            self.trace.escaped = self.trace.internal = True

    def object_method(self, owner: JObject, name: str, arguments: list[Value]) -> Value:
        """Methods that every object, enum constant, record or exception has; NotImplemented if it is none."""
        klass = owner.klass
        if name == "equals" and len(arguments) == 1:
            same = self.equals(owner, arguments[0]) if klass.kind == "record" else owner is arguments[0]
            return same if isinstance(same, Unknown) else boolean(same)
        if name == "toString" and not arguments:
            return self.object_text(owner)
        if name in ("hashCode", "getClass"):
            return Unknown(name)
        if klass.kind == "enum" and name in ("name", "ordinal"):
            return owner.fields["$name"] if name == "name" else integer(owner.fields["$ordinal"])
        if klass.kind == "enum" and name == "compareTo" and type(arguments[0]) is JObject:
            return integer(owner.fields["$ordinal"] - arguments[0].fields["$ordinal"])
        if klass.kind == "record" and not arguments and name in owner.fields:
            return owner.fields[name]
        if klass.is_a("Throwable"):
            if name in ("getMessage", "getLocalizedMessage"):
                return owner.fields.get("message")
            if name == "getCause":
                return owner.fields.get("cause")
            if name in ("printStackTrace", "addSuppressed"):
                return None
            return Unknown("exception-method")
        return NotImplemented

    def instance_call(self, owner: Value, name: str, arguments: list[Value]) -> Value:
        """A method of a library value."""
        raise NotImplementedError

    def static_or_instance(self, owner: JType, name: str, arguments: list[Value]) -> Value:
        """A static method of a library class, or in a reference an instance method of its first argument."""
        raise NotImplementedError

    def run(self, body: tuple[ir.Statement, ...], env: Env) -> Signal | None:
        depth = self.depth
        self.begun[depth] = self.begun.get(depth, 0) + 1
        if not self.tracing:
            return super().run(body, env)
        fresh: list[bool] = []
        for position, node in enumerate(body):
            fresh.append(bool(node.line) and node.line not in self.trace.lines)
            before = self.begun[depth]
            clean = not self.trace.tainted
            try:
                signal = self.run_one(node, env)
                if clean and self.trace.tainted and self.begun[depth] == before:
                    # Something unknown in this line may have raised, so that the line may not be counted.
                    self.uncover(body, position, fresh, likely=True)
            except (Thrown, Stop):
                if isinstance(node, ir.Block) and self.open_start:
                    self.open_start = self.uncover(body, position - 1, fresh)
                elif self.begun[depth] == before and not (
                    isinstance(node, ir.Raise) and self.raising == depth
                ):
                    self.open_start = self.uncover(body, position, fresh)
                else:
                    self.open_start = False
                raise
            if signal is not None:
                return signal
        return None

    def uncover(
        self, body: tuple[ir.Statement, ...], position: int, fresh: list[bool], likely: bool = False
    ) -> bool:
        """Takes back lines that an exception leaves before JaCoCo's next probe; True up to the start of the body.

        There is a probe at every branch, and before each line that calls something.
        """
        for at in range(position, -1, -1):
            node = body[at]
            if at < position and not isinstance(node, (ir.Evaluate, ir.Annotate)) and not guards(node):
                return False
            if fresh[at]:
                self.trace.certain.discard(node.line)
                if not likely:
                    self.trace.lines.discard(node.line)
                    self.trace.maybe.add(node.line)
            nodes: list[ir.Node] = []
            walk(header(node), nodes)
            # What follows a branch that never ends is reached by a jump alone, where there is no probe.
            if any(isinstance(n, ir.Call) for n in nodes) and not (at and guards(body[at - 1])):
                return False
        return True

    # -- statements -------------------------------------------------------------------------------------------------

    def run_for(self, node: ir.For, env: Env) -> Signal | None:
        target = node.target
        if not isinstance(target, ir.Convert) or not isinstance(target.value, ir.Name):
            raise Stop("syntax:for")
        for turn, item in enumerate(self.iterate(self.eval(node.iterable, env))):
            if turn > self.budget.items:
                raise Stop("budget:items")
            self.step()
            inner = Env(env, env.module, "block")
            inner.vars[target.value.id] = self.coerce(item, target.type)
            if target.type != "var" and target.type not in PRIMITIVES:
                inner.vars["$types"] = {target.value.id: target.type}
            signal = self.run(node.body, inner)
            if signal is not None:
                if signal.kind == "return" or (signal.label and signal.label != node.label):
                    return signal
                if signal.kind == "break":
                    return None
        return None

    def iterate(self, value: Value) -> Iterator[Value]:
        if isinstance(value, Unknown):
            self.risky(value.why)
            for turn in range(3):
                if not self.decide(turn == 0):
                    return
                yield Unknown(value.why)
            raise Stop("budget:unknown-loop")
        if value is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        if type(value) is JArray:
            yield from value.items
        elif type(value) is JIterator:
            while value.position < len(value.items):
                value.position += 1
                yield value.items[value.position - 1]
        elif type(value) is JObject:
            iterator = self.invoke(value, "iterator", [])
            if type(iterator) is not JObject:
                yield from self.iterate(iterator)
                return
            while self.truth(self.invoke(iterator, "hasNext", [])):
                yield self.invoke(iterator, "next", [])
        elif type(value) is JList:
            size = len(value.items)
            for item in list(value.items):
                if len(value.items) != size:
                    raise Stop("concurrent-modification")
                yield item
        elif type(value) is JSet:
            yield from self.keys(value.map)
        elif type(value) is JStream:
            yield from value.items
        else:
            raise Stop("iterate")

    def run_switch(self, node: ir.Switch, env: Env) -> Signal | None:
        subject = self.eval(node.subject, env) if node.subject is not None else None
        if subject is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        chosen: int | None = None
        for position, case in enumerate(node.cases):
            if any(self.case_matches(subject, v, env) for v in case.values):
                chosen = position
                break
        if chosen is None:
            chosen = next((i for i, c in enumerate(node.cases) if c.default), None)
        inner = Env(env, env.module, "block")
        while chosen is not None and chosen < len(node.cases):
            case = node.cases[chosen]
            signal = self.run(case.body, inner)
            if signal is not None:
                return None if signal.kind == "break" and not signal.label else signal
            chosen = chosen + 1 if case.falls else None
        return None

    def case_matches(self, subject: Value, node: ir.Expression, env: Env) -> bool:
        if isinstance(subject, Unknown):
            return self.decide(False)
        if type(subject) is JObject and subject.klass.kind == "enum" and isinstance(node, ir.Name):
            return bool(subject.fields["$name"] == node.id)
        same = self.equals(
            box(self.eval(node, env)) if not isinstance(subject, str) else self.eval(node, env), box(subject)
        )
        if same is False and type(subject) is J:
            value = self.eval(node, env)
            return type(value) is J and value.v == subject.v
        return self.decide(False) if isinstance(same, Unknown) else bool(same)

    def run_assert(self, node: ir.Assert, env: Env) -> Signal | None:
        if not self.truth(self.eval(node.test, env)):
            raise self.error("AssertionError")
        return None

    def run_import(self, node: ir.Import, env: Env) -> Signal | None:
        return None

    def make_exception(self, value: Value) -> Value:
        self.raising = self.depth
        if value is None:
            raise self.error("NullPointerException", Unknown("npe-message"))
        return value

    def matches(self, value: Value, types: Value) -> bool:
        for name in types:
            if isinstance(value, Unknown):
                if name in ("Exception", "Throwable", "RuntimeException"):
                    return True
                if self.decide(True):
                    return True
                continue
            if value.klass.is_a(name):
                return True
            if any(k.opaque for k in value.klass.order()) and self.decide(True):
                return True
        return False

    def format_value(self, value: Value, conversion: str, spec: Value) -> Value:
        raise Stop("syntax:format")


def guards(node: ir.Statement) -> bool:
    """Whether a statement is an if without else whose branch leaves, so that only one way leads past it."""
    if not isinstance(node, ir.If) or node.orelse:
        return False
    last = node.then[-1] if node.then else None
    while isinstance(last, ir.Block) and last.body:
        last = last.body[-1]
    return isinstance(last, (ir.Raise, ir.Return, ir.Break, ir.Continue))


def is_constant(node: ir.Annotate) -> bool:
    """Whether a static field is a compile-time constant: final, of a simple type, made of literals."""
    if (
        len(node.annotation) < 4
        or not node.annotation[3]
        or node.annotation[0] not in (*PRIMITIVES, "String")
    ):
        return False
    nodes: list[ir.Node] = []
    walk(node.value, nodes)
    return bool(nodes) and all(isinstance(n, (ir.Const, ir.Unary, ir.Binary, ir.Convert)) for n in nodes)


def header(node: ir.Statement) -> object:
    """What a statement evaluates before its first block."""
    if isinstance(node, ir.For):
        return node.iterable
    if isinstance(node, (ir.If, ir.While)):
        return node.test
    if isinstance(node, ir.Switch):
        return node.subject
    return () if isinstance(node, (ir.Block, ir.Try)) else node


def nameless(node: ir.Call, base: str) -> ir.ClassDef:
    """The definition of an anonymous class."""
    declared: Any = ("class", "", (base,) if base else (), frozenset(), (), ())
    return ir.ClassDef(0, node.pos, node.end, "", (), (), node.type[2], declared=declared)


def _compare_folded(ev: JavaEvaluator, a: list[Value]) -> Value:
    return ev.invoke(a[0], "compareToIgnoreCase", [a[1]])


CONSTANTS: dict[str, Value] = {
    "String.CASE_INSENSITIVE_ORDER": JFunction(_compare_folded),
    "Integer.MAX_VALUE": J("int", 2**31 - 1), "Integer.MIN_VALUE": J("int", -(2**31)),
    "Long.MAX_VALUE": J("long", 2**63 - 1), "Long.MIN_VALUE": J("long", -(2**63)), "Math.PI": J("double", math.pi),
    "Math.E": J("double", math.e), "Double.MAX_VALUE": J("double", 1.7976931348623157e308),
    "Double.NaN": J("double", math.nan), "Double.POSITIVE_INFINITY": J("double", math.inf),
    "Double.NEGATIVE_INFINITY": J("double", -math.inf), "Double.MIN_VALUE": J("double", 5e-324),
    "Boolean.TRUE": J("boolean", True, True), "Boolean.FALSE": J("boolean", False, True),
    "Byte.MAX_VALUE": J("byte", 127), "Byte.MIN_VALUE": J("byte", -128), "Short.MAX_VALUE": J("short", 32767),
    "Character.MAX_VALUE": J("char", 65535),
}  # fmt: skip


def primitive_text(value: J) -> Any:
    """A primitive as Java writes it: a string or unknown."""
    if value.k == "boolean":
        return "true" if value.v else "false"
    if value.k == "char":
        return chr(value.v)
    if value.k in INTEGRAL:
        return str(value.v)
    if value.k == "float":
        return float_text(value.v)
    return double_text(value.v)


def float_text(value: float) -> str:
    """Float.toString: the shortest digits that give the same float."""
    if not math.isfinite(value) or value == 0:
        return double_text(value)
    for digits in range(1, 10):
        text = f"{value:.{digits - 1}e}"
        if round32(float(text)) == value:
            return double_text(float(text))
    return double_text(value)


def double_text(value: float) -> str:
    """Double.toString (since Java 19 the shortest digits; earlier versions differ in rare cases)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    sign = "-" if value < 0 else ""
    _, digits, exponent = Decimal(repr(abs(value))).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent
    text = text.rstrip("0") or "0"
    if -3 < point <= 7:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{text}"
        whole = text[:point].ljust(point, "0")
        return f"{sign}{whole}.{text[point:] or '0'}"
    return f"{sign}{text[0]}.{text[1:] or '0'}E{point - 1}"
