"""Rewrites leave what runs as it is, and the command tells how far predictions move under them."""

import json
import re

import pytest
from click.testing import CliRunner

from runfree.sample import Sample
from runfree.syntax.parse import parse
from runfree_training.cli import main
from runfree_training.rewriting import layout, names, order
from runfree_training.robustness import REWRITES, Pair, movements, table

PYTHON = '''\
import json
import re

KEYS = ('a', 'b')


def key(text):
    """The key of a text."""
    found = re.match('[ab]', text)  # its beginning
    if found is None:
        return None
    letter = found.group(0)
    return {'key': letter, 'text': 'it # is "so"'}


def keys(texts):
    # in order
    result = [key(text) for text in texts]
    both = dict(one=result[0], two="""a,
 b""")
    return result, both, f"{len(result)}"


def pairs(texts):
    result = []
    for at, text in enumerate(texts):
        result.append((at, key(text)))
    return result
'''
JAVA = """\
package shop;
import java.util.List;
import java.util.Map;
class Prices {
    int sum(int one, int two) {
        int total = one + two; // both
        String text = "a, b // c";
        return Math.max(total, text.length());
    }
    int count(List<Integer> all) {
        int total = all.size();
        return total;
    }
}
"""
GO = """\
package shop

import (
	"fmt"
	"strings"
)

type box struct{ total int }

func Sum(one, two int) int {
	total := one + two // both
	b := box{total: total}
	return len(fmt.Sprint("a, b", b.total)) + strings.Count("x", "y")
}

func Zero() int {
	none := 0
	return none
}
"""
CHANGES = [
    layout.blank_lines, layout.comments, layout.prompts, layout.no_comments, layout.indentation, layout.line_breaks,
    layout.quotes, names.rename_variables, order.functions, order.imports,
]  # fmt: skip


def run(text):
    scope = {}
    exec(text, scope)
    texts = ["apple", "banana", "cherry"]
    return scope["key"]("plum"), scope["keys"](texts), scope["pairs"](texts), scope["KEYS"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_rewritten_python_does_the_same(change):
    changed = change("python", PYTHON)
    assert changed not in (None, PYTHON)
    assert run(changed) == run(PYTHON)


@pytest.mark.parametrize(("language", "text"), [("java", JAVA), ("go", GO)])
@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_rewritten_java_and_go_parse_to_the_same_functions(change, language, text):
    changed = change(language, text)
    if change is layout.quotes:
        assert changed is None
        return
    assert changed not in (None, text)
    before, after = parse(language, text), parse(language, changed)
    assert not after.error_lines
    assert sorted(f.qualified_name for f in after.functions) == sorted(
        f.qualified_name for f in before.functions
    )
    assert sorted(v.text for f in after.functions for v in f.literals) == sorted(
        v.text for f in before.functions for v in f.literals
    )


def test_variables_are_renamed_and_nothing_else():
    changed = names.rename_variables("python", PYTHON)
    assert not re.search(r"\b(letter|both|result)\b", changed)
    assert "dict(one=" in changed  # a keyword
    assert "def key(text):" in changed  # a parameter
    assert changed.count("re.match") == 1
    go = names.rename_variables("go", GO)
    assert "box{total: total}" in go  # also a field's name: left alone everywhere
    assert "none :=" not in go
    java = names.rename_variables(
        "java", "@Test\nvoid a() {\n    int total = 1;\n    use(total, this.total);\n}\n"
    )
    assert java.count("total") == 1


def test_a_test_is_renamed_by_its_qualified_name():
    text, name = names.rename_test("python", "def test_a():\n    assert a() == 1\n", "TestA::test_a")
    assert (text.split("(")[0], name) == ("def test_case_k7", "TestA::test_case_k7")
    assert names.rename_test("python", "def test_a():\n    assert test_a\n", "") is None


def test_tests_are_reordered_within_their_class():
    text = "class TestA:\n    def test_a(self):\n        a()\n\n    def test_b(self):\n        b()\n\n\ndef test_c():\n    c()\n"
    assert [t.qualified_name for t in parse("python", order.tests("python", text)).tests] == [
        "TestA::test_b", "TestA::test_a", "test_c",
    ]  # fmt: skip


def test_code_that_may_depend_on_its_place_stays():
    assert order.functions("python", "def a():\n    pass\n\n\nA = a()\n\n\ndef b():\n    pass\n") is None
    assert order.functions("python", "@wrap\ndef a():\n    pass\n\n\ndef b(x=a):\n    pass\n") is None


def pair(before, after, label, language="python"):
    return Pair("r", language, (before, 0.5, 0.5), (after, 0.5, 0.5), (label, None, True))


def test_movements():
    pairs = [
        pair(0.9, 0.4, True),
        pair(0.2, 0.3, False),
        pair(0.6, 0.6, False),
        pair(0.8, 0.8, True, "go"),
    ]
    limits = {s: {"python": 0.5, "go": 0.5} for s in ("passes", "coverage", "mutation")}
    found = movements(pairs, limits)["r"]
    passes = found["all"]["passes"]
    assert (passes.samples, passes.flips) == (4, 0.25)
    assert passes.mean == pytest.approx(0.15)
    assert passes.most == pytest.approx(0.5)
    assert (passes.auroc_before, passes.auroc_after) == (1.0, 0.75)
    assert found["python"]["passes"].samples == 3
    assert found["all"]["mutation"].mean == 0
    assert "25.0%; 1.000 → 0.750" in table(movements(pairs, limits))


def test_the_command(tmp_path):
    focal = "def double(count):\n    total = count * 2  # twice\n    return total\n"
    existing = "import json\nfrom shop import double\n\n\ndef test_one():\n    assert double(1) == 2\n\n\ndef test_none():\n    assert double(0) == 0\n"
    rows = [
        {
            "language": "python", "focal": focal, "existing": existing, "focal_path": "shop.py", "test_path": "test_shop.py",
            "candidate": f"def test_new():\n    found = double({count})\n    assert found == {told}\n", "test_name": "test_new",
            "labels": {"pass": told == 2 * count, "coverage_gain": False, "mutation_gain": False}, "repository": "ours/shop",
        }
        for count, told in ((3, 6), (4, 9))
    ]  # fmt: skip
    (tmp_path / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["robustness", str(tmp_path / "samples.jsonl"), "--json", str(tmp_path / "moved.json")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    moved = json.loads((tmp_path / "moved.json").read_text())
    assert set(moved) <= set(REWRITES)
    for name in ("candidate: prompts in comments", "candidate: test renamed", "existing: tests reordered"):
        assert moved[name]["python"]["passes"]["samples"] == 2
        assert f"| {name} | all | 2 |" in result.output
    assert moved["candidate: prompts in comments"]["all"]["passes"]["most"] == 0
    sample = Sample("python", focal, existing, rows[0]["candidate"], "test_new")
    assert REWRITES["candidate: test renamed"](sample).test_name == "test_case_k7"
