"""Splits a file into its declarations (imports, functions, types with members, other code), so that files can be merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from runfree.sample import Language
from runfree.syntax.recovery import recover

PieceKind = Literal["package", "import", "function", "type", "code"]

# Deeper nested types are taken whole, as code.
_MAX_NESTING = 12

_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
_IMPORTS = frozenset(
    {"import_statement", "import_from_statement", "future_import_statement", "import_declaration"}
)
_FUNCTIONS = frozenset(
    {
        "function_definition",
        "function_declaration",
        "method_declaration",
        "constructor_declaration",
        "compact_constructor_declaration",
    }
)
_TYPES = frozenset(
    {
        "class_definition",
        "class_declaration",
        "interface_declaration",
        "enum_declaration",
        "record_declaration",
        "annotation_type_declaration",
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One declaration of a file or of a type's body.

    Attributes:
        name: what it declares (`f`, `T.m` for Go methods, the first variable of an assignment or field); for
            imports the normalised source text; "" for other code.
        binds: every name it makes in its scope.
        text: source text from the first character of the declaration; `column` is the byte column it starts at.
        line: 1-based line it starts on. start, end: UTF-8 byte range.
        insert_at: for types, the byte offset at which another member can be put; -1 where there is none.
        members: for types, the pieces of the body.
        signature: what tells overloads apart: number of parameters of a Java method, else 0.
    """

    kind: PieceKind
    name: str
    binds: tuple[str, ...]
    text: str
    line: int
    column: int
    start: int
    end: int
    insert_at: int = -1
    members: tuple[Piece, ...] = ()
    signature: int = 0

    @property
    def normalised(self) -> str:
        """The text with every run of white space as one blank: what makes two pieces the same."""
        return " ".join(self.text.split())


def split(language: Language, text: str) -> tuple[Piece, ...]:
    """The pieces of a file, in order of place; comments between them are left out."""
    data = text.encode("utf-8", "replace")
    parser = Parser(_grammar(language))
    root = parser.parse(data).root_node
    if language == "python":
        data, root, _ = recover(parser, data, root)
    return tuple(_Splitter(language, data).pieces(root, 0))


@cache
def _grammar(language: Language) -> Grammar:
    if language == "python":
        import tree_sitter_python

        return Grammar(tree_sitter_python.language())
    if language == "java":
        import tree_sitter_java

        return Grammar(tree_sitter_java.language())
    import tree_sitter_go

    return Grammar(tree_sitter_go.language())


class _Splitter:
    def __init__(self, language: Language, data: bytes) -> None:
        self.language = language
        self.data = data

    def text(self, node: Node | None) -> str:
        return "" if node is None else self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def pieces(self, node: Node, depth: int) -> Iterator[Piece]:
        for child in node.named_children:
            kind = child.type
            if kind in _COMMENTS:
                continue
            if kind in ("package_declaration", "package_clause"):
                yield self._piece("package", child, child, "", ())
            elif kind == "import_declaration" and self.language == "go":
                yield from self._go_imports(child)
            elif kind in _IMPORTS:
                yield self._piece(
                    "import", child, child, " ".join(self.text(child).split()), self._bound(child)
                )
            elif kind == "enum_body_declarations":
                yield from self.pieces(child, depth)
            else:
                yield self._declaration(child, depth)

    def _declaration(self, outer: Node, depth: int) -> Piece:
        inner = outer
        if outer.type == "decorated_definition":
            inner = outer.child_by_field_name("definition") or outer
        name = self.text(inner.child_by_field_name("name"))
        if inner.type in _FUNCTIONS:
            receiver = inner.child_by_field_name("receiver")
            if receiver is not None:
                name = f"{_receiver_type(self.text(receiver))}.{name}"
            parameters = inner.child_by_field_name("parameters")
            count = 0
            if self.language == "java" and parameters is not None:
                count = sum(child.type not in _COMMENTS for child in parameters.named_children)
            return self._piece("function", outer, inner, name, (name,), signature=count)
        if inner.type in _TYPES and depth < _MAX_NESTING:
            body = inner.child_by_field_name("body")
            if body is None:
                return self._piece("type", outer, inner, name, (name,))
            # Python: after the body's last statement; Java: before the closing brace.
            closed = self.language != "python" and self.data[body.end_byte - 1 : body.end_byte] == b"}"
            insert_at = body.end_byte - 1 if closed else body.end_byte
            members = tuple(self.pieces(body, depth + 1))
            return self._piece("type", outer, inner, name, (name,), insert_at=insert_at, members=members)
        binds = tuple(self._variables(inner))
        return self._piece("code", outer, inner, binds[0] if binds else "", binds)

    def _piece(
        self,
        kind: PieceKind,
        outer: Node,
        inner: Node,
        name: str,
        binds: tuple[str, ...],
        *,
        insert_at: int = -1,
        members: tuple[Piece, ...] = (),
        signature: int = 0,
    ) -> Piece:
        row, column = outer.start_point
        text, end = self.text(outer), outer.end_byte
        return Piece(
            kind, name, binds, text, row + 1, column, outer.start_byte, end, insert_at, members, signature
        )

    def _go_imports(self, declaration: Node) -> Iterator[Piece]:
        pending = list(reversed(declaration.named_children))
        while pending:
            node = pending.pop()
            if node.type == "import_spec_list":
                pending.extend(reversed(node.named_children))
            elif node.type == "import_spec":
                path = self.text(node.child_by_field_name("path")).strip('"`')
                alias = self.text(node.child_by_field_name("name"))
                yield self._piece(
                    "import", node, node, f'{alias} "{path}"'.strip(), (alias or _go_package(path),)
                )

    def _bound(self, node: Node) -> tuple[str, ...]:
        """Local names made by a Python or Java import."""
        if self.language == "java":
            text = self.text(node).rstrip("; ")
            return () if text.endswith("*") else (text.split(".")[-1].strip(),)
        module = node.child_by_field_name("module_name")
        names: list[str] = []
        for child in node.named_children:
            if child == module:
                continue
            if child.type == "aliased_import":
                names.append(self.text(child.child_by_field_name("alias")))
            elif child.type == "dotted_name":
                name = self.text(child)
                names.append(name if module is not None else name.split(".")[0])
        return tuple(names)

    def _variables(self, node: Node) -> Iterator[str]:
        """Names declared by a variable, constant, field or plain assignment."""
        if self.language == "python":
            target = node.named_children[0] if node.named_children else None
            if node.type == "expression_statement" and target is not None and target.type == "assignment":
                left = target.child_by_field_name("left")
                if left is not None and left.type == "identifier":
                    yield self.text(left)
            return
        pending = [node] if node.type.endswith(("_declaration", "_list")) else []
        while pending:
            for child in pending.pop().named_children:
                if child.type in ("variable_declarator", "var_spec", "const_spec", "type_spec", "type_alias"):
                    yield from (self.text(name) for name in child.children_by_field_name("name"))
                elif child.type.endswith("_spec_list"):
                    pending.append(child)


def _receiver_type(receiver: str) -> str:
    """`T` of `(t *T[K])`."""
    return receiver.strip("() ").split("[")[0].split(" ")[-1].lstrip("*").strip()


def _go_package(path: str) -> str:
    """The name a Go import binds by convention: its last element, version suffixes (`/v2`, `.v3`) left out."""
    parts = [part for part in path.split("/") if part]
    if len(parts) > 1 and parts[-1][:1] == "v" and parts[-1][1:].isdigit():
        parts.pop()
    last = parts[-1] if parts else ""
    last = last.split(".v")[0] if ".v" in last else last
    return last.removeprefix("go-").removesuffix("-go").replace("-", "_")
