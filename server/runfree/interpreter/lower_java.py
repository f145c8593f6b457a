"""Lowers Java files to the intermediate form; types stay source texts without type arguments, e.g. "int[]"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import tree_sitter_java
from tree_sitter import Language, Node, Parser

from runfree.interpreter import ir
from runfree.interpreter.java_values import round32
from runfree.interpreter.python_literals import MAX_DIGITS

_LANGUAGE = Language(tree_sitter_java.language())
MAX_FILE_BYTES = 2_000_000
Place = tuple[int, int, int]
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "s": " ",
    "0": "\0",
    "'": "'",
    '"': '"',
    "\\": "\\",
}
_TYPES = (
    "class_declaration", "interface_declaration", "enum_declaration", "record_declaration", "annotation_type_declaration",
)  # fmt: skip


def unescape(text: str) -> str:
    """A string or character literal's inside.

    Raises:
        ValueError: an escape that is not modelled.
    """

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] == "u":
            return chr(int(code.lstrip("u"), 16))
        if code in _ESCAPES:
            return _ESCAPES[code]
        raise ValueError(code)

    return re.sub(r"\\(u+[0-9a-fA-F]{4}|.)", one, text, flags=re.DOTALL)


def erase(text: str) -> str:
    """A type without type arguments, annotations and package: "java.util.List<String>[]" -> "List[]"."""
    depth = 0
    out = []
    for char in text:
        if char == "<":
            depth += 1
        elif char == ">":
            depth -= 1
        elif not depth:
            out.append(char)
    plain = re.sub(r"@\w+\s*|\s+", "", "".join(out))
    return re.sub(r"^(?:[a-z_]\w*\.)+(?=[A-Z])", "", plain)


class JavaLowering:
    """One file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def place(self, node: Node) -> Place:
        """Line and byte range."""
        return node.start_point.row + 1, node.start_byte, node.end_byte

    def text(self, node: Node | None) -> str:
        """Source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode(errors="replace") if node is not None else ""

    def named(self, node: Node | None) -> list[Node]:
        """Named children without comments."""
        return [c for c in node.named_children if "comment" not in c.type] if node is not None else []

    def get(self, node: Node, name: str) -> Node | None:
        """A field's node."""
        return node.child_by_field_name(name)

    # -- declarations -------------------------------------------------------------------------------------------------

    def type_declaration(self, node: Node, outer: str = "") -> ir.ClassDef:
        """A class, interface, enum or record with its members."""
        kind = node.type.split("_")[0]
        name = self.text(self.get(node, "name"))
        modifiers = self.modifiers(node)
        bases: list[str] = []
        for child in self.named(node):
            if child.type in ("superclass", "super_interfaces", "extends_interfaces"):
                for inner in self.named(child):
                    bases += [
                        erase(self.text(t))
                        for t in (self.named(inner) if inner.type == "type_list" else [inner])
                    ]
        body: list[ir.Statement] = []
        components: tuple[ir.Parameter, ...] = ()
        if kind == "record":
            components = self.parameters(self.get(node, "parameters"))
        self.members(self.get(node, "body"), body)
        place = self.place(node)
        declared = (kind, name, tuple(bases), modifiers, components, self.annotations(node))
        return ir.ClassDef(0, place[1], place[2], name, (), (), tuple(body), (), declared=declared)

    def members(self, node: Node | None, out: list[ir.Statement]) -> None:
        for child in self.named(node):
            kind = child.type
            place = self.place(child)
            if kind in ("method_declaration", "constructor_declaration", "compact_constructor_declaration"):
                out.append(self.method(child))
            elif kind in ("field_declaration", "constant_declaration"):
                static = "static" in self.modifiers(child) or kind == "constant_declaration"
                declared = erase(self.text(self.get(child, "type")))
                for declarator in child.children_by_field_name("declarator"):
                    full = declared + re.sub(r"\s", "", self.text(self.get(declarator, "dimensions")))
                    value = self.get(declarator, "value")
                    target = ir.Name(*place, self.text(self.get(declarator, "name")))
                    line = place[0] if value is not None else 0
                    lowered = self.initial(value, full) if value is not None else None
                    fixed = kind == "constant_declaration" or "final" in self.modifiers(child)
                    annotation = (full, static, self.annotations(child), fixed)
                    out.append(ir.Annotate(line, place[1], place[2], target, annotation, lowered))
            elif kind in _TYPES:
                out.append(self.type_declaration(child))
            elif kind == "static_initializer":
                block = ir.Block(0, place[1], place[2], self.block(self.named(child)[-1]), "static")
                out.append(block)
            elif kind == "block":
                out.append(ir.Block(0, place[1], place[2], self.block(child), "instance"))
            elif kind == "enum_constant":
                self.enum_constant(child, out)
            elif kind == "enum_body_declarations":
                self.members(child, out)

    def enum_constant(self, node: Node, out: list[ir.Statement]) -> None:
        place = self.place(node)
        inner: list[ir.Statement] = []
        body = self.get(node, "body")
        if body is not None:
            self.members(body, inner)
        target = ir.Name(*place, self.text(self.get(node, "name")))
        arguments = self.arguments(self.get(node, "arguments"))
        call = ir.Call(*place, target, arguments, ("constant", "", tuple(inner), body is not None))
        out.append(ir.Annotate(*place, target, ("enum-constant",), call))

    def modifiers(self, node: Node) -> frozenset[str]:
        found = next((c for c in node.children if c.type == "modifiers"), None)
        return frozenset(c.type for c in found.children) if found is not None else frozenset()

    def annotations(self, node: Node) -> Any:
        """((name, ((key, expression), ...)), ...)"""
        found = next((c for c in node.children if c.type == "modifiers"), None)
        result = []
        for child in self.named(found):
            if child.type not in ("annotation", "marker_annotation"):
                continue
            pairs = []
            for item in self.named(self.get(child, "arguments")):
                if item.type == "element_value_pair":
                    value = self.get(item, "value")
                    pairs.append((self.text(self.get(item, "key")), self.annotation_value(value)))
                else:
                    pairs.append(("value", self.annotation_value(item)))
            result.append((self.text(self.get(child, "name")).rsplit(".", 1)[-1], tuple(pairs)))
        return tuple(result)

    def annotation_value(self, node: Node | None) -> ir.Expression:
        if node is not None and node.type == "element_value_array_initializer":
            return ir.Sequence(
                *self.place(node), "list", tuple(self.annotation_value(c) for c in self.named(node))
            )
        return self.expression(node)

    def method(self, node: Node) -> ir.FunctionDef:
        body = self.get(node, "body")
        flags = set(self.modifiers(node))
        if node.type == "constructor_declaration":
            flags.add("constructor")
        if node.type.startswith("compact"):
            flags.add("compact")
        if body is None:
            flags.add("abstract")
        return ir.FunctionDef(
            *self.place(node),
            self.text(self.get(node, "name")),
            self.parameters(self.get(node, "parameters")),
            self.lazy(body),
            flags=frozenset(flags),
            annotations=self.annotations(node),
            result=erase(self.text(self.get(node, "type"))) if self.get(node, "type") is not None else "void",
            end_line=node.end_point.row + 1,
            throws=self.throws(node),
        )

    def throws(self, node: Node) -> tuple[str, ...]:
        """The exceptions that a method's header names."""
        clause = next((c for c in self.named(node) if c.type == "throws"), None)
        return tuple(erase(self.text(t)) for t in self.named(clause))

    def lazy(self, node: Node | None) -> ir.Body:
        """A body that is lowered when first called."""

        def load() -> tuple[tuple[ir.Statement, ...], frozenset[str], frozenset[str], bool]:
            try:
                return self.block(node), frozenset(), frozenset(), False
            except RecursionError:
                return (ir.Unsupported(1, 0, 0, "nesting"),), frozenset(), frozenset(), False

        return ir.Body(load)

    def parameters(self, node: Node | None) -> tuple[ir.Parameter, ...]:
        result = []
        for child in self.named(node):
            if child.type == "formal_parameter":
                declared = erase(self.text(self.get(child, "type"))) + self.text(
                    self.get(child, "dimensions")
                )
                result.append(ir.Parameter(self.text(self.get(child, "name")), "positional", None, declared))
            elif child.type == "spread_parameter":
                parts = [c for c in self.named(child) if c.type != "modifiers"]
                declared = erase(self.text(parts[0]))
                name = (
                    self.text(self.get(parts[-1], "name"))
                    if self.get(parts[-1], "name")
                    else self.text(parts[-1])
                )
                result.append(ir.Parameter(name, "rest", None, declared))
            elif child.type == "identifier":
                result.append(ir.Parameter(self.text(child), "positional", None, "var"))
        return tuple(result)

    # -- statements -------------------------------------------------------------------------------------------------

    def block(self, node: Node | None) -> tuple[ir.Statement, ...]:
        """Statements of a block, or one statement alone."""
        out: list[ir.Statement] = []
        if node is None:
            return ()
        if node.type in ("block", "constructor_body", "switch_block_statement_group"):
            for child in self.named(node):
                if child.type != "switch_label":
                    self.statement(child, out)
        else:
            self.statement(node, out)
        return tuple(out)

    def statement(self, node: Node, out: list[ir.Statement]) -> None:
        """Appends what a statement lowers to."""
        method = getattr(self, "do_" + node.type, None)
        if method is None:
            out.append(ir.Unsupported(*self.place(node), "syntax:" + node.type))
            return
        method(node, self.place(node), out)

    def do_expression_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Evaluate(*place, self.expression(self.named(node)[0])))

    def do_explicit_constructor_invocation(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        name = self.text(self.get(node, "constructor"))
        function = ir.Name(*place, name)
        arguments = self.arguments(self.get(node, "arguments"))
        out.append(ir.Evaluate(*place, ir.Call(*place, function, arguments, ("delegate",))))

    def do_block(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Block(0, place[1], place[2], self.block(node)))

    def do_local_variable_declaration(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        declared = erase(self.text(self.get(node, "type")))
        for declarator in node.children_by_field_name("declarator"):
            full = declared + re.sub(r"\s", "", self.text(self.get(declarator, "dimensions")))
            value = self.get(declarator, "value")
            target = ir.Name(*place, self.text(self.get(declarator, "name")))
            lowered = self.initial(value, full) if value is not None else None
            line = place[0] if value is not None else 0
            out.append(ir.Annotate(line, place[1], place[2], target, full, lowered))

    def initial(self, node: Node, declared: str) -> ir.Expression:
        """An initialiser: an expression, or the braces of an array of a declared type."""
        if node.type == "array_initializer":
            element = declared.removesuffix("[]").removesuffix("...")
            items = tuple(self.initial(c, element) for c in self.named(node))
            return ir.Sequence(*self.place(node), "array", items, element)
        return self.expression(node)

    def do_if_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        other = self.get(node, "alternative")
        orelse: list[ir.Statement] = []
        if other is not None:
            self.statement(other, orelse)
        then = self.block(self.get(node, "consequence"))
        test = self.expression(self.get(node, "condition"))
        out.append(ir.If(*place, test, (ir.Block(0, place[1], place[2], then),), tuple(orelse)))

    def do_empty_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        return

    def do_while_statement(self, node: Node, place: Place, out: list[ir.Statement], label: str = "") -> None:
        body = (ir.Block(0, place[1], place[2], self.block(self.get(node, "body"))),)
        out.append(ir.While(*place, self.expression(self.get(node, "condition")), body, label=label))

    def do_do_statement(self, node: Node, place: Place, out: list[ir.Statement], label: str = "") -> None:
        body = (ir.Block(0, place[1], place[2], self.block(self.get(node, "body"))),)
        test = self.expression(self.get(node, "condition"))
        out.append(ir.While(test.line, place[1], place[2], test, body, label=label, test_last=True))

    def do_for_statement(self, node: Node, place: Place, out: list[ir.Statement], label: str = "") -> None:
        before: list[ir.Statement] = []
        for init in node.children_by_field_name("init"):
            if init.type == "local_variable_declaration":
                self.statement(init, before)
            else:
                before.append(ir.Evaluate(*self.place(init), self.expression(init)))
        test = self.get(node, "condition")
        condition = self.expression(test) if test is not None else ir.Name(*place, "true")
        post = tuple(
            ir.Evaluate(*self.place(u), self.expression(u)) for u in node.children_by_field_name("update")
        )
        body = (ir.Block(0, place[1], place[2], self.block(self.get(node, "body"))),)
        loop = ir.While(*place, condition, body, post=post, label=label)
        out.append(ir.Block(0, place[1], place[2], (*before, loop)))

    def do_enhanced_for_statement(
        self, node: Node, place: Place, out: list[ir.Statement], label: str = ""
    ) -> None:
        target = ir.Convert(
            *place,
            erase(self.text(self.get(node, "type"))),
            ir.Name(*place, self.text(self.get(node, "name"))),
        )
        body = (ir.Block(0, place[1], place[2], self.block(self.get(node, "body"))),)
        out.append(ir.For(*place, target, self.expression(self.get(node, "value")), body, label=label))

    def do_labeled_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        parts = self.named(node)
        label, inner = self.text(parts[0]), parts[1]
        method = getattr(self, "do_" + inner.type, None)
        if method is not None and inner.type in (
            "for_statement", "while_statement", "do_statement", "enhanced_for_statement",
        ):  # fmt: skip
            method(inner, self.place(inner), out, label)
        else:
            out.append(ir.Unsupported(*place, "syntax:label"))

    def do_break_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Break(*place, self.text(self.named(node)[0]) if self.named(node) else ""))

    def do_continue_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Continue(*place, self.text(self.named(node)[0]) if self.named(node) else ""))

    def do_return_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        values = self.named(node)
        out.append(ir.Return(*place, self.expression(values[0]) if values else None))

    def do_yield_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        # A yield leaves its switch as a return leaves a function.
        out.append(ir.Return(*place, self.expression(self.named(node)[0])))

    def do_throw_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Raise(*place, self.expression(self.named(node)[0])))

    def do_assert_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        parts = self.named(node)
        out.append(ir.Assert(*place, self.expression(parts[0]), None))

    def do_synchronized_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        parts = self.named(node)
        out.append(ir.Evaluate(*place, self.expression(parts[0])))
        out.append(ir.Block(0, place[1], place[2], self.block(parts[-1])))

    def do_try_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        body = self.block(self.get(node, "body"))
        handlers = []
        final: tuple[ir.Statement, ...] = ()
        for child in self.named(node):
            if child.type == "catch_clause":
                parameter = next(c for c in self.named(child) if c.type == "catch_formal_parameter")
                kinds = next(c for c in self.named(parameter) if c.type == "catch_type")
                names = tuple(erase(self.text(k)) for k in self.named(kinds))
                types = ir.Const(*self.place(kinds), names, "types")
                name = self.text(self.get(parameter, "name"))
                handlers.append(
                    ir.Handler(self.place(child)[0], types, name, self.block(self.get(child, "body")))
                )
            elif child.type == "finally_clause":
                final = self.block(self.named(child)[-1])
        out.append(
            ir.Try(
                0, place[1], place[2], (ir.Block(0, place[1], place[2], body),), tuple(handlers), (), final
            )
        )

    def do_try_with_resources_statement(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(ir.Unsupported(*place, "try-with-resources"))

    def do_switch_expression(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(self.switch(node, place, False))

    def switch(self, node: Node, place: Place, is_value: bool) -> ir.Switch:
        cases = []
        for group in self.named(self.get(node, "body")):
            label = next((c for c in self.named(group) if c.type == "switch_label"), None)
            values = tuple(self.expression(v) for v in self.named(label))
            default = label is None or not values
            spot = self.place(group)
            if group.type == "switch_rule":
                inner = [c for c in self.named(group) if c.type != "switch_label"]
                body = self.block(inner[0]) if inner else ()
                if is_value and inner and inner[0].type == "expression_statement":
                    value = self.named(inner[0])[0]
                    body = (ir.Return(*self.place(value), self.expression(value)),)
                cases.append(ir.SwitchCase(spot[0], values, (*body, ir.Break(0, 0, 0)), default=default))
            else:
                labels = [c for c in self.named(group) if c.type == "switch_label"]
                values = tuple(self.expression(v) for one in labels for v in self.named(one))
                default = any(not self.named(one) for one in labels)
                cases.append(ir.SwitchCase(spot[0], values, self.block(group), default=default, falls=True))
        return ir.Switch(*place, self.expression(self.get(node, "condition")), tuple(cases))

    def do_class_declaration(self, node: Node, place: Place, out: list[ir.Statement]) -> None:
        out.append(self.type_declaration(node))

    do_record_declaration = do_class_declaration
    do_enum_declaration = do_class_declaration
    do_interface_declaration = do_class_declaration

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

    on_this = on_super = on_true = on_false = on_null_literal = on_type_identifier = on_identifier

    def on_parenthesized_expression(self, node: Node) -> ir.Expression:
        return self.expression(self.named(node)[0])

    def on_decimal_integer_literal(self, node: Node) -> ir.Expression:
        text = self.text(node).replace("_", "").lower()
        kind = "long" if text.endswith("l") else "int"
        digits = text.rstrip("l")
        if len(digits) > MAX_DIGITS:
            return ir.Opaque(*self.place(node), "giant-literal")
        base = (
            16
            if digits.startswith("0x")
            else 2
            if digits.startswith("0b")
            else 8
            if len(digits) > 1 and digits[0] == "0"
            else 10
        )
        value = int(digits[2:] if base in (16, 2) else digits, base)
        bits = 64 if kind == "long" else 32
        if base != 10 and value >> (bits - 1):
            value -= 1 << bits
        return ir.Const(*self.place(node), value, kind)

    on_hex_integer_literal = on_octal_integer_literal = on_binary_integer_literal = on_decimal_integer_literal

    def on_decimal_floating_point_literal(self, node: Node) -> ir.Expression:
        text = self.text(node).replace("_", "").lower()
        kind = "float" if text.endswith("f") else "double"
        value = float(text.rstrip("fd"))
        return ir.Const(*self.place(node), round32(value) if kind == "float" else value, kind)

    def on_character_literal(self, node: Node) -> ir.Expression:
        try:
            value = unescape(self.text(node)[1:-1])
            return ir.Const(*self.place(node), ord(value), "char")
        except (ValueError, TypeError):
            return ir.Opaque(*self.place(node), "literal")

    def on_string_literal(self, node: Node) -> ir.Expression:
        text = self.text(node)
        try:
            if text.startswith('"""'):
                return ir.Opaque(*self.place(node), "text-block")
            return ir.Const(*self.place(node), unescape(text[1:-1]), "String")
        except ValueError:
            return ir.Opaque(*self.place(node), "literal")

    def on_binary_expression(self, node: Node) -> ir.Expression:
        op = self.text(self.get(node, "operator"))
        left, right = self.expression(self.get(node, "left")), self.expression(self.get(node, "right"))
        if op in ("&&", "||"):
            return ir.Logical(*self.place(node), "and" if op == "&&" else "or", left, right)
        if op in ("==", "!=", "<", "<=", ">", ">="):
            return ir.Compare(*self.place(node), left, ((op, right),))
        return ir.Binary(*self.place(node), op, left, right)

    def on_unary_expression(self, node: Node) -> ir.Expression:
        op = self.text(self.get(node, "operator"))
        value = self.expression(self.get(node, "operand"))
        if op == "-" and isinstance(value, ir.Const) and value.type in ("int", "long"):
            return ir.Const(*self.place(node), -value.value, value.type)
        return ir.Unary(*self.place(node), "not" if op == "!" else op, value)

    def on_update_expression(self, node: Node) -> ir.Expression:
        operator = next(c for c in node.children if c.type in ("++", "--"))
        place = self.place(node)
        prefix = operator.start_byte == node.start_byte
        op = ("pre" if prefix else "post") + operator.type[0]
        return ir.Bind(*place, self.expression(self.named(node)[0]), ir.Const(*place, 1, "int"), op)

    def on_assignment_expression(self, node: Node) -> ir.Expression:
        op = self.text(self.get(node, "operator"))
        value = self.expression(self.get(node, "right"))
        return ir.Bind(*self.place(node), self.expression(self.get(node, "left")), value, op)

    def on_ternary_expression(self, node: Node) -> ir.Expression:
        test, then, orelse = (
            self.expression(self.get(node, f)) for f in ("condition", "consequence", "alternative")
        )
        return ir.Conditional(*self.place(node), test, then, orelse)

    def on_cast_expression(self, node: Node) -> ir.Expression:
        return ir.Convert(
            *self.place(node),
            erase(self.text(self.get(node, "type"))),
            self.expression(self.get(node, "value")),
        )

    def on_instanceof_expression(self, node: Node) -> ir.Expression:
        value = self.expression(self.get(node, "left"))
        right = self.get(node, "right")
        if right is None:
            return ir.Opaque(*self.place(node), "record-pattern")
        return ir.TypeTest(
            *self.place(node), value, erase(self.text(right)), self.text(self.get(node, "name"))
        )

    def on_field_access(self, node: Node) -> ir.Expression:
        return ir.Attribute(
            *self.place(node), self.expression(self.get(node, "object")), self.text(self.get(node, "field"))
        )

    def on_scoped_identifier(self, node: Node) -> ir.Expression:
        return ir.Attribute(
            *self.place(node), self.expression(self.get(node, "scope")), self.text(self.get(node, "name"))
        )

    def on_array_access(self, node: Node) -> ir.Expression:
        return ir.Index(
            *self.place(node),
            self.expression(self.get(node, "array")),
            self.expression(self.get(node, "index")),
        )

    def arguments(self, node: Node | None) -> tuple[ir.Argument, ...]:
        return tuple(ir.Argument(self.expression(c)) for c in self.named(node))

    def on_method_invocation(self, node: Node) -> ir.Expression:
        place = self.place(node)
        owner = self.get(node, "object")
        name = self.text(self.get(node, "name"))
        function: ir.Expression = ir.Name(*place, name)
        if owner is not None:
            function = ir.Attribute(*place, self.expression(owner), name)
        return ir.Call(*place, function, self.arguments(self.get(node, "arguments")), ("method",))

    def on_object_creation_expression(self, node: Node) -> ir.Expression:
        place = self.place(node)
        declared = erase(self.text(self.get(node, "type")))
        body = next((c for c in self.named(node) if c.type == "class_body"), None)
        inner: list[ir.Statement] = []
        if body is not None:
            self.members(body, inner)
        kind = ("new", declared, tuple(inner), body is not None)
        return ir.Call(*place, ir.Name(*place, declared), self.arguments(self.get(node, "arguments")), kind)

    def on_array_creation_expression(self, node: Node) -> ir.Expression:
        declared = erase(self.text(self.get(node, "type")))
        dimensions = node.children_by_field_name("dimensions")
        value = self.get(node, "value")
        depth = sum(self.text(d).count("[") for d in dimensions)
        if value is not None:
            return self.initial(value, declared + "[]" * depth)
        sizes = tuple(
            ir.Argument(self.expression(self.named(d)[0])) for d in dimensions if d.type == "dimensions_expr"
        )
        place = self.place(node)
        return ir.Call(*place, ir.Name(*place, declared), sizes, ("array", declared, depth))

    def on_lambda_expression(self, node: Node) -> ir.Expression:
        place = self.place(node)
        given = self.get(node, "parameters")
        if given is not None and given.type == "identifier":
            parameters: tuple[ir.Parameter, ...] = (
                ir.Parameter(self.text(given), "positional", None, "var"),
            )
        else:
            parameters = self.parameters(given)
        body = self.get(node, "body")

        def load() -> tuple[tuple[ir.Statement, ...], frozenset[str], frozenset[str], bool]:
            if body is not None and body.type == "block":
                return self.block(body), frozenset(), frozenset(), False
            value = self.expression(body)
            return (ir.Return(*self.place(body or node), value),), frozenset(), frozenset(), False

        return ir.FunctionExpression(
            *place, ir.FunctionDef(*place, "lambda", parameters, ir.Body(load), result="lambda")
        )

    def on_method_reference(self, node: Node) -> ir.Expression:
        parts = self.named(node)
        name = "new" if node.children[-1].type == "new" else self.text(parts[-1])
        return ir.Index(
            *self.place(node), self.expression(parts[0]), ir.Const(*self.place(node), name, "reference")
        )

    def on_class_literal(self, node: Node) -> ir.Expression:
        return ir.Const(*self.place(node), erase(self.text(self.named(node)[0])), "class")

    def on_switch_expression(self, node: Node) -> ir.Expression:
        place = self.place(node)
        body = (self.switch(node, place, True),)

        def load() -> tuple[tuple[ir.Statement, ...], frozenset[str], frozenset[str], bool]:
            return body, frozenset(), frozenset(), False

        function = ir.FunctionDef(*place, "switch", (), ir.Body(load), result="lambda")
        return ir.Call(*place, ir.FunctionExpression(*place, function), (), ("inline",))

    def on_array_initializer(self, node: Node) -> ir.Expression:
        return self.initial(node, "Object[]")


def lower(text: bytes, path: str) -> ir.Program:
    """Lowers a Java file."""
    if len(text) > MAX_FILE_BYTES:
        return ir.Program(path, b"", (), has_error=True)
    tree = Parser(_LANGUAGE).parse(text)
    lowering = JavaLowering(text)
    body: list[ir.Statement] = []
    package = ""
    try:
        for child in lowering.named(tree.root_node):
            if child.type == "package_declaration":
                package = lowering.text(lowering.named(child)[-1])
            elif child.type == "import_declaration":
                static = any(c.type == "static" for c in child.children)
                star = any(c.type == "asterisk" for c in child.children)
                name = lowering.text(next(c for c in lowering.named(child) if "identifier" in c.type))
                member = "*" if star else name.rsplit(".", 1)[-1]
                module = name if star else name.rpartition(".")[0]
                body.append(ir.Import(*lowering.place(child), module, member, "static" if static else ""))
            elif child.type in _TYPES:
                body.append(lowering.type_declaration(child))
    except RecursionError:
        return ir.Program(path, text, (), package, True)
    return ir.Program(path, text, tuple(body), package, tree.root_node.has_error)


@lru_cache(maxsize=128)
def lower_cached(text: str, path: str) -> ir.Program:
    """`lower`, kept by content."""
    return lower(text.encode(errors="replace"), path)
