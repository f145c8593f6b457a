"""Cover profiles -> lines."""

from __future__ import annotations

from runfree_training.execute.go_coverage import Block, blocks, lines

TEXT = """package a

func A(x int) int { return x }

func B(x int) int {
	if x > 1 {
		return 1
	} else if x > 0 {
		return 2
	}
	return call(
		x)
}
"""
PROFILE = """mode: set
m/a.go:3.19,3.28 1 0
m/a.go:5.19,6.11 1 1
m/a.go:6.11,8.3 1 0
m/a.go:8.8,8.17 1 1
m/a.go:8.17,10.3 1 1
m/a.go:11.2,12.5 1 0
m/b.go:1.1,9.9 3 1
m/a.go:90.1,91.1 0 1
"""


def test_only_blocks_of_the_file_with_statements() -> None:
    found = blocks(PROFILE, "a.go")
    assert len(found) == 6
    assert found[0] == Block((3, 19), (3, 28), 0)


def test_lines_go_by_the_block_of_their_first_statement() -> None:
    # Line 10 holds no statement, line 12 is the rest of one: they are not asked for.
    executable, covered = lines(TEXT, [3, 6, 7, 8, 9, 11], blocks(PROFILE, "a.go"))
    assert executable == [3, 6, 7, 8, 9, 11]
    assert covered == [6, 8, 9]


def test_lines_in_no_block_are_not_executable() -> None:
    assert lines(TEXT, [1], blocks(PROFILE, "a.go")) == ([], [])
