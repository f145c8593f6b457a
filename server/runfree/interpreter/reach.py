"""Which focal lines unknown code could still reach: a closure over names, on the careful side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache

from runfree.interpreter import ir

_WORD = re.compile(rb"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Region:
    """A function or class of a file with the names mentioned inside it and the statement lines it holds."""

    name: str
    owner: str
    mentions: frozenset[str]
    lines: frozenset[int]
    dynamic: bool


# Field types that hold no nodes.
_PLAIN = frozenset({"int", "str", "bool", "frozenset[str]", "str | None", "int | None", "bool | None"})
_PARTS: dict[type, tuple[str, ...]] = {}


def _parts(kind: type) -> tuple[str, ...]:
    """The fields of an intermediate-form class in which other nodes can be."""
    found = _PARTS.get(kind)
    if found is None:
        found = tuple(f.name for f in fields(kind) if f.type not in _PLAIN) if is_dataclass(kind) else ()
        _PARTS[kind] = found
    return found


def walk(node: object, seen: list[ir.Node]) -> set[int]:
    """Collects every node below, function bodies included; the lines of handlers and cases, which are no nodes."""
    stack = [node]
    lines: set[int] = set()
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(item)
            continue
        if isinstance(item, ir.Body):
            stack.extend(item.load().statements)
            continue
        if isinstance(item, ir.Node):
            seen.append(item)
        elif isinstance(item, (ir.Handler, ir.Case, ir.SwitchCase)):
            lines.add(item.line)
        for name in _parts(type(item)):
            value = getattr(item, name)
            if value is not None:
                stack.append(value)
    return lines


def statement_lines(nodes: Iterable[ir.Node]) -> frozenset[int]:
    """Lines of statements among nodes."""
    return frozenset(n.line for n in nodes if isinstance(n, ir.Statement) and n.line)


def _mentions(nodes: list[ir.Node]) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ir.Name):
            found.add(node.id)
        elif isinstance(node, ir.Attribute):
            found.add(node.name)
        elif isinstance(node, ir.Const) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
    return frozenset(found)


@lru_cache(maxsize=64)
def regions(program: ir.Program) -> tuple[Region, ...]:
    """Every function of a file, methods under their class."""
    result: list[Region] = []

    def visit(body: tuple[ir.Statement, ...], owner: str) -> None:
        for node in body:
            if isinstance(node, ir.FunctionDef):
                owner_name = node.owner or owner
                nodes: list[ir.Node] = []
                handlers = walk(node.body, nodes)
                lines = statement_lines(nodes) | handlers
                walk((node.parameters, node.decorators), nodes)
                names = _mentions(nodes)
                if not program.path.endswith(".py") or any(
                    isinstance(n, (ir.Unsupported, ir.Opaque)) for n in nodes
                ):
                    names |= frozenset(m.decode() for m in _WORD.findall(program.text[node.pos : node.end]))
                result.append(Region(node.name, owner_name, names, frozenset(lines), "getattr" in names))
            elif isinstance(node, ir.ClassDef):
                visit(node.body, node.name)
                above: list[ir.Node] = []
                walk((node.bases, node.decorators), above)
                result.append(Region(node.name, owner, _mentions(above), frozenset(), False))
            elif isinstance(node, (ir.Assign, ir.Annotate)):
                # A variable hands on what its value mentions; a class's variables come with the class.
                inside: list[ir.Node] = []
                walk(node, inside)
                names = _mentions(inside)
                goals = node.targets if isinstance(node, ir.Assign) else (node.target,)
                targets = {g.id for g in goals if isinstance(g, ir.Name)}
                for name in {owner} if owner else targets:
                    result.append(Region(name, owner, names, frozenset(), False))
            elif isinstance(node, ir.If):
                visit(node.then, owner)
                visit(node.orelse, owner)
            elif isinstance(node, ir.Try):
                visit(node.body, owner)

    visit(program.body, "")
    return tuple(result)


def expand(programs: Iterable[ir.Program], roots: set[str]) -> set[str]:
    """The names that can be mentioned from `roots` on, through the functions of all files."""
    names = set(roots)
    left = [r for p in programs for r in regions(p)]
    changed = True
    while changed:
        changed = False
        for region in list(left):
            if region.name in names or (region.name.startswith("__") and region.owner in names):
                left.remove(region)
                names |= region.mentions
                changed = True
    return names


def reachable(program: ir.Program, roots: set[str]) -> frozenset[int]:
    """Lines of the functions whose names are mentioned from `roots` on; a class brings its special methods along."""
    todo = set(roots)
    names = set(todo)
    lines: set[int] = set()
    left = list(regions(program))
    changed = True
    while changed:
        changed = False
        for region in list(left):
            special = region.name.startswith("__") and region.owner in names
            if region.name in names or special:
                left.remove(region)
                lines |= region.lines
                new = region.mentions - names
                names |= new
                changed = True
                if region.dynamic:
                    return frozenset(line for r in regions(program) for line in r.lines)
    return frozenset(lines)


def module_lines(program: ir.Program) -> frozenset[int]:
    """Statement lines outside functions."""
    return all_lines(program) - {line for r in regions(program) for line in r.lines}


@lru_cache(maxsize=64)
def all_lines(program: ir.Program) -> frozenset[int]:
    """All statement lines of a file."""
    nodes: list[ir.Node] = []
    handlers = walk(program.body, nodes)
    decorators = {d.line for n in nodes if isinstance(n, (ir.FunctionDef, ir.ClassDef)) for d in n.decorators}
    return frozenset(statement_lines(nodes) | decorators | handlers)
