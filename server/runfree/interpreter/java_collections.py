"""More of java.util: iterators, map entries, sorted maps, queues, and static methods of Collections and Arrays."""

from __future__ import annotations

import math
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.java_values import (
    INTEGRAL,
    J,
    JArray,
    JEntry,
    JFunction,
    JIterator,
    JList,
    JMap,
    JSet,
    JStream,
    boolean,
    box,
    integer,
    wrap,
)
from runfree.interpreter.values import Unknown, Value


def entries(ev: Any, v: JMap) -> list[Value]:
    """The entries of a map in order."""
    return [JEntry(v, k) for k in ev.keys(v)]


def entry_method(ev: Any, owner: JEntry, name: str, a: list[Value]) -> Value:
    """A method of Map.Entry."""
    if name == "getKey":
        return owner.key
    key = ev.key(owner.key)
    if name == "getValue":
        if key not in owner.map.entries:
            raise Stop("entry-removed")
        return owner.map.entries[key][1]
    if name == "setValue":
        if owner.map.frozen:
            raise ev.error("UnsupportedOperationException")
        old = owner.map.entries[key]
        owner.map.entries[key] = (old[0], box(a[0]))
        return old[1]
    if name == "toString":
        parts = [ev.text(owner.key), ev.text(entry_method(ev, owner, "getValue", []))]
        return "=".join(parts) if all(isinstance(p, str) for p in parts) else Unknown("text")
    raise Stop("library:Entry." + name)


def iterator(ev: Any, owner: Value) -> JIterator:
    """The iterator of a list or set."""
    if type(owner) is JList:
        return JIterator(list(owner.items), owner)
    return JIterator(list(ev.iterate(owner)), owner)


def iterator_method(ev: Any, owner: JIterator, name: str, a: list[Value]) -> Value:
    """A method of Iterator."""
    if name == "hasNext":
        return boolean(owner.position < len(owner.items))
    if name == "next":
        check_changes(owner)
        if owner.position >= len(owner.items):
            raise ev.error("NoSuchElementException", Unknown("message"))
        owner.position += 1
        return owner.items[owner.position - 1]
    if name == "remove" and owner.position:
        check_changes(owner)
        if type(owner.source) is JList and owner.source.kind in ("ArrayList", "LinkedList"):
            del owner.items[owner.position - 1]
            owner.position -= 1
            del owner.source.items[owner.position]
            return None
        if type(owner.source) is JSet and not owner.source.map.frozen:
            owner.source.map.entries.pop(ev.key(owner.items[owner.position - 1]), None)
            del owner.items[owner.position - 1]
            owner.position -= 1
            return None
    raise Stop("library:Iterator." + name)


def check_changes(owner: JIterator) -> None:
    """Gives up where a collection was changed under its iterator."""
    source = owner.source
    size = (
        len(source.items)
        if type(source) is JList
        else len(source.map.entries)
        if type(source) is JSet
        else None
    )
    if size is not None and size != len(owner.items):
        raise Stop("concurrent-modification")


def _poll(position: int, remove: bool) -> Any:
    def call(ev: Any, v: JList, a: list[Value]) -> Value:
        if not v.items:
            return None
        return v.items.pop(position) if remove else v.items[position]

    return call


def _only(kinds: tuple[str, ...], method: Any) -> Any:
    def call(ev: Any, v: JList, a: list[Value]) -> Value:
        if v.kind not in kinds:
            raise Stop("library:queue")
        return method(ev, v, a)

    return call


def _push(front: bool, answer: bool) -> Any:
    def call(ev: Any, v: JList, a: list[Value]) -> Value:
        ev.charge(1)
        if len(v.items) >= ev.budget.items:
            raise Stop("budget:items")
        if a[0] is None and v.kind == "ArrayDeque":
            raise ev.error("NullPointerException", Unknown("npe-message"))
        v.items.insert(0 if front else len(v.items), box(a[0]))
        return boolean(True) if answer else None

    return call


def _take(position: int, remove: bool) -> Any:
    def call(ev: Any, v: JList, a: list[Value]) -> Value:
        if not v.items:
            raise ev.error("NoSuchElementException", Unknown("message"))
        return v.items.pop(position) if remove else v.items[position]

    return call


_QUEUES = ("LinkedList", "ArrayDeque")
_DEQUE = {
    "offer": _push(False, True), "offerLast": _push(False, True), "offerFirst": _push(True, True), "addFirst": _push(True, False),
    "addLast": _push(False, False), "poll": _poll(0, True), "pollFirst": _poll(0, True), "pollLast": _poll(-1, True),
    "peek": _poll(0, False), "peekFirst": _poll(0, False), "peekLast": _poll(-1, False), "element": _take(0, False),
    "push": _push(True, False), "pop": _take(0, True), "getFirst": _take(0, False), "getLast": _take(-1, False),
    "removeFirst": _take(0, True), "removeLast": _take(-1, True),
}  # fmt: skip


def _stack(name: str) -> Any:
    def call(ev: Any, v: JList, a: list[Value]) -> Value:
        if name == "push":
            v.items.append(box(a[0]))
            return a[0]
        if not v.items:
            raise ev.error("EmptyStackException")
        return v.items.pop() if name == "pop" else v.items[-1]

    return call


def queue_method(ev: Any, v: JList, name: str, a: list[Value]) -> Any:
    """A method that only queues and stacks have; NotImplemented if it is none."""
    if v.kind in _QUEUES and name in _DEQUE:
        return _DEQUE[name](ev, v, a)
    if v.kind in _QUEUES and name == "remove" and not a:
        return _take(0, True)(ev, v, a)
    if v.kind == "Stack" and name in ("push", "pop", "peek"):
        return _stack(name)(ev, v, a)
    if v.kind == "Stack" and name == "empty":
        return boolean(not v.items)
    if name in _DEQUE and name not in (
        "getFirst",
        "getLast",
        "removeFirst",
        "removeLast",
        "addFirst",
        "addLast",
    ):
        raise Stop("library:queue")
    return NotImplemented


def list_method(ev: Any, v: JList, name: str, a: list[Value]) -> Any:
    """Methods of lists that are not in the table; NotImplemented if it is none."""
    if name in ("iterator", "listIterator") and not a:
        return iterator(ev, v)
    if name == "lastIndexOf":
        for position in range(len(v.items) - 1, -1, -1):
            same = ev.equals(box(a[0]), v.items[position]) if a[0] is not None else v.items[position] is None
            if isinstance(same, Unknown):
                raise Stop("element")
            if same:
                return integer(position)
        return integer(-1)
    if name == "containsAll":
        answers = [[ev.equals(w, i) for i in v.items] for w in ev.iterate(a[0])]
        if any(isinstance(x, Unknown) for row in answers for x in row):
            return Unknown("element")
        return boolean(all(True in row for row in answers))
    if name in ("removeAll", "retainAll") and v.kind in ("ArrayList", "LinkedList"):
        other = list(ev.iterate(a[0]))
        kept = []
        for item in v.items:
            answers_one = [ev.equals(o, item) if o is not None else item is None for o in other]
            if any(isinstance(x, Unknown) for x in answers_one):
                raise Stop("element")
            if (True in answers_one) == (name == "retainAll"):
                kept.append(item)
        changed = len(kept) != len(v.items)
        v.items[:] = kept
        return boolean(changed)
    if name == "replaceAll" and v.kind not in ("immutable", "unmodifiable", "view"):
        v.items[:] = [box(ev.invoke(a[0], "apply", [i])) for i in v.items]
        return None
    if name == "hashCode" and not a:
        hashes = [ev.hash_of(i) for i in v.items]
        if any(h is None for h in hashes):
            return Unknown("hashCode")
        total = 1
        for one in hashes:
            total = wrap("int", 31 * total + one)
        return integer(total)
    if name == "ensureCapacity" or name == "trimToSize":
        return None
    return NotImplemented


def map_method(ev: Any, v: JMap, name: str, a: list[Value]) -> Any:
    """Methods of maps that are not in the table; NotImplemented if it is none."""
    if name == "entrySet":
        return JList(entries(ev, v), "view")
    if name == "putAll" and type(a[0]) is JMap:
        if v.frozen:
            raise ev.error("UnsupportedOperationException")
        for key, value in list(a[0].entries.values()):
            old = v.entries.get(ev.key(key))
            v.entries[ev.key(key)] = (old[0] if old else key, value)
        return None
    if name in ("compute", "computeIfPresent"):
        if v.frozen:
            raise ev.error("UnsupportedOperationException")
        key = box(a[0])
        old = v.entries.get(ev.key(key))
        if name == "computeIfPresent" and (old is None or old[1] is None):
            return None
        fresh = box(ev.invoke(a[1], "apply", [key, old[1] if old else None]))
        if fresh is None:
            v.entries.pop(ev.key(key), None)
        else:
            v.entries[ev.key(key)] = (old[0] if old else key, fresh)
        return fresh
    if name == "replaceAll" and not v.frozen:
        for key in ev.keys(v):
            value = ev.invoke(a[0], "apply", [key, v.entries[ev.key(key)][1]])
            v.entries[ev.key(key)] = (key, box(value))
        return None
    if v.kind == "TreeMap":
        return sorted_map_method(ev, v, name, a)
    return NotImplemented


def sorted_map_method(ev: Any, v: JMap, name: str, a: list[Value]) -> Any:
    """Methods of TreeMap; NotImplemented if it is none."""
    if name in ("firstKey", "lastKey"):
        keys = ev.keys(v)
        if not keys:
            raise ev.error("NoSuchElementException", Unknown("message"))
        return keys[0 if name == "firstKey" else -1]
    if name in ("firstEntry", "lastEntry"):
        keys = ev.keys(v)
        return JEntry(v, keys[0 if name == "firstEntry" else -1]) if keys else None
    found = nearest(ev, ev.keys(v), name.removesuffix("Key").removesuffix("Entry"), a)
    if found is NotImplemented:
        return NotImplemented
    return JEntry(v, found) if name.endswith("Entry") and found is not None else found


def nearest(ev: Any, keys: list[Value], name: str, a: list[Value]) -> Any:
    """floor, ceiling, lower, higher among sorted keys; NotImplemented for other names."""
    tests = {"floor": (-1, 0), "lower": (-1,), "ceiling": (1, 0), "higher": (1,)}
    if name not in tests or len(a) != 1:
        return NotImplemented
    key = box(a[0])
    fitting = [k for k in keys if (lambda c: (c > 0) - (c < 0))(ev.natural(k, key)) in tests[name]]
    if not fitting:
        return None
    return fitting[-1] if name in ("floor", "lower") else fitting[0]


def set_method(ev: Any, v: JSet, name: str, a: list[Value]) -> Any:
    """Methods of sets that are not in the table; NotImplemented if it is none."""
    if name == "iterator":
        return iterator(ev, v)
    if name in ("first", "last") and v.map.kind == "TreeMap":
        keys = ev.keys(v.map)
        if not keys:
            raise ev.error("NoSuchElementException", Unknown("message"))
        return keys[0 if name == "first" else -1]
    if name in ("removeAll", "retainAll") and not v.map.frozen:
        other = {ev.key(i) for i in ev.iterate(a[0])}
        gone = [k for k in v.map.entries if (k in other) == (name == "removeAll")]
        for key in gone:
            del v.map.entries[key]
        return boolean(bool(gone))
    if name == "toArray":
        return JArray("Object", ev.keys(v.map))
    if name == "hashCode":
        hashes = [ev.hash_of(k) for k, _ in v.map.entries.values()]
        return Unknown("hashCode") if None in hashes else integer(sum(h for h in hashes if h is not None))
    if v.map.kind == "TreeMap":
        return nearest(ev, ev.keys(v.map), name, a)
    return NotImplemented


def _copy_range(ev: Any, _: Value, a: list[Value]) -> Value:
    items, low, high = a[0].items, a[1].v, a[2].v
    if low > high:
        raise ev.error("IllegalArgumentException", f"{low} > {high}")
    if not 0 <= low <= len(items):
        raise ev.error("ArrayIndexOutOfBoundsException", Unknown("message"))
    ev.charge(high - low)
    kept = items[low : min(high, len(items))]
    return JArray(a[0].element, kept + [ev.zero(a[0].element) for _ in range(high - low - len(kept))])


def _array_copy(ev: Any, _: Value, a: list[Value]) -> Value:
    source, start, into, at, count = a[0], a[1].v, a[2], a[3].v, a[4].v
    if source is None or into is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    if type(source) is not JArray or type(into) is not JArray:
        raise Stop("arraycopy")
    if min(start, at, count) < 0 or start + count > len(source.items) or at + count > len(into.items):
        raise ev.error("ArrayIndexOutOfBoundsException", Unknown("message"))
    ev.charge(count)
    into.items[at : at + count] = source.items[start : start + count]
    return None


def _unmodifiable(ev: Any, _: Value, a: list[Value]) -> Value:
    # A view: what is written to the collection below shows, so only a copy that nobody writes to may stand for it.
    if type(a[0]) is JList:
        return JList(a[0].items, "unmodifiable")
    if type(a[0]) is JSet:
        fresh = JSet(a[0].map.kind)
        fresh.map.entries, fresh.map.frozen = a[0].map.entries, True
        return fresh
    if type(a[0]) is JMap:
        view = JMap(a[0].kind)
        view.entries, view.frozen = a[0].entries, True
        return view
    if a[0] is None:
        raise ev.error("NullPointerException", Unknown("npe-message"))
    raise Stop("unmodifiable")


def _collections_add_all(ev: Any, _: Value, a: list[Value]) -> Value:
    items = list(a[1].items) if len(a) == 2 and type(a[1]) is JArray else a[1:]
    answers = [ev.invoke(a[0], "add", [i]) for i in items]
    if any(type(x) is not J for x in answers):
        raise Stop("addAll")
    return boolean(any(x.v for x in answers))


def _extreme(sign: int) -> Any:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        items = ev.ordered(list(ev.iterate(a[0])), a[1] if len(a) > 1 else None)
        if not items:
            raise ev.error("NoSuchElementException", Unknown("message"))
        if sign < 0:
            return items[0]
        # The first of the greatest ones.
        best = items[-1]
        for item in items:
            if len(a) == 1 and ev.natural(item, best) == 0:
                return item
        return best

    return call


def _n_copies(ev: Any, _: Value, a: list[Value]) -> Value:
    if a[0].v < 0:
        raise ev.error("IllegalArgumentException", Unknown("message"))
    ev.charge(a[0].v)
    return JList([box(a[1])] * a[0].v, "immutable")


def _hash(ev: Any, _: Value, a: list[Value]) -> Value:
    items = list(a[0].items) if len(a) == 1 and type(a[0]) is JArray else [box(x) for x in a]
    return list_method(ev, JList(items), "hashCode", [])


def _array_hash(ev: Any, _: Value, a: list[Value]) -> Value:
    return (
        integer(0) if a[0] is None else list_method(ev, JList([box(x) for x in a[0].items]), "hashCode", [])
    )


def _deep_text(ev: Any, _: Value, a: list[Value]) -> Value:
    def show(value: Value) -> Any:
        if type(value) is not JArray:
            return ev.text(value)
        parts = [show(i) for i in value.items]
        return "[" + ", ".join(parts) + "]" if all(isinstance(p, str) for p in parts) else Unknown("text")

    return show(a[0])


def _swap(ev: Any, _: Value, a: list[Value]) -> Value:
    items = a[0].items
    for index in (a[1].v, a[2].v):
        ev.bounds(index, len(items))
    items[a[1].v], items[a[2].v] = items[a[2].v], items[a[1].v]
    return None


def _fill_range(ev: Any, _: Value, a: list[Value]) -> Value:
    array = a[0]
    if len(a) == 2:
        array.items[:] = [ev.coerce(a[1], array.element) for _ in array.items]
        return None
    low, high = a[1].v, a[2].v
    if not 0 <= low <= high <= len(array.items):
        raise ev.error("ArrayIndexOutOfBoundsException", Unknown("message"))
    array.items[low:high] = [ev.coerce(a[3], array.element) for _ in range(high - low)]
    return None


def _stream_range(ev: Any, _: Value, a: list[Value]) -> Value:
    if type(a[0]) is not JArray:
        raise Stop("stream")
    kind = a[0].element if a[0].element in ("int", "long", "double") else ""
    items = a[0].items if len(a) == 1 else a[0].items[a[1].v : a[2].v]
    return JStream(list(items), kind)


def _entry(ev: Any, _: Value, a: list[Value]) -> Value:
    holder = JMap("LinkedHashMap")
    holder.entries[ev.key(box(a[0]))] = (box(a[0]), box(a[1]))
    holder.frozen = True
    return JEntry(holder, box(a[0]))


def _map_of_entries(ev: Any, _: Value, a: list[Value]) -> Value:
    made = JMap("unordered")
    for item in a:
        if type(item) is not JEntry:
            raise Stop("entries")
        made.entries[ev.key(item.key)] = (item.key, entry_method(ev, item, "getValue", []))
    made.frozen = True
    return made


def _power(ev: Any, _: Value, a: list[Value]) -> Value:
    base, exponent = (float(ev.unboxed(x).v) for x in a)
    whole = base.is_integer() and exponent.is_integer() and 0 <= exponent <= 1100 and abs(base) < 2**53
    if whole and (abs(base) <= 1 or exponent * math.log2(abs(base)) < 53):
        return J("double", float(int(base) ** int(exponent)))
    return Unknown("Math.pow", kind="double")


def _signum(ev: Any, _: Value, a: list[Value]) -> Value:
    value = ev.unboxed(a[0])
    if value.k == "float":
        return Unknown("Math.signum", kind="float")
    number = float(value.v)
    return J("double", number if number == 0 or number != number else math.copysign(1.0, number))


def _floor_div(ev: Any, _: Value, a: list[Value]) -> Value:
    one, other = ev.unboxed(a[0]), ev.unboxed(a[1])
    if other.v == 0:
        raise ev.error("ArithmeticException", "/ by zero")
    kind = "long" if "long" in (one.k, other.k) else "int"
    return J(kind, wrap(kind, one.v // other.v))


def _exact_one(change: Any) -> Any:
    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        value = ev.unboxed(a[0])
        kind = "long" if value.k == "long" else "int"
        result = change(value.v)
        if wrap(kind, result) != result:
            raise ev.error("ArithmeticException", "integer overflow" if kind == "int" else "long overflow")
        return J(kind, result)

    return call


def _to_int_exact(ev: Any, _: Value, a: list[Value]) -> Value:
    value = ev.unboxed(a[0]).v
    if wrap("int", value) != value:
        raise ev.error("ArithmeticException", "integer overflow")
    return integer(value)


def _unknown_number(name: str) -> Any:
    return lambda ev, _, a: Unknown("Math." + name, kind="double")


def _radix(digits: str) -> Any:
    base = {"Binary": 2, "Octal": 8, "Hex": 16}[digits]
    form = {2: "b", 8: "o", 16: "x"}[base]

    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        value = ev.unboxed(a[0])
        bits = 64 if value.k == "long" else 32
        return format(value.v & ((1 << bits) - 1), form)

    return call


def _bits(name: str, kind: str) -> Any:
    size = INTEGRAL[kind]

    def call(ev: Any, _: Value, a: list[Value]) -> Value:
        plain = ev.unboxed(a[0]).v & ((1 << size) - 1)
        answers = {
            "bitCount": plain.bit_count(),
            "numberOfLeadingZeros": size - plain.bit_length(),
            "numberOfTrailingZeros": (plain & -plain).bit_length() - 1 if plain else size,
        }
        return integer(answers[name])

    return call


STATIC_METHODS = {
    "Arrays.copyOfRange": _copy_range, "System.arraycopy": _array_copy, "Collections.unmodifiableList": _unmodifiable,
    "Collections.unmodifiableSet": _unmodifiable, "Collections.unmodifiableMap": _unmodifiable,
    "Collections.unmodifiableCollection": _unmodifiable, "Collections.addAll": _collections_add_all,
    "Collections.max": _extreme(1), "Collections.min": _extreme(-1), "Collections.nCopies": _n_copies, "Objects.hash": _hash,
    "Arrays.hashCode": _array_hash, "Arrays.deepToString": _deep_text, "Collections.swap": _swap, "Arrays.fill": _fill_range,
    "Arrays.stream": _stream_range, "Map.entry": _entry, "Map.ofEntries": _map_of_entries,
    "Objects.hashCode": lambda ev, _, a: (lambda h: Unknown("hashCode") if h is None else integer(h))(ev.hash_of(a[0])),
    "Collections.singleton": lambda ev, _, a: _single(ev, a[0]), "Math.pow": _power, "Math.signum": _signum,
    "Math.floorDiv": _floor_div, "Math.negateExact": _exact_one(lambda v: -v), "Math.incrementExact": _exact_one(lambda v: v + 1),
    "Math.decrementExact": _exact_one(lambda v: v - 1), "Math.toIntExact": _to_int_exact,
    **{f"Math.{n}": _unknown_number(n) for n in (
        "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "log", "log10", "cbrt", "hypot", "random", "sinh", "cosh",
        "tanh", "toRadians", "toDegrees", "log1p", "expm1", "ulp", "rint",
    )},
    **{f"{b}.to{d}String": _radix(d) for b in ("Integer", "Long") for d in ("Binary", "Octal", "Hex")},
    **{f"{b}.{n}": _bits(n, k) for b, k in (("Integer", "int"), ("Long", "long")) for n in (
        "bitCount", "numberOfLeadingZeros", "numberOfTrailingZeros",
    )},
    "Double.compare": lambda ev, _, a: integer(_compare_doubles(float(a[0].v), float(a[1].v))),
    "Double.isNaN": lambda ev, _, a: boolean(a[0].v != a[0].v),
    "Double.isInfinite": lambda ev, _, a: boolean(math.isinf(a[0].v)), "Double.isFinite": lambda ev, _, a: boolean(math.isfinite(a[0].v)),
    "Integer.signum": lambda ev, _, a: integer((a[0].v > 0) - (a[0].v < 0)),
    "Long.signum": lambda ev, _, a: integer((a[0].v > 0) - (a[0].v < 0)),
    "Integer.hashCode": lambda ev, _, a: integer(a[0].v), "System.nanoTime": lambda ev, _, a: Unknown("clock", kind="long"),
    "System.currentTimeMillis": lambda ev, _, a: Unknown("clock", kind="long"),
    "System.getProperty": lambda ev, _, a: Unknown("property", kind="String"),
    "Boolean.compare": lambda ev, _, a: integer(int(a[0].v) - int(a[1].v)), "Thread.currentThread": lambda ev, _, a: Unknown("thread"),
    "UnaryOperator.identity": lambda ev, _, a: JFunction(lambda e, b: b[0]),
}  # fmt: skip


def _single(ev: Any, value: Value) -> Value:
    made = JSet("LinkedHashMap")
    made.map.entries[ev.key(box(value))] = (box(value), None)
    made.map.frozen = True
    return made


def _compare_doubles(one: float, other: float) -> int:
    """Double.compare: NaN is the greatest, -0.0 below 0.0."""

    def rank(v: float) -> tuple[int, float, float]:
        return (1, 0.0, 0.0) if v != v else (0, v, math.copysign(1.0, v) if v == 0 else 0.0)

    return (rank(one) > rank(other)) - (rank(one) < rank(other))


METHODS = {JEntry: entry_method, JIterator: iterator_method}
EXTRA = {JMap: map_method, JSet: set_method}
