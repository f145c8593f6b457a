"""The kinds of breakage for Python: each a function from a test to the edits that make one candidate.

Long because there are many; each stands alone and is a few lines.
"""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise

from runfree_training.candidates.edits import Edit
from runfree_training.candidates.python_workshop import (
    Workshop,
    arguments,
    blocks,
    bound_names,
    called,
    changed_literal,
    head,
    literals,
    plausible,
)

_ERRORS = (
    "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "RuntimeError", "NotImplementedError",
    "LookupError", "ArithmeticError", "OSError", "AssertionError", "Exception",
)  # fmt: skip
_UNIMPORTED = ("copy.deepcopy", "json.loads", "re.compile", "itertools.chain", "functools.partial", "math.floor",
               "collections.OrderedDict", "datetime.datetime", "decimal.Decimal", "os.path.join")  # fmt: skip
Edits = Iterator[list[Edit]]


def _wrong_expected(*types: type) -> Callable[[Workshop], Edits]:
    """Expected values of some types changed a little: each type is a kind of its own, so that all are drawn."""

    def make(shop: Workshop) -> Edits:
        for _, _, expected in shop.checks():
            for node in literals(expected)[:4]:
                if type(node.value) in types and (text := changed_literal(shop, node)) is not None:
                    yield [shop.edit(node, text)]

    return make


def _changed_input(shop: Workshop) -> Edits:
    for call in shop.calls():
        for argument in (*call.args, *(k.value for k in call.keywords)):
            for node in literals(argument)[:3]:
                if (text := changed_literal(shop, node)) is not None:
                    yield [shop.edit(node, text)]
    for statement in shop.walk(ast.Assign):
        assert isinstance(statement, ast.Assign)
        for literal in literals(statement.value)[:3]:
            if (text := changed_literal(shop, literal)) is not None:
                yield [shop.edit(literal, text)]


def _changed_case(shop: Workshop) -> Edits:
    for decorator in shop.node.decorator_list:
        if "parametrize" in shop.source(decorator) and isinstance(decorator, ast.Call):
            for argument in decorator.args[1:2]:
                for node in literals(argument)[:12]:
                    if (text := changed_literal(shop, node)) is not None:
                        yield [shop.edit(node, text)]


def _fewer_cases(shop: Workshop) -> Edits:
    for decorator in shop.node.decorator_list:
        if (
            "parametrize" in shop.source(decorator)
            and isinstance(decorator, ast.Call)
            and len(decorator.args) > 1
        ):
            cases = decorator.args[1]
            if isinstance(cases, ast.List | ast.Tuple) and len(cases.elts) > 1:
                kept = shop.rng.sample(cases.elts, max(1, len(cases.elts) // 3))
                yield [shop.edit(cases, "[" + ", ".join(shop.source(c) for c in kept) + "]")]


def _wrong_collection(shop: Workshop) -> Edits:
    for _, _, expected in shop.checks():
        if isinstance(expected, ast.List | ast.Tuple | ast.Set) and len(expected.elts) > 1:
            parts = [shop.source(e) for e in expected.elts]
            first, last = {ast.List: ("[", "]"), ast.Tuple: ("(", ")"), ast.Set: ("{", "}")}[type(expected)]
            swapped = parts[:]
            at = shop.rng.randrange(len(parts) - 1)
            swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
            yield [shop.edit(expected, first + ", ".join(swapped) + last)]
            if len(parts) > 2:
                yield [shop.edit(expected, first + ", ".join(parts[:at] + parts[at + 1 :]) + last)]
            yield [shop.edit(expected, first + ", ".join([*parts, parts[at]]) + last)]
        elif isinstance(expected, ast.Dict) and len(expected.keys) > 1 and all(expected.keys):
            at = shop.rng.randrange(len(expected.keys))
            pairs = [
                f"{shop.source(k)}: {shop.source(v)}"
                for i, (k, v) in enumerate(zip(expected.keys, expected.values, strict=True))
                if k is not None and i != at
            ]
            yield [shop.edit(expected, "{" + ", ".join(pairs) + "}")]


def _negated(shop: Workshop) -> Edits:
    swaps = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
    words = {ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is"}
    methods = {
        "assertTrue": "assertFalse", "assertFalse": "assertTrue", "assertEqual": "assertNotEqual", "assertIn":
        "assertNotIn", "assertNotIn": "assertIn", "assertIsNone": "assertIsNotNone", "assertIs": "assertIsNot",
        "assertIsNotNone": "assertIsNone", "assertNotEqual": "assertEqual",
    }  # fmt: skip
    signs = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">="}
    for node in shop.assertions():
        if isinstance(node, ast.Assert):
            test = node.test
            if isinstance(test, ast.Compare) and len(test.ops) == 1:
                kind = type(test.ops[0])
                sign = words.get(kind) or swaps[signs[kind]]
                yield [shop.edit(test, f"{shop.source(test.left)} {sign} {shop.source(test.comparators[0])}")]
            elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                yield [shop.edit(test, shop.source(test.operand))]
            elif isinstance(test, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
                yield [shop.edit(test, f"not {shop.source(test)}")]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr in methods:
                yield [shop.edit(function, f"{shop.source(function.value)}.{methods[function.attr]}")]


def _wrong_count(shop: Workshop) -> Edits:
    for call in shop.calls():
        if call.args and not any(isinstance(a, ast.Starred) for a in call.args):
            parts = arguments(shop, call)
            dropped = shop.rng.randrange(len(call.args))
            yield [
                shop.edit(call, head(shop, call) + ", ".join(parts[:dropped] + parts[dropped + 1 :]) + ")")
            ]
            extra = shop.rng.choice(["None", "1", "True", shop.source(call.args[-1])])
            at = len(call.args)
            yield [shop.edit(call, head(shop, call) + ", ".join([*parts[:at], extra, *parts[at:]]) + ")")]


def _wrong_type(shop: Workshop) -> Edits:
    for call in shop.calls():
        for argument in (*call.args, *(k.value for k in call.keywords)):
            other = None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                other = shop.rng.choice(["0", "None", "[]", "b" + shop.source(argument)])
            elif isinstance(argument, ast.Constant) and isinstance(argument.value, int | float):
                other = shop.rng.choice([repr(str(argument.value)), "None", f"[{shop.source(argument)}]"])
            elif isinstance(argument, ast.List | ast.Tuple | ast.Dict):
                other = shop.rng.choice(["None", "1", "object()"])
            elif isinstance(argument, ast.Name):
                other = shop.rng.choice(["None", f"str({argument.id})", f"[{argument.id}]"])
            if other is not None:
                yield [shop.edit(argument, other)]


def _swapped(shop: Workshop) -> Edits:
    for call in shop.calls():
        plain = [a for a in call.args if not isinstance(a, ast.Starred)]
        for one, two in pairwise(plain):
            if shop.source(one) != shop.source(two):
                yield [shop.edit(one, shop.source(two)), shop.edit(two, shop.source(one))]


def _exchanged(shop: Workshop) -> Edits:
    checks = shop.checks()
    for (_, _, one), (_, _, two) in pairwise(checks):
        if type(one) is type(two) and shop.source(one) != shop.source(two):
            yield [shop.edit(one, shop.source(two)), shop.edit(two, shop.source(one))]


def _unknown_member(shop: Workshop) -> Edits:
    for node in shop.walk(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "pytest", "mock"):
            continue
        yield [shop.edit(node, f"{shop.source(node.value)}.{plausible(node.attr, shop.rng)}")]


def _unknown_keyword(shop: Workshop) -> Edits:
    for call in shop.calls():
        for keyword in call.keywords:
            if keyword.arg:
                start = shop.offset(keyword.lineno, keyword.col_offset)
                yield [Edit(start, start + len(keyword.arg.encode()), plausible(keyword.arg, shop.rng))]


def _duplicate_argument(shop: Workshop) -> Edits:
    for call in shop.calls():
        for keyword in call.keywords[:1]:
            if keyword.arg:
                again = f"{keyword.arg}={shop.source(keyword.value)}"
                yield [shop.edit(call, head(shop, call) + ", ".join([*arguments(shop, call), again]) + ")")]


def _undefined(shop: Workshop) -> Edits:
    bound = {n.id for n in shop.walk(ast.Name) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in shop.walk(ast.Name):
        assert isinstance(node, ast.Name)
        known = node.id in bound or node.id in shop.focal_names
        if isinstance(node.ctx, ast.Load) and known and node.id not in dir(builtins):
            yield [shop.edit(node, plausible(node.id, shop.rng))]


def _other_name(shop: Workshop) -> Edits:
    """Another name of the focal file in place of one: defined or not, that depends on the test file's imports."""
    others = sorted(n for n in shop.focal_names if not n.startswith("__"))
    for node in shop.walk(ast.Name, ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
        near = [o for o in others if o != name and o[:1].isupper() == name[:1].isupper()]
        if name in shop.focal_names and near and isinstance(node, ast.expr):
            other = shop.rng.choice(near)
            before = f"{shop.source(node.value)}." if isinstance(node, ast.Attribute) else ""
            yield [shop.edit(node, before + other)]


def _unimported(shop: Workshop) -> Edits:
    bound = {n for node in ast.walk(shop.suite.module) for n in bound_names(node)}
    free = [n for n in _UNIMPORTED if n.partition(".")[0] not in bound]
    for call in shop.calls():
        for argument in call.args[:2]:
            if free and not isinstance(argument, ast.Starred):
                yield [shop.edit(argument, f"{shop.rng.choice(free)}({shop.source(argument)})")]


def _missing_fixture(shop: Workshop) -> Edits:
    given = [a for a in shop.node.args.args if a.arg not in ("self", "cls")]
    cases = " ".join(shop.source(d) for d in shop.node.decorator_list)
    for argument in given:
        if re.search(rf"\b{argument.arg}\b", cases):
            continue
        start = shop.offset(argument.lineno, argument.col_offset)
        new = plausible(argument.arg, shop.rng)
        edits = [Edit(start, start + len(argument.arg.encode()), new)]
        yield edits + [
            shop.edit(n, new) for n in shop.walk(ast.Name) if isinstance(n, ast.Name) and n.id == argument.arg
        ]
        others = [a for a in shop.node.args.args if a is not argument]
        if not shop.node.args.defaults and not argument.annotation and not any(a.annotation for a in others):
            first, last = shop.node.args.args[0], shop.node.args.args[-1]
            assert last.end_lineno is not None
            assert last.end_col_offset is not None
            span = (
                shop.offset(first.lineno, first.col_offset),
                shop.offset(last.end_lineno, last.end_col_offset),
            )
            yield [Edit(*span, ", ".join(a.arg for a in others))]


def _wrong_exception(shop: Workshop) -> Edits:
    for call in shop.walk(ast.Call):
        assert isinstance(call, ast.Call)
        if "raises" in called(call).lower() and call.args:
            raised = call.args[0]
            if isinstance(raised, ast.Name | ast.Attribute):
                now = shop.source(raised).rpartition(".")[2]
                for other in shop.rng.sample([e for e in _ERRORS if e != now], 3):
                    yield [shop.edit(raised, other)]


def _wrong_message(shop: Workshop) -> Edits:
    for call in shop.walk(ast.Call):
        assert isinstance(call, ast.Call)
        if "raises" in called(call).lower():
            for keyword in call.keywords:
                for node in literals(keyword.value)[:1]:
                    if (text := changed_literal(shop, node)) is not None:
                        yield [shop.edit(node, text)]


def _unexpected_error(shop: Workshop) -> Edits:
    """The body of a `with raises` block without the block: the error is no longer caught."""
    for node in shop.walk(ast.With):
        assert isinstance(node, ast.With)
        call = node.items[0].context_expr
        if (
            isinstance(call, ast.Call)
            and "raises" in called(call).lower()
            and not node.items[0].optional_vars
        ):
            margin = " " * node.col_offset
            body = "".join(shop.suite.lines[node.body[0].lineno - 1 : node.end_lineno])
            yield [shop.lines(node, textwrap.indent(textwrap.dedent(body), margin))]


def _setup_dropped(shop: Workshop) -> Edits:
    checks = set(map(id, shop.assertions()))
    for block in blocks(shop.node):
        for statement in block[:-1]:
            plain = isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.AnnAssign | ast.Delete)
            said = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if plain and not said and id(statement) not in checks:
                yield [shop.drop(statement)]


def _assertion_dropped(shop: Workshop) -> Edits:
    checks = shop.assertions()
    if len(checks) > 1:
        yield from ([shop.drop(check)] for check in checks)


def _assertions_gone(shop: Workshop) -> Edits:
    edits = []
    for check in shop.assertions():
        if isinstance(check, ast.Assert):
            kept = check.test.left if isinstance(check.test, ast.Compare) else check.test
        elif isinstance(check, ast.Expr) and isinstance(check.value, ast.Call) and check.value.args:
            kept = check.value.args[0]
        else:
            continue
        edits.append(
            shop.edit(check, f"({shop.source(kept)})" if "\n" in shop.source(kept) else shop.source(kept))
        )
    if edits:
        yield edits


def _weakened(shop: Workshop) -> Edits:
    for statement, actual, expected in shop.checks():
        text = shop.source(actual)
        ways = [f"assert {text} is not None", f"assert {text}", f"assert isinstance({text}, object)"]
        if isinstance(expected, ast.Constant) and expected.value is not None:
            ways.append(f"assert isinstance({text}, {type(expected.value).__name__})")
        elif isinstance(expected, ast.List | ast.Dict | ast.Tuple | ast.Set):
            ways.append(f"assert len({text}) > 0")
        yield [shop.edit(statement, shop.rng.choice(ways))]


def _near_duplicate(shop: Workshop) -> Edits:
    """The same test with its local names changed."""
    stored = [n for n in shop.walk(ast.Name) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    shown = re.findall(r"\{\s*(\w+)", shop.test.text)  # names inside f-strings cannot be placed
    keep = {*shown, *dir(builtins), *(a.arg for a in ast.walk(shop.node.args) if isinstance(a, ast.arg))}
    scoped = any(True for _ in shop.walk(ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.Global, ast.Nonlocal))
    names = sorted({n.id for n in stored} - keep)
    if names and not scoped:
        new = {n: shop.rng.choice(("value", "result", "got", "item", "out", "data")) + str(i or "") for i, n in
               enumerate(names)}  # fmt: skip
        used = {n.id for n in shop.walk(ast.Name) if isinstance(n, ast.Name)}
        if not set(new.values()) & used:
            yield [
                shop.edit(n, new[n.id])
                for n in shop.walk(ast.Name)
                if isinstance(n, ast.Name) and n.id in new
            ]


def _constructor(shop: Workshop) -> Edits:
    for call in shop.calls():
        if called(call)[:1].isupper():
            parts = arguments(shop, call)
            if parts:
                yield [shop.edit(call, head(shop, call) + ")")]
            yield [shop.edit(call, shop.source(call.func))]
            extra = shop.rng.choice(("None", "strict=True", "name='x'", "1", "default=None"))
            yield [shop.edit(call, head(shop, call) + ", ".join([*parts, extra]) + ")")]


def _subset(shop: Workshop) -> Edits:
    body = shop.node.body
    for keep in range(1, len(body)):
        kept, rest = body[:keep], body[keep:]
        if any(id(c) in {id(n) for s in kept for n in ast.walk(s)} for c in shop.assertions()):
            edits = [shop.lines(statement, "") for statement in rest]
            if len({statement.lineno for statement in body}) == len(body):
                yield edits


def _merged(shop: Workshop) -> Edits:
    """This test followed by the statements of another test of the same class with the same parameters."""
    mine = ast.dump(shop.node.args)
    others = [
        name
        for name, node in shop.suite.nodes.items()
        if name != shop.test.name
        and name.rpartition("::")[0] == shop.test.owner
        and ast.dump(node.args) == mine
        and not node.decorator_list
        and type(node) is type(shop.node)
        and node.body[0].lineno > node.lineno
        and len(node.body) < 12
    ]
    if others and not shop.node.decorator_list:
        node = shop.suite.nodes[shop.rng.choice(others)]
        body = "".join(shop.suite.lines[node.body[0].lineno - 1 : node.end_lineno])
        end = len(shop.test.text.encode())
        if node.col_offset == shop.node.col_offset:
            yield [Edit(end, end, body)]


MAKERS: dict[str, Callable[[Workshop], Edits]] = {
    "wrong-expected-number": _wrong_expected(int, float),
    "wrong-expected-text": _wrong_expected(str, bytes),
    "wrong-expected-truth": _wrong_expected(bool),
    "changed-input": _changed_input,
    "changed-case": _changed_case,
    "fewer-cases": _fewer_cases,
    "wrong-collection": _wrong_collection,
    "negated-assertion": _negated,
    "wrong-argument-count": _wrong_count,
    "wrong-argument-type": _wrong_type,
    "swapped-arguments": _swapped,
    "exchanged-expectations": _exchanged,
    "unknown-member": _unknown_member,
    "unknown-keyword": _unknown_keyword,
    "duplicate-argument": _duplicate_argument,
    "undefined-name": _undefined,
    "other-name": _other_name,
    "unimported-module": _unimported,
    "missing-fixture": _missing_fixture,
    "wrong-exception": _wrong_exception,
    "wrong-message": _wrong_message,
    "unexpected-error": _unexpected_error,
    "setup-dropped": _setup_dropped,
    "assertion-dropped": _assertion_dropped,
    "assertions-gone": _assertions_gone,
    "assertion-weakened": _weakened,
    "near-duplicate": _near_duplicate,
    "wrong-constructor": _constructor,
    "subset": _subset,
    "merged": _merged,
}
