"""Which focal lines unknown code could still reach: a closure over names, on the careful side."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property, lru_cache

from runfree.interpreter import ir

_WORD = re.compile(rb"[A-Za-z_]\w*")
# Python's comments, strings with their prefix, and names.
_TOKEN = re.compile(
    rb"#[^\n]*"
    rb"|(?P<prefix>(?:\b[A-Za-z]{1,2})?)(?P<quote>\"\"\"|'''|\"|')(?P<text>(?:\\.|(?!(?P=quote))[^\\])*+)(?P=quote)"
    rb"|(?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*)",
    re.DOTALL,
)


@dataclass(frozen=True, eq=False)
class Region:
    """A function, or a variable of module or class level. `dynamic`: reads attributes by names it computes; `extends`:
    a method of a class whose base is not in the file, so that code of the base may call it by its name.
    """

    name: str
    owner: str
    mentions: frozenset[str]
    dynamic: bool
    body: ir.Body | None = None
    extends: bool = False

    @cached_property
    def lines(self) -> frozenset[int]:
        """Statement lines of a function's body, which is lowered for it."""
        nodes: list[ir.Node] = []
        handlers = walk(self.body, nodes) if self.body is not None else set()
        return statement_lines(nodes) | handlers

    def called_by(self, names: set[str]) -> bool:
        """Whether one of these names leads here; a class brings its special methods along."""
        return self.name in names or ((self.extends or self.name.startswith("__")) and self.owner in names)


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


def python_mentions(text: bytes, owner: str) -> frozenset[str]:
    """Names in a stretch of Python, read off its text: comments left out, strings only where they are a name.

    A few more than its expressions mention (names of parameters), so that reach errs on the careful side.
    """
    found: set[str] = set()
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if word is not None:
            found.add(word.decode(errors="replace"))
        elif match["text"] is not None:
            inside = match["text"]
            if b"f" in match["prefix"].lower():
                found.update(w.decode() for w in _WORD.findall(inside))
            elif _WORD.fullmatch(inside):
                found.add(inside.decode(errors="replace"))
    if owner:
        # What a class calls `__x` is `_Class__x` to everybody else.
        found.update([f"_{owner.lstrip('_')}{n}" for n in found if n[:2] == "__" and n[-2:] != "__"])
    return frozenset(found)


# Classes of Python whose own methods call none that a subclass adds or replaces, special ones aside.
_CLOSED = frozenset(n for n, v in vars(builtins).items() if isinstance(v, type)) | {
    "ABC", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "NamedTuple", "TypedDict", "Protocol", "Generic",
}  # fmt: skip


def _base_name(node: ir.Expression) -> str:
    while isinstance(node, ir.Index):
        node = node.value
    return node.name if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""


@lru_cache(maxsize=128)
def regions(program: ir.Program) -> tuple[Region, ...]:
    """Every function of a file, methods under their class."""
    result: list[Region] = []
    python = program.path.endswith(".py")

    def words(node: ir.Node) -> frozenset[str]:
        return frozenset(m.decode() for m in _WORD.findall(program.text[node.pos : node.end]))

    known = _CLOSED | {n.name for n in program.body if isinstance(n, ir.ClassDef)}

    def visit(body: tuple[ir.Statement, ...], owner: str, extends: bool = False) -> None:
        for node in body:
            if isinstance(node, ir.FunctionDef):
                if python:
                    start = min((d.pos for d in node.decorators), default=node.pos)
                    names = python_mentions(program.text[start : node.end], node.owner or owner)
                else:
                    names = words(node)
                result.append(
                    Region(node.name, node.owner or owner, names, "getattr" in names, node.body, extends)
                )
            elif isinstance(node, ir.ClassDef):
                foreign = python and any(_base_name(b) not in known for b in node.bases)
                visit(node.body, node.name, foreign)
                above: list[ir.Node] = []
                walk((node.bases, node.decorators), above)
                result.append(Region(node.name, owner, _mentions(above), False))
            elif isinstance(node, (ir.Assign, ir.Annotate)):
                # A variable hands on what its value mentions; a class's variables come with the class.
                names = words(node)
                if python:
                    inside: list[ir.Node] = []
                    walk(node, inside)
                    names = _mentions(inside)
                goals = node.targets if isinstance(node, ir.Assign) else (node.target,)
                targets = {g.id for g in goals if isinstance(g, ir.Name)}
                for name in {owner} if owner else targets:
                    result.append(Region(name, owner, names, False))
            elif isinstance(node, ir.If):
                visit(node.then, owner, extends)
                visit(node.orelse, owner, extends)
            elif isinstance(node, ir.Try):
                visit(node.body, owner, extends)

    visit(program.body, "")
    return tuple(result)


def expand(programs: Iterable[ir.Program], roots: set[str]) -> set[str]:
    """The names that can be mentioned from `roots` on, through the functions of all files."""
    names = set(roots)
    left = [r for p in programs for r in regions(p)]
    while True:
        found = [r for r in left if r.called_by(names)]
        if not found:
            return names
        left = [r for r in left if not r.called_by(names)]
        names.update(*(r.mentions for r in found))


def reachable(program: ir.Program, roots: set[str]) -> frozenset[int]:
    """Lines of the functions whose names are mentioned from `roots` on."""
    names = set(roots)
    lines: set[int] = set()
    left = list(regions(program))
    while True:
        found = [r for r in left if r.called_by(names)]
        if not found:
            return frozenset(lines)
        left = [r for r in left if not r.called_by(names)]
        for region in found:
            if region.dynamic:
                return frozenset(line for r in regions(program) for line in r.lines)
            lines |= region.lines
        names.update(*(r.mentions for r in found))


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
