"""Formats of the standard library that are pure functions of their arguments: struct, binascii, URLs, hmac, shlex, csv, literals."""

from __future__ import annotations

import ast
import binascii
import codecs
import csv
import fnmatch
import hashlib
import hmac
import keyword
import operator
import re
import shlex
import struct
import urllib.parse
import zlib
from collections.abc import Callable
from typing import Any

from runfree.interpreter import python_types as types
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_builtins import on_plain
from runfree.interpreter.python_classes import make_tuple_class
from runfree.interpreter.python_types import library_exception
from runfree.interpreter.values import (
    BoundMethod,
    Builtin,
    ClassValue,
    FieldValue,
    FunctionValue,
    Instance,
    IteratorValue,
    Property,
    Thrown,
    Unknown,
    Value,
)

Call = Callable[[Any, list[Value], dict[str, Value]], Value]


def _plain(module: Any, names: str) -> dict[str, Value]:
    return {n: Builtin(f"{module.__name__}.{n}", on_plain(n, getattr(module, n))) for n in names.split()}


def _raising(call: Call, klass: ClassValue) -> Call:
    """A call whose exceptions of the library's own bear a name that other modules use too."""

    def wrapped(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        try:
            return call(ev, a, k)
        except Thrown as thrown:
            if type(thrown.value) is Instance and thrown.value.klass is types.EXCEPTIONS.get(klass.name):
                thrown.value.klass = klass
            raise

    return wrapped


# -- struct -------------------------------------------------------------------------------------------------------------

STRUCT_ERROR = ClassValue("error", [types.EXCEPTIONS["Exception"]], None, "exception")
_WIDE = re.compile(r"\d{5,}")


def _struct_call(name: str) -> Call:
    inner = on_plain("struct." + name, getattr(struct, name))

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        layout = a[0] if a else ""
        if isinstance(layout, (str, bytes)) and _WIDE.search(str(layout)):
            raise Stop("budget:size")
        if name == "iter_unpack":
            return IteratorValue(iter(list(inner(ev, a, k))))
        return inner(ev, a, k)

    return _raising(call, STRUCT_ERROR)


_STRUCT_CALLS = {n: _struct_call(n) for n in ("pack", "unpack", "unpack_from", "calcsize", "iter_unpack")}
_STRUCT = ClassValue("Struct", [types.OBJECT])


def _struct_init(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    layout = a[1] if len(a) > 1 else k.get("format")
    a[0].attrs.update({"format": layout, "size": _STRUCT_CALLS["calcsize"](ev, [layout], {})})


def _struct_method(name: str) -> Call:
    return lambda ev, a, k: _STRUCT_CALLS[name](ev, [a[0].attrs["format"], *a[1:]], k)


_STRUCT.kind = "memory"
_STRUCT.namespace["__init__"] = Builtin("__init__", _struct_init, binds=True)
for _name in ("pack", "unpack", "unpack_from", "iter_unpack"):
    _STRUCT.namespace[_name] = Builtin(_name, _struct_method(_name), binds=True)
STRUCT: dict[str, Value] = {
    **{n: Builtin("struct." + n, c) for n, c in _STRUCT_CALLS.items()}, "Struct": _STRUCT, "error": STRUCT_ERROR,
}  # fmt: skip

# -- binascii, codecs, checksums ----------------------------------------------------------------------------------------

BINASCII: dict[str, Value] = {
    **_plain(binascii, "hexlify unhexlify a2b_hex b2a_hex a2b_base64 b2a_base64 crc32"),
    "Error": library_exception("Error", "ValueError"),
}
CODECS: dict[str, Value] = {
    **_plain(codecs, "encode decode"),
    **{n: getattr(codecs, n) for n in dir(codecs) if n.startswith("BOM")},
}
ZLIB: dict[str, Value] = _plain(zlib, "crc32 adler32")

# -- keyed digests --------------------------------------------------------------------------------------------------------

_HMAC = ClassValue("HMAC", [types.OBJECT])


def _hmac_new(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    given = dict(zip(("key", "msg", "digestmod"), a, strict=False)) | k
    key, text, kind = (given.get(n) for n in ("key", "msg", "digestmod"))
    name = kind.name.removeprefix("hashlib.") if type(kind) is Builtin else kind
    if type(kind) in (FunctionValue, BoundMethod):
        # A function of the user that makes the digest.
        digest = ev.call(kind, [], {})
        name = digest.attrs.get("name") if type(digest) is Instance and "_data" in digest.attrs else digest
    if (
        not isinstance(key, (bytes, bytearray))
        or not isinstance(name, str)
        or name not in hashlib.algorithms_guaranteed
    ):
        if isinstance(key, str):
            raise ev.error("TypeError", "key: expected bytes or bytearray, but got 'str'")
        ev.risky("hmac")
        return Unknown("hmac")
    made = Instance(_HMAC)
    made.attrs.update(
        {
            "hmac:key": bytes(key),
            "hmac:data": b"",
            "hmac:name": name,
            "digest_size": hashlib.new(name).digest_size,
        }
    )
    if text is not None:
        _hmac_update(ev, [made, text], {})
    return made


def _hmac_update(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if not isinstance(a[1], (bytes, bytearray)):
        if isinstance(a[1], str):
            raise ev.error("TypeError", "Strings must be encoded before hashing")
        raise Stop("hmac")
    ev.charge(len(a[1]))
    a[0].attrs["hmac:data"] += bytes(a[1])


def _hmac_read(name: str) -> Call:
    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        own = a[0].attrs
        return getattr(hmac.new(own["hmac:key"], own["hmac:data"], own["hmac:name"]), name)()

    return call


_HMAC.namespace.update(
    {
        "update": Builtin("update", _hmac_update, binds=True), "digest": Builtin("digest", _hmac_read("digest"), binds=True),
        "hexdigest": Builtin("hexdigest", _hmac_read("hexdigest"), binds=True),
    }
)  # fmt: skip
COMPARE_DIGEST = Builtin("compare_digest", on_plain("compare_digest", hmac.compare_digest))
HMAC: dict[str, Value] = {"new": Builtin("hmac.new", _hmac_new), "compare_digest": COMPARE_DIGEST}

# -- URLs -----------------------------------------------------------------------------------------------------------------


def _parts_class(host: Any, extra: str) -> ClassValue:
    """What `urlsplit` and `urlparse` give: a named tuple with members that are computed from it."""
    klass = ClassValue(host.__name__, [types.TUPLE])
    make_tuple_class(klass, [FieldValue(n) for n in host._fields])

    def read(name: str) -> Call:
        def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
            if not ev.plain(a[0].payload):
                return Unknown("url")
            made = host(*a[0].payload)
            return ev.host(made.geturl if name == "geturl" else lambda: getattr(made, name))

        return call

    for name in extra.split():
        klass.namespace[name] = Property(Builtin(name, read(name)))
    klass.namespace["geturl"] = Builtin("geturl", read("geturl"), binds=True)
    return klass


_AUTHORITY = "hostname port username password"
_PARTS = {
    "urlsplit": _parts_class(urllib.parse.SplitResult, _AUTHORITY), "urlparse": _parts_class(urllib.parse.ParseResult, _AUTHORITY),
    "urldefrag": _parts_class(urllib.parse.DefragResult, ""),
}  # fmt: skip


def _url_parts(name: str) -> Call:
    inner = on_plain(name, getattr(urllib.parse, name))

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        url = ev.raw(a[0]) if a else k.get("url")
        if not isinstance(url, (str, Unknown)):
            raise Stop("url")
        made = inner(ev, a, k)
        return made if isinstance(made, Unknown) else Instance(_PARTS[name], tuple(made))

    return call


URLS: dict[str, Value] = {
    **_plain(
        urllib.parse,
        "quote unquote quote_plus unquote_plus urlencode urljoin parse_qs parse_qsl urlunsplit urlunparse quote_from_bytes "
        "unquote_to_bytes",
    ),
    **{n: Builtin("urllib.parse." + n, _url_parts(n)) for n in _PARTS},
    "SplitResult": _PARTS["urlsplit"], "ParseResult": _PARTS["urlparse"],
}  # fmt: skip

# -- small languages --------------------------------------------------------------------------------------------------------

SHLEX: dict[str, Value] = _plain(shlex, "split quote join")
FNMATCH: dict[str, Value] = {
    n: Builtin("fnmatch." + n, on_plain(n, fnmatch.fnmatchcase)) for n in ("fnmatch", "fnmatchcase")
}
KEYWORD: dict[str, Value] = {**_plain(keyword, "iskeyword")}


def _literal(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    if isinstance(a[0], str) and len(a[0]) > 2_000:
        raise Stop("budget:size")
    if not isinstance(a[0], (str, Unknown)):
        raise Stop("ast")
    return on_plain("literal_eval", ast.literal_eval)(ev, a, k)


AST: dict[str, Value] = {"literal_eval": Builtin("ast.literal_eval", _literal)}
CSV_ERROR = ClassValue("Error", [types.EXCEPTIONS["Exception"]], None, "exception")
_DIALECT = (
    "delimiter",
    "quotechar",
    "escapechar",
    "doublequote",
    "skipinitialspace",
    "lineterminator",
    "quoting",
    "strict",
)


def _csv_reader(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    lines = ev.collect(a[0])
    if len(a) > 1 or set(k) - set(_DIALECT) or not (ev.plain(lines) and ev.plain(k)):
        ev.risky("csv")
        return Unknown("csv")
    if any(type(v) is not str for v in lines):
        raise Stop("csv")
    return IteratorValue(iter(_rows(ev, lines, k)), "_csv.reader")


def _read_rows(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.host(lambda: list(csv.reader(a, **k)))


_rows = _raising(_read_rows, CSV_ERROR)


CSV: dict[str, Value] = {
    "reader": Builtin("csv.reader", _csv_reader), "Error": CSV_ERROR,
    **{n: getattr(csv, n) for n in ("QUOTE_ALL", "QUOTE_MINIMAL", "QUOTE_NONE", "QUOTE_NONNUMERIC")},
}  # fmt: skip

# -- operators in place -----------------------------------------------------------------------------------------------------

_IN_PLACE = {
    "iadd": "+", "isub": "-", "imul": "*", "itruediv": "/", "ifloordiv": "//", "imod": "%", "ipow": "**", "iand": "&",
    "ior": "|", "ixor": "^", "ilshift": "<<", "irshift": ">>", "iconcat": "+",
}  # fmt: skip


def _augment(op: str) -> Call:
    return lambda ev, a, k: ev.augment(op, a[0], a[1])


def _unary(op: str) -> Call:
    return lambda ev, a, k: ev.unary(op, a[0])


def _matmul(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.binary("@", a[0], a[1])


def _truth(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    known = ev.truth_of(a[0])
    return Unknown("condition", kind="bool") if known is None else known


def _delete_item(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.delete_index(a[0], a[1])


OPERATOR: dict[str, Value] = {
    **{n: Builtin("operator." + n, _augment(o)) for n, o in _IN_PLACE.items()},
    "pos": Builtin("operator.pos", _unary("+")), "invert": Builtin("operator.invert", _unary("~")),
    "inv": Builtin("operator.inv", _unary("~")), "matmul": Builtin("operator.matmul", _matmul),
    "truth": Builtin("operator.truth", _truth), "delitem": Builtin("operator.delitem", _delete_item),
    "index": Builtin("operator.index", on_plain("index", operator.index)),
}  # fmt: skip

FORMATS: dict[str, dict[str, Value]] = {
    "struct": STRUCT, "binascii": BINASCII, "codecs": CODECS, "zlib": ZLIB, "hmac": HMAC, "urllib.parse": URLS,
    "shlex": SHLEX, "fnmatch": FNMATCH, "keyword": KEYWORD, "ast": AST, "csv": CSV,
    "secrets": {"compare_digest": COMPARE_DIGEST},
}  # fmt: skip
