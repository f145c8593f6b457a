"""Generated Java programs, read by us and run by the JVM: wherever we claim to know, both agree."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from runfree.interpreter import analyse_test

METHODS = 120
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="a JDK is not installed here")


class Generator:
    """Writes methods over int, long, char, double, String, List and Map."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def number(self, depth: int = 0) -> str:
        r = self.random
        if depth > 3 or r.random() < 0.3:
            return r.choice(
                ["a", "b", "c", "s.length()", "xs.size()", str(r.randint(-9, 40)), "Integer.MAX_VALUE"]
            )
        left, right = self.number(depth + 1), self.number(depth + 1)
        return r.choice(
            [
                f"({left} {r.choice('+-*&|^')} {right})",
                f"({left} {r.choice('/%')} ({right} | 1))",
                f"(int) ({r.choice(['byte', 'short', 'char', 'long'])}) ({left})",
                f"({left} {r.choice(['<<', '>>', '>>>'])} {right})",
                f"Math.{r.choice(['max', 'min'])}({left}, {right})",
                f"({left} > {right} ? {left} : b)",
                f"(int) Math.abs({left} * 0.5)",
            ]
        )

    def text(self, depth: int = 0) -> str:
        r = self.random
        if depth > 2 or r.random() < 0.3:
            return r.choice(["s", '"x"', '"Hello, World"', "String.valueOf(a)", '("" + d)', "xs.toString()"])
        inner = self.text(depth + 1)
        return r.choice(
            [
                f"({inner} + {self.number(2)})",
                f"({inner} + 'c' + (char) ('a' + 1) + 1L + 2.50)",
                f"{inner}.{r.choice(['toUpperCase', 'trim', 'toLowerCase'])}()",
                f'{inner}.replace("l", "LL")',
                f"{inner}.substring({inner}.length() / 2)",
                f'String.format("%d|%5d|%-4s|%.2f|%b|%05d", a, b, {inner}, d, a > b, c)',
                f'String.join("-", {inner}.split(","))',
                f"new StringBuilder({inner}).reverse().append(a).toString()",
            ]
        )

    def statement(self, depth: int = 0) -> str:
        r = self.random
        name = r.choice("abc")
        kind = r.randrange(9 if depth < 2 else 4)
        if kind == 0:
            return f"{name} = {self.number()};"
        if kind == 1:
            return f"{name} {r.choice(['+=', '-=', '*=', '^=', '<<='])} {self.number()};"
        if kind == 2:
            return f"s = {self.text()}; if (s.length() > 200) s = s.substring(0, 200);"
        if kind == 3:
            return r.choice(
                [
                    f"xs.add({name});",
                    f'm.merge("k{r.randint(0, 3)}", {name}, Integer::sum);',
                    "d = d / 3 + a % 100;",
                ]
            )
        if kind == 4:
            then, orelse = self.statement(depth + 1), self.statement(depth + 1)
            return f"if ({self.number()} {r.choice(['<', '>=', '=='])} {self.number()}) {{ {then} }} else {{ {orelse} }}"
        if kind == 5:
            i = f"i{depth}"
            head = f"for (int {i} = 0; {i} < {r.randint(1, 4)}; {i}++)"
            return f"{head} {{ {self.statement(depth + 1)} if ({i} == 2) continue; {name} += {i}; }}"
        if kind == 6:
            return f"for (int v : new ArrayList<>(xs)) {{ {name} += v; if (v > 30) break; }}"
        if kind == 7:
            return f"switch ({name} & 3) {{ case 0: case 1: {self.statement(2)} break; case 2: {name}++; default: {name}--; }}"
        return (
            f"try {{ {name} = xs.get({self.number(2)}); }} catch (IndexOutOfBoundsException e) {{ {name} = -1; }} "
            "finally { c++; }"
        )

    def method(self, number: int) -> str:
        body = "\n".join(self.statement() for _ in range(self.random.randint(3, 7)))
        return (
            f"static String f{number}(int a, int b, String s) {{\nint c = 1; double d = 0.5;\n"
            "List<Integer> xs = new ArrayList<>(Arrays.asList(a, b, 3));\n"
            f"Map<String, Integer> m = new TreeMap<>();\n{body}\n"
            'return a + " " + b + " " + c + " " + s + " " + xs + " " + m + " " + d;\n}\n'
        )


def literal(text: str) -> str:
    return (
        '"' + "".join(c if 31 < ord(c) < 127 and c not in '"\\' else f"\\u{ord(c):04x}" for c in text) + '"'
    )


def test_claims_agree_with_the_jvm(tmp_path: Path) -> None:
    methods = [Generator(seed).method(seed) for seed in range(METHODS)]
    calls = [f'f{i}({i % 7 - 3}, {i % 5}, "l{i}")' for i in range(METHODS)]
    # Each result on a line of its own, as numbers, so that no encoding gets in between.
    printing = "\n".join(f"show(() -> {call});" for call in calls)
    show = (
        "static void show(java.util.function.Supplier<String> f) { String r; try { r = f.get(); } catch (RuntimeException e)"
        ' { r = "!" + e.getClass().getSimpleName(); } StringBuilder o = new StringBuilder();'
        ' for (char c : r.toCharArray()) o.append((int) c).append(" "); System.out.println(o); }'
    )
    focal = "import java.util.*;\n\npublic class Focal {\n" + "\n".join(methods) + "}\n"
    main = focal.rstrip()[:-1] + show + "\npublic static void main(String[] args) {\n" + printing + "\n}\n}\n"
    (tmp_path / "Focal.java").write_text(main)
    done = subprocess.run(["java", "Focal.java"], cwd=tmp_path, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, (done.stderr + done.stdout)[:2000]
    claimed = 0
    wrong = []
    for number, (call, line) in enumerate(zip(calls, done.stdout.splitlines(), strict=True)):
        expected = "".join(chr(int(n)) for n in line.split())
        if expected.startswith("!"):
            check = f"assertThrows({expected[1:]}.class, () -> Focal.{call});"
        elif any(ord(c) < 32 or c in '"\\' or ord(c) > 126 for c in expected):
            continue
        else:
            check = f"assertEquals({literal(expected)}, Focal.{call});"
        suite = (
            "import static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n\n"
            f"class FocalTest {{\n    @Test\n    void it() {{\n        {check}\n    }}\n}}\n"
        )
        answers = analyse_test("java", focal, suite, "it", "Focal.java", "FocalTest.java")
        claimed += answers.outcome != "unknown"
        if answers.outcome == "fails":
            wrong.append(f"{call}: really {expected}, but {answers.sentence}\n{methods[number]}")
    assert not wrong, "\n".join(wrong[:2])
    assert claimed > 0.5 * len(calls)
