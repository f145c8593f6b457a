"""Broken and weakened copies of Java tests: what people and generators get wrong, made by editing passing tests.

What becomes of a copy is found by running it, never assumed: some still pass, and those are the subtle ones.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable

from tree_sitter import Node, Parser

from runfree_training.candidates.edits import (
    Breakage,
    Edit,
    apply,
    changed_number,
    changed_word,
    choose,
    deduplicated,
    misspelt,
    new_name,
    share,
    walk,
)
from runfree_training.execute.java_suite import JAVA, Suite, parse
from runfree_training.records import TestResult

_CHECK = re.compile(r"^(assert\w*|fail|verify\w*|expect\w*|that|isEqualTo|contains\w*|is|has\w+|equalTo)$")
_EQUALS = (
    "assertEquals",
    "assertArrayEquals",
    "assertSame",
    "isEqualTo",
    "equalTo",
    "is",
    "assertIterableEquals",
)
_OPPOSITE = {
    "assertTrue": "assertFalse", "assertFalse": "assertTrue", "assertNull": "assertNotNull", "assertNotNull": "assertNull",
    "assertEquals": "assertNotEquals", "assertSame": "assertNotSame", "isTrue": "isFalse", "isFalse": "isTrue",
    "isEqualTo": "isNotEqualTo", "isEmpty": "isNotEmpty", "isNull": "isNotNull",
}  # fmt: skip
_EXCEPTIONS = ("IllegalArgumentException", "IllegalStateException", "NullPointerException", "IndexOutOfBoundsException",
               "UnsupportedOperationException", "ArithmeticException", "ClassCastException")  # fmt: skip
_LITERALS = ("decimal_integer_literal", "decimal_floating_point_literal", "string_literal", "character_literal", "true",
             "false")  # fmt: skip


def break_tests(
    test_text: str,
    *,
    seed: int,
    per_test: int = 6,
    most: int = 200,
    tests: Iterable[str] | None = None,
    class_name: str = "",
) -> list[TestResult]:
    """Candidates of source "broken" made from the tests of a file (or those named), not run yet.

    Each has a name of its own in the file, and in `text` the bare method.
    """
    suite = parse(test_text, class_name)
    rng = random.Random(f"{seed}:{test_text}")
    wanted = {t.name for t in suite.tests} if tests is None else set(tests)
    methods = {t.name: t for t in suite.tests if t.name in wanted}
    taken = {t.bare for t in suite.tests} | {m.name for m in suite.members}
    counts = share(list(methods), per_test, most)
    results = []
    for name, method in methods.items():
        for breakage in choose(breakages(method.text, suite, rng), counts[name], rng):
            try:
                text = apply(method.text, breakage.edits)
            except ValueError:
                continue
            if text == method.text and not breakage.removes and breakage.kind != "near-duplicate":
                continue
            fresh = new_name(method.bare, taken, rng, "_" if "_" in method.bare else "")
            text = re.sub(rf"\b{re.escape(method.bare)}(?=\s*\()", fresh, text, count=1)
            inner = name.rpartition(".")[0]
            whole = f"{inner}.{fresh}" if inner else fresh
            results.append(
                TestResult(whole, "broken", "not-run", breakage.kind, name, text, breakage.removes)
            )
    return deduplicated(results)


def breakages(text: str, suite: Suite, rng: random.Random) -> list[Breakage]:
    """Every way this module knows to break one test method (its text, comment and annotations included)."""
    prefix = "class X {\n"
    root = Parser(JAVA).parse((prefix + text + "\n}").encode()).root_node
    method = next((n for n in walk(root) if n.type == "method_declaration"), None)
    body = method.child_by_field_name("body") if method is not None else None
    if method is None or body is None:
        return []
    found: list[Breakage] = []
    nodes = list(walk(body))
    for make in _MAKERS:
        for one in make(method, nodes, rng):
            edits = tuple(Edit(e.start - len(prefix), e.end - len(prefix), e.text) for e in one.edits)
            found.append(Breakage(one.kind, edits, one.imports, one.removes))
    for _, _, line in suite.imports:
        imported = line.rstrip(" ;").rsplit(".", 1)[-1]
        if imported not in ("*", "Test") and re.search(rf"\b{re.escape(imported)}\b", text):
            found.append(Breakage("missing-import", (), removes=line))
    return found


def _source(node: Node | None) -> str:
    return (node.text or b"").decode() if node is not None else ""


def _one(kind: str, node: Node, text: str) -> Breakage:
    return Breakage(kind, (Edit(node.start_byte, node.end_byte, text),))


def _name(call: Node) -> str:
    return _source(call.child_by_field_name("name") or call.child_by_field_name("type"))


def _arguments(call: Node) -> list[Node]:
    arguments = call.child_by_field_name("arguments")
    return [n for n in arguments.named_children if "comment" not in n.type] if arguments else []


def _invocations(nodes: Iterable[Node], checks: bool) -> list[Node]:
    kinds = ("method_invocation", "object_creation_expression")
    return [n for n in nodes if n.type in kinds and bool(_CHECK.match(_name(n))) == checks]


def _literal_change(node: Node, rng: random.Random) -> str | None:
    text = _source(node)
    if node.type == "decimal_integer_literal":
        digits = text.rstrip("lL")
        return changed_number(digits, rng) + text[len(digits) :]
    if node.type == "decimal_floating_point_literal":
        digits = text.rstrip("fFdD")
        return changed_number(digits, rng) + text[len(digits) :]
    if node.type == "string_literal" and not text.startswith('"""'):
        return f'"{changed_word(text[1:-1], rng)}"'
    if node.type in ("true", "false"):
        return "false" if node.type == "true" else "true"
    if node.type == "character_literal" and re.fullmatch(r"'[a-yA-Y0-8]'", text):
        return f"'{chr(ord(text[1]) + 1)}'"
    return None


def _literals(node: Node) -> list[Node]:
    return [n for n in walk(node) if n.type in _LITERALS]


def _checked(node: Node) -> str:
    """Name of the assertion that a literal is a direct argument of, "" where it is none."""
    current = node.parent
    while current is not None and current.type in ("argument_list", "array_initializer", "array_creation_expression",
                                                   "unary_expression", "cast_expression", "parenthesized_expression"):  # fmt: skip
        if current.type == "argument_list" and current.parent is not None:
            name = _name(current.parent)
            if _CHECK.match(name) or name in ("asList", "of", "valueOf"):
                if name in ("asList", "of", "valueOf"):
                    current = current.parent.parent
                    continue
                return name
            return ""
        current = current.parent
    return ""


def _values(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in (n for n in nodes if n.type in _LITERALS):
        changed = _literal_change(node, rng)
        if changed is None:
            continue
        check = _checked(node)
        declared = node.parent is not None and node.parent.type == "variable_declarator"
        name = (
            _source(node.parent.child_by_field_name("name")) if declared and node.parent is not None else ""
        )
        if check in _EQUALS or re.match(r"(?i)(expected|want|result)", name):
            yield _one("wrong-expected", node, changed)
        elif not check:
            yield _one("changed-input", node, changed)
            if node.type == "decimal_integer_literal":
                yield _one("off-by-one", node, changed_number(_source(node).rstrip("lL"), rng))
    for call in _invocations(nodes, checks=True):
        arguments = _arguments(call)
        if _name(call) in _EQUALS and arguments and arguments[0].type not in _LITERALS:
            text = _source(arguments[0])
            if re.fullmatch(r"[\w.]+", text):
                yield _one("wrong-expected", arguments[0], rng.choice((f"{text} + 1", "null", '""', "0")))
    for node in nodes:
        operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
        if operator is not None and operator.type in ("<", "<=", ">", ">="):
            flip = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
            yield _one("off-by-one", operator, flip[operator.type])


def _negations(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _invocations(nodes, checks=True):
        name = call.child_by_field_name("name")
        if name is not None and _source(name) in _OPPOSITE:
            yield _one("negated-condition", name, _OPPOSITE[_source(name)])
    for node in nodes:
        if node.type == "if_statement":
            condition = node.child_by_field_name("condition")
            inner = (
                condition.named_children[0] if condition is not None and condition.named_children else None
            )
            if inner is not None:
                yield _one("negated-condition", inner, f"!({_source(inner)})")


def _errors(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _invocations(nodes, checks=True):
        arguments = _arguments(call)
        if _name(call) in ("assertThrows", "assertThrowsExactly", "isInstanceOf") and arguments:
            if arguments[0].type == "class_literal":
                other = rng.choice([e for e in _EXCEPTIONS if e not in _source(arguments[0])])
                yield _one("wrong-error-expectation", arguments[0], f"{other}.class")
            if len(arguments) > 1 and arguments[1].type == "lambda_expression":
                body = arguments[1].child_by_field_name("body")
                if body is not None and body.type == "method_invocation":
                    yield _one("missing-raise", call, _source(body))
        if _name(call) == "fail" and call.parent is not None and call.parent.type == "expression_statement":
            yield _one("wrong-error-expectation", call.parent, "")
    marks = next((c for c in method.children if c.type == "modifiers"), None)
    text = _source(marks)
    if marks is not None and (found := re.search(r"(\w+)\.class", text)):
        other = rng.choice([e for e in _EXCEPTIONS if e != found[1]])
        start = marks.start_byte + len(text[: found.start(1)].encode())
        yield Breakage("wrong-error-expectation", (Edit(start, start + len(found[1].encode()), other),))
    throws = next((c for c in method.children if c.type == "throws"), None)
    if throws is not None:
        yield _one("unhandled-exception", throws, "")
    body = method.child_by_field_name("body")
    statements = body.named_children if body is not None else []
    if statements and rng.random() < 0.3:
        first = statements[0]
        yield Breakage(
            "unhandled-exception", (Edit(first.start_byte, first.start_byte, "Thread.sleep(1);\n        "),)
        )


def _shapes(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _invocations(nodes, checks=False):
        arguments = _arguments(call)
        kind = "wrong-constructor" if call.type == "object_creation_expression" else "wrong-argument-count"
        if arguments:
            last = arguments[-1]
            start = arguments[-2].end_byte if len(arguments) > 1 else last.start_byte
            yield Breakage(kind, (Edit(start, last.end_byte, ""),))
            extra = rng.choice((_source(last), "null", "1", '""'))
            yield Breakage(kind, (Edit(last.end_byte, last.end_byte, f", {extra}"),))
        else:
            brackets = call.child_by_field_name("arguments")
            if brackets is not None:
                yield _one(kind, brackets, f"({rng.choice(('null', '1', 'true', '0'))})")
        if len(arguments) > 1:
            a, b = rng.sample(arguments, 2)
            if _source(a) != _source(b):
                edits = (
                    Edit(a.start_byte, a.end_byte, _source(b)),
                    Edit(b.start_byte, b.end_byte, _source(a)),
                )
                yield Breakage("swapped-arguments", edits)
        for argument in arguments:
            text = _source(argument)
            if argument.type == "decimal_integer_literal":
                yield _one(
                    "wrong-argument-type", argument, rng.choice((f'"{text}"', f"{text.rstrip('lL')}.5"))
                )
            elif argument.type == "string_literal":
                yield _one(
                    "wrong-argument-type", argument, rng.choice(("1", f"new String[] {{{text}}}", "'x'"))
                )
            elif argument.type == "identifier":
                yield _one("wrong-argument-type", argument, rng.choice((f'"{text}"', f"(Object) {text}")))
            if argument.type in (
                "identifier",
                "string_literal",
                "object_creation_expression",
                "method_invocation",
            ):
                yield _one("null-for-value", argument, "null")


def _names(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in nodes:
        parent = node.parent
        if node.type == "method_invocation" and not _CHECK.match(_name(node)):
            name = node.child_by_field_name("name")
            if name is not None:
                kind = (
                    "unknown-member" if node.child_by_field_name("object") is not None else "undefined-name"
                )
                yield _one(kind, name, misspelt(_source(name), rng))
        if (
            node.type == "identifier"
            and parent is not None
            and parent.type == "argument_list"
            and len(_source(node)) > 1
        ):
            yield _one("undefined-name", node, misspelt(_source(node), rng))
        if node.type == "object_creation_expression":
            made = node.child_by_field_name("type")
            if made is not None and made.type == "type_identifier":
                yield _one("undefined-name", made, misspelt(_source(made), rng))
        if node.type == "field_access":
            field = node.child_by_field_name("field")
            if field is not None:
                yield _one("unknown-member", field, misspelt(_source(field), rng))


def _statements(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    body = method.child_by_field_name("body")
    source, first = _source(body).encode(), body.start_byte if body is not None else 0
    for node in nodes:
        if node.parent is None or node.parent.type != "block":
            continue
        before = re.search(rb"\n[ \t]*$", source[: node.start_byte - first])
        gone = Edit(node.start_byte - (len(before[0]) if before else 0), node.end_byte, "")
        if node.type == "expression_statement":
            call = node.named_children[0] if node.named_children else None
            outermost = _source(call)
            is_check = (
                call is not None
                and call.type == "method_invocation"
                and (
                    bool(_CHECK.match(_name(call)))
                    or bool(re.match(r"(\w+\.)?(assert|verify|expect)\w*\(", outermost))
                )
            )
            yield Breakage("dropped-assertion" if is_check else "dropped-setup", (gone,))
        elif node.type in ("for_statement", "enhanced_for_statement", "while_statement"):
            yield Breakage("dropped-setup", (gone,))
        if node.type == "local_variable_declaration":
            yield Breakage("dropped-declaration", (gone,))
            yield Breakage(
                "redeclared-variable", (Edit(node.end_byte, node.end_byte, f"\n        {_source(node)}"),)
            )
            declared = node.child_by_field_name("type")
            if declared is not None:
                other = rng.choice(
                    [t for t in ("int", "String", "boolean", "long", "Integer") if t != _source(declared)]
                )
                yield _one("wrong-declared-type", declared, other)


def _weakened(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _invocations(nodes, checks=True):
        name, arguments = _name(call), _arguments(call)
        if name in ("assertEquals", "assertArrayEquals", "assertSame") and len(arguments) >= 2:
            prefix = _source(call.child_by_field_name("object"))
            prefix = prefix + "." if prefix else ""
            actual = _source(arguments[1])
            yield _one("weakened-assertion", call, f"{prefix}assertNotNull({actual})")
            yield _one("weakened-assertion", call, f"{prefix}{name}({actual}, {actual})")
            if call.parent is not None and call.parent.type == "expression_statement" and "(" in actual:
                yield _one("weakened-assertion", call, actual)
        if name in ("assertTrue", "assertFalse") and arguments and arguments[0].type == "binary_expression":
            left = arguments[0].child_by_field_name("left")
            right = arguments[0].child_by_field_name("right")
            if left is not None and right is not None and right.type != "null_literal":
                yield _one("weakened-assertion", right, _source(left))


def _copies(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    yield Breakage("near-duplicate", ())
    names = sorted({
        _source(n.child_by_field_name("name")) for n in nodes if n.type == "variable_declarator"
    } - {""})  # fmt: skip
    if names:
        old = rng.choice(names)
        new = old + rng.choice(("1", "Value", "Local", "Copy"))
        edits = [
            Edit(n.start_byte, n.end_byte, new) for n in nodes if n.type == "identifier" and _source(n) == old
        ]
        yield Breakage("near-duplicate", tuple(edits))
    body = method.child_by_field_name("body")
    statements = [n for n in body.named_children if "comment" not in n.type] if body is not None else []
    if len(statements) > 2:
        cut = rng.randrange(1, len(statements))
        yield Breakage("cut-short", (Edit(statements[cut].start_byte, statements[-1].end_byte, ""),))
    marks = next((c for c in method.children if c.type == "modifiers"), None)
    for source in (
        (n for n in walk(marks) if n.type == "element_value_array_initializer") if marks is not None else ()
    ):
        rows = source.named_children
        if len(rows) > 1:
            keep = rng.randrange(1, len(rows))
            at = rng.randrange(len(rows) - keep + 1)
            kept = ", ".join(_source(r) for r in rows[at : at + keep])
            yield Breakage("subset-of-cases", (Edit(rows[0].start_byte, rows[-1].end_byte, kept),))
            row = rng.choice(rows)
            changed = _literal_change(row, rng)
            if changed is not None:
                yield _one("changed-input", row, changed)


def _is_member(node: Node) -> bool:
    """Whether an identifier names a method or a field, not a variable."""
    parent = node.parent
    if parent is None or parent.type not in ("method_invocation", "field_access", "method_reference"):
        return False
    named = parent.child_by_field_name("name") or parent.child_by_field_name("field")
    return named == node or (parent.type == "method_reference" and parent.named_children[-1] == node)


def _syntax(method: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    marks = [n for n in nodes if n.type in (")", ";", "(", ",", '"')]
    if marks:
        yield _one("syntax-error", rng.choice(marks), "")


_MAKERS: tuple[Callable[[Node, list[Node], random.Random], Iterable[Breakage]], ...] = (
    _values,
    _negations,
    _errors,
    _shapes,
    _names,
    _statements,
    _weakened,
    _copies,
    _syntax,
)
