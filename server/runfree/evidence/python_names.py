"""Names that a Python test reads and nothing binds, imports that are missing, and parameters that are no fixture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.python_scope import BUILTINS, is_standard, visible_imports
from runfree.evidence.suite_index import suite_index
from runfree.sample import Evidence
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, Name

# pytest's own fixtures, and those of plugins so common that their absence cannot be told from a test file.
_FIXTURES: Final = frozenset(
    {
        *(
            "cache",
            "capfd",
            "capfdbinary",
            "caplog",
            "capsys",
            "capsysbinary",
            "capteesys",
            "doctest_namespace",
        ),
        *(
            "monkeypatch",
            "pytestconfig",
            "record_property",
            "record_testsuite_property",
            "recwarn",
            "request",
        ),
        *(
            "record_xml_attribute",
            "subtests",
            "testdir",
            "pytester",
            "tmp_path",
            "tmp_path_factory",
            "tmpdir",
        ),
        *(
            "tmpdir_factory",
            "mocker",
            "benchmark",
            "event_loop",
            "requests_mock",
            "httpx_mock",
            "aioresponses",
        ),
        *("freezer", "faker", "db", "client", "settings", "rf", "admin_client", "snapshot", "datadir", "fs"),
        *("anyio_backend", "live_server", "django_user_model", "aiohttp_client", "respx_mock", "responses"),
    }
)
_VERSIONED: Final = re.compile(r"(?i)\bpy\d|version|six\.|hasattr")
_PYTHON_2: Final = frozenset(
    {"unicode", "basestring", "long", "xrange", "reload", "unichr", "raw_input", "file"}
)
_DYNAMIC: Final = re.compile(r"\bglobals\(\)|\bexec\(|\blocals\(\)|\bNameError\b|\bbuiltins\.")


def undefined_names(case: Case) -> Iterator[Evidence]:
    """Names read by the candidate, its helpers or the module level that nothing in sight binds."""
    suite = case.suite
    if case.candidate.has_error or any(i.name == "*" for i in visible_imports(case)):
        return
    if _DYNAMIC.search(case.candidate.text) or "globals()" in suite.text:
        return
    if any("skip" in decorator for decorator in case.candidate.decorators):
        return
    known = suite.module_names | BUILTINS
    seen: set[str] = set()
    for name, owner in _reads(case):
        text = name.text
        if text in seen or not text.isidentifier():
            continue
        if text in case.missing_names:
            seen.add(text)
            yield fact(
                case,
                "missing-import",
                f"`{text}` is used but this file does not import it",
                "fails",
                name.span,
            )
        elif text not in known and not _is_guarded(name, owner) and not _is_conditional(case, name, owner):
            seen.add(text)
            yield _unknown(case, name, owner)
    for text in sorted(case.missing_names - seen):
        yield fact(
            case, "missing-import", f"`{text}` is used but this file does not import or define it", "fails"
        )


def _is_guarded(name: Name, owner: Function | None) -> bool:
    """Whether a name stands where a missing one does no harm: under `try`, or a check of the version or of a name."""
    branches = owner.branches if owner is not None else ()
    return any(
        name.span.start_line in branch.body
        and (
            branch.kind in ("try", "except") or _VERSIONED.search(branch.condition) or name.text in _PYTHON_2
        )
        for branch in branches
    )


def _is_conditional(case: Case, name: Name, owner: Function | None) -> bool:
    """Whether a name of the module or class level stands under an `if` or `try`: that side may never run."""
    if owner is not None or name.span.start_column == 0:
        return False
    lines = case.suite.text.split("\n")
    level = len(lines[name.span.start_line - 1]) - len(lines[name.span.start_line - 1].lstrip())
    for line in reversed(lines[max(name.span.start_line - 200, 0) : name.span.start_line - 1]):
        own = len(line) - len(line.lstrip())
        if line.strip() and own < level:
            level = own
            if line.lstrip().startswith(("if ", "elif ", "else:", "try:", "except")):
                return True
    return False


def _unknown(case: Case, name: Name, owner: Function | None) -> Evidence:
    through = f" (in `{owner.name}`)" if owner is not None and owner is not case.candidate else ""
    if is_standard(name.text) or name.text in ("pytest", "np", "pd", "mock"):
        message = f"`{name.text}` is used but never imported{through}"
        return fact(case, "missing-import", message, "fails", name.span)
    if name.text in case.focal.module_names and not name.text.startswith("__"):
        message = f"`{name.text}` is defined in the focal file but not imported here{through}"
        return fact(case, "missing-import", message, "fails", name.span)
    return fact(case, "undefined-name", f"`{name.text}` is not defined anywhere{through}", "fails", name.span)


def _reads(case: Case) -> Iterator[tuple[Name, Function | None]]:
    """Names that are looked up when the file is imported and the candidate runs, with the function that reads them."""
    suite = case.suite
    for function in [case.candidate, *called_functions(case)]:
        if function.owner and function.owner != case.candidate.owner:
            continue  # a method of some other class, known by its bare name only
        owner = next((c for c in suite.classes if c.qualified_name == function.owner), None)
        # Decorators and defaults of a method run in the class body, where the class's own names are seen.
        in_class = (
            owner.fields | {m.split("::")[-1] for m in owner.methods} if owner is not None else frozenset()
        )
        start, end = function.name_span.start_byte, function.body.start_byte
        for name in function.names:
            at = name.span.start_byte
            if start <= at < end and function.body.start_byte > start:
                continue  # annotations and defaults: often strings to a type checker, seldom the test's fault
            if at < start and name.text in in_class:
                continue
            yield name, function
    if not suite.error_lines:
        for name in suite.module_reads:
            yield name, None


def called_functions(case: Case) -> list[Function]:
    """Helpers and fixtures of the suite that the candidate runs, by name, as far as they call each other."""
    index = suite_index(case)
    found: dict[int, Function] = {}
    pending = [case.candidate]
    while pending:
        function = pending.pop()
        names = index.mentioned(function).union(parameter.name for parameter in function.parameters)
        for helper in (h for name in names for h in index.helpers.get(name, ())):
            if helper.span.start_byte not in found and helper is not case.candidate:
                found[helper.span.start_byte] = helper
                pending.append(helper)
    for helpers in index.helpers.values():
        for function in helpers:
            automatic = function.is_fixture and (not function.owner or function.owner == case.candidate.owner)
            named = (
                function.name.lower().startswith(("setup", "asyncsetup")) or "autouse=True" in function.text
            )
            if automatic and named:
                found.setdefault(function.span.start_byte, function)
    return [found[start] for start in sorted(found)]


def unknown_fixtures(case: Case) -> Iterator[Evidence]:
    """Parameters of a pytest test that no fixture of the file, of its conftest files or of pytest provides."""
    candidate = case.candidate
    if candidate.has_error or any("patch" in d or "given" in d for d in candidate.decorators):
        return
    if candidate.decorators and not all("pytest" in d or "mark" in d for d in candidate.decorators):
        return
    known = {f.name for f in case.suite.functions if f.is_fixture} | _FIXTURES | case.suite.module_names
    conftests = [text for path, text in case.context if path.endswith("conftest.py")]
    for text in conftests:
        known |= {f.name for f in parse("python", text).functions}
    known |= {p.name for test in case.existing for p in test.parameters}
    known |= set(re.findall(r"name\s*=\s*[\"'](\w+)[\"']", case.suite.text))
    owner = next((c for c in case.suite.classes if c.qualified_name == candidate.owner), None)
    marks = " ".join([*candidate.decorators, *(owner.decorators if owner else ())])
    for index, parameter in enumerate(candidate.parameters):
        if parameter.optional or parameter.name in known or (index == 0 and candidate.owner):
            continue
        if parameter.kind != "positional" or re.search(rf"\b{re.escape(parameter.name)}\b", marks):
            continue
        if "pytest_plugins" in case.suite.text or "parametrize" in case.suite.text.split("def ", 1)[0]:
            continue
        message = f"no fixture `{parameter.name}` in this file{' or its conftest.py' if conftests else ''}"
        yield fact(case, "unknown-fixture", message, "fails" if conftests else "info", candidate.name_span)
