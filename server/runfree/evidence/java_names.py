"""Java: library classes and assertions used without an import, variables and methods that nothing declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.members import JAVA_OBJECT
from runfree.evidence.python_names import called_functions
from runfree.sample import Evidence
from runfree.syntax.tree import Function

# Simple names that nearly always mean the class of that library package.
_PACKAGES: Final[dict[str, tuple[str, ...]]] = {
    "java.util": (
        *("List", "ArrayList", "LinkedList", "Map", "HashMap", "LinkedHashMap", "TreeMap", "Set", "HashSet"),
        *(
            "LinkedHashSet",
            "TreeSet",
            "Arrays",
            "Collections",
            "Collection",
            "Iterator",
            "Optional",
            "Random",
        ),
        *("Scanner", "Locale", "UUID", "Deque", "ArrayDeque", "Queue", "PriorityQueue", "BitSet", "Objects"),
        *("NoSuchElementException", "Comparator", "StringJoiner", "Properties", "EnumSet", "EnumMap"),
    ),
    "java.util.stream": ("Collectors", "IntStream", "LongStream", "Stream", "StreamSupport"),
    "java.util.function": ("Function", "Supplier", "Consumer", "Predicate", "BiFunction", "UnaryOperator"),
    "java.util.concurrent": (
        "TimeUnit",
        "CompletableFuture",
        "CountDownLatch",
        "Executors",
        "ExecutorService",
    ),
    "java.io": (
        *(
            "File",
            "IOException",
            "InputStream",
            "OutputStream",
            "ByteArrayInputStream",
            "ByteArrayOutputStream",
        ),
        *(
            "StringReader",
            "StringWriter",
            "PrintStream",
            "PrintWriter",
            "Serializable",
            "FileNotFoundException",
        ),
    ),
    "java.nio.file": ("Files", "Path", "Paths"),
    "java.nio.charset": ("StandardCharsets", "Charset"),
    "java.math": ("BigDecimal", "BigInteger", "RoundingMode"),
    "java.time": ("LocalDate", "LocalDateTime", "LocalTime", "Duration", "Instant", "ZonedDateTime"),
}
_LIBRARY: Final = {name: package for package, names in _PACKAGES.items() for name in names}
_ASSERTIONS: Final = frozenset(
    {
        *(
            "assertEquals",
            "assertTrue",
            "assertFalse",
            "assertNull",
            "assertNotNull",
            "assertThrows",
            "assertSame",
        ),
        *(
            "assertNotEquals",
            "assertArrayEquals",
            "assertThat",
            "assertDoesNotThrow",
            "assertAll",
            "assertNotSame",
        ),
    }
)
_ROOTS: Final = frozenset(
    {"java", "javax", "org", "com", "io", "net", "jakarta", "this", "super", "length", "var"}
)

# Unknown names, and constructor calls, looked at in one candidate.
_MAX_NAMES: Final = 200


def java_names(case: Case) -> Iterator[Evidence]:
    """What keeps the candidate from compiling, as far as names go."""
    candidate = case.candidate
    if candidate.has_error or case.suite.error_lines:
        return
    wildcards = {item.module for item in case.suite.imports if item.name == "*" or item.binds == ""}
    static_wildcard = any(i.static and (i.name == "*" or not i.binds) for i in case.suite.imports)
    known = case.suite.module_names | {i.binds for i in case.suite.imports}
    known |= {field for cls in case.suite.classes for field in cls.fields}
    known |= {cls.name for cls in (*case.suite.classes, *case.focal.classes)}
    seen: set[str] = set()
    functions = [candidate, *called_functions(case)]
    closed = [f for f in functions if not static_wildcard and not _inherits(case, f)]
    for function in functions:
        for name in function.names:
            text = name.text
            if text in known or text in seen or len(seen) > _MAX_NAMES:
                continue
            seen.add(text)
            package = _LIBRARY.get(text)
            if package is not None and package not in wildcards and not _is_sibling(case, text, package):
                message = f"`{text}` is used but `{package}.{text}` is not imported: this does not compile"
                yield fact(case, "missing-import", message, "fails", name.span)
            elif any(f is function for f in closed) and _is_variable(function, text):
                message = f"`{text}` is not declared: this does not compile"
                yield fact(case, "undefined-name", message, "fails", name.span)
    methods = {f.name for f in case.suite.functions} | JAVA_OBJECT
    for function in closed:
        for call in function.calls:
            if call.receiver or call.constructor or call.name in methods | known | seen | {"super", "this"}:
                continue
            if not call.name or not call.name[0].islower() or _has_local_class(function):
                continue
            seen.add(call.name)
            code = "missing-import" if call.name in _ASSERTIONS else "undefined-name"
            message = f"no method `{call.name}` here, and none is imported: this does not compile"
            yield fact(case, code, message, "fails", call.span)


def _inherits(case: Case, function: Function) -> bool:
    """Whether a class around a function has bases, whose members it sees without a receiver."""
    at = function.span.start_byte
    return any(cls.bases and cls.span.start_byte <= at < cls.span.end_byte for cls in case.suite.classes)


def _is_sibling(case: Case, name: str, package: str) -> bool:
    """Whether a class of that name may be one of the project's own package, which needs no import."""
    if any(path.endswith(f"/{name}.java") for path, _ in case.context):
        return True
    if package == "java.util":
        return False  # nobody calls a class of their own `List`
    if any(item.binds == name for item in case.focal.imports):
        return False
    others = [*case.focal.functions, *case.existing]
    return any(n.text == name for f in others for n in f.names)


def _is_variable(function: Function, name: str) -> bool:
    """Whether a name reads like an undeclared variable: small initial, not part of a package's name."""
    if not name[:1].islower() or name in _ROOTS or _has_local_class(function):
        return False
    return not re.search(rf"\b{re.escape(name)}\.[a-z]\w*\.\w", function.text)


def _has_local_class(function: Function) -> bool:
    """Whether an anonymous or local class in the body brings members of its own into scope."""
    return _holds_local_class(function.text)


@lru_cache(maxsize=512)
def _holds_local_class(text: str) -> bool:
    if re.search(r"\b(class|record|enum|interface)\s+\w", text):
        return True
    for match in islice(re.finditer(r"\bnew\s+[\w.<>?, \[\]]{1,200}\(", text), _MAX_NAMES):
        depth, at = 1, match.end()
        while at < len(text) and depth and at < match.end() + 5_000:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        if text[at : at + 20].lstrip().startswith("{"):
            return True
    return False
