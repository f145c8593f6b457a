"""functools and itertools over the evaluator's own functions and iterators."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassValue,
    FunctionValue,
    Instance,
    IteratorValue,
    Property,
    Unknown,
    Value,
)

Call = Callable[[Any, list[Value], dict[str, Value]], Value]


def _partial(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    function, given = a[0], list(a[1:])
    return Builtin("partial", lambda e, b, kw: e.call(function, [*given, *b], {**k, **kw}))


def _reduce(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    source = iter(ev.iterate(a[1]))
    total = a[2] if len(a) > 2 else next(source, MISSING)
    if total is MISSING:
        raise ev.error("TypeError", "reduce() of empty iterable with no initial value")
    for item in source:
        ev.step()
        total = ev.call(a[0], [total, item], {})
    return total


def _wraps(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    def apply(e: Any, b: list[Value], _: dict[str, Value]) -> Value:
        inner, outer = a[0], b[0]
        if type(outer) is FunctionValue and type(inner) is FunctionValue:
            outer.name = inner.name
            outer.attrs.update(inner.attrs)
            outer.attrs["__wrapped__"] = inner
        return outer

    return Builtin("wraps", apply)


def _update_wrapper(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if len(a) != 2 or k or type(a[0]) is not FunctionValue:
        return ev.call_unknown(Unknown("update_wrapper"), a, k)
    return ev.call(_wraps(ev, a[1:], {}), a[:1], {})


def _cache(function: Value) -> Value:
    """A memoised function: exact for arguments that are plain data."""
    known: dict[Any, Value] = {}

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        key = None
        if all(type(v) is not Unknown for v in (*a, *k.values())):
            key = (tuple(ev.key(v) for v in a), tuple((n, ev.key(v)) for n, v in k.items()))
            # 1 and 1.0 share an entry in Python as well.
            if key in known:
                return known[key]
        result = ev.call(function, a, k)
        if key is not None:
            known[key] = result
        return result

    def clear(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        known.clear()

    call.attrs = {"cache_clear": Builtin("cache_clear", clear), "__wrapped__": function}  # type: ignore[attr-defined]
    return Builtin(getattr(function, "name", "cached"), call, binds=True)


def _lru_cache(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if a and type(a[0]) is FunctionValue:
        return _cache(a[0])
    return Builtin("lru_cache", lambda e, b, _: _cache(b[0]))


def _total_ordering(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    klass = a[0]
    if not isinstance(klass, ClassValue):
        return klass
    roots = [n for n in ("__lt__", "__le__", "__gt__", "__ge__") if n in klass.namespace]
    if not roots:
        raise ev.error("ValueError", "must define at least one ordering operation: < > <= >=")
    root = roots[0]

    def less(e: Any, x: Value, y: Value) -> bool:
        own = klass.namespace[root]
        return bool(e.truth(e.call(own, [x, y], {})))

    def same(e: Any, x: Value, y: Value) -> bool:
        return bool(e.truth(e.equal(x, y)))

    rules: dict[str, dict[str, Callable[[Any, Value, Value], bool]]] = {
        "__lt__": {
            "__gt__": lambda e, x, y: not less(e, x, y) and not same(e, x, y),
            "__le__": lambda e, x, y: less(e, x, y) or same(e, x, y),
            "__ge__": lambda e, x, y: not less(e, x, y),
        },
        "__le__": {
            "__ge__": lambda e, x, y: not less(e, x, y) or same(e, x, y),
            "__lt__": lambda e, x, y: less(e, x, y) and not same(e, x, y),
            "__gt__": lambda e, x, y: not less(e, x, y),
        },
        "__gt__": {
            "__lt__": lambda e, x, y: not less(e, x, y) and not same(e, x, y),
            "__ge__": lambda e, x, y: less(e, x, y) or same(e, x, y),
            "__le__": lambda e, x, y: not less(e, x, y),
        },
        "__ge__": {
            "__le__": lambda e, x, y: not less(e, x, y) or same(e, x, y),
            "__gt__": lambda e, x, y: less(e, x, y) and not same(e, x, y),
            "__lt__": lambda e, x, y: not less(e, x, y),
        },
    }
    for name, rule in rules[root].items():
        if klass.namespace.get(name) is None:
            klass.namespace[name] = Builtin(name, _rule(rule), binds=True)
    return klass


def _rule(rule: Callable[[Any, Value, Value], bool]) -> Call:
    return lambda ev, a, k: rule(ev, a[0], a[1])


def _cmp_to_key(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    function = a[0]
    klass = ClassValue("K", [])
    klass.namespace["__lt__"] = Builtin(
        "__lt__",
        lambda e, b, _: e.order("<", e.call(function, [b[0].attrs["obj"], b[1].attrs["obj"]], {}), 0),
        binds=True,
    )

    def wrap(e: Any, b: list[Value], _: dict[str, Value]) -> Value:
        made = Instance(klass)
        made.attrs["obj"] = b[0]
        return made

    return Builtin("cmp_to_key", wrap)


FUNCTOOLS: dict[str, Value] = {
    "partial": Builtin("partial", _partial), "reduce": Builtin("reduce", _reduce), "wraps": Builtin("wraps", _wraps),
    "update_wrapper": Builtin("update_wrapper", _update_wrapper),
    "lru_cache": Builtin("lru_cache", _lru_cache), "cache": Builtin("cache", lambda ev, a, k: _cache(a[0])),
    "cached_property": Builtin("cached_property", lambda ev, a, k: Property(a[0], cached="?")),
    "total_ordering": Builtin("total_ordering", _total_ordering), "cmp_to_key": Builtin("cmp_to_key", _cmp_to_key),
}  # fmt: skip


# -- itertools ------------------------------------------------------------------------------------------------------------


def _lazy(name: str, make: Callable[[Any, list[Value], dict[str, Value]], Iterator[Value]]) -> Builtin:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        return IteratorValue(_stepped(ev, make(ev, a, k)), name)

    return Builtin("itertools." + name, call)


def _stepped(ev: Any, source: Iterator[Value]) -> Iterator[Value]:
    for item in source:
        ev.step()
        yield item


def _chain(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    for source in a:
        yield from ev.iterate(source)


def _chain_iterable(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return IteratorValue(_stepped(ev, (i for s in ev.iterate(a[0]) for i in ev.iterate(s))), "chain")


def _islice(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    if any(v is not None and not isinstance(v, int) for v in a[1:]):
        raise Stop("islice")
    return itertools.islice(ev.iterate(a[0]), *a[1:])


def _accumulate(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    total = k.get("initial", MISSING)
    function = a[1] if len(a) > 1 else k.get("func")
    if total is not MISSING:
        yield total
    for item in ev.iterate(a[0]):
        if total is MISSING:
            total = item
        else:
            total = ev.binary("+", total, item) if function is None else ev.call(function, [total, item], {})
        yield total


def _combine(name: str) -> Callable[[Any, list[Value], dict[str, Value]], Iterator[Value]]:
    def make(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
        function = getattr(itertools, name)
        if name == "product":
            repeat = k.get("repeat", 1)
            if not isinstance(repeat, int) or repeat > 20:
                raise Stop("budget:items")
            return iter(function(*[ev.collect(v) for v in a], repeat=repeat))
        rest = [*a[1:], *k.values()]
        if any(v is not None and (not isinstance(v, int) or v > 1000) for v in rest):
            raise Stop("budget:items")
        return iter(function(ev.collect(a[0]), *rest))

    return make


def _groupby(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    key = a[1] if len(a) > 1 else k.get("key")
    groups: list[tuple[Value, list[Value]]] = []
    for item in ev.collect(a[0]):
        value = item if key is None else ev.call(key, [item], {})
        if groups and ev.truth(ev.equal(groups[-1][0], value)):
            groups[-1][1].append(item)
        else:
            groups.append((value, [item]))
    return ((value, IteratorValue(iter(items))) for value, items in groups)


def _takewhile(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    for item in ev.iterate(a[1]):
        if not ev.truth(ev.call(a[0], [item], {})):
            return
        yield item


def _dropwhile(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    dropping = True
    for item in ev.iterate(a[1]):
        dropping = dropping and ev.truth(ev.call(a[0], [item], {}))
        if not dropping:
            yield item


def _count(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    start = a[0] if a else k.get("start", 0)
    step = a[1] if len(a) > 1 else k.get("step", 1)
    if type(start) not in (int, float) or type(step) not in (int, float):
        raise Stop("itertools.count")
    return iter(itertools.count(start, step))


def _repeat(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    times = a[1] if len(a) > 1 else k.get("times", MISSING)
    if times is not MISSING and not isinstance(times, int):
        raise Stop("itertools.repeat")
    return iter(itertools.repeat(a[0], times) if isinstance(times, int) else itertools.repeat(a[0]))


def _zip_longest(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    return iter(itertools.zip_longest(*[ev.iterate(v) for v in a], fillvalue=k.get("fillvalue")))


def _starmap(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    return (ev.call(a[0], ev.collect(v), {}) for v in ev.iterate(a[1]))


def _pairwise(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    return iter(itertools.pairwise(ev.iterate(a[0])))


def _filterfalse(ev: Any, a: list[Value], k: dict[str, Value]) -> Iterator[Value]:
    return (v for v in ev.iterate(a[1]) if not ev.truth(v if a[0] is None else ev.call(a[0], [v], {})))


_LAZY: dict[str, Callable[[Any, list[Value], dict[str, Value]], Iterator[Value]]] = {
    "islice": _islice, "accumulate": _accumulate, "groupby": _groupby, "takewhile": _takewhile,
    "dropwhile": _dropwhile, "count": _count, "repeat": _repeat, "zip_longest": _zip_longest, "starmap": _starmap,
    "pairwise": _pairwise, "filterfalse": _filterfalse, "cycle": lambda ev, a, k: itertools.cycle(ev.collect(a[0])),
    **{n: _combine(n) for n in ("product", "permutations", "combinations", "combinations_with_replacement")},
}  # fmt: skip
ITERTOOLS: dict[str, Value] = {n: _lazy(n, f) for n, f in _LAZY.items()}
_CHAIN = _lazy("chain", _chain)
_CHAIN.call.attrs = {"from_iterable": Builtin("chain.from_iterable", _chain_iterable)}  # type: ignore[attr-defined]
ITERTOOLS["chain"] = _CHAIN
