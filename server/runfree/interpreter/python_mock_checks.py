"""The assertion methods of mocks: what they compare, and the sentences when they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_mock_objects import MOCK, is_escaped, make_call, state_of
from runfree.interpreter.sentences import shorten
from runfree.interpreter.values import Builtin, Instance, Thrown, Unknown, Value

Check = Callable[[Any, Instance, list[Value], dict[str, Value]], tuple[Value, str]]


def _name(mock: Instance) -> str:
    name = state_of(mock).name
    return f"`{name}`" if name and name != "()" else "the mock"


def _times(count: int) -> str:
    return "never" if count == 0 else "once" if count == 1 else f"{count} times"


def _shown(ev: Any, call: Instance) -> str:
    """A call's arguments as source text, as far as they are known."""

    def one(value: Value) -> str:
        try:
            text = ev.show(value)
        except (Thrown, Stop):
            return "?"
        return text if isinstance(text, str) else "?"

    parts = [one(v) for v in call.attrs["args"]] + [f"{n}={one(v)}" for n, v in call.attrs["kwargs"].items()]
    return shorten("(" + ", ".join(parts) + ")")


def _called(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    return bool(state_of(mock).calls), f"expects {_name(mock)} to be called, but it never is"


def _once(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    count = len(state_of(mock).calls)
    return count == 1, f"expects {_name(mock)} to be called once, but it is called {_times(count)}"


def _never(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    count = len(state_of(mock).calls)
    return count == 0, f"expects {_name(mock)} not to be called, but it is called {_times(count)}"


def _with(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    calls, wanted = state_of(mock).calls, make_call("", a, k)
    if not calls:
        return False, f"expects {_name(mock)} to be called with {_shown(ev, wanted)}, but it is never called"
    sentence = f"expects {_name(mock)} to be called with {_shown(ev, wanted)}, but it is with {_shown(ev, calls[-1])}"
    return _same(ev, mock, wanted, calls[-1]), sentence


def _once_with(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    known, sentence = _once(ev, mock, a, k)
    return _with(ev, mock, a, k) if known else (known, sentence)


def _same(ev: Any, mock: Instance, wanted: Instance, call: Instance) -> Value:
    """Whether two calls are equal; with a specification, keywords may stand for positions."""
    same = ev.equal(wanted, call)
    if ev.truth_of(same) is False and state_of(mock).spec is not None:
        return Unknown("mock-spec", kind="bool")
    return same


def _any(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    wanted = make_call("", a, k)
    answers = [ev.truth_of(_same(ev, mock, wanted, c)) for c in state_of(mock).calls]
    result: Value = True if True in answers else Unknown("mock", kind="bool") if None in answers else False
    return result, f"expects {_name(mock)} to be called with {_shown(ev, wanted)}, but no call is like that"


def _has(ev: Any, mock: Instance, a: list[Value], k: dict[str, Value]) -> tuple[Value, str]:
    wanted = ev.collect(a[0] if a else k.get("calls", []))
    calls = list(state_of(mock).mock_calls)
    any_order = ev.truth_of(a[1] if len(a) > 1 else k.get("any_order", False))
    sentence = f"expects {len(wanted)} calls of {_name(mock)} that are not all made"
    if not all(type(w) is Instance for w in wanted) or any_order is None:
        return Unknown("mock", kind="bool"), ""
    unsure = False
    if any_order:
        for item in wanted:
            answers = [ev.truth_of(_same(ev, mock, item, c)) for c in calls]
            if True in answers:
                calls.pop(answers.index(True))
            elif None in answers:
                unsure = True
            else:
                return False, sentence
        return (Unknown("mock", kind="bool") if unsure else True), sentence
    for start in range(len(calls) - len(wanted) + 1):
        ev.step(len(wanted))
        pairs = zip(wanted, calls[start:], strict=False)
        answers = [ev.truth_of(_same(ev, mock, w, c)) for w, c in pairs]
        if all(answers):
            return True, sentence
        unsure = unsure or False not in answers
    return (Unknown("mock", kind="bool") if unsure else False), sentence


def _method(check: Check) -> Callable[[Any, list[Value], dict[str, Value]], Value]:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if is_escaped(a[0]):
            ev.check(Unknown("mock-escaped", kind="bool"), "")
            return
        result, sentence = check(ev, a[0], a[1:], k)
        ev.check(result, sentence)

    return call


CHECKS: dict[str, Check] = {
    "assert_called": _called, "assert_called_once": _once, "assert_called_with": _with, "assert_any_call": _any,
    "assert_called_once_with": _once_with, "assert_has_calls": _has, "assert_not_called": _never,
}  # fmt: skip
for _check_name, _check in CHECKS.items():
    MOCK.namespace[_check_name] = Builtin(_check_name, _method(_check), binds=True)


def _awaited(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.check(Unknown("mock-await", kind="bool"), "")


for _check_name in (
    "assert_awaited", "assert_awaited_once", "assert_awaited_with", "assert_awaited_once_with", "assert_any_await",
    "assert_has_awaits", "assert_not_awaited",
):  # fmt: skip
    MOCK.namespace[_check_name] = Builtin(_check_name, _awaited, binds=True)
