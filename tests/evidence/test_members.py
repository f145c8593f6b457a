"""Members and imports that are not there."""

import pytest

from runfree.canonical import canonical
from runfree.evidence import evidence
from runfree.sample import Sample

PYTHON = """\
import json
from enum import Enum

RATE = 3


class Base:
    kind = "base"

    def __init__(self):
        self.items = []
        for name in ("left", "right"):
            setattr(other, name, 1)


class Till(Base):
    def add(self, x):
        self.last = x


class Open:
    def __getattr__(self, name):
        return name


class Foreign(json.JSONEncoder):
    pass


class Colour(Enum):
    RED = 1


def double(x):
    return 2 * x
"""


def python(*lines, header="from shop.till import Colour, Foreign, Open, Till, double\n"):
    body = "".join(f"    {line}\n" for line in lines)
    return f"import json\nimport os.path\nimport unittest.mock\n{header}\n\ndef test_x():\n{body}"


@pytest.mark.parametrize(
    "line",
    [
        "Till().missing",
        "Till().subtract(1)",
        "Till.missing",
        "t = Till(); t.missing()",
        "double.cache_clear()",
        "json.dump_all(1)",
        "os.missing",
        "os.path.missing()",
    ],
)
def test_python_members_that_are_not_there(codes, line):
    assert codes("python", PYTHON, python(line)) == ["undefined-member"]


@pytest.mark.parametrize(
    "line",
    [
        "Till().items, Till().kind, Till().last, Till().add(1)",
        "Till().left",
        "Till().__dict__",
        "Till()._Till__secret",
        "Open().anything",
        "Foreign().anything",
        "Colour.RED.name",
        "json.dumps(1); os.fspath('x'); unittest.mock.Mock().anything",
        "t = Till(); t = 3; t.missing",
        "assert not hasattr(Till(), 'missing') or Till().missing",
    ],
)
def test_python_members_that_may_be_there(codes, line):
    assert codes("python", PYTHON, python(line)) == []


def test_names_imported_from_the_focal_file(codes):
    assert codes("python", PYTHON, python("assert gone", header="from shop.till import gone\n")) == [
        "unknown-import"
    ]
    assert codes("python", PYTHON, python("assert RATE", header="from shop.till import RATE\n")) == []
    assert codes("python", PYTHON, python("assert gone", header="from shop.other import gone\n")) == []
    assert codes("python", PYTHON, python("assert gone", header="from .till import gone\n")) == []
    guarded = "try:\n    from shop.till import gone\nexcept ImportError:\n    gone = 1\n"
    assert codes("python", PYTHON, python("assert gone", header=guarded)) == []
    dynamic = PYTHON + "globals().update(gone=1)\n"
    assert codes("python", dynamic, python("assert gone", header="from shop.till import gone\n")) == []
    module = python("assert till.gone", "assert till.RATE", header="from shop import till\n")
    assert codes("python", PYTHON, module) == ["undefined-member"]


JAVA = """\
package shop;

public class Till {
    private int total;
    enum Mode { FAST, SLOW }
    public int add(int a) { return a; }
}
"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("till.subtract(1);", ["undefined-member"]),
        ("int x = till.missing;", ["undefined-member"]),
        ("till.add(1); till.toString(); till.getClass();", []),
        ("Object mode = Till.Mode.FAST;", []),
    ],
)
def test_java_members(codes, line, found):
    test = f"@Test\nvoid members() {{\n    Till till = new Till();\n    {line}\n}}\n"
    existing = "package shop;\n\nimport org.junit.jupiter.api.Test;\n\nclass TillTest {\n}\n"
    assert codes("java", JAVA, test, existing) == found
    assert codes("java", JAVA.replace("class Till", "class Till extends Base"), test, existing) == []


GO = """\
package shop

type Till struct{ total int }

func (t *Till) Add(x int) int { return x }
"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("till.Sub(1)", ["undefined-member"]),
        ("till.Add(1)", []),
        ("_ = till.total", []),
        ("till.check()", []),
    ],
)
def test_go_members(codes, line, found):
    candidate = (
        'package shop\n\nimport "testing"\n\nfunc (t *Till) check() {}\n\n'
        f"func TestX(t *testing.T) {{\n\ttill := &Till{{}}\n\ttill.Add(1)\n\t{line}\n}}\n"
    )
    assert codes("go", GO, candidate) == found


def test_a_library_module_of_the_focal_files_name_is_not_the_focal_file():
    candidate = "import logging\nfrom logging import WARNING\n\n\ndef test_x():\n    assert logging.Formatter, WARNING\n"
    sample = Sample(
        "python", "RATE = 1\n", "", candidate, "", "shop/contrib/logging.py", "tests/test_logging.py"
    )
    assert [e.code for e in evidence(canonical(sample)) if e.weight == "fails"] == []


def test_a_go_member_that_other_tests_use_is_in_another_file(codes):
    existing = 'package shop\n\nimport "testing"\n\nfunc TestSub(t *testing.T) {\n\ttill := &Till{}\n\ttill.Sub(2)\n}\n'
    candidate = "func TestX(t *testing.T) {\n\ttill := &Till{}\n\ttill.Sub(1)\n}\n"
    assert codes("go", GO, candidate, existing) == []
    assert codes("go", GO, candidate, existing.replace("till.Sub(2)", "_ = till")) == ["undefined-member"]
