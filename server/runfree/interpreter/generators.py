"""Runs the statements of a generator function step by step; statements without a yield go to the ordinary evaluator."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.statements import Signal, Statements
from runfree.interpreter.values import Env, Thrown, Value

Steps = Generator[Value, Value, Any]


def _yields(node: Any, seen: dict[int, bool]) -> bool:
    """Whether a node holds a yield of its own function."""
    known = seen.get(id(node))
    if known is not None:
        return known
    seen[id(node)] = False
    found = isinstance(node, ir.Yield)
    if not found and isinstance(node, tuple):
        found = any(_yields(n, seen) for n in node)
    elif (
        not found
        and isinstance(node, (ir.Node, ir.Handler, ir.Case, ir.Argument, ir.FormatPart, ir.Clause))
        and not isinstance(node, (ir.FunctionDef, ir.FunctionExpression, ir.ClassDef))
    ):
        names = getattr(type(node), "__dataclass_fields__", {})
        found = any(
            _yields(getattr(node, n), seen) for n in names if not isinstance(getattr(node, n), (int, str))
        )
    seen[id(node)] = found
    return found


def resume(ev: Statements, body: tuple[ir.Statement, ...], env: Env) -> Steps:
    """The values that statements yield; returns the signal they end with."""
    return _run(ev, body, env, {})


def _run(ev: Statements, body: tuple[ir.Statement, ...], env: Env, seen: dict[int, bool]) -> Steps:
    for node in body:
        if not _yields(node, seen):
            signal = ev.run_one(node, env)
        else:
            signal = yield from _one(ev, node, env, seen)
        if signal is not None:
            return signal
    return None


def _value(ev: Statements, node: ir.Expression, env: Env, seen: dict[int, bool]) -> Steps:
    """An expression that is a yield, or holds one as the whole of its value."""
    if isinstance(node, ir.Yield):
        if node.delegate and node.value is not None:
            inner = ev.eval(node.value, env)
            source = ev.iterate(inner)
            if isinstance(source, Generator):
                return (yield from source)
            for item in source:
                ev.step()
                yield item
            return None
        value = ev.eval(node.value, env) if node.value is not None else None
        return (yield value)
    if _yields(node, seen):
        raise Stop("syntax:yield")
    return ev.eval(node, env)


def _one(ev: Statements, node: ir.Statement, env: Env, seen: dict[int, bool]) -> Steps:
    ev.step()
    if node.line:
        ev.line = node.line
        if ev.tracing:
            ev.hit(node.line)
    if isinstance(node, ir.Evaluate):
        yield from _value(ev, node.value, env, seen)
        return None
    if isinstance(node, ir.Assign):
        value = yield from _value(ev, node.value, env, seen)
        for target in node.targets:
            ev.assign(target, value, env)
        return None
    if isinstance(node, ir.Return) and node.value is not None:
        value = yield from _value(ev, node.value, env, seen)
        return Signal("return", value=value)
    if isinstance(node, ir.If):
        if _yields(node.test, seen):
            raise Stop("syntax:yield")
        return (yield from _run(ev, node.then if ev.condition(node.test, env) else node.orelse, env, seen))
    if isinstance(node, ir.While):
        return (yield from _while(ev, node, env, seen))
    if isinstance(node, ir.For):
        return (yield from _for(ev, node, env, seen))
    if isinstance(node, ir.Try):
        return (yield from _try(ev, node, env, seen))
    if isinstance(node, ir.With):
        return (yield from _with(ev, node, 0, env, seen))
    raise Stop("syntax:yield")


def _while(ev: Statements, node: ir.While, env: Env, seen: dict[int, bool]) -> Steps:
    turns = 0
    while ev.condition(node.test, env, default=turns == 0):
        turns += 1
        if turns > ev.budget.items:
            raise Stop("budget:items")
        signal = yield from _run(ev, node.body, env, seen)
        if signal is not None:
            if signal.kind == "return":
                return signal
            if signal.kind == "break":
                return None
    return (yield from _run(ev, node.orelse, env, seen))


def _for(ev: Statements, node: ir.For, env: Env, seen: dict[int, bool]) -> Steps:
    if _yields(node.iterable, seen):
        raise Stop("syntax:yield")
    for item in ev.iterate(ev.eval(node.iterable, env)):
        ev.step()
        ev.assign(node.target, item, env)
        signal = yield from _run(ev, node.body, env, seen)
        if signal is not None:
            if signal.kind == "return":
                return signal
            if signal.kind == "break":
                return None
    return (yield from _run(ev, node.orelse, env, seen))


def _try(ev: Statements, node: ir.Try, env: Env, seen: dict[int, bool]) -> Steps:
    # The guards stand only while the body runs, not while the caller has control; a yield inside hides them.
    signal = None
    try:
        try:
            signal = yield from _run(ev, node.body, env, seen)
            if signal is None:
                signal = yield from _run(ev, node.orelse, env, seen)
        except Thrown as thrown:
            if any(_yields(h.body, seen) for h in node.handlers):
                raise Stop("syntax:yield") from None
            signal = ev.handle(node, thrown, env)
    except (Thrown, GeneratorExit):
        left = yield from _run(ev, node.final, env, seen)
        if left is not None:
            return left
        raise
    left = yield from _run(ev, node.final, env, seen)
    return left if left is not None else signal


def _with(ev: Statements, node: ir.With, position: int, env: Env, seen: dict[int, bool]) -> Steps:
    if position == len(node.items):
        return (yield from _run(ev, node.body, env, seen))
    expression, target = node.items[position]
    value, leave = ev.enter_context(ev.eval(expression, env))
    if target is not None:
        ev.assign(target, value, env)
    height = len(ev.guards)
    try:
        signal = yield from _with(ev, node, position + 1, env, seen)
    except Thrown as thrown:
        del ev.guards[height:]
        if leave(thrown):
            return None
        raise
    leave(None)
    return signal
