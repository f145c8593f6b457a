"""The classes of a Java test's files, found by name as Java would, made when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from runfree.interpreter import ir
from runfree.interpreter.java_evaluator import EXCEPTIONS
from runfree.interpreter.java_overloads import SUPERS
from runfree.interpreter.java_values import JClass
from runfree.interpreter.values import Env, ModuleValue

_COMMON = frozenset(
    [
        "List",
        "ArrayList",
        "LinkedList",
        "Map",
        "HashMap",
        "TreeMap",
        "LinkedHashMap",
        "Set",
        "HashSet",
        "TreeSet",
        "LinkedHashSet",
        "Arrays",
        "Collections",
        "Objects",
        "Optional",
        "Random",
        "Scanner",
        "Iterator",
        "ListIterator",
        "Queue",
        "Deque",
        "ArrayDeque",
        "PriorityQueue",
        "Stack",
        "Vector",
        "BitSet",
        "Date",
        "Locale",
        "UUID",
        "Comparator",
        "File",
        "InputStream",
        "OutputStream",
        "IOException",
        "BufferedReader",
        "StringReader",
        "Collectors",
        "Stream",
        "IntStream",
        "Function",
        "Collection",
        "Pattern",
        "Matcher",
        "EnumMap",
        "EnumSet",
        "StringJoiner",
        "OptionalInt",
        "Properties",
        "IntSummaryStatistics",
        "LongSummaryStatistics",
    ]
)
_KNOWN_BASES = frozenset(
    [
        "Object",
        "Comparable",
        "Serializable",
        "Cloneable",
        "Iterable",
        "Runnable",
        "Supplier",
        "Function",
        "Consumer",
        "Predicate",
        "BiFunction",
        "Comparator",
        "Callable",
        "UnaryOperator",
        "BinaryOperator",
        "BiConsumer",
        "BiPredicate",
        "Closeable",
        "AutoCloseable",
        "Iterator",
        "CharSequence",
        "InvocationHandler",
        "Externalizable",
        "EventListener",
        "FilenameFilter",
        "FileFilter",
        "Flushable",
        "Appendable",
        "Readable",
        "RandomAccess",
        "ThreadFactory",
    ]
)


@dataclass(frozen=True, eq=False)
class Place:
    """A class of a file: its definition, and the place of the class around it."""

    program: ir.Program
    node: ir.ClassDef
    outer: Place | None


@dataclass(frozen=True, eq=False)
class FileIndex:
    """What a file declares and imports.

    Attributes:
        top: classes by name. inner: nested ones by name, in order of the text.
        platform: simple names imported from the JDK. statics: static imports as `Owner.member`.
        imported: simple name to the full name of the project's own classes.
    """

    top: dict[str, Place]
    inner: dict[str, list[Place]]
    platform: frozenset[str]
    statics: frozenset[str]
    imported: dict[str, str]


@lru_cache(maxsize=256)
def index(program: ir.Program) -> FileIndex:
    """The classes and imports of a file."""
    top: dict[str, Place] = {}
    inner: dict[str, list[Place]] = {}
    platform: set[str] = set()
    statics: set[str] = set()
    imported: dict[str, str] = {}
    todo: list[Place] = []
    for node in program.body:
        if isinstance(node, ir.ClassDef):
            top[node.name] = Place(program, node, None)
            todo.append(top[node.name])
        elif isinstance(node, ir.Import):
            if node.binds == "static":
                statics.add(f"{node.module.rsplit('.', 1)[-1]}.{node.member}")
            elif node.module.startswith(("java.", "javax.")):
                platform |= {node.member} if node.member != "*" else _COMMON
            elif node.member != "*":
                imported[node.member] = f"{node.module}.{node.member}"
    while todo:
        place = todo.pop(0)
        for member in place.node.body:
            if isinstance(member, ir.ClassDef):
                found = Place(program, member, place)
                inner.setdefault(member.name, []).append(found)
                todo.append(found)
    return FileIndex(top, inner, frozenset(platform), frozenset(statics), imported)


class ClassTable:
    """The classes of all files of one path."""

    def __init__(self, programs: tuple[ir.Program, ...], focal: ir.Program) -> None:
        self.files = [index(p) for p in programs]
        self.of = {id(p): f for p, f in zip(programs, self.files, strict=True)}
        self.focal = focal
        self.made: dict[int, JClass] = {}
        self.modules: dict[int, ModuleValue] = {}
        self.platform = frozenset[str]().union(*(f.platform for f in self.files))

    def statics_of(self, module: ModuleValue | None) -> frozenset[str]:
        """The static imports of a file."""
        own = self.of.get(id(module.program)) if module is not None else None
        return own.statics if own is not None else frozenset()

    def find_holder(self, module: ModuleValue | None) -> JClass | None:
        """The first class of a file."""
        own = self.of.get(id(module.program)) if module is not None else None
        return self.make(next(iter(own.top.values()))) if own is not None and own.top else None

    def find(self, name: str, module: ModuleValue | None, near: JClass | None = None) -> JClass | None:
        """The class that a simple name means in a file; None if no file at hand declares it."""
        own = self.of.get(id(module.program)) if module is not None else None
        if near is not None:
            found = self.member(near, name)
            if found is not None:
                return found
        if own is not None:
            place = own.top.get(name)
            if place is not None:
                return self.make(place)
            if name in own.inner:
                return self.make(own.inner[name][0]) if len(own.inner[name]) == 1 else None
            if name in own.platform:
                return None
        for file in self.files:
            if name in file.top:
                return self.make(file.top[name])
        wanted = own.imported.get(name, "") if own is not None else ""
        nested = [p for f in self.files for p in f.inner.get(name, ())]
        if wanted and len(nested) > 1:
            nested = [p for p in nested if p.outer is not None and f".{p.outer.node.name}." in wanted]
        return self.make(nested[0]) if len(nested) == 1 else None

    def named(self, dotted: str, module: ModuleValue | None, near: JClass | None = None) -> JClass | None:
        """The class of a name that may have its package or the classes around it before it."""
        parts = [p for p in dotted.split(".") if p[:1].isupper() or p[:1] == "_"]
        if not parts:
            return None
        found = self.find(parts[0], module, near)
        for part in parts[1:]:
            found = self.nested(found, part) if found is not None else None
        return found

    def member(self, klass: JClass, name: str) -> JClass | None:
        """A class nested in a class, in one above it or in one around it."""
        current: JClass | None = klass
        while current is not None:
            for one in current.order():
                if one.name == name and one.definition is not None:
                    return one
                found = self.nested(one, name)
                if found is not None:
                    return found
            current = current.outer
        return None

    def nested(self, klass: JClass, name: str) -> JClass | None:
        """A class nested directly in a class."""
        if klass.module is None or klass.module.program is None or klass.definition is None:
            return None
        for place in self.of[id(klass.module.program)].inner.get(name, ()):
            if place.outer is not None and place.outer.node is klass.definition:
                return self.make(place)
        return None

    def make(self, place: Place) -> JClass:
        """The class of a place."""
        known = self.made.get(id(place.node))
        if known is not None:
            return known
        node, program = place.node, place.program
        module = self.modules.get(id(program))
        if module is None:
            module = ModuleValue(program.package, program, focal=program is self.focal)
            self.modules[id(program)] = module
        kind, name, _, modifiers, components, annotations = node.declared
        made = self.made[id(node)] = JClass(
            name, kind if kind in ("enum", "record", "interface") else "class"
        )
        made.definition, made.module = node, module
        made.modifiers, made.components, made.annotations = modifiers, components, annotations
        made.env = Env(None, module, "module")
        made.initialised = False
        fill(made, node.body)
        made.outer = self.make(place.outer) if place.outer is not None else None
        self.link(made)
        return made

    def link(self, klass: JClass) -> None:
        """Resolves superclasses; those that no file holds make a class opaque."""
        if klass.definition is None:
            return
        for name in klass.definition.declared[2]:
            base = self.named(name, klass.module, klass.outer) or EXCEPTIONS.get(name)
            if base is klass:
                klass.opaque = "base:" + name
            elif base is not None:
                klass.bases.append(base)
            elif name not in _KNOWN_BASES and not self.is_test_case(klass, name):
                klass.opaque = klass.opaque or "base:" + name
            klass.interfaces |= {name.rsplit(".", 1)[-1]}
            klass.interfaces |= SUPERS.get(name, frozenset())
        if klass.kind in ("enum", "record"):
            klass.interfaces |= {"Enum", "Comparable", "Serializable"} if klass.kind == "enum" else {"Record"}

    def is_test_case(self, klass: JClass, name: str) -> bool:
        """Whether a base is JUnit 3's TestCase, whose methods are assertions."""
        own = self.of.get(id(klass.module.program)) if klass.module is not None else None
        full = own.imported.get(name, name) if own is not None else name
        return full == "junit.framework.TestCase"

    def local(self, definition: ir.ClassDef, env: Env, outer: JClass | None) -> JClass:
        """A class declared inside code, which sees the variables around it."""
        kind, name, _, modifiers, components, annotations = definition.declared
        made = JClass(name, kind if kind in ("enum", "record", "interface") else "class")
        made.definition, made.module, made.outer, made.env = definition, env.module, outer, env
        made.modifiers, made.components, made.annotations = modifiers, components, annotations
        made.initialised = False
        fill(made, definition.body)
        self.link(made)
        return made


def fill(made: JClass, body: tuple[ir.Statement, ...]) -> None:
    """Puts the members of a class body into the class."""
    for member in body:
        if isinstance(member, ir.FunctionDef):
            key = "<init>" if member.flags & {"constructor", "compact"} else member.name
            made.methods.setdefault(key, []).append(member)
        elif not isinstance(member, ir.ClassDef):
            made.fields.append(member)
            if not isinstance(member, ir.Annotate) or not isinstance(member.target, ir.Name):
                continue
            if len(member.annotation) == 1 or member.annotation[1]:
                made.statics[member.target.id] = member
