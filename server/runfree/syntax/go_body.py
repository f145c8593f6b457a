"""Reads the body of one Go function: calls, names, branches, checks, literals, lines, test tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from runfree.syntax.go_checks import Checks
from runfree.syntax.go_errors import returned_error
from runfree.syntax.go_literals import SEQUENCES, Table, literal_of, message_of, table_of
from runfree.syntax.nodes import Source, descend, field, line_of, operands, span_of
from runfree.syntax.tree import Assertion, Branch, BranchKind, Call, LiteralValue, Member, Name, Raise

_BRANCH_STATEMENTS = frozenset({"comment", "block", "empty_statement"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: how many branches enclose it, and whether a function literal does."""

    depth: int
    nested: bool


_Children = list[tuple[Node, _Place]]


class Body:
    """What one walk over a function's body (and its parameters) finds; the attributes are read afterwards.

    Attributes are those of `runfree.syntax.tree.Function` of the same name. The walk uses a stack of its own,
    so that hostile nesting cannot overflow Python's.
    """

    def __init__(
        self,
        source: Source,
        tables: Mapping[str, Table],
        testers: set[str] | None = None,
        asserters: set[str] | None = None,
    ) -> None:
        """`tables`: package-level tables by name; `testers`, `asserters`: see `Checks`."""
        self.lines: set[int] = set()
        self.calls: list[Call] = []
        self.reads: list[Name] = []
        self.members: list[Member] = []
        self.binds: set[str] = set()
        self.literals: list[LiteralValue] = []
        self.branches: list[Branch] = []
        self.assertions: list[Assertion] = []
        self.raises: list[Raise] = []
        self.return_lines: list[int] = []
        self.subtests: list[str] = []
        self.cases = 0
        self._tables = dict(tables)
        self._source = source
        self._text = source.text
        self._checks = Checks(source, testers or set(), asserters or set())
        self._bound: set[int] = set()  # ids of identifiers that are bound or are keys, not read
        self._elif: set[int] = set()
        self._consumed: set[int] = set()  # ids of failing calls that an `if` already accounts for
        self._element_type: dict[int, Node] = {}  # literal_value id -> the type its elements are of

    def walk(self, node: Node) -> None:
        """Reads everything at and below a node."""
        stack = [(node, _Place(0, False))]
        while stack:
            current, place = stack.pop()
            literal = literal_of(self._source, current)
            if literal is not None:
                self.literals.append(literal)
                if current.type == "unary_expression":
                    continue
            handler = _HANDLERS.get(current.type)
            children = handler(self, current, place) if handler else None
            if children is None:
                children = [(c, place) for c in current.named_children]
            stack.extend(reversed(children))

    @property
    def names(self) -> tuple[Name, ...]:
        """Identifiers read that are not bound here."""
        return tuple(n for n in self.reads if n.text not in self.binds and n.text != "_")

    # Names

    def _identifier(self, node: Node, place: _Place) -> _Children:
        if node.id not in self._bound:
            self.reads.append(Name(self._text(node), span_of(node)))
        return []

    def _bind(self, node: Node | None) -> None:
        if node is not None and node.type in {"identifier", "type_identifier"}:
            self._bound.add(node.id)
            self.binds.add(self._text(node))

    def _bind_all(self, node: Node | None) -> None:
        for child in operands(node):
            self._bind(child)

    def _bind_name(self, node: Node, place: _Place) -> None:
        for child in node.children_by_field_name("name"):
            self._bind(child)

    def _parameter(self, node: Node, place: _Place) -> None:
        names = node.children_by_field_name("name")
        for child in names:
            self._bind(child)
        if "testing." in self._text(field(node, "type")):
            self._checks.testers |= {self._text(n) for n in names}

    def _selector(self, node: Node, place: _Place) -> None:
        name = field(node, "field")
        if name is not None:
            self.members.append(Member(self._text(field(node, "operand")), self._text(name), span_of(name)))

    def _qualified_type(self, node: Node, place: _Place) -> None:
        package, name = field(node, "package"), field(node, "name")
        if name is not None:
            self._bound.add(name.id)
            self.members.append(Member(self._text(package), self._text(name), span_of(name)))

    def bind_type_arguments(self, receiver: Node | None) -> None:
        """Binds the `K`, `V` of a receiver `(m *Map[K, V])`."""
        for node in descend(receiver) if receiver is not None else ():
            if node.type == "type_arguments":
                for inner in descend(node):
                    self._bind(inner)
                return

    # Declarations

    def _short_var(self, node: Node, place: _Place) -> None:
        left, right = operands(field(node, "left")), operands(field(node, "right"))
        self._bind_all(field(node, "left"))
        self._define(left, right)

    def _var_spec(self, node: Node, place: _Place) -> None:
        self._bind_name(node, place)
        self._define(node.children_by_field_name("name"), operands(field(node, "value")))

    def _define(self, left: list[Node], right: list[Node]) -> None:
        """Remembers calls and tables assigned to single names."""
        for name, value in zip(left, right, strict=False):
            text = self._text(name)
            if value.type == "call_expression":
                self._checks.defined[text] = value
                if re.match(
                    r"(assert|require|is|qt|gomega)\.New(WithT|GomegaWithT)?$",
                    self._text(field(value, "function")),
                ):
                    self._checks.asserters |= {text}
                    self._checks.testers |= {text}
            table = table_of(self._source, value)
            if table is not None:
                self._tables[text] = table

    def _range(self, node: Node, place: _Place) -> None:
        if any(c.type == ":=" for c in node.children):
            self._bind_all(field(node, "left"))
        right = field(node, "right")
        table = (
            None if right is None else table_of(self._source, right) or self._tables.get(self._text(right))
        )
        if table is not None:
            self.cases += table.cases
            self.subtests.extend(table.names)

    def _receive(self, node: Node, place: _Place) -> None:
        if any(c.type == ":=" for c in node.children):
            self._bind_all(field(node, "left"))

    # Calls

    def _call(self, node: Node, place: _Place) -> _Children | None:
        function = field(node, "function")
        arguments = operands(field(node, "arguments"))
        if function is None:
            return None
        name, receiver = _callee(self._source, function)
        self._add_call(node, name, receiver, arguments)
        if name == "panic" and not receiver:
            message = literal_of(self._source, arguments[0]) if arguments else None
            self.raises.append(
                Raise(
                    "panic", message.value if message else message_of(self._source, arguments), line_of(node)
                )
            )
        if name == "Run" and receiver in self._checks.testers | {"s", "suite"} and arguments:
            title = literal_of(self._source, arguments[0])
            if title is not None and title.kind == "string":
                self.subtests.append(title.value)
        if self._checks.fails_test(node):
            if node.id not in self._consumed:
                self.assertions.append(
                    Assertion("fail", "", "", message_of(self._source, arguments), span_of(node))
                )
        else:
            check = self._checks.library_call(name, receiver, arguments, node)
            if check is not None:
                self.assertions.append(check)
        return None

    def _generic_call(self, node: Node, place: _Place) -> None:
        """`F[int](x)` reads as a conversion to a generic type: it is a call."""
        type_node, operand = field(node, "type"), field(node, "operand")
        if type_node is not None and type_node.type == "generic_type" and operand is not None:
            package, _, name = self._text(field(type_node, "type")).rpartition(".")
            self._add_call(node, name, package, [operand])

    def _add_call(self, node: Node, name: str, receiver: str, arguments: list[Node]) -> None:
        spread = any(a.type == "variadic_argument" for a in arguments)
        texts = tuple(self._text(a) for a in arguments)
        self.calls.append(Call(name, receiver, len(arguments), (), spread, texts, span_of(node)))

    def _composite(self, node: Node, place: _Place) -> None:
        type_node, body = field(node, "type"), field(node, "body")
        if type_node is None or body is None:
            return
        self._element_type[body.id] = type_node
        base = field(type_node, "type") if type_node.type == "generic_type" else type_node
        if base is not None and base.type in {"type_identifier", "qualified_type"}:
            package, _, name = self._text(base).rpartition(".")
            elements = operands(body)
            keys = tuple(self._text(field(e, "key")) for e in elements if e.type == "keyed_element")
            self.calls.append(
                Call(
                    name,
                    package,
                    len(elements) - len(keys),
                    keys,
                    False,
                    tuple(self._text(e) for e in elements),
                    span_of(node),
                    constructor=True,
                )
            )

    def _literal_value(self, node: Node, place: _Place) -> None:
        """Marks field names of a struct literal, which are no reads; hands the type on to inner literals."""
        type_node = self._element_type.get(node.id)
        is_map = type_node is not None and type_node.type == "map_type"
        inner_type = None
        if type_node is not None:
            inner_type = field(type_node, "value") if is_map else field(type_node, "element")
        for element in operands(node):
            value: Node | None = element
            if element.type == "keyed_element":
                key, value = field(element, "key"), field(element, "value")
                if key is not None and not (type_node is not None and type_node.type in SEQUENCES):
                    self._bound.update(c.id for c in operands(key) if c.type == "identifier")
            for inner in operands(value):
                if inner.type == "literal_value" and inner_type is not None:
                    self._element_type[inner.id] = inner_type

    def _func_literal(self, node: Node, place: _Place) -> _Children:
        return [(c, _Place(place.depth, True)) for c in node.named_children]

    # Statements

    def _statement_list(self, node: Node, place: _Place) -> None:
        for statement in node.named_children:
            while statement.type == "labeled_statement":
                inner = operands(statement)
                if len(inner) < 2:
                    break
                statement = inner[-1]
            if statement.type not in _BRANCH_STATEMENTS and not statement.is_error:
                self.lines.add(line_of(statement))

    def _branch(self, kind: BranchKind, condition: str, line: int, body: Node, place: _Place) -> None:
        self.branches.append(Branch(kind, condition, line, span_of(body), place.depth))

    def _if(self, node: Node, place: _Place) -> _Children:
        initializer, condition = field(node, "initializer"), field(node, "condition")
        consequence, alternative = field(node, "consequence"), field(node, "alternative")
        inner = _Place(place.depth + 1, place.nested)
        self.lines.add(line_of(node))
        if initializer is not None and initializer.type == "short_var_declaration":
            self._define(operands(field(initializer, "left")), operands(field(initializer, "right")))
        children = [(c, place) for c in (initializer, condition) if c is not None]
        if consequence is not None:
            kind: BranchKind = "elif" if node.id in self._elif else "if"
            self._branch(kind, self._text(condition), line_of(condition or node), consequence, place)
            children.append((consequence, inner))
        if condition is not None:
            self._check(condition, consequence, False)
            if alternative is not None and alternative.type == "block":
                self._check(condition, alternative, True)
        if alternative is not None:
            if alternative.type == "if_statement":
                self._elif.add(alternative.id)
                children.append((alternative, place))
            else:
                self._branch("else", "", line_of(alternative), alternative, place)
                children.append((alternative, inner))
        return children

    def _check(self, condition: Node, block: Node | None, holds: bool) -> None:
        call = self._checks.failing_call(block)
        if call is not None:
            self._consumed.add(call.id)
            self.assertions.extend(self._checks.negated_condition(condition, holds, call))

    def _for(self, node: Node, place: _Place) -> _Children:
        body = field(node, "body")
        children: _Children = []
        head: Node | None = None
        for child in operands(node):
            if child.id != (body.id if body else -1):
                head = child
                children.append((child, place))
        if body is not None:
            counted = head is not None and head.type in {"for_clause", "range_clause"}
            condition = head
            if head is not None and head.type == "for_clause":
                condition = field(head, "condition")
            kind: BranchKind = "for" if counted else "while"
            self._branch(kind, self._text(condition), line_of(condition or node), body, place)
            children.append((body, _Place(place.depth + 1, place.nested)))
        return children

    def _switch(self, node: Node, place: _Place) -> _Children:
        self._match(node, field(node, "value"), place)
        return self._cases(node, place, lambda case: operands(field(case, "value")))

    def _type_switch(self, node: Node, place: _Place) -> _Children:
        self._bind_all(field(node, "alias"))
        self._match(node, field(node, "value"), place)
        return self._cases(node, place, lambda case: case.children_by_field_name("type"))

    def _select(self, node: Node, place: _Place) -> _Children:
        self._match(node, None, place)
        return self._cases(node, place, lambda case: case.children_by_field_name("communication"))

    def _match(self, node: Node, subject: Node | None, place: _Place) -> None:
        condition = self._text(subject) + (".(type)" if node.type == "type_switch_statement" else "")
        self._branch("match", condition, line_of(subject or node), node, place)

    def _cases(self, node: Node, place: _Place, values: Callable[[Node], list[Node]]) -> _Children:
        """The cases of a switch are branches inside its "match", each decided by its own values."""
        children: _Children = []
        inner = _Place(place.depth + 1, place.nested)
        for child in operands(node):
            if child.type == "default_case":
                self._branch("default", "", line_of(child), child, inner)
            elif child.type in {"expression_case", "type_case", "communication_case"}:
                condition = ", ".join(self._text(v) for v in values(child))
                self._branch("case", condition, line_of(child), child, inner)
            else:
                children.append((child, place))
                continue
            children.append((child, _Place(place.depth + 2, place.nested)))
        return children

    def _return(self, node: Node, place: _Place) -> None:
        if place.nested:
            return
        self.return_lines.append(line_of(node))
        for values in operands(node):
            for value in operands(values):
                found = returned_error(self._source, value)
                if found is not None:
                    self.raises.append(found)


_HANDLERS: dict[str, Callable[[Body, Node, _Place], _Children | None]] = {
    "statement_list": Body._statement_list,
    "identifier": Body._identifier,
    "type_identifier": Body._identifier,
    "package_identifier": Body._identifier,
    "call_expression": Body._call,
    "type_conversion_expression": Body._generic_call,
    "selector_expression": Body._selector,
    "qualified_type": Body._qualified_type,
    "composite_literal": Body._composite,
    "literal_value": Body._literal_value,
    "func_literal": Body._func_literal,
    "short_var_declaration": Body._short_var,
    "var_spec": Body._var_spec,
    "const_spec": Body._var_spec,
    "type_spec": Body._bind_name,
    "type_alias": Body._bind_name,
    "type_parameter_declaration": Body._bind_name,
    "parameter_declaration": Body._parameter,
    "variadic_parameter_declaration": Body._parameter,
    "range_clause": Body._range,
    "receive_statement": Body._receive,
    "if_statement": Body._if,
    "for_statement": Body._for,
    "expression_switch_statement": Body._switch,
    "type_switch_statement": Body._type_switch,
    "select_statement": Body._select,
    "return_statement": Body._return,
}


def _callee(source: Source, function: Node) -> tuple[str, str]:
    """(name, receiver) of what is called; the name is "" where it is an expression of its own."""
    if function.type == "index_expression":  # F[int](x), or a call of an element
        base = field(function, "operand")
        if base is not None and base.type in {"identifier", "selector_expression"}:
            function = base
    if function.type == "selector_expression":
        return source.text(field(function, "field")), source.text(field(function, "operand"))
    if function.type == "identifier":
        return source.text(function), ""
    return "", source.text(function)
