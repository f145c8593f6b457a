"""Go's fmt: verbs, and how values are shown."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.go_types import FLOATS, INTEGERS, STRING, G, to_bytes
from runfree.interpreter.values import Unknown, Value

if TYPE_CHECKING:
    from runfree.interpreter.go_evaluator import GoEvaluator

_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])|%", re.DOTALL)
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def quote(value: str) -> str:
    """strconv.Quote."""
    parts = []
    for char in value:
        code = ord(char)
        if code in _ESCAPES:
            parts.append(_ESCAPES[code])
        elif 0xDC80 <= code <= 0xDCFF:
            parts.append(f"\\x{code - 0xDC00:02x}")
        elif code < 32 or code == 127:
            parts.append(f"\\x{code:02x}")
        elif code > 127 and not char.isprintable():
            parts.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
        else:
            parts.append(char)
    return '"' + "".join(parts) + '"'


def float_text(value: float, form: str, precision: int, bits: int = 64) -> str:
    """strconv.FormatFloat."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if precision > 500:
        raise Stop("budget:size")
    if bits == 32 and precision < 0:
        raise Stop("float32-text")
    if precision < 0:
        sign = "-" if math.copysign(1, value) < 0 else ""
        digits, exponent = _shortest(abs(value))
        # %g with the shortest digits turns to exponents below 1e-4 and from 1e6 on.
        if form == "f" or (form == "g" and -4 <= exponent < 6):
            return sign + _plain(digits, exponent)
        return sign + _scientific(digits, exponent)
    if form == "f":
        return f"{Decimal(value):.{precision}f}"
    if form == "e":
        text = f"{Decimal(value):.{precision}e}" if value else f"{value:.{precision}e}"
        mantissa, _, power = text.partition("e")
        return f"{mantissa}e{power[0]}{int(power[1:]):02d}"
    if form == "g":
        text = f"{value:.{max(precision, 1)}g}"
        mantissa, separator, power = text.partition("e")
        return f"{mantissa}e{power[0]}{int(power[1:]):02d}" if separator else text
    raise Stop("format:float")


def _shortest(value: float) -> tuple[str, int]:
    """The shortest digits that give a float back, and the power of ten of the first one."""
    if value == 0:
        return "0", 0
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    assert isinstance(exponent, int)
    assert not sign
    return text, len(digits) - 1 + exponent


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return digits[: exponent + 1] + "." + digits[exponent + 1 :]


def _scientific(digits: str, exponent: int) -> str:
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def show(ev: GoEvaluator, value: Value, plus: bool = False, top: bool = True) -> Any:
    """`%v` (or `%+v`): a string or unknown."""
    ev.step()
    if isinstance(value, Unknown):
        return Unknown(value.why, value.label)
    if type(value) is not G:
        return Unknown("format:func")
    value = ev.default(value)
    own = own_text(ev, value)
    if own is not None:
        return own
    kind, data, t = value.t.kind, value.v, value.t
    if kind == "nil" or (value.boxed and kind == "interface"):
        return "<nil>"
    if kind == "bool":
        return "true" if data else "false"
    if kind in INTEGERS:
        return str(data)
    if kind in FLOATS:
        return float_text(data, "g", -1, 32 if kind == "float32" else 64)
    if kind == "string":
        return data
    if kind == "slice" and data is None:
        return "[]"
    if kind in ("slice", "array"):
        return _joined(ev, data.items() if kind == "slice" else data, plus)
    if kind == "map":
        if data is None:
            return "map[]"
        return _map_text(ev, value, plus)
    if kind == "struct" and hasattr(data, "fields"):
        return _struct_text(ev, value, plus)
    if kind == "pointer":
        if data is None:
            return "<nil>"
        inner = ev.deref(value)
        if top and type(inner) is G and inner.t.kind in ("struct", "slice", "array", "map"):
            text = show(ev, inner, plus, False)
            return "&" + text if isinstance(text, str) else text
        return Unknown("format:pointer")
    if t.kind in ("func", "chan") and data is None:
        return "<nil>"
    return Unknown("format:" + kind)


def _joined(ev: GoEvaluator, items: list[Value], plus: bool) -> Any:
    parts = [show(ev, i, plus, False) for i in items]
    if any(not isinstance(p, str) for p in parts):
        return Unknown("format:element")
    ev.charge(sum(map(len, parts)))
    return "[" + " ".join(parts) + "]"


def _map_text(ev: GoEvaluator, value: G, plus: bool) -> Any:
    entries = list(value.v.entries.values())
    if any(type(k) is not G or not isinstance(k.v, (int, float, str)) for k, _ in entries):
        return Unknown("format:map")
    entries.sort(key=lambda e: to_bytes(e[0].v) if isinstance(e[0].v, str) else e[0].v)
    parts = [(show(ev, k, plus, False), show(ev, v, plus, False)) for k, v in entries]
    if any(not isinstance(p, str) for pair in parts for p in pair):
        return Unknown("format:element")
    return "map[" + " ".join(f"{k}:{v}" for k, v in parts) + "]"


def _struct_text(ev: GoEvaluator, value: G, plus: bool) -> Any:
    parts = []
    for name, _, _ in value.t.fields:
        field = value.v.fields[name]
        if not name[:1].isupper() and type(field) is G and own_text_exists(ev, field):
            # Methods of unexported fields are not called.
            return Unknown("format:unexported")
        text = show(ev, field, plus, False)
        if not isinstance(text, str):
            return Unknown("format:element")
        parts.append(f"{name}:{text}" if plus else text)
    return "{" + " ".join(parts) + "}"


def own_text_exists(ev: GoEvaluator, value: G) -> bool:
    """Whether a value has an Error or String method."""
    return ev.has_method(value, "Error") or ev.has_method(value, "String")


def own_text(ev: GoEvaluator, value: G) -> Any:
    """What a value's Error or String method gives, None if it has none."""
    for name in ("Error", "String"):
        if ev.has_method(value, name):
            if value.t.kind == "pointer" and value.v is None:
                return "<nil>"
            result = ev.call(ev.get_attribute(value, name), [], {})
            return result.v if type(result) is G and result.t.kind == "string" else Unknown("format:method")
    return None


def sprintf(ev: GoEvaluator, form: str, arguments: list[Value]) -> Any:
    """fmt.Sprintf: a string or unknown."""
    parts: list[str] = []
    last = position = 0
    unknown = False
    for match in _VERB.finditer(form):
        parts.append(form[last : match.start()])
        last = match.end()
        verb = match.group(4)
        if verb == "%":
            parts.append("%")
            continue
        if verb is None or match.group(2) == "*" or match.group(3) == "*":
            raise Stop("format:verb")
        if position >= len(arguments):
            parts.append(f"%!{verb}(MISSING)")
            continue
        text = one_verb(ev, verb, match, arguments[position])
        position += 1
        if isinstance(text, str):
            parts.append(text)
        else:
            unknown = True
    if position < len(arguments):
        return Unknown("format:extra")
    if unknown:
        return Unknown("format")
    parts.append(form[last:])
    ev.charge(sum(map(len, parts)))
    return "".join(parts)


def one_verb(ev: GoEvaluator, verb: str, match: re.Match[str], value: Value) -> Any:
    """One formatted value."""
    flags, precision = match.group(1), match.group(3)
    width = int(match.group(2) or 0)
    if width > 10_000:
        raise Stop("budget:size")
    dotted = "." in match.group(0)
    digits = int(precision or 0) if dotted else -1
    text = _verb_text(ev, verb, flags, digits, value)
    if not isinstance(text, str):
        return text
    if len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    kind = value.t.kind if type(value) is G else ""
    if "0" in flags and kind in INTEGERS | FLOATS and verb not in "vsq":
        sign = text[:1] if text[:1] in "+-" else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    if "0" in flags:
        return Unknown("format:zero")
    return text.rjust(width)


def _verb_text(ev: GoEvaluator, verb: str, flags: str, digits: int, value: Value) -> Any:
    if isinstance(value, Unknown):
        return value
    if "#" in flags:
        return Unknown("format:sharp")
    if verb == "T":
        if type(value) is not G:
            return Unknown("format:func")
        return "<nil>" if value.t.kind == "nil" else ev.default(value).t.text()
    if verb == "v":
        if digits >= 0:
            return Unknown("format:precision")
        return show(ev, value, "+" in flags)
    if type(value) is not G:
        return Unknown("format:func")
    value = ev.default(value)
    kind, data = value.t.kind, value.v
    if verb in "sqw" and verb != "q":
        text = own_text(ev, value)
        if text is None:
            if kind == "string":
                text = data
            elif kind == "slice" and value.t.elem is not None and value.t.elem.kind == "uint8":
                text = ev.convert(value, STRING).v
            elif (
                kind == "slice" and value.t.elem is not None and value.t.elem.kind in ("string", "interface")
            ):
                text = show(ev, value)
            else:
                return Unknown("format:%s")
        return text[:digits] if digits >= 0 and isinstance(text, str) else text
    if verb == "q":
        text = own_text(ev, value)
        if text is None and kind == "string":
            text = data
        if text is None and kind in INTEGERS and 32 < data < 127:
            return "'" + ("\\" if chr(data) in "'\\" else "") + chr(data) + "'"
        if text is None and kind == "slice" and value.t.elem is not None and value.t.elem.kind == "string":
            items = value.v.items() if value.v is not None else []
            if all(type(i) is G for i in items):
                return "[" + " ".join(quote(i.v) for i in items) + "]"
        return quote(text) if isinstance(text, str) else Unknown("format:%q")
    if kind in INTEGERS and verb in "dxXobcU":
        return _integer_text(verb, flags, digits, data)
    if kind in FLOATS and verb in "feEgFG":
        text = float_text(data, verb.lower(), digits if digits >= 0 else (-1 if verb in "gG" else 6))
        return "+" + text if "+" in flags and text[0] not in "+-" else text
    if verb == "t" and kind == "bool":
        return "true" if data else "false"
    if verb == "x" and kind == "string":
        return to_bytes(data).hex()
    if verb == "d" and kind == "slice" and value.t.elem is not None and value.t.elem.kind in INTEGERS:
        return show(ev, value)
    return Unknown("format:%" + verb)


def _integer_text(verb: str, flags: str, digits: int, data: int) -> Any:
    if verb == "c":
        return chr(data) if 0 <= data < 0x110000 and not 0xD800 <= data < 0xE000 else "\ufffd"
    if verb == "U":
        return f"U+{data:04X}"
    text = format(abs(data), {"d": "d", "x": "x", "X": "X", "o": "o", "b": "b"}[verb])
    if digits > 1000:
        raise Stop("budget:size")
    text = text.rjust(max(digits, 0), "0")
    sign = "-" if data < 0 else "+" if "+" in flags else " " if " " in flags else ""
    return sign + text


def sprint(ev: GoEvaluator, values: list[Value], newline: bool) -> Any:
    """fmt.Sprint and fmt.Sprintln."""
    parts: list[str] = []
    for position, value in enumerate(values):
        text = show(ev, value)
        if not isinstance(text, str):
            return Unknown("format")
        if position and (newline or not (_is_text(values[position - 1]) or _is_text(value))):
            parts.append(" ")
        parts.append(text)
    return "".join(parts) + ("\n" if newline else "")


def _is_text(value: Value) -> bool:
    return type(value) is G and value.t.kind in ("string", "untyped string")
