"""Puts a candidate into the text of its existing test file: imports, helpers and the one test, older versions replaced."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree.syntax.parse import MAX_BYTES, parse
from runfree.syntax.pieces import Piece, split
from runfree.syntax.recovery import only_method
from runfree.syntax.tree import Function, SourceFile, Span


@dataclass(frozen=True, slots=True)
class Merged:
    """The augmented test file as text, and where the candidate came from.

    `name` and `bare_name` are the candidate's qualified and bare names in `text`; `given_line` (1-based) and
    `given_column` (bytes) are where its name stands in the text it was given in. The rest as in `Case`.
    """

    text: str
    name: str
    bare_name: str
    given_line: int
    given_column: int
    new_imports: frozenset[str]
    missing_names: frozenset[str]
    idle_imports: frozenset[str]
    error_lines: tuple[int, ...]


def merge(language: Language, existing: str, candidate: str, test_name: str) -> Merged:
    """The existing file without an older version of the test, with what the candidate brings and the one test.

    Raises:
        RunfreeError: the candidate holds no test, or not the test asked for, or a text is too large.
    """
    given = _Given(language, candidate, test_name)
    _check_size(existing)
    into = _Existing(language, existing)
    owners = [piece.name for piece in given.path[:-1]]
    joined = [] if owners else into.joined_owner(given)
    work = _Merge(given, into)
    work.run(joined)
    return Merged(
        text=work.edits.apply(),
        name=_name(given, into, owners, joined),
        bare_name=given.test.name,
        given_line=given.test.name_span.start_line - (1 if given.bare else 0),
        given_column=given.test.name_span.start_column + given.indent,
        new_imports=frozenset(work.new_imports),
        missing_names=_missing_names(given, into),
        idle_imports=_idle_imports(given, into),
        error_lines=given.error_lines(),
    )


def _name(given: _Given, into: _Existing, owners: list[str], joined: list[str]) -> str:
    """The candidate's qualified name in the merged text."""
    if given.language == "go":
        return given.test.qualified_name
    if given.language == "java":
        return ".".join([*(owners or joined)[1:], given.test.name])
    return "::".join([*(owners or joined), given.test.name])


def _check_size(text: str) -> None:
    if len(text) > MAX_BYTES:
        raise RunfreeError(
            f"the test file is larger than {MAX_BYTES:,} bytes, which is the most runfree reads"
        )


# Bare Java methods are read as members of a class; the line it adds is taken off again.
_WRAPPER = b"class CandidateTest {\n"

_split = lru_cache(maxsize=64)(split)


class _Given:
    """The candidate as given: its pieces, its tests, and which of them is meant."""

    def __init__(self, language: Language, text: str, test_name: str) -> None:
        _check_size(text)
        self.language = language
        self.indent = 0
        if language == "python":
            text, self.indent = _dedent(text)
        whole = parse(language, text)
        self.errors = whole.error_lines
        if not whole.functions and self.errors:
            text = only_method(text, re.split(r"::|\.", test_name)[-1])
        self.data = text.encode("utf-8", "replace")
        self.pieces = _split(language, text)
        self.bare = language == "java" and not any(piece.kind == "type" for piece in self.pieces)
        self.file = parse(language, _wrapped(text, self.pieces) if self.bare else text)
        self.test, self.named_owner = _named_test(self.file, test_name, language)
        prefix = len(_WRAPPER) if self.bare else 0
        self.tests = sorted(test.name_span.start_byte - prefix for test in self.file.tests)
        self.test_byte = self.test.name_span.start_byte - prefix
        self.path = self._path(self.pieces)
        self.string_lines = {
            line
            for literal in self.test.literals
            if literal.kind == "string" and "\n" in literal.text
            for line in range(literal.line + 1, literal.line + literal.text.count("\n") + 1)
        }

    def _path(self, pieces: tuple[Piece, ...]) -> list[Piece]:
        """The pieces from the file's level down to the test."""
        path: list[Piece] = []
        while True:
            found = next((p for p in pieces if p.start <= self.test_byte < p.end), None)
            if found is None:
                return path
            path.append(found)
            pieces = found.members

    def is_other_test(self, piece: Piece) -> bool:
        """Whether a piece is a test function other than the one that is meant."""
        if piece.kind != "function" or piece.start <= self.test_byte < piece.end:
            return False
        return self._has_test(piece)

    def holds_tests(self, piece: Piece) -> bool:
        """Whether a type holds tests."""
        return piece.kind == "type" and self._has_test(piece)

    def _has_test(self, piece: Piece) -> bool:
        at = bisect_left(self.tests, piece.start)
        return at < len(self.tests) and self.tests[at] < piece.end

    def kept(self, pieces: Iterable[Piece]) -> list[Piece]:
        """The pieces but for other tests and the types that hold only those."""
        path = {piece.start for piece in self.path}
        mentioned = self.path[0].text.split("{", 1)[0].split(":", 1)[0] if self.path else ""
        return [
            p
            for p in pieces
            if not self.is_other_test(p)
            and (p.start in path or not self.holds_tests(p) or p.name in mentioned)
        ]

    def error_lines(self) -> tuple[int, ...]:
        """Lines with syntax errors as given, those inside other tests left out."""
        others = [t.span for t in self.file.tests if t is not self.test]
        shift = 1 if self.bare else 0
        return tuple(line - shift for line in outside((line + shift for line in self.errors), others))


class _Existing:
    """The existing test file: its text and pieces."""

    def __init__(self, language: Language, text: str) -> None:
        self.language = language
        self.text = text
        self.data = text.encode("utf-8", "replace")
        self.file = parse(language, text)
        self.pieces = _split(language, text)

    def joined_owner(self, given: _Given) -> list[str]:
        """The class that a bare method belongs to: the main class (Java), the only test class (Python)."""
        if self.language == "java":
            main = self.main_class()
            return [main.name if main is not None else "CandidateTest", *given.named_owner]
        if given.named_owner:
            return given.named_owner
        if self.language == "python" and given.test.parameters and given.test.parameters[0].name == "self":
            owners = sorted({test.owner for test in self.file.tests if test.owner})
            if len(owners) == 1:
                return owners[0].split("::")
            classes = [piece.name for piece in self.pieces if piece.kind == "type"]
            tested = [name for name in classes if name.startswith("Test") or name.endswith("Test")]
            if not owners and len(tested) == 1:
                return tested
        return []

    def main_class(self) -> Piece | None:
        """The Java class that holds the tests: the first that does, else the first public one, else the first."""
        types = [piece for piece in self.pieces if piece.kind == "type"]
        starts = [test.name_span.start_byte for test in self.file.tests]
        for piece in types:
            if any(piece.start <= start < piece.end for start in starts):
                return piece
        public = [piece for piece in types if piece.text.split("{", 1)[0].find("public ") >= 0]
        return next(iter([*public, *types]), None)


class _Merge:
    """One merge: walks the candidate's pieces beside the existing ones and notes the edits."""

    def __init__(self, given: _Given, into: _Existing) -> None:
        self.given = given
        self.into = into
        self.edits = _Edits(into.data)
        self.new_imports: set[str] = set()
        self.python = given.language == "python"
        self._known_imports = {
            (i.module, i.name, i.binds) for i in into.file.imports if not i.span.start_column
        }
        self._import_starts = [item.span.start_byte for item in given.file.imports]
        self._bound: set[str] | None = None
        self._imports_go: int | None = None
        self._qualifiers: tuple[set[str], set[str]] | None = None
        self._old: dict[int, dict[tuple[str, str], list[Piece]]] = {}

    def run(self, joined: list[str]) -> None:
        """Merges the whole candidate; `joined` is the class that a bare method joins."""
        pieces = self.given.kept(self.given.pieces)
        if not joined:
            self._level(pieces, self.into.pieces, None, "")
            return
        self._level([piece for piece in pieces if not self._is_member(piece)], self.into.pieces, None, "")
        self._join([piece for piece in pieces if self._is_member(piece)], joined)

    def _is_member(self, piece: Piece) -> bool:
        if piece in self.given.path:
            return True
        if self.python:
            return piece.kind == "function" and bool(_SELF.search(piece.text.split(":", 1)[0]))
        return piece.kind not in ("package", "import")

    def _join(self, members: list[Piece], owners: list[str]) -> None:
        """Puts bare methods into the class of that path, which is made where it is not there."""
        present, target, indent = self.into.pieces, None, ""
        for depth, owner in enumerate(owners):
            found = next((p for p in present if p.kind == "type" and p.name == owner), None)
            if found is None or found.insert_at < 0:
                missing = owners[depth:]
                break
            target, present, indent = found, found.members, self._member_indent(found)
        else:
            self._level(members, present, target, indent)
            return
        step = "    "
        lines: list[str] = []
        for level, owner in enumerate(missing):
            lines.append(f"{indent}{step * level}class {owner}{':' if self.python else ' {'}")
        deep = indent + step * len(missing)
        lines += [self._text(piece, deep) for piece in members]
        if not self.python:
            lines += [indent + step * level + "}" for level in reversed(range(len(missing)))]
        self.edits.insert(target.insert_at if target else len(self.into.data), "\n".join(lines))

    def _level(
        self, brought: list[Piece], present: tuple[Piece, ...], target: Piece | None, indent: str
    ) -> None:
        """Merges pieces into one level: the file's (`target` None) or a type's body."""
        position = len(self.into.data) if target is None else target.insert_at
        for piece in brought:
            if piece.kind == "package":
                if not any(p.kind == "package" for p in present):
                    self.edits.insert(0, piece.text)
            elif piece.kind == "import":
                self._import(piece, present)
            elif piece in self.given.path and piece.kind == "type":
                self._type(piece, present, position, indent, top=target is None)
            elif not self._settled(piece, present):
                self.edits.insert(position, self._text(piece, indent))

    def _settled(self, piece: Piece, present: tuple[Piece, ...]) -> bool:
        """Whether the existing file has just this piece; an older one of the same name is deleted."""
        if not piece.name:
            return bool(self._named(present, piece.kind, piece.normalised))
        is_test = piece in self.given.path
        found = False
        for old in self._named(present, piece.kind, piece.name):
            if is_test:
                self.edits.delete(old)
            elif old.signature == piece.signature:
                if old.normalised == piece.normalised:
                    found = True
                else:
                    self.edits.delete(old)
        return found

    def _named(self, present: tuple[Piece, ...], kind: str, name: str) -> list[Piece]:
        """Existing pieces of one level by kind and name, or by text where they have no name."""
        level = self._old.get(id(present))
        if level is None:
            level = self._old[id(present)] = {}
            for old in present:
                level.setdefault((old.kind, old.name or old.normalised), []).append(old)
        return level.get((kind, name), [])

    def _type(
        self, piece: Piece, present: tuple[Piece, ...], position: int, indent: str, *, top: bool
    ) -> None:
        old = next((p for p in present if p.kind == "type" and p.name == piece.name), None)
        if old is None and top and not self.python:
            old = self.into.main_class()
        if old is not None and old.insert_at >= 0 and not self._is_one_line(old):
            self._level(self.given.kept(piece.members), old.members, old, self._member_indent(old))
            return
        if old is not None:
            self.edits.delete(old)
        self.edits.insert(position, self._text(piece, indent))

    def _is_one_line(self, piece: Piece) -> bool:
        return self.python and any(member.line == piece.line for member in piece.members)

    def _member_indent(self, piece: Piece) -> str:
        for member in piece.members:
            return _indentation(self.into.data, member)
        return _indentation(self.into.data, piece) + "    "

    def _import(self, piece: Piece, present: tuple[Piece, ...]) -> None:
        if self._has_import(piece, present) or self._serves_other_tests(piece):
            return
        if self._bound is None:
            self._bound = {name for old in present if old.kind == "import" for name in old.binds}
        self.new_imports.update(set(piece.binds) - self._bound)
        text = f"import {piece.text}" if self.given.language == "go" else piece.text
        if self._imports_go is None:
            self._imports_go = self._import_position(present)
        self.edits.insert(self._imports_go, text)

    def _has_import(self, piece: Piece, present: tuple[Piece, ...]) -> bool:
        if self._named(present, "import", piece.name):
            return True
        if not self.python:
            return False
        low, high = bisect_left(self._import_starts, piece.start), bisect_left(self._import_starts, piece.end)
        ours = self.given.file.imports[low:high]
        return bool(ours) and all((i.module, i.name, i.binds) in self._known_imports for i in ours)

    def _serves_other_tests(self, piece: Piece) -> bool:
        """Whether a Go import is used by dropped tests alone: kept, it would not compile."""
        if self.given.language != "go" or not piece.binds:
            return False
        if self._qualifiers is None:
            kept = self.given.kept(self.given.pieces)
            self._qualifiers = _qualifiers(kept), _qualifiers(self.given.pieces)
        in_kept, anywhere = self._qualifiers
        return piece.binds[0] not in in_kept and piece.binds[0] in anywhere

    def _import_position(self, present: tuple[Piece, ...]) -> int:
        data = self.into.data
        imports = [p for p in present if p.kind == "import"]
        if imports:
            end = imports[-1].end
            rest = data[end:]
            if self.given.language == "go" and rest.lstrip(b" \t\r\n;").startswith(b")"):
                end += rest.index(b")") + 1
        else:
            end = next((p.end for p in present if p.kind == "package"), 0)
            if (
                self.python
                and present
                and present[0].kind == "code"
                and present[0].text[:3] in ('"""', "'''")
            ):
                end = present[0].end
        if end == 0:
            return 0
        line_end = data.find(b"\n", end)
        return len(data) if line_end < 0 else line_end + 1

    def _text(self, piece: Piece, indent: str) -> str:
        """A piece's lines, other tests inside it left out, moved to `indent` (Python)."""
        drop = _Edits(self.given.data)
        self._drop_others(piece, drop)
        text = drop.apply(piece.start, piece.end)
        old_indent = _indentation(self.given.data, piece)
        if not self.python or indent == old_indent:
            return (old_indent or indent) + text
        if self._is_cut_out(piece, indent):
            return indent + text
        lines = text.split("\n")
        for index in range(1, len(lines)):
            if piece.line + index in self.given.string_lines and piece in self.given.path:
                continue
            if lines[index].strip() and lines[index].startswith(old_indent):
                lines[index] = indent + lines[index][len(old_indent) :]
        return indent + "\n".join(lines)

    def _is_cut_out(self, piece: Piece, indent: str) -> bool:
        """Whether a method was cut out from its first character on: its first line alone lost its indent."""
        body = self.given.test.body
        own = piece in self.given.path and body.start_line > self.given.test.name_span.start_line
        return own and body.start_column >= len(indent) + 2

    def _drop_others(self, piece: Piece, drop: _Edits) -> None:
        kept = set(self.given.kept(piece.members))
        for member in piece.members:
            if member not in kept:
                drop.delete(member)
            elif member in self.given.path:
                self._drop_others(member, drop)


class _Edits:
    """Deletions and insertions on a text, applied at once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._deleted: set[tuple[int, int]] = set()
        self._inserted: list[tuple[int, str]] = []

    def delete(self, piece: Piece) -> None:
        """Takes a piece away, with its whole lines where nothing else stands on them."""
        start = self.data.rfind(b"\n", 0, piece.start) + 1
        if self.data[start : piece.start].strip():
            start = piece.start
        end = self.data.find(b"\n", piece.end)
        end = len(self.data) if end < 0 else end + 1
        if self.data[piece.end : end].strip() or start == piece.start != 0:
            end = piece.end
        self._deleted.add((start, end))

    def insert(self, position: int, text: str) -> None:
        """Puts a text, on lines of its own, at a byte offset; after what is deleted there."""
        self._inserted.append((position, text))

    def apply(self, start: int = 0, end: int | None = None) -> str:
        """The edited text between two byte offsets."""
        end = len(self.data) if end is None else end
        deleted = sorted(self._deleted)
        events = [(low, 1, high, "") for low, high in deleted]
        for position, text in self._inserted:
            at = bisect_left(deleted, (position, -1)) - 1
            after = deleted[at][1] if at >= 0 and position <= deleted[at][1] else position
            events.append((after, 0, after, text))
        out = bytearray()
        at = start
        for position, _, resume, text in sorted(events, key=lambda event: event[:2]):
            if not start <= position <= end:
                continue
            out += self.data[at:position]
            at = max(at, min(resume, end))
            if text:
                out += (
                    b"\n" * (bool(out) and not out.endswith(b"\n")) + text.encode("utf-8", "replace") + b"\n"
                )
        return (out + self.data[at:end]).decode("utf-8", "replace")


_SELF = re.compile(r"\(\s*self\b")


def _qualifiers(pieces: Iterable[Piece]) -> set[str]:
    """Names that stand before a dot in pieces other than imports."""
    return {name for p in pieces if p.kind != "import" for name in re.findall(r"\b(\w+)\.", p.text)}


def outside(lines: Iterable[int], spans: Iterable[Span]) -> list[int]:
    """The lines, ascending, that lie in none of the spans."""
    taken = sorted((span.start_line, span.end_line) for span in spans)
    free: list[int] = []
    at, reach = 0, 0
    for line in sorted(lines):
        while at < len(taken) and taken[at][0] <= line:
            reach = max(reach, taken[at][1])
            at += 1
        if line > reach:
            free.append(line)
    return free


def _indentation(data: bytes, piece: Piece) -> str:
    """The blank text before a piece on its line, "" where something else stands there."""
    before = data[data.rfind(b"\n", 0, piece.start) + 1 : piece.start]
    return before.decode("utf-8", "replace") if not before.strip() else ""


def _dedent(text: str) -> tuple[str, int]:
    """A method cut out with its indentation, moved to column 0; and by how many columns.

    A decorated one that was cut out from its `@` on has a `def` that is indented deeper than the decorator.
    """
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = _leading(first)
    if not indent and first.startswith("@"):
        indent = _leading(
            next((line for line in lines if line.lstrip().startswith(("def ", "async def "))), "")
        )
    if not indent:
        return text, 0
    return "\n".join(line.removeprefix(indent) for line in lines), len(indent)


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _wrapped(text: str, pieces: tuple[Piece, ...]) -> str:
    """Bare Java methods as a class, imports blanked out so that every byte keeps its place."""
    data = bytearray(text.encode("utf-8", "replace"))
    for piece in pieces:
        if piece.kind in ("import", "package"):
            data[piece.start : piece.end] = b" " * (piece.end - piece.start)
    return (_WRAPPER + bytes(data) + b"\n}\n").decode("utf-8", "replace")


def _named_test(file: SourceFile, name: str, language: Language) -> tuple[Function, list[str]]:
    """The test that is meant, and the owners that its name gives a bare function."""
    named = file.function(name) if name else None
    if named is not None and not file.tests:
        return named, []  # asked for by name: a fixture called `test_x`, say, which a test runner passes over
    if not file.tests:
        raise RunfreeError("the candidate holds no test function")
    if not name:
        return file.tests[-1], []
    name = name.split("[", 1)[0]
    exact = [test for test in file.tests if test.qualified_name == name]
    if exact:
        return exact[-1], []
    parts = name.split("::" if language == "python" else ".")
    bare = [test for test in file.tests if test.qualified_name == parts[-1]]
    if bare and len(parts) > 1:
        return bare[-1], parts[:-1]
    inner = [test for test in file.tests if len(parts) == 1 and test.name == name]
    if inner:
        return inner[-1], []
    if named is not None:
        return named, []
    held = ", ".join(test.qualified_name for test in file.tests[:5])
    raise RunfreeError(f"the candidate holds no test named {name!r}; it holds {held}")


def _missing_names(given: _Given, into: _Existing) -> frozenset[str]:
    """Names a whole-file candidate reads and only the existing file binds."""
    if not _is_whole(given, into) or any(item.name == "*" for item in given.file.imports):
        return frozenset()
    tests = {test.qualified_name for test in given.file.tests} - {given.test.qualified_name}
    reads = {name.text for name in given.file.module_reads}
    for function in given.file.functions:
        if function.qualified_name not in tests:
            reads.update(name.text for name in function.names)
    bound = _bound_names(given.pieces)
    return frozenset(reads & _bound_names(into.pieces) - bound - given.file.module_names)


def _idle_imports(given: _Given, into: _Existing) -> frozenset[str]:
    """Import paths of a whole Go file that nothing in it uses, though something in the existing file may."""
    if given.language != "go" or not _is_whole(given, into):
        return frozenset()
    used = set(re.findall(r"\b(\w+)\s*\.", given.file.text))
    return frozenset(
        item.module
        for item in given.file.imports
        if item.binds not in used
        and item.binds == item.module.rsplit("/", 1)[-1]
        # A package's name may differ from a path's last part that looks like a version or a repository.
        and re.fullmatch(r"[a-z]+(/[a-z]+)*", item.module)
    )


def _is_whole(given: _Given, into: _Existing) -> bool:
    """Whether the candidate is a file that stands by itself: it repeats the header, a fragment brings only news."""
    if given.language != "python":
        return any(piece.kind == "package" for piece in given.pieces)
    header = {p.normalised for p in into.pieces if p.kind in ("import", "code")}
    repeated = header & {p.normalised for p in given.pieces if p.kind in ("import", "code")}
    return len(repeated) >= 2 and 2 * len(repeated) >= len(header)


def _bound_names(pieces: Iterable[Piece]) -> set[str]:
    names: set[str] = set()
    pending = list(pieces)
    while pending:
        piece = pending.pop()
        names.update(piece.binds)
        pending.extend(piece.members)
    return names
