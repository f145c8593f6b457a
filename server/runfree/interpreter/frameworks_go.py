"""Go's testing package and testify as the evaluator sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.go_evaluator import GoEvaluator
from runfree.interpreter.go_format import show, sprint, sprintf
from runfree.interpreter.go_library import LIBRARY
from runfree.interpreter.go_semantics import GoPanic
from runfree.interpreter.go_types import (
    G,
    GoBuiltin,
    GoType,
    MapData,
    SliceData,
    boolean,
    pointer_to,
    text,
    to_bytes,
)
from runfree.interpreter.machine import FAILS, HOLDS, UNKNOWN
from runfree.interpreter.reach import walk
from runfree.interpreter.sentences import shorten, source, unequal
from runfree.interpreter.statements import Signal
from runfree.interpreter.values import Env, Thrown, Unknown, Value

_FAILING = frozenset({"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"})


class FailNow:
    """What ends a test at once."""


class GoTestEvaluator(GoEvaluator):
    """The Go evaluator that records checks of the test file."""

    def __init__(
        self, test_path: str, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0
    ) -> None:
        super().__init__(budget, decisions, deadline)
        self.test_path = test_path
        self.checks: dict[int, bool] = {}
        self.compared = ""

    def in_test(self) -> bool:
        """Whether code of the test file is running."""
        return (
            self.module is not None
            and self.module.program is not None
            and (self.module.program.path == self.test_path)
        )

    def run_if(self, node: ir.If, env: Env) -> Signal | None:
        if not self.in_test() or not self.is_check(node):
            return super().run_if(node, env)
        self.last_return = None
        self.compared = ""
        value = self.check_value(node, env)
        known = self.truth_of(value)
        if known is None:
            why = value.why if isinstance(value, Unknown) else "condition"
            self.assume(node.line, why)
            if isinstance(value, Unknown):
                value.truth = False
            known = False
        elif not known:
            self.note(node.line, HOLDS, "")
        return self.run(node.then if known else node.orelse, env)

    def check_value(self, node: ir.If, env: Env) -> Value:
        """The condition of a check; what a comparison compared is kept for the sentence."""
        test = node.test
        if isinstance(test, ir.Compare) and test.rest[0][0] == "!=" and self.module is not None:
            left = self.eval(test.left, env)
            right = self.eval(test.rest[0][1], env)
            result = self.compare("!=", left, right)
            if self.truth_of(result):
                try:
                    got, want = show(self, left), show(self, right)
                except Stop:
                    return result  # a constant too large for the type it has by itself: it has no text
                text_of = self.module.program.text if self.module.program is not None else b""
                if isinstance(got, str) and isinstance(want, str):
                    place = f" ({self.last_return[0].rsplit('/', 1)[-1]}:{self.last_return[1]})" if (
                        self.last_return
                    ) else ""  # fmt: skip
                    self.compared = unequal(shorten(want), source(test.left, text_of), shorten(got), place)
            return result
        return self.eval(test, env)

    def is_check(self, node: ir.If) -> bool:
        """Whether a branch does nothing but fail the test."""
        known = self.checks.get(node.pos)
        if known is None:
            nodes: list[ir.Node] = []
            walk(node.then, nodes)
            known = any(
                isinstance(n, ir.Call)
                and isinstance(n.function, ir.Attribute)
                and n.function.name in _FAILING
                and isinstance(n.function.value, ir.Name)
                for n in nodes
            )
            self.checks[node.pos] = known
        return known

    def assume(self, line: int, why: str) -> None:
        """A check whose result is unknown is taken to hold."""
        self.reason(why)
        self.trace.assumed = True
        self.trace.tainted = True
        self.note(line, UNKNOWN, "")

    def note(self, line: int, state: str, sentence: str) -> None:
        """Records a check; one that fails or is unknown once stays so."""
        old = self.trace.assertions.get(line)
        if old is None or old[0] == HOLDS or state == FAILS:
            self.trace.assertions[line] = (state, sentence)


class TestingT:
    """`*testing.T` of a test or subtest."""

    methods = ("Error",)

    def __init__(self, name: str, parent: TestingT | None = None) -> None:
        self.name = name
        self.parent = parent
        self.failed = False
        self.message = ""
        self.cleanups: list[Value] = []

    def fail(self, ev: GoTestEvaluator, message: str) -> None:
        """Marks the test, and those around it, as failed."""
        t: TestingT | None = self
        while t is not None:
            t.failed = True
            t.message = t.message or message
            t = t.parent
        ev.note(ev.line, FAILS, message)
        ev.compared = ""

    def finish(self, ev: GoTestEvaluator) -> None:
        """Runs what Cleanup registered, last first."""
        while self.cleanups:
            ev.call(self.cleanups.pop(), [], {})

    def member(self, ev: GoTestEvaluator, name: str) -> Value:
        """A method."""
        if name in ("Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"):
            return GoBuiltin("T." + name, lambda e, a: self.failing(e, name, a))
        if name in ("Log", "Logf", "Helper", "Parallel"):
            return GoBuiltin("T." + name, lambda e, a: None)
        if name == "Run":
            return GoBuiltin("T.Run", self.run)
        if name == "Name":
            return GoBuiltin("T.Name", lambda e, a: text(self.name))
        if name == "Failed":
            return GoBuiltin("T.Failed", lambda e, a: boolean(self.failed))
        if name == "Cleanup":
            return GoBuiltin("T.Cleanup", lambda e, a: self.cleanups.append(a[0]))
        if name in ("Skip", "Skipf", "SkipNow"):
            return GoBuiltin("T." + name, _skip)
        return Unknown("testing." + name, "testing." + name)

    def failing(self, ev: GoTestEvaluator, name: str, a: list[Value]) -> Value:
        """Error, Fatal and their kin."""
        message: Any = ev.compared
        if not message and a:
            try:
                formatted = name.endswith("f") and type(a[0]) is G
                message = sprintf(ev, a[0].v, a[1:]) if formatted else sprint(ev, a, True)
            except (Stop, Thrown):
                message = ""
            said = f": {shorten(message, 120)}" if isinstance(message, str) and message else ""
            message = f"reaches t.{name}{said}"
        self.fail(ev, message or "fails here")
        if name in ("Fatal", "Fatalf", "FailNow"):
            raise ev.throw(FailNow())
        return None

    def run(self, ev: GoTestEvaluator, a: list[Value]) -> Value:
        """t.Run: a subtest in its own T; failing ends only it."""
        label = a[0].v if type(a[0]) is G else "?"
        inner = TestingT(f"{self.name}/{label}", self)
        try:
            ev.call(a[1], [G(pointer_to(GoType("native", "T")), inner)], {})
        except Thrown as thrown:
            if not isinstance(thrown.value, FailNow):
                raise
        inner.finish(ev)
        return boolean(not inner.failed)


def _skip(ev: GoTestEvaluator, a: list[Value]) -> Value:
    raise Stop("skipped")


# -- testify ------------------------------------------------------------------------------------------------------------

Check = Callable[[GoTestEvaluator, list[Value]], Any]


def objects_equal(ev: GoTestEvaluator, one: Value, other: Value) -> Any:
    """assert.ObjectsAreEqual: bytes by content, everything else by reflect.DeepEqual."""
    if type(one) is G and type(other) is G and one.t.kind == "func":
        return Unknown("function")
    return ev.deep_same(one, other)


def _nil(value: Value) -> Any:
    if isinstance(value, Unknown):
        return False if value.kind == "non-nil" else Unknown(value.why)
    return type(value) is G and value.v is None


def _negate(answer: Any) -> Any:
    return answer if isinstance(answer, Unknown) else not answer


def _truth(ev: GoTestEvaluator, value: Value) -> Any:
    known = ev.truth_of(value)
    return Unknown(getattr(value, "why", "condition")) if known is None else known


def _length(value: Value) -> int | None:
    if type(value) is not G:
        return None
    if value.v is None:
        return 0
    if isinstance(value.v, str):
        return len(to_bytes(value.v))
    if isinstance(value.v, SliceData):
        return value.v.length
    return len(value.v.entries) if isinstance(value.v, MapData) else None


def _has_length(ev: GoTestEvaluator, a: list[Value]) -> Any:
    size = _length(a[0])
    if size is None or type(a[1]) is not G:
        return Unknown("len")
    return size == a[1].v


def _empty(ev: GoTestEvaluator, a: list[Value]) -> Any:
    value = a[0]
    if isinstance(value, Unknown):
        return Unknown(value.why)
    size = _length(value)
    if size is not None:
        return size == 0
    if type(value) is G and isinstance(value.v, (int, float, bool)):
        return not value.v
    return Unknown("empty")


def _contains(ev: GoTestEvaluator, a: list[Value]) -> Any:
    holder, item = a[0], a[1]
    if isinstance(holder, Unknown) or isinstance(item, Unknown):
        return Unknown("contains")
    if type(holder) is G and isinstance(holder.v, str):
        return item.v in holder.v
    if type(holder) is G and isinstance(holder.v, SliceData):
        answers = [ev.deep_same(i, item) for i in holder.v.items()]
        return True if any(x is True for x in answers) else Unknown("contains") if any(
            isinstance(x, Unknown) for x in answers
        ) else False  # fmt: skip
    if type(holder) is G and isinstance(holder.v, MapData) and holder.t.key is not None:
        return ev.map_key(ev.coerce(item, holder.t.key)) in holder.v.entries
    if type(holder) is G and holder.v is None:
        return False
    return Unknown("contains")


def _elements_match(ev: GoTestEvaluator, a: list[Value]) -> Any:
    one, other = (v.v.items() if type(v) is G and isinstance(v.v, SliceData) else None for v in a[:2])
    if one is None or other is None:
        return Unknown("elements")
    left = list(other)
    for item in one:
        for position, candidate in enumerate(left):
            same = ev.deep_same(item, candidate)
            if isinstance(same, Unknown):
                return same
            if same:
                del left[position]
                break
        else:
            return False
    return not left


def _error_text(ev: GoTestEvaluator, value: Value) -> Any:
    if type(value) is not G or value.t.kind == "nil":
        return None
    result = ev.call(ev.get_attribute(value, "Error"), [], {})
    return result.v if type(result) is G else Unknown("error-text")


def _equal_error(ev: GoTestEvaluator, a: list[Value]) -> Any:
    if isinstance(a[0], Unknown) or isinstance(a[1], Unknown):
        return Unknown("error-text")
    found = _error_text(ev, a[0])
    return found if isinstance(found, Unknown) else found is not None and found == a[1].v


def _error_contains(ev: GoTestEvaluator, a: list[Value]) -> Any:
    if isinstance(a[0], Unknown) or isinstance(a[1], Unknown):
        return Unknown("error-text")
    found = _error_text(ev, a[0])
    return found if isinstance(found, Unknown) else found is not None and a[1].v in found


def _panics(want: bool) -> Check:
    def check(ev: GoTestEvaluator, a: list[Value]) -> Any:
        before = ev.trace.tainted
        try:
            ev.call(a[0], [], {})
        except Thrown as thrown:
            if not isinstance(thrown.value, GoPanic):
                raise
            return want
        if ev.trace.tainted and not before:
            return Unknown("panics")
        return not want

    return check


def _ordered(op: str) -> Check:
    return lambda ev, a: _truth(ev, ev.compare(op, a[0], a[1]))


def _in_delta(ev: GoTestEvaluator, a: list[Value]) -> Any:
    if any(type(v) is not G or not isinstance(v.v, (int, float)) for v in a[:3]):
        return Unknown("delta")
    return abs(a[0].v - a[1].v) <= a[2].v


def _library_check(name: str) -> Check:
    package, _, member = name.partition(".")
    return lambda ev, a: _truth(ev, ev.call(LIBRARY[package][member], a[:2], {}))


# Name: (check, how many arguments belong to it; messages may follow).
CHECKS: dict[str, tuple[Check, int]] = {
    "Equal": (lambda ev, a: objects_equal(ev, a[0], a[1]), 2), "Exactly": (lambda ev, a: objects_equal(ev, a[0], a[1]), 2),
    "NotEqual": (lambda ev, a: _negate(objects_equal(ev, a[0], a[1])), 2), "True": (lambda ev, a: _truth(ev, a[0]), 1),
    "False": (lambda ev, a: _negate(_truth(ev, a[0])), 1), "Nil": (lambda ev, a: _nil(a[0]), 1),
    "NotNil": (lambda ev, a: _negate(_nil(a[0])), 1), "NoError": (lambda ev, a: _nil(a[0]), 1),
    "Error": (lambda ev, a: _negate(_nil(a[0])), 1), "Len": (_has_length, 2), "Empty": (_empty, 1),
    "NotEmpty": (lambda ev, a: _negate(_empty(ev, a)), 1), "Contains": (_contains, 2),
    "NotContains": (lambda ev, a: _negate(_contains(ev, a)), 2), "ElementsMatch": (_elements_match, 2),
    "EqualError": (_equal_error, 2), "ErrorContains": (_error_contains, 2), "Panics": (_panics(True), 1),
    "NotPanics": (_panics(False), 1), "Greater": (_ordered(">"), 2), "GreaterOrEqual": (_ordered(">="), 2),
    "Less": (_ordered("<"), 2), "LessOrEqual": (_ordered("<="), 2), "InDelta": (_in_delta, 3),
    "ErrorIs": (_library_check("errors.Is"), 2), "ErrorAs": (_library_check("errors.As"), 2),
    "Zero": (lambda ev, a: _empty(ev, a), 1), "Fail": (lambda ev, a: False, 1),
}  # fmt: skip


def _testify(name: str, fatal: bool) -> GoBuiltin:
    check, count = CHECKS[name.removesuffix("f") if name.removesuffix("f") in CHECKS else name]

    def call(ev: GoTestEvaluator, a: list[Value]) -> Value:
        line = ev.line
        holder = a[0].v if type(a[0]) is G else None
        if not isinstance(holder, TestingT) or len(a) < count + 1:
            raise Stop("testify")
        values = [ev.default(v) for v in a[1 : count + 1]]
        place = f" ({ev.last_return[0].rsplit('/', 1)[-1]}:{ev.last_return[1]})" if ev.last_return else ""
        result = check(ev, values)
        ev.line = line
        if isinstance(result, Unknown):
            ev.assume(line, result.why)
            return boolean(True)
        if result:
            ev.note(line, HOLDS, "")
            return boolean(True)
        shown = [shorten(s) for s in (show(ev, v) for v in values) if isinstance(s, str)]
        ev.compared = f"{name}({', '.join(shown)}) does not hold{place}"
        if name in ("Equal", "Equalf") and len(shown) == 2:
            ev.compared = f"expects {shown[0]}, but the code gives {shown[1]}{place}"
        holder.fail(ev, ev.compared)
        if fatal:
            raise ev.throw(FailNow())
        return boolean(False)

    return GoBuiltin("testify." + name, call)


class Assertions:
    """What assert.New(t) gives: the checks with their t."""

    methods = ("Equal",)

    def __init__(self, t: Value, fatal: bool) -> None:
        self.t = t
        self.fatal = fatal

    def member(self, ev: GoTestEvaluator, name: str) -> Value:
        """A check."""
        if name.removesuffix("f") not in CHECKS and name not in CHECKS:
            return Unknown("testify." + name)
        check = _testify(name, self.fatal)
        return GoBuiltin(name, lambda e, a: check.call(e, [self.t, *a]))


def _new_assertions(fatal: bool) -> GoBuiltin:
    kind = pointer_to(GoType("native", "Assertions"))
    return GoBuiltin("testify.New", lambda ev, a: G(kind, Assertions(a[0], fatal)))


for _package, _fatal in (("assert", False), ("require", True)):
    LIBRARY["github.com/stretchr/testify/" + _package] = {
        **{n: _testify(n, _fatal) for n in CHECKS}, **{n + "f": _testify(n, _fatal) for n in CHECKS},
        "New": _new_assertions(_fatal),
    }  # fmt: skip
_TESTING = GoType("native", "T")
LIBRARY["testing"] = {
    "T": _TESTING, "Short": GoBuiltin("testing.Short", lambda ev, a: boolean(False)), "B": GoType("opaque"),
}  # fmt: skip
