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


GO_PROGRAMS = {
    "deep recursion": "func F() int { return F() + 1 }",
    "mutual recursion": "func F() int { return g() }\nfunc g() int { return F() }",
    "endless loop": "func F() int {\n\tfor {\n\t}\n}",
    "huge loop": "func F() int {\n\tx := 0\n\tfor i := 0; i < 1000000000; i++ {\n\t\tx += i\n\t}\n\treturn x\n}",
    "doubling string": 'func F() int {\n\ts := "ab"\n\tfor {\n\t\ts = s + s\n\t}\n}',
    "giant repeat": 'import "strings"\nfunc F() int { return len(strings.Repeat("a", 1 << 40)) }',
    "doubling replace": (
        'import "strings"\nfunc F() int {\n\ts := "aa"\n\tfor {\n\t\ts = strings.ReplaceAll(s, "a", "aaaaaaaaaaaaaaaa")\n\t}\n}'
    ),
    "wide format": 'import "fmt"\nfunc F() int { return len(fmt.Sprintf("%1000000000d", 1)) }',
    "starred format": 'import "fmt"\nfunc F() int { return len(fmt.Sprintf("%*d", 1000000000, 1)) }',
    "giant slice": "func F() int { return len(make([]int, 1 << 40)) }",
    "giant array": "func F() int {\n\tvar a [1 << 40]int\n\treturn len(a)\n}",
    "arrays of arrays": "type A [9000]int\ntype B [9000]A\nfunc F() int {\n\tvar b B\n\tc := b\n\treturn len(c)\n}",
    "growing slice": "func F() int {\n\txs := []int{}\n\tfor {\n\t\txs = append(xs, xs...)\n\t\txs = append(xs, 1)\n\t}\n}",
    "growing map": "func F() int {\n\tm := map[int]int{}\n\tfor i := 0; ; i++ {\n\t\tm[i] = i\n\t}\n}",
    "giant constant": "const C = 1 << 4000000\nfunc F() int { return C >> 3999999 }",
    "constant powers": "func F() int {\n\tconst a = 1 << 1000\n\tconst b = a * a * a * a * a * a * a * a\n\treturn b * b * b * b >> 9000\n}",
    "giant literal": "func F() int { return " + "9" * 100_000 + " }",
    "deep nesting": "func F() int { return " + "(" * 3000 + "1" + ")" * 3000 + " }",
    "long chain": "func F() int { return " + "+".join(["1"] * 10_000) + " }",
    "nested doubling shown": (
        'import "fmt"\nfunc F() int {\n\tvar x any = 1\n\tfor i := 0; i < 60; i++ {\n\t\tx = []any{x, x}\n\t}\n\treturn len(fmt.Sprint(x))\n}'
    ),
    "nested doubling compared": (
        'import "reflect"\nfunc F() int {\n\tvar x, y any = 1, 1\n\tfor i := 0; i < 60; i++ {\n\t\tx, y = []any{x, x}, []any{y, y}\n\t}\n'
        "\tif reflect.DeepEqual(x, y) {\n\t\treturn 1\n\t}\n\treturn 0\n}"
    ),
    "self-containing slice": 'import "fmt"\nfunc F() int {\n\tx := []any{nil}\n\tx[0] = x\n\treturn len(fmt.Sprint(x))\n}',
    "self-containing type": "type T struct{ t T }\nfunc F() int {\n\tvar t T\n\t_ = t\n\treturn 1\n}",
    "recursive Stringer": 'import "fmt"\ntype T int\nfunc (t T) String() string { return fmt.Sprint(t) }\nfunc F() int { return len(T(1).String()) }',
    "panic in defer": 'func F() (n int) {\n\tdefer func() {\n\t\trecover()\n\t\tn = F()\n\t}()\n\tpanic("x")\n}',
    "catastrophic regex": (
        'import "regexp"\nfunc F() int {\n\tif regexp.MustCompile("(a+)+$").MatchString("'
        + "a" * 60
        + 'b") {\n\t\treturn 1\n\t}\n\treturn 0\n}'
    ),
    "unknown loops": (
        'import "os"\nfunc F() int {\n\tfor os.Getenv("A") != "" {\n\t\tfor os.Getenv("B") != "" {\n\t\t\tif os.Getenv("C") != "" {\n'
        "\t\t\t\tcontinue\n\t\t\t}\n\t\t}\n\t}\n\treturn 1\n}"
    ),
    "initialisation cycle": "var a = b\nvar b = c()\nfunc c() int { return a }\nfunc F() int { return a }",
    "generic growth": "type L[T any] struct{ next *L[L[T]] }\nfunc G[T any](l *L[T]) int { return G(l.next) }\nfunc F() int { return G(&L[int]{}) }",
}

JAVA_PROGRAMS = {
    "deep recursion": "static int f() { return f() + 1; }",
    "endless constructor": "Focal next = new Focal(); static int f() { return new Focal().hashCode(); }",
    "recursive initialiser": "static int a = b(); static int b() { return a + b(); } static int f() { return a; }",
    "endless loop": "static int f() { while (true) { } }",
    "huge loop": "static int f() { int x = 0; for (long i = 0; i < 1000000000000L; i++) x += i; return x; }",
    "doubling string": 'static int f() { String s = "ab"; while (true) s = s + s; }',
    "doubling builder": 'static int f() { StringBuilder s = new StringBuilder("ab"); while (true) s.append(s); }',
    "giant repeat": 'static int f() { return "ab".repeat(1000000000).length(); }',
    "doubling replace": 'static int f() { String s = "aa"; while (true) s = s.replace("a", "aaaaaaaaaaaaaaaa"); }',
    "wide format": 'static int f() { return String.format("%1000000000d", 1).length(); }',
    "precise format": 'static int f() { return String.format("%.1000000000f", 1.5).length(); }',
    "giant array": "static int f() { return new int[2000000000].length; }",
    "arrays of arrays": "static int f() { return new int[9000][9000][9000].length; }",
    "growing array": "static int f() { int[] a = {1}; while (true) a = Arrays.copyOf(a, a.length * 2); }",
    "growing list": "static int f() { List<Object> a = new ArrayList<>(); while (true) { a.add(1); a.addAll(a); } }",
    "growing map": "static int f() { Map<Integer, Integer> m = new HashMap<>(); for (int i = 0; ; i++) m.put(i, i); }",
    "growing set of objects": (
        "record P(int x) {} static int f() { Set<P> s = new HashSet<>(); for (int i = 0; ; i++) s.add(new P(i)); }"
    ),
    "copies": "static int f() { return Collections.nCopies(2000000000, 1).size(); }",
    "range": "static int f() { return (int) IntStream.range(0, 2000000000).filter(x -> x > 5).count(); }",
    "endless iterator": (
        "static int f() { Iterable<Integer> i = () -> new Iterator<>() { public boolean hasNext() { return true; } "
        "public Integer next() { return 1; } }; int t = 0; for (int x : i) t += x; return t; }"
    ),
    "endless stream": "static int f() { return (int) Stream.iterate(1, x -> x + 1).count(); }",
    "giant literal": "static int f() { return " + "9" * 100_000 + "; }",
    "deep nesting": "static int f() { return " + "(" * 3000 + "1" + ")" * 3000 + "; }",
    "long chain": "static int f() { return " + "+".join(["1"] * 10_000) + "; }",
    "deep generics": "static int f() { " + "List<" * 3000 + "Integer" + ">" * 3000 + " x = null; return 1; }",
    "nested doubling shown": (
        "static int f() { Object x = 1; for (int i = 0; i < 60; i++) x = List.of(x, x); return x.toString().length(); }"
    ),
    "nested doubling compared": (
        "static int f() { Object x = 1, y = 1; for (int i = 0; i < 60; i++) { x = List.of(x, x); y = List.of(y, y); } return x.equals(y) ? 1 : 0; }"
    ),
    "nested doubling hashed": (
        "static int f() { Object x = 1; for (int i = 0; i < 60; i++) x = List.of(x, x); return new HashSet<>(List.of(x)).size(); }"
    ),
    "self-containing list": "static int f() { List<Object> x = new ArrayList<>(); x.add(x); return x.toString().length() + x.hashCode(); }",
    "recursive equals": "public boolean equals(Object o) { return o.equals(this); } static int f() { return new Focal().equals(new Focal()) ? 1 : 0; }",
    "recursive toString": 'public String toString() { return "" + this; } static int f() { return new Focal().toString().length(); }',
    "recursive hashCode": "public int hashCode() { return Objects.hash(this); } static int f() { return new HashSet<>(List.of(new Focal())).size(); }",
    "finally forever": "static int f() { while (true) { try { throw new RuntimeException(); } finally { continue; } } }",
    "cyclic classes": "static class A extends B {} static class B extends A {} static int f() { return new A().hashCode(); }",
    "catastrophic regex": 'static int f() { return "' + "a" * 60 + 'b".matches("(a+)+") ? 1 : 0; }',
    "many stars": 'static int f() { return "' + "a" * 200 + '".matches("' + ".*" * 30 + 'x") ? 1 : 0; }',
    "unknown loops": (
        'static int f() { while (System.getenv("A") != null) for (Object a : other.Things.all()) for (Object b : other.Things.of(a)) '
        "if (a == b) while (b.hashCode() > 3) { } return 1; }"
    ),
    "sorting with a comparator that lies": (
        "static int f() { List<Integer> x = new ArrayList<>(Collections.nCopies(9000, 1)); x.sort((a, b) -> 1); return x.size(); }"
    ),
}


def check_ends(language: str, focal: str, suite: str, test: str, paths: tuple[str, str]) -> None:
    """Reads the test with the memory traced; no pass may be claimed."""
    tracemalloc.start()
    start = time.process_time()
    answers = analyse_test(language, focal, suite, test, *paths)  # type: ignore[arg-type]
    seconds = time.process_time() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answers.outcome != "passes"
    assert seconds < 8  # tracing memory slows it about five times
    assert peak < 64_000_000


@pytest.mark.parametrize("name", sorted(GO_PROGRAMS))
def test_hostile_go_ends(name: str) -> None:
    suite = 'package focal\n\nimport "testing"\n\nfunc TestF(t *testing.T) {\n\tif F() != 12345 {\n\t\tt.Error("no")\n\t}\n}\n'
    check_ends(
        "go", "package focal\n\n" + GO_PROGRAMS[name] + "\n", suite, "TestF", ("focal.go", "focal_test.go")
    )


@pytest.mark.parametrize("name", sorted(JAVA_PROGRAMS))
def test_hostile_java_ends(name: str) -> None:
    focal = f"import java.util.*;\nimport java.util.stream.*;\n\npublic class Focal {{\n{JAVA_PROGRAMS[name]}\n}}\n"
    suite = (
        "import static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n\n"
        "class FocalTest {\n    @Test\n    void it() {\n        assertEquals(12345, Focal.f());\n    }\n}\n"
    )
    check_ends("java", focal, suite, "it", ("Focal.java", "FocalTest.java"))
