"""The evaluator's statements: assignments, branches, loops, exceptions, context managers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.evaluator import Evaluator
from runfree.interpreter.values import Env, Thrown, Unknown, Value


class Signal:
    """How a statement leaves its block: break, continue (perhaps to a label) or return."""

    __slots__ = ("kind", "label", "value")

    def __init__(self, kind: str, label: str = "", value: Value = None) -> None:
        self.kind = kind
        self.label = label
        self.value = value


BREAK, CONTINUE = Signal("break"), Signal("continue")


def _ends_raising(body: tuple[ir.Statement, ...]) -> bool:
    return bool(body) and type(body[-1]) is ir.Raise


class Statements(Evaluator):
    """Executes statements; a result that is not None leaves the block."""

    def __init__(self, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0) -> None:
        super().__init__(budget, decisions, deadline)
        self._statements: dict[type, Callable[[Any, Env], Signal | None]] = {
            ir.Evaluate: self.run_evaluate,
            ir.Assign: self.run_assign,
            ir.Annotate: self.run_annotate,
            ir.Augment: self.run_augment,
            ir.If: self.run_if,
            ir.While: self.run_while,
            ir.For: self.run_for,
            ir.Block: self.run_block_scope,
            ir.Try: self.run_try,
            ir.With: self.run_with,
            ir.Raise: self.run_raise,
            ir.Return: self.run_return,
            ir.Break: self.run_break,
            ir.Continue: self.run_continue,
            ir.Pass: self.run_pass,
            ir.Delete: self.run_delete,
            ir.Assert: self.run_assert,
            ir.Scope: self.run_scope,
            ir.Import: self.run_import,
            ir.FunctionDef: self.run_function,
            ir.ClassDef: self.run_class,
            ir.Match: self.run_match,
            ir.Switch: self.run_switch,
            ir.Unsupported: self.run_unsupported,
        }

    # -- rules of the language ------------------------------------------------------------------------------------

    def run_annotate(self, node: ir.Annotate, env: Env) -> Signal | None:
        """An annotated assignment."""
        raise NotImplementedError

    def run_assert(self, node: ir.Assert, env: Env) -> Signal | None:
        """An assert statement."""
        raise NotImplementedError

    def run_import(self, node: ir.Import, env: Env) -> Signal | None:
        """An import."""
        raise NotImplementedError

    def run_function(self, node: ir.FunctionDef, env: Env) -> Signal | None:
        """A function definition."""
        raise NotImplementedError

    def run_class(self, node: ir.ClassDef, env: Env) -> Signal | None:
        """A class definition."""
        raise NotImplementedError

    def run_match(self, node: ir.Match, env: Env) -> Signal | None:
        """A match statement."""
        raise NotImplementedError

    def run_switch(self, node: ir.Switch, env: Env) -> Signal | None:
        """A switch statement."""
        raise NotImplementedError

    def run_delete(self, node: ir.Delete, env: Env) -> Signal | None:
        """A del statement."""
        raise NotImplementedError

    def matches(self, value: Value, types: Value) -> bool:
        """Whether a handler catches an exception; decided where unknown."""
        raise NotImplementedError

    def make_exception(self, value: Value) -> Value:
        """What a raise statement's value becomes."""
        raise NotImplementedError

    def enter_context(self, manager: Value) -> tuple[Value, Callable[[Thrown | None], bool]]:
        """Enters a context manager: its value, and how to leave it (True: the exception is swallowed)."""
        raise NotImplementedError

    def augment(self, op: str, left: Value, right: Value) -> Value:
        """`left op= right`."""
        return self.binary(op, left, right)

    # -- shared ---------------------------------------------------------------------------------------------------

    def run(self, body: tuple[ir.Statement, ...], env: Env) -> Signal | None:
        """Executes statements in order."""
        for node in body:
            signal = self.run_one(node, env)
            if signal is not None:
                return signal
        return None

    def run_one(self, node: ir.Statement, env: Env) -> Signal | None:
        """Executes one statement, its line traced where it is focal."""
        self.step()
        if node.line:
            self.line = node.line
            if self.tracing:
                self.hit(node.line)
        handler = self._statements.get(type(node))
        if handler is None:
            raise Stop("syntax:" + type(node).__name__)
        return handler(node, env)

    def run_evaluate(self, node: ir.Evaluate, env: Env) -> Signal | None:
        self.eval(node.value, env)
        return None

    def run_assign(self, node: ir.Assign, env: Env) -> Signal | None:
        value = self.eval(node.value, env)
        for target in node.targets:
            self.assign(target, value, env)
        return None

    def assign(self, target: ir.Expression, value: Value, env: Env) -> None:
        """Assigns to a name, attribute, element or sequence of targets."""
        kind = type(target)
        if kind is ir.Name:
            self.assign_name(target.id, value, env)  # type: ignore[attr-defined]
        elif isinstance(target, ir.Attribute):
            self.set_attribute(self.eval(target.value, env), target.name, value)
        elif isinstance(target, ir.Index):
            owner = self.eval(target.value, env)
            self.set_index(owner, self.eval(target.key, env), value)
        elif isinstance(target, ir.Sequence):
            self.unpack(target.items, value, env)
        else:
            raise Stop("syntax:target")

    def unpack(self, targets: tuple[ir.Expression, ...], value: Value, env: Env) -> None:
        """Assigns the elements of a value to several targets."""
        star = next((i for i, t in enumerate(targets) if isinstance(t, ir.Spread)), None)
        if isinstance(value, Unknown) or id(value) in self.murky:
            why = value.why if isinstance(value, Unknown) else "content"
            self.risky(why)
            for target in targets:
                goal = target.value if isinstance(target, ir.Spread) else target
                label = value.label if isinstance(value, Unknown) else ""
                self.assign(goal, Unknown(why, label, "list" if goal is not target else ""), env)
            return
        items = self.collect(value)
        if star is None:
            if len(items) != len(targets):
                self.unpack_error(len(items), len(targets))
            for target, item in zip(targets, items, strict=True):
                self.assign(target, item, env)
            return
        after = len(targets) - star - 1
        if len(items) < star + after:
            self.unpack_error(len(items), star + after)
        for target, item in zip(targets[:star], items, strict=False):
            self.assign(target, item, env)
        starred = targets[star]
        if isinstance(starred, ir.Spread):
            self.assign(starred.value, items[star : len(items) - after], env)
        for target, item in zip(targets[star + 1 :], items[len(items) - after :], strict=True):
            self.assign(target, item, env)

    def unpack_error(self, have: int, want: int) -> None:
        """Raises what the language raises where the number of values is wrong."""
        raise Stop("unpack")

    def run_augment(self, node: ir.Augment, env: Env) -> Signal | None:
        target = node.target
        if isinstance(target, ir.Name):
            left = self.lookup(target.id, env)
            self.assign_name(target.id, self.augment(node.op, left, self.eval(node.value, env)), env)
        elif isinstance(target, ir.Attribute):
            owner = self.eval(target.value, env)
            left = self.get_attribute(owner, target.name)
            self.set_attribute(owner, target.name, self.augment(node.op, left, self.eval(node.value, env)))
        elif isinstance(target, ir.Index):
            owner, key = self.eval(target.value, env), self.eval(target.key, env)
            left = self.get_index(owner, key)
            self.set_index(owner, key, self.augment(node.op, left, self.eval(node.value, env)))
        else:
            raise Stop("syntax:augment")
        return None

    def run_if(self, node: ir.If, env: Env) -> Signal | None:
        # Where the condition is unknown, the side that only raises is looked at last.
        default = not _ends_raising(node.then) or _ends_raising(node.orelse)
        return self.run(node.then if self.condition(node.test, env, default) else node.orelse, env)

    def run_while(self, node: ir.While, env: Env) -> Signal | None:
        turns = 0
        first = node.test_last
        while first or self.condition(node.test, env, default=turns == 0):
            first = False
            turns += 1
            if turns > self.budget.items:
                raise Stop("budget:items")
            signal = self.run(node.body, env)
            if signal is not None:
                if signal.kind == "return" or (signal.label and signal.label != node.label):
                    return signal
                if signal.kind == "break":
                    return None
            if node.post:
                self.run(node.post, env)
            if self.tracing and node.line and not node.post:
                self.hit(node.line)
        return self.run(node.orelse, env)

    def run_for(self, node: ir.For, env: Env) -> Signal | None:
        for turn, item in enumerate(self.iterate(self.eval(node.iterable, env))):
            if turn > self.budget.items:
                raise Stop("budget:items")
            self.step()
            self.assign(node.target, item, env)
            signal = self.run(node.body, env)
            if signal is not None:
                if signal.kind == "return" or (signal.label and signal.label != node.label):
                    return signal
                if signal.kind == "break":
                    return None
        return self.run(node.orelse, env)

    def run_block_scope(self, node: ir.Block, env: Env) -> Signal | None:
        inner = Env(env, env.module, "block")
        signal = self.run(node.body, inner)
        if signal is not None and signal.kind == "break" and signal.label and signal.label == node.label:
            return None
        return signal

    def run_try(self, node: ir.Try, env: Env) -> Signal | None:
        try:
            signal = self.try_body(node, env)
        except Thrown:
            left = self.run(node.final, env)
            if left is not None:
                return left
            raise
        if node.final:
            left = self.run(node.final, env)
            if left is not None:
                return left
        return signal

    def try_body(self, node: ir.Try, env: Env) -> Signal | None:
        if not node.handlers:
            return self.run(node.body, env)
        self.guards.append([False])
        height = len(self.guards)
        try:
            signal = self.run(node.body, env)
        except Thrown as thrown:
            del self.guards[height - 1 :]
            return self.handle(node, thrown, env)
        del self.guards[height - 1 :]
        return signal if signal is not None else self.run(node.orelse, env)

    def handle(self, node: ir.Try, thrown: Thrown, env: Env) -> Signal | None:
        """Runs the first handler that catches what was thrown, or throws it on."""
        for handler in node.handlers:
            if self.tracing and handler.line:
                self.hit(handler.line)
            if handler.types is not None and not self.matches(thrown.value, self.eval(handler.types, env)):
                continue
            return self.run_handler(handler, thrown, env)
        raise thrown

    def run_handler(self, handler: ir.Handler, thrown: Thrown, env: Env) -> Signal | None:
        """A handler's body, with the exception bound to its name."""
        if handler.name:
            self.assign_name(handler.name, thrown.value, env)
        saved = env.vars.get("", None)
        env.vars[""] = thrown
        try:
            return self.run(handler.body, env)
        except Thrown as later:
            if later is not thrown:
                self.chain(later, thrown)
            raise
        finally:
            env.vars[""] = saved
            if handler.name:
                env.vars.pop(handler.name, None)

    def chain(self, later: Thrown, earlier: Thrown) -> None:
        """An exception thrown while another one is handled."""

    def run_with(self, node: ir.With, env: Env) -> Signal | None:
        return self.with_items(node, 0, env)

    def with_items(self, node: ir.With, position: int, env: Env) -> Signal | None:
        """Enters one context manager, then the next ones, then the body."""
        if position == len(node.items):
            return self.run(node.body, env)
        expression, target = node.items[position]
        value, leave = self.enter_context(self.eval(expression, env))
        if target is not None:
            self.assign(target, value, env)
        height = len(self.guards)
        try:
            signal = self.with_items(node, position + 1, env)
        except Thrown as thrown:
            del self.guards[height:]
            self.line = node.line
            if leave(thrown):
                return None
            raise
        leave(None)
        return signal

    def run_raise(self, node: ir.Raise, env: Env) -> Signal | None:
        if node.value is None:
            scope: Env | None = env
            while scope is not None:
                current = scope.vars.get("")
                if isinstance(current, Thrown):
                    raise current
                scope = scope.parent if scope.kind in ("block", "comprehension") else None
            raise Stop("reraise")
        value = self.make_exception(self.eval(node.value, env))
        if node.cause is not None:
            cause = self.eval(node.cause, env)
            if hasattr(value, "attrs"):
                value.attrs["__cause__"] = self.make_exception(cause) if cause is not None else None
        raise self.throw(value)

    def run_return(self, node: ir.Return, env: Env) -> Signal | None:
        value = self.eval(node.value, env) if node.value is not None else None
        if self.tracing and self.module is not None and self.module.program is not None:
            self.last_return = (self.module.program.path, node.line or self.line)
        return Signal("return", value=value)

    def run_break(self, node: ir.Break, env: Env) -> Signal | None:
        return Signal("break", node.label) if node.label else BREAK

    def run_continue(self, node: ir.Continue, env: Env) -> Signal | None:
        return Signal("continue", node.label) if node.label else CONTINUE

    def run_pass(self, node: ir.Pass, env: Env) -> Signal | None:
        return None

    def run_scope(self, node: ir.Scope, env: Env) -> Signal | None:
        redirect = env.redirect if env.redirect is not None else {}
        for name in node.names:
            goal: Env | None = env.module.env if env.module is not None else None
            if node.kind == "nonlocal":
                goal = env.parent
                while goal is not None and (
                    goal.kind == "class" or (name not in goal.vars and name not in goal.locals)
                ):
                    goal = goal.parent
            if goal is None:
                raise Stop("scope")
            redirect[name] = goal
        env.redirect = redirect
        return None

    def run_unsupported(self, node: ir.Unsupported, env: Env) -> Signal | None:
        raise Stop(node.reason)
