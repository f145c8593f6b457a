"""Readings in the shape of features: mutants belong to statements, however their lines are broken."""

from runfree.model.reading import on_statements, read_test
from runfree.model.tokens import squeezed
from runfree.mutation import list_mutants
from runfree.syntax.parse import parse

BROKEN = """\
def price(count, unit):
    if count > 3:
        return max(
            count * unit,
            unit + 1,
        )
    elif unit > 2:
        return unit
    return 0
"""
TEST = "from shop import price\n\n\ndef test_price():\n    assert price(4, 2) == 8\n"


def read(focal):
    suite = parse("python", TEST)
    mutants = list_mutants("python", focal)
    reading = read_test(parse("python", focal), suite, suite.tests[0], mutants, "shop.py", "test_shop.py", ())
    fates = {
        (m.operator, squeezed(m.original)): told for m, told in zip(mutants, reading.mutants, strict=True)
    }
    return reading.outcome, fates


def test_mutants_inside_an_open_bracket_are_read():
    joined = BROKEN.replace(
        "max(\n            count * unit,\n            unit + 1,\n        )", "max(count * unit, unit + 1)"
    )
    assert joined != BROKEN
    assert read(BROKEN) == read(joined)
    outcome, fates = read(BROKEN)
    assert outcome == 1
    assert 2 in fates.values()


def test_a_branch_of_its_own_is_not_part_of_the_statement_above():
    focal = parse("python", BROKEN)
    mutants = list_mutants("python", BROKEN)
    placed = {m.line: p.line for m, p in zip(mutants, on_statements(focal, mutants), strict=True)}
    assert placed[4] == placed[5] == 3
    assert placed[7] == 7
