"""Old lines in new texts."""

import pytest

from runfree.lsp.drift import Drift

OLD = ["import x", "", "def test_a():", "    pass", "", "def test_b():", "    pass"]


@pytest.mark.parametrize(
    ("new", "places"),
    [
        (OLD, {0: 0, 2: 2, 5: 5, 6: 6}),
        (["# new", *OLD], {0: 1, 2: 3, 5: 6}),
        ([*OLD[:3], "    x = 1", "    y = 2", *OLD[4:]], {2: 2, 5: 6, 6: 7}),
        (OLD[2:], {2: 0, 5: 3}),
        ([*OLD[:2], "def test_new():", *OLD[3:]], {2: 2, 5: 5}),
        (["#", *OLD[:3], "    1", *OLD[4:], "# end"], {2: 3, 5: 6}),
    ],
)
def test_lines_are_found_again(new, places):
    drift = Drift(OLD, new)
    assert {line: drift.now(line) for line in places} == places


def test_a_line_that_is_gone_is_told_from_one_that_moved():
    drift = Drift(OLD, ["a", *OLD[:2], *OLD[4:]])
    assert drift.exactly(2) is None
    assert drift.exactly(5) == 4
    assert 0 <= drift.now(2) < 6


@pytest.mark.parametrize(("old", "new"), [([], []), (OLD, [""]), ([""], OLD), (OLD, OLD[:1]), (OLD * 2, OLD)])
def test_every_line_lands_inside_the_new_text(old, new):
    drift = Drift(old, new)
    for line in range(len(old) + 2):
        assert 0 <= drift.now(line) <= max(len(new) - 1, 0)
