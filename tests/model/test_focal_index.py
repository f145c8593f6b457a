import numpy as np
import pytest

from runfree.model.focal_index import CONDITION_KINDS, STATIC_FEATURES, condition_kind, focal_index, row_sums
from runfree.syntax.parse import parse

FOCAL = """\
class Cart:
    def __init__(self, items=None):
        self.items = items or []

    def total(self, tax=0):
        if tax < 0:
            raise ValueError("tax must not be negative")
        value = sum(self.items)
        if tax:
            value += value * tax // 100
        else:
            value = self.round(value)
        return value

    def round(self, value):
        return int(value)


def checkout(cart):
    return cart.total()
"""


@pytest.fixture
def index():
    return focal_index(parse("python", FOCAL))


def feature(index, line, name):
    row = index.lines.tolist().index(line)
    return index.static[row, STATIC_FEATURES.index(name)]


def test_every_executable_line_has_a_row(index):
    assert index.lines.tolist() == [1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 19, 20]
    assert index.static.shape == (15, len(STATIC_FEATURES))


def test_module_lines_are_told_from_function_lines(index):
    assert feature(index, 1, "module_level") == 1
    assert feature(index, 8, "module_level") == 0


def test_branches_and_exits(index):
    assert feature(index, 7, "is_raise") == 1
    assert feature(index, 7, "branch_depth") == 1
    assert feature(index, 8, "branch_depth") == 0
    assert feature(index, 8, "earlier_exits") == 1  # the guarded raise above
    assert feature(index, 6, "earlier_exits") == 0
    assert feature(index, 12, "enclosing_else") == 1


def test_an_else_asks_the_question_of_its_if(index):
    row = index.lines.tolist().index(12)
    assert index.condition_parameters[row] == {"tax"}


def test_raises_and_literals_of_conditions(index):
    row = index.lines.tolist().index(7)
    assert index.raise_types[row] == {"valueerror"}
    assert "negative" in index.raise_messages[row]
    assert index.condition_literals[row] == {"0"}


def test_call_graph(index):
    names = [f.name for f in index.functions]
    total, rounding, checkout = names.index("total"), names.index("round"), names.index("checkout")
    assert [(e.callee, e.guards) for e in index.edges[total] if e.callee == rounding] == [(rounding, 1)]
    assert [(e.callee, e.guards) for e in index.edges[checkout]] == [(total, 0)]


def test_row_sums_with_empty_rows():
    csr = (np.array([0, 0, 2, 2, 3], dtype=np.int32), np.array([0, 1, 1], dtype=np.int32))
    assert row_sums(csr, np.array([1.0, 10.0], dtype=np.float32)).tolist() == [0, 11, 0, 10]


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("", "none"),
        ("x is None", "null"),
        ("isinstance(x, str)", "type"),
        ("x < 0", "number"),
        ('mode == "fast"', "string"),
        ("len(items) > 3", "length"),
        ("err != nil", "error"),
        ("name in known", "membership"),
        ("ready", "truth"),
    ],
)
def test_condition_kind(condition, kind):
    assert CONDITION_KINDS[condition_kind(condition)] == kind


def test_an_empty_file_has_no_lines():
    assert focal_index(parse("python", "")).lines.tolist() == []
