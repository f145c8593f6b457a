"""Which of several Java methods a call means: static types where the text shows them, values where it does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.java_values import (
    BOX_OF,
    BOXES,
    PRIMITIVES,
    RANKS,
    J,
    JBuilder,
    JClass,
    JIterator,
    JList,
    JMap,
    JOptional,
    JSet,
    JType,
)
from runfree.interpreter.values import Env, Unknown, Value

if TYPE_CHECKING:
    from runfree.interpreter.java_evaluator import JavaEvaluator

_VARIABLE = re.compile(r"[A-Z][A-Z0-9]?")
_LIST = "List Collection Iterable SequencedCollection"
_SET = "Set Collection Iterable"
# What JDK types extend, all of it.
SUPERS: dict[str, frozenset[str]] = {
    name: frozenset(above.split())
    for name, above in {
        "String": "CharSequence Comparable Serializable",
        "StringBuilder": "CharSequence Comparable Serializable Appendable AbstractStringBuilder",
        "StringBuffer": "CharSequence Comparable Serializable Appendable AbstractStringBuilder",
        **{b: "Number Comparable Serializable" for b in BOXES if b not in ("Boolean", "Character")},
        "Boolean": "Comparable Serializable", "Character": "Comparable Serializable", "Number": "Serializable",
        "BigDecimal": "Number Comparable Serializable", "BigInteger": "Number Comparable Serializable",
        "ArrayList": _LIST + " AbstractList AbstractCollection RandomAccess Cloneable Serializable",
        "LinkedList": _LIST + " AbstractList AbstractCollection AbstractSequentialList Deque Queue Cloneable Serializable",
        "List": "Collection Iterable SequencedCollection", "Set": "Collection Iterable", "Collection": "Iterable", "Iterable": "",
        "HashSet": _SET + " AbstractSet AbstractCollection Cloneable Serializable",
        "LinkedHashSet": _SET + " HashSet AbstractSet AbstractCollection SequencedSet SequencedCollection Cloneable Serializable",
        "TreeSet": _SET + " SortedSet NavigableSet AbstractSet AbstractCollection Cloneable Serializable",
        "Map": "", "HashMap": "Map AbstractMap Cloneable Serializable",
        "LinkedHashMap": "Map HashMap AbstractMap SequencedMap Cloneable Serializable",
        "TreeMap": "Map SortedMap NavigableMap AbstractMap Cloneable Serializable", "Iterator": "", "Optional": "",
        "Class": "Serializable Type AnnotatedElement GenericDeclaration", "CharSequence": "", "Comparable": "", "Runnable": "",
        "Locale": "Cloneable Serializable", "Charset": "Comparable", "File": "Comparable Serializable",
        "InputStream": "Closeable AutoCloseable", "ByteArrayInputStream": "InputStream Closeable AutoCloseable",
        "FileInputStream": "InputStream Closeable AutoCloseable", "OutputStream": "Closeable AutoCloseable Flushable",
        "ByteArrayOutputStream": "OutputStream Closeable AutoCloseable Flushable", "Reader": "Closeable AutoCloseable Readable",
        "StringReader": "Reader Closeable AutoCloseable Readable", "BufferedReader": "Reader Closeable AutoCloseable Readable",
        "Writer": "Closeable AutoCloseable Flushable Appendable",
        "StringWriter": "Writer Closeable AutoCloseable Flushable Appendable", "Path": "Comparable Iterable Watchable",
        "URL": "Serializable", "URI": "Comparable Serializable", "Date": "Comparable Cloneable Serializable",
        "Connection": "AutoCloseable Wrapper", "Statement": "AutoCloseable Wrapper", "ResultSet": "AutoCloseable Wrapper",
        "PreparedStatement": "Statement AutoCloseable Wrapper", "DataSource": "CommonDataSource Wrapper",
        "RoundingMode": "Enum Comparable Serializable", "Comparator": "", "Function": "", "Supplier": "", "Predicate": "",
        "Consumer": "", "BiFunction": "", "Callable": "", "Pattern": "Serializable", "Matcher": "MatchResult",
        "ByteBuffer": "Buffer Comparable", "CharBuffer": "Buffer Comparable Appendable CharSequence Readable",
        "IntBuffer": "Buffer Comparable", "Random": "Serializable RandomGenerator", "Object": "",
    }.items()
}  # fmt: skip
_FUNCTIONAL = frozenset(
    [
        "Comparator",
        "Function",
        "Supplier",
        "Predicate",
        "Consumer",
        "BiFunction",
        "Callable",
        "Runnable",
        "Iterable",
    ]
)


class Ambiguous(Stop):
    """A call may mean one of several methods."""


def is_variable(t: str) -> bool:
    """Whether a type is a type parameter, by its look."""
    return _VARIABLE.fullmatch(t) is not None


def names_of(value: Value) -> frozenset[str] | None:
    """The JDK types of a library value; None where they are not all known."""
    kind = type(value)
    if isinstance(value, str):
        return SUPERS["String"] | {"String"}
    if kind is J:
        return SUPERS[BOX_OF[value.k]] | {BOX_OF[value.k]}
    if kind is JList:
        name = value.kind if value.kind in ("ArrayList", "LinkedList") else "List"
        return SUPERS[name] | {name}
    if kind is JSet or kind is JMap:
        holder = value if kind is JMap else value.map
        name = holder.kind if holder.kind in SUPERS else "Map"
        name = name if kind is JMap else name.replace("Map", "Set")
        return SUPERS[name] | {name}
    if kind is JOptional:
        return frozenset({"Optional"})
    if kind is JBuilder:
        return SUPERS["StringBuilder"] | {"StringBuilder", "StringBuffer"}
    if kind is JIterator:
        return frozenset({"Iterator"})
    if kind is JType or kind is JClass:
        return SUPERS["Class"] | {"Class"}
    return None


def subtype(ev: JavaEvaluator, one: str, other: str) -> bool | None:
    """Whether a type is assignable to another without boxing; None if unknown."""
    if one == other:
        return True
    if one in PRIMITIVES or other in PRIMITIVES:
        if one not in RANKS or other not in RANKS:
            return False
        return RANKS[one] < RANKS[other] and other != "char"
    if other == "Object" or is_variable(other):
        return True
    if is_variable(one):
        return None
    if one.endswith("[]"):
        if not other.endswith("[]"):
            return other in ("Cloneable", "Serializable")
        left, right = one[:-2], other[:-2]
        return False if left in PRIMITIVES or right in PRIMITIVES else subtype(ev, left, right)
    if other.endswith("[]"):
        return False
    klass = ev.find_class(one)
    if klass is not None:
        if klass.is_a(other.rsplit(".", 1)[-1]):
            return True
        return None if any(k.opaque for k in klass.order()) else False
    if one in SUPERS:
        return other in SUPERS[one]
    return None


def static_type(ev: JavaEvaluator, node: ir.Expression, env: Env) -> str:
    """The type that the text gives an expression, "" where it does not show."""
    if isinstance(node, ir.Const):
        return str(node.type) if node.type in (*PRIMITIVES, "String") else ""
    if isinstance(node, ir.Convert):
        return node.type if isinstance(node.type, str) else ""
    if isinstance(node, ir.Name):
        return _name_type(ev, node.id, env)
    if isinstance(node, ir.Attribute) and isinstance(node.value, ir.Name) and node.value.id == "this":
        klass = ev.class_around(env)
        return _field_type(klass, node.name) if klass is not None else ""
    if isinstance(node, ir.Attribute) and isinstance(node.value, ir.Name) and node.value.id[:1].isupper():
        klass = ev.find_class(node.value.id, ev.class_around(env))
        return _field_type(klass, node.name) if klass is not None else ""
    if isinstance(node, ir.Call) and isinstance(node.type, tuple) and node.type:
        if node.type[0] == "new":
            return str(node.type[1])
        if node.type[0] == "array":
            return str(node.type[1]) + "[]" * int(node.type[2])
        return _result_type(ev, node, env)
    return ""


def _result_type(ev: JavaEvaluator, node: ir.Call, env: Env) -> str:
    """What the user's methods of a called name all return."""
    function = node.function
    klass: JClass | None = None
    name = ""
    if isinstance(function, ir.Name):
        klass, name = ev.class_around(env), function.id
    elif isinstance(function, ir.Attribute):
        name = function.name
        owner = function.value
        if isinstance(owner, ir.Name) and owner.id[:1].isupper() and not _name_type(ev, owner.id, env):
            klass = ev.find_class(owner.id, ev.class_around(env))
        else:
            shown = static_type(ev, owner, env)
            klass = ev.find_class(shown, ev.class_around(env)) if shown else None
    while klass is not None:
        found = {d.result for k in klass.order() for d in k.methods.get(name, ())}
        if found:
            only = str(next(iter(found)))
            return only if len(found) == 1 and not is_variable(only) else ""
        klass = klass.outer
    return ""


def _name_type(ev: JavaEvaluator, name: str, env: Env) -> str:
    scope: Env | None = env
    while scope is not None:
        owner = scope.vars.get("$class")
        if name == "this" and isinstance(owner, JClass):
            return owner.name
        if name in scope.vars:
            types: dict[str, str] = scope.vars.get("$types", {})
            value = scope.vars[name]
            if name in types:
                return str(types[name])
            return (value.k if not value.boxed else BOX_OF[value.k]) if type(value) is J else ""
        if isinstance(owner, JClass):
            current: JClass | None = owner
            while current is not None:
                found = _field_type(current, name)
                if found:
                    return found
                current = current.outer
        scope = scope.parent
    return ""


def _field_type(klass: JClass, name: str) -> str:
    for one in klass.order():
        for node in one.fields:
            if isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name) and node.target.id == name:
                declared = node.annotation[0] if len(node.annotation) > 1 else one.name
                return "" if is_variable(declared) else str(declared)
    return ""


def _fits(ev: JavaEvaluator, t: str, value: Value, static: str) -> int | None:
    """1 where an argument fits a parameter as it is, 2 with boxing, None where it does not."""
    if not static and type(value) is J:
        static = BOX_OF[value.k] if value.boxed else value.k
    if not static and isinstance(value, str):
        static = "String"
    if not static and isinstance(value, Unknown) and (value.kind in SUPERS or value.kind in PRIMITIVES):
        static = value.kind
    if static and not is_variable(static) and static != "var":
        return _fits_type(ev, t, static)
    if value is None:
        return None if t in PRIMITIVES else 1
    if isinstance(value, Unknown):
        return 1
    if t in PRIMITIVES:
        return None
    known = ev.has_type(value, t)
    return 1 if known or known is None else None


def _fits_type(ev: JavaEvaluator, t: str, static: str) -> int | None:
    if static in PRIMITIVES:
        if t in PRIMITIVES:
            return 1 if subtype(ev, static, t) else None
        return 2 if subtype(ev, BOX_OF[static], t) else None
    if t in PRIMITIVES:
        return 2 if static in BOXES and subtype(ev, BOXES[static], t) else None
    return None if subtype(ev, static, t) is False else 1


def applicable(
    ev: JavaEvaluator, definition: ir.FunctionDef, arguments: list[Value], statics: list[str]
) -> int | None:
    """The phase in which a method is applicable: 1 as it is, 2 with boxing, 3 with a variable number of arguments."""
    parameters = definition.parameters
    variadic = bool(parameters) and parameters[-1].kind == "rest"
    if len(arguments) == len(parameters):
        types = [p.type + ("[]" if p.kind == "rest" else "") for p in parameters]
        phases = [_fits(ev, t, v, s) for t, v, s in zip(types, arguments, statics, strict=True)]
        if None not in phases:
            return max((p for p in phases if p is not None), default=1)
    if not variadic or len(arguments) < len(parameters) - 1:
        return None
    types = [p.type for p in parameters[:-1]]
    types += [parameters[-1].type] * (len(arguments) - len(types))
    fits = [_fits(ev, t, v, s) for t, v, s in zip(types, arguments, statics, strict=True)]
    return None if None in fits else 3


def choose(
    ev: JavaEvaluator,
    candidates: list[tuple[ir.FunctionDef, JClass]],
    arguments: list[Value],
    site: tuple[tuple[ir.Argument, ...], Env] | None,
) -> tuple[ir.FunctionDef, JClass] | None:
    """The method that a call means, None if none fits.

    Raises:
        Stop: it depends on types that are not known.
    """
    if not candidates:
        return None
    blank = [""] * len(arguments)
    fitting = [c for c in candidates if applicable(ev, c[0], arguments, blank) is not None]
    if len(fitting) < 2 and (fitting or site is None):
        return fitting[0] if fitting else None
    statics = blank
    if site is not None and len(site[0]) == len(arguments):
        statics = [static_type(ev, a.value, site[1]) for a in site[0]]
    phased = [(applicable(ev, c[0], arguments, statics), c) for c in (fitting or candidates)]
    usable = [(p, c) for p, c in phased if p is not None]
    if not usable:
        return None
    first = min(p for p, _ in usable)
    left = [c for p, c in usable if p == first]
    if len(left) > 1:
        exact = [c for c in left if [p.type for p in c[0].parameters] == statics]
        if len(exact) == 1:
            return exact[0]
        best = [c for c in left if all(_as_specific(ev, c[0], d[0]) for d in left)]
        left = best or left
    if len({tuple(p.type for p in c[0].parameters) for c in left}) > 1:
        raise Ambiguous("overload")
    return left[0]


def _as_specific(ev: JavaEvaluator, one: ir.FunctionDef, other: ir.FunctionDef) -> bool:
    left, right = one.parameters, other.parameters
    if len(left) != len(right):
        return False
    return all(_narrower(ev, a.type, b.type) for a, b in zip(left, right, strict=True))


def _narrower(ev: JavaEvaluator, one: Any, other: Any) -> bool:
    if one == other:
        return True
    if one in _FUNCTIONAL and other in _FUNCTIONAL:
        return False
    return subtype(ev, one, other) is True
