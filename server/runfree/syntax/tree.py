"""The language-neutral picture of a file that every later room reads: functions, calls, branches, literals.

Lines are 1-based and inclusive; columns are 0-based UTF-8 byte offsets within their line (as tree-sitter counts
them; `runfree.positions` is the one place where they become code points or UTF-16 units). Everything is immutable
and hashable, so that results can be cached by content.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from runfree.sample import Language


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: 1-based lines (both inclusive), 0-based byte columns (end exclusive)."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    start_byte: int = 0
    end_byte: int = 0

    def __contains__(self, line: object) -> bool:
        """Whether a 1-based line lies in the span."""
        return isinstance(line, int) and self.start_line <= line <= self.end_line


@dataclass(frozen=True, slots=True)
class Call:
    """A call or constructor: `name` is the last component, `receiver` the text before it ("" if bare).

    `positional` and `keywords` say what is passed; `spread` is True where `*args`, `**kw` or `xs...` makes
    the count unknown. `arguments` holds the source text of each argument in order (keywords as `k=v`).
    """

    name: str
    receiver: str
    positional: int
    keywords: tuple[str, ...]
    spread: bool
    arguments: tuple[str, ...]
    span: Span
    constructor: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier that is read (not bound) somewhere, with its place."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """A member that is read: `receiver.name` (receiver as source text), with the place of the name."""

    receiver: str
    name: str
    span: Span


LiteralKind = Literal["string", "number", "boolean", "null", "collection"]


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """A literal: its kind and source text; strings carry their unquoted value where it is plain."""

    kind: LiteralKind
    text: str
    value: str
    line: int


BranchKind = Literal[
    "if",
    "elif",
    "else",
    "for",
    "while",
    "except",
    "finally",
    "case",
    "default",
    "ternary",
    "with",
    "try",
    "match",
    "loop-else",
]


@dataclass(frozen=True, slots=True)
class Branch:
    """A block that runs only under a condition (or an exception), inside one function.

    `condition` is the source text that decides it ("" for a plain else); `line` is where that text starts,
    `body` the lines of the block it guards. `depth` counts enclosing branches (0: directly in the function).
    """

    kind: BranchKind
    condition: str
    line: int
    body: Span
    depth: int


AssertionKind = Literal[
    "equal",
    "not-equal",
    "true",
    "false",
    "null",
    "not-null",
    "raises",
    "contains",
    "type",
    "compare",
    "approx",
    "fail",
    "mock",
    "other",
]


@dataclass(frozen=True, slots=True)
class Assertion:
    """One check in a test: what kind, what it expects and what it looks at (source texts, "" where unknown).

    For kind "raises", `expected` is the exception's type name and `message` the pattern or text it must match.
    """

    kind: AssertionKind
    actual: str
    expected: str
    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Raise:
    """A raise / throw / panic / returned error: the type's name, the message literal ("" if none), the line."""

    type: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter. `kind`: "positional", "keyword" (keyword-only), "rest" (*args, T... ), "keywords" (**kw)."""

    name: str
    kind: Literal["positional", "keyword", "rest", "keywords"]
    optional: bool
    type: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method or constructor, with what is read off its body.

    Attributes:
        name: bare name; `__init__` (Python) and constructors (Java: the class's name) included.
        qualified_name: with owners, in the language's test-name style (`Class::f`, `Inner.f`, `T.f` for Go methods).
        owner: the enclosing class / receiver type, "" at top level. Nested functions belong to their outer function.
        span: the whole definition, decorators, annotations and doc comment directly above included.
        name_span: the name alone. body: the body's span.
        text: source text of `span`.
        lines: 1-based start lines of the statements in the body (nested functions' statements included), what a
            coverage tool would count; ascending, without duplicates. The `def` line itself is not among them.
        names: identifiers read that the function does not itself bind. members: members read.
        binds: names bound inside (locals, parameters).
        decorators: decorator / annotation source texts without the `@`.
        is_static / is_async / is_abstract: as named. is_fixture: pytest fixture or set-up/tear-down method.
        subtests: names of t.Run / @ParameterizedTest cases where literal; cases: number of parametrised cases, 0 if unknown.
        missing_errors: True where the function contains a syntax error.
    """

    name: str
    qualified_name: str
    owner: str
    parameters: tuple[Parameter, ...]
    span: Span
    name_span: Span
    body: Span
    text: str
    lines: tuple[int, ...]
    calls: tuple[Call, ...]
    names: tuple[Name, ...]
    members: tuple[Member, ...]
    binds: frozenset[str]
    literals: tuple[LiteralValue, ...]
    branches: tuple[Branch, ...]
    assertions: tuple[Assertion, ...]
    raises: tuple[Raise, ...]
    return_lines: tuple[int, ...]
    decorators: tuple[str, ...]
    return_type: str = ""
    is_static: bool = False
    is_async: bool = False
    is_abstract: bool = False
    is_fixture: bool = False
    is_property: bool = False
    subtests: tuple[str, ...] = ()
    cases: int = 0
    has_error: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """A class, interface, enum, record (Java), class (Python) or named type (Go).

    `fields`: names of attributes known statically (class body, `self.x = ` anywhere, Java fields, Go struct fields).
    `methods`: qualified names of its functions. `open_members` is True where members can exist that the text
    does not show (a base class not in this file, `__getattr__`, embedded foreign types, decorators that add some).
    """

    name: str
    qualified_name: str
    kind: Literal["class", "interface", "enum", "record", "struct", "alias"]
    bases: tuple[str, ...]
    fields: frozenset[str]
    methods: tuple[str, ...]
    span: Span
    open_members: bool
    decorators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name. `module`: dotted module / package path / Go import path (leading dots kept in Python);
    `name`: the imported member, "" where the module itself is imported, "*" for wildcards;
    `binds`: the local name it makes ("" for Java/Python wildcards). `static`: Java static import."""

    module: str
    name: str
    binds: str
    span: Span
    static: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A parsed file, focal or test. Files with syntax errors still give what can be read.

    Attributes:
        functions: every function outside other functions, in order of place (methods included).
        tests: those of them that are tests, in order of place; helpers and fixtures are the rest.
        module_names: names bound at top level (functions, classes, variables, imports).
        module_lines: statement start lines outside function bodies (imports, def lines, class bodies), which run on import.
        package: Java / Go package name, "" in Python.
        error_lines: 1-based lines with syntax errors.
        imports: in order of place, those inside functions included (their span lies within the function's).
        module_reads: identifiers read outside functions (module and class level) and not bound there; filled in
            for Python, where such code runs on import, and for Java (field initialisers, initialiser blocks).
        module_calls: calls made outside functions, filled in for Java and Go likewise.
    """

    language: Language
    text: str
    functions: tuple[Function, ...]
    tests: tuple[Function, ...]
    classes: tuple[Class, ...]
    imports: tuple[Import, ...]
    module_names: frozenset[str]
    module_lines: tuple[int, ...]
    module_literals: tuple[LiteralValue, ...]
    package: str
    error_lines: tuple[int, ...]
    module_reads: tuple[Name, ...] = ()
    module_calls: tuple[Call, ...] = ()
    _by_name: dict[str, Function] = field(default_factory=dict, compare=False, hash=False, repr=False)

    def function(self, qualified_name: str) -> Function | None:
        """The function of that qualified name (the last one, where several share it)."""
        if not self._by_name:
            self._by_name.update({f.qualified_name: f for f in self.functions})
        return self._by_name.get(qualified_name)
