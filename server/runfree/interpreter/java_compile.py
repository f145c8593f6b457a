"""What keeps a Java test file from compiling, read off its lowered form: "" where nothing is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runfree.interpreter import ir
from runfree.interpreter.java_check import check
from runfree.interpreter.java_classes import ClassTable, index
from runfree.interpreter.java_types import LANG
from runfree.interpreter.java_values import JClass
from runfree.interpreter.reach import walk

# Classes that tests use and no project declares, with the packages they may come from.
_WELL_KNOWN = {
    **dict.fromkeys(("Assertions", "Assumptions"), ("org.junit.jupiter.api", "org.assertj.core.api")),
    "Assert": ("org.junit", "junit.framework", "org.testng"),
    **dict.fromkeys(
        ["List", "ArrayList", "LinkedList", "Map", "HashMap", "TreeMap", "LinkedHashMap", "Set", "HashSet", "TreeSet", "LinkedHashSet", "Arrays", "Collections", "Objects", "Optional", "Scanner", "Iterator", "Deque", "ArrayDeque", "PriorityQueue", "UUID", "Locale"],
        ("java.util",),
    ),
    **dict.fromkeys(("IntStream", "Collectors"), ("java.util.stream",)),
    **dict.fromkeys(("BigDecimal", "BigInteger", "RoundingMode"), ("java.math",)),
    **dict.fromkeys(("StandardCharsets", "Charset"), ("java.nio.charset",)),
    **dict.fromkeys(
        ["IOException", "InputStream", "OutputStream", "ByteArrayInputStream", "ByteArrayOutputStream", "StringReader", "StringWriter", "CharArrayReader", "BufferedReader", "InputStreamReader", "PrintStream", "PrintWriter", "FileNotFoundException", "UncheckedIOException"],
        ("java.io",),
    ),
    **dict.fromkeys(("TimeUnit", "CompletableFuture", "CountDownLatch", "ExecutorService"), ("java.util.concurrent",)),
    **dict.fromkeys(("AtomicInteger", "AtomicBoolean", "AtomicLong", "AtomicReference"), ("java.util.concurrent.atomic",)),
    **dict.fromkeys(("LocalDate", "LocalDateTime", "LocalTime", "ZonedDateTime"), ("java.time",)),
    **dict.fromkeys(("SQLException", "ResultSet"), ("java.sql",)),
    **dict.fromkeys(("MatcherAssert", "CoreMatchers"), ("org.hamcrest",)), "Mockito": ("org.mockito",),
}  # fmt: skip
_ASSERTIONS = frozenset(
    [
        "assertEquals",
        "assertNotEquals",
        "assertTrue",
        "assertFalse",
        "assertNull",
        "assertNotNull",
        "assertSame",
        "assertNotSame",
        "assertThrows",
        "assertArrayEquals",
        "assertDoesNotThrow",
        "assertIterableEquals",
        "assertAll",
        "assertInstanceOf",
        "fail",
    ]
)


def compile_error(test: ir.Program, table: ClassTable, klass: JClass, method: ir.FunctionDef) -> str:
    """Why the test certainly does not compile, "" if that is not known."""
    for one in (klass, *_outer(klass)):
        seen: set[tuple[str, tuple[str, ...]]] = set()
        for name, methods in one.methods.items():
            for definition in methods:
                signature = (name, tuple(p.type + p.kind for p in definition.parameters))
                if signature in seen:
                    return f"{definition.name} is declared twice"
                seen.add(signature)
    mistyped = check(table, klass, method)
    if mistyped:
        return mistyped
    nodes: list[ir.Node] = []
    walk(method.body, nodes)
    missing = _missing_assertion(test, klass, nodes) or _missing_class(test, table, klass, method, nodes)
    if missing:
        return missing
    if any(isinstance(n, (ir.Opaque, ir.Unsupported, ir.ClassDef)) for n in nodes):
        return ""
    if any(isinstance(n, ir.Call) and n.type and n.type[0] == "new" and n.type[3] for n in nodes):
        return ""
    return _twice(method) or _undefined(test, klass, method, nodes) or _members(table, klass, nodes)


def _outer(klass: JClass) -> Iterator[JClass]:
    while klass.outer is not None:
        klass = klass.outer
        yield klass


def _twice(method: ir.FunctionDef) -> str:
    """A local variable that is declared again where the first one is still visible."""
    answer: list[str] = []

    def visit(body: tuple[ir.Statement, ...], visible: frozenset[str]) -> None:
        names = set(visible)
        for node in body:
            if isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name):
                if node.target.id in names:
                    answer.append(f"{node.target.id} is already defined")
                names.add(node.target.id)
            elif isinstance(node, ir.Block):
                visit(node.body, frozenset(names))
            elif isinstance(node, ir.If):
                visit(node.then, frozenset(names))
                visit(node.orelse, frozenset(names))
            elif isinstance(node, (ir.While, ir.For, ir.Try)):
                visit(node.body, frozenset(names))

    visit(method.body.load().statements, frozenset(p.name for p in method.parameters))
    return answer[0] if answer else ""


def _missing_class(
    test: ir.Program, table: ClassTable, klass: JClass, method: ir.FunctionDef, nodes: list[ir.Node]
) -> str:
    """A class that the method names, and that only an import which is missing could mean."""
    imports = [n for n in test.body if isinstance(n, ir.Import)]
    single = {n.member for n in imports if n.member != "*"}
    single |= {n.module.rsplit(".", 1)[-1] for n in imports if n.binds}
    wide = {n.module for n in imports if n.member == "*"}
    used = {n.value.id for n in nodes if isinstance(n, ir.Attribute) and isinstance(n.value, ir.Name)}
    used |= {str(n.type[1]) for n in nodes if isinstance(n, ir.Call) and n.type and n.type[0] == "new"}
    used |= {str(n.annotation) for n in nodes if isinstance(n, ir.Annotate)} | set(method.throws)
    declared = {n.target.id for n in nodes if isinstance(n, ir.Annotate) and isinstance(n.target, ir.Name)}
    declared |= {n.name for n in nodes if isinstance(n, ir.ClassDef)}
    text = test.text[method.pos : method.end].decode(errors="replace")
    for name in sorted(n for n in used - declared - single if n[:1].isupper() and n.isidentifier()):
        if re.search(rf"\.\s*{name}\b", text):
            continue  # written with its package
        own = _declares(table, klass, name)
        packages = _WELL_KNOWN.get(name) or _homes(test, table, klass, name)
        if own or not packages or wide & set(packages):
            continue
        return f"{name} is not imported"
    return ""


def _declares(table: ClassTable, klass: JClass, name: str) -> bool:
    """Whether a class of that name may be seen without an import: nested, inherited, or of the same package."""
    if table.member(klass, name) is not None or name in _fields(klass):
        return True
    package = klass.module.program.package if klass.module is not None and klass.module.program else ""
    return any(name in f.top and f.top[name].program.package == package for f in table.files)


def _fields(klass: JClass) -> set[str]:
    """Names of fields of a class and of those around it."""
    every = [f for one in (klass, *_outer(klass)) for k in one.order() for f in k.fields]
    return {f.target.id for f in every if isinstance(f, ir.Annotate) and isinstance(f.target, ir.Name)}


def _homes(test: ir.Program, table: ClassTable, klass: JClass, name: str) -> tuple[str, ...]:
    """The packages that other files import a class from, where none is the test's own."""
    found: set[str] = set()
    for file in table.files:
        if name in file.top:
            found.add(file.top[name].program.package)
        full = file.imported.get(name)
        if full is not None:
            found.add(full.rpartition(".")[0])
    above = any(k.opaque or k.interfaces or k.bases for one in (klass, *_outer(klass)) for k in one.order())
    nested = any(package.rsplit(".", 1)[-1][:1].isupper() for package in found)
    if test.package in found or "" in found or name in LANG or (nested and above):
        return ()
    return tuple(sorted(found))


def _missing_assertion(test: ir.Program, klass: JClass, nodes: list[ir.Node]) -> str:
    """An assertion of a framework that is called by its bare name and not imported."""
    statics = index(test).statics
    if any(s.endswith(".*") for s in statics):
        return ""
    # Whoever imports one assertion does not inherit the others.
    imports = any(s.partition(".")[0] in ("Assertions", "Assert") for s in statics)
    opaque = any(k.opaque for one in (klass, *_outer(klass)) for k in one.order())
    if (opaque and not imports) or any(k.is_a("TestCase") for k in (klass, *_outer(klass))):
        return ""
    own = {name for one in (klass, *_outer(klass)) for k in one.order() for name in k.methods}
    own |= {
        m.name for n in nodes if isinstance(n, ir.ClassDef) for m in n.body if isinstance(m, ir.FunctionDef)
    }
    for node in nodes:
        if isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and node.type[:1] == ("method",):
            name = node.function.id
            if name in _ASSERTIONS and name not in own and not any(s.endswith("." + name) for s in statics):
                return f"{name} is not imported"
    return ""


def _undefined(test: ir.Program, klass: JClass, method: ir.FunctionDef, nodes: list[ir.Node]) -> str:
    """A variable that nothing declares."""
    around = (klass, *_outer(klass))
    if any(k.opaque or k.interfaces for one in around for k in one.order()):
        return ""
    statics = index(test).statics
    if any(s.endswith(".*") and s.split(".")[0] not in ("Assertions", "Assert") for s in statics):
        return ""
    known = {p.name for p in method.parameters} | {s.split(".")[-1] for s in statics}
    known |= {"this", "super", "true", "false", "null", "java", "javax", "org", "com", "net", "io", "length"}
    for one in around:
        for k in one.order():
            fields = [f.target for f in k.fields if isinstance(f, ir.Annotate)]
            known |= {f.id for f in fields if isinstance(f, ir.Name)}
    used: dict[str, None] = {}
    calls: set[int] = set()
    for node in nodes:
        if isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name):
            known.add(node.target.id)
        elif isinstance(node, ir.FunctionExpression):
            known |= {p.name for p in node.function.parameters}
        elif (
            isinstance(node, ir.For)
            and isinstance(node.target, ir.Convert)
            and isinstance(node.target.value, ir.Name)
        ):
            known.add(node.target.value.id)
        elif isinstance(node, (ir.Try, ir.Switch)) or (isinstance(node, ir.TypeTest) and node.binds):
            return ""
        elif isinstance(node, ir.Call):
            calls.add(id(node.function))
    for node in nodes:
        if isinstance(node, ir.Name) and id(node) not in calls and (node.id[:1].islower()):
            used.setdefault(node.id)
    missing = [name for name in used if name not in known]
    return f"{missing[0]} is not defined" if missing else ""


def _members(table: ClassTable, klass: JClass, nodes: list[ir.Node]) -> str:
    """A static method or constructor of a class at hand that does not exist, or takes another number of arguments."""
    locals_ = {n.target.id for n in nodes if isinstance(n, ir.Annotate) and isinstance(n.target, ir.Name)}
    for node in nodes:
        if not isinstance(node, ir.Call):
            continue
        if node.type and node.type[0] == "new":
            found = table.named(str(node.type[1]), klass.module, klass)
            if found is None or found.kind != "class" or _vague(found):
                continue
            constructors = found.methods.get("<init>", [])
            if not (_takes(constructors, node) if constructors else not node.arguments):
                return f"no constructor of {found.name} takes {len(node.arguments)} arguments"
        elif isinstance(node.function, ir.Attribute) and isinstance(node.function.value, ir.Name):
            owner = node.function.value.id
            if not owner[:1].isupper() or owner in locals_:
                continue
            found = table.named(owner, klass.module, klass)
            if found is None or found.kind not in ("class", "interface") or _vague(found):
                continue
            methods = [d for k in found.order() for d in k.methods.get(node.function.name, ())]
            if not methods:
                return f"{found.name} has no method {node.function.name}"
            if not _takes(methods, node):
                return f"no {found.name}.{node.function.name} takes {len(node.arguments)} arguments"
    return ""


def _vague(klass: JClass) -> bool:
    """Whether members may exist that the text does not show."""
    return any(k.opaque or k.annotations or k.definition is None for k in klass.order())


def _takes(methods: list[ir.FunctionDef], node: ir.Call) -> bool:
    count = len(node.arguments)
    for method in methods:
        parameters = method.parameters
        if len(parameters) == count or (
            parameters and parameters[-1].kind == "rest" and count >= len(parameters) - 1
        ):
            return True
    return False
