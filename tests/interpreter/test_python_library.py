"""The standard library as tests use it: each program holds assertions that are true in CPython; all are seen to hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

from runfree.interpreter import analyse_test

PROGRAMS = {
    "a time stamp with its zone": """
from datetime import datetime, timezone
def test_it():
    assert datetime.fromtimestamp(0, tz=timezone.utc).isoformat() == "1970-01-01T00:00:00+00:00"
""",
    "made by another class": """
class Shape:
    def __new__(cls, sides=0):
        return object.__new__(Square if sides == 4 else cls)
    def __init__(self, sides=0):
        self.name = "shape"
class Square(Shape):
    def __init__(self, sides=0):
        self.name = "square"
def test_it():
    assert Shape(4).name == "square" and Shape(3).name == "shape" and type(Shape(4)) is Square
""",
    "made by methods": """
import functools, hashlib, hmac
class Packet:
    def __bytes__(self):
        return b"\\x01\\x02"
def digest(data=b""):
    return hashlib.sha1(data)
def outer(function):
    def inner(*args):
        return function(*args) + 1
    return functools.update_wrapper(inner, function)
@outer
def three():
    return 3
def test_it():
    assert bytes(Packet()) == b"\\x01\\x02" and three() == 4 and three.__name__ == "three"
    assert hmac.new(b"k", msg=b"m", digestmod=digest).digest() == hmac.new(b"k", b"m", hashlib.sha1).digest()
""",
    "views of bytes": """
import struct
def test_it():
    data = bytearray(b"abcdef")
    view = memoryview(data)
    assert bytes(view[2:4]) == b"cd" and view[1:].tobytes() == b"bcdef" and len(view) == 6 and view[0] == 97
    data[0] = 65
    assert view[:1] == b"A" and list(view[-1:]) == [102] and struct.unpack(">H", view[:2]) == (0x4162,)
    del view
    del data[:3]
    assert data == bytearray(b"def") and isinstance(memoryview(b""), memoryview)
""",
    "special names": """
class Plain:
    pass
class Compiled:
    def __compile__(self, x):
        return x + 1
def function():
    pass
def test_it():
    assert not hasattr(Plain(), "__compile__") and not hasattr(Plain, "__compile__") and not hasattr(function, "__compile__")
    assert Compiled().__compile__(1) == 2 and not hasattr(3, "__compile__")
""",
    "locks": """
import reprlib, threading
class Store:
    def __init__(self):
        self.lock, self.own = threading.Lock(), threading.RLock()
        self.items = []
    def add(self, x):
        with self.lock, self.own:
            with self.own:
                self.items.append(x)
    @reprlib.recursive_repr()
    def __repr__(self):
        return f"Store({self.items!r})"
def test_it():
    s = Store()
    s.add(1)
    assert not s.lock.locked() and s.items == [1] and repr(s) == "Store([1])" and s.lock.acquire() and s.lock.locked()
    try:
        threading.Lock().release()
        assert False
    except RuntimeError:
        pass
""",
    "formats": """
import ast, binascii, codecs, csv, fnmatch, hashlib, hmac, io, keyword, operator, re, shlex, struct, zlib
from urllib.parse import parse_qs, urlparse, urlsplit, urlunsplit
def test_it():
    packed = struct.pack(">HB4s", 258, 7, b"ab")
    assert packed == b"\\x01\\x02\\x07ab\\x00\\x00" and struct.unpack(">HB4s", packed) == (258, 7, b"ab\\x00\\x00")
    layout = struct.Struct("<I")
    assert layout.size == struct.calcsize("I") == 4 and layout.unpack(layout.pack(9)) == (9,) and layout.format == "<I"
    try:
        struct.unpack(">H", b"x")
        assert False
    except ValueError:
        assert False
    except struct.error as error:
        assert not isinstance(error, re.error) and "2 bytes" in str(error)
    assert binascii.hexlify(b"ab") == b"6162" and codecs.decode("666f", "hex") == b"fo" and zlib.crc32(b"a") == 3904355907
    try:
        binascii.unhexlify("zz")
        assert False
    except ValueError as error:
        assert type(error) is binascii.Error
    made = hmac.new(b"k", b"text", hashlib.sha256)
    assert made.hexdigest() == hmac.new(b"k", b"text", "sha256").hexdigest() and hmac.compare_digest("a", "a")
    u = urlparse("https://me:pw@Example.org:81/a;p?q=1&q=2#f")
    assert (u.scheme, u.hostname, u.port, u.username, u.path, u.params) == ("https", "example.org", 81, "me", "/a", "p")
    assert parse_qs(u.query) == {"q": ["1", "2"]} and u.geturl() == "https://me:pw@Example.org:81/a;p?q=1&q=2#f"
    s = urlsplit("//x/y")
    assert s == ("", "x", "/y", "", "") and urlunsplit(s._replace(scheme="ftp")) == "ftp://x/y" and s[1] == s.netloc
    assert shlex.split("a 'b c'") == ["a", "b c"] and shlex.quote("a b") == "'a b'" and fnmatch.fnmatch("a.py", "*.py")
    assert keyword.iskeyword("for") and ast.literal_eval("[1, {'a': (2,)}]") == [1, {"a": (2,)}]
    try:
        ast.literal_eval("f()")
        assert False
    except ValueError:
        pass
    assert list(csv.reader(io.StringIO('a,"b,c"\\n1,2\\n'))) == [["a", "b,c"], ["1", "2"]]
    assert operator.iadd([1], [2]) == [1, 2] and operator.truth([]) is False and operator.index(5) == 5
""",
    "abstract collections": """
from collections import UserDict
from collections.abc import Collection, ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence, Set
from typing import Generic, TypeVar
import typing
class Names(MutableSet):
    def __init__(self, items=()):
        self.log, self.items = [], list(items)
    def __contains__(self, x):
        return x in self.items
    def __iter__(self):
        return iter(self.items)
    def __len__(self):
        return len(self.items)
    def add(self, x):
        if x not in self.items:
            self.items.append(x)
    def discard(self, x):
        if x in self.items:
            self.items.remove(x)
class Lower(MutableMapping):
    def __init__(self, *args, **kwargs):
        self.store = {}
        self.update(*args, **kwargs)
    def __getitem__(self, key):
        return self.store[key.lower()]
    def __setitem__(self, key, value):
        self.store[key.lower()] = value
    def __delitem__(self, key):
        del self.store[key.lower()]
    def __iter__(self):
        return iter(self.store)
    def __len__(self):
        return len(self.store)
class Pages(typing.Sequence[int]):
    def __init__(self, *pages):
        self.pages = pages
    def __getitem__(self, i):
        return self.pages[i]
    def __len__(self):
        return len(self.pages)
class Stack(MutableSequence):
    def __init__(self):
        self.inner = []
    def __getitem__(self, i):
        return self.inner[i]
    def __setitem__(self, i, v):
        self.inner[i] = v
    def __delitem__(self, i):
        del self.inner[i]
    def __len__(self):
        return len(self.inner)
    def insert(self, i, v):
        self.inner.insert(i, v)
class Default(UserDict):
    def __missing__(self, key):
        return key * 2
class OwnKeys(KeysView, Sequence):
    def __getitem__(self, i):
        return list(self._mapping)[i]
class Half(Mapping):
    def __len__(self):
        return 0
class Count:
    def __iter__(self):
        return iter([1])
def test_it():
    n = Names("ab")
    n.add("c")
    n.remove("a")
    assert n == {"b", "c"} and n <= {"b", "c", "d"} and not n < {"b", "c"} and n.isdisjoint({"z"})
    assert {"b"} <= n and sorted(n | {"x"}) == ["b", "c", "x"] and sorted({"b", "y"} & n) == ["b"]
    assert sorted(n - {"b"}) == ["c"] and isinstance(n ^ {"b"}, Names) and n.pop() == "b" and len(n) == 1
    n |= {"q"}
    assert "q" in n
    try:
        n.remove("nothing")
        assert False
    except KeyError as error:
        assert error.args == ("nothing",)
    d = Lower({"A": 1}, B=2)
    assert d["a"] == 1 and d.get("B") == 2 and d.get("c", 5) == 5 and "A" in d and list(d) == ["a", "b"]
    assert d == {"a": 1, "b": 2} and dict(d) == {"a": 1, "b": 2} and list(d.items()) == [("a", 1), ("b", 2)]
    assert d.pop("A") == 1 and d.pop("zz", None) is None and d.setdefault("C", []) == [] and len(d.values()) == 2
    assert isinstance(d.keys(), KeysView) and isinstance({}.items(), ItemsView) and not isinstance([], KeysView)
    assert OwnKeys(d)[0] == "b" and list(OwnKeys(d)) == ["b", "c"] and "b" in OwnKeys(d) and len(OwnKeys(d)) == 2
    d.clear()
    assert not d and {**Lower(x=1)} == {"x": 1}
    p = Pages(3, 4, 3)
    assert list(p) == [3, 4, 3] and 4 in p and p.index(4) == 1 and p.count(3) == 2 and list(reversed(p)) == [3, 4, 3]
    s = Stack()
    s.append(1)
    s.extend([2, 3])
    s += [4]
    s.reverse()
    assert list(s) == [4, 3, 2, 1] and s.pop() == 1 and s.pop(0) == 4
    s.remove(3)
    assert len(s) == 1 and s[0] == 2
    u = Default(a=1)
    u["b"] = 3
    assert u["a"] == 1 and u["zz"] == "zzzz" and u.data == {"a": 1, "b": 3} and u == {"a": 1, "b": 3} and repr(u) == "{'a': 1, 'b': 3}"
    assert isinstance(n, Set) and isinstance(d, Mapping) and not isinstance(d, Sequence) and isinstance(p, Collection)
    assert isinstance(Count(), Iterable) and not isinstance(Count(), Iterator) and isinstance(iter([1]), Iterator)
    assert not isinstance(Count(), Mapping) and isinstance([], Sequence) and not isinstance(len, Mapping)
    try:
        Half()
        assert False
    except TypeError as error:
        assert "abstract" in str(error)
""",
    "decorated methods": """
import contextlib, functools
class Box:
    def __init__(self):
        self.log = []
    @contextlib.contextmanager
    def open(self, name, *more):
        self.log.append(name)
        try:
            yield self
        finally:
            self.log.extend(more)
    @functools.lru_cache(maxsize=None)
    def twice(self, n):
        self.log.append(n)
        return n * 2
def test_it():
    box = Box()
    with box.open("a", "b") as same:
        assert same is box and box.log == ["a"]
    assert box.log == ["a", "b"] and box.twice(4) == box.twice(4) == 8 and box.log == ["a", "b", 4]
""",
}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_library(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAMS[name] + "\ntest_it()\n"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answers = analyse_test("python", "x = 1\n", PROGRAMS[name], "test_it", "focal.py", "test_focal.py")
    assert answers.outcome == "passes", (answers.sentence, answers.reasons)


def test_texts_of_values_are_made_only_for_failures() -> None:
    focal = "class Thing:\n    def __repr__(self):\n        return 'thing'\n"
    suite = (
        "import unittest\nfrom shop import Thing\n\nclass TestIt(unittest.TestCase):\n"
        "    def test_holds(self):\n        one = Thing()\n        self.assertEqual(one, one)\n"
        "    def test_fails(self):\n        self.assertEqual(Thing(), 1)\n"
    )
    holds, fails = (
        analyse_test("python", focal, suite, "TestIt::" + n, "shop.py", "test_shop.py")
        for n in ("test_holds", "test_fails")
    )
    assert (holds.outcome, holds.line_grades[3]) == ("passes", 0)
    assert (fails.outcome, fails.line_grades[3]) == ("fails", 1)
    assert "thing" in fails.sentence


def test_a_slot_for_a_special_method_is_not_guessed_at() -> None:
    focal = (
        "class Key:\n    __slots__ = ('name', '__hash__')\n    def __init__(self, name):\n        self.name = name\n"
        "        self.__hash__ = lambda: hash(name)\n    def __eq__(self, other):\n        return True\n"
    )
    suite = "from shop import Key\n\ndef test_it():\n    assert len({Key('a'): 1}) == 1\n"
    assert analyse_test("python", focal, suite, "test_it", "shop.py", "test_shop.py").outcome == "unknown"


def test_texts_that_differ_here_are_not_claimed() -> None:
    suite = (
        "from collections import defaultdict\nfrom pathlib import Path\n\ndef test_it():\n"
        "    assert repr([Path('a')]) == \"[PosixPath('a')]\"\n"
        "    assert '%s' % [defaultdict(list)] != '[{}]'\n    assert '%r' % (Path('a'),) == \"PosixPath('a')\"\n"
    )
    answers = analyse_test("python", "x = 1\n", suite, "test_it", "focal.py", "test_focal.py")
    assert [a.state for a in answers.assertions] == ["unknown"] * 3


def test_what_a_module_has_on_some_systems_is_not_claimed() -> None:
    focal = "import os\nflags = 1\nif hasattr(os, 'O_BINARY'):\n    flags = 2\n"
    suite = "from shop import flags\n\ndef test_it():\n    assert flags == 1\n"
    answers = analyse_test("python", focal, suite, "test_it", "shop.py", "test_shop.py")
    assert (answers.outcome, answers.line_grades[4]) == ("unknown", 1)


def test_a_time_stamp_in_the_zone_of_the_machine_is_not_known() -> None:
    program = "from datetime import datetime\n\n\ndef test_it():\n"
    program += "    try:\n        when = datetime.fromtimestamp(10**20)\n    except ValueError:\n        when = None\n"
    program += "    assert when is not None\n"
    assert analyse_test("python", "", program, "test_it").outcome == "unknown"
