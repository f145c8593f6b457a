"""A Java test class taken apart, and a copy of it made for each candidate that holds that one test alone.

A copy is a class of its own (`FooTest_rf12`) with the imports, fields, fixtures, helpers and nested classes of the
original and none of its other tests. Compile errors and static state of a candidate thus stay its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter_java
from tree_sitter import Language, Node, Parser

from runfree_training.records import TestResult

JAVA = Language(tree_sitter_java.language())
_TYPES = ("class_declaration", "interface_declaration", "enum_declaration", "record_declaration",
          "annotation_type_declaration")  # fmt: skip
_TEST_ANNOTATIONS = {"Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate"}


@dataclass(frozen=True, slots=True)
class TestMethod:
    """A test method: qualified name (`m` or `Inner.m`), its bytes in the file (comment and annotations included)."""

    name: str
    start: int
    end: int
    text: str

    @property
    def bare(self) -> str:
        """The method's own name."""
        return self.name.rsplit(".", 1)[-1]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the top-level class that is not a test: its declared name ("" for initialisers) and text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Suite:
    """A parsed test file.

    Attributes:
        package, class_name: of the test class. imports: whole import lines as (start, end, text).
        bodies: position just before the closing brace of the class (key "") and of its nested classes (`Inner`).
        others: byte ranges of the file's further top-level types. uses: byte ranges of the class's name in code.
    """

    text: str
    package: str
    class_name: str
    imports: tuple[tuple[int, int, str], ...]
    tests: tuple[TestMethod, ...]
    members: tuple[Member, ...]
    bodies: dict[str, int]
    others: tuple[tuple[int, int], ...]
    uses: tuple[tuple[int, int], ...] = ()

    def binary_name(self, test: str, class_name: str = "") -> str:
        """`pkg.Class$Inner#method` of a test, in the copy `class_name` where given."""
        *inner, method = test.split(".")
        owner = "$".join([class_name or self.class_name, *inner])
        return f"{self.package}.{owner}#{method}" if self.package else f"{owner}#{method}"


def parse(text: str, class_name: str = "") -> Suite:
    """Takes a test file apart; the test class is the one named `class_name`, or the public or first one."""
    data = text.encode()
    root = Parser(JAVA).parse(data).root_node
    package, imports = "", []
    types = [n for n in root.named_children if n.type in _TYPES]
    for node in root.named_children:
        if node.type == "package_declaration":
            package = _text(node, data).removeprefix("package").strip(" \t\n;")
        elif node.type == "import_declaration":
            imports.append((node.start_byte, node.end_byte, _text(node, data)))
    top = next((t for t in types if _name(t, data) == class_name), None) or next(
        (t for t in types if re.match(r"(?s)(@[\w.]+(\([^)]*\))?\s*)*public\b", _text(t, data))),
        types[0] if types else None,
    )
    if top is None:
        return Suite(text, package, "", tuple(imports), (), (), {}, ())
    tests: dict[str, TestMethod] = {}
    members: list[Member] = []
    bodies: dict[str, int] = {}
    old_style = "junit.framework" in text or bool(re.search(r"\bextends\s+\w*TestCase\b", text))
    _read_class(top, "", data, old_style, tests, members, bodies)
    others = tuple((t.start_byte, t.end_byte) for t in types if t is not top)
    name = _name(top, data)
    uses = _uses(root, data, name)
    return Suite(
        text, package, name, tuple(imports), tuple(tests.values()), tuple(members), bodies, others, uses
    )


def _read_class(
    node: Node,
    prefix: str,
    data: bytes,
    old_style: bool,
    tests: dict[str, TestMethod],
    members: list[Member],
    bodies: dict[str, int],
) -> None:
    body = node.child_by_field_name("body")
    if body is None:
        return
    bodies[prefix.rstrip(".")] = body.end_byte - 1
    start: int | None = None
    for child in body.named_children:
        if child.type.endswith("comment"):
            start = child.start_byte if start is None else start
            continue
        begin, start = (start if start is not None else child.start_byte), None
        name = _name(child, data)
        if child.type == "method_declaration" and _is_test(child, name, data, old_style):
            whole = prefix + name
            tests.setdefault(
                whole, TestMethod(whole, begin, child.end_byte, data[begin : child.end_byte].decode())
            )
            continue
        if child.type == "class_declaration" and _holds_tests(child, data, old_style):
            _read_class(child, f"{prefix}{name}.", data, old_style, tests, members, bodies)
            continue
        if not prefix:
            members.append(Member(name, data[begin : child.end_byte].decode()))


def candidate_copy(suite: Suite, candidate: TestResult, index: int) -> tuple[str, str, str] | None:
    """(class name, source text, `pkg.Class#method`) of a candidate's copy; None where no test can be read in it."""
    inner, _, bare = candidate.name.rpartition(".")
    method, brought, imports = _candidate_parts(suite, candidate.text, bare)
    if not method:
        return None
    fresh = f"{suite.class_name}_rf{index}"
    place = suite.bodies.get(inner, suite.bodies.get("", 0))
    cut = [(t.start, t.end, "") for t in suite.tests if t.bare not in _called(suite.text)]
    cut += [(start, end, "") for start, end in suite.others]
    cut += [(start, end, "") for start, end, line in suite.imports if line in candidate.removes.splitlines()]
    gone = sorted((start, end) for start, end, _ in cut)
    cut += [(start, end, fresh) for start, end in suite.uses if not any(g <= start < e for g, e in gone)]
    added = _renamed("\n\n".join([*brought, method]), suite.class_name, fresh)
    cut.append((place, place, f"\n{added}\n"))
    if imports:
        at = suite.imports[-1][1] if suite.imports else _after_package(suite.text)
        cut.append((at, at, "\n" + "\n".join(imports) + "\n"))
    name = _method_name(method) or bare
    test = f"{inner}.{name}" if inner and inner in suite.bodies else name
    return fresh, _edited(suite.text, cut), suite.binary_name(test, fresh)


def without(text: str, names: Iterable[str]) -> str:
    """The test file without the named tests."""
    gone = set(names)
    return _edited(text, [(t.start, t.end, "") for t in parse(text).tests if t.name in gone])


def _candidate_parts(suite: Suite, text: str, name: str) -> tuple[str, list[str], list[str]]:
    """The method, the members and the imports that a candidate's text (a bare method or a whole file) brings."""
    if re.search(r"(?m)^\s*(import|package)\b", text) or re.search(
        r"(?m)^(public\s+)?(final\s+)?class\s+\w+", text
    ):
        imports_only = re.sub(r"(?m)^\s*(import|package)\b.*$", "", text).strip()
        imports = [i for _, _, i in parse(text).imports]
        fresh = [i for i in imports if i not in {k for _, _, k in suite.imports}]
        if not re.search(r"\bclass\s+\w+", imports_only.split("{")[0]):
            return imports_only, [], fresh
        own = parse(text)
        chosen = [t for t in own.tests if t.bare == name] or list(own.tests[-1:])
        known = {m.text.strip() for m in suite.members}
        brought = [m.text for m in own.members if m.text.strip() not in known]
        return (chosen[-1].text if chosen else ""), brought, fresh
    return (text if re.search(r"\w\s*\(", text) else ""), [], []


def _method_name(text: str) -> str:
    """The name of the first method in a text, "" where none can be read."""
    data = f"class X {{\n{text}\n}}".encode()
    stack = [Parser(JAVA).parse(data).root_node]
    while stack:
        node = stack.pop()
        if node.type == "method_declaration":
            return _name(node, data)
        stack.extend(reversed(node.named_children))
    return ""


@lru_cache(maxsize=4)
def _called(text: str) -> frozenset[str]:
    """Names that stand before a bracket (or after `::`) more than once: methods that something else calls."""
    counts = Counter(a or b for a, b in re.findall(r"\b(\w+)\s*\(|::(\w+)", text))
    return frozenset(name for name, count in counts.items() if count > 1)


def _after_package(text: str) -> int:
    found = re.search(r"(?m)^\s*package\s+[\w.]+\s*;", text)
    return len(text[: found.end()].encode()) if found else 0


def _renamed(members: str, old: str, new: str) -> str:
    """Class members with the class's name changed where it is an identifier."""
    if old not in members:
        return members
    prefix = "class X {\n"
    data = f"{prefix}{members}\n}}".encode()
    shift = len(prefix)
    found = _uses(Parser(JAVA).parse(data).root_node, data, old)
    return _edited(members, [(start - shift, end - shift, new) for start, end in found])


def _uses(root: Node, data: bytes, name: str) -> tuple[tuple[int, int], ...]:
    """Where a name stands as an identifier, not in a string or comment."""
    found = []
    for match in re.finditer(rb"\b%s\b" % re.escape(name.encode()), data):
        node = root.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type in ("identifier", "type_identifier"):
            found.append(match.span())
    return tuple(found)


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    data = text.encode()
    pieces, at = [], 0
    for start, end, new in sorted(edits, key=lambda e: (e[0], e[1])):
        pieces += [data[at:start], new.encode()]
        at = max(at, end)
    return b"".join([*pieces, data[at:]]).decode()


def _holds_tests(node: Node, data: bytes, old_style: bool) -> bool:
    """Whether a nested class has test methods of its own (`@Nested`, or run by an enclosing runner)."""
    body = node.child_by_field_name("body")
    return body is not None and any(
        (c.type == "method_declaration" and _is_test(c, _name(c, data), data, old_style))
        or (c.type == "class_declaration" and _holds_tests(c, data, old_style))
        for c in body.named_children
    )


def _is_test(node: Node, name: str, data: bytes, old_style: bool) -> bool:
    modifiers = next((c for c in node.children if c.type == "modifiers"), None)
    marks = [c for c in modifiers.named_children if "annotation" in c.type] if modifiers else []
    for mark in marks:
        label = mark.child_by_field_name("name")
        if label is not None and _text(label, data).rsplit(".", 1)[-1] in _TEST_ANNOTATIONS:
            return True
    parameters = node.child_by_field_name("parameters")
    words = _text(modifiers, data).split() if modifiers else []
    return (
        old_style
        and name.startswith("test")
        and "public" in words
        and "static" not in words
        and parameters is not None
        and not parameters.named_children
    )


def _name(node: Node, data: bytes) -> str:
    name = node.child_by_field_name("name")
    if name is None:
        declarator = node.child_by_field_name("declarator")
        name = declarator.child_by_field_name("name") if declarator is not None else None
    return _text(name, data) if name is not None else ""


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode()
