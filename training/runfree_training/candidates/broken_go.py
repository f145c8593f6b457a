"""Broken and weakened copies of Go tests: what people and generators get wrong, made by editing passing tests.

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
from runfree_training.execute.go_schemata import GO
from runfree_training.execute.go_suite import Import, Parsed, parse
from runfree_training.records import TestResult

_EXPECTED = re.compile(r"(?i)^(want|expect|exp|result|output|out$|res$|answer)")
_ASSERTERS = {"assert", "require", "t", "is", "c", "should", "testutil"}
_UNUSED_IMPORTS = ("fmt", "strings", "os", "errors", "sort", "bytes", "reflect", "strconv", "math", "time")
_WEAKER = {"Equal": "NotNil", "EqualValues": "NotNil", "Len": "NotEmpty", "ElementsMatch": "NotEmpty"}
_OPPOSITE = {
    "NoError": "Error", "Error": "NoError", "Nil": "NotNil", "NotNil": "Nil", "True": "False", "False": "True",
    "Equal": "NotEqual", "Panics": "NotPanics", "NotPanics": "Panics", "Empty": "NotEmpty", "NotEmpty": "Empty",
}  # fmt: skip


def break_tests(
    test_text: str, *, seed: int, per_test: int = 6, most: int = 200, tests: Iterable[str] | None = None
) -> list[TestResult]:
    """Candidates of source "broken" made from the tests of a file (or those named), not run yet.

    Each has a name of its own in the file, and in `text` the bare function, or a file with the imports it brings.
    """
    suite = parse(test_text)
    rng = random.Random(f"{seed}:{test_text}")
    wanted = set(suite.tests if tests is None else tests)
    functions = {d.names[0]: d.text for d in suite.declarations if d.is_test and d.names[0] in wanted}
    taken = {name for d in suite.declarations for name in d.names}
    counts = share(list(functions), per_test, most)
    results = []
    for name, text in functions.items():
        for breakage in choose(breakages(text, suite, rng), counts[name], rng):
            changed = _made(text, name, breakage, taken, rng)
            if changed is not None:
                results.append(changed_result(changed, name, breakage, suite))
    return deduplicated(results)


def _made(
    text: str, name: str, breakage: Breakage, taken: set[str], rng: random.Random
) -> tuple[str, str] | None:
    """(new name, function text) of one broken copy; None where nothing changed."""
    try:
        body = apply(text, breakage.edits)
    except ValueError:
        return None
    if body == text and not breakage.removes and not breakage.imports and breakage.kind != "near-duplicate":
        return None
    fresh = new_name(name, taken, rng, "_" if "_" in name else "")
    body = re.sub(rf"(?m)^func\s+{re.escape(name)}\b", f"func {fresh}", body, count=1)
    return fresh, re.sub(rf"(?m)^// {re.escape(name)}\b", f"// {fresh}", body)


def changed_result(changed: tuple[str, str], base: str, breakage: Breakage, suite: Parsed) -> TestResult:
    """The candidate of one broken copy, with the imports it brings in front where there are any."""
    name, text = changed
    if breakage.imports:
        specs = "".join(f"\t{spec}\n" for spec in breakage.imports)
        text = f"package {suite.package}\n\nimport (\n{specs})\n\n{text}"
    return TestResult(name, "broken", "not-run", breakage.kind, base, text, breakage.removes)


def breakages(text: str, suite: Parsed, rng: random.Random) -> list[Breakage]:
    """Every way this module knows to break one test function (its text, doc comment included)."""
    prefix = "package p\n\n"
    shift = len(prefix)
    root = Parser(GO).parse((prefix + text).encode()).root_node
    function = next((n for n in root.named_children if n.type == "function_declaration"), None)
    body = function.child_by_field_name("body") if function is not None else None
    if body is None:
        return []
    found: list[Breakage] = []
    nodes = list(walk(body))
    for make in _MAKERS:
        for breakage in make(body, nodes, rng):
            edits = tuple(Edit(e.start - shift, e.end - shift, e.text) for e in breakage.edits)
            found.append(Breakage(breakage.kind, edits, breakage.imports, breakage.removes))
    return found + _import_breakages(text, suite.imports, rng)


def _source(node: Node) -> str:
    return (node.text or b"").decode()


def _one(kind: str, node: Node, text: str) -> Breakage:
    return Breakage(kind, (Edit(node.start_byte, node.end_byte, text),))


def _callee(call: Node) -> tuple[str, str]:
    """(receiver text, function name) of a call."""
    function = call.child_by_field_name("function")
    if function is None:
        return "", ""
    if function.type == "selector_expression":
        operand, name = function.child_by_field_name("operand"), function.child_by_field_name("field")
        return (_source(operand) if operand else "", _source(name) if name else "")
    return "", _source(function)


def _arguments(call: Node) -> list[Node]:
    arguments = call.child_by_field_name("arguments")
    return [n for n in arguments.named_children if n.type != "comment"] if arguments else []


def _checks(call: Node) -> bool:
    """Whether a call belongs to the testing side (assertions, `t.Run`), not to the code under test."""
    receiver, name = _callee(call)
    if receiver.split(".")[0].split("(")[0] in _ASSERTERS or receiver in (
        "fmt",
        "testing",
        "reflect",
        "errors",
    ):
        return True
    arguments = _arguments(call)
    return name in ("len", "make", "append", "panic", "cap", "new") or bool(
        arguments and _source(arguments[0]) == "t"
    )


def _calls(nodes: Iterable[Node], checks: bool) -> list[Node]:
    return [n for n in nodes if n.type == "call_expression" and _checks(n) == checks]


def _literal_change(node: Node, rng: random.Random) -> str | None:
    text = _source(node)
    if node.type in ("int_literal", "float_literal"):
        return changed_number(text, rng)
    if node.type == "interpreted_string_literal":
        return f'"{changed_word(text[1:-1], rng)}"'
    if node.type == "raw_string_literal" and len(text) < 200:
        return f"`{changed_word(text[1:-1], rng)}`"
    if node.type in ("true", "false"):
        return "false" if node.type == "true" else "true"
    if node.type == "rune_literal" and re.fullmatch(r"'[a-yA-Y0-8]'", text):
        return f"'{chr(ord(text[1]) + 1)}'"
    return None


def _literals(node: Node) -> list[Node]:
    kinds = (
        "int_literal",
        "float_literal",
        "interpreted_string_literal",
        "raw_string_literal",
        "true",
        "false",
    )
    return [n for n in walk(node) if n.type in (*kinds, "rune_literal")]


def _inside_check(node: Node) -> bool:
    """Whether a node stands in a comparison or in an argument of an assertion."""
    current: Node | None = node
    while current is not None and current.type not in ("block", "statement_list", "literal_value"):
        if current.type == "binary_expression" and any(c.type in ("==", "!=") for c in current.children):
            return True
        if current.type == "call_expression" and _checks(current):
            return _callee(current)[1] not in ("Run", "Log", "Logf", "Errorf", "Error", "Fatalf", "Fatal")
        if current.type == "call_expression":
            return False
        current = current.parent
    return False


def _keyed(node: Node) -> str:
    """The field name of the keyed table element that a literal is the value of, "" if none."""
    current: Node | None = node
    while current is not None and current.type != "block":
        if current.type == "keyed_element":
            return _source(current.named_children[0])
        current = current.parent
    return ""


def _expected_values(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in _literals(body):
        parent = node.parent
        if parent is not None and parent.type == "literal_element":
            parent = parent.parent
        last_of_row = (
            parent is not None
            and parent.type == "literal_value"
            and parent.named_child_count > 1
            and parent.named_children[-1].end_byte == node.end_byte
        )
        declared = parent is not None and parent.type == "expression_list" and _declares_expected(parent)
        if _inside_check(node) or last_of_row or declared or _EXPECTED.match(_keyed(node) or "-"):
            changed = _literal_change(node, rng)
            if changed is not None:
                yield _one("wrong-expected", node, changed)


def _declares_expected(values: Node) -> bool:
    declaration = values.parent
    left = declaration.child_by_field_name("left") if declaration is not None else None
    return left is not None and _EXPECTED.match(_source(left)) is not None


def _inputs(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _calls(nodes, checks=False):
        for argument in _arguments(call):
            for node in _literals(argument)[:2]:
                changed = _literal_change(node, rng)
                if changed is not None:
                    yield _one("changed-input", node, changed)
    for node in _literals(body):
        parent = (
            node.parent.parent
            if node.parent is not None and node.parent.type == "literal_element"
            else node.parent
        )
        first = parent is not None and parent.type == "literal_value" and parent.named_child_count > 1
        if first and parent is not None and parent.named_children[0].start_byte == node.start_byte:
            changed = _literal_change(node, rng)
            if changed is not None:
                yield _one("changed-input", node, changed)


def _off_by_one(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in nodes:
        if node.type == "index_expression":
            index = node.child_by_field_name("index")
            if index is not None and index.type == "int_literal":
                yield _one("off-by-one", index, str(int(_source(index), 0) + 1))
        if node.type == "for_clause":
            condition = node.child_by_field_name("condition")
            operator = condition.child_by_field_name("operator") if condition is not None else None
            if operator is not None and operator.type in ("<", "<="):
                yield _one("off-by-one", operator, "<=" if operator.type == "<" else "<")
        if node.type == "call_expression" and _callee(node)[1] in ("Len", "make", "Grow", "Set", "Add"):
            for argument in _arguments(node):
                if argument.type == "int_literal":
                    yield _one("off-by-one", argument, changed_number(_source(argument), rng))


def _conditions(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in nodes:
        if node.type != "if_statement":
            continue
        condition = node.child_by_field_name("condition")
        if condition is None:
            continue
        text = _source(condition)
        operator = (
            condition.child_by_field_name("operator") if condition.type == "binary_expression" else None
        )
        opposite = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
        if operator is not None and operator.type in opposite:
            kind = "wrong-error-expectation" if re.search(r"\berr\w*\b|Err\b", text) else "negated-condition"
            yield _one(kind, operator, opposite[operator.type])
        elif condition.type == "unary_expression" and text.startswith("!"):
            yield _one("negated-condition", condition, text[1:])
        elif condition.type in ("identifier", "call_expression", "selector_expression"):
            yield _one("negated-condition", condition, f"!{text}")


def _counts(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _calls(nodes, checks=False):
        arguments = _arguments(call)
        if arguments:
            last = arguments[-1]
            start = arguments[-2].end_byte if len(arguments) > 1 else last.start_byte
            yield Breakage("wrong-argument-count", (Edit(start, last.end_byte, ""),))
            extra = rng.choice((_source(last), "nil", "1", '""'))
            yield Breakage("wrong-argument-count", (Edit(last.end_byte, last.end_byte, f", {extra}"),))
        else:
            brackets = call.child_by_field_name("arguments")
            if brackets is not None:
                yield _one("wrong-argument-count", brackets, f"({rng.choice(('nil', '1', 't', 'true'))})")
        if len(arguments) > 1:
            a, b = rng.sample(arguments, 2)
            if _source(a) != _source(b):
                edits = (
                    Edit(a.start_byte, a.end_byte, _source(b)),
                    Edit(b.start_byte, b.end_byte, _source(a)),
                )
                yield Breakage("swapped-arguments", edits)


def _types(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _calls(nodes, checks=False):
        for argument in _arguments(call):
            text = _source(argument)
            if argument.type in ("int_literal", "float_literal"):
                yield _one(
                    "wrong-argument-type",
                    argument,
                    rng.choice((f'"{text}"', f"{text}.5", f"[]int{{{text}}}")),
                )
            elif argument.type == "interpreted_string_literal":
                yield _one(
                    "wrong-argument-type",
                    argument,
                    rng.choice((f"[]byte({text})", "1", f"[]string{{{text}}}")),
                )
            elif argument.type == "identifier":
                yield _one("wrong-argument-type", argument, rng.choice((f"&{text}", f"*{text}", f'"{text}"')))
            if argument.type in ("identifier", "composite_literal", "unary_expression", "call_expression"):
                yield _one("nil-for-value", argument, "nil")


def _names(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in nodes:
        if (
            node.type == "field_identifier"
            and node.parent is not None
            and node.parent.type == "selector_expression"
        ):
            operand = node.parent.child_by_field_name("operand")
            if operand is not None and _source(operand) not in _ASSERTERS:
                yield _one("unknown-member", node, misspelt(_source(node), rng))
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            if function is not None and function.type == "identifier":
                yield _one("undefined-name", function, misspelt(_source(function), rng))
        passed = node.type == "identifier" and node.parent is not None and node.parent.type == "argument_list"
        if passed and len(_source(node)) > 1:
            yield _one("undefined-name", node, misspelt(_source(node), rng))


def _statements(nodes: Iterable[Node]) -> list[Node]:
    kinds = ("block", "statement_list", "expression_case", "communication_case")
    plain = ("expression_statement", "short_var_declaration", "assignment_statement", "if_statement", "inc_statement",
             "for_statement", "defer_statement", "var_declaration", "go_statement")  # fmt: skip
    return [n for n in nodes if n.type in plain and n.parent is not None and n.parent.type in kinds]


def _is_assertion(statement: Node) -> bool:
    """Whether a statement checks something: an assertion call, or an `if` whose block makes the test fail."""
    if statement.type == "expression_statement":
        call = statement.named_children[0] if statement.named_children else None
        return call is not None and call.type == "call_expression" and _checks(call)
    return (
        statement.type == "if_statement"
        and re.search(r"\.(Error|Fatal|Fail)", _source(statement)) is not None
    )


def _dropped(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    source = body.text or b""
    for statement in _statements(nodes):
        # The line goes with the statement: an empty line in its place would tell.
        before = re.search(rb"\n[ \t]*$", source[: statement.start_byte - body.start_byte])
        gone = Edit(statement.start_byte - (len(before[0]) if before else 0), statement.end_byte, "")
        if _is_assertion(statement):
            yield Breakage("dropped-assertion", (gone,))
        elif statement.type == "short_var_declaration":
            yield Breakage("dropped-declaration", (gone,))
        elif statement.type in ("expression_statement", "assignment_statement", "defer_statement", "for_statement",
                                "inc_statement"):  # fmt: skip
            yield Breakage("dropped-setup", (gone,))


def _declarations(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for statement in _statements(nodes):
        if statement.type != "short_var_declaration" or statement.parent is None:
            continue
        left, right = statement.child_by_field_name("left"), statement.child_by_field_name("right")
        if left is None or right is None:
            continue
        text, end = _source(statement), statement.end_byte
        variables = [n for n in left.named_children if n.type == "identifier"]
        yield Breakage("redeclared-variable", (Edit(end, end, f"\n\t{text}"),))
        if len(variables) == 1 and _source(variables[0]) != "_":
            spare = rng.choice(("tmp", "extra", "other", _source(variables[0]) + "2"))
            yield Breakage("unused-variable", (Edit(end, end, f"\n\t{spare} := {_source(right)}"),))
        if len(variables) > 1:
            yield _one("wrong-result-count", left, ", ".join(_source(v) for v in variables[:-1]))
        elif right.named_child_count == 1 and right.named_children[0].type == "call_expression":
            yield _one("wrong-result-count", left, f"{_source(left)}, {rng.choice(('err', 'ok', '_'))}")


def _weakened(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for call in _calls(nodes, checks=True):
        receiver, name = _callee(call)
        function, arguments = call.child_by_field_name("function"), _arguments(call)
        field = function.child_by_field_name("field") if function is not None else None
        if receiver not in ("assert", "require") or field is None or len(arguments) < 2:
            continue
        if name in _WEAKER and len(arguments) > 2:
            subject = arguments[1] if name == "Len" else arguments[2]
            yield _one("weakened-assertion", call, f"{receiver}.{_WEAKER[name]}(t, {_source(subject)})")
        if name in _OPPOSITE:
            kind = "wrong-error-expectation" if "Error" in name or "Panic" in name else "negated-condition"
            yield _one(kind, field, _OPPOSITE[name])
    for statement in _statements(nodes):
        condition = statement.child_by_field_name("condition") if statement.type == "if_statement" else None
        if condition is None or not _is_assertion(statement) or condition.type != "binary_expression":
            continue
        left, right = condition.child_by_field_name("left"), condition.child_by_field_name("right")
        operator = condition.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            continue
        if operator.type == "!=":
            yield _one(
                "weakened-assertion",
                condition,
                f"{_source(left)} != {_source(right)} && {_source(left)} != {_source(left)}",
            )
            yield _one("weakened-assertion", right, _source(left))
        if operator.type == "||":
            yield _one("weakened-assertion", operator, "&&")
            yield _one("weakened-assertion", condition, _source(left))


def _cases(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    for node in nodes:
        if node.type != "literal_value" or node.parent is None or node.parent.type != "composite_literal":
            continue
        rows = [n for n in node.named_children if n.type != "comment"]
        if len(rows) < 2 or not _source(rows[0]).rstrip().endswith("}"):
            continue
        keep = rng.randrange(1, len(rows))
        start = rng.randrange(len(rows) - keep + 1)
        kept = ",\n".join(_source(r) for r in rows[start : start + keep])
        edit = Edit(rows[0].start_byte, rows[-1].end_byte, kept)
        yield Breakage("subset-of-cases", (edit,))
        alone = rng.choice(rows)
        yield Breakage("subset-of-cases", (Edit(rows[0].start_byte, rows[-1].end_byte, _source(alone)),))
        literals = _literals(rng.choice(rows))
        if literals:
            changed = _literal_change(rng.choice(literals), rng)
            row = rng.choice(rows)
            inner = _literals(row)
            target = rng.choice(inner) if inner else None
            changed = _literal_change(target, rng) if target is not None else None
            if target is not None and changed is not None:
                before = _source(row).encode()
                at = target.start_byte - row.start_byte
                copy = before[:at] + changed.encode() + before[at + (target.end_byte - target.start_byte) :]
                end = row.end_byte
                yield Breakage("further-case", (Edit(end, end, f",\n{copy.decode()}"),))


def _copies(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    names = {_source(n) for s in _statements(nodes) if s.type == "short_var_declaration"
             for left in [s.child_by_field_name("left")] if left is not None
             for n in left.named_children if n.type == "identifier" and _source(n) != "_"}  # fmt: skip
    yield Breakage("near-duplicate", ())
    if names:
        old = rng.choice(sorted(names))
        new = old + rng.choice(("1", "Value", "Local", "X"))
        edits = [
            Edit(n.start_byte, n.end_byte, new) for n in nodes if n.type == "identifier" and _source(n) == old
        ]
        yield Breakage("near-duplicate", tuple(edits))
    statements = [
        s for s in body.named_children for s in ([*s.named_children] if s.type == "statement_list" else [s])
    ]
    if len(statements) > 3:
        cut = rng.randrange(2, len(statements))
        yield Breakage("cut-short", (Edit(statements[cut].start_byte, statements[-1].end_byte, ""),))


def _syntax(body: Node, nodes: list[Node], rng: random.Random) -> Iterable[Breakage]:
    marks = [n for n in nodes if n.type in (")", "}", "{", ":=", ",") and n.start_byte > body.start_byte]
    if marks:
        yield _one("syntax-error", rng.choice(marks), "")


_MAKERS: tuple[Callable[[Node, list[Node], random.Random], Iterable[Breakage]], ...] = (
    _expected_values,
    _inputs,
    _off_by_one,
    _conditions,
    _counts,
    _types,
    _names,
    _dropped,
    _declarations,
    _weakened,
    _cases,
    _copies,
    _syntax,
)


def _import_breakages(text: str, imports: Iterable[Import], rng: random.Random) -> list[Breakage]:
    """A used import taken away, an unused one brought along."""
    found = []
    known = {i.path for i in imports}
    for spec in imports:
        if spec.path != "testing" and any(re.search(rf"\b{re.escape(n)}\.", text) for n in spec.names):
            found.append(Breakage("missing-import", (), removes=spec.text))
    spare = [p for p in _UNUSED_IMPORTS if p not in known and not re.search(rf"\b{p}\.", text)]
    if spare:
        found.append(Breakage("unused-import", (), imports=(f'"{rng.choice(spare)}"',)))
    return found
