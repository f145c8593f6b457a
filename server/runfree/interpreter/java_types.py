"""Static types of Java as far as the text at hand shows them, and which certainly do not fit each other."""

from __future__ import annotations

from typing import Any, TypeAlias

from runfree.interpreter.java_classes import ClassTable, index
from runfree.interpreter.java_overloads import SUPERS, is_variable
from runfree.interpreter.java_values import BOX_OF, BOXES, PRIMITIVES, RANKS, JClass


class ArrayType:
    """An array of elements of a type."""

    __slots__ = ("element",)

    def __init__(self, element: StaticType) -> None:
        self.element = element


# A primitive, "null", "void" or a JDK type by its simple name; a class at hand; an array; None: not known.
StaticType: TypeAlias = str | JClass | ArrayType | None
# JDK types that need no import.
LANG = frozenset(BOXES) | {
    "String", "Object", "StringBuilder", "StringBuffer", "CharSequence", "Comparable", "Iterable", "Number", "Class", "Runnable",
}  # fmt: skip
# Annotations that make no members.
_PLAIN_ANNOTATIONS = frozenset(
    {"SuppressWarnings", "Deprecated", "FunctionalInterface", "Override", "SafeVarargs", "VisibleForTesting"}
    | {
        "Immutable",
        "ThreadSafe",
        "NotThreadSafe",
        "Nullable",
        "NonNull",
        "Nonnull",
        "Test",
        "GwtCompatible",
        "Beta",
    }
)
_GENERATORS = ("lombok", "org.immutables", "com.google.auto", "org.mapstruct", "io.soabase")
# JDK interfaces whose methods a class has even where its text does not show them.
_INHERITED = {
    "Serializable": frozenset[str](), "Cloneable": frozenset[str](), "Externalizable": frozenset({"writeExternal", "readExternal"}),
    "Comparable": frozenset({"compareTo"}), "Runnable": frozenset({"run"}), "Callable": frozenset({"call"}),
    "Closeable": frozenset({"close"}), "AutoCloseable": frozenset({"close"}), "Supplier": frozenset({"get"}),
    "Iterable": frozenset({"iterator", "forEach", "spliterator"}),
    "CharSequence": frozenset({"length", "charAt", "subSequence", "isEmpty", "chars", "codePoints"}), "RandomAccess": frozenset[str](),
    "Iterator": frozenset({"next", "hasNext", "remove", "forEachRemaining"}), "Object": frozenset[str](),
    "InvocationHandler": frozenset({"invoke"}), "Appendable": frozenset({"append"}), "Flushable": frozenset({"flush"}), "Readable": frozenset({"read"}),
}  # fmt: skip
_OBJECT = frozenset({"equals", "hashCode", "toString", "getClass", "notify", "notifyAll", "wait"})
_ENUM = frozenset(
    {"values", "valueOf", "name", "ordinal", "compareTo", "getDeclaringClass", "describeConstable"}
)


def resolve(table: ClassTable, written: str, near: JClass | None) -> StaticType:
    """The type that erased source text means where a class's code is."""
    if written.endswith("[]"):
        return ArrayType(resolve(table, written[:-2], near))
    if written in PRIMITIVES or written == "void":
        return written
    if not written or is_variable(written) or near is None or near.module is None:
        return None
    found = table.named(written, near.module, near)
    program = near.module.program
    if program is None:
        return None
    own = index(program)
    if found is not None:
        wanted = own.imported.get(written, "")
        home = found.module.program.package if found.module is not None and found.module.program else ""
        # A class of the same name from another package is not at hand.
        return found if not wanted or wanted.startswith(home + ".") else None
    if written in SUPERS and "." not in written and (written in LANG or written in own.platform):
        return written if written in LANG or written not in own.imported else None
    return None


def closed(klass: JClass) -> bool:
    """Whether the text at hand shows all members of a class and of those above it, but for those of `inherited`."""
    for one in klass.order():
        if one.opaque or one.definition is None or one.module is None or one.module.program is None:
            return False
        names = {name for name, _ in one.annotations}
        for member in one.fields:
            notes: tuple[Any, ...] = getattr(member, "annotation", ())
            names |= {name for name, _ in notes[2]} if len(notes) > 2 else set()
        if names - _PLAIN_ANNOTATIONS and any(
            getattr(n, "module", "").startswith(_GENERATORS) for n in one.module.program.body
        ):
            return False
        above = {name.rsplit(".", 1)[-1] for name in one.definition.declared[2]}
        if above - {k.name for k in one.bases} - set(_INHERITED):
            return False
    return True


def inherited(klass: JClass) -> frozenset[str]:
    """Members that a class has although no text shows them."""
    found = set(_OBJECT)
    for one in klass.order():
        if one.kind == "enum":
            found |= _ENUM
        if one.kind == "record":
            found |= {c.name for c in one.components}
        for name in one.interfaces:
            found |= _INHERITED.get(name, frozenset())
    return frozenset(found)


def shown(t: StaticType) -> str:
    """A type as one writes it."""
    if isinstance(t, JClass):
        return t.name
    if isinstance(t, ArrayType):
        return shown(t.element) + "[]"
    return t or "?"


def fits(given: StaticType, wanted: StaticType) -> bool:
    """Whether an argument may be passed for a parameter: False only where it certainly may not."""
    if given is None or wanted is None:
        return True
    if given == "void":
        return False
    if isinstance(wanted, str) and wanted in PRIMITIVES:
        return _fits_primitive(given, wanted)
    if given == "null" or wanted == "Object":
        return True
    if isinstance(given, str) and given in PRIMITIVES:
        given = BOX_OF[given]
    if isinstance(wanted, ArrayType):
        return _fits_array(given, wanted)
    if isinstance(given, ArrayType):
        return wanted in ("Cloneable", "Serializable")
    if isinstance(given, JClass):
        order = given.order()
        if any(k.opaque for k in order):
            return True
        if isinstance(wanted, JClass):
            return wanted in order
        return any(wanted in k.interfaces for k in order) or wanted not in SUPERS
    if isinstance(wanted, JClass):
        # A class of the JDK is none of the user's.
        return given not in SUPERS
    return given == wanted or given not in SUPERS or wanted not in SUPERS or wanted in SUPERS[given]


def _fits_primitive(given: StaticType, wanted: str) -> bool:
    if isinstance(given, str) and given in BOXES:
        given = BOXES[given]
    if not isinstance(given, str) or given not in PRIMITIVES:
        return isinstance(given, str) and given not in SUPERS and given != "null"
    if given == wanted:
        return True
    if "boolean" in (given, wanted) or wanted == "char":
        return False
    return RANKS[given] < RANKS[wanted]


def _fits_array(given: StaticType, wanted: ArrayType) -> bool:
    if not isinstance(given, ArrayType):
        return isinstance(given, str) and given not in SUPERS
    one, other = given.element, wanted.element
    if one is None or other is None:
        return True
    if (isinstance(one, str) and one in PRIMITIVES) or (isinstance(other, str) and other in PRIMITIVES):
        return one == other
    return fits(one, other)


def castable(given: StaticType, wanted: StaticType) -> bool:
    """Whether a value may be assigned: as `fits`, and a constant may be narrowed."""
    narrow = ("byte", "short", "char")
    plain = BOXES.get(wanted, wanted) if isinstance(wanted, str) else None
    return (plain in narrow and given in ("int", *narrow)) or fits(given, wanted)
