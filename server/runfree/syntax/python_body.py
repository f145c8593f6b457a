"""Reads one Python function body, class body or module level in one iterative walk of its syntax tree."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

from runfree.errors import RunfreeError
from runfree.syntax.python_asserts import read_assert, read_call_assertion
from runfree.syntax.tree import (
    Assertion,
    Branch,
    BranchKind,
    Call,
    Import,
    LiteralKind,
    LiteralValue,
    Member,
    Name,
    Raise,
    Span,
)

# Longer texts than this say nothing more about an argument, a condition or a receiver.
MAX_TEXT = 2_000

# coverage.py's default exclusions (`coverage.config.DEFAULT_EXCLUDE`), line by line and only for lines of written
# length: over a whole hostile text the original patterns take quadratic time.
_EXCLUDED = re.compile(
    r"#\s*(?:pragma|PRAGMA)[:\s]?\s*(?:no|NO)\s*(?:cover|COVER)|^\s*if (?:typing\.)?TYPE_CHECKING:"
)
_ELLIPSIS = re.compile(r"^\s*(?:(?:(?:async )?def .*?)?[\])]+(?:\s*->.*?)?:\s*)?\.\.\.\s*(?:#|$)")
_HEADER = re.compile(r"^\s*(?:(?:async )?def .*?)?[\])]+(?:\s*->.*?)?:\s*$")
_MAX_LINE = 500

_STATEMENTS = frozenset(
    {
        "assert_statement",
        "break_statement",
        "class_definition",
        "continue_statement",
        "decorator",
        "delete_statement",
        "exec_statement",
        "expression_statement",
        "for_statement",
        "function_definition",
        "future_import_statement",
        "if_statement",
        "import_from_statement",
        "import_statement",
        "match_statement",
        "pass_statement",
        "print_statement",
        "raise_statement",
        "return_statement",
        "try_statement",
        "type_alias_statement",
        "while_statement",
        "with_statement",
        # Not statements in the grammar, but lines that coverage.py counts:
        "case_clause",
        "elif_clause",
        "except_clause",
    }
)
_ENDS_BLOCK = frozenset({"return_statement", "raise_statement", "break_statement", "continue_statement"})
_COLLECTIONS = frozenset({"list", "dictionary", "set", "tuple"})


def span_of(node: Node) -> Span:
    """The place of a node: lines from 1, byte columns from 0."""
    start, end = node.start_point, node.end_point
    return Span(start[0] + 1, start[1], end[0] + 1, end[1], node.start_byte, node.end_byte)


def is_excluded(source: Source, outer: Node, node: Node) -> bool:
    """Whether a definition's header (decorators to the colon, or its `...` body) is left out of coverage."""
    if not source.excluded:
        return False
    body = node.child_by_field_name("body")
    last = body.start_point[0] if body is not None else node.start_point[0]
    inline = body is not None and body.named_child_count == 1
    return any(line in source.excluded for line in range(outer.start_point[0] + 1, last + 1 + inline))


class Source:
    """The bytes of a file, and a budget of text to be copied out of them.

    Nested expressions repeat each other's text (`f(f(f(...)))`), which is quadratic in a hostile file: the
    budget of 60 times the file is never met by written code.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.budget = 60 * len(data) + 100_000
        self.excluded = self._excluded_lines()

    def text(self, node: Node, limit: int = MAX_TEXT) -> str:
        """Source text of a node, cut to `limit` bytes."""
        start, end = node.start_byte, node.end_byte
        if end - start > limit:
            end = start + limit
        self.budget -= end - start
        if self.budget < 0:
            raise RunfreeError("the code is nested too deeply to be read")
        return self.data[start:end].decode("utf-8", "replace")

    def _excluded_lines(self) -> frozenset[int]:
        if b"..." not in self.data and b"TYPE_CHECKING" not in self.data and b"over" not in self.data.lower():
            return frozenset()
        lines: set[int] = set()
        header = 0
        for number, data in enumerate(self.data.split(b"\n"), 1):
            if not data.strip() or len(data) > _MAX_LINE:
                continue
            text = data.decode("utf-8", "replace")
            if "..." in text and _ELLIPSIS.match(text):
                lines.add(number)
                if header and text.lstrip().startswith("..."):
                    lines.add(header)
            elif ("over" in text.lower() or "TYPE_CHECKING" in text) and _EXCLUDED.search(text):
                lines.add(number)
            header = number if text.rstrip().endswith(":") and _HEADER.match(text) else 0
        return frozenset(lines)


class Body:
    """Collects what `Function` and `SourceFile` say about a stretch of code.

    With `definitions` given, function and class definitions met on the way are put there instead of
    being walked into (module and class level); without it they belong to the code that is read.
    """

    def __init__(self, source: Source, definitions: list[Node] | None = None) -> None:
        self.source = source
        self.definitions = definitions
        self.lines: set[int] = set()
        self.calls: list[Call] = []
        self.reads: list[Name] = []
        self.members: list[Member] = []
        self.binds: set[str] = set()
        self.globals: set[str] = set()
        self.fields: set[str] = set()
        self.literals: list[LiteralValue] = []
        self.branches: list[Branch] = []
        self.assertions: list[Assertion] = []
        self.raises: list[Raise] = []
        self.return_lines: list[int] = []
        self.imports: list[Import] = []
        self._stack: list[tuple[Node, int]] = []
        self._uncounted: set[int] = set()  # lines excluded from coverage, or dead
        self._docstrings: set[int] = set()  # start bytes of docstring statements
        self._loop_elses: set[int] = set()  # start bytes of the else clauses of loops

    def walk(self, nodes: Iterable[Node]) -> None:
        """Reads the nodes and all below them, in order of place."""
        stack = self._stack
        statements = _STATEMENTS
        handlers = _HANDLERS
        stack.extend((node, 0) for node in reversed(list(nodes)))
        while stack:
            node, depth = stack.pop()
            kind = node.type
            if kind == "identifier":
                self.reads.append(Name(self.source.text(node), span_of(node)))
                continue
            if kind in statements:
                line = node.start_point[0] + 1
                if line in self.source.excluded or (
                    kind == "function_definition" and is_excluded(self.source, node, node)
                ):
                    self._skip_lines(node)
                else:
                    self.lines.add(line)
            handler = handlers.get(kind)
            if handler is not None:
                handler(self, node, depth)
            else:
                stack.extend([(child, depth) for child in reversed(node.named_children)])

    def unbound(self) -> tuple[Name, ...]:
        """Identifiers read that are not bound here, in order of place."""
        binds = self.binds
        return tuple(name for name in self.reads if name.text not in binds)

    def executable_lines(self) -> tuple[int, ...]:
        """Lines a coverage tool counts, ascending."""
        return tuple(sorted(self.lines - self._uncounted))

    def counts(self, node: Node) -> bool:
        """Whether coverage counts what starts there: no excluded or dead block holds it."""
        return node.start_point[0] + 1 not in self._uncounted

    def bind(self, node: Node | None, depth: int = 0) -> None:
        """Takes an assignment target: its names are bound, what it reads (`x` in `x.y = 1`) is read."""
        targets = [] if node is None else [node]
        while targets:
            target = targets.pop()
            kind = target.type
            if kind == "identifier":
                self.binds.add(self.source.text(target))
            elif kind == "attribute":
                owner = target.child_by_field_name("object")
                name = target.child_by_field_name("attribute")
                if owner is not None and name is not None:
                    if owner.type == "identifier" and self.source.text(owner) in ("self", "cls"):
                        self.fields.add(self.source.text(name))
                    self._stack.append((owner, depth))
            elif kind in ("subscript", "call") or kind == "type":
                self._stack.append((target, depth))
            else:
                targets.extend(target.named_children)

    # Handlers, one per node type: each takes what it needs and pushes what is left to be read.

    def _push(self, nodes: Iterable[Node | None], depth: int) -> None:
        self._stack.extend([(node, depth) for node in reversed(list(nodes)) if node is not None])

    def _skip_lines(self, node: Node) -> None:
        # coverage.py leaves out the whole suite below an excluded header, not the elif / else next to it.
        last = node.end_point[0] + 1
        if node.type in ("if_statement", "for_statement", "while_statement", "try_statement"):
            body = node.child_by_field_name("consequence") or node.child_by_field_name("body")
            last = body.end_point[0] + 1 if body is not None else node.start_point[0] + 1
        self._uncounted.update(range(node.start_point[0] + 1, last + 1))

    def _block(self, node: Node, depth: int) -> None:
        children = node.named_children
        self._push(children, depth)
        self._drop_dead(children)

    def _drop_dead(self, children: list[Node]) -> None:
        # The compiler drops what follows a return or raise in its block, so coverage.py never sees it.
        ended = 0
        for child in children:
            if ended and child.start_point[0] + 1 > ended:
                self._uncounted.update(range(child.start_point[0] + 1, child.end_point[0] + 2))
            elif child.type in _ENDS_BLOCK:
                ended = child.end_point[0] + 1

    def _definition(self, node: Node, depth: int) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self.binds.add(self.source.text(name))
        if self.definitions is not None:
            self.definitions.append(node)
            return
        body = node.child_by_field_name("body")
        if node.type == "class_definition":
            self._push([node.child_by_field_name("superclasses"), body], depth)
        else:
            self._push([node.child_by_field_name("parameters"), body], depth)
        if body is not None:
            self.skip_docstring(body)
        self._push([child for child in node.named_children if child.type == "ERROR"], depth)

    def skip_docstring(self, body: Node) -> None:
        """Leaves the docstring of a module, class or function out of the executable lines and literals."""
        first = next((child for child in body.named_children if child.type != "comment"), None)
        if first is not None and first.type == "expression_statement" and first.named_child_count == 1:
            string = first.named_children[0]
            prefix = (
                self.source.data[string.start_byte : string.start_byte + 2]
                .lower()
                .split(b'"')[0]
                .split(b"'")[0]
            )
            if string.type in ("string", "concatenated_string") and not set(b"fbt") & set(prefix):
                self._docstrings.add(first.start_byte)

    def _decorated(self, node: Node, depth: int) -> None:
        definition = node.child_by_field_name("definition")
        name = definition.child_by_field_name("name") if definition is not None else None
        if definition is not None and is_excluded(self.source, node, definition):
            self._skip_lines(node)
        if self.definitions is None:
            self._push(node.named_children, depth)
            return
        if name is not None:
            self.binds.add(self.source.text(name))
        self.lines.update(
            child.start_point[0] + 1 for child in node.named_children if child.type != "comment"
        )
        self.definitions.append(node)

    def _expression_statement(self, node: Node, depth: int) -> None:
        if node.start_byte in self._docstrings or (self.definitions is None and _only_declares(node)):
            self.lines.discard(node.start_point[0] + 1)
        if node.start_byte not in self._docstrings:
            self._push(node.named_children, depth)

    def _parameters(self, node: Node, depth: int) -> None:
        for child in reversed(node.named_children):
            self._parameter(child, depth)

    def _parameter(self, node: Node, depth: int) -> None:
        kind = node.type
        if kind in ("default_parameter", "typed_default_parameter"):
            self.bind(node.child_by_field_name("name"), depth)
            self._push([node.child_by_field_name("type"), node.child_by_field_name("value")], depth)
        elif kind == "typed_parameter":
            self.bind(node.named_children[0] if node.named_children else None, depth)
            self._push([node.child_by_field_name("type")], depth)
        elif kind in ("positional_separator", "keyword_separator"):
            return
        else:
            self.bind(node, depth)

    def _lambda(self, node: Node, depth: int) -> None:
        self._push([node.child_by_field_name("parameters"), node.child_by_field_name("body")], depth)

    def _assignment(self, node: Node, depth: int) -> None:
        # Annotations of a function's variables are never evaluated, those of modules and classes are.
        annotation = node.child_by_field_name("type") if self.definitions is not None else None
        self._push([annotation, node.child_by_field_name("right")], depth)
        self.bind(node.child_by_field_name("left"), depth)

    def _augmented(self, node: Node, depth: int) -> None:
        self._assignment(node, depth)
        left = node.child_by_field_name("left")
        if left is not None and left.type == "identifier":
            self.reads.append(Name(self.source.text(left), span_of(left)))

    def _named_expression(self, node: Node, depth: int) -> None:
        self._push([node.child_by_field_name("value")], depth)
        self.bind(node.child_by_field_name("name"), depth)

    def _comprehension_for(self, node: Node, depth: int) -> None:
        self._push([node.child_by_field_name("right")], depth)
        self.bind(node.child_by_field_name("left"), depth)

    def _as_pattern(self, node: Node, depth: int) -> None:
        alias = node.child_by_field_name("alias")
        self.bind(alias, depth)
        self._push([child for child in node.named_children if child != alias], depth)

    def _global(self, node: Node, depth: int) -> None:
        names = {self.source.text(child) for child in node.named_children}
        if node.type == "global_statement":
            self.globals |= names

    def _type_alias(self, node: Node, depth: int) -> None:
        left = node.child_by_field_name("left")
        names = [left] if left is not None else []
        while names:
            name = names.pop()
            if name.type == "identifier":
                self.binds.add(self.source.text(name))
            names.extend(name.named_children)
        self._push([node.child_by_field_name("right")], depth)

    def _type_parameters(self, node: Node, depth: int) -> None:
        for child in node.named_children:
            inner = child
            while inner.named_children and inner.type != "identifier":
                inner = inner.named_children[0]
            if inner.type == "identifier":
                self.binds.add(self.source.text(inner))

    def _import(self, node: Node, depth: int) -> None:
        imports = read_import(self.source, node)
        self.imports.extend(imports)
        self.binds.update(item.binds for item in imports if item.binds)

    def _attribute(self, node: Node, depth: int) -> None:
        owner = node.child_by_field_name("object")
        name = node.child_by_field_name("attribute")
        if owner is None or name is None:
            return
        self.members.append(Member(self.source.text(owner), self.source.text(name), span_of(name)))
        self._stack.append((owner, depth))

    def _call(self, node: Node, depth: int) -> None:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        call = self._read_call(node, function, arguments)
        self.calls.append(call)
        assertion = read_call_assertion(call)
        if assertion is not None:
            self.assertions.append(assertion)
        if arguments is not None and arguments.type == "argument_list":
            for child in reversed(arguments.named_children):
                if child.type == "keyword_argument":
                    self._push([child.child_by_field_name("value")], depth)
                else:
                    self._stack.append((child, depth))
        elif arguments is not None:
            self._stack.append((arguments, depth))
        if function is not None:
            self._stack.append((function, depth))

    def _read_call(self, node: Node, function: Node | None, arguments: Node | None) -> Call:
        text = self.source.text
        name = receiver = ""
        if function is not None and function.type == "identifier":
            name = text(function)
        elif function is not None and function.type == "attribute":
            owner = function.child_by_field_name("object")
            attribute = function.child_by_field_name("attribute")
            name = text(attribute) if attribute is not None else ""
            receiver = text(owner) if owner is not None else ""
        elif function is not None:
            receiver = text(function)
        positional, spread = 0, False
        keywords: list[str] = []
        texts: list[str] = []
        if arguments is not None and arguments.type == "argument_list":
            for child in arguments.named_children:
                kind = child.type
                if kind == "comment":
                    continue
                texts.append(text(child))
                if kind == "keyword_argument":
                    key = child.child_by_field_name("name")
                    keywords.append(text(key) if key is not None else "")
                elif kind in ("list_splat", "dictionary_splat") or kind == "ERROR":
                    spread = True
                else:
                    positional += 1
        elif arguments is not None:
            texts.append(text(arguments))
            positional = 1
        constructor = len(name) > 1 and name[0].isupper() and not name.isupper()
        return Call(
            name, receiver, positional, tuple(keywords), spread, tuple(texts), span_of(node), constructor
        )

    def _keyword_argument(self, node: Node, depth: int) -> None:
        self._push([node.child_by_field_name("value")], depth)

    def _string(self, node: Node, depth: int) -> None:
        parts = node.named_children
        value = "".join(self.source.text(p) for p in parts if p.type == "string_content")
        interpolations = [p for p in parts if p.type == "interpolation"]
        self._literal("string", node, "" if interpolations else value)
        self._push(interpolations, depth)

    def _number(self, node: Node, depth: int) -> None:
        self._literal("number", node, self.source.text(node).replace("_", ""))

    def _unary(self, node: Node, depth: int) -> None:
        argument = node.child_by_field_name("argument")
        if argument is not None and argument.type in ("integer", "float"):
            self._literal("number", node, self.source.text(node).replace("_", "").replace(" ", ""))
        else:
            self._push(node.named_children, depth)

    def _boolean(self, node: Node, depth: int) -> None:
        self._literal("boolean", node, self.source.text(node))

    def _none(self, node: Node, depth: int) -> None:
        self._literal("null", node, "None")

    def _collection(self, node: Node, depth: int) -> None:
        self._literal("collection", node, "")
        self._push(node.named_children, depth)

    def _literal(self, kind: LiteralKind, node: Node, value: str) -> None:
        self.literals.append(LiteralValue(kind, self.source.text(node), value, node.start_point[0] + 1))

    def _branch(self, kind: BranchKind, condition: str, line: int, body: Node | None, depth: int) -> None:
        if body is not None:
            self.branches.append(Branch(kind, condition, line, span_of(body), depth))

    def _field_text(self, node: Node, field: str) -> tuple[str, int]:
        child = node.child_by_field_name(field)
        if child is None:
            return "", node.start_point[0] + 1
        return self.source.text(child), child.start_point[0] + 1

    def _if(self, node: Node, depth: int) -> None:
        condition, line = self._field_text(node, "condition")
        body = node.child_by_field_name("consequence")
        self._branch("elif" if node.type == "elif_clause" else "if", condition, line, body, depth)
        if condition in ("False", "0") and body is not None:
            self._uncounted.update(range(body.start_point[0] + 1, body.end_point[0] + 2))
        self._clauses(node, (body,), depth)

    def _clauses(self, node: Node, deeper: tuple[Node | None, ...], depth: int) -> None:
        loop = node.type in ("for_statement", "while_statement")
        for child in reversed(node.named_children):
            if loop and child.type == "else_clause":
                self._loop_elses.add(child.start_byte)
            self._stack.append((child, depth + 1 if child in deeper else depth))

    def _else(self, node: Node, depth: int) -> None:
        body = node.child_by_field_name("body")
        kind: BranchKind = "loop-else" if node.start_byte in self._loop_elses else "else"
        self._branch(kind, "", node.start_point[0] + 1, body, depth)
        if node.start_point[0] + 1 in self.source.excluded:
            self._skip_lines(node)
        self._clauses(node, (body,), depth)

    def _for(self, node: Node, depth: int) -> None:
        left, line = self._field_text(node, "left")
        right, _ = self._field_text(node, "right")
        body = node.child_by_field_name("body")
        self._branch("for", f"{left} in {right}", line, body, depth)
        target = node.child_by_field_name("left")
        self._clauses(node, (body,), depth)
        # The target is the first named child, hence on top of the stack: it is bound, not read.
        if target is not None and self._stack and self._stack[-1][0] == target:
            self._stack.pop()
        self.bind(target, depth)

    def _while(self, node: Node, depth: int) -> None:
        condition, line = self._field_text(node, "condition")
        body = node.child_by_field_name("body")
        self._branch("while", condition, line, body, depth)
        self._clauses(node, (body,), depth)

    def _try(self, node: Node, depth: int) -> None:
        body = node.child_by_field_name("body")
        self._branch("try", "", node.start_point[0] + 1, body, depth)
        self._clauses(node, (body,), depth)

    def _except(self, node: Node, depth: int) -> None:
        blocks = [child for child in node.named_children if child.type == "block"]
        value = node.child_by_field_name("value")
        condition = self.source.text(value) if value is not None else ""
        if value is not None and value.type == "as_pattern" and value.named_children:
            condition = self.source.text(value.named_children[0])
        self._branch("except", condition, node.start_point[0] + 1, blocks[0] if blocks else None, depth)
        self._clauses(node, tuple(blocks), depth)
        alias = node.child_by_field_name("alias")
        if alias is not None:
            self.bind(alias, depth)

    def _finally(self, node: Node, depth: int) -> None:
        blocks = [child for child in node.named_children if child.type == "block"]
        self._branch("finally", "", node.start_point[0] + 1, blocks[0] if blocks else None, depth)
        self._clauses(node, tuple(blocks), depth)

    def _with(self, node: Node, depth: int) -> None:
        body = node.child_by_field_name("body")
        clause = next((child for child in node.named_children if child.type == "with_clause"), None)
        condition = self.source.text(clause) if clause is not None else ""
        self._branch("with", condition, node.start_point[0] + 1, body, depth)
        self._clauses(node, (body,), depth)

    def _match(self, node: Node, depth: int) -> None:
        subject, line = self._field_text(node, "subject")
        self._branch("match", subject, line, node.child_by_field_name("body"), depth)
        self._clauses(node, (node.child_by_field_name("body"),), depth)

    def _case(self, node: Node, depth: int) -> None:
        patterns = [child for child in node.named_children if child.type == "case_pattern"]
        guard = node.child_by_field_name("guard")
        condition = ", ".join(self.source.text(pattern) for pattern in patterns)
        if guard is not None:
            condition = f"{condition} {self.source.text(guard)}"
        body = node.child_by_field_name("consequence")
        kind: BranchKind = "default" if condition == "_" else "case"
        self._branch(kind, "" if kind == "default" else condition, node.start_point[0] + 1, body, depth)
        self._clauses(node, (body,), depth)

    def _dotted_pattern(self, node: Node, depth: int) -> None:
        # In a pattern a bare name captures and a dotted name is read; classes are read by `_class_pattern`.
        parts = node.named_children
        if len(parts) == 1:
            self.bind(parts[0], depth)
        elif parts:
            self._push(parts[:1], depth)

    def _class_pattern(self, node: Node, depth: int) -> None:
        parts = node.named_children
        self._push([*(parts[0].named_children[:1] if parts else ()), *parts[1:]], depth)

    def _keyword_pattern(self, node: Node, depth: int) -> None:
        for child in reversed(node.named_children[1:]):
            if child.type == "identifier":
                self.bind(child, depth)
            else:
                self._stack.append((child, depth))

    def _splat_pattern(self, node: Node, depth: int) -> None:
        self.bind(node, depth)

    def _case_as_pattern(self, node: Node, depth: int) -> None:
        parts = node.named_children
        if parts and parts[-1].type == "identifier" and node.child_by_field_name("alias") is None:
            self.bind(parts[-1], depth)
            self._push(parts[:-1], depth)
        else:
            self._as_pattern(node, depth)

    def _ternary(self, node: Node, depth: int) -> None:
        parts = [child for child in node.named_children if child.type != "comment"]
        if len(parts) == 3:
            condition = parts[1]
            self._branch(
                "ternary", self.source.text(condition), condition.start_point[0] + 1, parts[0], depth
            )
        self._push(parts, depth)

    def _raise(self, node: Node, depth: int) -> None:
        parts = node.named_children
        name = message = ""
        if parts and parts[0].type == "call":
            function = parts[0].child_by_field_name("function")
            name = self.source.text(function) if function is not None else ""
            arguments = parts[0].child_by_field_name("arguments")
            message = self._first_string(arguments)
        elif parts:
            name = self.source.text(parts[0])
        self.raises.append(Raise(name, message, node.start_point[0] + 1))
        self._push(parts, depth)

    def _first_string(self, arguments: Node | None) -> str:
        for child in arguments.named_children if arguments is not None else ():
            strings = child.named_children if child.type == "concatenated_string" else [child]
            if all(string.type == "string" for string in strings):
                contents = [
                    c for string in strings for c in string.named_children if c.type == "string_content"
                ]
                return "".join(self.source.text(content) for content in contents)
        return ""

    def _return(self, node: Node, depth: int) -> None:
        self.return_lines.append(node.start_point[0] + 1)
        self._push(node.named_children, depth)

    def _assert(self, node: Node, depth: int) -> None:
        assertion = read_assert(self.source.text, node, span_of(node))
        if assertion is not None:
            self.assertions.append(assertion)
        self._push(node.named_children[:1], depth)  # the message is evaluated only when the check has failed


def _only_declares(node: Node) -> bool:
    """Whether a statement is `x: int` without a value, which runs nothing inside a function."""
    inner = node.named_children[0] if node.named_child_count == 1 else None
    if inner is None or inner.type != "assignment" or inner.child_by_field_name("right") is not None:
        return False
    left = inner.child_by_field_name("left")
    return left is not None and left.type == "identifier"


def read_import(source: Source, node: Node) -> list[Import]:
    """The imported names of one import statement."""
    module_node = node.child_by_field_name("module_name")
    future = node.type == "future_import_statement"
    module = "__future__" if future else source.text(module_node) if module_node is not None else ""
    imports: list[Import] = []
    for child in node.named_children:
        if child == module_node:
            continue
        name = alias = ""
        if child.type == "aliased_import":
            target, bound = child.child_by_field_name("name"), child.child_by_field_name("alias")
            name = source.text(target) if target is not None else ""
            alias = source.text(bound) if bound is not None else ""
        elif child.type == "dotted_name":
            name = source.text(child)
        elif child.type == "wildcard_import":
            imports.append(Import(module, "*", "", span_of(node)))
            continue
        else:
            continue
        if module_node is None and not future:
            imports.append(Import(name, "", alias or name.split(".")[0], span_of(node)))
        else:
            imports.append(Import(module, name, alias or name, span_of(node)))
    return imports


_HANDLERS = {
    "ERROR": Body._block,
    "as_pattern": Body._case_as_pattern,
    "assert_statement": Body._assert,
    "assignment": Body._assignment,
    "attribute": Body._attribute,
    "augmented_assignment": Body._augmented,
    "block": Body._block,
    "call": Body._call,
    "case_clause": Body._case,
    "class_definition": Body._definition,
    "class_pattern": Body._class_pattern,
    "conditional_expression": Body._ternary,
    "decorated_definition": Body._decorated,
    "dictionary": Body._collection,
    "dotted_name": Body._dotted_pattern,
    "elif_clause": Body._if,
    "else_clause": Body._else,
    "except_clause": Body._except,
    "expression_statement": Body._expression_statement,
    "false": Body._boolean,
    "finally_clause": Body._finally,
    "float": Body._number,
    "for_in_clause": Body._comprehension_for,
    "for_statement": Body._for,
    "function_definition": Body._definition,
    "future_import_statement": Body._import,
    "global_statement": Body._global,
    "if_statement": Body._if,
    "import_from_statement": Body._import,
    "import_statement": Body._import,
    "integer": Body._number,
    "keyword_argument": Body._keyword_argument,
    "keyword_pattern": Body._keyword_pattern,
    "lambda": Body._lambda,
    "lambda_parameters": Body._parameters,
    "list": Body._collection,
    "match_statement": Body._match,
    "named_expression": Body._named_expression,
    "none": Body._none,
    "nonlocal_statement": Body._global,
    "parameters": Body._parameters,
    "raise_statement": Body._raise,
    "return_statement": Body._return,
    "set": Body._collection,
    "splat_pattern": Body._splat_pattern,
    "string": Body._string,
    "true": Body._boolean,
    "try_statement": Body._try,
    "tuple": Body._collection,
    "type_alias_statement": Body._type_alias,
    "type_parameter": Body._type_parameters,
    "unary_operator": Body._unary,
    "while_statement": Body._while,
    "with_statement": Body._with,
}
