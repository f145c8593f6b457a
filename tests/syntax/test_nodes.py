from __future__ import annotations

import time

import pytest
import tree_sitter_java
from tree_sitter import Language, Parser

from runfree.errors import RunfreeError
from runfree.mutation import list_mutants
from runfree.syntax.nodes import Source, error_lines, first_comments, parsed, unescape

JAVA = Parser(Language(tree_sitter_java.language()))
TANGLED = "class A { @Test(" + "a={" * 3_000 + "}" * 3_000 + ") void f() {} }"


def test_parsing_stops_where_errors_cost_quadratic_time() -> None:
    started = time.process_time()
    with pytest.raises(RunfreeError, match="too many"):
        parsed(JAVA, TANGLED.encode())
    assert time.process_time() - started < 3
    # The parser starts afresh afterwards.
    assert parsed(JAVA, b"class A {}").child_count == 1
    assert list_mutants("java", TANGLED) == ()


def test_texts_are_cut_and_counted() -> None:
    root = JAVA.parse(b"class A { int x; }").root_node
    source = Source("class A { int x; }")
    assert source.text(root, 7) == "class A"
    assert source.text(None) == ""
    source = Source("x" * 10)
    with pytest.raises(RunfreeError, match="nested too deeply"):
        [source.text(root) for _ in range(100_000)]


def test_error_lines() -> None:
    assert error_lines(JAVA.parse(b"class A {\n}\n").root_node) == ()
    assert error_lines(JAVA.parse(b"class A {\n int x = ;\n}\n").root_node) == (2,)


def test_comments_belong_to_the_declaration_they_touch() -> None:
    text = b"int a; // behind\nint b;\n// one\n/* two */\nint c;\n// apart\n\nint d;\n"
    nodes = JAVA.parse(text).root_node.children
    found = first_comments(nodes)
    named = {n.id: (n.text or b"").decode() for n in nodes}
    assert {named[k]: named[v.id] for k, v in found.items()} == {"int c;": "// one"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        (r"a\nb\t\\", "a\nb\t\\"),
        (r"\x41\u00e4\101", "AäA"),
        (r"\q\U99999999", r"\q\U99999999"),
    ],
)
def test_escapes(text: str, value: str) -> None:
    assert unescape(text) == value
