"""Rewrites of names: local variables of functions, and the name of a test."""

from __future__ import annotations

import re
from functools import cache

import tree_sitter_go
import tree_sitter_java
import tree_sitter_python
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree.syntax.nodes import descend
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, SourceFile

WORDS = ("item", "data", "thing", "value", "one", "other", "piece", "entry", "obj", "temp")
# Code that looks names up by their text, and types of its own, whose members look like variables.
_UNSAFE = re.compile(r"\b(?:locals|globals|vars|eval|exec|global|nonlocal|class|enum|record|interface)\b")
_WRAPPER, _END = "class Wrapper {\n", "\n}"
# Identifiers that are no variables, by the field of their parent that holds them.
_MEMBERS = {
    "attribute": "attribute",
    "keyword_argument": "name",
    "field_access": "field",
    "method_invocation": "name",
    "marker_annotation": "name",
    "annotation": "name",
    "function_definition": "name",
    "element_value_pair": "key",
}


@cache
def _parser(language: Language) -> Parser:
    grammars = {"python": tree_sitter_python, "java": tree_sitter_java, "go": tree_sitter_go}
    return Parser(Grammar(grammars[language].language()))


def read(language: Language, text: str) -> tuple[str, SourceFile] | None:
    """The text (a bare Java method in a class of its own) and its picture; None where it has errors."""
    for shown in (text, f"{_WRAPPER}{text}{_END}"):
        try:
            file = parse(language, shown)
        except RunfreeError:
            return None
        if file.functions and not file.error_lines:
            return shown, file
        if language != "java":
            return None
    return None


def bare(text: str) -> str:
    """The text without the class that `read` may have put around it."""
    return text.removeprefix(_WRAPPER).removesuffix(_END) if text.startswith(_WRAPPER) else text


def rename_variables(language: Language, text: str) -> str | None:
    """Other names for local variables (not parameters: they may be fixtures), where that is plainly safe."""
    found = read(language, text)
    if found is None:
        return None
    text, file = found
    data = text.encode()
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    fields = {f for c in file.classes for f in c.fields}
    kept = file.module_names | fields | {i.binds for i in file.imports} | {f.name for f in file.functions}
    renamed: dict[tuple[int, int], dict[str, str]] = {}
    for function in file.functions:
        if not _UNSAFE.search(function.text):
            own = function.binds - kept - {p.name for p in function.parameters} - {"_", "self", "this", "cls"}
            fresh = (name for n in range(1000) for w in WORDS if (name := f"{w}{n or ''}") not in words)
            renamed[function.span.start_byte, function.span.end_byte] = {
                name: next(fresh) for name in sorted(own)
            }
    nodes = [n for n in descend(_parser(language).parse(data).root_node) if n.type == "identifier"]
    edits: list[tuple[int, int, str]] = []
    for (start, end), names in renamed.items():
        inside = [n for n in nodes if start <= n.start_byte < end]
        for node in inside:  # what is a key or a nested function somewhere is left alone everywhere
            if _is_key(node):
                names.pop(_text(node), None)
        edits += [
            (n.start_byte, n.end_byte, names[_text(n)])
            for n in inside
            if _text(n) in names and not _is_member(n)
        ]
    if not edits:
        return None
    for start, end, name in sorted(edits, reverse=True):
        data = data[:start] + name.encode() + data[end:]
    return bare(data.decode())


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _held_as(node: Node, field: str) -> bool:
    parent = node.parent
    held = parent.child_by_field_name(field) if parent is not None else None
    return held is not None and held.start_byte == node.start_byte and held.end_byte == node.end_byte


def _is_member(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type in _MEMBERS and _held_as(node, _MEMBERS[parent.type])


def _is_key(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("keyword_argument", "function_definition"):
        return _held_as(node, "name")
    if (
        parent.type == "literal_element"
        and parent.parent is not None
        and parent.parent.type == "keyed_element"
    ):
        return parent.parent.named_children[0].start_byte == parent.start_byte
    return parent.type == "method_reference"


def find_test(language: Language, text: str, name: str) -> tuple[str, Function] | None:
    """The text as `read` gives it and the test of that name in it (any owner), its last where the name is empty."""
    found = read(language, text)
    if found is None:
        return None
    last = re.split(r"::|\.", name)[-1]
    tests = [f for f in (*found[1].functions, *found[1].tests) if f.name == last] if name else found[1].tests
    return (found[0], tests[-1]) if tests else None


def rename_test(language: Language, text: str, name: str) -> tuple[str, str] | None:
    """The text with the test called something that says nothing, and its qualified name; None where it is named twice."""
    found = find_test(language, text, name)
    if found is None:
        return None
    shown, test = found
    if len(re.findall(rf"\b{re.escape(test.name)}\b", shown)) != 1:
        return None
    new = {
        "python": "test_case_k7",
        "java": "testCaseK7" if test.name.startswith("test") else "caseK7",
        "go": "TestCaseK7",
    }[language]
    qualified = name[: len(name) - len(test.name)] + new if name else ""
    return bare(re.sub(rf"\b{re.escape(test.name)}\b", new, shown)), qualified
