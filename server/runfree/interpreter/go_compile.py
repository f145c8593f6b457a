"""What may keep a Go test file from compiling, read off its lowered form; empty where nothing is in doubt."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.go_library import BUILTINS
from runfree.interpreter.go_types import UNIVERSE
from runfree.interpreter.reach import walk

_PREDECLARED = (
    frozenset(BUILTINS)
    | frozenset(UNIVERSE)
    | {"true", "false", "nil", "iota", "_", "make", "new", "complex"}
)


@lru_cache(maxsize=256)
def package_names(program: ir.Program) -> frozenset[str]:
    """Names that a file declares at package level."""
    found: set[str] = set()
    for node in program.body:
        if (isinstance(node, ir.FunctionDef) and not node.owner) or isinstance(node, ir.ClassDef):
            found.add(node.name)
        elif isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name):
            found.add(node.target.id)
        elif isinstance(node, ir.Assign) and isinstance(node.targets[0], ir.Sequence):
            found.update(t.id for t in node.targets[0].items if isinstance(t, ir.Name))
    return frozenset(found)


@lru_cache(maxsize=512)
def compile_doubts(test: ir.Program, name: str, programs: tuple[ir.Program, ...]) -> tuple[str, ...]:
    """Codes of what may not compile: unused imports and variables, undefined names, names declared twice."""
    doubts: list[str] = []
    functions = [n for n in test.body if isinstance(n, ir.FunctionDef)]
    if len({(f.owner, f.name) for f in functions if f.name != "init"}) < sum(
        f.name != "init" for f in functions
    ):
        doubts.append("compile-error:a function is declared twice")
    imports = {import_name(n) for n in test.body if isinstance(n, ir.Import)} - {"_", "."}
    mentioned = _mentioned(test)
    unused = imports - mentioned
    if unused:
        paths = {import_name(n): n.module for n in test.body if isinstance(n, ir.Import)}
        sure = [n for n in sorted(unused) if "." not in paths[n] and "-" not in paths[n]]
        doubts.append(
            f"compile-error:{sure[0]} is imported and not used" if sure else "compile:unused-import"
        )
    known = _PREDECLARED.union(imports, *map(package_names, programs))
    function = next((f for f in functions if f.name == name), None)
    if function is not None:
        doubts += _function_doubts(function, known, imports, others(test, function))
    return tuple(doubts)


def others(test: ir.Program, function: ir.FunctionDef) -> bytes:
    """The text of a test file without one of its functions."""
    return test.text[: function.pos] + test.text[function.end :]


def import_name(node: ir.Import) -> str:
    """The name an import is used by."""
    if node.binds:
        return node.binds
    parts = node.module.split("/")
    last = parts[-1]
    if len(parts) > 1 and last.startswith("v") and last[1:].isdigit():
        last = parts[-2]
    return last.removeprefix("go-").split(".")[0]


def _mentioned(program: ir.Program) -> frozenset[str]:
    return _identifiers(program.text)


@lru_cache(maxsize=64)
def _identifiers(text: bytes) -> frozenset[str]:
    """Identifiers that stand before a dot somewhere in a text."""
    return frozenset(m.group(1).decode() for m in re.finditer(rb"\b([A-Za-z_]\w*)\s*\.", text))


class Unused:
    """Finds a local variable that is declared and never read, scope by scope."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, bool]] = [{}]
        self.found: list[str] = []
        self.sure = True

    def leave(self) -> None:
        """Ends a scope."""
        self.found += [name for name, used in self.scopes.pop().items() if not used and name != "_"]

    def inside(self, *parts: object) -> None:
        """Visits parts in a scope of their own."""
        self.scopes.append({})
        for part in parts:
            self.visit(part)
        self.leave()

    def declare(self, target: ir.Expression, used: bool = False) -> None:
        """A new variable, unless the innermost scope has it."""
        if isinstance(target, ir.Name):
            self.scopes[-1].setdefault(target.id, used)

    def function(
        self, parameters: tuple[ir.Parameter, ...], results: tuple[tuple[str, Any], ...], body: ir.Body
    ) -> None:
        """A function literal: its parameters may go unused."""
        names = [p.name for p in parameters] + [n for n, _ in results]
        self.scopes.append(dict.fromkeys(names, True))
        self.visit(body.load().statements)
        self.leave()

    def assign(self, target: ir.Expression, declares: bool) -> None:
        """One target of an assignment."""
        if not isinstance(target, ir.Name):
            self.visit(target)
        elif declares:
            self.declare(target)

    def visit(self, node: object) -> None:
        """Visits a node and what is below it."""
        if isinstance(node, tuple):
            for part in node:
                self.visit(part)
        elif isinstance(node, ir.Name):
            scope = next((s for s in reversed(self.scopes) if node.id in s), None)
            if scope is not None:
                scope[node.id] = True
        elif isinstance(node, (ir.Opaque, ir.Unsupported)):
            self.sure = False
        elif isinstance(node, ir.FunctionExpression):
            self.function(node.function.parameters, node.function.result, node.function.body)
        elif isinstance(node, ir.Block):
            self.inside(node.body)
        elif isinstance(node, ir.If):
            self.visit(node.test)
            self.inside(node.then)
            self.inside(node.orelse)
        elif isinstance(node, ir.While):
            self.visit((node.test, node.post))
            self.inside(node.body)
        elif isinstance(node, ir.For):
            self.visit(node.iterable)
            self.scopes.append({})
            if isinstance(node.target, ir.Sequence):
                for goal in node.target.items:
                    self.assign(goal, node.target.kind == "declare")
            self.inside(node.body)
            self.leave()
        elif isinstance(node, ir.Switch):
            self.visit(node.subject)
            bound = node.binds.partition(":")[2]
            for case in node.cases:
                self.visit(case.values)
                self.scopes.append({bound: True} if bound else {})
                self.visit(case.body)
                self.leave()
        elif isinstance(node, ir.Assign):
            self.visit(node.value)
            for target in node.targets:
                goals = target.items if isinstance(target, ir.Sequence) else (target,)
                for goal in goals:
                    self.assign(goal, node.declare)
        elif isinstance(node, ir.Annotate):
            self.visit(node.value)
            self.declare(node.target, node.annotation == ("const",))
        elif isinstance(node, ir.Augment):
            self.visit(node.value)
            if not isinstance(node.target, ir.Name):
                self.visit(node.target)
        elif is_dataclass(node) and not isinstance(node, type):
            for field in fields(node):
                self.visit(getattr(node, field.name))


def _function_doubts(
    function: ir.FunctionDef, known: frozenset[str], imports: set[str], rest: bytes
) -> list[str]:
    nodes: list[ir.Node] = []
    walk(function.body, nodes)
    read: set[str] = set()
    everything = {p.name for p in function.parameters}
    written: set[int] = set()
    keys: set[int] = set()
    types: set[str] = set()
    for node in nodes:
        if isinstance(node, ir.Assign):
            for target in node.targets:
                goals = target.items if isinstance(target, ir.Sequence) else (target,)
                for goal in goals:
                    if isinstance(goal, ir.Name):
                        written.add(id(goal))
                        if node.declare:
                            everything.add(goal.id)
        elif isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name):
            written.add(id(node.target))
            everything.add(node.target.id)
        elif isinstance(node, ir.For) and isinstance(node.target, ir.Sequence):
            for goal in node.target.items:
                if isinstance(goal, ir.Name):
                    written.add(id(goal))
                    if node.target.kind == "declare":
                        everything.add(goal.id)
        elif isinstance(node, ir.FunctionExpression):
            everything |= {p.name for p in node.function.parameters} | {n for n, _ in node.function.result}
        elif isinstance(node, ir.ClassDef):
            everything.add(node.name)
        elif isinstance(node, ir.Switch):
            everything.add(node.binds.partition(":")[2])
        elif isinstance(node, ir.Mapping):
            keys |= {id(k) for k, _ in node.items if isinstance(k, ir.Name)}
        elif isinstance(node, ir.Augment) and isinstance(node.target, ir.Name):
            written.add(id(node.target))
    for node in nodes:
        if isinstance(node, ir.Name) and id(node) not in written:
            read.add(node.id)
            if id(node) in keys:
                types.add(node.id)
    doubts = []
    search = Unused()
    search.function(function.parameters, (), function.body)
    if search.found and not search.sure:
        doubts.append("compile:unused-variable")
    elif search.found:
        doubts.append(f"compile-error:{search.found[0]} is declared and not used")
    for node in nodes:
        if not isinstance(node, ir.Attribute) or not isinstance(node.value, ir.Name):
            continue
        if node.value.id in imports - everything and not node.name[:1].isupper() and node.name.isascii():
            doubts.append(f"compile-error:{node.value.id}.{node.name} is not exported")
    missing = read - everything - known - types
    for name in sorted(missing):
        # Other functions have a variable of that name: it is one whose declaration is gone, none of the package's.
        if name[:1].islower() and re.search(rb"\b" + name.encode() + rb"\b[\w, \t]*:=", rest):
            doubts.append(f"compile-error:{name} is not defined")
    if missing:
        doubts.append("compile:undefined")
    return doubts
