"""JUnit's and AssertJ's checks as the evaluator sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.java_library import JavaLibrary
from runfree.interpreter.java_values import (
    J,
    JArray,
    JClass,
    JList,
    JMap,
    JObject,
    JOptional,
    JSet,
    JType,
    box,
)
from runfree.interpreter.machine import FAILS, HOLDS, UNKNOWN, Trace
from runfree.interpreter.sentences import shorten
from runfree.interpreter.values import Thrown, Unknown, Value


class AssertThat:
    """AssertJ's `assertThat(value)`."""

    def __init__(self, value: Value, line: int) -> None:
        self.value = value
        self.line = line


class ExpectThrown:
    """AssertJ's `assertThatExceptionOfType(kind)`; "" for none at all."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


_EXPECTED = {
    "assertThatNullPointerException": "NullPointerException", "assertThatIllegalStateException": "IllegalStateException",
    "assertThatIllegalArgumentException": "IllegalArgumentException", "assertThatIOException": "IOException",
    "assertThatException": "Exception", "assertThatRuntimeException": "RuntimeException", "assertThatNoException": "",
}  # fmt: skip


class JavaTestEvaluator(JavaLibrary):
    """The Java evaluator with the test frameworks' static methods."""

    def __init__(
        self, test_path: str, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0
    ) -> None:
        super().__init__(budget, decisions, deadline)
        self.test_path = test_path
        self.make_arguments: Callable[[list[Value]], Any] = list
        # How often something unknown was done that may raise.
        self.risks = 0

    def risky(self, why: str) -> None:
        self.risks += 1
        super().risky(why)

    def describe(self, thrown: Thrown) -> str:
        """`IllegalStateException("text")` of an exception, in short."""
        value = thrown.value
        if type(value) is not JObject:
            return "an exception"
        message = value.fields.get("message")
        return (
            f'{value.klass.name}("{message}")' if isinstance(message, str) and message else value.klass.name
        )

    # -- checks -------------------------------------------------------------------------------------------------------

    def note(self, line: int, state: str, sentence: str) -> None:
        """Records a check; one that fails or is unknown once stays so."""
        old = self.trace.assertions.get(line)
        if old is None or old[0] == HOLDS or state == FAILS:
            self.trace.assertions[line] = (state, sentence)

    def check(self, result: Any, sentence: Callable[[], str] | str) -> None:
        """A check's result: True, False or unknown.

        Raises:
            Thrown: it certainly fails.
        """
        if isinstance(result, Unknown):
            self.reason(result.why)
            self.trace.assumed = True
            self.trace.tainted = True
            self.risks += 1
            self.note(self.line, UNKNOWN, "")
        elif result:
            self.note(self.line, HOLDS, "")
        else:
            self.note(self.line, FAILS, sentence if isinstance(sentence, str) else sentence())
            raise self.error("AssertionError", Unknown("assertion-text"))

    def shown(self, value: Value) -> str:
        """A value in a sentence; what the user's toString does for it leaves no trace."""
        trace, taken, alternatives = self.trace, len(self.taken), len(self.alternatives)
        self.trace = Trace()
        try:
            text = self.text(value)
        except (Stop, Thrown):
            text = None
        finally:
            self.trace = trace
            del self.taken[taken:]
            del self.alternatives[alternatives:]
        if not isinstance(text, str):
            return "another value"
        return shorten(f'"{text}"' if isinstance(value, str) else text)

    def imports_assertion(self, name: str) -> bool:
        if not name.startswith(("assert", "fail")):
            return False
        owners = {"Assertions", "Assert"}
        return any(
            s.partition(".")[0] in owners and s.endswith((".*", "." + name))
            for s in self.table.statics_of(self.module)
        )

    def imported_call(self, name: str, arguments: list[Value]) -> Value:
        statics = self.table.statics_of(self.module)
        if name.startswith(("assert", "fail")):
            owners = {s.split(".")[0] for s in statics if s.endswith((".*", "." + name))}
            if owners & {"Assertions", "Assert", "AssertionsForClassTypes", "TestCase"}:
                return self.assertion(name, arguments, "Assert" in owners)
        holder = self.table.find_holder(self.module)
        if name.startswith(("assert", "fail")) and holder is not None and holder.is_a("TestCase"):
            return self.assertion(name, arguments, True)
        for entry in statics:
            owner, _, member = entry.partition(".")
            klass = self.find_class(owner) if member in (name, "*") else None
            if klass is not None:
                return self.class_call(klass, name, arguments)
            if member == name:
                return self.static_or_instance(JType(owner), name, arguments)
        self.risky("name:" + name)
        return Unknown("home:" + name, name)

    def static_or_instance(self, owner: JType, name: str, arguments: list[Value]) -> Value:
        if owner.name in ("Assertions", "Assert") and name.startswith(("assert", "fail")):
            return self.assertion(name, arguments, owner.name == "Assert")
        if owner.name == "Arguments" and name in ("of", "arguments"):
            return self.make_arguments([box(a) for a in arguments])
        return super().static_or_instance(owner, name, arguments)

    def assertion(self, name: str, a: list[Value], old: bool) -> Value:
        """A static assertion; `old`: JUnit 4, whose message comes first."""
        if name == "assertThat" and len(a) == 1:
            return AssertThat(a[0], self.line)
        if name in ("assertThrows", "assertThrowsExactly"):
            return self.assert_throws(a, name.endswith("Exactly"))
        if name in ("assertThatThrownBy", "assertThatCode"):
            return AssertThat(self.caught(a[0]), self.line)
        if name in _EXPECTED or (name == "assertThatExceptionOfType" and isinstance(a[0], (JType, JClass))):
            return ExpectThrown(_EXPECTED[name] if name in _EXPECTED else a[0].name)
        if name == "assertDoesNotThrow":
            result = self.invoke(a[0], "execute", [])
            self.note(self.line, HOLDS, "")
            return result
        if name == "assertAll":
            for one in a:
                if not isinstance(one, str):
                    self.invoke(one, "execute", [])
            return None
        if name == "fail":
            if self.guards and self.trace.caught:
                raise Stop("fail-expected")  # what should have thrown before it is unknown
            self.check(False, "fails here")
        counts = {
            "assertEquals": 2, "assertNotEquals": 2, "assertTrue": 1, "assertFalse": 1, "assertNull": 1,
            "assertNotNull": 1, "assertSame": 2, "assertNotSame": 2, "assertArrayEquals": 2, "assertIterableEquals": 2,
            "assertInstanceOf": 2,
        }  # fmt: skip
        count = counts.get(name)
        if count is None:
            raise Stop("assertion:" + name)
        if old and len(a) > count and isinstance(a[0], str):
            a = a[1:]
        delta = a[2] if len(a) > 2 and type(a[2]) is J else None
        self.plain_assertion(name, a, delta)
        return None

    def plain_assertion(self, name: str, a: list[Value], delta: Value) -> None:
        """assertEquals and its kin."""
        if name in ("assertTrue", "assertFalse"):
            if type(a[0]) is not J and not isinstance(a[0], Unknown):
                raise Stop("assertion")
            known = self.answer(a[0])
            result = known if isinstance(known, Unknown) else known == (name == "assertTrue")
            self.check(result, f"expects {'true' if name == 'assertTrue' else 'false'}, but it is not")
            return
        if name in ("assertNull", "assertNotNull"):
            result = (
                Unknown(a[0].why) if isinstance(a[0], Unknown) else (a[0] is None) == (name == "assertNull")
            )
            self.check(
                result,
                lambda: (
                    f"expects {'null' if name == 'assertNull' else 'not null'}, but it is {self.shown(a[0])}"
                ),
            )
            return
        if name in ("assertSame", "assertNotSame"):
            if isinstance(a[0], Unknown) or isinstance(a[1], Unknown):
                self.check(Unknown("identity"), "")
                return
            same = self.identical(box(a[0]), box(a[1]))
            self.check(
                Unknown("identity") if same is None else same == (name == "assertSame"), "another object"
            )
            return
        if name == "assertInstanceOf":
            kind = a[0].name if isinstance(a[0], (JType, JClass)) else "?"
            known_type = None if a[1] is None else self.has_type(box(a[1]), kind)
            self.check(Unknown("instanceof") if known_type is None else known_type, f"is no {kind}")
            return
        same_values = self.junit_equal(a[0], a[1], delta)
        result = same_values
        if name == "assertNotEquals" and not isinstance(same_values, Unknown):
            result = not same_values
        place = (
            f" ({self.last_return[0].rsplit('/', 1)[-1]}:{self.last_return[1]})" if self.last_return else ""
        )
        self.check(
            result, lambda: f"expects {self.shown(a[0])}, but the code gives {self.shown(a[1])}{place}"
        )

    def junit_equal(self, one: Value, other: Value, delta: Value) -> Any:
        """Equality of assertEquals: primitives of the same wider kind, everything else by equals."""
        if isinstance(one, Unknown) or isinstance(other, Unknown):
            self.reason((one if isinstance(one, Unknown) else other).why)
            return Unknown((one if isinstance(one, Unknown) else other).why)
        if type(one) is J and type(other) is J:
            if delta is not None:
                return abs(one.v - other.v) <= delta.v or one.v == other.v
            if one.k == other.k or not (one.boxed or other.boxed):
                return one.v == other.v
            if one.boxed and other.boxed:
                return False
            raise Stop("assert-overload")
        if type(one) is JArray and type(other) is JArray:
            return self.array_equal(one, other)
        return self.equals(box(one), box(other))

    def array_equal(self, one: JArray, other: JArray) -> Any:
        if len(one.items) != len(other.items):
            return False
        answers = [self.junit_equal(x, y, None) for x, y in zip(one.items, other.items, strict=True)]
        return (
            False
            if any(x is False for x in answers)
            else next((x for x in answers if isinstance(x, Unknown)), True)
        )

    def caught(self, function: Value) -> Value:
        """What calling a lambda throws, null if nothing."""
        before = self.risks
        self.guards.append([True])
        height = len(self.guards) - 1
        try:
            self.invoke(function, "execute", [])
        except Thrown as thrown:
            return thrown.value
        finally:
            del self.guards[height:]
        if self.risks > before:
            return Unknown("raises")
        return None

    def assert_throws(self, a: list[Value], exact: bool) -> Value:
        line = self.line
        # A nested class may be named with the one around it; a thrown one knows its own name only.
        kind = a[0].name.rpartition(".")[2] if isinstance(a[0], (JType, JClass)) else None
        found = self.caught(a[1])
        self.line = line
        if kind is None or isinstance(found, Unknown):
            self.check(Unknown("raises"), "")
            return Unknown("raised")
        if found is None:
            self.check(False, f"expects {kind}, but nothing is thrown")
        known = found.klass.name == kind if exact else found.klass.is_a(kind)
        if not known and any(k.opaque for k in found.klass.order()):
            self.check(Unknown("raises"), "")
            return found
        self.check(known, f"expects {kind}, but {found.klass.name} is thrown")
        return found

    # -- AssertJ --------------------------------------------------------------------------------------------------------

    def invoke(self, owner: Value, name: str, arguments: list[Value]) -> Value:
        if type(owner) is AssertThat:
            return self.fluent(owner, name, arguments)
        if type(owner) is ExpectThrown:
            return self.expect_thrown(owner, name, arguments)
        return super().invoke(owner, name, arguments)

    def expect_thrown(self, owner: ExpectThrown, name: str, a: list[Value]) -> Value:
        """`isThrownBy(lambda)`; what it gives is asked about the exception."""
        if name != "isThrownBy" or len(a) != 1:
            raise Stop("assertj:" + name)
        if not owner.kind:
            self.invoke(a[0], "call", [])
            self.note(self.line, HOLDS, "")
            return None
        return AssertThat(self.assert_throws([JType(owner.kind), a[0]], False), self.line)

    def fluent(self, owner: AssertThat, name: str, a: list[Value]) -> Value:
        """One check of an AssertJ chain."""
        if name in ("as", "describedAs", "withFailMessage"):
            return owner
        value = owner.value
        table = FLUENT.get(name)
        if table is None:
            raise Stop("assertj:" + name)
        if isinstance(value, Unknown) or any(isinstance(x, Unknown) for x in a):
            self.check(Unknown("assertj"), "")
            return owner
        place = (
            f" ({self.last_return[0].rsplit('/', 1)[-1]}:{self.last_return[1]})" if self.last_return else ""
        )

        def sentence() -> str:
            wanted = ", ".join(self.shown(x) for x in a)
            return f"{name}({wanted}) does not hold for {self.shown(value)}{place}"

        self.check(table(self, value, a), sentence)
        return owner


Check = Callable[[JavaTestEvaluator, Any, list[Value]], Any]


def _size(value: Value) -> int:
    if isinstance(value, str):
        return len(value)
    if type(value) in (JList, JArray):
        return len(value.items)
    if type(value) is JSet:
        return len(value.map.entries)
    if type(value) is JMap:
        return len(value.entries)
    raise Stop("assertj")


def _items(ev: JavaTestEvaluator, value: Value) -> list[Value]:
    if type(value) is JSet:
        return [k for k, _ in value.map.entries.values()]
    return [box(i) for i in ev.iterate(value)]


def _negate(answer: Any) -> Any:
    return answer if isinstance(answer, Unknown) else not answer


def _contains(ev: JavaTestEvaluator, value: Value, a: list[Value]) -> Any:
    if isinstance(value, str):
        return all(x in value for x in a)
    items = _items(ev, value)
    for wanted in a:
        answers = [ev.equals(box(wanted), i) for i in items]
        if True not in answers:
            return Unknown("element") if any(isinstance(x, Unknown) for x in answers) else False
    return True


def _exactly(ev: JavaTestEvaluator, value: Value, a: list[Value]) -> Any:
    if type(value) is JSet and len(value.map.entries) > 1:
        return ev.all_equal(ev.keys(value.map), [box(x) for x in a])
    return ev.all_equal(_items(ev, value), [box(x) for x in a])


def _order(test: Callable[[int], bool]) -> Check:
    return lambda ev, v, a: test(ev.natural(box(v), box(a[0])))


def _instance(ev: JavaTestEvaluator, value: Value, a: list[Value]) -> Any:
    kind = a[0].name if isinstance(a[0], (JType, JClass)) else "?"
    known = False if value is None else ev.has_type(box(value), kind)
    return Unknown("instanceof") if known is None else known


def _message(test: Callable[[str, str], bool]) -> Check:
    def check(ev: JavaTestEvaluator, value: Value, a: list[Value]) -> Any:
        if type(value) is not JObject:
            return False
        found = ev.invoke(value, "getMessage", [])
        return Unknown("message") if isinstance(found, Unknown) else found is not None and test(found, a[0])

    return check


def _equal(ev: JavaTestEvaluator, value: Value, a: list[Value]) -> Any:
    if type(value) is J and type(a[0]) is J and value.k != a[0].k:
        if value.boxed or a[0].boxed:
            raise Stop("assert-overload")
        return value.v == a[0].v
    if type(value) is JArray and type(a[0]) is JArray:
        return ev.array_equal(value, a[0])
    return ev.equals(box(value), box(a[0]))


FLUENT: dict[str, Check] = {
    "isEqualTo": _equal, "isNotEqualTo": lambda ev, v, a: _negate(_equal(ev, v, a)),
    "isTrue": lambda ev, v, a: type(v) is J and v.v is True, "isFalse": lambda ev, v, a: type(v) is J and v.v is False,
    "isNull": lambda ev, v, a: v is None, "isNotNull": lambda ev, v, a: v is not None,
    "isEmpty": lambda ev, v, a: v.value is None if type(v) is JOptional else _size(v) == 0,
    "isNotEmpty": lambda ev, v, a: v.value is not None if type(v) is JOptional else _size(v) > 0,
    "isPresent": lambda ev, v, a: v.value is not None, "isNotPresent": lambda ev, v, a: v.value is None,
    "hasSize": lambda ev, v, a: _size(v) == a[0].v, "contains": _contains, "containsExactly": _exactly,
    "doesNotContain": lambda ev, v, a: not any(_contains(ev, v, [x]) is True for x in a),
    "startsWith": lambda ev, v, a: v.startswith(a[0]), "endsWith": lambda ev, v, a: v.endswith(a[0]),
    "isGreaterThan": _order(lambda c: c > 0), "isGreaterThanOrEqualTo": _order(lambda c: c >= 0),
    "isLessThan": _order(lambda c: c < 0), "isLessThanOrEqualTo": _order(lambda c: c <= 0),
    "isZero": lambda ev, v, a: v.v == 0, "isPositive": lambda ev, v, a: v.v > 0, "isNegative": lambda ev, v, a: v.v < 0,
    "isInstanceOf": _instance, "hasMessage": _message(lambda x, y: x == y),
    "hasMessageContaining": _message(lambda x, y: y in x), "withMessage": _message(lambda x, y: x == y),
    "withMessageContaining": _message(lambda x, y: y in x), "doesNotThrowAnyException": lambda ev, v, a: v is None, "containsKey": lambda ev, v, a: ev.key(box(a[0])) in v.entries,
}  # fmt: skip
