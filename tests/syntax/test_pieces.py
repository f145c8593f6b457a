"""Files taken apart into their declarations."""

import pytest

from runfree.syntax.pieces import split

PYTHON = '''\
"""Doc."""
import os, sys as s
from a.b import c as d, e

LIMIT = 3


# why
@mark
def f(x): pass


class A:
    y = 1

    def g(self):
        pass
'''
JAVA = """\
package shop;

import a.B;
import static c.D.*;

/** Doc. */
public class T {
    int a = 1, b;
    static { x(); }
    T() {}
    void f(int x) {}
    class In { void g() {} }
}
"""
GO = """\
package shop

import "fmt"
import (
	x "a/b"
	"c/d-e/v2"
)

var a, b = 1, 2
const k = 1

type S struct{ n int }

func (s *S) M() {}

func F() {}
"""


def listed(pieces):
    return [(p.kind, p.name, p.binds, p.line) for p in pieces]


def test_python():
    pieces = split("python", PYTHON)
    assert listed(pieces) == [
        ("code", "", (), 1),
        ("import", "import os, sys as s", ("os", "s"), 2),
        ("import", "from a.b import c as d, e", ("d", "e"), 3),
        ("code", "LIMIT", ("LIMIT",), 5),
        ("function", "f", ("f",), 9),
        ("type", "A", ("A",), 13),
    ]
    assert pieces[4].text == "@mark\ndef f(x): pass"
    assert listed(pieces[5].members) == [("code", "y", ("y",), 14), ("function", "g", ("g",), 16)]
    assert PYTHON.encode()[: pieces[5].insert_at].endswith(b"pass")


def test_java():
    pieces = split("java", JAVA)
    assert [(p.kind, p.binds) for p in pieces] == [
        ("package", ()),
        ("import", ("B",)),
        ("import", ()),
        ("type", ("T",)),
    ]
    members = pieces[3].members
    assert [(p.kind, p.name, p.signature) for p in members] == [
        ("code", "a", 0),
        ("code", "", 0),
        ("function", "T", 0),
        ("function", "f", 1),
        ("type", "In", 0),
    ]
    assert [p.name for p in members[4].members] == ["g"]
    assert JAVA.encode()[pieces[3].insert_at :] == b"}\n"


def test_go():
    assert listed(split("go", GO)) == [
        ("package", "", (), 1),
        ("import", '"fmt"', ("fmt",), 3),
        ("import", 'x "a/b"', ("x",), 5),
        ("import", '"c/d-e/v2"', ("d_e",), 6),
        ("code", "a", ("a", "b"), 9),
        ("code", "k", ("k",), 10),
        ("code", "S", ("S",), 12),
        ("function", "S.M", ("S.M",), 14),
        ("function", "F", ("F",), 16),
    ]


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_text_that_is_no_code_is_survived(language):
    for text in ("", "((((", "\0\x07", "class" * 1000):
        pieces = split(language, text)
        assert all(0 <= p.start <= p.end <= len(text.encode()) for p in pieces)
