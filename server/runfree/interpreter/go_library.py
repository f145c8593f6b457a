"""Go's predeclared functions, and the parts of its standard library that tests really use."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.go_evaluator import GoEvaluator
from runfree.interpreter.go_format import float_text, quote, sprint, sprintf
from runfree.interpreter.go_natives import BUFFER, BUILDER, MUTEX, ErrorValue, error, wrapped
from runfree.interpreter.go_regexp import MEMBERS
from runfree.interpreter.go_semantics import GoPanic
from runfree.interpreter.go_types import (
    FLOAT64,
    INT_BITS,
    NIL_VALUE,
    UINT8,
    UNIVERSE,
    UNTYPED_FLOAT,
    UNTYPED_INT,
    G,
    GoBuiltin,
    GoType,
    MapData,
    SliceData,
    boolean,
    from_bytes,
    integer,
    strings,
    text,
    to_bytes,
)
from runfree.interpreter.values import Unknown, Value

Call = Callable[[Any, list[Value]], Value]
INT32, INT64, UINT64 = UNIVERSE["int32"], UNIVERSE["int64"], UNIVERSE["uint64"]
LIBRARY: dict[str, dict[str, Value]] = {}


def known(values: list[Value]) -> Unknown | None:
    """The first unknown argument."""
    return next((v for v in values if isinstance(v, Unknown)), None)


def plain(name: str, function: Any) -> GoBuiltin:
    """A function over the data of known basic values; it gives a Go value."""

    def call(ev: GoEvaluator, a: list[Value]) -> Value:
        unknown = known(a)
        if unknown is not None:
            ev.reason(unknown.why)
            return Unknown(unknown.why, unknown.label)
        if any(type(v) is not G for v in a):
            raise Stop("library:" + name)
        ev.charge(sum(len(v.v) for v in a if isinstance(v.v, str)) + 1)
        try:
            return function(*[v.v for v in a])
        except (TypeError, ValueError, OverflowError) as problem:
            raise Stop("library:" + name) from problem

    return GoBuiltin(name, call)


# -- predeclared ------------------------------------------------------------------------------------------------------


def _len(ev: GoEvaluator, a: list[Value]) -> Value:
    value = a[0]
    if isinstance(value, Unknown):
        return Unknown(value.why, value.label)
    if type(value) is not G:
        raise Stop("does-not-compile")
    if value.t.kind == "pointer":
        value = ev.deref(value)
    if value.v is None:
        return integer(0)
    if isinstance(value.v, str):
        return integer(len(to_bytes(value.v)))
    if isinstance(value.v, SliceData):
        return integer(value.v.length)
    if isinstance(value.v, MapData):
        return integer(len(value.v.entries))
    if isinstance(value.v, list):
        return integer(len(value.v))
    raise Stop("len")


def _cap(ev: GoEvaluator, a: list[Value]) -> Value:
    value = a[0]
    if type(value) is G and isinstance(value.v, SliceData):
        # The capacity after append is the runtime's choice.
        return integer(value.v.cap) if value.v.cap == value.v.length else Unknown("cap")
    if type(value) is G and value.t.kind == "slice":
        return integer(0)
    raise Stop("cap")


def _append(ev: GoEvaluator, a: list[Value]) -> Value:
    base = a[0]
    if isinstance(base, Unknown):
        return Unknown(base.why, base.label)
    if type(base) is not G or base.t.kind != "slice" or base.t.elem is None:
        if type(base) is G and base.t.kind == "nil":
            raise Stop("does-not-compile")
        raise Stop("append")
    elem = base.t.elem
    fresh = [ev.copy(ev.coerce(v, elem)) for v in a[1:]]
    data = base.v if base.v is not None else SliceData([])
    if base.v is None and not fresh:
        return base
    total = data.length + len(fresh)
    ev.charge(len(fresh) + 1)
    if total > ev.budget.items:
        raise Stop("budget:items")
    if total <= data.cap:
        start = data.offset + data.length
        while len(data.array) < start + len(fresh):
            data.array.append(None)
        data.array[start : start + len(fresh)] = fresh
        return G(base.t, SliceData(data.array, data.offset, total, data.cap))
    ev.charge(data.length)
    # The new array is exactly as long as needed: whoever appends to it again gets another one, as with any growth
    # that the program cannot see; what it can see (`cap`, shared spare room) is unknown or rare.
    grown = max(total, data.cap * 2 if data.cap < 256 else data.cap + data.cap // 4)
    return G(base.t, SliceData(data.items() + fresh, 0, total, grown))


def _copy(ev: GoEvaluator, a: list[Value]) -> Value:
    into, source = a
    if type(into) is not G or type(source) is not G:
        raise Stop("copy")
    items = [G(UINT8, b) for b in to_bytes(source.v)] if isinstance(source.v, str) else (
        source.v.items() if source.v is not None else []
    )  # fmt: skip
    count = min(len(items), into.v.length if into.v is not None else 0)
    ev.charge(count)
    if count:
        into.v.array[into.v.offset : into.v.offset + count] = [ev.copy(i) for i in items[:count]]
    return integer(count)


def _delete(ev: GoEvaluator, a: list[Value]) -> Value:
    if type(a[0]) is not G or a[0].t.key is None:
        raise Stop("delete")
    if a[0].v is not None:
        a[0].v.entries.pop(ev.map_key(ev.coerce(a[1], a[0].t.key)), None)
    return None


def _panic(ev: GoEvaluator, a: list[Value]) -> Value:
    raise ev.throw(GoPanic(ev.coerce(a[0], UNIVERSE["any"])))


def _recover(ev: GoEvaluator, a: list[Value]) -> Value:
    thrown = ev.panics[-1] if ev.panics else None
    if thrown is None:
        return NIL_VALUE
    if not isinstance(thrown.value, GoPanic):
        raise Stop("recover")
    ev.panics[-1] = None
    if thrown.value.message:
        return error(thrown.value.message)
    return thrown.value.value


def _extreme(op: str) -> Call:
    def call(ev: GoEvaluator, a: list[Value]) -> Value:
        best = a[0]
        for value in a[1:]:
            best = value if ev.truth(ev.compare(op, value, best)) else best
        return best

    return call


def _clear(ev: GoEvaluator, a: list[Value]) -> Value:
    if type(a[0]) is G and isinstance(a[0].v, MapData):
        a[0].v.entries.clear()
        return None
    raise Stop("clear")


def _silent(ev: GoEvaluator, a: list[Value]) -> Value:
    return None


BUILTINS: dict[str, Value] = {
    name: GoBuiltin(name, call)
    for name, call in {
        "len": _len, "cap": _cap, "append": _append, "copy": _copy, "delete": _delete, "panic": _panic,
        "recover": _recover, "min": _extreme("<"), "max": _extreme(">"), "clear": _clear, "print": _silent,
        "println": _silent,
    }.items()
}  # fmt: skip

# -- strings ------------------------------------------------------------------------------------------------------------


def _byte_index(value: str, found: int) -> int:
    return found if found < 0 else len(to_bytes(value[:found]))


def _split(value: str, separator: str, limit: int = -1) -> Value:
    if separator == "":
        parts = list(value)
        if 0 < limit < len(parts):
            parts = [*parts[: limit - 1], "".join(parts[limit - 1 :])]
        return strings(parts) if limit else G(strings([]).t, None)
    if limit == 0:
        return G(strings([]).t, None)
    return strings(value.split(separator, limit - 1 if limit > 0 else -1))


def _repeat(ev: GoEvaluator, a: list[Value]) -> Value:
    if known(a) is not None:
        return Unknown("strings.Repeat")
    if a[1].v < 0:
        raise ev.panic("strings: negative Repeat count")
    ev.charge(len(a[0].v) * a[1].v)
    return text(a[0].v * a[1].v)


def _join(ev: GoEvaluator, a: list[Value]) -> Value:
    items = a[0].v.items() if type(a[0]) is G and a[0].v is not None else []
    if isinstance(a[0], Unknown) or known(items) is not None or isinstance(a[1], Unknown):
        return Unknown("strings.Join")
    ev.charge(sum(len(i.v) for i in items) + len(a[1].v) * len(items))
    return text(a[1].v.join(i.v for i in items))


def _title(value: str) -> str:
    out = []
    letter = False
    for char in value:
        out.append(char if letter else char.upper() if len(char.upper()) == 1 else char)
        letter = char.isalnum() or char in "_'"
    return "".join(out)


def _replace(ev: GoEvaluator, a: list[Value]) -> Value:
    if known(a) is not None:
        return Unknown("strings.Replace")
    value, old, new = (v.v for v in a[:3])
    count = a[3].v if len(a) > 3 else -1
    if (len(value) + 1) * (len(new) + 1) > ev.budget.text * 4:
        raise Stop("budget:size")
    return text(value.replace(old, new, count))


def _simple(char: str, mapped: str) -> str:
    if 0xDC80 <= ord(char) <= 0xDCFF:
        return "\ufffd"  # a byte that is not UTF-8
    if char == "\u0130" and mapped != char:
        return "i"
    if len(mapped) > 1 and 0x1F80 <= ord(char) < 0x2000:
        raise ValueError("case")  # Greek letters whose simple mapping Python does not give
    return mapped if len(mapped) == 1 else char


def upper(value: str) -> str:
    """strings.ToUpper: one character for one."""
    return "".join(_simple(c, c.upper()) for c in value)


def lower(value: str) -> str:
    """strings.ToLower: one character for one."""
    return "".join(_simple(c, c.lower()) for c in value)


_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _fields(value: str) -> list[str]:
    return [p for p in re.split(f"[{_SPACE}]+", value) if p]


def _trimmer(method: str) -> Callable[[str, str], Value]:
    return lambda value, cut: text(getattr(value, method)(cut) if cut else value)


def _mapping_call(name: str) -> Call:
    def call(ev: GoEvaluator, a: list[Value]) -> Value:
        function, value = (a[0], a[1]) if name == "Map" else (a[1], a[0])
        if isinstance(value, Unknown):
            return Unknown(value.why)
        answers = [ev.call(function, [G(INT32, ord(c))], {}) for c in value.v]
        if known(answers) is not None:
            return Unknown("strings." + name)
        if name == "Map":
            return text("".join(chr(x.v) for x in answers if x.v >= 0))
        yes = [bool(x.v) for x in answers]
        if name == "IndexFunc":
            return integer(_byte_index(value.v, yes.index(True) if True in yes else -1))
        if name == "ContainsFunc":
            return boolean(True in yes)
        if name == "FieldsFunc":
            parts = "".join("\0" if y else c for c, y in zip(value.v, yes, strict=True)).split("\0")
            return strings([p for p in parts if p])
        start, end = 0, len(yes)
        if name in ("TrimFunc", "TrimLeftFunc"):
            while start < end and yes[start]:
                start += 1
        if name in ("TrimFunc", "TrimRightFunc"):
            while end > start and yes[end - 1]:
                end -= 1
        return text(value.v[start:end])

    return call


def _cut(value: str, separator: str) -> Value:
    before, found, after = value.partition(separator) if separator else ("", "x", value)
    return (text(before), text(after), boolean(True)) if found else (text(value), text(""), boolean(False))


LIBRARY["strings"] = {
    n: plain("strings." + n, f)
    for n, f in {
        "ToUpper": lambda s: text(upper(s)), "ToLower": lambda s: text(lower(s)), "Title": lambda s: text(_title(s)),
        "ToTitle": lambda s: text(upper(s)),
        "TrimSpace": lambda s: text(s.strip(_SPACE)), "Contains": lambda s, x: boolean(x in s),
        "HasPrefix": lambda s, x: boolean(s.startswith(x)), "HasSuffix": lambda s, x: boolean(s.endswith(x)),
        "Index": lambda s, x: integer(_byte_index(s, s.find(x))),
        "LastIndex": lambda s, x: integer(_byte_index(s, s.rfind(x))),
        "IndexByte": lambda s, c: integer(to_bytes(s).find(bytes([c]))),
        "LastIndexByte": lambda s, c: integer(to_bytes(s).rfind(bytes([c]))),
        "IndexRune": lambda s, c: integer(_byte_index(s, s.find(chr(c)))),
        "IndexAny": lambda s, x: integer(_byte_index(s, min((i for i, c in enumerate(s) if c in x), default=-1))),
        "ContainsRune": lambda s, c: boolean(chr(c) in s), "ContainsAny": lambda s, x: boolean(any(c in s for c in x)),
        "Count": lambda s, x: integer(s.count(x)), "EqualFold": lambda s, x: boolean(s.casefold() == x.casefold()),
        "Split": _split, "SplitN": _split, "Fields": lambda s: strings(_fields(s)),
        "SplitAfter": lambda s, x: strings([p + x for p in s.split(x)[:-1]] + [s.split(x)[-1]]) if x else 1 / 0,
        "Trim": _trimmer("strip"), "TrimLeft": _trimmer("lstrip"), "TrimRight": _trimmer("rstrip"),
        "TrimPrefix": lambda s, x: text(s.removeprefix(x)), "TrimSuffix": lambda s, x: text(s.removesuffix(x)),
        "Compare": lambda s, x: integer((to_bytes(s) > to_bytes(x)) - (to_bytes(s) < to_bytes(x))), "Cut": _cut,
        "CutPrefix": lambda s, x: (text(s.removeprefix(x)), boolean(s.startswith(x))), "Clone": text,
    }.items()
}  # fmt: skip
LIBRARY["strings"].update(
    {n: GoBuiltin("strings." + n, _mapping_call(n)) for n in (
        "Map", "IndexFunc", "ContainsFunc", "FieldsFunc", "TrimFunc", "TrimLeftFunc", "TrimRightFunc",
    )}
)  # fmt: skip
LIBRARY["strings"].update(
    {
        "Repeat": GoBuiltin("strings.Repeat", _repeat), "Join": GoBuiltin("strings.Join", _join),
        "Replace": GoBuiltin("strings.Replace", _replace), "ReplaceAll": GoBuiltin("strings.ReplaceAll", _replace),
        "Builder": BUILDER,
    }
)  # fmt: skip

# -- strconv, unicode ---------------------------------------------------------------------------------------------------


def _number_error(function: str, value: str, why: str) -> Value:
    return error(f"strconv.{function}: parsing {quote(value)}: {why}", "NumError")


def _parse_int(name: str, t: GoType, value: str, base: int, bits: int, signed: bool) -> Value:
    bits = bits or 64
    digits = value[1:] if signed and value[:1] in ("+", "-") else value
    table = {2: "01", 8: "0-7", 10: "0-9", 16: "0-9a-fA-F"}
    if base == 0:
        if "_" in digits:
            raise Stop("library:strconv")
        prefix = digits[:2].lower()
        base = {"0x": 16, "0b": 2, "0o": 8}.get(prefix, 8 if digits[:1] == "0" and len(digits) > 1 else 10)
        digits = digits[2:] if prefix in ("0x", "0b", "0o") else digits
    if base not in table or len(digits) > 200:
        raise Stop("library:strconv")
    if not re.fullmatch(f"[{table[base]}]+", digits, re.ASCII):
        return G(t, 0), _number_error(name, value, "invalid syntax")
    number = int(digits, base) * (-1 if value.startswith("-") and signed else 1)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= number <= high:
        return G(t, low if number < low else high), _number_error(name, value, "value out of range")
    return G(t, number), NIL_VALUE


def _parse_float(value: str, bits: int) -> Value:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value, re.ASCII) or bits == 32:
        if re.fullmatch(r"[a-zA-Z ]*", value) and value.lower() not in ("inf", "infinity", "nan"):
            return G(FLOAT64, 0.0), _number_error("ParseFloat", value, "invalid syntax")
        raise Stop("library:strconv")
    number = float(value)
    if math.isinf(number):
        return G(FLOAT64, number), _number_error("ParseFloat", value, "value out of range")
    return G(FLOAT64, number), NIL_VALUE


def _parse_bool(value: str) -> Value:
    if value in ("1", "t", "T", "TRUE", "true", "True"):
        return boolean(True), NIL_VALUE
    if value in ("0", "f", "F", "FALSE", "false", "False"):
        return boolean(False), NIL_VALUE
    return boolean(False), _number_error("ParseBool", value, "invalid syntax")


def _format_int(value: int, base: int) -> Value:
    if not 2 <= base <= 36:
        raise Stop("library:strconv")
    digits = ""
    rest = abs(value)
    while rest:
        rest, digit = divmod(rest, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return text(("-" if value < 0 else "") + (digits or "0"))


LIBRARY["strconv"] = {
    n: plain("strconv." + n, f)
    for n, f in {
        "Itoa": lambda n: text(str(n)), "Atoi": lambda s: _parse_int("Atoi", UNIVERSE["int"], s, 10, 64, True),
        "ParseInt": lambda s, b, z: _parse_int("ParseInt", INT64, s, b, z, True),
        "ParseUint": lambda s, b, z: _parse_int("ParseUint", UINT64, s, b, z, False), "ParseFloat": _parse_float,
        "ParseBool": _parse_bool, "FormatInt": _format_int, "FormatUint": _format_int, "Quote": lambda s: text(quote(s)),
        "FormatBool": lambda b: text("true" if b else "false"),
        "FormatFloat": lambda f, c, p, b: text(float_text(f, chr(c), p, b)),
    }.items()
}  # fmt: skip


def _category(*names: str) -> Callable[[int], Value]:
    return lambda c: boolean(0 <= c < 0x110000 and unicodedata.category(chr(c)).startswith(names))


def _rune(function: Callable[[str], str]) -> Callable[[int], Value]:
    return lambda c: G(INT32, ord(function(chr(c))))


LIBRARY["unicode"] = {
    n: plain("unicode." + n, f)
    for n, f in {
        "IsUpper": _category("Lu"), "IsLower": _category("Ll"), "IsLetter": _category("L"), "IsDigit": _category("Nd"),
        "IsNumber": _category("N"), "IsPunct": _category("P"), "IsSpace": lambda c: boolean(chr(c) in _SPACE),
        "IsTitle": _category("Lt"), "IsControl": _category("Cc"), "IsSymbol": _category("S"),
        "ToUpper": _rune(upper), "ToLower": _rune(lower), "ToTitle": _rune(lambda c: _simple(c, c.title())),
    }.items()
}  # fmt: skip
LIBRARY["unicode"].update(
    {"MaxRune": G(UNIVERSE["rune"], 0x10FFFF), "ReplacementChar": G(UNIVERSE["rune"], 0xFFFD)}
)


def _rune_count(value: Any) -> Value:
    return integer(len(value if isinstance(value, str) else from_bytes(bytes(i.v for i in value.items()))))


def _decode_rune(value: str) -> Value:
    if not value:
        return G(INT32, 0xFFFD), integer(0)
    bad = 0xDC80 <= ord(value[0]) <= 0xDCFF
    return G(INT32, 0xFFFD if bad else ord(value[0])), integer(1 if bad else len(value[0].encode()))


LIBRARY["unicode/utf8"] = {
    n: plain("utf8." + n, f)
    for n, f in {
        "RuneCountInString": _rune_count, "RuneCount": _rune_count, "DecodeRuneInString": _decode_rune,
        "DecodeLastRuneInString": lambda s: _decode_rune(s[-1:]),
        "ValidString": lambda s: boolean(not any(0xDC80 <= ord(c) <= 0xDCFF for c in s)),
        "RuneLen": lambda c: integer(len(chr(c).encode())),
    }.items()
}  # fmt: skip
LIBRARY["unicode/utf8"]["RuneError"] = G(UNIVERSE["rune"], 0xFFFD)

# -- fmt, errors ------------------------------------------------------------------------------------------------------


def _sprintf(ev: GoEvaluator, a: list[Value]) -> Value:
    if type(a[0]) is not G:
        return Unknown("fmt.Sprintf")
    made = sprintf(ev, a[0].v, a[1:])
    return text(made) if isinstance(made, str) else made


def _sprint(newline: bool) -> Call:
    def call(ev: GoEvaluator, a: list[Value]) -> Value:
        made = sprint(ev, a, newline)
        return text(made) if isinstance(made, str) else made

    return call


def _errorf(ev: GoEvaluator, a: list[Value]) -> Value:
    if type(a[0]) is not G:
        return Unknown("fmt.Errorf", kind="non-nil")
    made = sprintf(ev, a[0].v.replace("%w", "%v"), a[1:])
    verbs = re.findall(r"%[-+# 0-9.]*([a-zA-Z])", a[0].v.replace("%%", ""))
    inner = [v for v, c in zip(a[1:], verbs, strict=False) if c == "w"]
    if not isinstance(made, str):
        return Unknown("fmt.Errorf", kind="non-nil")
    return wrapped(made, inner)


def _printed(ev: GoEvaluator, a: list[Value]) -> Value:
    return integer(0), NIL_VALUE


def _print_to(form: str) -> Call:
    def call(ev: GoEvaluator, a: list[Value]) -> Value:
        into = a[0]
        made = _sprintf(ev, a[1:]) if form == "f" else _sprint(form == "ln")(ev, a[1:])
        if type(into) is G and hasattr(into.v, "write") and type(made) is G:
            into.v.write(ev, made.v)
            return integer(len(to_bytes(made.v))), NIL_VALUE
        if isinstance(into, Unknown):
            ev.risky(into.why)
            return integer(0), NIL_VALUE
        raise Stop("fmt.Fprint")

    return call


LIBRARY["fmt"] = {
    "Sprintf": GoBuiltin("fmt.Sprintf", _sprintf), "Sprint": GoBuiltin("fmt.Sprint", _sprint(False)),
    "Sprintln": GoBuiltin("fmt.Sprintln", _sprint(True)), "Errorf": GoBuiltin("fmt.Errorf", _errorf),
    "Fprintf": GoBuiltin("fmt.Fprintf", _print_to("f")), "Fprint": GoBuiltin("fmt.Fprint", _print_to("")),
    "Fprintln": GoBuiltin("fmt.Fprintln", _print_to("ln")),
    **{n: GoBuiltin("fmt." + n, _printed) for n in ("Print", "Println", "Printf")},
}  # fmt: skip
_STRINGER = GoType("interface")
_STRINGER.names = ("String",)
LIBRARY["fmt"]["Stringer"] = _STRINGER


def _new_error(ev: GoEvaluator, a: list[Value]) -> Value:
    if type(a[0]) is not G:
        return Unknown("errors.New", kind="non-nil")
    return error(a[0].v)


def _unwrap(ev: GoEvaluator, value: Value) -> list[Value]:
    if type(value) is G and isinstance(value.v, ErrorValue):
        return value.v.inner
    if type(value) is G and value.t.kind != "nil" and ev.has_method(value, "Unwrap"):
        result = ev.call(ev.get_attribute(value, "Unwrap"), [], {})
        return [result]
    return []


def _errors_is(ev: GoEvaluator, a: list[Value]) -> Value:
    todo = [a[0]]
    for _ in range(50):
        if not todo:
            return boolean(False)
        value = todo.pop(0)
        if isinstance(value, Unknown) or isinstance(a[1], Unknown):
            return Unknown("errors.Is")
        if type(value) is G and value.t.kind == "nil":
            if type(a[1]) is G and a[1].t.kind == "nil":
                return boolean(True)
            continue
        same = ev.same(value, a[1])
        if isinstance(same, Unknown):
            return same
        if same:
            return boolean(True)
        if ev.has_method(value, "Is") and not isinstance(value.v, ErrorValue):
            answer = ev.call(ev.get_attribute(value, "Is"), [a[1]], {})
            if ev.truth(answer):
                return boolean(True)
        todo += _unwrap(ev, value)
    raise Stop("errors.Is")


def _errors_as(ev: GoEvaluator, a: list[Value]) -> Value:
    goal = a[1]
    if type(goal) is not G or goal.t.elem is None or goal.v is None:
        raise Stop("errors.As")
    todo = [a[0]]
    for _ in range(50):
        if not todo:
            return boolean(False)
        value = todo.pop(0)
        if isinstance(value, Unknown):
            return Unknown("errors.As")
        fits = ev.has_type(value, goal.t.elem)
        if fits is None:
            raise Stop("errors.As")
        if fits:
            if hasattr(goal.v, "set"):
                goal.v.set(ev.unboxed(value, goal.t.elem))
            else:
                ev.overwrite(ev.deref(goal), value)
            return boolean(True)
        todo += _unwrap(ev, value)
    raise Stop("errors.As")


def _errors_unwrap(ev: GoEvaluator, a: list[Value]) -> Value:
    if isinstance(a[0], Unknown):
        return Unknown(a[0].why)
    inner = _unwrap(ev, a[0])
    return inner[0] if len(inner) == 1 else NIL_VALUE


LIBRARY["errors"] = {
    "New": GoBuiltin("errors.New", _new_error), "Is": GoBuiltin("errors.Is", _errors_is),
    "As": GoBuiltin("errors.As", _errors_as), "Unwrap": GoBuiltin("errors.Unwrap", _errors_unwrap),
}  # fmt: skip

# -- sort, slices, maps, math, reflect, bytes, sync, time ---------------------------------------------------------------


def _sorted_in_place(ev: GoEvaluator, value: Value, before: Callable[[Value, Value], bool]) -> None:
    if isinstance(value, Unknown):
        ev.risky(value.why)
        return
    if type(value) is not G or value.v is None:
        return
    data = value.v
    items = data.items()
    ev.step(len(items))

    def order(one: Value, other: Value) -> int:
        return -1 if before(one, other) else 1 if before(other, one) else 0

    ranked = sorted(items, key=cmp_to_key(order))
    data.array[data.offset : data.offset + data.length] = ranked


def _less(ev: GoEvaluator) -> Callable[[Value, Value], bool]:
    return lambda one, other: ev.truth(ev.compare("<", one, other))


def _sort_basic(ev: GoEvaluator, a: list[Value]) -> Value:
    _sorted_in_place(ev, a[0], _less(ev))


def _sort_slice(stable: bool) -> Call:
    def call(ev: GoEvaluator, a: list[Value]) -> Value:
        value = a[0]
        if type(value) is not G or value.v is None:
            return None
        data = value.v
        items = [ev.copy(i) for i in data.items()]
        if len(items) > 200:
            raise Stop("budget:items")
        # The comparison gets indices: two elements are laid in the first two places to be compared.
        saved = data.array[data.offset : data.offset + data.length]
        if len(items) < 2:
            return None

        def before(one: Value, other: Value) -> bool:
            data.array[data.offset], data.array[data.offset + 1] = one, other
            return ev.truth(ev.call(a[1], [integer(0), integer(1)], {}))

        def order(one: Value, other: Value) -> int:
            return -1 if before(one, other) else 1 if before(other, one) else 0

        ranked = sorted(items, key=cmp_to_key(order))
        if not stable and len(items) > 12 and any(order(x, y) == 0 for x, y in pairwise(ranked)):
            # Short slices are sorted by insertion, which is stable; longer ones with equal elements are not.
            data.array[data.offset : data.offset + data.length] = saved
            raise Stop("unstable-sort")
        data.array[data.offset : data.offset + data.length] = ranked
        return None

    return call


LIBRARY["sort"] = {
    **{n: GoBuiltin("sort." + n, _sort_basic) for n in ("Strings", "Ints", "Float64s")},
    "Slice": GoBuiltin("sort.Slice", _sort_slice(False)), "SliceStable": GoBuiltin("sort.SliceStable", _sort_slice(True)),
}  # fmt: skip


def _items(value: Value) -> list[Value]:
    if type(value) is not G or (value.v is not None and not isinstance(value.v, SliceData)):
        raise Stop("slices")
    return value.v.items() if value.v is not None else []


def _slices_contains(ev: GoEvaluator, a: list[Value]) -> Value:
    return boolean(any(ev.truth(ev.compare("==", i, a[1])) for i in _items(a[0])))


def _slices_index(ev: GoEvaluator, a: list[Value]) -> Value:
    for position, item in enumerate(_items(a[0])):
        if ev.truth(ev.compare("==", item, a[1])):
            return integer(position)
    return integer(-1)


def _slices_reverse(ev: GoEvaluator, a: list[Value]) -> Value:
    items = _items(a[0])
    if items:
        data = a[0].v
        data.array[data.offset : data.offset + data.length] = items[::-1]


def _slices_equal(ev: GoEvaluator, a: list[Value]) -> Value:
    one, other = _items(a[0]), _items(a[1])
    return boolean(
        len(one) == len(other)
        and all(ev.truth(ev.compare("==", x, y)) for x, y in zip(one, other, strict=True))
    )


LIBRARY["slices"] = {
    "Contains": GoBuiltin("slices.Contains", _slices_contains), "Index": GoBuiltin("slices.Index", _slices_index),
    "Sort": GoBuiltin("slices.Sort", _sort_basic), "Reverse": GoBuiltin("slices.Reverse", _slices_reverse),
    "Equal": GoBuiltin("slices.Equal", _slices_equal),
}  # fmt: skip


def _math(function: Callable[..., float]) -> Callable[..., Value]:
    return lambda *a: G(FLOAT64, float(function(*map(float, a))))


def _round(value: float) -> float:
    return value if not math.isfinite(value) else math.copysign(math.floor(abs(value) + 0.5), value) if (
        abs(value) < 2**52
    ) else value  # fmt: skip


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    return lambda v: math.copysign(float(function(v)), v) if math.isfinite(v) else v


def _exact_power(base: Any, exponent: Any) -> Value:
    """math.Pow of whole numbers whose result is exact; others may differ in the last bit."""
    base, exponent = float(base), float(exponent)
    whole = base.is_integer() and exponent.is_integer() and 0 <= exponent <= 1100 and abs(base) < 2**53
    if whole and (abs(base) <= 1 or exponent * math.log2(abs(base)) < 53):
        return G(FLOAT64, float(int(base) ** int(exponent)))
    if base == 2 and exponent.is_integer() and -1000 < exponent < 1000:
        return G(FLOAT64, 2.0**exponent)
    return Unknown("library:math.Pow")


LIBRARY["math"] = {
    n: plain("math." + n, f)
    for n, f in {
        "Sqrt": _math(lambda v: math.sqrt(v) if v >= 0 else math.nan), "Abs": _math(abs),
        "Floor": _math(_whole(math.floor)), "Ceil": _math(_whole(math.ceil)), "Trunc": _math(_whole(math.trunc)),
        "Round": _math(_round), "Max": _math(max), "Min": _math(min), "IsNaN": lambda v: boolean(v != v),
        "Inf": lambda s: G(FLOAT64, math.inf if s >= 0 else -math.inf), "NaN": lambda: G(FLOAT64, math.nan),
        "IsInf": lambda v, s: boolean(math.isinf(v) and (s == 0 or (v > 0) == (s > 0))),
        "Mod": _math(math.fmod), "Pow": _exact_power, "Signbit": lambda v: boolean(math.copysign(1, v) < 0),
    }.items()
}  # fmt: skip
for _kind, (_bits, _signed) in INT_BITS.items():
    if _kind == "uintptr":
        continue
    _suffix = _kind.capitalize() if _signed else "Uint" + _kind[4:]
    LIBRARY["math"]["Max" + _suffix] = G(UNTYPED_INT, (1 << (_bits - _signed)) - 1)
    if _signed:
        LIBRARY["math"]["Min" + _suffix] = G(UNTYPED_INT, -(1 << (_bits - 1)))
LIBRARY["math"].update(
    {
        "Pi": G(UNTYPED_FLOAT, math.pi), "E": G(UNTYPED_FLOAT, math.e),
        "Sqrt2": G(UNTYPED_FLOAT, math.sqrt(2)), "Ln2": G(UNTYPED_FLOAT, math.log(2)), "MaxFloat32": G(UNTYPED_FLOAT, 3.4028234663852886e38),
        "MaxFloat64": G(UNTYPED_FLOAT, 1.7976931348623157e308),
        "SmallestNonzeroFloat64": G(UNTYPED_FLOAT, 5e-324),
    }
)  # fmt: skip


def _deep_equal(ev: GoEvaluator, a: list[Value]) -> Value:
    same = ev.deep_same(a[0], a[1])
    return same if isinstance(same, Unknown) else boolean(same)


LIBRARY["math/bits"] = {
    **{n: plain("bits." + n, lambda v: integer(bin(v).count("1"))) for n in (
        "OnesCount", "OnesCount64", "OnesCount32", "OnesCount16", "OnesCount8",
    )},
    **{n: plain("bits." + n, lambda v: integer(v.bit_length())) for n in ("Len", "Len64", "Len32", "Len16", "Len8")},
    "TrailingZeros64": plain("bits.TrailingZeros64", lambda v: integer((v & -v).bit_length() - 1 if v else 64)),
    "LeadingZeros64": plain("bits.LeadingZeros64", lambda v: integer(64 - v.bit_length())),
    "UintSize": G(UNTYPED_INT, 64),
}  # fmt: skip


def _cmp_compare(ev: GoEvaluator, a: list[Value]) -> Value:
    if known(a) is not None:
        return Unknown("cmp.Compare")
    return integer(
        1 if ev.truth(ev.compare(">", a[0], a[1])) else -1 if ev.truth(ev.compare("<", a[0], a[1])) else 0
    )


LIBRARY["cmp"] = {"Compare": GoBuiltin("cmp.Compare", _cmp_compare), "Ordered": UNIVERSE["any"]}
LIBRARY["reflect"] = {"DeepEqual": GoBuiltin("reflect.DeepEqual", _deep_equal)}


def _bytes_of(value: Value) -> bytes:
    items = _items(value)
    if known(items) is not None:
        raise Stop("bytes")
    return bytes(i.v for i in items)


def _bytes_equal(ev: GoEvaluator, a: list[Value]) -> Value:
    if known(a) is not None:
        return Unknown("bytes.Equal")
    return boolean(_bytes_of(a[0]) == _bytes_of(a[1]))


def _new_buffer(ev: GoEvaluator, a: list[Value]) -> Value:
    made = ev.zero(BUFFER)
    if known(a) is not None:
        return Unknown("bytes.Buffer", kind="non-nil")
    made.v.write(ev, a[0].v if isinstance(a[0].v, str) else from_bytes(_bytes_of(a[0])))
    return ev.address_of(made, None)


LIBRARY["bytes"] = {
    "Equal": GoBuiltin("bytes.Equal", _bytes_equal), "Buffer": BUFFER,
    "NewBufferString": GoBuiltin("bytes.NewBufferString", _new_buffer),
    "NewBuffer": GoBuiltin("bytes.NewBuffer", _new_buffer),
}  # fmt: skip
LIBRARY["sync"] = {"Mutex": MUTEX, "RWMutex": MUTEX}
_DURATION = GoType("int64", "Duration")
_DURATION.package = "time"
LIBRARY["time"] = {"Duration": _DURATION, "Sleep": GoBuiltin("time.Sleep", _silent)}
for _name, _size in (
    ("Nanosecond", 1), ("Microsecond", 10**3), ("Millisecond", 10**6), ("Second", 10**9), ("Minute", 60 * 10**9),
    ("Hour", 3600 * 10**9),
):  # fmt: skip
    LIBRARY["time"][_name] = G(_DURATION, _size)


LIBRARY["regexp"] = MEMBERS
