"""The one evaluator: expressions of the intermediate form, over hooks that a language fills in (`python_semantics`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.machine import Machine
from runfree.interpreter.values import (
    MISSING,
    Env,
    FunctionValue,
    Thrown,
    Unknown,
    Value,
)


class Evaluator(Machine):
    """Evaluates expressions; the methods that raise NotImplementedError are the rules of a language."""

    def __init__(self, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0) -> None:
        super().__init__(budget, decisions, deadline)
        self._expressions: dict[type, Callable[[Any, Env], Value]] = {
            ir.Const: self.eval_const,
            ir.Name: self.eval_name,
            ir.Attribute: self.eval_attribute,
            ir.Index: self.eval_index,
            ir.Slice: self.eval_slice,
            ir.Call: self.eval_call,
            ir.Binary: self.eval_binary,
            ir.Unary: self.eval_unary,
            ir.Logical: self.eval_logical,
            ir.Compare: self.eval_compare,
            ir.Conditional: self.eval_conditional,
            ir.Sequence: self.eval_sequence,
            ir.Mapping: self.eval_mapping,
            ir.Comprehension: self.eval_comprehension,
            ir.Format: self.eval_format,
            ir.Bind: self.eval_bind,
            ir.FunctionExpression: self.eval_function,
            ir.Await: self.eval_await,
            ir.Opaque: self.eval_opaque,
            ir.TypeTest: self.eval_type_test,
            ir.Convert: self.eval_convert,
        }

    # -- rules of the language ------------------------------------------------------------------------------------

    def truth_of(self, value: Value) -> bool | None:
        """The truth value, None if unknown."""
        raise NotImplementedError

    def binary(self, op: str, left: Value, right: Value) -> Value:
        """An arithmetic or bitwise operation."""
        raise NotImplementedError

    def unary(self, op: str, value: Value) -> Value:
        """A sign or complement."""
        raise NotImplementedError

    def compare(self, op: str, left: Value, right: Value) -> Value:
        """One comparison."""
        raise NotImplementedError

    def get_attribute(self, value: Value, name: str) -> Value:
        """A member that is read."""
        raise NotImplementedError

    def set_attribute(self, value: Value, name: str, new: Value) -> None:
        """A member that is written."""
        raise NotImplementedError

    def get_index(self, value: Value, key: Value) -> Value:
        """An element that is read."""
        raise NotImplementedError

    def set_index(self, value: Value, key: Value, new: Value) -> None:
        """An element that is written."""
        raise NotImplementedError

    def iterate(self, value: Value) -> Iterator[Value]:
        """The elements one by one; a decision for each where the number is unknown."""
        raise NotImplementedError

    def call(self, function: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """A call."""
        raise NotImplementedError

    def name_missing(self, name: str, env: Env, local: bool) -> Value:
        """A name that no scope holds."""
        raise NotImplementedError

    def format_value(self, value: Value, conversion: str, spec: Value) -> Value:
        """One part of a formatted string."""
        raise NotImplementedError

    def make_function(self, definition: ir.FunctionDef, env: Env) -> Value:
        """A function value, its defaults evaluated."""
        raise NotImplementedError

    def make_sequence(self, node: ir.Sequence, items: list[Value]) -> Value:
        """A list, tuple or set of these items."""
        raise NotImplementedError

    def make_mapping(self, node: ir.Mapping, env: Env) -> Value:
        """A dictionary display."""
        raise NotImplementedError

    def eval_comprehension(self, node: ir.Comprehension, env: Env) -> Value:
        """A comprehension."""
        raise NotImplementedError

    def eval_await(self, node: ir.Await, env: Env) -> Value:
        """An awaited value."""
        raise NotImplementedError

    def eval_type_test(self, node: ir.TypeTest, env: Env) -> Value:
        """An instanceof or type assertion."""
        raise NotImplementedError

    def eval_convert(self, node: ir.Convert, env: Env) -> Value:
        """A cast or conversion."""
        raise NotImplementedError

    # -- shared ---------------------------------------------------------------------------------------------------

    def eval(self, node: ir.Expression, env: Env) -> Value:
        """The value of an expression."""
        self.steps += 1
        if self.steps > self.max_steps or not self.steps & 255:
            self.step(0)
        handler = self._expressions.get(type(node))
        if handler is None:
            raise Stop("syntax:" + type(node).__name__)
        return handler(node, env)

    def truth(self, value: Value, default: bool = True) -> bool:
        """The truth value, decided where it is unknown; the decision is remembered in the unknown value."""
        known = self.truth_of(value)
        if known is not None:
            return known
        self.reason(value.why if isinstance(value, Unknown) else "condition")
        choice = self.decide(default)
        if isinstance(value, Unknown):
            value.truth = choice
        return choice

    def eval_const(self, node: ir.Const, env: Env) -> Value:
        return node.value

    def eval_name(self, node: ir.Name, env: Env) -> Value:
        return self.lookup(node.id, env)

    def lookup(self, name: str, env: Env) -> Value:
        """A variable, from the innermost scope outwards; class scopes are seen only from inside their own body."""
        scope: Env | None = env
        first = True
        while scope is not None:
            if first or scope.kind != "class":
                value = scope.vars.get(name, MISSING)
                if value is not MISSING:
                    return value
                if scope.redirect is not None and name in scope.redirect:
                    scope = scope.redirect[name]
                    continue
                if name in scope.locals:
                    return self.name_missing(name, env, True)
            if scope.kind != "comprehension":
                first = False
            scope = scope.parent
        return self.name_missing(name, env, False)

    def assign_name(self, name: str, value: Value, env: Env) -> None:
        """Binds a variable in the scope it belongs to."""
        if env.redirect is not None and name in env.redirect:
            env.redirect[name].vars[name] = value
        else:
            env.vars[name] = value

    def eval_attribute(self, node: ir.Attribute, env: Env) -> Value:
        return self.get_attribute(self.eval(node.value, env), node.name)

    def eval_index(self, node: ir.Index, env: Env) -> Value:
        value = self.eval(node.value, env)
        return self.get_index(value, self.eval(node.key, env))

    def eval_slice(self, node: ir.Slice, env: Env) -> Value:
        parts = [self.eval(p, env) if p is not None else None for p in (node.low, node.high, node.step)]
        unknown = next((p for p in parts if isinstance(p, Unknown)), None)
        return unknown if unknown is not None else slice(*parts)

    def eval_call(self, node: ir.Call, env: Env) -> Value:
        function = self.eval(node.function, env)
        arguments, keywords = self.eval_arguments(node.arguments, env)
        self.line = node.line
        return self.call(function, arguments, keywords)

    def eval_arguments(
        self, arguments: tuple[ir.Argument, ...], env: Env
    ) -> tuple[list[Value], dict[str, Value]]:
        """Positional and keyword arguments of a call, in order of place.

        Raises:
            Stop: an unpacked argument is unknown.
        """
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        for argument in arguments:
            value = self.eval(argument.value, env)
            if argument.spread == "*":
                if isinstance(value, Unknown):
                    raise Stop("unpack:" + value.why, value.label)
                positional.extend(self.collect(value))
            elif argument.spread == "**":
                value = self.as_mapping(value)
                if not isinstance(value, dict) or id(value) in self.murky:
                    raise Stop("unpack")
                for key, item in value.items():
                    if not isinstance(key, str) or key in keywords:
                        raise Stop("keywords")
                    keywords[key] = item
            elif argument.name:
                keywords[argument.name] = value
            else:
                positional.append(value)
        return positional, keywords

    def as_mapping(self, value: Value) -> Value:
        """What an argument unpacked by name stands for: a dictionary where the language says so."""
        return value

    def collect(self, value: Value) -> list[Value]:
        """All elements of an iterable, within the budget."""
        result: list[Value] = []
        limit = self.budget.items
        for item in self.iterate(value):
            result.append(item)
            if len(result) > limit:
                raise Stop("budget:items")
        self.steps += len(result) >> 1
        self.charge(len(result))
        return result

    def eval_binary(self, node: ir.Binary, env: Env) -> Value:
        left = self.eval(node.left, env)
        return self.binary(node.op, left, self.eval(node.right, env))

    def eval_unary(self, node: ir.Unary, env: Env) -> Value:
        value = self.eval(node.value, env)
        if node.op == "not":
            known = self.truth_of(value)
            if known is None:
                why = value.why if isinstance(value, Unknown) else "condition"
                return Negation(value, why) if isinstance(value, Unknown) else Unknown(why, kind="bool")
            return not known
        return self.unary(node.op, value)

    def eval_logical(self, node: ir.Logical, env: Env) -> Value:
        left = self.eval(node.left, env)
        if self.truth(left, default=node.op == "and") == (node.op == "and"):
            return self.eval(node.right, env)
        return left

    def eval_compare(self, node: ir.Compare, env: Env) -> Value:
        left = self.eval(node.left, env)
        result: Value = True
        last = len(node.rest) - 1
        for position, (op, operand) in enumerate(node.rest):
            right = self.eval(operand, env)
            result = self.compare(op, left, right)
            if position != last and not self.truth(result):
                return result
            left = right
        return result

    def eval_conditional(self, node: ir.Conditional, env: Env) -> Value:
        return self.eval(node.then if self.condition(node.test, env) else node.orelse, env)

    def condition(self, test: ir.Expression, env: Env, default: bool = False) -> bool:
        """A branch condition, noted in the trace with the side taken."""
        value = self.eval(test, env)
        known = self.truth_of(value)
        choice = self.truth(value, default) if known is None else known
        if self.tracing:
            self.trace.branches.setdefault((test.line, test.pos, test.end), set()).add(known)
        return choice

    def eval_sequence(self, node: ir.Sequence, env: Env) -> Value:
        items: list[Value] = []
        for item in node.items:
            if isinstance(item, ir.Spread):
                value = self.eval(item.value, env)
                if isinstance(value, Unknown):
                    return Unknown(value.why, value.label, kind=node.kind)
                items.extend(self.collect(value))
            else:
                items.append(self.eval(item, env))
        self.charge(len(items))
        return self.make_sequence(node, items)

    def eval_mapping(self, node: ir.Mapping, env: Env) -> Value:
        self.charge(len(node.items))
        return self.make_mapping(node, env)

    def eval_format(self, node: ir.Format, env: Env) -> Value:
        parts: list[str] = []
        unknown: Unknown | None = None
        for part in node.parts:
            if isinstance(part, str):
                parts.append(part)
                continue
            parts.append(part.label)
            value = self.eval(part.value, env)
            spec = self.eval_format(part.spec, env) if part.spec is not None else ""
            text = self.format_value(value, part.conversion, spec)
            if isinstance(text, Unknown):
                unknown = text
            else:
                parts.append(text)
        if unknown is not None:
            return Unknown(unknown.why, unknown.label, kind="str", truth=True if any(parts) else None)
        self.charge(sum(map(len, parts)))
        return "".join(parts)

    def eval_bind(self, node: ir.Bind, env: Env) -> Value:
        value = self.eval(node.value, env)
        scope = env
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        if isinstance(node.target, ir.Name):
            self.assign_name(node.target.id, value, scope)
        return value

    def eval_function(self, node: ir.FunctionExpression, env: Env) -> Value:
        return self.make_function(node.function, env)

    def eval_opaque(self, node: ir.Opaque, env: Env) -> Value:
        self.line = node.line
        if node.reason == "syntax-error":
            raise Stop(node.reason)
        self.risky(node.reason)
        return Unknown(node.reason)

    def enter(self, function: FunctionValue) -> None:
        """Counts one more call of a user function."""
        self.depth += 1
        if self.depth > self.budget.depth:
            raise Stop("budget:depth")

    def throw(self, value: Value) -> Thrown:
        """An exception of the interpreted program, at the current place."""
        path = self.module.program.path if self.module is not None and self.module.program else ""
        return Thrown(value, self.line, path)


class Negation(Unknown):
    """`not value` of an unknown value: deciding one decides the other."""

    __slots__ = ("_source",)

    def __init__(self, source: Unknown, why: str) -> None:
        self._source = source
        super().__init__(why, source.label, kind="bool")

    @property
    def truth(self) -> bool | None:
        """The opposite of the source's truth."""
        return None if self._source.truth is None else not self._source.truth

    @truth.setter
    def truth(self, value: bool | None) -> None:
        if value is not None:
            self._source.truth = not value
