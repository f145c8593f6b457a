from dataclasses import replace
from pathlib import Path

import pytest

from runfree.check import check_file, examine_all, failed, shown
from runfree.report import Diagnostic, FileReport, TestReport
from runfree.syntax.tree import Span

SPAN = Span(1, 0, 1, 1)


@pytest.mark.parametrize(
    ("severity", "level", "expected"),
    [
        ("warning", "error", False),
        ("warning", "warning", True),
        ("error", "warning", True),
        ("information", "warning", False),
        ("information", "information", True),
        ("hint", "information", False),
    ],
)
def test_levels(severity, level, expected):
    found = Diagnostic("RF001", severity, "m", SPAN, "test_a")
    report = FileReport("p", "python", tests=(TestReport("test_a", SPAN, None, (found,)),))
    assert failed([report], level) is expected
    assert not failed([replace(report, tests=())], "information")


def test_paths_as_shown():
    folder = Path("/home/u/project")
    assert shown(folder / "tests" / "t.py", folder) == "tests/t.py"
    assert shown(Path("/home/u/other/t.py"), folder) == "../other/t.py"
    assert shown(Path("/var/a/b/t.py"), Path("/home/u/v/w/x")) == "/var/a/b/t.py"


def test_three_languages_in_order(write, scorer):
    folder = write(
        {
            "runfree.toml": 'scope = "all"\n',
            "go.mod": "module m\n",
            "cart.go": "package m\n\nfunc Total() int { return 0 }\n",
            "cart_test.go": 'package m\n\nimport "testing"\n\nfunc TestWrong(t *testing.T) { wrong := Total(); _ = wrong }\n',
            "src/main/java/p/Cart.java": "package p;\nclass Cart { int total() { return 0; } }\n",
            "src/test/java/p/CartTest.java": "package p;\nimport org.junit.Test;\n"
            "class CartTest { @Test public void again() { new Cart().total(); } }\n",
            "py/cart.py": "def total(): return 0\n",
            "py/test_cart.py": "from cart import total\n\ndef test_a():\n    assert total() == 0\n",
        }
    )
    paths = [folder / n for n in ("cart_test.go", "src/test/java/p/CartTest.java", "py/test_cart.py")]
    seen = []
    reports = [check_file(f, scorer, None, folder) for f in examine_all(paths, {}, seen.append)]
    assert [(r.path, r.language, r.focal_path) for r in reports] == [
        ("cart_test.go", "go", "cart.go"),
        ("src/test/java/p/CartTest.java", "java", "src/main/java/p/Cart.java"),
        ("py/test_cart.py", "python", "py/cart.py"),
    ]
    assert [d.code for r in reports for d in r.diagnostics] == ["RF001", "RF002"]
    assert seen == paths


def test_without_a_scorer_nothing_is_predicted(write):
    folder = write({"test_x.py": "def test_a(): ...\n"})
    (file,) = examine_all([folder / "test_x.py"], {})
    report = check_file(file, None, None, folder)
    assert report.skipped.startswith("focal file not found")
