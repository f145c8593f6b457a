"""Small random Python programs with assertions, for the differential test: seeded, always ending, no side effects."""

from __future__ import annotations

import random

_NAMES = ("a", "b", "c", "d")


class Generator:
    """Writes functions over numbers, strings and containers, and tests that compare their results with literals."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.depth = 0

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def number(self) -> str:
        return self.pick("0", "1", "2", "3", "7", "-1", "10", "2.5", "100", "True")

    def text(self) -> str:
        return self.pick("''", "'a'", "'Hello World'", "'x,y,z'", "'  pad '", "'42'", "'ÄÖ'")

    def int_expression(self) -> str:
        self.depth += 1
        if self.depth > 4:
            result = self.pick(*_NAMES, "n", self.number())
        else:
            result = self.pick(
                "n",
                self.number(),
                f"({self.int_expression()} {self.pick('+', '-', '*')} {self.int_expression()})",
                f"({self.int_expression()} {self.pick('//', '%', '/')} {self.int_expression()})",
                f"len({self.text_expression()})",
                f"sum({self.list_expression()})",
                f"({self.int_expression()} if {self.condition()} else {self.int_expression()})",
                f"max({self.int_expression()}, {self.int_expression()})",
                f"round({self.int_expression()}, 1)",
                f"abs({self.int_expression()})",
            )
        self.depth -= 1
        return result

    def text_expression(self) -> str:
        self.depth += 1
        if self.depth > 4:
            result = self.pick("s", self.text())
        else:
            inner = self.text_expression()
            result = self.pick(
                "s",
                self.text(),
                f"{inner}.{self.pick('upper', 'lower', 'strip', 'title', 'swapcase', 'capitalize')}()",
                f"({inner} + {self.text_expression()})",
                f"{inner}.replace({self.text()}, {self.text()})",
                f"{inner}[{self.pick('0', '-1', '1:', ':2', '::-1', '1:3', '5')}]",
                f"f'{{{self.int_expression().replace(chr(39), chr(34))}}}|{{n!r:>5}}'".replace('""', '""'),
                f"str({self.int_expression()})",
                f"'-'.join({inner}.split({self.pick('', repr(','), repr(' '))}))",
                f"'%s:%d' % ({inner}, n)",
                f"'{{:>6}}{{!r}}'.format({inner}, n)",
                f"repr({self.list_expression()})",
            )
        self.depth -= 1
        return result

    def list_expression(self) -> str:
        self.depth += 1
        if self.depth > 4:
            result = "xs"
        else:
            result = self.pick(
                "xs",
                f"[{self.int_expression()}, {self.int_expression()}]",
                f"[v {self.pick('+', '*')} n for v in xs if v {self.pick('<', '>', '!=')} {self.int_expression()}]",
                f"sorted({self.list_expression()}, reverse={self.pick('True', 'False')})",
                f"list(map(lambda v: v * {self.number()}, {self.list_expression()}))",
                f"list(reversed({self.list_expression()}))",
                f"list(range(n))[{self.pick('::2', '1:', '-2:')}]",
                f"list(dict.fromkeys({self.list_expression()}))",
                f"[i * v for i, v in enumerate({self.list_expression()})]",
                f"list({{v: v for v in {self.list_expression()}}}.values())",
            )
        self.depth -= 1
        return result

    def condition(self) -> str:
        return self.pick(
            f"{self.int_expression()} {self.pick('<', '<=', '>', '==', '!=')} {self.int_expression()}",
            f"n % 2 {self.pick('==', '!=')} 0",
            f"s {self.pick('in', 'not in')} {self.text()}",
            "not xs",
            f"s.startswith({self.text()})",
            f"isinstance({self.int_expression()}, {self.pick('int', 'float', 'bool', '(int, str)')})",
        )

    def statement(self, indent: str) -> list[str]:
        kind = self.random.randrange(12)
        name = self.pick(*_NAMES)
        deeper = indent + "    "
        if kind < 3:
            return [f"{indent}{name} = {self.int_expression()}"]
        if kind == 3:
            return [f"{indent}{name} += {self.int_expression()}"]
        if kind == 4:
            orelse = [f"{indent}else:", *self.block(deeper)] if self.random.random() < 0.6 else []
            return [f"{indent}if {self.condition()}:", *self.block(deeper), *orelse]
        if kind == 5:
            return [
                f"{indent}for i, v in enumerate({self.list_expression()}):",
                f"{deeper}if v {self.pick('>', '==')} {self.number()}:",
                f"{deeper}    {self.pick('break', 'continue')}",
                f"{deeper}{name} {self.pick('=', '+=', '-=')} v * i",
                *([f"{indent}else:", f"{deeper}{name} = -5"] if self.random.random() < 0.3 else []),
            ]
        if kind == 6:
            return [
                f"{indent}try:",
                *self.block(deeper),
                f"{indent}except {self.pick('ZeroDivisionError', '(TypeError, IndexError)', 'ValueError', 'Exception')} as e:",
                f"{deeper}s = type(e).__name__",
                *([f"{indent}finally:", f"{deeper}d += 1"] if self.random.random() < 0.4 else []),
            ]
        if kind == 7:
            return [f"{indent}s = {self.text_expression()}"]
        if kind == 8:
            return [f"{indent}xs = {self.list_expression()}"]
        if kind == 9:
            return [
                f"{indent}while {name} < 5:",
                f"{deeper}{name} += {self.pick('1', '2', '3')}",
            ]
        if kind == 10:
            return (
                [f"{indent}raise {self.pick('ValueError', 'KeyError')}({self.text_expression()})"]
                if (self.random.random() < 0.2)
                else [f"{indent}{name}, *rest = [{self.int_expression()}, 1, 2]"]
            )
        return [
            f"{indent}match {self.pick('n', 's', '(n, s)', 'xs')}:",
            f"{deeper}case {self.pick('0 | 1', repr('a'), '[x, *_]', '(k, str())', 'int(k)')}:",
            f"{deeper}    {name} = 1",
            f"{deeper}case _:",
            f"{deeper}    {name} = 2",
        ]

    def block(self, indent: str) -> list[str]:
        self.depth += 1
        count = 1 if self.depth > 2 else self.random.randint(1, 3)
        lines = [line for _ in range(count) for line in self.statement(indent)]
        self.depth -= 1
        return lines

    def function(self, name: str) -> list[str]:
        return [
            f"def {name}(n, s='x', xs=(1, 2, 3)):",
            "    a, b, c, d = 0, 1, 2.0, n",
            "    xs = list(xs)",
            *self.block("    "),
            *self.block("    "),
            f"    return ({self.pick('a, b, c, d', 'a, s', 'xs, d, b')})",
        ]

    def arguments(self) -> str:
        return f"{self.random.randint(-3, 9)}, {self.text()}, {self.pick('[]', '[3, 1, 2]', '[5.5, -1]', '(4, 4)')}"

    def program(self, functions: int = 4) -> tuple[str, list[str]]:
        """A module, and calls of its functions."""
        lines: list[str] = []
        calls: list[str] = []
        for number in range(functions):
            lines += [*self.function(f"f{number}"), "", ""]
            calls += [f"f{number}({self.arguments()})" for _ in range(3)]
        return "\n".join(lines) + "\n", calls
