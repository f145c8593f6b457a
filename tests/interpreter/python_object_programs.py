"""Small random Python programs of classes, generators, closures and context managers, for the differential test."""

from __future__ import annotations

import random

_OPERATORS = ("+", "-", "*")


class ObjectGenerator:
    """Writes a family of classes and functions that use them, and calls of these functions."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def base(self) -> list[str]:
        lines = [
            "class Base:",
            f"    rate = {self.pick('1', '2', '-3')}",
            "    made = []",
            "",
            f"    def __init__(self, n, *rest, step={self.pick('1', '2')}, **more):",
            "        self.n = n",
            f"        self.rest = {self.pick('rest', 'list(rest)', 'sorted(rest)', 'rest[::-1]')}",
            "        self.step = step",
            "        self.more = more",
            f"        self.made.append({self.pick('n', 'step', 'len(rest)')})",
            "",
            "    def value(self):",
            f"        return self.n {self.pick(*_OPERATORS)} self.step {self.pick(*_OPERATORS)} self.rate",
            "",
            "    @property",
            "    def size(self):",
            f"        return {self.pick('len(self.rest)', 'self._size', 'self.value()')}",
            "",
            "    @classmethod",
            "    def of(cls, text):",
            f"        return cls(*map(int, text.split({self.pick(repr(','), '')})))",
            "",
            "    @staticmethod",
            "    def twice(x):",
            "        return x * 2",
            "",
        ]
        optional = [
            ["    def __eq__(self, other):", "        return isinstance(other, Base) and self.n == other.n"],
            ["    def __lt__(self, other):", "        return self.n < other.n"],
            ["    def __len__(self):", "        return max(self.n, 0)"],
            ["    def __getitem__(self, i):", "        return self.rest[i]"],
            ["    def __contains__(self, x):", "        return x == self.n or x in self.rest"],
            ["    def __add__(self, other):", "        return type(self)(self.n + getattr(other, 'n', other))"],
            ["    def __radd__(self, other):", "        return other + self.n"],
            ["    def __repr__(self):", "        return f'{type(self).__name__}({self.n}, {self.rest!r})'"],
            ["    def __call__(self, x):", "        return x - self.n"],
            ["    def __iter__(self):", "        yield self.n", "        yield from self.rest"],
            ["    def __bool__(self):", "        return self.n > 1"],
            ["    def __getattr__(self, name):", "        return name.upper() if name.startswith('x') else len(name)"],
            ["    def __enter__(self):", "        self.n += 1", "        return self"],
            ["    def __hash__(self):", "        return hash(self.n)"],
        ]  # fmt: skip
        for method in self.random.sample(optional, 7):
            lines += [*method, ""]
        lines += [
            "    def __exit__(self, kind, error, trace):",
            f"        return {self.pick('False', 'kind is KeyError', 'True')}",
        ]
        return [*lines, "", ""]

    def child(self) -> list[str]:
        lines = ["class Child(Base):", f"    rate = {self.pick('5', 'Base.rate + 1')}", ""]
        if self.random.random() < 0.7:
            lines += [
                f"    def __init__(self, n=4, {self.pick('*rest', 'extra=None')}):",
                f"        super().__init__(n, {self.pick('7, 8', '*[3, 1]', 'step=n')})",
                f"        self.{self.pick('n', 'extra', '_size', 'step')} = {self.pick('n + 1', 'self.rate', 'None')}",
                "",
            ]
        lines += [
            "    def value(self):",
            f"        return super().value() {self.pick(*_OPERATORS)} {self.pick('10', 'self.n', 'self.twice(3)')}",
            "",
        ]
        return [*lines, ""]

    def data(self) -> list[str]:
        return [
            "import dataclasses",
            "import enum",
            "import functools",
            "",
            "",
            f"@dataclasses.dataclass({self.pick('', 'order=True', 'frozen=True', 'eq=False')})",
            "class Item:",
            "    name: str",
            f"    price: int = {self.pick('3', '0')}",
            "    tags: list = dataclasses.field(default_factory=list)",
            "",
            "    def total(self, n=1):",
            "        return self.price * n",
            "",
            "",
            "class Kind(enum.Enum):",
            f"    A = {self.pick('1', repr('a'))}",
            f"    B = {self.pick('2', repr('b'), '1')}",
            "",
            "",
        ]

    def body(self) -> list[str]:
        made = f"{self.pick('Base', 'Child', 'Base.of', 'Child.of')}({self.pick('n', 'n, 2, 3', repr('4,5'), repr('1 2'), 'step=3', '')})"
        uses = (
            "x.value()", "x.size", "len(x)", "x[0]", "n in x", "(x + 1).n", "1 + x", "x(n)", "list(x)", "bool(x)", "x.xy",
            "x.missing", "x == Base(n)", "x < Base(3)", "sorted([Base(3), x, Base(1)])[0].n", "Base.made", "repr(x)",
            "x.rest", "x.more", "isinstance(x, Child)", "type(x).__name__", "x.rate", "vars(x)", "hasattr(x, 'value')",
            "[m for m in ('n', 'of', 'q') if hasattr(type(x), m)]", "{x: 1}[x]", "x != x", "max(x, Base(2)).n",
            "Item('a', n)", "Item('a', n) == Item('a', n)", "Item('b').total(n)", "dataclasses.asdict(Item('c', n))",
            "Item('a') < Item('b')", "dataclasses.replace(Item('c'), price=n)", "Kind.A.name", "Kind(n)", "Kind.A == Kind.B",
            "[k.value for k in Kind]", "functools.reduce(lambda a, b: a - b, [n, 1, 2])", "counter(n)()", "list(walk(n))",
            "guarded(n)", "memo(n)", "Item()", "Item('x', tags=[n]).tags + Item('y').tags", "Kind['C']",
        )  # fmt: skip
        lines = [f"    x = {made}"]
        style = self.random.randrange(5)
        if style == 0:
            lines += ["    with x as y:", f"        out = {self.pick(*uses)}", "    return out"]
        elif style == 1:
            lines += [
                "    try:",
                f"        out = {self.pick(*uses)}",
                f"    except {self.pick('AttributeError', 'TypeError', 'LookupError', 'Exception')} as error:",
                "        out = type(error).__name__",
                f"    {self.pick('else', 'finally')}:",
                f"        n = {self.pick(*uses)}",
                "    return out, n",
            ]
        elif style == 2:
            lines += [
                f"    for v in {self.pick('x', 'x.rest', 'walk(n)', 'Kind')}:",
                f"        n = ({self.pick(*uses)}, v == n)",
                "    return n",
            ]
        else:
            lines += [f"    return {self.pick(*uses)}, {self.pick(*uses)}"]
        return lines

    def program(self, functions: int = 6) -> tuple[str, list[str]]:
        """A module, and calls of its functions."""
        lines = [*self.data(), *self.base(), *self.child()]
        lines += [
            "def counter(n):",
            "    def count():",
            "        nonlocal n",
            f"        n += {self.pick('1', '2')}",
            "        return n",
            f"    {self.pick('count()', 'pass')}",
            "    return count",
            "", "",
            "def walk(n):",
            f"    while n > {self.pick('0', '2')}:",
            f"        {self.pick('got = yield n', 'yield n', 'yield from range(n)')}",
            "        n -= 2",
            "", "",
            "def guarded(n):",
            "    try:",
            "        return 10 // n",
            f"    except {self.pick('ZeroDivisionError', 'ValueError')}:",
            f"        raise {self.pick('KeyError(n) from None', 'ValueError', 'TypeError(n)')}",
            "    finally:",
            f"        {self.pick('Base.made.clear()', 'n = 3', 'pass')}",
            "", "",
            "@functools.lru_cache(maxsize=None)",
            "def memo(n):",
            "    return n if n < 2 else memo(n - 1) + memo(n - 2)",
            "", "",
        ]  # fmt: skip
        calls: list[str] = []
        for number in range(functions):
            lines += [f"def f{number}(n):", *self.body(), "", ""]
            calls += [f"f{number}({self.pick('0', '1', '3', '-2', '6')})" for _ in range(2)]
        return "\n".join(lines) + "\n", calls
