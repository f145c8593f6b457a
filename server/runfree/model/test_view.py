"""A test as the features see it: its own text and that of the helpers, fixtures and set-up that run with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from runfree.model.tokens import literal_value, subtokens, without_names, without_strings
from runfree.sample import Language
from runfree.syntax.tree import Assertion, Call, Function, LiteralValue, Member, SourceFile

MAX_EXPANDED = 24  # helpers followed from one test: more say nothing new and cost time

_ASSIGNED = re.compile(
    r"(?:(?P<type>[A-Z]\w*)(?:<[^=;()]*>)?\s+)?(?P<name>[A-Za-z_]\w*)(?:\s*,\s*\w+)*\s*(?::\s*[\w\[\].]+\s*)?:?=(?!=)\s*(?:\(\s*)*"
    r"(?:new\s+|&|await\s+)?(?P<made>[A-Za-z_][\w.]*)\s*(?:<[^=;()]*>)?\s*[({]"
)
_DECLARED = re.compile(r"\bvar\s+(?P<name>\w+)\s+\*?(?P<made>[\w.]+)|\bas\s+(?P<alias>\w+)\s*:")


@dataclass(frozen=True, slots=True, eq=False)
class TestView:
    """One test with what it pulls in.

    Attributes:
        test: the test itself. parts: the test, then helpers, fixtures and set-up methods it runs, with their distance
            (0 the test, 1 what it calls or what is set up for it, ...).
        calls: (distance, call) over all parts. members: likewise.
        references: names read bare (a function may be passed on as a value).
        literals, assertions: over all parts. literal_values: their values as text.
        size: statements of the test itself, however its lines are broken.
        tokens: subtokens of all parts, names of variables left out: they can be anything.
        body_tokens: the same without the words of the test's name.
        variables: names of local variables of the parts (no parameters: those may be fixtures).
        made: variable -> the name it was last made from (constructor, factory or declared type).
        expected_errors: lower-case type names of expected exceptions; error_messages: texts they must match.
        catches: some exception, error or panic is expected.
        key: source text of all parts.
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    test: Function
    parts: tuple[tuple[int, Function], ...]
    calls: tuple[tuple[int, Call], ...]
    members: tuple[tuple[int, Member], ...]
    references: frozenset[str]
    literals: tuple[LiteralValue, ...]
    literal_values: frozenset[str]
    assertions: tuple[Assertion, ...]
    size: int
    tokens: frozenset[str]
    body_tokens: frozenset[str]
    variables: frozenset[str]
    made: dict[str, str]
    expected_errors: frozenset[str]
    error_messages: tuple[str, ...]
    catches: bool
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class SuiteHeader:
    """What of a test file belongs to no single test: helpers and fixtures by name, set-up by owner, header literals."""

    helpers: dict[str, tuple[Function, ...]]
    setup: tuple[Function, ...]
    autouse: tuple[Function, ...]
    key: str


@lru_cache(maxsize=32)
def suite_header(suite: SourceFile) -> SuiteHeader:
    """The helpers and set-up of a test file; `key` is all its text outside the tests, for content-addressed caches."""
    tests = {id(t) for t in suite.tests}
    helpers: dict[str, list[Function]] = {}
    setup: list[Function] = []
    autouse: list[Function] = []
    for function in suite.functions:
        if id(function) in tests or any(function is t for t in suite.tests):
            continue
        helpers.setdefault(function.name, []).append(function)
        if function.is_fixture:
            if any("autouse" in d for d in function.decorators):
                autouse.append(function)
            elif not any("fixture" in d for d in function.decorators):
                setup.append(function)
    return SuiteHeader(
        {k: tuple(v) for k, v in helpers.items()}, tuple(setup), tuple(autouse), _outside(suite)
    )


def _outside(suite: SourceFile) -> str:
    """The lines outside the tests, blank ones left out: what was added or taken away between two tests is no matter."""
    inside = {line for test in suite.tests for line in range(test.span.start_line, test.span.end_line + 1)}
    lines = enumerate(suite.text.split("\n"), 1)
    return "\n".join(line for number, line in lines if number not in inside and line.strip())


def variables_of(function: Function, suite: SourceFile) -> frozenset[str]:
    """Local variables of a function of a suite; neither parameters, which may be fixtures, nor what it imports."""
    return function.binds - {p.name for p in function.parameters} - {i.binds for i in suite.imports}


def statements(function: Function, language: Language) -> int:
    """Statements of a function. In Java the lines that coverage tools count depend on where a statement is broken."""
    return without_strings(function.text).count(";") if language == "java" else len(function.lines)


def test_view(suite: SourceFile, test: Function) -> TestView:
    """Gathers what runs when `test` of `suite` runs."""
    header = suite_header(suite)
    parts: list[tuple[int, Function]] = [(0, test)]
    seen: set[int] = {id(test)}
    queue = [(0, test)]
    for function in (*header.setup, *header.autouse):
        same_owner = (
            not function.owner
            or not test.owner
            or test.owner.startswith(function.owner)
            or suite.language == "java"
        )
        if same_owner and id(function) not in seen:
            seen.add(id(function))
            queue.append((1, function))
            parts.append((1, function))
    while queue and len(parts) < MAX_EXPANDED:
        distance, function = queue.pop(0)
        wanted = {c.name for c in function.calls} | {n.text for n in function.names}
        wanted |= {p.name for p in function.parameters}
        wanted |= (
            {w for d in function.decorators for w in re.findall(r"\w+", d)} if function is test else set()
        )
        for name in sorted(wanted):
            for helper in header.helpers.get(name, ()):
                if id(helper) not in seen and len(parts) < MAX_EXPANDED:
                    seen.add(id(helper))
                    parts.append((distance + 1, helper))
                    queue.append((distance + 1, helper))
    calls = tuple((d, c) for d, f in parts for c in f.calls)
    members = tuple((d, m) for d, f in parts for m in f.members)
    literals = tuple(v for _, f in parts for v in f.literals)
    assertions = tuple(a for _, f in parts for a in f.assertions)
    raises = [a for a in assertions if a.kind == "raises"]
    made: dict[str, str] = {}
    for _, function in reversed(parts):
        for match in _ASSIGNED.finditer(function.text):
            made[match["name"]] = (
                match["type"] if match["type"] and match["made"][:1].islower() else match["made"]
            )
        for match in _DECLARED.finditer(function.text):
            if match["name"]:
                made[match["name"]] = match["made"]
    variables = [variables_of(f, suite) for _, f in parts]
    hidden = [
        names | {test.name} if f is test else names for (_, f), names in zip(parts, variables, strict=True)
    ]
    texts = (without_names(f.text, names) for (_, f), names in zip(parts, hidden, strict=True))
    body_tokens: frozenset[str] = frozenset().union(*map(subtokens, texts))
    return TestView(
        test=test,
        parts=tuple(parts),
        calls=calls,
        members=members,
        references=frozenset(n.text for _, f in parts for n in f.names),
        literals=literals,
        literal_values=frozenset(literal_value(v) for v in literals),
        assertions=assertions,
        size=statements(test, suite.language),
        tokens=body_tokens | subtokens(test.name),
        body_tokens=body_tokens,
        variables=frozenset().union(*variables),
        made=made,
        expected_errors=frozenset(a.expected.split(".")[-1].lower() for a in raises if a.expected),
        error_messages=tuple(a.message for a in raises if a.message),
        catches=bool(raises),
        key="\n".join(f.text for _, f in parts),
    )
