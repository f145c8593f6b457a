"""Java text -> `SourceFile`: types, methods, tests and imports, by tree-sitter.

Names are those of test reports: `method` in the file's main type (the public top-level one, else the first), `Inner.method` in
nested types and in other top-level ones; overloads share a name. A type's `qualified_name` is built alike, and is
the `owner` of its methods. Methods without a class around them (a fragment) are read as well. The components of a
record are among its `fields`. Coverage lines are those JaCoCo counts (see `java_lines`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import tree_sitter_java
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from runfree.syntax.java_body import Body
from runfree.syntax.java_checks import Checks
from runfree.syntax.java_lines import closing_line, counted_lines
from runfree.syntax.java_tests import is_fixture, is_test, parametrised, with_method_sources
from runfree.syntax.nodes import (
    Source,
    error_lines,
    field,
    first_comments,
    line_of,
    operands,
    parsed,
    span_of,
)
from runfree.syntax.repair import java_members, repaired
from runfree.syntax.tree import (
    Assertion,
    Call,
    Class,
    Function,
    Import,
    LiteralValue,
    Name,
    Parameter,
    SourceFile,
    Span,
)

# Members that every object / every enum has without its text saying so.
OBJECT_MEMBERS: frozenset[str] = frozenset(
    ["equals", "hashCode", "toString", "getClass", "notify", "notifyAll", "wait", "clone", "finalize"]
)
ENUM_MEMBERS: frozenset[str] = frozenset(
    ["values", "valueOf", "name", "ordinal", "compareTo", "getDeclaringClass"]
)

_MOST_BASES = 30  # superclasses and interfaces followed; beyond, anything may be inherited
_GRAMMAR = Grammar(tree_sitter_java.language())
_KINDS: dict[str, Literal["class", "interface", "enum", "record"]] = {
    "class_declaration": "class",
    "interface_declaration": "interface",
    "annotation_type_declaration": "interface",
    "enum_declaration": "enum",
    "record_declaration": "record",
}
_METHODS = frozenset({"method_declaration", "constructor_declaration", "compact_constructor_declaration"})
_FIELDS = frozenset({"field_declaration", "constant_declaration", "local_variable_declaration"})
_CODE = frozenset({"method_invocation", "object_creation_expression", "null_literal", "array_initializer"})
_LIMITS = re.compile(r"(Byte|Short|Character|Integer|Long|Float|Double)\.M(AX|IN)_\w+")
# Annotations that write members: Lombok's, and processors like it.
_WRITES_MEMBERS = re.compile(
    r"^(\w+\.)*(Data|Value|Getter|Setter|Builder|SuperBuilder|With|Wither|Slf4j|Log\w*|AutoValue|Delegate)\b"
)
# Interfaces that bring no members a test would call.
_BARE_INTERFACES = frozenset(
    [
        "Serializable",
        "Cloneable",
        "Comparable",
        "Runnable",
        "Callable",
        "AutoCloseable",
        "Closeable",
        "Object",
    ]
)


def parse(text: str) -> SourceFile:
    """The picture of a Java file, or of a fragment (methods without a class).

    Raises:
        RunfreeError: the code is nested too deeply to be read.
    """
    return _Reader(text).read()


class _Reader:
    """Reads the types of one file."""

    def __init__(self, text: str) -> None:
        self.file_text = text
        self.source = Source(text)
        self.text = self.source.text
        self.first: dict[int, Node] = {}  # declaration -> the first comment line above it
        self.blanked: frozenset[int] = frozenset()  # lines that had to be left out
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.imports: list[Import] = []
        self.names: set[str] = set()
        self.lines: set[int] = set()
        self.literals: list[LiteralValue] = []
        self.calls: list[Call] = []
        self.reads: list[Name] = []
        self.main = ""
        self.constants: set[str] = set()  # names of fields whose values the compiler puts in place
        self.checks = Checks(self.source, junit4=False, testng=False)
        # JUnit 3 has no annotations: its tests are told by name, where the file has none of the newer ones.
        self.by_name = re.search(r"@(org\.junit\.)?(\w+\.)*(Test|ParameterizedTest)\b", text) is None

    def read(self) -> SourceFile:
        parser = Parser(_GRAMMAR)
        root = parsed(parser, self.source.data)
        root, self.blanked = repaired(parser, self.source.data, root, java_members)
        package = ""
        top = [d for c in operands(root) for d in (operands(c) if c.is_error else [c])]
        for node in top:
            if node.type == "package_declaration":
                package = self.text(operands(node)[-1]) if operands(node) else ""
            elif node.type == "import_declaration":
                self._import(node)
        types = [n for n in top if n.type in _KINDS]
        public = [n for n in types if "public" in self._modifiers(n)]
        if types:
            self.main = self.text(field((public or types)[0], "name"))
        modules = [i.module for i in self.imports]
        self.checks = Checks(
            self.source,
            junit4=any(
                re.match(r"org\.junit(\.Assert|\.Test|$)|junit\.", f"{i.module}.{i.name}".rstrip("."))
                for i in self.imports
            ),
            testng=any(m.startswith("org.testng") for m in modules),
        )
        for group in (root, *(c for c in root.children if c.is_error)):
            self.first.update(first_comments(group.children))
        self._members(top)
        functions = tuple(sorted(with_method_sources(self.functions), key=lambda f: f.span.start_byte))
        owners = {c.qualified_name: c for c in self.classes}
        return SourceFile(
            language="java",
            text=self.file_text,
            functions=functions,
            tests=tuple(f for f in functions if is_test(f, owners.get(f.owner), self.by_name)),
            classes=self._closed_classes(),
            imports=tuple(self.imports),
            module_names=frozenset(self.names),
            module_lines=tuple(sorted(self.lines)),
            module_literals=tuple(self.literals),
            package=package,
            error_lines=tuple(sorted({*error_lines(root), *self.blanked})),
            module_reads=tuple(self.reads),
            module_calls=tuple(self.calls),
        )

    def _import(self, node: Node) -> None:
        path = next((c for c in operands(node) if c.type in {"scoped_identifier", "identifier"}), None)
        dotted = re.sub(r"\s", "", self.text(path))
        static = any(c.type == "static" for c in node.children)
        if any(c.type == "asterisk" for c in node.children):
            self.imports.append(Import(dotted, "*", "", span_of(node), static))
            return
        module, _, name = dotted.rpartition(".")
        self.imports.append(Import(module, name, name, span_of(node), static))
        self.names.add(name)

    def _members(self, top: list[Node]) -> None:
        """Reads declarations, nested types included, with a stack of its own: (node, owner, in an interface)."""
        stack = [(node, "", False) for node in reversed(top)]
        while stack:
            node, owner, in_interface = stack.pop()
            kind = node.type
            if kind in _KINDS:
                inner, title = self._type(node, owner)
                is_interface = _KINDS[kind] == "interface"
                stack.extend((c, title, is_interface) for c in reversed(inner))
            elif kind in _METHODS:
                self._method(node, owner, in_interface)
            elif kind in _FIELDS:
                self._field(node)
            elif kind in {"static_initializer", "block"}:
                self._initialiser(node)
            elif node.is_error:
                self.first.update(first_comments(node.children))
                stack.extend((c, owner, in_interface) for c in reversed(operands(node)))

    def _type(self, node: Node, owner: str) -> tuple[list[Node], str]:
        """Notes a type; gives its member declarations and its qualified name."""
        simple = self.text(field(node, "name"))
        title = f"{owner}.{simple}" if owner and owner != self.main else simple
        if not owner:
            self.names.add(simple)
        kind = _KINDS[node.type]
        body = field(node, "body")
        members: list[Node] = []
        for child in operands(body):
            members.extend(operands(child) if child.type == "enum_body_declarations" else [child])
        for group in (body, *(c for c in operands(body) if c.type == "enum_body_declarations")):
            self.first.update(first_comments(group.children) if group is not None else {})
        constants = [m for m in members if m.type == "enum_constant"]
        fields = {self.text(field(c, "name")) for c in constants}
        for member in members:
            if member.type in _FIELDS:
                fields |= {self.text(field(d, "name")) for d in member.children_by_field_name("declarator")}
        if kind == "record":
            fields |= {p.name for p in self._parameters(field(node, "parameters"))}
        for constant in constants:
            self.lines.add(line_of(constant))
            self.lines |= counted_lines(constant)
            self._outside(constant)
        loaders = [m for m in members if self._runs_on_load(m)]
        if loaders and loaders[-1].type == "static_initializer":
            self.lines.add(loaders[-1].end_point[0] + 1)  # the return of the class's initialiser
        has_constructor = any(m.type in _METHODS and m.type != "method_declaration" for m in members)
        if kind == "enum" or (kind in {"class", "record"} and not has_constructor):
            # javac puts the default constructor (and an enum's values()) on the line of the keyword.
            keyword = next((c for c in node.children if c.type in {"class", "enum", "record"}), node)
            self.lines.add(line_of(keyword))
        annotations = self._annotations(node)
        bases = self._bases(node)
        is_open = any(_WRITES_MEMBERS.match(a) for a in annotations)
        self.classes.append(
            Class(simple, title, kind, bases, frozenset(fields), (), span_of(node), is_open, annotations)
        )
        return members, title

    def _bases(self, node: Node) -> tuple[str, ...]:
        """Superclass and interfaces as written."""
        found: list[str] = []
        for child in operands(node):
            if child.type == "superclass":
                found.extend(self.text(c) for c in operands(child))
            elif child.type in {"super_interfaces", "extends_interfaces"}:
                found.extend(self.text(t) for c in operands(child) for t in operands(c))
        return tuple(found)

    def _field(self, node: Node) -> None:
        if any(field(d, "value") is not None for d in node.children_by_field_name("declarator")):
            if not self._is_constant(node):
                self.lines |= counted_lines(node)
            self._outside(node)

    def _is_constant(self, node: Node) -> bool:
        """Whether a static final field has a literal for value: the compiler then writes no code for it."""
        words = self._modifiers(node)
        values = [field(d, "value") for d in node.children_by_field_name("declarator")]
        if node.type != "constant_declaration" and not {"static", "final"} <= words:
            return False
        type_node = field(node, "type")
        plain = type_node is not None and (
            type_node.type in {"integral_type", "floating_point_type", "boolean_type"}
            or self.text(type_node) == "String"
        )
        constant = plain and all(v is not None and self._is_constant_value(v) for v in values)
        if constant:
            declarators = node.children_by_field_name("declarator")
            self.constants.update(self.text(field(d, "name")) for d in declarators)
        return constant

    def _is_constant_value(self, value: Node) -> bool:
        """Whether an expression is made of literals and constants only."""
        stack = [value]
        while stack:
            node = stack.pop()
            if node.type in _CODE or (node.type == "identifier" and self.text(node) not in self.constants):
                return False
            if not (node.type == "field_access" and _LIMITS.fullmatch(self.text(node))):
                stack.extend(node.named_children)
        return True

    def _runs_on_load(self, member: Node) -> bool:
        """Whether a member is a static block or a static field that is given a value by code."""
        if member.type != "field_declaration":
            return member.type == "static_initializer"
        has_value = any(field(d, "value") is not None for d in member.children_by_field_name("declarator"))
        return has_value and "static" in self._modifiers(member) and not self._is_constant(member)

    def _initialiser(self, node: Node) -> None:
        self.lines |= counted_lines(node)
        self._outside(node)

    def _outside(self, node: Node) -> None:
        """Reads code that runs when a class is loaded or an object made."""
        body = Body(self.source, self.checks)
        body.walk(node)
        self.literals.extend(body.literals)
        self.calls.extend(body.calls)
        self.reads.extend(body.names)

    def _method(self, node: Node, owner: str, in_interface: bool) -> None:
        name, block = field(node, "name"), field(node, "body")
        if name is None:
            return
        body = Body(self.source, self.checks)
        modifiers = next((c for c in operands(node) if c.type == "modifiers"), None)
        for part in (
            modifiers,
            field(node, "type_parameters"),
            field(node, "type"),
            field(node, "parameters"),
            block,
        ):
            if part is not None:
                body.walk(part)
        title = self.text(name)
        annotations = self._annotations(node)
        words = self._modifiers(node)
        lines = closing_line(node) | (counted_lines(block) if block is not None else set())
        cases, subtests = parametrised(self.source, modifiers)
        first = self.first.get(node.id, node)
        end = span_of(block) if block is not None else _end_of(node)
        expected = tuple(
            Assertion("raises", "", match.group(1), "", span_of(node))
            for a in annotations
            if (
                match := re.match(
                    r"Test\s*\(.*?expected(?:Exceptions)?\s*=\s*\{?\s*([\w.]+)\.class", a, re.DOTALL
                )
            )
        )
        self.functions.append(
            Function(
                name=title,
                qualified_name=title if not owner or owner == self.main else f"{owner}.{title}",
                owner=owner,
                parameters=self._parameters(_parameter_list(node)),
                span=span_of(first, node),
                name_span=span_of(name),
                body=end,
                text=self.source.lines(first.start_byte, node.end_byte),
                lines=tuple(sorted(lines)),
                calls=tuple(body.calls),
                names=body.names,
                members=tuple(body.members),
                binds=frozenset(body.binds),
                literals=tuple(body.literals),
                branches=tuple(body.branches),
                assertions=expected + tuple(body.assertions),
                raises=tuple(body.raises),
                return_lines=tuple(body.return_lines),
                decorators=annotations,
                return_type=self.text(field(node, "type")),
                is_static="static" in words,
                is_abstract=block is None and (in_interface or "abstract" in words),
                is_fixture=is_fixture(title, annotations),
                subtests=subtests,
                cases=cases,
                has_error=node.has_error or any(line in span_of(node) for line in self.blanked),
            )
        )

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        for parameter in operands(node):
            if parameter.type == "formal_parameter":
                name, kind = self.text(field(parameter, "name")), self.text(field(parameter, "type"))
                found.append(Parameter(name, "positional", False, kind))
            elif parameter.type == "spread_parameter":
                inner = [c for c in operands(parameter) if c.type != "modifiers"]
                if len(inner) >= 2:
                    name = self.text(field(inner[-1], "name")) or self.text(inner[-1])
                    found.append(Parameter(name, "rest", True, self.text(inner[0]) + "..."))
        return tuple(found)

    def _annotations(self, node: Node) -> tuple[str, ...]:
        modifiers = next((c for c in operands(node) if c.type == "modifiers"), None)
        return tuple(self.text(c)[1:] for c in operands(modifiers) if c.type.endswith("annotation"))

    def _modifiers(self, node: Node) -> set[str]:
        modifiers = next((c for c in operands(node) if c.type == "modifiers"), None)
        return {c.type for c in modifiers.children} if modifiers is not None else set()

    def _closed_classes(self) -> tuple[Class, ...]:
        """Classes with their methods; open where a base outside this file may bring members."""
        found = []
        by_name = {c.name: c for c in self.classes}
        by_owner: dict[str, list[str]] = {}
        for function in self.functions:
            by_owner.setdefault(function.owner, []).append(function.qualified_name)
        for item in self.classes:
            methods = tuple(by_owner.get(item.qualified_name, ()))
            is_open, seen, todo = item.open_members, set[str](), list(item.bases)
            while todo:
                base = re.split(r"[<\s]", todo.pop())[0].rpartition(".")[2]
                if base in seen or base in _BARE_INTERFACES:
                    continue
                seen.add(base)
                known = by_name.get(base)
                if known is None or len(seen) > _MOST_BASES:
                    is_open = True
                else:
                    is_open |= known.open_members
                    todo.extend(known.bases)
                if is_open:
                    break
            found.append(replace(item, methods=methods, open_members=is_open))
        return tuple(found)


def _parameter_list(node: Node) -> Node | None:
    """A method's parameters; those of a record's compact constructor are the record's components."""
    if node.type == "compact_constructor_declaration":
        record = node.parent.parent if node.parent is not None else None
        return field(record, "parameters") if record is not None else None
    return field(node, "parameters")


def _end_of(node: Node) -> Span:
    """The empty span at the end of a node: the body of what has none."""
    line, column = node.end_point[0] + 1, node.end_point[1]
    return Span(line, column, line, column, node.end_byte, node.end_byte)
