"""Go: packages used but not imported, imports and variables not used (which do not compile), names not in sight."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.python_names import called_functions
from runfree.sample import Evidence
from runfree.syntax.parse import parse

PREDECLARED: Final = frozenset(
    {
        *(
            "any",
            "bool",
            "byte",
            "comparable",
            "complex64",
            "complex128",
            "error",
            "float32",
            "float64",
            "int",
        ),
        *("int8", "int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64"),
        *(
            "uintptr",
            "true",
            "false",
            "iota",
            "nil",
            "append",
            "cap",
            "clear",
            "close",
            "complex",
            "copy",
            "delete",
        ),
        *("imag", "len", "make", "max", "min", "new", "panic", "print", "println", "real", "recover", "_"),
    }
)
# Packages whose name as a qualifier means nothing else when it is not bound.
_PACKAGES: Final = frozenset(
    {
        *(
            "bufio",
            "bytes",
            "context",
            "cmp",
            "errors",
            "fmt",
            "hash",
            "heap",
            "http",
            "httptest",
            "io",
            "ioutil",
        ),
        *(
            "json",
            "log",
            "maps",
            "math",
            "net",
            "os",
            "exec",
            "filepath",
            "path",
            "rand",
            "reflect",
            "regexp",
        ),
        *("runtime", "slices", "slog", "sort", "strconv", "strings", "sync", "atomic", "syscall", "template"),
        *("testing", "time", "unicode", "utf8", "url", "xml", "base64", "hex", "sha256", "md5", "sql", "big"),
        *("assert", "require", "mock", "suite", "cmpopts", "gomock"),
    }
)
_FORMATTED: Final = re.compile(
    r"'(?:[^'\\\n]|\\.)+'|//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`", re.DOTALL
)

# Unknown names looked at in one candidate.
_MAX_NAMES: Final = 200
_DECLARED: Final = re.compile(r"(?m)^[ \t]*(?:if |for |switch )?([\w, \t]+?):=|\bvar[ \t]+(\w+)\b")


def go_names(case: Case) -> Iterator[Evidence]:
    """What keeps the candidate from compiling, as far as names go."""
    if case.candidate.has_error:
        return
    yield from _unused_imports(case)
    yield from _unused_variables(case)
    imported = {item.binds for item in case.suite.imports}
    if "." in imported or any(item.name == "*" for item in case.suite.imports):
        return
    known = case.suite.module_names | imported | PREDECLARED
    if case.suite.package == case.focal.package:
        known |= case.focal.module_names - {item.binds for item in case.focal.imports}
    for path, text in case.context:
        if path.endswith(".go"):
            file = parse("go", text)
            if file.package == case.suite.package:
                known |= file.module_names - {item.binds for item in file.imports}
    # What existing tests, helpers or the focal file read too is somewhere in the package.
    rest = [*case.focal.functions, *(f for f in case.suite.functions if f is not case.candidate)]
    others = {name.text for function in rest for name in function.names}
    seen: set[str] = set()
    for function in [case.candidate, *called_functions(case)]:
        qualifiers = {m.receiver for m in function.members}
        for name in function.names:
            text = name.text
            if text in known or text in seen or len(seen) > _MAX_NAMES:
                continue
            seen.add(text)
            if text in _PACKAGES and text in qualifiers:
                message = f"package `{text}` is used but not imported: this does not compile"
                yield fact(case, "missing-import", message, "fails", name.span)
            elif text in others:
                continue
            else:
                # Another file of the package may define it.
                message = f"`{text}` is defined in neither the test file nor the focal file"
                yield fact(case, "unresolved-name", message, "info", name.span)


def _unused_imports(case: Case) -> Iterator[Evidence]:
    """Imports that only the candidate brings and nothing in the file uses, or none of what it came with."""
    for path in sorted(case.idle_imports):
        yield fact(
            case, "unused-import", f"`{path}` is imported and not used: this does not compile", "fails"
        )
    if not case.new_imports or not _is_written(case.suite.text):
        return
    used = set(re.findall(r"\b(\w+)\s*\.", _code(case.suite.text)))
    for item in case.suite.imports:
        if item.binds not in case.new_imports or item.binds in ("_", ".", ""):
            continue
        last = item.module.rsplit("/", 1)[-1]
        if not re.fullmatch(r"[a-z][a-z0-9]*", last) or (item.binds == last and item.binds not in _PACKAGES):
            continue  # the package's name may differ from its path's last part
        if item.binds not in used and item.module not in case.idle_imports:
            message = f"`{item.module}` is imported and not used: this does not compile"
            yield fact(case, "unused-import", message, "fails")


def _unused_variables(case: Case) -> Iterator[Evidence]:
    """Variables declared by `:=` or `var` in the candidate and never read."""
    if not _is_written(case.candidate.text):
        return
    code = _code(case.candidate.text)
    uses = Counter(re.findall(r"\w+", code))
    for match in _DECLARED.finditer(code):
        for name in re.findall(r"\w+", match.group(1) or match.group(2)):
            if name != "_" and name not in PREDECLARED and uses[name] == 1:
                message = f"`{name}` is declared and not used: this does not compile"
                yield fact(case, "unused-variable", message, "fails")


def _is_written(text: str) -> bool:
    """Whether a text is of a size and shape that people write, which the patterns here take no time for."""
    if len(text) > 500_000 or text.count("/*") > 500:
        return False
    return max(map(len, text.split("\n"))) <= 1_000


def _code(text: str) -> str:
    """Source without comments and with its strings emptied."""
    return _FORMATTED.sub('""', text)
