"""Lowers Go files to the intermediate form; type expressions become nested tuples such as ("slice", ("name", "int"))."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import tree_sitter_go
from tree_sitter import Language, Node, Parser

from runfree.interpreter import ir
from runfree.interpreter.go_types import UNTYPED_FLOAT, UNTYPED_INT, UNTYPED_RUNE, UNTYPED_STRING, from_bytes

_LANGUAGE = Language(tree_sitter_go.language())
MAX_FILE_BYTES = 2_000_000
Place = tuple[int, int, int]
TypeExpression = Any
LOOP = "\0loop"  # the label of the block around a for clause: its variables are new for each turn
_SIMPLE = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34}


def unquote(body: str) -> bytes:
    """The bytes of an interpreted string or rune literal's inside.

    Raises:
        ValueError: an escape that Go refuses.
    """
    out = bytearray()
    position = 0
    while position < len(body):
        char = body[position]
        if char != "\\":
            out += char.encode()
            position += 1
            continue
        code = body[position + 1]
        if code in _SIMPLE:
            out.append(_SIMPLE[code])
            position += 2
        elif code == "x":
            out.append(int(body[position + 2 : position + 4], 16))
            position += 4
        elif code in "uU":
            size = 4 if code == "u" else 8
            out += chr(int(body[position + 2 : position + 2 + size], 16)).encode()
            position += 2 + size
        elif code in "01234567":
            out.append(int(body[position + 1 : position + 4], 8) & 0xFF)
            position += 4
        else:
            raise ValueError(code)
    return bytes(out)


class GoLowering:
    """One file."""

    def __init__(self, data: bytes, offset: int = 0, line_offset: int = 0) -> None:
        self.data = data
        self.offset = offset
        self.line_offset = line_offset
        self.iota = 0

    def place(self, node: Node) -> Place:
        """Line and byte range in the whole file."""
        return (
            node.start_point.row + 1 + self.line_offset,
            node.start_byte + self.offset,
            node.end_byte + self.offset,
        )

    def text(self, node: Node | None) -> str:
        """Source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode(errors="replace") if node is not None else ""

    def named(self, node: Node | None) -> list[Node]:
        """Named children without comments."""
        return [c for c in node.named_children if c.type != "comment"] if node is not None else []

    # -- declarations -------------------------------------------------------------------------------------------------

    def file(self, root: Node) -> tuple[ir.Statement, ...]:
        """Top-level declarations."""
        out: list[ir.Statement] = []
        for child in self.named(root):
            if child.type in ("function_declaration", "method_declaration"):
                out.append(self.function(child))
            elif child.type == "import_declaration":
                self.imports(child, out)
            elif child.type in ("package_clause", "empty_statement"):
                continue
            else:
                self.statement(child, out)
        return tuple(out)

    def imports(self, node: Node, out: list[ir.Statement]) -> None:
        stack = list(node.named_children)
        while stack:
            item = stack.pop(0)
            if item.type == "import_spec_list":
                stack = list(item.named_children) + stack
            elif item.type == "import_spec":
                path = self.text(item.child_by_field_name("path"))[1:-1]
                name = item.child_by_field_name("name")
                out.append(ir.Import(*self.place(item), path, "", self.text(name)))

    def function(self, node: Node) -> ir.FunctionDef:
        receiver = node.child_by_field_name("receiver")
        parameters = self.parameters(node.child_by_field_name("parameters"))
        owner = ""
        flags = set()
        if receiver is not None:
            declared = self.parameters(receiver)
            if declared:
                kind = declared[0].type
                if kind[0] == "ptr":
                    flags.add("pointer")
                    kind = kind[1]
                if kind[0] == "generic":
                    flags.add("generic")
                    kind = kind[1]
                owner = kind[1]
                parameters = (declared[0], *parameters)
        return ir.FunctionDef(
            *self.place(node),
            self.text(node.child_by_field_name("name")) if node.type != "func_literal" else "func",
            parameters,
            self.lazy(node.child_by_field_name("body")),
            flags=frozenset(flags),
            owner=owner,
            result=self.results(node.child_by_field_name("result")),
            end_line=node.end_point.row + 1 + self.line_offset,
            annotations=self.type_parameters(node.child_by_field_name("type_parameters")),
        )

    def type_parameters(self, node: Node | None) -> tuple[str, ...]:
        names: list[str] = []
        for declaration in self.named(node):
            names += [self.text(n) for n in declaration.children_by_field_name("name")]
        return tuple(names)

    def lazy(self, node: Node | None) -> ir.Body:
        """A body that is lowered when first called."""

        def load() -> tuple[tuple[ir.Statement, ...], frozenset[str], frozenset[str], bool]:
            try:
                return self.block(node), frozenset(), frozenset(), False
            except RecursionError:
                return (ir.Unsupported(1, 0, 0, "nesting"),), frozenset(), frozenset(), False

        return ir.Body(load)

    def parameters(self, node: Node | None) -> tuple[ir.Parameter, ...]:
        result: list[ir.Parameter] = []
        for child in self.named(node):
            kind = "rest" if child.type == "variadic_parameter_declaration" else "positional"
            declared = self.type(child.child_by_field_name("type"))
            names = child.children_by_field_name("name")
            if not names:
                result.append(ir.Parameter("_", kind, None, declared))
            for name in names:
                result.append(ir.Parameter(self.text(name), kind, None, declared))
        return tuple(result)

    def results(self, node: Node | None) -> Any:
        """((name, type), ...) of a function's results."""
        if node is None:
            return ()
        if node.type == "parameter_list":
            return tuple((p.name, p.type) for p in self.parameters(node))
        return (("_", self.type(node)),)

    # -- types ------------------------------------------------------------------------------------------------------

    def type(self, node: Node | None) -> TypeExpression:
        """A type expression."""
        if node is None:
            return ("name", "any")
        kind = node.type
        if kind in ("type_identifier", "identifier", "field_identifier"):
            return ("name", self.text(node))
        if kind == "qualified_type":
            return (
                "qual",
                self.text(node.child_by_field_name("package")),
                self.text(node.child_by_field_name("name")),
            )
        if kind == "pointer_type":
            return ("ptr", self.type(self.named(node)[0]))
        if kind == "slice_type":
            return ("slice", self.type(node.child_by_field_name("element")))
        if kind == "array_type":
            length = node.child_by_field_name("length")
            size = self.expression(length) if length is not None else None
            return ("array", size, self.type(node.child_by_field_name("element")))
        if kind == "implicit_length_array_type":
            return ("array", None, self.type(node.child_by_field_name("element")))
        if kind == "map_type":
            return (
                "map",
                self.type(node.child_by_field_name("key")),
                self.type(node.child_by_field_name("value")),
            )
        if kind == "channel_type":
            return ("chan",)
        if kind == "parenthesized_type":
            return self.type(self.named(node)[0])
        if kind == "generic_type":
            arguments = self.named(node.child_by_field_name("type_arguments"))
            return ("generic", self.type(node.child_by_field_name("type")), tuple(
                self.type(self.named(a)[0] if a.type == "type_elem" else a) for a in arguments
            ))  # fmt: skip
        if kind == "struct_type":
            return ("struct", tuple(self.fields(node)))
        if kind == "interface_type":
            names = [
                self.text(c.child_by_field_name("name"))
                for c in node.named_children
                if c.type == "method_elem"
            ]
            embedded = [
                self.type(n) for c in node.named_children if c.type == "type_elem" for n in self.named(c)
            ]
            return ("interface", tuple(names), tuple(embedded))
        if kind == "function_type":
            parameters = self.parameters(node.child_by_field_name("parameters"))
            variadic = bool(parameters) and parameters[-1].kind == "rest"
            results = self.results(node.child_by_field_name("result"))
            return ("func", tuple(p.type for p in parameters), tuple(t for _, t in results), variadic)
        if kind == "type_elem":
            return self.type(self.named(node)[0])
        return ("opaque", kind)

    def fields(self, node: Node) -> list[tuple[str, TypeExpression, bool]]:
        result = []
        for declaration in self.named(self.named(node)[0]) if self.named(node) else ():
            if declaration.type != "field_declaration":
                continue
            declared = self.type(declaration.child_by_field_name("type"))
            names = declaration.children_by_field_name("name")
            if not names:
                pointer = any(c.type == "*" for c in declaration.children)
                base = declared[1] if declared[0] == "generic" else declared
                name = base[-1] if base[0] in ("name", "qual") else "?"
                result.append((name, ("ptr", declared) if pointer else declared, True))
            for name_node in names:
                result.append((self.text(name_node), declared, False))
        return result

    # -- statements -------------------------------------------------------------------------------------------------

    def block(self, node: Node | None) -> tuple[ir.Statement, ...]:
        """Statements of a block."""
        out: list[ir.Statement] = []
        for child in self.named(node):
            if child.type == "statement_list":
                for statement in self.named(child):
                    self.statement(statement, out)
            else:
                self.statement(child, out)
        return tuple(out)

    def statement(self, node: Node, out: list[ir.Statement]) -> None:
        """Appends what a statement lowers to."""
        method = getattr(self, "do_" + node.type, None)
        if method is None:
            if node.type.endswith("_statement") or node.type == "ERROR":
                out.append(ir.Unsupported(*self.place(node), "syntax:" + node.type))
            else:
                out.append(ir.Evaluate(*self.place(node), self.expression(node)))
            return
        method(node, self.place(node), out)

    def do_expression_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Evaluate(*place, self.expression(self.named(node)[0])))

    def do_empty_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        return

    def do_block(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Block(0, place[1], place[2], self.block(node)))

    def values(self, node: Node | None, place: Place, targets: int) -> ir.Expression:
        """The right side of an assignment, fitted to the number of targets."""
        items = self.named(node) if node is not None and node.type == "expression_list" else [node]
        lowered = [self.expression(i) for i in items if i is not None]
        if len(lowered) == 1:
            only = lowered[0]
            if targets == 2 and isinstance(only, (ir.Index, ir.TypeTest)):
                return ir.Convert(*place, "commaok", only)
            return only
        return ir.Sequence(*place, "values", tuple(lowered))

    def targets(self, node: Node | None) -> tuple[ir.Expression, ...]:
        items = self.named(node) if node is not None and node.type == "expression_list" else [node]
        return tuple(self.expression(i) for i in items if i is not None)

    def target_of(self, targets: tuple[ir.Expression, ...], place: Place) -> ir.Expression:
        return targets[0] if len(targets) == 1 else ir.Sequence(*place, "tuple", targets)

    def do_short_var_declaration(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        targets = self.targets(node.child_by_field_name("left"))
        value = self.values(node.child_by_field_name("right"), place, len(targets))
        out.append(ir.Assign(*place, (self.target_of(targets, place),), value, declare=True))

    def do_assignment_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        targets = self.targets(node.child_by_field_name("left"))
        op = self.text(node.child_by_field_name("operator"))
        if op != "=":
            value = self.values(node.child_by_field_name("right"), place, 1)
            out.append(ir.Augment(*place, targets[0], op[:-1], value))
            return
        value = self.values(node.child_by_field_name("right"), place, len(targets))
        out.append(ir.Assign(*place, (self.target_of(targets, place),), value))

    def do_inc_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        op = "+" if node.type == "inc_statement" else "-"
        one = ir.Const(*place, 1, UNTYPED_INT)
        out.append(ir.Augment(*place, self.expression(self.named(node)[0]), op, one))

    do_dec_statement = do_inc_statement

    def do_var_declaration(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        for spec in self.specs(node):
            names = spec.children_by_field_name("name")
            declared = spec.child_by_field_name("type")
            right = spec.child_by_field_name("value")
            spot = self.place(spec)
            line = place[0] if spec.start_point.row == node.start_point.row else spot[0]
            spot = (line, spot[1], spot[2])
            targets = tuple(ir.Name(*self.place(n), self.text(n)) for n in names)
            kind = self.type(declared) if declared is not None else None
            if right is None:
                for target in targets:
                    out.append(ir.Annotate(*spot, target, kind, None))
            elif len(targets) == 1:
                out.append(ir.Annotate(*spot, targets[0], kind, self.values(right, spot, 1)))
            else:
                value = self.values(right, spot, len(targets))
                out.append(ir.Assign(*spot, (ir.Sequence(*spot, "tuple", targets),), value, declare=True))

    def specs(self, node: Node) -> list[Node]:
        result: list[Node] = []
        for child in self.named(node):
            result += self.named(child) if child.type == "var_spec_list" else [child]
        return result

    def do_const_declaration(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        previous: tuple[Node | None, Node | None] = (None, None)
        for position, spec in enumerate(c for c in self.named(node) if c.type == "const_spec"):
            self.iota = position
            names = spec.children_by_field_name("name")
            declared = spec.child_by_field_name("type")
            right = spec.child_by_field_name("value")
            if right is None:
                declared, right = previous
            else:
                previous = (declared, right)
            # Constants are no statements for the coverage tool.
            spot = (0, self.place(spec)[1], self.place(spec)[2])
            values = self.named(right)
            for name, value in zip(names, values, strict=False):
                target = ir.Name(*self.place(name), self.text(name))
                kind = self.type(declared) if declared is not None else ("const",)
                out.append(ir.Annotate(*spot, target, kind, self.expression(value)))
            self.iota = 0

    def do_type_declaration(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        for spec in self.named(node):
            if spec.type not in ("type_spec", "type_alias"):
                continue
            name = self.text(spec.child_by_field_name("name"))
            kind = self.type(spec.child_by_field_name("type"))
            parameters = self.type_parameters(spec.child_by_field_name("type_parameters"))
            place = self.place(spec)
            out.append(
                ir.ClassDef(
                    0, place[1], place[2], name, (), (), (), (),
                    declared=("alias" if spec.type == "type_alias" else "type", kind, parameters),
                )
            )  # fmt: skip

    def do_return_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        values = self.named(node)
        out.append(ir.Return(*place, self.values(values[0], place, 1) if values else None))

    def do_if_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        test = self.expression(node.child_by_field_name("condition"))
        then = self.block(node.child_by_field_name("consequence"))
        other = node.child_by_field_name("alternative")
        orelse: list[ir.Statement] = []
        if other is not None:
            if other.type == "if_statement":
                self.statement(other, orelse)
            else:
                orelse.append(ir.Block(0, other.start_byte, other.end_byte, self.block(other)))
        inner = ir.If(*place, test, (ir.Block(0, place[1], place[2], then),), tuple(orelse))
        self.with_initializer(node, place, inner, out)

    def with_initializer(
        self, node: Node, place: Place, inner: ir.Statement, out: list[ir.Statement]
    ) -> None:
        initializer = node.child_by_field_name("initializer")
        if initializer is None:
            out.append(inner)
            return
        before: list[ir.Statement] = []
        self.statement(initializer, before)
        label = LOOP if isinstance(inner, ir.While) else ""
        out.append(ir.Block(place[0], place[1], place[2], (*before, inner), label))

    def do_for_statement(self, node: Node, place: Place, out: list[ir.Statement], label: str = "") -> None:
        body = (ir.Block(0, place[1], place[2], self.block(node.child_by_field_name("body"))),)
        head = next((c for c in self.named(node) if c.type != "block"), None)
        true = ir.Const(*place, True)
        if head is None:
            out.append(ir.While(*place, true, body, label=label))
        elif head.type == "for_clause":
            test = head.child_by_field_name("condition")
            condition = self.expression(test) if test is not None else true
            post: list[ir.Statement] = []
            update = head.child_by_field_name("update")
            if update is not None:
                self.statement(update, post)
            loop = ir.While(*place, condition, body, post=tuple(post), label=label)
            self.with_initializer(head, place, loop, out)
        elif head.type == "range_clause":
            left = head.child_by_field_name("left")
            targets = self.targets(left) if left is not None else ()
            declare = any(c.type == ":=" for c in head.children)
            kind = "declare" if declare else "assign"
            target = ir.Sequence(*place, kind, targets)
            out.append(
                ir.For(*place, target, self.expression(head.child_by_field_name("right")), body, label=label)
            )
        else:
            out.append(ir.While(*place, self.expression(head), body, label=label))

    def do_labeled_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        label = self.text(node.child_by_field_name("label"))
        inner = self.named(node)[1:]
        if not inner:
            return
        if inner[0].type == "for_statement":
            self.do_for_statement(inner[0], self.place(inner[0]), out, label)
        elif inner[0].type in ("expression_switch_statement", "type_switch_statement"):
            self.switch(inner[0], self.place(inner[0]), out, label)
        else:
            self.statement(inner[0], out)

    def do_break_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        labels = self.named(node)
        out.append(ir.Break(*place, self.text(labels[0]) if labels else ""))

    def do_continue_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        labels = self.named(node)
        out.append(ir.Continue(*place, self.text(labels[0]) if labels else ""))

    def do_fallthrough_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Break(*place, "\0fallthrough"))

    def do_defer_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Evaluate(*place, ir.Await(*place, self.expression(self.named(node)[0]))))

    def do_expression_switch_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        self.switch(node, place, out, "")

    do_type_switch_statement = do_expression_switch_statement

    def switch(self, node: Node, place: Place, out: list[ir.Statement], label: str) -> None:
        value = node.child_by_field_name("value")
        is_type = node.type == "type_switch_statement"
        cases = []
        for child in self.named(node):
            if child.type not in ("expression_case", "default_case", "type_case"):
                continue
            line = self.place(child)[0]
            body: list[ir.Statement] = []
            skip = {n.id for n in child.children_by_field_name("value")}
            kinds = [n for n in child.children_by_field_name("type") if n.is_named]
            skip |= {n.id for n in kinds}
            for part in self.named(child):
                if part.id in skip:
                    continue
                if part.type == "statement_list":
                    for statement in self.named(part):
                        self.statement(statement, body)
                else:
                    self.statement(part, body)
            values: tuple[ir.Expression, ...] = ()
            if child.type == "expression_case":
                values = self.targets(child.child_by_field_name("value"))
            falls = bool(body) and isinstance(body[-1], ir.Break) and body[-1].label == "\0fallthrough"
            cases.append(
                ir.SwitchCase(
                    line,
                    values,
                    tuple(body[:-1] if falls else body),
                    tuple(self.type(k) for k in kinds),
                    child.type == "default_case",
                    falls,
                )
            )
        alias = node.child_by_field_name("alias")
        binds = self.text(alias) if alias is not None else ""
        kind = "type" if is_type else ""
        subject = self.expression(value) if value is not None else None
        inner = ir.Switch(*place, subject, tuple(cases), label=label, binds=f"{kind}:{binds}")
        self.with_initializer(node, place, inner, out)

    # -- expressions --------------------------------------------------------------------------------------------------

    def expression(self, node: Node | None) -> ir.Expression:
        """Lowers an expression; what is not modelled becomes `Opaque`."""
        if node is None:
            return ir.Opaque(1, 0, 0, "syntax")
        method = getattr(self, "on_" + node.type, None)
        if method is None:
            return ir.Opaque(*self.place(node), "syntax:" + node.type)
        result: ir.Expression = method(node)
        return result

    def on_identifier(self, node: Node) -> ir.Expression:
        return ir.Name(*self.place(node), self.text(node))

    on_blank_identifier = on_identifier
    on_type_identifier = on_identifier
    on_package_identifier = on_identifier

    def on_iota(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), self.iota, UNTYPED_INT)

    def on_nil(self, node: Node) -> ir.Expression:
        return ir.Name(*self.place(node), "nil")

    def on_true(self, node: Node) -> ir.Expression:
        return ir.Name(*self.place(node), "true")

    def on_false(self, node: Node) -> ir.Expression:
        return ir.Name(*self.place(node), "false")

    def on_int_literal(self, node: Node) -> ir.Expression:
        digits = self.text(node).replace("_", "").lower()
        if len(digits) > 600:
            return ir.Opaque(*self.place(node), "giant-literal")
        try:
            value = (
                int(digits, 8)
                if len(digits) > 1 and digits[0] == "0" and digits.isdigit()
                else int(digits, 0)
            )
        except ValueError:
            return ir.Opaque(*self.place(node), "literal")
        return ir.Const(*self.place(node), value, UNTYPED_INT)

    def on_float_literal(self, node: Node) -> ir.Expression:
        try:
            return ir.Const(*self.place(node), float(self.text(node).replace("_", "")), UNTYPED_FLOAT)
        except ValueError:
            return ir.Opaque(*self.place(node), "literal")

    def on_rune_literal(self, node: Node) -> ir.Expression:
        try:
            data = unquote(self.text(node)[1:-1])
            value = ord(data.decode()) if len(data) > 1 or data[0] < 128 else data[0]
        except (ValueError, IndexError, TypeError):
            return ir.Opaque(*self.place(node), "literal")
        return ir.Const(*self.place(node), value, UNTYPED_RUNE)

    def on_interpreted_string_literal(self, node: Node) -> ir.Expression:
        try:
            return ir.Const(*self.place(node), from_bytes(unquote(self.text(node)[1:-1])), UNTYPED_STRING)
        except (ValueError, IndexError):
            return ir.Opaque(*self.place(node), "literal")

    def on_raw_string_literal(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), self.text(node)[1:-1].replace("\r", ""), UNTYPED_STRING)

    def on_parenthesized_expression(self, node: Node) -> ir.Expression:
        return self.expression(self.named(node)[0])

    def on_binary_expression(self, node: Node) -> ir.Expression:
        op = self.text(node.child_by_field_name("operator"))
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        if op in ("&&", "||"):
            return ir.Logical(*self.place(node), "and" if op == "&&" else "or", left, right)
        if op in ("==", "!=", "<", "<=", ">", ">="):
            return ir.Compare(*self.place(node), left, ((op, right),))
        return ir.Binary(*self.place(node), op, left, right)

    def on_unary_expression(self, node: Node) -> ir.Expression:
        op = self.text(node.child_by_field_name("operator"))
        value = self.expression(node.child_by_field_name("operand"))
        return ir.Unary(*self.place(node), "not" if op == "!" else op, value)

    def on_selector_expression(self, node: Node) -> ir.Expression:
        value = self.expression(node.child_by_field_name("operand"))
        return ir.Attribute(*self.place(node), value, self.text(node.child_by_field_name("field")))

    def on_index_expression(self, node: Node) -> ir.Expression:
        value = self.expression(node.child_by_field_name("operand"))
        return ir.Index(*self.place(node), value, self.expression(node.child_by_field_name("index")))

    def on_slice_expression(self, node: Node) -> ir.Expression:
        place = self.place(node)
        parts = [
            self.expression(n) if n is not None else None
            for n in (node.child_by_field_name(f) for f in ("start", "end", "capacity"))
        ]
        value = self.expression(node.child_by_field_name("operand"))
        return ir.Index(*place, value, ir.Slice(*place, parts[0], parts[1], parts[2]))

    def on_type_assertion_expression(self, node: Node) -> ir.Expression:
        value = self.expression(node.child_by_field_name("operand"))
        return ir.TypeTest(*self.place(node), value, self.type(node.child_by_field_name("type")))

    def on_type_conversion_expression(self, node: Node) -> ir.Expression:
        declared = self.type(node.child_by_field_name("type"))
        return ir.Convert(*self.place(node), declared, self.expression(node.child_by_field_name("operand")))

    def on_call_expression(self, node: Node) -> ir.Expression:
        place = self.place(node)
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        name = self.text(function)
        items = self.named(arguments)
        if name in ("make", "new") and items:
            rest = tuple(ir.Argument(self.expression(i)) for i in items[1:])
            return ir.Call(*place, ir.Name(*place, name), rest, self.type(items[0]))
        if function is not None and function.type in (
            "slice_type", "map_type", "function_type", "interface_type", "parenthesized_type",
        ):  # fmt: skip
            return ir.Convert(
                *place, self.type(function), self.expression(items[0]) if items else self.expression(None)
            )
        lowered = []
        for item in items:
            if item.type == "variadic_argument":
                lowered.append(ir.Argument(self.expression(self.named(item)[0]), spread="*"))
            else:
                lowered.append(ir.Argument(self.expression(item)))
        return ir.Call(*place, self.expression(function), tuple(lowered))

    def on_func_literal(self, node: Node) -> ir.Expression:
        return ir.FunctionExpression(*self.place(node), self.function(node))

    def on_composite_literal(self, node: Node) -> ir.Expression:
        return self.literal(node.child_by_field_name("body"), self.type(node.child_by_field_name("type")))

    def literal(self, node: Node | None, kind: TypeExpression) -> ir.Expression:
        """The braces of a composite literal; inner braces have the type None until they are evaluated."""
        items: list[tuple[ir.Expression | None, ir.Expression]] = []
        for child in self.named(node):
            if child.type == "keyed_element":
                key = self.element(child.child_by_field_name("key"))
                items.append((key, self.element(child.child_by_field_name("value"))))
            else:
                items.append((None, self.element(child)))
        place = self.place(node) if node is not None else (1, 0, 0)
        return ir.Mapping(*place, tuple(items), kind)

    def element(self, node: Node | None) -> ir.Expression:
        inner = self.named(node)[0] if node is not None and node.type == "literal_element" else node
        if inner is not None and inner.type == "literal_value":
            return self.literal(inner, None)
        return self.expression(inner)

    def on_slice_type(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), ("type", self.type(node)), "type")

    on_map_type = on_slice_type
    on_pointer_type = on_slice_type
    on_array_type = on_slice_type
    on_struct_type = on_slice_type
    on_qualified_type = on_slice_type
    on_generic_type = on_slice_type


def lower(text: bytes, path: str, offset: int = 0, line_offset: int = 0) -> ir.Program:
    """Lowers a Go file, or a top-level declaration of one."""
    if len(text) > MAX_FILE_BYTES:
        return ir.Program(path, b"", (), has_error=True)
    tree = Parser(_LANGUAGE).parse(text)
    lowering = GoLowering(text, offset, line_offset)
    try:
        body = lowering.file(tree.root_node)
    except RecursionError:
        body = (ir.Unsupported(1, 0, 0, "nesting"),)
    package = next(
        (
            lowering.text(c.named_children[0])
            for c in tree.root_node.named_children
            if c.type == "package_clause"
        ),
        "",
    )
    return ir.Program(path, text, body, package, tree.root_node.has_error)


@lru_cache(maxsize=128)
def lower_cached(text: str, path: str) -> ir.Program:
    """`lower` of a whole file, kept by content."""
    return lower(text.encode(errors="replace"), path)
