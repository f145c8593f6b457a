"""A Go test file taken apart, and one file a candidate put together, so that compile errors name their candidate.

Every candidate gets a file of its own in the package, with exactly the imports that it uses of the test file's
header and those it brings: imports belong to a file in Go, so a missing or an unused one is an error of that
candidate alone. Candidates that declare the same names go into different batches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tree_sitter import Node, Parser

from runfree_training.execute.go_schemata import GO
from runfree_training.records import TestResult

RECOVER_FILE = "zz_rf_recover_test.go"
# A panic becomes a failure of its test, so that one process can run many tests; rethrown panics of the testing
# package itself (FailNow is Goexit, not a panic) do not pass here.
RECOVER_TEXT = """package {package}

import "testing"

func rfRecover(t *testing.T) {{
	if r := recover(); r != nil {{
		t.Errorf("panic: %v", r)
	}}
}}
"""


@dataclass(frozen=True, slots=True)
class Import:
    """An import spec: its source text, path, and the name it binds ("" unknown but guessed from the path)."""

    text: str
    path: str
    alias: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names it may bind: the alias, or guesses from the path's last parts (`go-cmp/v2` -> `cmp`, ...)."""
        if self.alias:
            return (self.alias,)
        parts = [p for p in self.path.split("/") if not re.fullmatch(r"v\d+", p)] or [self.path]
        last = re.sub(r"\.v\d+$", "", parts[-1])
        return tuple(
            {last, last.removeprefix("go-"), last.removesuffix("-go"), last.removesuffix(".go")}
            | set(last.split("-"))
        )


@dataclass(frozen=True, slots=True)
class Declaration:
    """A top-level declaration: the names it declares, its text, whether it is a test function."""

    names: tuple[str, ...]
    text: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """A Go test file (or a bare function): package name ("" if none), imports, declarations."""

    package: str
    imports: tuple[Import, ...]
    declarations: tuple[Declaration, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """Names of its test functions, in order."""
        return tuple(d.names[0] for d in self.declarations if d.is_test)


def parse(text: str) -> Parsed:
    """Takes a file apart; doc comments stay with the declaration below them."""
    data = text.encode()
    root = Parser(GO).parse(data).root_node
    package, imports, declarations = "", [], []
    comment_start: int | None = None
    for node in root.named_children:
        start, comment_start = (comment_start if comment_start is not None else node.start_byte), None
        if node.type == "comment":
            comment_start = start
        elif node.type == "package_clause":
            package = data[node.named_children[0].start_byte : node.named_children[0].end_byte].decode()
        elif node.type == "import_declaration":
            imports += [_import(spec, data) for spec in _find(node, "import_spec")]
        else:
            source = data[start : node.end_byte].decode()
            names = tuple(_declared(node, data))
            declarations.append(Declaration(names, source, _is_test(node, names, data)))
    return Parsed(package, tuple(imports), tuple(declarations))


def with_recover(text: str) -> str:
    """The text with `defer rfRecover(t)` first in every test function, on the line of its opening brace."""
    data = text.encode()
    out, at = [], 0
    for node in Parser(GO).parse(data).root_node.named_children:
        name = node.child_by_field_name("name")
        if node.type != "function_declaration" or name is None:
            continue
        if not _is_test(node, (data[name.start_byte : name.end_byte].decode(),), data):
            continue
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        found = (
            re.match(rb"\(\s*(\w+)\s", data[parameters.start_byte : parameters.end_byte])
            if parameters
            else None
        )
        if body is not None and found and found[1] != b"_":
            out += [data[at : body.start_byte + 1], b" defer rfRecover(%s);" % found[1]]
            at = body.start_byte + 1
    return b"".join([*out, data[at:]]).decode()


@dataclass(slots=True)
class CandidateFile:
    """One candidate as a file of its own.

    Attributes:
        index: rank in the list of candidates. test: its test function's unique name in the package.
        header: imports of the test file that it uses (may be taken out again where the compiler finds one unused).
        brought: imports the candidate brings itself. body: its declarations. declares: their names.
    """

    index: int
    package: str
    test: str
    header: list[Import]
    brought: list[Import]
    body: str
    declares: frozenset[str]

    @property
    def file_name(self) -> str:
        """Its file in the package; sorts after every other file, so that a clash is reported here."""
        return f"zz_rf_c{self.index:05d}_test.go"

    def text(self) -> str:
        """The file's text, the test guarded by `rfRecover`."""
        imports = "".join(f"\t{i.text}\n" for i in [*self.header, *self.brought])
        block = f"import (\n{imports})\n\n" if imports else ""
        return f"package {self.package}\n\n{block}{with_recover(self.body)}\n"

    def line_of_import(self, line: int) -> Import | None:
        """The header import on a 1-based line of `text()`, None where that line is none."""
        at = line - 4  # package, blank, import (
        return self.header[at] if 0 <= at < len(self.header) else None


def candidate_file(suite: Parsed, candidate: TestResult, index: int) -> CandidateFile | None:
    """The file of one candidate; None where its text holds no test function of its name.

    Tests other than the named one and helpers that the suite already has word for word are left out, as in the
    canonical form of a sample.
    """
    own = parse(candidate.text)
    # The last declaration of the name counts, and the last test where none has it.
    named = [d for d in own.declarations if d.is_test and d.names[0] == candidate.name]
    tests = named or [d for d in own.declarations if d.is_test]
    if not tests:
        return None
    chosen = tests[-1]
    known = {d.text.strip() for d in suite.declarations}
    helpers = [d for d in own.declarations if not d.is_test and d.text.strip() not in known]
    unique = f"{chosen.names[0]}_rf{index}"
    function = re.sub(rf"(?m)^func\s+{re.escape(chosen.names[0])}\b", f"func {unique}", chosen.text, count=1)
    body = "\n\n".join([*(d.text for d in helpers), function])
    brought = [i for i in own.imports if i.text not in {k.text for k in suite.imports}]
    removed = candidate.removes
    header = [
        i
        for i in suite.imports
        if i.alias != "_"
        and (not removed or i.text not in removed)
        and _uses(body, i)
        and not _shadowed(i, brought)
    ]
    declares = frozenset(n for d in helpers for n in d.names if n != "_")
    return CandidateFile(index, suite.package, unique, header, brought, body, declares)


def batches(files: Sequence[CandidateFile]) -> list[list[CandidateFile]]:
    """The files in as few groups as a first fit finds, none with two files that declare the same name."""
    groups: list[tuple[set[str], list[CandidateFile]]] = []
    for file in files:
        for names, group in groups:
            if not names & file.declares:
                names |= file.declares
                group.append(file)
                break
        else:
            groups.append((set(file.declares), [file]))
    return [group for _, group in groups]


def _shadowed(spec: Import, brought: Iterable[Import]) -> bool:
    """Whether a brought import binds the same path or alias."""
    return any(b.path == spec.path or (spec.alias and b.alias == spec.alias) for b in brought)


def _uses(body: str, spec: Import) -> bool:
    return spec.alias == "." or any(re.search(rf"\b{re.escape(n)}\.", body) for n in spec.names if n)


def _import(spec: Node, data: bytes) -> Import:
    path, name = spec.child_by_field_name("path"), spec.child_by_field_name("name")
    assert path is not None
    text = data[spec.start_byte : spec.end_byte].decode()
    alias = data[name.start_byte : name.end_byte].decode() if name else ""
    return Import(text, data[path.start_byte + 1 : path.end_byte - 1].decode(), alias)


def _find(node: Node, kind: str) -> list[Node]:
    found = [node] if node.type == kind else []
    for child in node.named_children:
        found += _find(child, kind)
    return found


def _declared(node: Node, data: bytes) -> list[str]:
    if node.type in ("function_declaration", "method_declaration"):
        name = node.child_by_field_name("name")
        receiver = node.child_by_field_name("receiver")
        if name is None:
            return []
        own = data[name.start_byte : name.end_byte].decode()
        return [own if receiver is None else data[receiver.start_byte : receiver.end_byte].decode() + own]
    names = []
    for spec in [
        s for kind in ("const_spec", "var_spec", "type_spec", "type_alias") for s in _find(node, kind)
    ]:
        found = (n for n in spec.children_by_field_name("name") if n.is_named)
        names += [data[n.start_byte : n.end_byte].decode() for n in found]
    return names


def _is_test(node: Node, names: tuple[str, ...], data: bytes) -> bool:
    if node.type != "function_declaration" or not names or not re.fullmatch(r"Test(?![a-z]).*", names[0]):
        return False
    parameters = node.child_by_field_name("parameters")
    source = data[parameters.start_byte : parameters.end_byte] if parameters else b""
    return re.fullmatch(rb"\(\s*\w+\s+\*\s*\w+\.T\s*,?\s*\)", source) is not None
