"""Tells Java tests and fixtures by their annotations (JUnit 4/5, TestNG) or names (JUnit 3), and counts their cases."""

from __future__ import annotations

import re
from dataclasses import replace

from tree_sitter import Node

from runfree.syntax.nodes import Source, field, operands
from runfree.syntax.tree import Class, Function

_TEST = re.compile(
    r"^(\w+\.)*(Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Theory|Property)\b"
)
_FIXTURE = re.compile(
    r"^(\w+\.)*(Before|BeforeEach|BeforeAll|BeforeClass|BeforeMethod|BeforeSuite|BeforeTest"
    r"|After|AfterEach|AfterAll|AfterClass|AfterMethod|AfterSuite|AfterTest)\b"
)


def is_fixture(name: str, annotations: tuple[str, ...]) -> bool:
    """Whether a method sets up or tears down."""
    return any(_FIXTURE.match(a) for a in annotations) or name in {"setUp", "tearDown"}


def is_test(function: Function, owner: Class | None, by_name: bool) -> bool:
    """Whether JUnit or TestNG runs a method as a test; `by_name`: the file has no test annotations (JUnit 3)."""
    if function.is_abstract or function.is_fixture:
        return False
    if any(_TEST.match(a) for a in function.decorators):
        return True
    if not by_name or function.parameters or not function.name.startswith("test"):
        return False
    return function.return_type == "void" and (owner is None or bool(owner.bases))


def parametrised(source: Source, modifiers: Node | None) -> tuple[int, tuple[str, ...]]:
    """(number of cases, their texts) as far as annotations give them literally."""
    cases, names = 0, list[str]()
    for annotation in operands(modifiers):
        name = source.text(field(annotation, "name")).rpartition(".")[2]
        arguments = field(annotation, "arguments")
        cases += {"NullSource": 1, "EmptySource": 1, "NullAndEmptySource": 2}.get(name, 0)
        if name == "RepeatedTest":
            number = re.search(r"\d+", source.text(arguments))
            cases += int(number.group()) if number else 0
        if name not in {"ValueSource", "CsvSource", "EnumSource"}:
            continue
        for argument in operands(arguments):
            value = field(argument, "value") or argument
            key = source.text(field(argument, "key"))
            if value.type == "element_value_array_initializer":
                texts = [source.text(v) for v in operands(value)]
            elif key == "textBlock":
                texts = [t.strip() for t in source.text(value).strip('"').splitlines() if t.strip()]
            elif key in {"delimiter", "delimiterString", "mode", "nullValues", "useHeadersInDisplayName"}:
                continue
            else:
                texts = [source.text(value)]
            if not (name == "EnumSource" and value.type == "class_literal"):
                names.extend(texts)
                cases += len(texts)
    return cases, tuple(names)


def with_method_sources(functions: list[Function]) -> list[Function]:
    """Counts the cases of @MethodSource tests: the Arguments.of(...) calls of the method they name."""
    makers = {
        f.name: sum(c.name == "arguments" or (c.name, c.receiver) == ("of", "Arguments") for c in f.calls)
        for f in functions
        if f.is_static
    }
    found = []
    for function in functions:
        source = next((a for a in function.decorators if a.startswith("MethodSource")), "")
        named = re.search(r'"(\w+)"', source)
        count = makers.get(named.group(1) if named else function.name, 0) if source else 0
        found.append(replace(function, cases=function.cases + count) if count else function)
    return found
