"""pytest and unittest as the evaluator sees them: checks that are recorded, marks, fixtures, expected exceptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter import python_types as types
from runfree.interpreter.budget import Stop
from runfree.interpreter.machine import FAILS, HOLDS, UNKNOWN
from runfree.interpreter.python_abstract import extend_abstract
from runfree.interpreter.python_evaluator import PythonEvaluator
from runfree.interpreter.python_library import LIBRARY
from runfree.interpreter.python_mocks import MOCKS
from runfree.interpreter.python_regex import check_subject, safe_compile
from runfree.interpreter.python_types import CONTAINERS, MAPPINGS, SCALARS, type_name
from runfree.interpreter.sentences import comparison_sentence, shorten
from runfree.interpreter.statements import Signal
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassValue,
    Env,
    FunctionValue,
    Instance,
    Manager,
    ModuleValue,
    Property,
    StaticMethod,
    Thrown,
    Unknown,
    Value,
)

Call = Callable[[Any, list[Value], dict[str, Value]], Value]
REQUEST = ClassValue("FixtureRequest", [types.OBJECT])
REQUEST.opaque = "pytest"
TESTCASE = ClassValue("TestCase", [types.OBJECT])
_INFO = ClassValue("ExceptionInfo", [types.OBJECT])
_PARAMETERS = ClassValue("ParameterSet", [types.OBJECT])
_APPROX = ClassValue("approx", [types.OBJECT])


class PythonTestEvaluator(PythonEvaluator):
    """The Python evaluator that records assertions of the test file."""

    def run_assert(self, node: ir.Assert, env: Env) -> Signal | None:
        if (
            env.module is None
            or env.module.program is None
            or env.module.program.path != self.modules.test_path
        ):
            return super().run_assert(node, env)
        values: list[Value] = []
        result = self.assert_operands(node.test, env, values)
        known = self.truth_of(result)
        if known is None:
            if isinstance(result, Unknown):
                result.truth = True
            self.assume(node.line, result.why if isinstance(result, Unknown) else "condition")
            return None
        if known:
            self.note(node.line, HOLDS, "")
            return None
        with self.aside():
            text = comparison_sentence(self, node, values, env.module.program.text)
        self.note(node.line, FAILS, text)
        self.line = node.line
        # pytest writes messages of its own.
        message = (
            self.eval(node.message, env)
            if node.message is not None
            else Unknown("assertion-text", kind="str")
        )
        thrown = self.error("AssertionError", message)
        thrown.assertion = True
        raise thrown

    def assert_operands(self, test: ir.Expression, env: Env, values: list[Value]) -> Value:
        """The value of an asserted expression; the operands of a single comparison go into `values`."""
        if isinstance(test, ir.Compare) and len(test.rest) == 1:
            self.last_return = None
            left = self.eval(test.left, env)
            place = self.last_return
            right = self.eval(test.rest[0][1], env)
            values += [left, right, place or self.last_return]
            return self.compare(test.rest[0][0], left, right)
        self.last_return = None
        value = self.eval(test, env)
        values += [value, MISSING, self.last_return]
        return value

    def assume(self, line: int, why: str) -> None:
        """An assertion whose result is unknown is taken to hold, so that what follows can be looked at."""
        self.line = line
        self.reason(why)
        self.trace.assumed = True
        self.trace.tainted = True
        self.note(line, UNKNOWN, "")

    def note(self, line: int, state: str, sentence: str) -> None:
        """Records an assertion; one that fails or is unknown once stays so."""
        old = self.trace.assertions.get(line)
        if old is None or old[0] == HOLDS or state == FAILS:
            self.trace.assertions[line] = (state, sentence)

    def check(self, result: Value, sentence: str | Callable[[], str]) -> None:
        """An assertion method's result; the sentence is made only where it fails, as the framework makes its own.

        Raises:
            Thrown: it certainly fails.
        """
        known = self.truth_of(result)
        if known is None:
            self.assume(self.line, result.why if isinstance(result, Unknown) else "condition")
        elif known:
            self.note(self.line, HOLDS, "")
        else:
            with self.aside():
                text = sentence if isinstance(sentence, str) else sentence()
            self.note(self.line, FAILS, text)
            thrown = self.error("AssertionError", text)
            thrown.assertion = True
            raise thrown


def install(ev: PythonEvaluator) -> None:
    """Makes sure that the frameworks can be imported."""
    LIBRARY.setdefault("pytest", PYTEST)
    LIBRARY.setdefault("unittest", UNITTEST)
    LIBRARY.setdefault("unittest.mock", MOCKS)
    LIBRARY.setdefault("mock", MOCKS)


# -- pytest -----------------------------------------------------------------------------------------------------------


def expected_exception(
    ev: Any, kinds: Value, match: Value, info: Instance | None, line: int
) -> tuple[Callable[[], Value], Callable[[Thrown | None], bool]]:
    """How `raises` is entered and left."""
    state: dict[str, Any] = {}

    def enter() -> Value:
        state["tainted"] = len(ev.trace.reasons), ev.trace.tainted
        ev.guards.append([True])
        state["height"] = len(ev.guards) - 1
        return info

    def leave(thrown: Thrown | None) -> bool:
        del ev.guards[state["height"] :]
        ev.line = line
        if thrown is None:
            if ev.trace.tainted:
                ev.assume(line, "raises")
                if info is not None:
                    info.attrs["value"] = Unknown("raised", truth=True)
                return False
            ev.note(line, FAILS, f"expects {_kind_text(kinds)}, but nothing is raised")
            error = ev.error("AssertionError", f"DID NOT RAISE {_kind_text(kinds)}")
            error.assertion = True
            raise error
        value = thrown.value
        known = ev.is_instance(value, kinds) if not isinstance(value, Unknown) else None
        if info is not None:
            info.attrs.update({"value": value, "type": types.class_of(value) or Unknown("type")})
        if known is False:
            place = f" ({thrown.path.rsplit('/', 1)[-1]}:{thrown.line})" if thrown.path else ""
            ev.note(line, FAILS, f"expects {_kind_text(kinds)}, but {describe(ev, thrown)} is raised{place}")
            return False
        if known is None:
            ev.assume(line, "raises")
            return True
        if thrown.assertion:
            ev.trace.assertions.pop(thrown.line, None)
        _check_match(ev, value, match, line)
        return True

    return enter, leave


def _check_match(ev: Any, value: Value, match: Value, line: int) -> None:
    if match is None or match is MISSING:
        ev.note(line, HOLDS, "")
        return
    text = ev.text(value)
    pattern = safe_compile(ev, match)
    if pattern is None or not isinstance(text, str):
        ev.assume(line, "raises-match")
        return
    check_subject(ev, pattern, text)
    if pattern.search(text) is None:
        ev.note(line, FAILS, f"expects a message matching {match!r}, but it is {shorten(repr(text))}")
        error = ev.error("AssertionError", "Regex pattern did not match")
        error.assertion = True
        raise error
    ev.note(line, HOLDS, "")


def _kind_text(kinds: Value) -> str:
    if isinstance(kinds, ClassValue):
        return kinds.name
    if isinstance(kinds, tuple):
        return " or ".join(_kind_text(k) for k in kinds)
    return "an exception"


def describe(ev: Any, thrown: Thrown) -> str:
    """`ValueError("text")` of an exception, in short."""
    value = thrown.value
    if type(value) is not Instance:
        return "an exception"
    try:
        with ev.aside():
            text = ev.text(value)
    except (Thrown, Stop):
        text = None
    return f"{value.klass.name}({text!r})" if isinstance(text, str) and text else value.klass.name


def _raises(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    kinds = a[0] if a else k.get("expected_exception")
    line = ev.line
    info = Instance(_INFO)
    enter, leave = expected_exception(ev, kinds, k.get("match"), info, line)
    if len(a) > 1:
        enter()
        try:
            ev.call(a[1], a[2:], {n: v for n, v in k.items() if n != "match"})
        except Thrown as thrown:
            if not leave(thrown):
                raise
        else:
            leave(None)
        return info
    return Manager("raises", enter, leave)


def _info_match(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _check_match(ev, a[0].attrs["value"], a[1], ev.line)
    return True


_INFO.namespace["match"] = Builtin("match", _info_match, binds=True)
_INFO.opaque = "pytest"


def _approx(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    made = Instance(_APPROX)
    names = ("expected", "rel", "abs")
    given = dict(zip(names, a, strict=False)) | k
    made.attrs.update({n: given.get(n) for n in names})
    return made


def near(ev: Any, actual: Value, expected: Value, rel: Value, absolute: Value) -> Value:
    """pytest.approx: True, False or unknown."""
    ev.step()
    if isinstance(actual, Unknown) or isinstance(expected, Unknown):
        return Unknown("approx", kind="bool")
    if type(expected) in MAPPINGS:
        if type(actual) not in MAPPINGS or set(actual) != set(expected):
            return False
        pairs = [(actual[n], expected[n]) for n in expected]
    elif type(expected) in (list, tuple):
        if type(actual) not in (list, tuple) or len(actual) != len(expected):
            return (
                False
                if type(actual) in SCALARS or type(actual) in CONTAINERS
                else Unknown("approx", kind="bool")
            )
        pairs = list(zip(actual, expected, strict=True))
    elif type(expected) in (int, float) and type(actual) in (int, float, bool):
        if expected == actual:
            return True
        if expected in (float("inf"), float("-inf")) or expected != expected:
            return False
        if (rel is not None or absolute is not None) and not all(
            v is None or type(v) in (int, float) for v in (rel, absolute)
        ):
            return Unknown("approx", kind="bool")
        relative = (1e-6 if rel is None and absolute is None else rel or 0.0) * abs(expected)
        margin = max(relative, 1e-12 if absolute is None else absolute)
        return abs(expected - actual) <= margin
    elif expected is None or isinstance(expected, str):
        return actual == expected
    else:
        return Unknown("approx", kind="bool")
    answers = [ev.truth_of(near(ev, x, y, rel, absolute)) for x, y in pairs]
    return False if False in answers else Unknown("approx", kind="bool") if None in answers else True


_APPROX.namespace["__eq__"] = Builtin(
    "__eq__",
    lambda ev, a, k: near(ev, ev.raw(a[1]), a[0].attrs["expected"], a[0].attrs["rel"], a[0].attrs["abs"]),
    binds=True,
)
_APPROX.namespace["__repr__"] = Builtin(
    "__repr__", lambda ev, a, k: ev.show(a[0].attrs["expected"]), binds=True
)


def _mark_store(value: Value) -> dict[str, Value]:
    while type(value) is StaticMethod:
        value = value.function
    if type(value) is FunctionValue:
        return value.attrs
    return value.options if isinstance(value, ClassValue) else {}


def _append_mark(value: Value, name: str, item: Value) -> Value:
    store = _mark_store(value)
    store[name] = [*store.get(name, []), item]
    return value


def _parametrize(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    given = dict(zip(("argnames", "argvalues", "indirect"), a, strict=False)) | k
    names = given["argnames"]
    if isinstance(names, str):
        fields = [n.strip() for n in names.split(",") if n.strip()]
    else:
        fields = ev.collect(names)
    values = given["argvalues"]
    if isinstance(values, Unknown):
        values = [Unknown(values.why, values.label)]
        ev.trace.tainted = True
        ev.trace.assumed = True
    cases = ev.collect(values)
    indirect = given.get("indirect", False)
    if indirect not in (False, True):
        raise Stop("parametrize-indirect")
    return Builtin(
        "parametrize", lambda e, b, _: _append_mark(b[0], "__parametrize__", (fields, cases, indirect))
    )


def _param(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    made = Instance(_PARAMETERS)
    marks = k.get("marks", ())
    marks = marks if isinstance(marks, (list, tuple)) else (marks,)
    names = [m.name.rsplit(".", 1)[-1] for m in marks if type(m) is Builtin]
    made.attrs.update({"values": tuple(a), "marks": names})
    return made


def _mark(name: str) -> Builtin:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if len(a) == 1 and not k and (type(a[0]) is FunctionValue or isinstance(a[0], ClassValue)):
            return _append_mark(a[0], "__marks__", name)
        return Builtin("mark." + name, lambda e, b, _: _append_mark(b[0], "__marks__", name))

    return Builtin("mark." + name, call)


def _skip_if(when: bool) -> Call:
    """A mark that skips on a condition: where the condition is known not to hold, there is no mark."""

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        condition = a[0] if a else k.get("condition")
        known = None if isinstance(condition, str) else ev.truth_of(condition)
        if known is (not when):
            return Builtin("mark", lambda e, b, _: b[0])
        return ev.call(_mark("skipif"), a, k)

    return call


def _usefixtures(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    def apply(e: Any, b: list[Value], _: dict[str, Value]) -> Value:
        for name in a:
            _append_mark(b[0], "__usefixtures__", name)
        return b[0]

    return Builtin("usefixtures", apply)


def _fixture(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    def apply(e: Any, b: list[Value], _: dict[str, Value]) -> Value:
        function = e.function_of(b[0])
        if function is None:
            return b[0]
        function.attrs["__fixture__"] = dict(k)
        return function

    if a and type(a[0]) in (FunctionValue, StaticMethod):
        return apply(ev, a, {})
    return Builtin("fixture", apply)


def _stop(reason: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        raise Stop(reason)

    return call


def _fail(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.check(False, "fails here: " + (a[-1] if a and isinstance(a[-1], str) else "fail()"))


_MARKS = ModuleValue("pytest.mark")
_MARKS.open = True
_MARKS.env.vars.update(
    {
        "parametrize": Builtin("parametrize", _parametrize), "skip": _mark("skip"), "skipif": Builtin("skipif", _skip_if(True)),
        "xfail": _mark("xfail"), "usefixtures": Builtin("usefixtures", _usefixtures),
    }
)  # fmt: skip
PYTEST: dict[str, Value] = {
    "raises": Builtin("pytest.raises", _raises), "approx": Builtin("pytest.approx", _approx),
    "fixture": Builtin("pytest.fixture", _fixture), "mark": _MARKS, "param": Builtin("pytest.param", _param),
    "skip": Builtin("pytest.skip", _stop("skipped")), "xfail": Builtin("pytest.xfail", _stop("skipped")),
    "fail": Builtin("pytest.fail", _fail), "importorskip": Builtin("pytest.importorskip", _stop("skipped")),
}  # fmt: skip


# -- unittest ---------------------------------------------------------------------------------------------------------


def _method(name: str) -> Callable[[Call], Call]:
    def register(call: Call) -> Call:
        TESTCASE.namespace[name] = Builtin(name, call, binds=True)
        return call

    return register


def _text(ev: Any, value: Value) -> str:
    try:
        shown = ev.show(value)
    except (Thrown, Stop):
        return "something else"
    return shorten(shown) if isinstance(shown, str) else f"another {type_name(value)}"


def _comparison(op: str, words: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if len(a) < 3:
            raise ev.error("TypeError", "missing 1 required positional argument")
        place = f" ({ev.last_return[0].rsplit('/', 1)[-1]}:{ev.last_return[1]})" if ev.last_return else ""
        line = ev.line
        result = ev.compare(op, a[1], a[2])
        ev.line = line
        ev.check(result, lambda: f"{_text(ev, a[1])} {words} {_text(ev, a[2])}{place}")

    return call


for _name, _op, _words in (
    ("assertEqual", "==", "is not equal to"), ("assertEquals", "==", "is not equal to"),
    ("assertNotEqual", "!=", "is equal to"), ("assertIs", "is", "is not"), ("assertIsNot", "is not", "is"),
    ("assertIn", "in", "is not in"), ("assertNotIn", "not in", "is in"), ("assertGreater", ">", "is not greater than"),
    ("assertGreaterEqual", ">=", "is not at least"), ("assertLess", "<", "is not less than"),
    ("assertLessEqual", "<=", "is not at most"), ("assertListEqual", "==", "is not equal to"),
    ("assertDictEqual", "==", "is not equal to"), ("assertSetEqual", "==", "is not equal to"),
    ("assertTupleEqual", "==", "is not equal to"), ("assertMultiLineEqual", "==", "is not equal to"),
    ("assertSequenceEqual", "==", "is not equal to"),
):  # fmt: skip
    TESTCASE.namespace[_name] = Builtin(_name, _comparison(_op, _words), binds=True)
del TESTCASE.namespace["assertSequenceEqual"]


@_method("assertTrue")
def _assert_true(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.check(a[1], lambda: f"{_text(ev, a[1])} is not true")


@_method("assertFalse")
def _assert_false(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    known = ev.truth_of(a[1])
    ev.check(
        Unknown("condition", kind="bool") if known is None else not known,
        lambda: f"{_text(ev, a[1])} is not false",
    )


@_method("assertIsNone")
def _assert_none(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.check(ev.compare("is", a[1], None), lambda: f"{_text(ev, a[1])} is not None")


@_method("assertIsNotNone")
def _assert_not_none(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.check(ev.compare("is not", a[1], None), "unexpectedly None")


def _instance(want: bool) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        known = ev.is_instance(a[1], a[2])
        result = Unknown("isinstance", kind="bool") if known is None else known is want
        ev.check(
            result, lambda: f"{_text(ev, a[1])} is {'not ' if want else ''}an instance of {_kind_text(a[2])}"
        )

    return call


TESTCASE.namespace["assertIsInstance"] = Builtin("assertIsInstance", _instance(True), binds=True)
TESTCASE.namespace["assertNotIsInstance"] = Builtin("assertNotIsInstance", _instance(False), binds=True)


@_method("assertAlmostEqual")
def _assert_almost(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    one, other = ev.raw(a[1]), ev.raw(a[2])
    places = a[3] if len(a) > 3 else k.get("places")
    places = 7 if places is None else places
    delta = k.get("delta")
    if (
        not all(type(v) in (int, float) for v in (one, other))
        or isinstance(places, Unknown)
        or isinstance(delta, Unknown)
    ):
        ev.check(Unknown("approx", kind="bool"), "")
        return
    close = one == other or (
        abs(one - other) <= delta if delta is not None else round(abs(one - other), places) == 0
    )
    ev.check(close, lambda: f"{_text(ev, one)} is not almost equal to {_text(ev, other)}")


@_method("assertCountEqual")
def _assert_count_equal(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    first, second = ev.collect(a[1]), ev.collect(a[2])
    if not (ev.plain(first) and ev.plain(second)):
        ev.check(Unknown("element", kind="bool"), "")
        return
    left = list(second)
    same = len(first) == len(second)
    for item in first:
        if item in left:
            left.remove(item)
        else:
            same = False
    ev.check(same, lambda: f"{_text(ev, first)} and {_text(ev, second)} differ in their elements")


def _regex(want: bool) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        pattern = safe_compile(ev, a[2])
        if pattern is None or not isinstance(a[1], (str, bytes)):
            ev.check(Unknown("re", kind="bool"), "")
            return
        check_subject(ev, pattern, a[1])
        found = pattern.search(a[1]) is not None
        ev.check(
            found is want, lambda: f"{_text(ev, a[1])} {'does not match' if want else 'matches'} {a[2]!r}"
        )

    return call


TESTCASE.namespace["assertRegex"] = Builtin("assertRegex", _regex(True), binds=True)
TESTCASE.namespace["assertNotRegex"] = Builtin("assertNotRegex", _regex(False), binds=True)


def _assert_raises(with_pattern: bool) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        match = a[2] if with_pattern and len(a) > 2 else None
        rest = a[3:] if with_pattern else a[2:]
        info = Instance(_UNITTEST_INFO)
        enter, leave = expected_exception(ev, a[1], match, info, ev.line)
        if not rest:
            return Manager("assertRaises", enter, leave)
        enter()
        try:
            ev.call(rest[0], rest[1:], k)
        except Thrown as thrown:
            info.attrs["exception"] = thrown.value
            if not leave(thrown):
                raise
        else:
            leave(None)
        return None

    return call


_UNITTEST_INFO = ClassValue("_AssertRaisesContext", [types.OBJECT])
_UNITTEST_INFO.namespace["exception"] = Property(
    Builtin("exception", lambda ev, a, k: a[0].attrs.get("value", Unknown("raised")))
)
TESTCASE.namespace["assertRaises"] = Builtin("assertRaises", _assert_raises(False), binds=True)
TESTCASE.namespace["assertRaisesRegex"] = Builtin("assertRaisesRegex", _assert_raises(True), binds=True)


@_method("fail")
def _unittest_fail(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    _fail(ev, a[1:], k)


@_method("skipTest")
def _skip_test(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    raise Stop("skipped")


@_method("subTest")
def _sub_test(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return Manager("subTest", lambda: None, lambda thrown: False)


@_method("addCleanup")
def _add_cleanup(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.escape(a[1])


for _name in ("setUp", "tearDown"):
    TESTCASE.namespace[_name] = Builtin(_name, lambda ev, a, k: None, binds=True)
for _name in ("setUpClass", "tearDownClass"):
    TESTCASE.namespace[_name] = Builtin(_name, lambda ev, a, k: None)
for _name in (
    "assertLogs",
    "assertWarns",
    "assertNoLogs",
    "assertWarnsRegex",
    "assertSequenceEqual",
    "patch",
):
    TESTCASE.namespace[_name] = Builtin(
        _name, lambda ev, a, k: ev.call_unknown(Unknown("unittest"), a, k), binds=True
    )
TESTCASE.namespace["maxDiff"] = None
_UNITTEST_CASE = ClassValue("IsolatedAsyncioTestCase", [TESTCASE])
UNITTEST: dict[str, Value] = {
    "TestCase": TESTCASE, "IsolatedAsyncioTestCase": _UNITTEST_CASE, "main": Builtin("main", lambda ev, a, k: None),
    "skip": _mark("skip"), "skipIf": Builtin("skipIf", _skip_if(True)),
    "skipUnless": Builtin("skipUnless", _skip_if(False)), "expectedFailure": _mark("xfail"),
    "SkipTest": types.library_exception("SkipTest", "Exception"),
}  # fmt: skip
extend_abstract(LIBRARY["collections.abc"], LIBRARY["collections"])
