"""Generated Go programs, read by us and run by the Go toolchain: wherever we claim to know, both agree."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runfree.interpreter import analyse_test

sys.path.insert(0, str(Path(__file__).parent))

from go_programs import HEADER as SNIPPET_HEADER
from go_programs import SHARED, USES, Snippets

FUNCTIONS = 300
SNIPPETS = 1500
pytestmark = pytest.mark.skipif(shutil.which("go") is None, reason="the Go toolchain is not installed here")


class Generator:
    """Writes functions over ints of several sizes, strings, slices and maps."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def number(self, depth: int = 0) -> str:
        r = self.random
        if depth > 3 or r.random() < 0.3:
            return r.choice(["a", "b", "c", "len(s)", "len(xs)", str(r.randint(-9, 40))])
        left, right = self.number(depth + 1), self.number(depth + 1)
        return r.choice(
            [
                f"({left} {r.choice('+-*&|^')} {right})",
                f"({left} {r.choice('/%')} ({right} | 1))",
                f"int({r.choice(['int8', 'uint8', 'int16', 'int32', 'uint32'])}({left} + a))",
                f"({left} {r.choice(['<<', '>>'])} uint({right} & 7))",
                "strings.Count(s, " + r.choice(['"a"', '"l"', '""']) + ")",
            ]
        )

    def text(self, depth: int = 0) -> str:
        r = self.random
        if depth > 2 or r.random() < 0.3:
            return r.choice(["s", '"x"', '"Hello, World"', '"äö€"', "strconv.Itoa(a)"])
        inner = self.text(depth + 1)
        return r.choice(
            [
                f"({inner} + {self.text(depth + 1)})",
                f"strings.{r.choice(['ToUpper', 'TrimSpace', 'ToLower'])}({inner})",
                f'fmt.Sprintf("%d|%5d|%-4s|%q|%v|%x|%t", a, b, {inner}, s, xs, c&255, a > b)',
                f'strings.Replace({inner}, "l", "LL", {r.randint(-1, 2)})',
                f'strings.Join(strings.Split({inner}, ","), "-")',
                f"{inner}[:len({inner})/2]",
                'fmt.Sprint(m["a"], len(m), f, f*1.5)',
                f"string(rune(65 + (({self.number(2)})&15)))",
            ]
        )

    def statement(self, depth: int = 0) -> str:
        r = self.random
        name = r.choice("abc")
        kind = r.randrange(9 if depth < 2 else 4)
        if kind == 0:
            return f"{name} = {self.number()}"
        if kind == 1:
            return f"{name} {r.choice(['+=', '-=', '*=', '^='])} {self.number()}"
        if kind == 2:
            return f"s = {self.text()}\nif len(s) > 200 {{ s = s[:200] }}"
        if kind == 3:
            return r.choice(
                [
                    f"xs = append(xs, {name})",
                    f'm["k{r.randint(0, 3)}"] += {self.number()}',
                    "f = f/3 + float64(a%100)",
                ]
            )
        if kind == 4:
            return f"if {self.number()} {r.choice(['<', '>=', '=='])} {self.number()} {{\n{self.statement(depth + 1)}\n}} else {{\n{self.statement(depth + 1)}\n}}"
        if kind == 5:
            return f"for i := 0; i < {r.randint(1, 4)}; i++ {{\n{self.statement(depth + 1)}\nif i == 2 {{ continue }}\n{name} += i\n}}"
        if kind == 6:
            return f"for i, v := range xs {{\n{name} += v * i\n{self.statement(depth + 1)}\nif i > 3 {{ break }}\n}}"
        if kind == 7:
            return f"switch {name} & 3 {{\ncase 0, 1:\n{self.statement(depth + 1)}\ncase 2:\n{name}++\nfallthrough\ndefault:\n{name}--\n}}"
        key = r.choice(['"a"', '"k1"'])
        return f"if v, ok := m[{key}]; ok {{ {name} += v }}"

    def function(self, number: int) -> str:
        body = "\n".join(self.statement() for _ in range(self.random.randint(3, 7)))
        return (
            f"func F{number}(a, b int, s string) string {{\nc, f := 1, 0.5\nxs := []int{{a, b, 3}}\n"
            f'm := map[string]int{{"a": a}}\n{body}\n'
            'return fmt.Sprintln(a, b, c, s, xs, len(m), m["a"], m["k1"], f)\n}\n'
        )


HEADER = 'import (\n\t"fmt"\n\t"strconv"\n\t"strings"\n)\n\nvar _ = strconv.Itoa\nvar _ = strings.ToUpper\n\n'


def run_go(folder: Path, source: str, calls: list[str]) -> list[str]:
    """What the calls return, as Go literals; all functions are compiled in one go."""
    printing = "\n".join('fmt.Printf("%q\\n", ' + call + ")" for call in calls)
    (folder / "main.go").write_text(f"package main\n\n{source}\nfunc main() {{\n{printing}\n}}\n")
    (folder / "go.mod").write_text("module example\n\ngo 1.22\n")
    done = subprocess.run(
        ["go", "run", "-gcflags=-N -l", "."], cwd=folder, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[:2000]
    return done.stdout.split("\n")


def compare(focal: str, calls: list[str], results: list[str]) -> tuple[int, list[str]]:
    """How many outcomes are claimed, and the wrong ones: each test expects what Go gives, so none of them fails."""
    claimed = 0
    wrong = []
    for call, expected in zip(calls, results, strict=False):
        suite = (
            'package main\n\nimport "testing"\n\nfunc TestIt(t *testing.T) {\n'
            f"\tif got := {call}; got != {expected} {{\n\t\tt.Errorf(got)\n\t}}\n}}\n"
        )
        answers = analyse_test("go", focal, suite, "TestIt", "main.go", "main_test.go")
        claimed += answers.outcome != "unknown"
        if answers.outcome == "fails":
            start = focal.index(f"func {call.partition('(')[0]}(")
            wrong.append(f"{call}: really {expected}, but {answers.sentence}\n{focal[start : start + 500]}")
    return claimed, wrong


def test_claims_agree_with_go(tmp_path: Path) -> None:
    functions = [Generator(seed).function(seed) for seed in range(FUNCTIONS)]
    calls = [f'F{i}({i % 7 - 3}, {i % 5}, "l{i}")' for i in range(FUNCTIONS)]
    results = run_go(tmp_path, HEADER + "\n".join(functions), calls)
    claimed, wrong = compare("package main\n\n" + HEADER + "\n".join(functions), calls, results)
    assert not wrong, "\n".join(wrong[:3])
    assert claimed > 0.8 * len(calls)


def test_snippets_agree_with_go(tmp_path: Path) -> None:
    source = Snippets(7)
    functions = [f"func P{i}() string {{\n{source.body(i)}\n}}\n" for i in range(SNIPPETS)]
    functions = [f.replace("() string {\ndefer", "() (_ string) {\ndefer") for f in functions]
    calls = [f"P{i}()" for i in range(SNIPPETS)]
    text = SNIPPET_HEADER + USES + SHARED + "\n".join(functions)
    results = run_go(tmp_path, text, calls)
    claimed, wrong = compare("package main\n\n" + text, calls, results)
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:3])
    assert claimed > 0.7 * len(calls)
