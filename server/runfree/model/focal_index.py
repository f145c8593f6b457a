"""What can be said of each focal line before any test is looked at; made once per focal text.

Line features that do not depend on a test, the call graph inside the file, and the subtokens of every line and of
the conditions above it, laid out as arrays so that one test's features are a few vector operations.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from runfree.model.tokens import literals_of, subtokens, without_strings
from runfree.sample import Language
from runfree.syntax.tree import Branch, Function, SourceFile

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

STATIC_FEATURES: tuple[str, ...] = (
    "module_level",
    "index_in_function",
    "function_lines",
    "fraction_of_function",
    "branch_depth",
    "branch_kind",
    "enclosing_else",
    "enclosing_except",
    "enclosing_loop",
    "enclosing_case",
    "earlier_exits",
    "is_raise",
    "is_return",
    "branch_raises",
    "private",
    "method",
    "constructor",
    "property",
    "dunder",
    "static",
    "parameters",
    "optional_parameters",
    "condition_kind",
    "condition_negated",
    "branch_lines",
    "callers_in_file",
    "file_functions",
    "file_lines",
    "language",
)

_BRANCH_KINDS = {
    kind: code
    for code, kind in enumerate(
        ("if", "elif", "else", "for", "while", "except", "finally", "case", "default", "ternary", "with", "try", "match", "loop-else"),
        start=1,
    )
}  # fmt: skip
_ALWAYS = {"with", "try", "finally", "match"}  # blocks that run whenever their statement is reached
_LANGUAGES: dict[Language, float] = {"python": 0.0, "java": 1.0, "go": 2.0}

CONDITION_KINDS = (
    "none",
    "truth",
    "null",
    "type",
    "number",
    "string",
    "membership",
    "length",
    "comparison",
    "error",
)


def condition_kind(condition: str) -> int:
    """Which kind of question a condition asks, as an index into `CONDITION_KINDS`; 0 for no condition."""
    text = condition.strip()
    if not text:
        return 0
    if re.search(r"\berr\b|\berror\b|\bok\b", text):
        return 9
    if re.search(r"\b(None|null|nil)\b", text):
        return 2
    if re.search(r"isinstance|instanceof|\.\(type\)|type\(|callable\(|issubclass", text):
        return 3
    if re.search(r"\blen\(|\.length|\.size\(\)|isEmpty|\.isBlank", text):
        return 7
    if re.search(r"[<>=!]=?\s*-?\d|\d\s*[<>=!]=?", text):
        return 4
    if re.search(r"[\"']", text):
        return 5
    if re.search(r"\bin\b|contains|containsKey|startswith|startsWith|HasPrefix", text):
        return 6
    if re.search(r"==|!=|[<>]", text):
        return 8
    return 1


@dataclass(frozen=True, slots=True)
class Edge:
    """A call from one focal function to another: `guards` conditional blocks stand around the call."""

    callee: int
    guards: int
    line: int


@dataclass(frozen=True)
class FocalIndex:
    """A focal file laid out for features. n lines, F functions, V subtokens.

    Attributes:
        lines: (n,) 1-based executable lines, ascending. static: (n, len(STATIC_FEATURES)).
        function_of: (n,) index into `functions`, -1 at module level.
        vocabulary: subtoken -> id; rarity: (V,) weights in (0, 1], rarer in the file is heavier.
        line_tokens / condition_tokens: row pointers and ids, CSR style, one row a line.
        condition_literals: for each line, literal values in the conditions above it.
        condition_parameters: for each line, names of parameters of its function in those conditions.
        raise_types / raise_messages: for each line, lower-case type names and messages raised there or in its innermost block.
        edges: for each function, its calls to functions of this file.
        by_name: bare name -> function indices. constructors: class name -> function indices.
    """

    source: SourceFile
    functions: tuple[Function, ...]
    lines: Ints
    static: Floats
    function_of: Ints
    vocabulary: dict[str, int]
    rarity: Floats
    line_tokens: tuple[Ints, Ints]
    condition_tokens: tuple[Ints, Ints]
    condition_literals: tuple[frozenset[str], ...]
    condition_parameters: tuple[frozenset[str], ...]
    raise_types: tuple[frozenset[str], ...]
    raise_messages: tuple[str, ...]
    edges: tuple[tuple[Edge, ...], ...]
    by_name: dict[str, tuple[int, ...]]
    constructors: dict[str, tuple[int, ...]]
    bases: dict[str, tuple[str, ...]]
    function_tokens: tuple[Ints, Ints]
    is_raise: Floats


def _csr(rows: Sequence[Iterable[int]]) -> tuple[Ints, Ints]:
    pointers = np.zeros(len(rows) + 1, dtype=np.int32)
    ids: list[int] = []
    for i, row in enumerate(rows):
        ids.extend(row)
        pointers[i + 1] = len(ids)
    return pointers, np.array(ids, dtype=np.int32)


def row_sums(csr: tuple[Ints, Ints], weights: Floats) -> Floats:
    """Sum of `weights[id]` over each row of a CSR structure; 0 for empty rows. Shape (rows,)."""
    pointers, ids = csr
    totals = np.zeros(len(pointers), dtype=np.float32)
    if len(ids):
        totals[1:] = np.cumsum(weights[ids])[pointers[1:] - 1] * (pointers[1:] > 0)
    return totals[1:] - totals[:-1]


def _is_private(function: Function, language: Language, text: str) -> bool:
    if language == "python":
        return function.name.startswith("_") and not function.name.startswith("__")
    if language == "go":
        return function.name[:1].islower()
    return "private " in text.split("{", 1)[0]


_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")


@lru_cache(maxsize=64)
def focal_index(source: SourceFile) -> FocalIndex:
    """Lays out a parsed focal file; cached by content."""
    language = source.language
    text_lines = source.text.splitlines()
    functions = source.functions
    owner_line: dict[int, int] = {}
    for line in source.module_lines:
        owner_line[line] = -1
    for index, function in enumerate(functions):
        for line in function.lines:
            owner_line[line] = index
    lines = sorted(owner_line)
    # A statement's text goes on to the next one of its function: where its lines are broken does not matter.
    ends = [*(line - 1 for line in lines[1:]), len(text_lines)]

    by_name: dict[str, list[int]] = defaultdict(list)
    constructors: dict[str, list[int]] = defaultdict(list)
    class_names = {c.name for c in source.classes}
    for index, function in enumerate(functions):
        by_name[function.name].append(index)
        owner = function.owner.split("::")[-1].split(".")[-1]
        if owner and (function.name in _CONSTRUCTORS or (language == "java" and function.name == owner)):
            constructors[owner].append(index)
    bases = {
        c.name: tuple(re.split(r"[\[<(.]", b)[0] if "." not in b else b.split(".")[-1] for b in c.bases)
        for c in source.classes
    }

    edges: list[tuple[Edge, ...]] = []
    callers: dict[int, int] = defaultdict(int)
    for index, function in enumerate(functions):
        found: dict[int, Edge] = {}
        for call in function.calls:
            targets = (
                constructors.get(call.name, []) if call.name in class_names else by_name.get(call.name, [])
            )
            own = [t for t in targets if functions[t].owner == function.owner]
            for target in own if call.receiver in ("self", "this", "cls", "super()") and own else targets:
                if target == index:
                    continue
                guards = sum(
                    1 for b in function.branches if b.kind not in _ALWAYS and call.span.start_line in b.body
                )
                if target not in found or guards < found[target].guards:
                    found[target] = Edge(target, guards, call.span.start_line)
        for member in function.members:
            for target in by_name.get(member.name, ()):
                if target != index and target not in found and functions[target].is_property:
                    found[target] = Edge(target, 0, member.span.start_line)
        edges.append(tuple(found.values()))
        for target in found:
            callers[target] += 1

    static = np.zeros((len(lines), len(STATIC_FEATURES)), dtype=np.float32)
    token_rows: list[frozenset[str]] = []
    condition_rows: list[frozenset[str]] = []
    literals: list[frozenset[str]] = []
    parameters: list[frozenset[str]] = []
    raise_types: list[frozenset[str]] = []
    raise_messages: list[str] = []
    for row, line in enumerate(lines):
        index = owner_line[line]
        end = (
            _closed(text_lines, line, ends[row])
            if index < 0
            else min(ends[row], functions[index].span.end_line)
        )
        token_rows.append(subtokens("\n".join(text_lines[line - 1 : max(end, line)])))
        if index < 0:
            static[row, 0] = 1
            condition_rows.append(frozenset())
            literals.append(frozenset())
            parameters.append(frozenset())
            raise_types.append(frozenset())
            raise_messages.append("")
        else:
            function = functions[index]
            around = [b for b in function.branches if line in b.body and b.line != line]
            around.sort(key=lambda b: b.depth)
            guarding = [b for b in around if b.kind not in _ALWAYS]
            inner = guarding[-1] if guarding else None
            # An else asks the question of the if that it belongs to.
            conditions = " ; ".join(_question(b, function.branches) for b in guarding)
            inner_question = _question(inner, function.branches) if inner else ""
            condition_rows.append(subtokens(conditions))
            literals.append(frozenset(literals_of(conditions)))
            names = set(re.findall(r"[A-Za-z_]\w*", inner_question))
            parameters.append(frozenset(p.name for p in function.parameters if p.name in names))
            block = inner.body if inner else None
            raised = [r for r in function.raises if r.line == line or (block is not None and r.line in block)]
            raise_types.append(frozenset(r.type.split(".")[-1].lower() for r in raised if r.type))
            raise_messages.append(" ".join(r.message for r in raised))
            own_lines = function.lines
            position = own_lines.index(line)
            exits = {r.line for r in function.raises} | set(function.return_lines)
            earlier = sum(
                1
                for e in exits
                if e < line
                and any(
                    b.kind not in _ALWAYS and e in b.body and line not in b.body for b in function.branches
                )
            )
            kinds = [b.kind for b in around]
            header = function.text
            static[row] = (
                0,
                position,
                len(own_lines),
                position / max(1, len(own_lines)),
                len(guarding),
                _BRANCH_KINDS[inner.kind] if inner else 0,
                sum(k in ("else", "elif", "default") for k in kinds),
                sum(k == "except" for k in kinds),
                sum(k in ("for", "while") for k in kinds),
                sum(k in ("case", "default") for k in kinds),
                earlier,
                any(r.line == line for r in function.raises),
                line in function.return_lines,
                bool(raised) and block is not None,
                _is_private(function, language, header),
                bool(function.owner),
                function.name in _CONSTRUCTORS
                or (language == "java" and function.name == function.owner.split(".")[-1]),
                function.is_property,
                function.name.startswith("__") and function.name.endswith("__"),
                function.is_static,
                len(function.parameters),
                sum(p.optional for p in function.parameters),
                condition_kind(inner_question),
                bool(re.search(r"\bnot\b|!(?!=)|!=", inner_question))
                != (inner is not None and inner.kind == "else"),
                sum(inside in block for inside in own_lines) if block else 0,
                callers[index],
                len(functions),
                len(lines),
                0,
            )
        static[row, -3] = len(functions)
        static[row, -2] = len(lines)
        static[row, -1] = _LANGUAGES[language]

    counts: dict[str, int] = defaultdict(int)
    for tokens in (*token_rows, *condition_rows):
        for token in tokens:
            counts[token] += 1
    vocabulary = {token: i for i, token in enumerate(sorted(counts))}
    rarity = np.array([1.0 / (1.0 + np.log1p(counts[t] - 1)) for t in sorted(counts)], dtype=np.float32)
    function_rows = [sorted(vocabulary[t] for t in subtokens(f.text) if t in vocabulary) for f in functions]
    return FocalIndex(
        source=source,
        functions=functions,
        lines=np.array(lines, dtype=np.int32),
        static=static,
        function_of=np.array([owner_line[line] for line in lines], dtype=np.int32),
        vocabulary=vocabulary,
        rarity=rarity,
        line_tokens=_csr([sorted(vocabulary[t] for t in tokens) for tokens in token_rows]),
        condition_tokens=_csr([sorted(vocabulary[t] for t in tokens) for tokens in condition_rows]),
        condition_literals=tuple(literals),
        condition_parameters=tuple(parameters),
        raise_types=tuple(raise_types),
        raise_messages=tuple(raise_messages),
        edges=tuple(edges),
        by_name={name: tuple(found) for name, found in by_name.items()},
        constructors={name: tuple(found) for name, found in constructors.items()},
        bases=bases,
        function_tokens=_csr(function_rows),
        is_raise=static[:, STATIC_FEATURES.index("is_raise")],
    )


def _closed(lines: Sequence[str], first: int, last: int) -> int:
    """The 1-based line, at most `last`, on which the brackets opened on line `first` are all closed."""
    depth = 0
    for number in range(first, last + 1):
        text = without_strings(lines[number - 1])
        depth += sum(text.count(b) for b in "([{") - sum(text.count(b) for b in ")]}")
        if depth <= 0:
            return number
    return first


def _question(branch: Branch, branches: tuple[Branch, ...]) -> str:
    """The condition that decides a branch; for an else, that of the if right before it."""
    if branch.condition or branch.kind not in ("else", "default"):
        return branch.condition
    before = [
        b
        for b in branches
        if b.depth == branch.depth and b.condition and b.body.end_line <= branch.body.start_line
    ]
    return max(before, key=lambda b: b.body.end_line).condition if before else ""
