"""Python source -> `SourceFile`: pytest and unittest tests, fixtures, helpers, classes, imports."""

from __future__ import annotations

from collections.abc import Iterable

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from runfree.syntax.python_body import Body, Source, is_excluded, span_of
from runfree.syntax.recovery import recover
from runfree.syntax.tree import Class, Function, Import, Name, Parameter, SourceFile

_LANGUAGE = Language(tree_sitter_python.language())

# Classes nested deeper than this are not read: nobody writes them, and each level costs stack.
_MAX_NESTING = 40

_FIXTURE_NAMES = frozenset(
    {
        *(
            "setUp",
            "tearDown",
            "setUpClass",
            "tearDownClass",
            "asyncSetUp",
            "asyncTearDown",
            "setup",
            "teardown",
        ),
        *(
            "setUpModule",
            "tearDownModule",
            "setup_module",
            "teardown_module",
            "setup_class",
            "teardown_class",
        ),
        *("setup_method", "teardown_method", "setup_function", "teardown_function"),
    }
)
# Bases and decorators that add no members of their own to what the class body shows.
_CLOSED_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})
_CLOSED_DECORATORS = frozenset({"dataclass", "final", "runtime_checkable", "total_ordering"})
_OPENING_METHODS = frozenset({"__getattr__", "__getattribute__", "__class_getitem__"})


def parse(text: str) -> SourceFile:
    """The picture of a Python file; files with syntax errors give what can be read.

    Raises:
        RunfreeError: the code is nested too deeply to be read.
    """
    parser = Parser(_LANGUAGE)
    data = text.encode("utf-8", "replace")
    data, root, blanked = recover(parser, data, parser.parse(data).root_node)
    return _Reader(Source(data)).read(root, text, blanked)


class _Reader:
    """Reads one file: the module level first, then the definitions found there, down to methods."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.imports: list[Import] = []
        self.globals: set[str] = set()
        self.lines: set[int] = set()
        self.reads: list[Name] = []

    def read(self, root: Node, text: str, blanked: tuple[int, ...]) -> SourceFile:
        definitions: list[Node] = []
        body = Body(self.source, definitions)
        body.skip_docstring(root)
        body.walk(root.named_children)
        self._take(body, counted=True)
        for node in definitions:
            self._definition(node, "", 0, counted=body.counts(node))
        self.functions.sort(key=lambda f: f.span.start_byte)
        bound = body.binds | self.globals
        return SourceFile(
            language="python",
            text=text,
            functions=tuple(self.functions),
            tests=_tests(self.functions, self.classes),
            classes=tuple(sorted(self.classes, key=lambda c: c.span.start_byte)),
            imports=tuple(sorted(self.imports, key=lambda i: i.span.start_byte)),
            module_names=frozenset(bound),
            module_lines=tuple(sorted(self.lines)),
            module_literals=tuple(body.literals),
            package="",
            error_lines=_error_lines(root, blanked),
            module_reads=tuple(name for name in self.reads if name.text not in bound),
        )

    def _take(self, body: Body, counted: bool) -> None:
        self.imports += body.imports
        self.globals |= body.globals
        self.reads += body.unbound()
        if counted:
            self.lines.update(body.executable_lines())

    def _definition(self, outer: Node, owner: str, depth: int, counted: bool) -> Iterable[str]:
        """Reads a function or class; gives the names it sets on `self`."""
        inner, decorators = outer, []
        if outer.type == "decorated_definition":
            inner = outer.child_by_field_name("definition") or outer
            decorators = [child for child in outer.named_children if child.type == "decorator"]
        if inner.type == "function_definition":
            return self._function(outer, inner, decorators, owner, counted)
        if inner.type == "class_definition" and depth < _MAX_NESTING:
            self._class(outer, inner, decorators, owner, depth, counted)
        return ()

    def _class(
        self, outer: Node, node: Node, decorators: list[Node], owner: str, depth: int, counted: bool
    ) -> None:
        name_node, block = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name_node is None:
            return
        name = self.source.text(name_node)
        qualified = f"{owner}::{name}" if owner else name
        counted = counted and not is_excluded(self.source, outer, node)
        definitions: list[Node] = []
        body = Body(self.source, definitions)
        if block is not None:
            body.skip_docstring(block)
            body.walk([block, *(child for child in node.named_children if child.type == "ERROR")])
        self._take(body, counted)
        first = len(self.functions)
        set_on_self: set[str] = set()
        for child in definitions:
            set_on_self.update(self._definition(child, qualified, depth + 1, counted and body.counts(child)))
        methods = [f for f in self.functions[first:] if f.owner == qualified]
        method_names = {f.name for f in methods}
        bases, keywords = self._bases(node)
        decorator_texts = self._texts(decorators)
        slots = {v.value for v in body.literals if v.kind == "string"} if "__slots__" in body.binds else set()
        nested = body.binds - method_names
        self.classes.append(
            Class(
                name=name,
                qualified_name=qualified,
                kind="class",
                bases=tuple(bases),
                fields=frozenset(nested | set_on_self | slots),
                methods=tuple(f.qualified_name for f in methods),
                span=span_of(outer),
                open_members=(
                    bool(keywords)
                    or any(_last_name(base) not in _CLOSED_BASES for base in bases)
                    or any(_last_name(text) not in _CLOSED_DECORATORS for text in decorator_texts)
                    or bool(method_names & _OPENING_METHODS)
                    or any(_sets_attributes(f) for f in methods)
                ),
                decorators=decorator_texts,
            )
        )

    def _bases(self, node: Node) -> tuple[list[str], list[str]]:
        arguments = node.child_by_field_name("superclasses")
        children = arguments.named_children if arguments is not None else []
        bases = [self.source.text(c) for c in children if c.type not in ("keyword_argument", "comment")]
        keywords = [self.source.text(c) for c in children if c.type == "keyword_argument"]
        return bases, [text for text in keywords if "ABCMeta" not in text]

    def _texts(self, decorators: list[Node]) -> tuple[str, ...]:
        return tuple(self.source.text(node)[1:].strip() for node in decorators)

    def _function(
        self, outer: Node, node: Node, decorators: list[Node], owner: str, counted: bool
    ) -> Iterable[str]:
        name_node, block = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name_node is None:
            return ()
        name = self.source.text(name_node)
        outside = Body(self.source)
        outside.walk(decorators)
        head = Body(self.source)
        head.walk(_present(node, "type_parameters", "parameters", "return_type"))
        body = Body(self.source)
        if block is not None:
            body.skip_docstring(block)
            body.walk([block])
        body.walk([child for child in node.named_children if child.type == "ERROR"])
        self.imports += body.imports
        self.globals |= body.globals
        binds = (head.binds | body.binds) - body.globals
        inner_names = (n for n in head.reads + body.reads if n.text not in binds)
        counted = counted and not is_excluded(self.source, outer, node)
        decorator_texts = self._texts(decorators)
        last_names = {_last_name(text) for text in decorator_texts}
        return_type = node.child_by_field_name("return_type")
        self.functions.append(
            Function(
                name=name,
                qualified_name=f"{owner}::{name}" if owner else name,
                owner=owner,
                parameters=self._parameters(node),
                span=span_of(outer),
                name_span=span_of(name_node),
                body=span_of(block if block is not None else node),
                text=self.source.text(outer, len(self.source.data)),
                lines=body.executable_lines() if counted else (),
                calls=tuple(outside.calls + head.calls + body.calls),
                names=(*outside.unbound(), *inner_names),
                members=tuple(outside.members + head.members + body.members),
                binds=frozenset(binds),
                literals=tuple(outside.literals + head.literals + body.literals),
                branches=tuple(body.branches),
                assertions=tuple(body.assertions),
                raises=tuple(body.raises),
                return_lines=tuple(body.return_lines),
                decorators=decorator_texts,
                return_type=self.source.text(return_type) if return_type is not None else "",
                is_static="staticmethod" in last_names,
                is_async=bool(node.children) and node.children[0].type == "async",
                is_abstract=bool(last_names & {"abstractmethod", "abstractproperty"}),
                is_fixture="fixture" in last_names or name in _FIXTURE_NAMES,
                is_property=bool(last_names & {"property", "cached_property", "setter", "getter", "deleter"}),
                cases=self._cases(decorators),
                has_error=outer.has_error,
            )
        )
        return body.fields

    def _parameters(self, node: Node) -> tuple[Parameter, ...]:
        parameters: list[Parameter] = []
        text = self.source.text
        keyword_only = False
        holder = node.child_by_field_name("parameters")
        for child in holder.named_children if holder is not None else ():
            kind = child.type
            if kind == "keyword_separator":
                keyword_only = True
                continue
            name_node = child.child_by_field_name("name")
            if kind in ("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"):
                name_node = child.named_children[0] if child.named_children else None
                while name_node is not None and name_node.type in (
                    "list_splat_pattern",
                    "dictionary_splat_pattern",
                ):
                    kind = name_node.type
                    name_node = name_node.named_children[0] if name_node.named_children else None
            elif kind == "identifier":
                name_node = child
            if name_node is None:
                continue
            type_node = child.child_by_field_name("type")
            annotation = text(type_node) if type_node is not None else ""
            if kind == "list_splat_pattern":
                parameters.append(Parameter(text(name_node), "rest", True, annotation))
                keyword_only = True
            elif kind == "dictionary_splat_pattern":
                parameters.append(Parameter(text(name_node), "keywords", True, annotation))
            else:
                optional = child.child_by_field_name("value") is not None
                way = "keyword" if keyword_only else "positional"
                parameters.append(Parameter(text(name_node), way, optional, annotation))  # type: ignore[arg-type]
        return tuple(parameters)

    def _cases(self, decorators: list[Node]) -> int:
        """Product of the literal `parametrize` lists; 0 where one is not literal, or there is none."""
        product = 0
        for decorator in decorators:
            call = decorator.named_children[0] if decorator.named_children else None
            if call is None or call.type != "call":
                continue
            function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
            if (
                function is None
                or not self.source.text(function).endswith("parametrize")
                or arguments is None
            ):
                continue
            positional = [
                a for a in arguments.named_children if a.type not in ("keyword_argument", "comment")
            ]
            if len(positional) < 2 or positional[1].type not in ("list", "tuple", "set"):
                return 0
            items = [item for item in positional[1].named_children if item.type != "comment"]
            if any(item.type == "list_splat" for item in items):
                return 0
            product = max(product, 1) * len(items)
        return product


def _present(node: Node, *fields: str) -> list[Node]:
    children = (node.child_by_field_name(field) for field in fields)
    return [child for child in children if child is not None]


def _last_name(expression: str) -> str:
    """`fixture` of `pytest.fixture(scope="module")`, `Generic` of `Generic[T]`."""
    return expression.split("(", 1)[0].split("[", 1)[0].split(".")[-1].strip()


def _sets_attributes(function: Function) -> bool:
    if any(call.name == "setattr" and call.arguments[:1] == ("self",) for call in function.calls):
        return True
    return any(member.name == "__dict__" and member.receiver == "self" for member in function.members)


def _tests(functions: list[Function], classes: list[Class]) -> tuple[Function, ...]:
    test_classes = _test_classes(classes)
    return tuple(
        f
        for f in functions
        if f.name.startswith("test")
        and not f.is_fixture
        and not f.is_property
        and (not f.owner or f.owner in test_classes)
    )


def _test_classes(classes: list[Class]) -> set[str]:
    """Qualified names of the classes that pytest collects: `Test*`, and subclasses of a test case class."""
    found: set[str] = set()
    by_name = {cls.name: cls for cls in classes}
    for cls in classes:
        chain, seen = [cls], set()
        while chain:
            current = chain.pop()
            if current.qualified_name in seen:
                continue
            seen.add(current.qualified_name)
            if current.name.startswith("Test") or any("Test" in _last_name(base) for base in current.bases):
                found.add(cls.qualified_name)
                break
            chain.extend(by_name[name] for base in current.bases if (name := _last_name(base)) in by_name)
    return found


def _error_lines(root: Node, blanked: tuple[int, ...]) -> tuple[int, ...]:
    lines = set(blanked)
    pending = [root] if root.has_error else []
    while pending:
        node = pending.pop()
        if node.type == "ERROR" or node.is_missing:
            lines.add(node.start_point[0] + 1)
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return tuple(sorted(lines))
