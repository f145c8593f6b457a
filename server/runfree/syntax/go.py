"""Go text -> `SourceFile`: functions, methods, tests, types and imports, by tree-sitter.

Names are those of the language: `F` for functions, `T.f` for methods (of `T` and `*T` alike), `TestX` for
tests, also for the methods of a testify suite (their `owner` is the suite). Methods of a type may live in
other files of its package too: `Class.open_members` speaks of embedded types only. Coverage lines are the
start lines of statements in function bodies, which is what `go test -cover` counts.
"""

from __future__ import annotations

import re
from typing import Literal

import tree_sitter_go
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from runfree.syntax.go_body import Body
from runfree.syntax.go_literals import Table, table_of
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
from runfree.syntax.repair import go_declarations, repaired
from runfree.syntax.tree import Call, Class, Function, Import, LiteralValue, Parameter, SourceFile, Span

_BUILTINS = (
    "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 "
    "rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close "
    "complex copy delete imag len make max min new panic print println real recover "
)
PREDECLARED: frozenset[str] = frozenset(_BUILTINS.split())

_GRAMMAR = Grammar(tree_sitter_go.language())
_TEST_NAME = re.compile(r"^Test($|[^a-z])")
_FIXTURES = frozenset(
    {
        "TestMain",
        "SetupSuite",
        "SetupTest",
        "SetupSubTest",
        "BeforeTest",
        "AfterTest",
        "TearDownSuite",
        "TearDownTest",
        "TearDownSubTest",
        "SetUpSuite",
        "SetUpTest",
    }
)


def parse(text: str) -> SourceFile:
    """The picture of a Go file, or of a fragment without a package clause.

    Raises:
        RunfreeError: the code is nested too deeply to be read.
    """
    return _Reader(text).read()


class _Reader:
    """Reads the top level of one file."""

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
        self.tables: dict[str, Table] = {}

    def read(self) -> SourceFile:
        parser = Parser(_GRAMMAR)
        root = parsed(parser, self.source.data)
        root, self.blanked = repaired(parser, self.source.data, root, go_declarations)
        package = ""
        later: list[Node] = []
        # Inside an ERROR node whole declarations often survive: they are read as if at top level.
        declarations = [d for c in operands(root) for d in (operands(c) if c.is_error else [c])]
        for group in (root, *(c for c in root.children if c.is_error)):
            self.first.update(first_comments(group.children))
        for node in declarations:
            if node.type == "package_clause":
                package = self.text(operands(node)[0]) if operands(node) else ""
            elif node.type == "import_declaration":
                self._import_declaration(node)
            elif node.type in {"var_declaration", "const_declaration"}:
                self._values(node)
            elif node.type in {"type_declaration", "function_declaration", "method_declaration"}:
                later.append(node)
        for node in later:  # tables of the package must be known first
            if node.type == "type_declaration":
                self._types(node)
            else:
                self._function(node)
        self._link_methods()
        functions = tuple(sorted(self.functions, key=lambda f: f.span.start_byte))
        return SourceFile(
            language="go",
            text=self.file_text,
            functions=functions,
            tests=tuple(f for f in functions if _is_test(f)),
            classes=tuple(self.classes),
            imports=tuple(self.imports),
            module_names=frozenset(self.names - {"_"}),
            module_lines=tuple(sorted(self.lines)),
            module_literals=tuple(self.literals),
            package=package,
            error_lines=tuple(sorted({*error_lines(root), *self.blanked})),
            module_calls=tuple(self.calls),
        )

    def _import_declaration(self, node: Node) -> None:
        specs = [s for c in operands(node) for s in (operands(c) if c.type == "import_spec_list" else [c])]
        for spec in specs:
            path, alias = field(spec, "path"), field(spec, "name")
            if spec.type != "import_spec" or path is None:
                continue
            module = self.text(path).strip('"`')
            name, binds = "", package_name(module)
            if alias is not None:
                if alias.type == "dot":
                    name, binds = "*", ""
                else:
                    binds = "" if self.text(alias) == "_" else self.text(alias)
            self.imports.append(Import(module, name, binds, span_of(spec)))
            if binds:
                self.names.add(binds)

    def _values(self, node: Node) -> None:
        """Package-level variables and constants; initialisers run on load."""
        body = Body(self.source, {})
        for spec in operands(node):
            for inner in operands(spec) if spec.type == "var_spec_list" else [spec]:
                value = field(inner, "value")
                names = [self.text(n) for n in inner.children_by_field_name("name")]
                self.names.update(names)
                if value is None:
                    continue
                if node.type == "var_declaration":
                    self.lines.add(line_of(inner))
                body.walk(value)
                for name, expression in zip(names, operands(value), strict=False):
                    table = table_of(self.source, expression)
                    if table is not None:
                        self.tables[name] = table
        self.literals.extend(body.literals)
        self.calls.extend(body.calls)

    def _types(self, node: Node) -> None:
        for spec in operands(node):
            name, type_node = field(spec, "name"), field(spec, "type")
            if name is None or type_node is None:
                continue
            title = self.text(name)
            self.names.add(title)
            kind: Literal["struct", "interface", "alias"] = "alias"
            fields: frozenset[str] = frozenset()
            bases: tuple[str, ...] = ()
            if type_node.type == "struct_type":
                kind = "struct"
                fields, bases = self._struct(type_node)
            elif type_node.type == "interface_type":
                kind = "interface"
                bases = tuple(self.text(c) for c in operands(type_node) if c.type == "type_elem")
                for method in operands(type_node):
                    if method.type == "method_elem":
                        self._interface_method(method, title)
            else:
                bases = (self.text(type_node),)
            self.classes.append(Class(title, title, kind, bases, fields, (), span_of(spec), False))

    def _struct(self, node: Node) -> tuple[frozenset[str], tuple[str, ...]]:
        """(field names, embedded types) of a struct."""
        fields: set[str] = set()
        bases: list[str] = []
        for group in operands(node):
            for declaration in operands(group):
                names = [self.text(n) for n in declaration.children_by_field_name("name")]
                fields.update(names)
                if not names and declaration.type == "field_declaration":
                    base = self.text(field(declaration, "type"))
                    bases.append(base)
                    fields.add(base.partition("[")[0].split(".")[-1])
        return frozenset(fields), tuple(bases)

    def _interface_method(self, node: Node, owner: str) -> None:
        name, parameters = field(node, "name"), field(node, "parameters")
        if name is None:
            return
        end = Span(node.end_point[0] + 1, node.end_point[1], node.end_point[0] + 1, node.end_point[1])
        self._add(
            node, name, owner, self._parameters(parameters), Body(self.source, {}), end, is_abstract=True
        )

    def _function(self, node: Node) -> None:
        name, block = field(node, "name"), field(node, "body")
        if name is None:
            return
        receiver = field(node, "receiver")
        owner = ""
        asserters: set[str] = set()
        body = Body(self.source, self.tables)
        for declaration in operands(receiver):
            owner = _receiver_type(self.text(field(declaration, "type")))
            asserters = {self.text(n) for n in declaration.children_by_field_name("name")}
        parameters = self._parameters(field(node, "parameters"))
        if owner and not parameters and self.text(name).startswith(("Test", "test")):
            body = Body(self.source, self.tables, asserters=asserters)  # a suite: s.Equal(...)
        body.bind_type_arguments(receiver)
        for part in (
            field(node, "type_parameters"),
            receiver,
            field(node, "parameters"),
            field(node, "result"),
            block,
        ):
            if part is not None:
                body.walk(part)
        end = span_of(block) if block is not None else _end_of(node)
        self._add(node, name, owner, parameters, body, end)
        if not owner:
            self.names.add(self.text(name))

    def _add(
        self,
        node: Node,
        name: Node,
        owner: str,
        parameters: tuple[Parameter, ...],
        body: Body,
        body_span: Span,
        is_abstract: bool = False,
    ) -> None:
        title = self.text(name)
        suite_test = bool(owner) and _TEST_NAME.match(title) is not None and not parameters
        first = self.first.get(node.id, node)
        self.functions.append(
            Function(
                name=title,
                qualified_name=f"{owner}.{title}" if owner and not suite_test else title,
                owner=owner,
                parameters=parameters,
                span=span_of(first, node),
                name_span=span_of(name),
                body=body_span,
                text=self.source.lines(first.start_byte, node.end_byte),
                lines=tuple(sorted(body.lines)),
                calls=tuple(body.calls),
                names=body.names,
                members=tuple(body.members),
                binds=frozenset(body.binds),
                literals=tuple(body.literals),
                branches=tuple(body.branches),
                assertions=tuple(body.assertions),
                raises=tuple(body.raises),
                return_lines=tuple(body.return_lines),
                decorators=(),
                return_type=self.text(field(node, "result")),
                is_abstract=is_abstract,
                is_fixture=title in _FIXTURES and (bool(owner) or title == "TestMain"),
                subtests=tuple(body.subtests),
                cases=body.cases,
                has_error=node.has_error or any(line in span_of(node) for line in self.blanked),
            )
        )

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        for declaration in operands(node):
            variadic = declaration.type == "variadic_parameter_declaration"
            type_text = self.text(field(declaration, "type"))
            names = [self.text(n) for n in declaration.children_by_field_name("name")] or [""]
            found.extend(
                Parameter(
                    n, "rest" if variadic else "positional", variadic, ("..." if variadic else "") + type_text
                )
                for n in names
            )
        return tuple(found)

    def _link_methods(self) -> None:
        """Gives each type its methods, and says whether embedded types hide members."""
        local = {c.name for c in self.classes}
        by_owner: dict[str, list[str]] = {}
        for function in self.functions:
            by_owner.setdefault(function.owner, []).append(function.qualified_name)
        linked = []
        for item in self.classes:
            methods = tuple(by_owner.get(item.name, ()))
            inherits = item.kind != "alias" or item.bases[0][:1].isupper() or "." in item.bases[0]
            is_open = inherits and any(_receiver_type(b) not in local for b in item.bases)
            linked.append(
                Class(item.name, item.name, item.kind, item.bases, item.fields, methods, item.span, is_open)
            )
        self.classes = linked


def package_name(path: str) -> str:
    """The name an import path most likely binds: its last part without version and `go-`/`-go` affixes."""
    parts = [p for p in path.split("/") if p]
    if len(parts) > 1 and re.fullmatch(r"v\d+", parts[-1]):
        parts.pop()
    name = re.sub(r"\.v\d+$", "", parts[-1]) if parts else ""
    name = re.sub(r"^go[-.]|[-.]go$", "", name)
    return name.split("-")[-1] if "-" in name else name


def _is_test(function: Function) -> bool:
    """Whether `go test` (or a testify suite) runs the function as a test."""
    if not _TEST_NAME.match(function.name) or function.is_abstract:
        return False
    if function.owner:
        return not function.parameters and not function.return_type and not function.is_fixture
    return (
        len(function.parameters) == 1
        and re.fullmatch(r"\*\s*(\w+\.)?T", function.parameters[0].type) is not None
    )


def _receiver_type(text: str) -> str:
    """`*Stack[T]` -> `Stack`."""
    return text.strip().lstrip("*").strip().partition("[")[0].strip()


def _end_of(node: Node) -> Span:
    """The empty span at the end of a node: the body of what has none."""
    line, column = node.end_point[0] + 1, node.end_point[1]
    return Span(line, column, line, column, node.end_byte, node.end_byte)
