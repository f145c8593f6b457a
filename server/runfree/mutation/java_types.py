"""What a Java file says of types without a compiler: which expressions are strings, empty values, void calls."""

from __future__ import annotations

from tree_sitter import Node

from runfree.syntax.nodes import descend, field, operands

_STRING_METHODS = frozenset(
    {
        "toString", "substring", "trim", "strip", "toLowerCase", "toUpperCase", "concat", "replace", "replaceAll", "repeat",
        "getName", "getSimpleName", "getMessage", "name", "format", "join", "lineSeparator", "toHexString", "readLine",
        "toBinaryString", "formatted", "replaceFirst", "getCanonicalName", "stripLeading", "stripTrailing",
    }
)  # fmt: skip
_STRING_TYPES = frozenset({"String", "java.lang.String"})
# Methods of the JDK that give a value which statements ignore; PIT removes calls of void methods only.
_IGNORED_VALUES = frozenset(
    {
        "add", "addAll", "append", "appendCodePoint", "compareAndSet", "compute", "computeIfAbsent",
        "computeIfPresent", "containsKey", "decrementAndGet", "delete", "deleteCharAt", "equals", "get", "getAndIncrement",
        "getClass", "hashCode", "incrementAndGet", "insert", "merge", "mkdir", "mkdirs", "next", "nextInt", "notNull", "offer",
        "parse", "parseInt", "poll", "pollFirst", "pop", "put", "putIfAbsent", "read", "remove", "removeAll", "removeFirst",
        "removeIf", "removeLast", "replace", "requireNonNull", "retainAll", "reverse", "submit", "toString", "valueOf",
    }
)  # fmt: skip
_NUMBERS = {
    "byte": "0", "short": "0", "int": "0", "long": "0", "float": "0", "double": "0", "char": "0",
    "Integer": "0", "Long": "0L", "Short": "(short) 0", "Byte": "(byte) 0", "Float": "0F", "Double": "0D",
    "Character": "(char) 0", "String": '""', "CharSequence": '""', "Optional": "java.util.Optional.empty()",
    "OptionalInt": "java.util.OptionalInt.empty()", "OptionalLong": "java.util.OptionalLong.empty()",
    "OptionalDouble": "java.util.OptionalDouble.empty()", "List": "java.util.Collections.emptyList()",
    "Collection": "java.util.Collections.emptyList()", "Iterable": "java.util.Collections.emptyList()",
    "Set": "java.util.Collections.emptySet()", "Map": "java.util.Collections.emptyMap()",
    "Stream": "java.util.stream.Stream.empty()",
}  # fmt: skip
_MOST_BYTES = 1_000


class Strings:
    """Knows which names of a file are strings: fields and methods everywhere, variables in one method."""

    def __init__(self, root: Node) -> None:
        self._names: set[str] = set()
        self._methods: set[str] = set(_STRING_METHODS)
        for node in descend(root):
            if node.type == "method_declaration" and _text(field(node, "type")) in _STRING_TYPES:
                self._methods.add(_text(field(node, "name")))
            elif node.type in {"field_declaration", "constant_declaration"}:
                self._declared(node)

    def inside(self, method: Node) -> Strings:
        """The same with the parameters and variables of one method."""
        found = Strings.__new__(Strings)
        found._names, found._methods = set(self._names), self._methods
        for node in descend(method):
            if node.type in {"local_variable_declaration", "field_declaration"}:
                found._declared(node)
            elif node.type in {"formal_parameter", "enhanced_for_statement", "resource"}:
                name = _text(field(node, "name"))
                if _text(field(node, "type")) in _STRING_TYPES:
                    found._names.add(name)
                else:
                    found._names.discard(name)
        return found

    def _declared(self, node: Node) -> None:
        is_string = _text(field(node, "type")) in _STRING_TYPES
        for declarator in node.children_by_field_name("declarator"):
            value = field(declarator, "value")
            name = _text(field(declarator, "name"))
            inferred = _text(field(node, "type")) == "var" and value is not None and self.is_string(value)
            if is_string or inferred:
                self._names.add(name)
            else:
                self._names.discard(name)

    def is_string(self, node: Node) -> bool:
        """Whether an expression is visibly a string: a literal, a string's name, a concatenation with one."""
        if node.end_byte - node.start_byte > _MOST_BYTES:
            return True  # generated text, and too much of it to look through
        stack = [node]
        while stack:
            current = stack.pop()
            kind = current.type
            if kind == "string_literal":
                return True
            if kind == "identifier" and _text(current) in self._names:
                return True
            if kind == "field_access" and _text(field(current, "field")) in self._names:
                return True
            if kind == "method_invocation":
                name, owner = _text(field(current, "name")), field(current, "object")
                if name in self._methods or (name == "valueOf" and _text(owner) == "String"):
                    return True
            elif kind == "cast_expression":
                if _text(field(current, "type")) in _STRING_TYPES:
                    return True
            elif kind == "ternary_expression":
                stack.extend(n for n in (field(current, "consequence"), field(current, "alternative")) if n)
            elif kind == "parenthesized_expression" or (
                kind == "binary_expression" and _text(field(current, "operator")) == "+"
            ):
                stack.extend(operands(current))
        return False


def empty_values(type_text: str) -> tuple[str, ...]:
    """What PIT returns instead of a value of a type; () for void."""
    if type_text in {"void", ""}:
        return ()
    if type_text in {"boolean", "Boolean"}:
        return ("true", "false")
    if type_text.endswith("]"):
        return ("null",)
    return (_NUMBERS.get(type_text.partition("<")[0].rpartition(".")[2], "null"),)


def gives_value(call: Node, name: str, own: set[bool] | None) -> bool:
    """Whether a called method is known to give a value; `own`: what this file's methods of that name do."""
    if own is not None:
        return True in own
    return name in _IGNORED_VALUES


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
