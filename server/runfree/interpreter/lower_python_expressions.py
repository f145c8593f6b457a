"""Lowers Python expressions, targets, parameters and arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tree_sitter import Node

from runfree.interpreter import ir
from runfree.interpreter.python_literals import number, prefix_of, unescape

Place = tuple[int, int, int]


@dataclass
class LoweringScope:
    """Names bound in the function being lowered."""

    bound: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    generator: bool = False


class ExpressionLowering:
    """Expressions of one file; `offset` and `line_offset` say where `data` starts in it."""

    def __init__(self, data: bytes, offset: int = 0, line_offset: int = 0) -> None:
        self.data = data
        self.offset = offset
        self.line_offset = line_offset
        self.scope = LoweringScope()
        self.class_name = ""
        # Annotations are not evaluated under `from __future__ import annotations`.
        self.postponed = b"from __future__ import annotations" in data

    def place(self, node: Node) -> Place:
        """Line and byte range of a node in the whole file."""
        return (
            node.start_point.row + 1 + self.line_offset,
            node.start_byte + self.offset,
            node.end_byte + self.offset,
        )

    def text(self, node: Node) -> str:
        """Source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def identifier(self, node: Node) -> str:
        """A name as it is meant inside a class: `__x` becomes `_Class__x`."""
        text = self.text(node)
        if self.class_name and text.startswith("__") and not text.endswith("__"):
            return f"_{self.class_name.lstrip('_')}{text}"
        return text

    def named(self, node: Node) -> list[Node]:
        """Named children without comments."""
        return [c for c in node.named_children if c.type not in ("comment", "line_continuation")]

    def field(self, node: Node, name: str) -> Node:
        """A field's node; the node itself where a syntax error left it out."""
        found = node.child_by_field_name(name)
        return found if found is not None else node

    def bind(self, name: str) -> None:
        """Notes a name bound in the current function."""
        self.scope.bound.add(name)

    @contextmanager
    def new_scope(self) -> Iterator[LoweringScope]:
        """A function's or class's own names, while its body is lowered."""
        saved, self.scope = self.scope, LoweringScope()
        class_name = self.class_name
        try:
            yield self.scope
        finally:
            self.scope, self.class_name = saved, class_name

    def expression(self, node: Node) -> ir.Expression:
        """Lowers an expression node; what is not modelled becomes `Opaque`."""
        method = getattr(self, "on_" + node.type, None)
        if method is None:
            return ir.Opaque(*self.place(node), "syntax:" + node.type)
        result: ir.Expression = method(node)
        return result

    def on_identifier(self, node: Node) -> ir.Expression:
        return ir.Name(*self.place(node), self.identifier(node))

    def on_dotted_name(self, node: Node) -> ir.Expression:
        place = self.place(node)
        names = [self.text(n) for n in self.named(node)]
        value: ir.Expression = ir.Name(*place, names[0])
        for name in names[1:]:
            value = ir.Attribute(*place, value, name)
        return value

    def on_integer(self, node: Node) -> ir.Expression:
        try:
            return ir.Const(*self.place(node), number(self.text(node)))
        except ValueError:
            return ir.Opaque(*self.place(node), "giant-literal")

    on_float = on_integer

    def on_true(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), True)

    def on_false(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), False)

    def on_none(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), None)

    def on_ellipsis(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), ...)

    def on_parenthesized_expression(self, node: Node) -> ir.Expression:
        return self.expression(self.named(node)[0])

    def on_string(self, node: Node) -> ir.Expression:
        return self.strings(node, [node])

    def on_concatenated_string(self, node: Node) -> ir.Expression:
        return self.strings(node, self.named(node))

    def strings(self, node: Node, pieces: list[Node]) -> ir.Expression:
        """A string, or several side by side."""
        place = self.place(node)
        parts: list[str | ir.FormatPart] = []
        formatted = is_bytes = False
        for piece in pieces:
            prefix = prefix_of(self.text(piece.children[0]))
            is_bytes = is_bytes or "b" in prefix
            formatted = formatted or "f" in prefix
            if "t" in prefix:
                return ir.Opaque(*place, "template-string")
            try:
                parts += self.string_parts(piece, prefix)
            except ValueError:
                return ir.Opaque(*place, "string-escape")
        if formatted:
            return ir.Format(*place, tuple(parts))
        whole = "".join(p for p in parts if isinstance(p, str))
        return ir.Const(*place, whole.encode("latin-1", "replace") if is_bytes else whole)

    def string_parts(self, piece: Node, prefix: str) -> list[str | ir.FormatPart]:
        formatted, raw, is_bytes = "f" in prefix, "r" in prefix, "b" in prefix
        parts: list[str | ir.FormatPart] = []
        inner = [c for c in piece.children if c.type == "interpolation"] if formatted else []
        start = piece.children[0].end_byte
        last = piece.children[-1]
        stop = last.start_byte if last.type == "string_end" else piece.end_byte
        for hole in [*inner, None]:
            until = hole.start_byte if hole is not None else stop
            text = self.data[start:until].decode(errors="replace").replace("\r\n", "\n")
            if not raw:
                text = unescape(text, is_bytes)
            if formatted:
                text = text.replace("{{", "{").replace("}}", "}")
            if text:
                parts.append(text)
            if hole is not None:
                parts.append(self.interpolation(hole))
                start = hole.end_byte
        return parts

    def interpolation(self, node: Node) -> ir.FormatPart:
        value = self.field(node, "expression")
        conversion = node.child_by_field_name("type_conversion")
        spec = node.child_by_field_name("format_specifier")
        label = ""
        equals = next((c for c in node.children if c.type == "="), None)
        if equals is not None:
            after = equals.end_byte
            while self.data[after : after + 1] == b" ":
                after += 1
            label = self.data[node.start_byte + 1 : after].decode(errors="replace")
        lowered: ir.Format | None = None
        if spec is not None:
            parts: list[str | ir.FormatPart] = []
            start = spec.start_byte + 1
            for hole in [c for c in spec.named_children if c.type in ("format_expression", "interpolation")]:
                if hole.start_byte > start:
                    parts.append(self.data[start : hole.start_byte].decode(errors="replace"))
                parts.append(self.interpolation(hole))
                start = hole.end_byte
            if spec.end_byte > start:
                parts.append(self.data[start : spec.end_byte].decode(errors="replace"))
            lowered = ir.Format(*self.place(spec), tuple(parts))
        kind = self.text(conversion)[1:] if conversion is not None else ""
        if label and not kind and spec is None:
            kind = "r"
        return ir.FormatPart(self.expression(value), kind, lowered, label)

    def on_attribute(self, node: Node) -> ir.Expression:
        value = self.expression(self.field(node, "object"))
        return ir.Attribute(*self.place(node), value, self.identifier(self.field(node, "attribute")))

    def on_subscript(self, node: Node) -> ir.Expression:
        keys = [self.expression(k) for k in node.children_by_field_name("subscript")]
        place = self.place(node)
        commas = sum(c.type == "," for c in node.children)
        key = keys[0] if len(keys) == 1 and not commas else ir.Sequence(*place, "tuple", tuple(keys))
        return ir.Index(*place, self.expression(self.field(node, "value")), key)

    def on_slice(self, node: Node) -> ir.Expression:
        parts: list[ir.Expression | None] = [None]
        for child in node.children:
            if child.type == ":":
                parts.append(None)
            elif child.is_named and child.type != "comment":
                parts[-1] = self.expression(child)
        parts += [None] * (3 - len(parts))
        return ir.Slice(*self.place(node), parts[0], parts[1], parts[2])

    def on_call(self, node: Node) -> ir.Expression:
        function = self.expression(self.field(node, "function"))
        arguments = self.field(node, "arguments")
        if arguments.type == "generator_expression":
            return ir.Call(*self.place(node), function, (ir.Argument(self.expression(arguments)),))
        lowered = tuple(self.argument(a) for a in self.named(arguments))
        names = [a.name for a in lowered if a.name]
        if len(set(names)) != len(names):
            return ir.Opaque(*self.place(node), "syntax-error")
        return ir.Call(*self.place(node), function, lowered)

    def argument(self, node: Node) -> ir.Argument:
        """One argument of a call."""
        if node.type == "keyword_argument":
            return ir.Argument(
                self.expression(self.field(node, "value")), name=self.identifier(self.field(node, "name"))
            )
        if node.type == "list_splat":
            return ir.Argument(self.expression(self.named(node)[0]), spread="*")
        if node.type == "dictionary_splat":
            return ir.Argument(self.expression(self.named(node)[0]), spread="**")
        return ir.Argument(self.expression(node))

    def on_binary_operator(self, node: Node) -> ir.Expression:
        left = self.expression(self.field(node, "left"))
        op = self.text(self.field(node, "operator"))
        return ir.Binary(*self.place(node), op, left, self.expression(self.field(node, "right")))

    def on_unary_operator(self, node: Node) -> ir.Expression:
        value = self.expression(self.field(node, "argument"))
        op = self.text(self.field(node, "operator"))
        if op == "-" and isinstance(value, ir.Const) and type(value.value) in (int, float):
            return ir.Const(*self.place(node), -value.value)
        return ir.Unary(*self.place(node), op, value)

    def on_not_operator(self, node: Node) -> ir.Expression:
        return ir.Unary(*self.place(node), "not", self.expression(self.field(node, "argument")))

    def on_boolean_operator(self, node: Node) -> ir.Expression:
        left = self.expression(self.field(node, "left"))
        op = self.text(self.field(node, "operator"))
        return ir.Logical(*self.place(node), op, left, self.expression(self.field(node, "right")))

    def on_comparison_operator(self, node: Node) -> ir.Expression:
        operands = [c for c in self.named(node) if c.type not in ("not in", "is not")]
        ops = [" ".join(self.text(o).split()) for o in node.children_by_field_name("operators")]
        values = [self.expression(o) for o in operands]
        return ir.Compare(*self.place(node), values[0], tuple(zip(ops, values[1:], strict=False)))

    def on_conditional_expression(self, node: Node) -> ir.Expression:
        then, test, orelse = (self.expression(n) for n in self.named(node))
        return ir.Conditional(*self.place(node), test, then, orelse)

    def on_named_expression(self, node: Node) -> ir.Expression:
        name = self.field(node, "name")
        self.bind(self.text(name))
        value = self.expression(self.field(node, "value"))
        return ir.Bind(*self.place(node), ir.Name(*self.place(name), self.text(name)), value)

    def sequence(self, node: Node, kind: str) -> ir.Expression:
        return ir.Sequence(*self.place(node), kind, tuple(self.expression(c) for c in self.named(node)))

    def on_list(self, node: Node) -> ir.Expression:
        return self.sequence(node, "list")

    def on_tuple(self, node: Node) -> ir.Expression:
        return self.sequence(node, "tuple")

    def on_set(self, node: Node) -> ir.Expression:
        return self.sequence(node, "set")

    on_expression_list = on_tuple

    def on_list_splat(self, node: Node) -> ir.Expression:
        return ir.Spread(*self.place(node), self.expression(self.named(node)[0]))

    def on_dictionary(self, node: Node) -> ir.Expression:
        items: list[tuple[ir.Expression | None, ir.Expression]] = []
        for child in self.named(node):
            if child.type == "pair":
                key = self.expression(self.field(child, "key"))
                items.append((key, self.expression(self.field(child, "value"))))
            else:
                items.append((None, self.expression(self.named(child)[0])))
        return ir.Mapping(*self.place(node), tuple(items))

    def comprehension(self, node: Node, kind: str) -> ir.Expression:
        clauses: list[ir.Clause] = []
        saved = set(self.scope.bound)
        targets: set[str] = set()
        for child in self.named(node):
            if child.type == "for_in_clause":
                if child.children[0].type == "async":
                    return ir.Opaque(*self.place(node), "async-comprehension")
                before = set(self.scope.bound)
                target = self.target(self.field(child, "left"))
                targets |= self.scope.bound - before
                iterables = [self.expression(n) for n in child.children_by_field_name("right")]
                iterable = iterables[0]
                clauses.append(ir.Clause(target, iterable, ()))
            elif child.type == "if_clause":
                last = clauses.pop()
                condition = self.expression(self.named(child)[0])
                clauses.append(ir.Clause(last.target, last.iterable, (*last.conditions, condition)))
        body = self.field(node, "body")
        key: ir.Expression | None = None
        if body.type == "pair":
            key = self.expression(self.field(body, "key"))
            value = self.expression(self.field(body, "value"))
        else:
            value = self.expression(body)
        self.scope.bound -= targets - saved
        return ir.Comprehension(*self.place(node), kind, key, value, tuple(clauses))

    def on_list_comprehension(self, node: Node) -> ir.Expression:
        return self.comprehension(node, "list")

    def on_set_comprehension(self, node: Node) -> ir.Expression:
        return self.comprehension(node, "set")

    def on_dictionary_comprehension(self, node: Node) -> ir.Expression:
        return self.comprehension(node, "dict")

    def on_generator_expression(self, node: Node) -> ir.Expression:
        return self.comprehension(node, "generator")

    def on_lambda(self, node: Node) -> ir.Expression:
        place = self.place(node)
        parameters = self.parameters(node.child_by_field_name("parameters"))
        body = self.field(node, "body")
        class_name = self.class_name

        def load() -> tuple[tuple[ir.Statement, ...], frozenset[str], frozenset[str], bool]:
            with self.new_scope() as scope:
                self.class_name = class_name
                value = self.expression(body)
            # Line 0: a lambda's body is no statement of its own for a coverage tool.
            return (
                (ir.Return(0, value.pos, value.end, value),),
                frozenset(scope.bound),
                frozenset(),
                scope.generator,
            )

        return ir.FunctionExpression(*place, ir.FunctionDef(*place, "<lambda>", parameters, ir.Body(load)))

    def on_await(self, node: Node) -> ir.Expression:
        return ir.Await(*self.place(node), self.expression(self.named(node)[0]))

    def on_yield(self, node: Node) -> ir.Expression:
        self.scope.generator = True
        values = self.named(node)
        value = self.expression(values[0]) if values else None
        return ir.Yield(*self.place(node), value, any(c.type == "from" for c in node.children))

    def on_type(self, node: Node) -> ir.Expression:
        return self.expression(self.named(node)[0])

    def annotation_names(self, node: Node | None) -> tuple[str, ...]:
        """Names that an annotation reads when it is evaluated; none where annotations are postponed."""
        if node is None or self.postponed:
            return ()
        names: list[str] = []
        stack = [node]
        while stack:
            item = stack.pop()
            if item.type == "identifier":
                names.append(self.text(item))
            elif item.type == "attribute":
                stack.append(self.field(item, "object"))
            elif item.type == "member_type":
                stack.append(item.named_children[0])
            elif item.type == "keyword_argument":
                stack.append(self.field(item, "value"))
            elif item.type not in ("string", "lambda", "list_comprehension", "generator_expression"):
                stack.extend(item.named_children)
        return tuple(names)

    def target(self, node: Node) -> ir.Expression:
        """Lowers what is assigned to, and notes the names it binds."""
        kind = node.type
        if kind == "identifier":
            self.bind(self.identifier(node))
            return self.on_identifier(node)
        if kind in ("pattern_list", "tuple_pattern", "tuple", "expression_list", "list_pattern", "list"):
            return ir.Sequence(*self.place(node), "tuple", tuple(self.target(c) for c in self.named(node)))
        if kind in ("list_splat_pattern", "list_splat"):
            return ir.Spread(*self.place(node), self.target(self.named(node)[0]))
        if kind in ("parenthesized_expression", "as_pattern_target"):
            return self.target(self.named(node)[0]) if self.named(node) else self.expression(node)
        return self.expression(node)

    def parameters(self, node: Node | None) -> tuple[ir.Parameter, ...]:
        """Formal parameters in order; their defaults are lowered in the enclosing scope."""
        result: list[ir.Parameter] = []
        kind = "positional"
        for child in self.named(node) if node is not None else ():
            default: ir.Expression | None = None
            annotation = ""
            item = child
            if child.type == "positional_separator":
                result = [ir.Parameter(p.name, "positional-only", p.default, p.type) for p in result]
                continue
            if child.type == "keyword_separator":
                kind = "keyword"
                continue
            if child.type in ("default_parameter", "typed_default_parameter"):
                default = self.expression(self.field(child, "value"))
                item = self.field(child, "name")
            if child.type in ("typed_parameter", "typed_default_parameter"):
                annotation = self.text(self.field(child, "type"))
                if child.type == "typed_parameter":
                    item = self.named(child)[0]
            if item.type == "list_splat_pattern":
                result.append(ir.Parameter(self.text(self.named(item)[0]), "rest", None, annotation))
                kind = "keyword"
            elif item.type == "dictionary_splat_pattern":
                result.append(ir.Parameter(self.text(self.named(item)[0]), "keywords", None, annotation))
            else:
                result.append(ir.Parameter(self.identifier(item), kind, default, annotation))
        return tuple(result)
