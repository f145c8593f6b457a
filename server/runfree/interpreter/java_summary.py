"""IntSummaryStatistics and LongSummaryStatistics, which count what they are given."""

from __future__ import annotations

from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.java_values import J, JStream, wrap
from runfree.interpreter.values import Unknown, Value


class JSummary:
    """Statistics over whole numbers; `kind` is that of the smallest and the largest one."""

    __slots__ = ("count", "kind", "least", "most", "total")

    def __init__(self, kind: str) -> None:
        bits = 31 if kind == "int" else 63
        self.kind = kind
        self.count = 0
        self.total = 0
        self.least = 2**bits - 1
        self.most = -(2**bits)

    def accept(self, value: int) -> None:
        """One more number."""
        self.count += 1
        self.total = wrap("long", self.total + value)
        self.least = min(self.least, value)
        self.most = max(self.most, value)


def summary_method(ev: Any, owner: JSummary, name: str, a: list[Value]) -> Value:
    """A method of the statistics."""
    if name == "accept" and len(a) == 1:
        value = ev.coerce(a[0], owner.kind)
        if isinstance(value, Unknown):
            raise Stop("unknown-argument:" + value.why)
        owner.accept(value.v)
        return None
    if a:
        raise Stop("library:SummaryStatistics." + name)
    if name == "getCount":
        return J("long", owner.count)
    if name == "getSum":
        return J("long", owner.total)
    if name == "getMin":
        return J(owner.kind, owner.least)
    if name == "getMax":
        return J(owner.kind, owner.most)
    if name == "getAverage":
        return J("double", float(owner.total) / owner.count if owner.count else 0.0)
    raise Stop("library:SummaryStatistics." + name)


def summarise(ev: Any, stream: JStream, a: list[Value]) -> Value:
    """`summaryStatistics()` of a stream of whole numbers."""
    if stream.kind not in ("int", "long"):
        return Unknown("library:summaryStatistics")
    made = JSummary(stream.kind)
    for item in stream.items:
        made.accept(item.v)
    return made


METHODS: dict[type, Any] = {JSummary: summary_method}
NEW = {
    "IntSummaryStatistics": lambda: JSummary("int"),
    "LongSummaryStatistics": lambda: JSummary("long"),
}
