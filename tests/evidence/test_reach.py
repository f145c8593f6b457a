"""Which focal functions tests reach."""

from runfree.evidence import evidence
from runfree.evidence.reach import reached_functions

FOCAL = """\
class Till:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0

    def add(self, x):
        self.total += check(x)


def check(x):
    return x


def lonely():
    return deeper()


def deeper():
    return 1


def never():
    return 0
"""
EXISTING = "from shop.till import Till, lonely\n\n\ndef test_make():\n    assert Till().total == 0\n"


def names(functions):
    return [f.qualified_name for f in functions]


def test_calls_are_followed_through_the_focal_file(case):
    made = case("python", FOCAL, "def test_x():\n    assert lonely() == 1\n", EXISTING)
    assert names(reached_functions(made, [made.candidate])) == ["lonely", "deeper"]
    assert names(reached_functions(made, made.existing)) == ["Till::__init__", "Till::reset"]


def test_helpers_and_fixtures_lead_there_too(case):
    helper = "def aid():\n    return lonely()\n\n\ndef test_x():\n    assert aid()\n"
    made = case("python", FOCAL, helper, EXISTING)
    assert names(reached_functions(made, [made.candidate])) == ["lonely", "deeper"]


def test_what_the_candidate_alone_reaches_is_new(case):
    made = case("python", FOCAL, "def test_x():\n    Till().add(1)\n    assert lonely() == 1\n", EXISTING)
    new = [e for e in evidence(made) if e.weight == "new"]
    assert {e.message for e in new} == {
        f"only this test reaches `{n}`" for n in ("Till::add", "check", "lonely", "deeper")
    }
    assert {(e.path, e.where) for e in new} == {("shop/till.py", "focal")}
    assert {FOCAL.split("\n")[e.line - 1].strip() for e in new} >= {"def check(x):", "def lonely():"}


def test_nothing_is_new_where_an_existing_test_does_the_same(case):
    again = "def test_x():\n    till = Till()\n    assert till.total == 0\n"
    assert "new" not in [e.weight for e in evidence(case("python", FOCAL, again, EXISTING))]
