"""Reads the body of one Java method or initialiser: calls, names, branches, checks, literals."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from runfree.syntax.java_checks import Checks
from runfree.syntax.nodes import Source, field, line_of, operands, span_of, unescape
from runfree.syntax.tree import Assertion, Branch, BranchKind, Call, LiteralValue, Member, Name, Raise

_INTEGERS = frozenset(
    {
        "decimal_integer_literal",
        "hex_integer_literal",
        "octal_integer_literal",
        "binary_integer_literal",
    }
)
_FLOATS = frozenset({"decimal_floating_point_literal", "hex_floating_point_literal"})
_PACKAGE_ROOTS = frozenset({"java", "javax", "jakarta", "org", "com", "io", "net"})
_NESTED = frozenset({"lambda_expression", "class_body"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: how many branches enclose it, and whether a lambda or an anonymous class does."""

    depth: int
    nested: bool


_Children = list[tuple[Node, _Place]]


def literal_of(source: Source, node: Node) -> LiteralValue | None:
    """The literal that a node is; None for other nodes."""
    kind = node.type
    if kind == "string_literal":
        text = source.text(node)
        if text.startswith('"""'):
            value = unescape(textwrap.dedent(text[3:-3].lstrip(" \t").removeprefix("\n")))
        else:
            value = unescape(text[1:-1])
        return LiteralValue("string", text, value, line_of(node))
    if kind == "character_literal":
        text = source.text(node)
        return LiteralValue("string", text, unescape(text[1:-1]), line_of(node))
    if kind in _INTEGERS or kind in _FLOATS:
        text = source.text(node)
        return LiteralValue("number", text, _number(kind, text), line_of(node))
    if kind in {"true", "false"}:
        return LiteralValue("boolean", kind, kind, line_of(node))
    if kind == "null_literal":
        return LiteralValue("null", "null", "null", line_of(node))
    if kind == "unary_expression":
        operand = field(node, "operand")
        text = source.text(node)
        if operand is not None and text.startswith("-") and operand.type in _INTEGERS | _FLOATS:
            return LiteralValue(
                "number", text, "-" + _number(operand.type, source.text(operand)), line_of(node)
            )
    if kind == "array_initializer":
        return LiteralValue("collection", source.text(node), "", line_of(node))
    return None


class Body:
    """What one walk over a method's body, parameters and annotations finds; read its attributes afterwards.

    Attributes are those of `runfree.syntax.tree.Function` of the same name. The walk uses a stack of its own,
    so that hostile nesting cannot overflow Python's.
    """

    def __init__(self, source: Source, checks: Checks) -> None:
        self.calls: list[Call] = []
        self.reads: list[Name] = []
        self.members: list[Member] = []
        self.binds: set[str] = set()
        self.literals: list[LiteralValue] = []
        self.branches: list[Branch] = []
        self.assertions: list[Assertion] = []
        self.raises: list[Raise] = []
        self.return_lines: list[int] = []
        self._source = source
        self._text = source.text
        self._checks = checks
        self._skipped: set[int] = set()  # ids of identifiers that are bound, or are no names of their own
        self._elif: set[int] = set()

    def walk(self, node: Node) -> None:
        """Reads everything at and below a node."""
        stack = [(node, _Place(0, False))]
        while stack:
            current, place = stack.pop()
            literal = literal_of(self._source, current)
            if literal is not None:
                self.literals.append(literal)
                if literal.kind != "collection":
                    continue
            handler = _HANDLERS.get(current.type)
            children = handler(self, current, place) if handler else None
            if children is None:
                children = [(c, place) for c in current.named_children]
            stack.extend(reversed(children))

    @property
    def names(self) -> tuple[Name, ...]:
        """Identifiers read that are not bound here."""
        return tuple(n for n in self.reads if n.text not in self.binds)

    # Names

    def _identifier(self, node: Node, place: _Place) -> _Children:
        if node.id not in self._skipped:
            self.reads.append(Name(self._text(node), span_of(node)))
        return []

    def _scoped_type(self, node: Node, place: _Place) -> _Children:
        """Of `Outer.Inner` only `Outer` is a name; `java.util.List` needs none at all."""
        first = node
        while first.named_children and first.type in {"scoped_type_identifier", "scoped_identifier"}:
            first = first.named_children[0]
        text = self._text(first)
        if first.type in {"identifier", "type_identifier"} and text[:1].isupper():
            self.reads.append(Name(text, span_of(first)))
        return []

    def _bind(self, node: Node | None) -> None:
        if node is not None and node.type == "identifier":
            self._skipped.add(node.id)
            self.binds.add(self._text(node))

    def _declared(self, node: Node, place: _Place) -> None:
        self._bind(field(node, "name"))

    def _skip_name(self, node: Node, place: _Place) -> None:
        name = field(node, "name")
        if name is not None:
            self._skipped.add(name.id)

    def _pattern(self, node: Node, place: _Place) -> None:
        inner = operands(node)
        if inner:
            self._bind(inner[-1])

    def _type_parameter(self, node: Node, place: _Place) -> None:
        name = next((c for c in operands(node) if c.type in {"type_identifier", "identifier"}), None)
        if name is not None:
            self._skipped.add(name.id)
            self.binds.add(self._text(name))

    def _element_value(self, node: Node, place: _Place) -> None:
        key = field(node, "key")
        if key is not None:
            self._skipped.add(key.id)

    def _label(self, node: Node, place: _Place) -> None:
        inner = operands(node)
        if inner:
            self._skipped.add(inner[0].id)

    def _no_names(self, node: Node, place: _Place) -> _Children:
        return []

    def _field_access(self, node: Node, place: _Place) -> _Children | None:
        owner, name = field(node, "object"), field(node, "field")
        if owner is None or name is None:
            return None
        if name.type == "identifier":
            self.members.append(Member(self._text(owner), self._text(name), span_of(name)))
        self._skip_package(owner)
        return [(owner, place)]

    def _skip_package(self, owner: Node) -> None:
        """The `java` of `java.util.List.of()` is no name."""
        while owner.type == "field_access" and owner.named_children:
            owner = owner.named_children[0]
        if owner.type == "identifier" and self._text(owner) in _PACKAGE_ROOTS:
            self._skipped.add(owner.id)

    def _method_reference(self, node: Node, place: _Place) -> _Children:
        inner = operands(node)
        if len(inner) > 1 and inner[-1].type == "identifier":
            self.members.append(Member(self._text(inner[0]), self._text(inner[-1]), span_of(inner[-1])))
            inner = inner[:-1]
        return [(c, place) for c in inner]

    def _lambda(self, node: Node, place: _Place) -> _Children:
        parameters = field(node, "parameters")
        if parameters is not None and parameters.type == "identifier":
            self._bind(parameters)
        elif parameters is not None and parameters.type == "inferred_parameters":
            for parameter in operands(parameters):
                self._bind(parameter)
        return [(c, _Place(place.depth, True)) for c in operands(node)]

    def _class_body(self, node: Node, place: _Place) -> _Children:
        return [(c, _Place(place.depth, True)) for c in operands(node)]

    # Calls

    def _invocation(self, node: Node, place: _Place) -> _Children:
        owner, name = field(node, "object"), field(node, "name")
        arguments = operands(field(node, "arguments"))
        title, receiver = self._text(name), self._text(owner)
        self._add_call(node, title, receiver, arguments)
        if name is not None and owner is not None:
            self.members.append(Member(receiver, title, span_of(name)))
            self._skip_package(owner)
        self.assertions.extend(self._checks.of_call(node, title, receiver, arguments))
        return [(c, place) for c in operands(node) if name is None or c.id != name.id]

    def _creation(self, node: Node, place: _Place) -> None:
        type_node = field(node, "type")
        package, _, name = self._text(type_node).partition("<")[0].rpartition(".")
        self._add_call(node, name.strip(), package, operands(field(node, "arguments")), constructor=True)

    def _constructor_invocation(self, node: Node, place: _Place) -> None:
        name = self._text(field(node, "constructor"))
        self._add_call(node, name, "", operands(field(node, "arguments")), constructor=True)

    def _add_call(
        self, node: Node, name: str, receiver: str, arguments: list[Node], constructor: bool = False
    ) -> None:
        texts = tuple(self._text(a) for a in arguments)
        self.calls.append(Call(name, receiver, len(texts), (), False, texts, span_of(node), constructor))

    # Statements

    def _branch(self, kind: BranchKind, condition: str, line: int, body: Node, place: _Place) -> None:
        self.branches.append(Branch(kind, condition, line, span_of(body), place.depth))

    def _condition(self, node: Node) -> tuple[str, Node]:
        """Text of a statement's condition without its parentheses, and its place."""
        condition = field(node, "condition")
        if condition is None:
            return "", node
        inner = operands(condition)
        if condition.type == "parenthesized_expression" and inner:
            condition = inner[0]
        return self._text(condition), condition

    def _if(self, node: Node, place: _Place) -> _Children:
        text, condition = self._condition(node)
        consequence, alternative = field(node, "consequence"), field(node, "alternative")
        children: _Children = [(condition, place)] if condition.id != node.id else []
        inner = _Place(place.depth + 1, place.nested)
        if consequence is not None:
            kind: BranchKind = "elif" if node.id in self._elif else "if"
            self._branch(kind, text, line_of(condition), consequence, place)
            children.append((consequence, inner))
        if alternative is not None and alternative.type == "if_statement":
            self._elif.add(alternative.id)
            children.append((alternative, place))
        elif alternative is not None:
            self._branch("else", "", line_of(alternative), alternative, place)
            children.append((alternative, inner))
        return children

    def _loop(self, node: Node, place: _Place) -> _Children:
        text, condition = self._condition(node)
        body = field(node, "body")
        if body is not None:
            kind: BranchKind = "for" if node.type == "for_statement" else "while"
            self._branch(kind, text, line_of(condition), body, place)
        return self._with_body(node, body, place)

    def _with_body(self, node: Node, body: Node | None, place: _Place) -> _Children:
        inner = _Place(place.depth + 1, place.nested)
        return [(c, inner if body is not None and c.id == body.id else place) for c in operands(node)]

    def _enhanced_for(self, node: Node, place: _Place) -> _Children:
        name, value, body = field(node, "name"), field(node, "value"), field(node, "body")
        self._bind(name)
        if body is not None and value is not None:
            condition = f"{self._text(field(node, 'type'))} {self._text(name)} : {self._text(value)}"
            self._branch("for", condition, line_of(value), body, place)
        return self._with_body(node, body, place)

    def _try(self, node: Node, place: _Place) -> _Children:
        body = field(node, "body")
        if body is not None:
            self._branch("try", "", line_of(node), body, place)
            self._expected_exception(node, body)
        inner = _Place(place.depth + 1, place.nested)
        children: _Children = []
        for child in operands(node):
            if child.type == "catch_clause":
                children.extend(self._catch(child, place))
            elif child.type == "finally_clause":
                self._branch("finally", "", line_of(child), child, place)
                children.append((child, inner))
            else:
                children.append((child, inner if body is not None and child.id == body.id else place))
        return children

    def _catch(self, node: Node, place: _Place) -> _Children:
        body = field(node, "body")
        types = next((c for p in operands(node) for c in operands(p) if c.type == "catch_type"), None)
        if body is not None:
            self._branch("except", self._text(types), line_of(node), body, place)
        return self._with_body(node, body, place)

    def _expected_exception(self, node: Node, body: Node) -> None:
        """`try { call(); fail(); } catch (X e) {}` expects X."""
        statements = operands(body)
        last = operands(statements[-1])[:1] if statements else []
        if not last or last[0].type != "method_invocation" or self._text(field(last[0], "name")) != "fail":
            return
        for clause in operands(node):
            if clause.type != "catch_clause":
                continue
            types = next((c for p in operands(clause) for c in operands(p) if c.type == "catch_type"), None)
            actual = self._text(statements[-2]) if len(statements) > 1 else ""
            self._checks.consume(last[0])
            self.assertions.append(Assertion("raises", actual, self._text(types), "", span_of(last[0])))
            return

    def _switch(self, node: Node, place: _Place) -> _Children:
        text, condition = self._condition(node)
        self._branch("match", text, line_of(condition), node, place)
        children: _Children = [(condition, place)]
        inner = _Place(place.depth + 1, place.nested)
        for group in operands(field(node, "body")):
            labels = [c for c in operands(group) if c.type == "switch_label"]
            texts = [self._text(v) for label in labels for v in operands(label)]
            is_default = any(not operands(label) for label in labels)
            kind: BranchKind = "default" if is_default else "case"
            self._branch(kind, ", ".join(texts), line_of(group), group, inner)
            for child in operands(group):
                if child.type == "switch_label":
                    # Enum constants are written bare in labels: they are no names of this scope.
                    self._skipped.update(v.id for v in operands(child) if v.type == "identifier")
                children.append((child, _Place(place.depth + 2, place.nested)))
        return children

    def _ternary(self, node: Node, place: _Place) -> None:
        text, condition = self._condition(node)
        consequence = field(node, "consequence")
        if consequence is not None:
            self._branch("ternary", text, line_of(condition), consequence, place)

    def _throw(self, node: Node, place: _Place) -> None:
        thrown = next(iter(operands(node)), None)
        if thrown is None:
            return
        if thrown.type == "object_creation_expression":
            name = self._text(field(thrown, "type")).partition("<")[0].rpartition(".")[2]
            self.raises.append(Raise(name, self._message(thrown), line_of(node)))
        else:
            self.raises.append(Raise(self._text(thrown), "", line_of(node)))

    def _message(self, creation: Node) -> str:
        """The first string literal among a constructor's arguments, also inside String.format(...) or `"a" + b`."""
        for argument in operands(field(creation, "arguments")):
            node = argument
            for _ in range(20):
                literal = literal_of(self._source, node)
                if literal is not None and literal.kind == "string":
                    return literal.value
                inner = field(node, "left") or next(iter(operands(field(node, "arguments"))), None)
                if inner is None:
                    break
                node = inner
        return ""

    def _return(self, node: Node, place: _Place) -> None:
        if not place.nested:
            self.return_lines.append(line_of(node))

    def _assert(self, node: Node, place: _Place) -> None:
        inner = operands(node)
        if inner:
            message = self._text(inner[1]) if len(inner) > 1 else ""
            self.assertions.append(Assertion("true", self._text(inner[0]), "", message, span_of(node)))


_HANDLERS: dict[str, Callable[[Body, Node, _Place], _Children | None]] = {
    "identifier": Body._identifier,
    "type_identifier": Body._identifier,
    "scoped_type_identifier": Body._scoped_type,
    "scoped_identifier": Body._scoped_type,
    "method_invocation": Body._invocation,
    "object_creation_expression": Body._creation,
    "explicit_constructor_invocation": Body._constructor_invocation,
    "field_access": Body._field_access,
    "method_reference": Body._method_reference,
    "variable_declarator": Body._declared,
    "formal_parameter": Body._declared,
    "catch_formal_parameter": Body._declared,
    "resource": Body._declared,
    "instanceof_expression": Body._declared,
    "type_pattern": Body._pattern,
    "record_pattern_component": Body._pattern,
    "class_declaration": Body._declared,
    "record_declaration": Body._declared,
    "enum_declaration": Body._declared,
    "interface_declaration": Body._declared,
    "method_declaration": Body._skip_name,
    "constructor_declaration": Body._skip_name,
    "type_parameter": Body._type_parameter,
    "lambda_expression": Body._lambda,
    "class_body": Body._class_body,
    "element_value_pair": Body._element_value,
    "labeled_statement": Body._label,
    "break_statement": Body._no_names,
    "continue_statement": Body._no_names,
    "enhanced_for_statement": Body._enhanced_for,
    "if_statement": Body._if,
    "for_statement": Body._loop,
    "while_statement": Body._loop,
    "do_statement": Body._loop,
    "try_statement": Body._try,
    "try_with_resources_statement": Body._try,
    "switch_expression": Body._switch,
    "ternary_expression": Body._ternary,
    "throw_statement": Body._throw,
    "return_statement": Body._return,
    "assert_statement": Body._assert,
}


def _number(kind: str, text: str) -> str:
    """A number without underscores and type suffix."""
    text = text.replace("_", "").rstrip("lL")
    return text.rstrip("fFdD") if kind in _FLOATS else text
