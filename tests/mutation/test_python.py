"""Python mutants: what each operator changes, where nothing may be changed, and that every mutant compiles."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest

from runfree.mutation import OPERATORS, list_mutants


def edits(text: str) -> set[tuple[str, str, str]]:
    """(operator, original, replacement) of every mutant."""
    return {(m.operator, m.original, m.replacement) for m in list_mutants("python", text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", {("arithmetic", "+", "-")}),
        ("a // b", {("arithmetic", "//", "/")}),
        ("~a", {("arithmetic", "~a", "a")}),
        ("a < b", {("comparison", "<", "<=")}),
        ("a < b <= c", {("comparison", "<", "<="), ("comparison", "<=", "<")}),
        ("a is  not b", {("comparison", "is  not", "is")}),
        ("a not in b", {("comparison", "not in", "in")}),
        ("a and b", {("boolean", "and", "or")}),
        ("not a", {("boolean", "not a", "a")}),
        ("[True]", {("boolean", "True", "False")}),
        ("[0x1F]", {("number", "0x1F", "32")}),
        ("[1.5]", {("number", "1.5", "2.5")}),
        ("[1j]", set()),
        ("[rb'x']", {("string", "rb'x'", "rb'XXxXX'")}),
        ('["""x"""]', {("string", '"""x"""', '"""XXxXX"""')}),
        ('[f"{a + 1}"]', set()),
        ("a = b", {("assignment", "b", "None")}),
        ("a = None", {("assignment", "None", '""')}),
        ("a: int = b", {("assignment", "b", "None")}),
        ("a += b", {("assignment", "+=", "-="), ("assignment", "+=", "=")}),
        ("f(a, *b, k=c)", {("call", "f(a, *b, k=c)", "pass"), ("call", "a", "None"), ("call", "c", "None")}),
        ("a if b else c", {("condition", "b", "True"), ("condition", "b", "False")}),
        ("while a:\n    pass", {("condition", "a", "False")}),
        ("if a:\n    pass\nelif b:\n    pass", {("condition", v, w) for v in "ab" for w in ("True", "False")}),
        ("for a in b:\n    continue", {("control", "continue", "break")}),
        ("for a in b:\n    break", set()),
        ("def f():\n    for a in b:\n        break", {("control", "break", "return")}),
        ("def f():\n    return a", {("return", "a", "None")}),
        ("def f():\n    return None", set()),
        ("def f(a=1, b=None, *, c='x', d=e): ...", {
            ("default", "1", "2"), ("default", "None", '""'), ("default", "'x'", "'XXxXX'"), ("default", "e", "None"),
        }),
        ("(lambda: a)", {("lambda", "a", "None")}),
    ],
)  # fmt: skip
def test_operators(text: str, expected: set[tuple[str, str, str]]) -> None:
    assert edits(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring."""',
        'def f():\n    """A docstring."""',
        "import a\nfrom b import c",
        "def f(a: int | None, b: 'X') -> list[1]: ...",
        "@decorate(1)\ndef f(): ...",
        "if TYPE_CHECKING:\n    a = 1 + 2",
        "if typing.TYPE_CHECKING:\n    a = 1 + 2",
        "# a + b",
        "",
    ],
)
def test_left_alone(text: str) -> None:
    assert edits(text) == set()


def test_places_and_owners() -> None:
    text = "x = 1\nclass A:\n    y = 2\n    def m(self):\n        def inner():\n            return 3\n        return é + 4\n"
    found = {(m.operator, m.original): m for m in list_mutants("python", text)}
    assert found["number", "1"].function == ""
    assert found["number", "2"].function == ""  # a class body runs on import too
    assert found["number", "3"].function == "A::m"
    plus = found["arithmetic", "+"]
    assert (plus.line, plus.ordinal, plus.function) == (7, 0, "A::m")
    assert text.encode()[plus.start_byte : plus.end_byte] == b"+"
    assert plus.apply(text).splitlines()[6] == "        return é - 4"


def test_identity_is_unique_and_in_order() -> None:
    text = "a = [1, 2, 3] + [4, b < 5 < 6]\nc = f(1, g(2))\n"
    listed = list_mutants("python", text)
    assert len({(m.operator, m.line, m.ordinal) for m in listed}) == len(listed)
    numbers = [(m.ordinal, m.original) for m in listed if m.operator == "number" and m.line == 1]
    assert numbers == [(0, "1"), (1, "2"), (2, "3"), (3, "4"), (4, "5"), (5, "6")]
    assert list(listed) == sorted(listed, key=lambda m: (m.start_byte, m.end_byte))


@pytest.mark.parametrize("name", ["dataclasses", "textwrap", "enum"])
def test_every_mutant_of_real_modules_compiles_and_differs(name: str) -> None:
    path = Path(ast.__file__).parent / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    listed = list_mutants("python", text)
    assert len(listed) > 100
    assert {m.operator for m in listed} <= set(OPERATORS)
    whole = ast.dump(ast.parse(text))
    for mutant in listed[:: max(1, len(listed) // 25)]:
        changed = mutant.apply(text)
        compile(changed, str(path), "exec", dont_inherit=True)
        assert ast.dump(ast.parse(changed)) != whole


def test_broken_and_hostile_text_gives_what_can_be_read() -> None:
    assert ("arithmetic", "+", "-") in edits("def f(:\n    pass\n\n\ndef g():\n    return a + b\n")
    begun = time.monotonic()
    nested = "f(" * 3000 + ")" * 3000
    assert len(list_mutants("python", nested)) < 3100
    list_mutants("python", "not " * 20_000 + "x")
    list_mutants("python", "x = [" + "1, " * 60_000 + "]")
    assert time.monotonic() - begun < 20
