"""The intermediate form that every language is lowered to: expressions, statements, functions and classes.

Every node carries `line` (1-based line of its start), `pos` and `end` (UTF-8 byte range in its file), so that an edit
of the text can be located in it. Nodes are frozen and shared between evaluations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """Anything with a place."""

    line: int
    pos: int
    end: int


class Expression(Node):
    """A node that has a value."""

    __slots__ = ()


class Statement(Node):
    """A node that is executed; its `line` is what a coverage tool counts."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Const(Expression):
    """A literal, or anything known while lowering. `type`: its static type where the language has one."""

    value: Any
    type: Any = ""


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A variable that is read."""

    id: str


@dataclass(frozen=True, slots=True)
class Attribute(Expression):
    """`value.name`."""

    value: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Expression):
    """`value[key]`."""

    value: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Slice(Expression):
    """`low:high:step` inside an index."""

    low: Expression | None
    high: Expression | None
    step: Expression | None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: `name` for keywords, `spread` "*" or "**" for unpacked ones."""

    value: Expression
    name: str = ""
    spread: str = ""


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A call or constructor. `type`: what is constructed or converted to, where the language says so."""

    function: Expression
    arguments: tuple[Argument, ...]
    type: Any = ""


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    """An arithmetic or bitwise operation."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    """`-x`, `+x`, `~x`, `not x`."""

    op: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Logical(Expression):
    """`and` / `or`, evaluated from the left as far as needed."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare(Expression):
    """A chain of comparisons; one operator in languages without chains."""

    left: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """`then if test else orelse`."""

    test: Expression
    then: Expression
    orelse: Expression


@dataclass(frozen=True, slots=True)
class Sequence(Expression):
    """A list, tuple or set display. `type`: its static type where the language has one."""

    kind: str
    items: tuple[Expression, ...]
    type: Any = ""


@dataclass(frozen=True, slots=True)
class Mapping(Expression):
    """A dictionary, map or struct display; a key of None unpacks the value."""

    items: tuple[tuple[Expression | None, Expression], ...]
    type: Any = ""


@dataclass(frozen=True, slots=True)
class Spread(Expression):
    """`*value` in a display or a target."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Clause:
    """One `for target in iterable if ...` of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Expression):
    """A list, set, dict or generator comprehension; `key` for dicts alone."""

    kind: str
    key: Expression | None
    value: Expression
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class FormatPart:
    """One `{value!conversion:spec}` of a formatted string; `label` is the text of `{value=}`."""

    value: Expression
    conversion: str
    spec: Format | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Format(Expression):
    """A formatted string: literal texts and parts."""

    parts: tuple[str | FormatPart, ...]


@dataclass(frozen=True, slots=True)
class Bind(Expression):
    """`name := value` as an expression."""

    target: Expression
    value: Expression
    op: str = ""


@dataclass(frozen=True, slots=True)
class FunctionExpression(Expression):
    """A lambda or function literal."""

    function: FunctionDef


@dataclass(frozen=True, slots=True)
class Yield(Expression):
    """`yield value`, `yield from value`."""

    value: Expression | None
    delegate: bool = False


@dataclass(frozen=True, slots=True)
class Await(Expression):
    """`await value`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class TypeTest(Expression):
    """Java `instanceof`, Go type assertions; `binds` is the name it makes."""

    value: Expression
    type: Any
    binds: str = ""


@dataclass(frozen=True, slots=True)
class Convert(Expression):
    """A cast or conversion to a static type."""

    type: Any
    value: Expression


@dataclass(frozen=True, slots=True)
class Opaque(Expression):
    """Syntax that is not modelled: its value is unknown. `reason` is a stable code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter. `kind`: positional-only, positional, keyword, rest, keywords."""

    name: str
    kind: str = "positional"
    default: Expression | None = None
    type: Any = ""


@dataclass(slots=True)
class Body:
    """Statements that are lowered when first asked for: most functions of a file are never called."""

    thunk: Callable[[], tuple[tuple[Statement, ...], frozenset[str], frozenset[str], bool]] | None
    statements: tuple[Statement, ...] = ()
    locals: frozenset[str] = frozenset()
    outer: frozenset[str] = frozenset()
    generator: bool = False

    def load(self) -> Body:
        """Lowers the statements, once."""
        if self.thunk is not None:
            thunk, self.thunk = self.thunk, None
            self.statements, self.locals, self.outer, self.generator = thunk()
        return self


@dataclass(frozen=True, slots=True)
class FunctionDef(Statement):
    """A function, method, constructor or lambda.

    `annotations`: names that its annotations read when it is defined. `throws`: checked exceptions that it declares (Java).
    """

    name: str
    parameters: tuple[Parameter, ...]
    body: Body = field(compare=False)
    decorators: tuple[Expression, ...] = ()
    is_async: bool = False
    flags: frozenset[str] = frozenset()
    owner: str = ""
    result: Any = ""
    end_line: int = 0
    annotations: tuple[Any, ...] = ()
    throws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassDef(Statement):
    """A class with its body; `keywords` as in `class A(B, metaclass=M)`; `declared`: what a Go type declaration says."""

    name: str
    bases: tuple[Expression, ...]
    keywords: tuple[Argument, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expression, ...] = ()
    end_line: int = 0
    declared: Any = None


@dataclass(frozen=True, slots=True)
class Evaluate(Statement):
    """An expression for its effects."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    """`target = ... = value`. `declare`: makes new variables in the innermost block."""

    targets: tuple[Expression, ...]
    value: Expression
    declare: bool = False


@dataclass(frozen=True, slots=True)
class Annotate(Statement):
    """`target: type` with or without a value; makes dataclass fields. `names`: what the annotation reads."""

    target: Expression
    annotation: Any
    value: Expression | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Augment(Statement):
    """`target op= value`."""

    target: Expression
    op: str
    value: Expression


@dataclass(frozen=True, slots=True)
class If(Statement):
    """A branch; `init` runs before the test (Go)."""

    test: Expression
    then: tuple[Statement, ...]
    orelse: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class While(Statement):
    """A loop with a condition; `post` runs after each turn; `test_last` for do-while."""

    test: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()
    post: tuple[Statement, ...] = ()
    label: str = ""
    test_last: bool = False


@dataclass(frozen=True, slots=True)
class For(Statement):
    """A loop over a collection."""

    target: Expression
    iterable: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Block(Statement):
    """Statements with a scope of their own (Java, Go)."""

    body: tuple[Statement, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Handler:
    """An except / catch clause; `types` None catches everything."""

    line: int
    types: Expression | None
    name: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Try(Statement):
    """try / except / else / finally."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Statement, ...]
    final: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class With(Statement):
    """Context managers, from the left."""

    items: tuple[tuple[Expression, Expression | None], ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Raise(Statement):
    """raise / throw; without a value the exception in flight is raised again."""

    value: Expression | None
    cause: Expression | None = None


@dataclass(frozen=True, slots=True)
class Return(Statement):
    """A return, with a value or without."""

    value: Expression | None


@dataclass(frozen=True, slots=True)
class Break(Statement):
    """Leaves the innermost loop (or switch), or the labelled one."""

    label: str = ""


@dataclass(frozen=True, slots=True)
class Continue(Statement):
    """Goes on with the innermost loop, or the labelled one."""

    label: str = ""


@dataclass(frozen=True, slots=True)
class Pass(Statement):
    """Nothing, at a line."""


@dataclass(frozen=True, slots=True)
class Delete(Statement):
    """`del target, ...`."""

    targets: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Assert(Statement):
    """`assert test, message`."""

    test: Expression
    message: Expression | None


@dataclass(frozen=True, slots=True)
class Scope(Statement):
    """`global` / `nonlocal` names."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import(Statement):
    """`import module as binds` (member "") or `from module import member as binds` (member "*": everything)."""

    module: str
    member: str
    binds: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a match or switch: `pattern` None is the default; `line` is counted when it is tried."""

    line: int
    pattern: Pattern | None
    guard: Expression | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Match(Statement):
    """A match statement; the first case that fits is taken."""

    subject: Expression
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Switch(Statement):
    """A switch over values (Java, Go); `falls`: cases run on into the next one until a break."""

    subject: Expression | None
    cases: tuple[SwitchCase, ...]
    falls: bool = False
    label: str = ""
    binds: str = ""


@dataclass(frozen=True, slots=True)
class SwitchCase:
    """One case of a switch: `values` empty is the default; `types` are type names of a type switch."""

    line: int
    values: tuple[Expression, ...]
    body: tuple[Statement, ...]
    types: tuple[Any, ...] = ()
    default: bool = False
    falls: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern. `kind`: value, capture, wildcard, sequence, mapping, class, or, as, star, opaque."""

    kind: str
    value: Expression | None = None
    name: str = ""
    items: tuple[Pattern, ...] = ()
    keys: tuple[Expression, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsupported(Statement):
    """A statement that is not modelled. `reason` is a stable code."""

    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """One lowered file, itself only equal to itself. `text` are its bytes; `module_lines` the lines of its top-level statements."""

    path: str
    text: bytes = field(repr=False)
    body: tuple[Statement, ...]
    package: str = ""
    has_error: bool = False
