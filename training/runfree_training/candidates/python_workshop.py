"""One Python test ready to be changed: its syntax tree, where its nodes lie in its text, what can be replaced."""

from __future__ import annotations

import ast
import builtins
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from runfree_training.candidates.edits import Edit, changed_number, changed_word, misspelt
from runfree_training.execute.python_suite import Suite, TestText

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Workshop:
    """One existing test, ready to be changed: its syntax tree, and where its nodes lie in its own text."""

    suite: Suite
    test: TestText
    node: Definition
    focal_names: frozenset[str]
    rng: random.Random
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.starts, at = [], 0
        for line in self.suite.lines[self.test.start - 1 : self.test.end]:
            self.starts.append(at)
            at += len(line.encode())

    def offset(self, line: int, column: int) -> int:
        """UTF-8 byte offset in the test's text of a place in the file."""
        return self.starts[line - self.test.start] + column

    def edit(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """Replaces a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Edit(
            self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset), text
        )

    def source(self, node: ast.expr | ast.stmt) -> str:
        """A node's text."""
        place = self.edit(node, "")
        return self.test.text.encode()[place.start : place.end].decode()

    def drop(self, statement: ast.stmt) -> Edit:
        """Takes a statement out; `pass` stays where the block would be empty."""
        alone = any(block == [statement] for block in blocks(self.node))
        return self.edit(statement, "pass") if alone else self.lines(statement, "")

    def lines(self, statement: ast.stmt, text: str) -> Edit:
        """Replaces the whole lines of a statement."""
        assert statement.end_lineno is not None
        end = statement.end_lineno - self.test.start + 1
        stop = self.starts[end] if end < len(self.starts) else len(self.test.text.encode())
        return Edit(self.offset(statement.lineno, 0), stop, text)

    def walk(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Nodes of the test's body of some types; those inside f-strings have no place in Python 3.11."""
        for node in nodes_outside_fstrings(self.node.body):
            if isinstance(node, kinds):
                yield node

    def checks(self) -> list[tuple[ast.stmt, ast.expr, ast.expr]]:
        """(statement, actual, expected) of each equality that the test asserts, in any of the usual ways."""
        found: list[tuple[ast.stmt, ast.expr, ast.expr]] = []
        for node in self.walk(ast.Assert, ast.Expr):
            if (
                isinstance(node, ast.Assert)
                and isinstance(node.test, ast.Compare)
                and len(node.test.ops) == 1
            ):
                found.append((node, node.test.left, node.test.comparators[0]))
            elif (
                isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) >= 2
            ):
                name = called(node.value)
                if re.match(r"(assert_?|eq_?$|check)", name) and "raises" not in name.lower():
                    found.append((node, node.value.args[0], node.value.args[1]))
        return found

    def calls(self) -> list[ast.Call]:
        """Calls of functions and classes of the focal file."""
        every = [n for n in self.walk(ast.Call) if isinstance(n, ast.Call) and not is_check(n)]
        focal = [n for n in every if called(n) in self.focal_names]
        return focal or [n for n in every if called(n) not in dir(builtins)]

    def assertions(self) -> list[ast.stmt]:
        """Statements that check something."""
        return [
            node
            for node in self.walk(ast.Assert, ast.Expr, ast.With)
            if isinstance(node, ast.Assert)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and is_check(node.value))
        ]


def called(call: ast.Call) -> str:
    """Last component of what is called."""
    return getattr(call.func, "id", None) or getattr(call.func, "attr", "") or ""


def is_check(call: ast.Call) -> bool:
    """Whether a call is an assertion by its name."""
    return bool(re.match(r"(assert|fail$|raises$|eq_?$|approx$)", called(call)))


def head(shop: Workshop, call: ast.Call) -> str:
    """A call's text up to its opening bracket, that included."""
    return shop.source(call.func) + "("


def arguments(shop: Workshop, call: ast.Call) -> list[str]:
    """The source texts of a call's arguments, keywords as `k=v`."""
    keywords = [
        f"{k.arg}={shop.source(k.value)}" if k.arg else f"**{shop.source(k.value)}" for k in call.keywords
    ]
    return [shop.source(a) for a in call.args] + keywords


def literals(node: ast.AST) -> list[ast.Constant]:
    """Literals inside an expression that can be changed in place."""
    found = [n for n in nodes_outside_fstrings([node]) if isinstance(n, ast.Constant)]
    return [
        n for n in found if isinstance(n.value, bool | int | float | str | bytes) and n.lineno == n.end_lineno
    ]


def changed_literal(shop: Workshop, node: ast.Constant) -> str | None:
    """A literal near another; None where its text is not plain."""
    text = shop.source(node)
    if isinstance(node.value, bool):
        return str(not node.value)
    if isinstance(node.value, int | float):
        return changed_number(text, shop.rng)
    plain = re.fullmatch(r"([bBuU]?)(['\"])([^'\"\\]*)\2", text)
    if plain is None:
        return None
    changed = changed_word(plain[3], shop.rng)
    return f"{plain[1]}{plain[2]}{changed}{plain[2]}" if changed.isascii() or not plain[1] else None


def plausible(name: str, rng: random.Random) -> str:
    """A name that someone could have meant instead of a snake_case or CamelCase name."""
    if name.islower() and rng.random() < 0.6:
        ways = [
            f"get_{name}",
            f"{name}_value",
            f"{name}s",
            f"is_{name}",
            f"_{name}",
            name.replace("_", "", 1),
        ]
        if name.endswith("s"):
            ways.append(name[:-1])
        if "_" in name.strip("_"):
            first, _, rest = name.strip("_").partition("_")
            ways += [rest, first, f"{rest}_{first}", first + rest.title()]
        return rng.choice([w for w in ways if w != name and w.isidentifier()])
    return misspelt(name, rng)


def nodes_outside_fstrings(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The nodes and all below them, f-strings left out, in order of place."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.JoinedStr):
            continue
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements in a function, its own body first."""
    for inner in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(inner, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def bound_names(node: ast.AST) -> Iterator[str]:
    """Names that a node binds by itself."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
