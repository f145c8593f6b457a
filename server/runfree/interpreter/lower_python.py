"""Lowers a Python file to the intermediate form: statements; function bodies are lowered when first called."""

from __future__ import annotations

from functools import lru_cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from runfree.interpreter import ir
from runfree.interpreter.lower_python_expressions import ExpressionLowering
from runfree.interpreter.lower_python_patterns import lower_pattern

_LANGUAGE = Language(tree_sitter_python.language())
MAX_FILE_BYTES = 2_000_000


class PythonLowering(ExpressionLowering):
    """Statements of one file."""

    def block(self, node: Node | None) -> tuple[ir.Statement, ...]:
        """The statements of a block node."""
        result: list[ir.Statement] = []
        for child in node.named_children if node is not None else ():
            if child.type not in ("comment", "line_continuation"):
                self.statement(child, result)
        return tuple(result)

    def statement(self, node: Node, out: list[ir.Statement]) -> None:
        """Appends what a statement node lowers to."""
        place = self.place(node)
        kind = node.type
        if node.has_error and kind in ("ERROR", "expression_statement"):
            out.append(ir.Unsupported(*place, "syntax-error"))
            return
        method = getattr(self, "do_" + kind, None)
        if method is None:
            if kind.endswith("_statement") or kind == "ERROR":
                out.append(ir.Unsupported(*place, "syntax:" + kind))
            else:
                out.append(ir.Evaluate(*place, self.expression(node)))
            return
        method(node, place, out)

    def do_expression_statement(
        self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]
    ) -> None:
        children = self.named(node)
        if len(children) == 1:
            child = children[0]
            if child.type == "assignment":
                self.assignment(child, place, out)
                return
            if child.type == "augmented_assignment":
                target = self.target(self.field(child, "left"))
                op = self.text(self.field(child, "operator"))[:-1]
                out.append(ir.Augment(*place, target, op, self.expression(self.field(child, "right"))))
                return
            out.append(ir.Evaluate(*place, self.expression(child)))
            return
        out.append(ir.Evaluate(*place, ir.Sequence(*place, "tuple", tuple(map(self.expression, children)))))

    def assignment(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        annotation = node.child_by_field_name("type")
        right = node.child_by_field_name("right")
        if annotation is not None:
            value = self.expression(right) if right is not None else None
            target = self.target(self.field(node, "left"))
            names = self.annotation_names(annotation)
            out.append(ir.Annotate(*place, target, self.text(annotation), value, names))
            return
        targets = [self.field(node, "left")]
        while right is not None and right.type == "assignment":
            targets.append(self.field(right, "left"))
            right = right.child_by_field_name("right")
        if right is None:
            out.append(ir.Unsupported(*place, "syntax-error"))
            return
        value = self.expression(right)
        out.append(ir.Assign(*place, tuple(self.target(t) for t in targets), value))

    def do_return_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        values = self.named(node)
        out.append(ir.Return(*place, self.expression(values[0]) if values else None))

    def do_if_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        alternatives = node.children_by_field_name("alternative")
        orelse: tuple[ir.Statement, ...] = ()
        built: list[tuple[Node, ir.Expression, tuple[ir.Statement, ...]]] = []
        test = self.expression(self.field(node, "condition"))
        then = self.block(node.child_by_field_name("consequence"))
        for alternative in alternatives:
            if alternative.type == "elif_clause":
                inner = self.expression(self.field(alternative, "condition"))
                built.append((alternative, inner, self.block(alternative.child_by_field_name("consequence"))))
            else:
                orelse = self.block(alternative.child_by_field_name("body"))
        for clause, condition, body in reversed(built):
            orelse = (ir.If(*self.place(clause), condition, body, orelse),)
        out.append(ir.If(*place, test, then, orelse))

    def orelse(self, node: Node) -> tuple[ir.Statement, ...]:
        clause = node.child_by_field_name("alternative")
        return self.block(clause.child_by_field_name("body")) if clause is not None else ()

    def do_while_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        test = self.expression(self.field(node, "condition"))
        out.append(ir.While(*place, test, self.block(node.child_by_field_name("body")), self.orelse(node)))

    def do_for_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        if node.children[0].type == "async":
            out.append(ir.Unsupported(*place, "async-for"))
            return
        iterable = self.expression(self.field(node, "right"))
        target = self.target(self.field(node, "left"))
        body = self.block(node.child_by_field_name("body"))
        out.append(ir.For(*place, target, iterable, body, self.orelse(node)))

    def do_try_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        body = self.block(node.child_by_field_name("body"))
        handlers: list[ir.Handler] = []
        orelse: tuple[ir.Statement, ...] = ()
        final: tuple[ir.Statement, ...] = ()
        for child in self.named(node):
            if child.type == "except_clause":
                if any(c.type == "*" or c.type == "except*" for c in child.children):
                    out.append(ir.Unsupported(*place, "except-star"))
                    return
                handlers.append(self.handler(child))
            elif child.type == "except_group_clause":
                out.append(ir.Unsupported(*place, "except-star"))
                return
            elif child.type == "else_clause":
                orelse = self.block(child.child_by_field_name("body"))
            elif child.type == "finally_clause":
                final = self.block(self.named(child)[-1])
        out.append(ir.Try(*place, body, tuple(handlers), orelse, final))

    def handler(self, node: Node) -> ir.Handler:
        types: ir.Expression | None = None
        name = ""
        parts = self.named(node)
        values = [p for p in parts if p.type != "block"]
        if values:
            value = values[0]
            if value.type == "as_pattern":
                inner = self.named(value)
                types = self.expression(inner[0])
                name = self.text(inner[1])
                self.bind(name)
            else:
                types = self.expression(value)
                if len(values) > 1:
                    name = self.text(values[1])
                    self.bind(name)
        return ir.Handler(node.start_point.row + 1 + self.line_offset, types, name, self.block(parts[-1]))

    def do_with_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        if node.children[0].type == "async":
            out.append(ir.Unsupported(*place, "async-with"))
            return
        items: list[tuple[ir.Expression, ir.Expression | None]] = []
        clause = next(c for c in node.named_children if c.type == "with_clause")
        for item in self.named(clause):
            value = self.field(item, "value")
            pairs = [value]
            if value.type == "tuple" and any(c.type == "as_pattern" for c in value.named_children):
                pairs = self.named(value)
            for one in pairs:
                if one.type == "as_pattern":
                    inner = self.named(one)
                    manager = self.expression(inner[0])
                    goal = inner[1].named_children[0] if inner[1].named_children else inner[1]
                    items.append((manager, self.target(goal)))
                else:
                    items.append((self.expression(one), None))
        out.append(ir.With(*place, tuple(items), self.block(node.child_by_field_name("body"))))

    def do_raise_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        cause = node.child_by_field_name("cause")
        values = [n for n in self.named(node) if cause is None or n.id != cause.id]
        value = self.expression(values[0]) if values else None
        out.append(ir.Raise(*place, value, self.expression(cause) if cause is not None else None))

    def do_assert_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        parts = self.named(node)
        message = self.expression(parts[1]) if len(parts) > 1 else None
        out.append(ir.Assert(*place, self.expression(parts[0]), message))

    def do_pass_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        out.append(ir.Pass(*place))

    def do_break_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        out.append(ir.Break(*place))

    def do_continue_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        out.append(ir.Continue(*place))

    def do_delete_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        parts = self.named(node)
        if len(parts) == 1 and parts[0].type in ("expression_list", "tuple"):
            parts = self.named(parts[0])
        out.append(ir.Delete(*place, tuple(self.target(p) for p in parts)))

    def do_global_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        names = tuple(self.text(n) for n in self.named(node))
        self.scope.outer.update(names)
        out.append(ir.Scope(*place, node.type.split("_")[0], names))

    do_nonlocal_statement = do_global_statement

    def do_type_alias_statement(
        self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]
    ) -> None:
        name = self.text(self.field(node, "left"))
        if not name.isidentifier():
            # The grammar takes `type(x).y = z` for an alias.
            out.append(ir.Unsupported(*place, "syntax:type-alias"))
            return
        self.bind(name)
        out.append(ir.Assign(*place, (ir.Name(*place, name),), ir.Opaque(*place, "type-alias")))

    def do_import_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        for name in node.children_by_field_name("name"):
            if name.type == "aliased_import":
                module, binds = self.text(self.field(name, "name")), self.text(self.field(name, "alias"))
                out.append(ir.Import(*place, module, "", binds))
                self.bind(binds)
            else:
                module = self.text(name)
                self.bind(module.split(".")[0])
                out.append(ir.Import(*place, module, "", ""))

    def do_import_from_statement(
        self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]
    ) -> None:
        module = "".join(self.text(self.field(node, "module_name")).split())
        if any(c.type == "wildcard_import" for c in node.children):
            out.append(ir.Import(*place, module, "*", ""))
            return
        for name in node.children_by_field_name("name"):
            if name.type == "aliased_import":
                member, binds = self.text(self.field(name, "name")), self.text(self.field(name, "alias"))
            else:
                member = binds = self.text(name)
            self.bind(binds)
            out.append(ir.Import(*place, module, member, binds))

    def do_future_import_statement(
        self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]
    ) -> None:
        out.append(ir.Pass(*place))

    def do_match_statement(self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]) -> None:
        subjects = [self.expression(n) for n in node.children_by_field_name("subject")]
        subject = subjects[0] if len(subjects) == 1 else ir.Sequence(*place, "tuple", tuple(subjects))
        cases = []
        body = node.child_by_field_name("body")
        for clause in self.named(body) if body is not None else ():
            if clause.type != "case_clause":
                continue
            patterns = [c for c in clause.named_children if c.type == "case_pattern"]
            lowered = [lower_pattern(self, p) for p in patterns]
            pattern = lowered[0] if len(lowered) == 1 else ir.Pattern("sequence", items=tuple(lowered))
            guard = clause.child_by_field_name("guard")
            condition = self.expression(self.named(guard)[0]) if guard is not None else None
            then = self.block(clause.child_by_field_name("consequence"))
            cases.append(ir.Case(self.place(clause)[0], pattern, condition, then))
        out.append(ir.Match(*place, subject, tuple(cases)))

    def do_decorated_definition(
        self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]
    ) -> None:
        decorators = tuple(
            self.expression(self.named(c)[0]) for c in node.named_children if c.type == "decorator"
        )
        self.definition(self.field(node, "definition"), decorators, out)

    def do_function_definition(
        self, node: Node, place: tuple[int, int, int], out: list[ir.Statement]
    ) -> None:
        self.definition(node, (), out)

    do_class_definition = do_function_definition

    def definition(self, node: Node, decorators: tuple[ir.Expression, ...], out: list[ir.Statement]) -> None:
        name = self.identifier(self.field(node, "name"))
        self.bind(name)
        place = self.place(node)
        last = node.end_point.row + 1 + self.line_offset
        if node.type == "class_definition":
            bases: list[ir.Expression] = []
            keywords: list[ir.Argument] = []
            arguments = node.child_by_field_name("superclasses")
            for child in self.named(arguments) if arguments is not None else ():
                if child.type == "keyword_argument":
                    keywords.append(self.argument(child))
                else:
                    bases.append(self.expression(child))
            with self.new_scope():
                self.class_name = name
                body = self.block(node.child_by_field_name("body"))
            out.append(ir.ClassDef(*place, name, tuple(bases), tuple(keywords), body, decorators, last))
            return
        parameters = node.child_by_field_name("parameters")
        annotations = list(self.annotation_names(node.child_by_field_name("return_type")))
        for parameter in self.named(parameters) if parameters is not None else ():
            annotations += self.annotation_names(parameter.child_by_field_name("type"))
        out.append(
            ir.FunctionDef(
                *place,
                name,
                self.parameters(parameters),
                self.lazy_body(node.child_by_field_name("body")),
                decorators,
                is_async=node.children[0].type == "async",
                end_line=last,
                annotations=tuple(annotations),
            )
        )

    def lazy_body(self, node: Node | None) -> ir.Body:
        """A body that is lowered when first called."""
        class_name = self.class_name

        def load() -> tuple[tuple[ir.Statement, ...], frozenset[str], frozenset[str], bool]:
            with self.new_scope() as scope:
                self.class_name = class_name
                try:
                    statements = self.block(node)
                except RecursionError:
                    statements = (ir.Unsupported(*self.place(node), "nesting"),) if node is not None else ()
            return statements, frozenset(scope.bound - scope.outer), frozenset(scope.outer), scope.generator

        return ir.Body(load)


def lower(
    text: bytes, path: str = "", *, offset: int = 0, line_offset: int = 0, postponed: bool = False
) -> ir.Program:
    """Lowers a file, or a top-level stretch of one that starts at byte `offset` and 0-based line `line_offset`."""
    if len(text) > MAX_FILE_BYTES:
        return ir.Program(path, b"", (ir.Unsupported(1, 0, 0, "file-size"),), has_error=True)
    tree = Parser(_LANGUAGE).parse(text)
    lowering = PythonLowering(text, offset, line_offset)
    lowering.postponed = lowering.postponed or postponed
    try:
        body = lowering.block(tree.root_node)
    except RecursionError:
        body = (ir.Unsupported(1, 0, len(text), "nesting"),)
    return ir.Program(path, text, body, has_error=tree.root_node.has_error)


@lru_cache(maxsize=32)
def chunks(text: str) -> tuple[tuple[int, int, int], ...]:
    """Start byte, end byte and 0-based line of each top-level statement of a file."""
    tree = Parser(_LANGUAGE).parse(text.encode(errors="replace"))
    return tuple((n.start_byte, n.end_byte, n.start_point.row) for n in tree.root_node.named_children)


def lower_edited(program: ir.Program, text: str, start: int, end: int, replacement: str) -> ir.Program | None:
    """The program with one edit of its text (byte range), only the top-level statement around it lowered anew.

    None where the edit lies between statements or leaves a syntax error.
    """
    data = program.text
    for low, high, row in chunks(text):
        if low <= start and end <= high:
            piece = data[low:start] + replacement.encode() + data[end:high]
            postponed = b"from __future__ import annotations" in data
            fresh = lower(piece, program.path, offset=low, line_offset=row, postponed=postponed)
            if fresh.has_error:
                return None
            before = [s for s in program.body if s.pos < low]
            after = [s for s in program.body if s.pos >= high]
            return ir.Program(program.path, data, (*before, *fresh.body, *after), program.package)
    return None


@lru_cache(maxsize=64)
def lower_cached(text: str, path: str) -> ir.Program:
    """`lower` of a whole file, kept by content."""
    return lower(text.encode(errors="replace"), path)
