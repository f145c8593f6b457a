"""Go cover profiles -> lines: which statement lines of the focal file a run executed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_BLOCK = re.compile(r"^(.+\.go):(\d+)\.(\d+),(\d+)\.(\d+) (\d+) (\d+)$")
_ELSE = re.compile(r"\s*(?:\}\s*else\s*)?")


@dataclass(frozen=True, slots=True)
class Block:
    """One counter of a profile: from (line, column) to (line, column), 1-based bytes, end exclusive."""

    start: tuple[int, int]
    end: tuple[int, int]
    count: int


def blocks(profile: str, file_name: str) -> list[Block]:
    """The blocks of one file (`file_name`: its import path and name end so) that hold statements."""
    found = []
    for line in profile.splitlines():
        match = _BLOCK.match(line)
        if match and match[1].endswith("/" + file_name) and match[6] != "0":
            sl, sc, el, ec = (int(match[i]) for i in (2, 3, 4, 5))
            found.append(Block((sl, sc), (el, ec), int(match[7])))
    return found


def lines(text: str, statement_lines: Iterable[int], found: list[Block]) -> tuple[list[int], list[int]]:
    """The executable statement lines of a file and those of them that ran, ascending.

    A line belongs to the block that holds the first statement on it; a line without one (a whole function
    written on one line) belongs to the block that begins on it. Lines in no block are not executable.
    """
    spans = tuple((b.start, b.end) for b in found)
    holders = _holders(text, tuple(sorted(set(statement_lines))), spans)
    executed = [line for line, index in holders if found[index].count]
    return [line for line, _ in holders], executed


@lru_cache(maxsize=8)
def _holders(
    text: str, statement_lines: tuple[int, ...], spans: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
) -> tuple[tuple[int, int], ...]:
    """(line, index of its block) of every executable line; the same for all runs of a binary, hence cached."""
    rows = text.encode().split(b"\n")
    found = []
    for line in statement_lines:
        match = _ELSE.match(rows[line - 1].decode(errors="replace"))
        place = (line, len(rows[line - 1][: match.end() if match else 0]) + 1)
        holders = [i for i, (start, end) in enumerate(spans) if start <= place < end]
        holders = holders or [i for i, (start, _) in enumerate(spans) if start[0] == line]
        if holders:
            # Blocks nest only where a function literal's own block lies inside: the innermost counts.
            found.append((line, max(holders, key=lambda i: spans[i][0])))
    return tuple(found)
