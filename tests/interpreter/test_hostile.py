"""Hostile code ends within budget and memory, and no claim comes of it."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from runfree.interpreter import analyse_test

PROGRAMS = {
    "deep recursion": "def f(n=0):\n    return f(n + 1)\n",
    "mutual recursion in equality": (
        "class A:\n    def __eq__(self, other):\n        return other == self\n\ndef f():\n    return A() == A()\n"
    ),
    "huge loop": "def f():\n    x = 0\n    for i in range(10 ** 12):\n        x += i\n    return x\n",
    "endless loop": "def f():\n    while True:\n        pass\n",
    "endless generator": "def g():\n    while True:\n        yield 1\n\ndef f():\n    return list(g())\n",
    "giant power": "def f():\n    return 10 ** 10 ** 10\n",
    "giant shift": "def f():\n    return 1 << 10 ** 12\n",
    "giant product": "def f():\n    x = 3 ** 5000\n    while True:\n        x = x * x\n",
    "giant string": "def f():\n    return 'a' * 10 ** 9\n",
    "doubling string": "def f():\n    s = 'ab'\n    while True:\n        s = s + s\n",
    "doubling replace": "def f():\n    s = 'a' * 300\n    while True:\n        s = s.replace('a', 'a' * 300)\n",
    "wide format": "def f():\n    return '%1000000000d' % 1\n",
    "wide f-string": "def f():\n    n = 10 ** 9\n    return f'{1:>{n}}'\n",
    "padding": "def f():\n    return 'a'.ljust(10 ** 10) + 'b'.zfill(10 ** 10)\n",
    "join": "def f():\n    return ('x' * 90000).join(['a'] * 9000)\n",
    "nested multiplication": "def f():\n    return [[[0] * 9000] * 9000] * 9000\n",
    "nested doubling shown": "def f():\n    x = [1]\n    for i in range(60):\n        x = [x, x]\n    return repr(x)\n",
    "nested doubling compared": (
        "def f():\n    x, y = [1], [1]\n    for i in range(60):\n        x, y = [x, x], [y, y]\n    return x == y\n"
    ),
    "nested doubling copied": (
        "import copy\ndef f():\n    x = (1,)\n    for i in range(60):\n        x = (x, x)\n    return copy.deepcopy(x)\n"
    ),
    "catastrophic regex": "import re\ndef f():\n    return re.match(r'(a+)+$', 'a' * 60 + 'b')\n",
    "many stars": "import re\ndef f():\n    return re.match('.*' * 30 + 'x', 'a' * 200)\n",
    "factorial": "import math\ndef f():\n    return math.factorial(10 ** 8)\n",
    "product of ranges": (
        "import itertools\ndef f():\n    return list(itertools.product(range(100), repeat=12))\n"
    ),
    "self-modifying class": (
        "class A:\n    def m(self):\n        A.m = lambda self: A.m(self)\n        return self.m()\n\ndef f():\n    return A().m()\n"
    ),
    "class made in a loop": (
        "def f():\n    x = object\n    for i in range(10 ** 6):\n        class B(x):\n            pass\n        x = B\n    return x\n"
    ),
    "self-containing list": "def f():\n    x = []\n    x.append(x)\n    return repr(x) + str(x == [x])\n",
    "dictionary growth": "def f():\n    d = {}\n    i = 0\n    while True:\n        d[i] = d\n        i += 1\n",
    "giant literal": "def f():\n    return " + "9" * 100_000 + "\n",
    "deep nesting": "def f():\n    return " + "(" * 5000 + "1" + ")" * 5000 + "\n",
    "long chain": "def f():\n    return " + "+".join(["1"] * 20_000) + "\n",
    "getattr loop": (
        "class A:\n    def __getattr__(self, name):\n        return getattr(self, name + 'x')\n\ndef f():\n    return A().a\n"
    ),
    "raising in finally": (
        "def f():\n    while True:\n        try:\n            raise ValueError\n        finally:\n            continue\n"
    ),
    "unknown loops": (
        "import other\ndef f():\n    for a in other.x():\n        for b in a:\n            for c in b:\n                if c:\n"
        "                    while c.y():\n                        pass\n"
    ),
    "round": "def f():\n    return round(10, -(10 ** 9))\n",
    "big range": "def f():\n    return [*range(10 ** 15)]\n",
    "sum of bytes": "def f():\n    return bytes(10 ** 10)\n",
}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_hostile_code_ends(name: str) -> None:
    suite = "from focal import f\n\ndef test_f():\n    assert f() == 12345\n"
    tracemalloc.start()
    start = time.perf_counter()
    answers = analyse_test("python", PROGRAMS[name], suite, "test_f", "focal.py", "test_focal.py")
    seconds = time.perf_counter() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answers.outcome != "passes"
    assert seconds < 5  # tracing memory slows it about five times
    assert peak < 64_000_000
