"""Chooses the mutants of a Python focal file that are run: a seeded sample spread over its functions."""

from __future__ import annotations

import ast
import random
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from runfree.mutation import Mutant

# A mutant that acts on import costs a collection of its own; one on a line that no test reaches teaches little.
_MOST_ON_IMPORT = 1 / 12
_MOST_UNREACHED = 1 / 5


def sample_mutants(
    mutants: Sequence[Mutant],
    text: str,
    covered: AbstractSet[int],
    imported: AbstractSet[int],
    most: int,
    seed: int,
) -> tuple[Mutant, ...]:
    """At most `most` mutants in order of place: functions take turns, reached lines come first.

    `covered`: focal lines that a passing test covers, those run on import included; `imported`: the latter.
    """
    chance = random.Random(f"mutants {seed}")
    statements = statement_lines(text)
    pools: dict[str, list[Mutant]] = {"reached": [], "import": [], "unreached": []}
    for mutant in mutants:
        line = statements.get(mutant.line, mutant.line)
        if line in imported or not mutant.function or mutant.operator == "default":
            pools["import"].append(mutant)
        else:
            pools["reached" if line in covered else "unreached"].append(mutant)
    chosen = _spread(pools["import"], int(most * _MOST_ON_IMPORT), chance)
    chosen += _spread(pools["unreached"], int(most * _MOST_UNREACHED), chance)
    chosen += _spread(pools["reached"], most - len(chosen), chance)
    return tuple(sorted(chosen, key=lambda m: (m.start_byte, m.end_byte, m.operator, m.replacement)))


def _spread(mutants: Sequence[Mutant], most: int, chance: random.Random) -> list[Mutant]:
    """A sample that takes one of each function in turn, operators within a function in random order."""
    by_function: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_function.setdefault(mutant.function, []).append(mutant)
    groups = list(by_function.values())
    chance.shuffle(groups)
    for group in groups:
        chance.shuffle(group)
    chosen: list[Mutant] = []
    while len(chosen) < most and any(groups):
        for group in groups:
            if group and len(chosen) < most:
                chosen.append(group.pop())
    return chosen


def statement_lines(text: str) -> dict[int, int]:
    """First line of the innermost statement (or clause) that each line belongs to, as a coverage tool counts."""
    first: dict[int, int] = {}
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt | ast.ExceptHandler)]
    for node in sorted(nodes, key=lambda n: (n.lineno, -(n.end_lineno or n.lineno))):
        body = getattr(node, "body", None)
        # A compound statement's own lines end where its body begins.
        last = body[0].lineno - 1 if isinstance(body, list) and body else (node.end_lineno or node.lineno)
        for line in range(node.lineno, max(last, node.lineno) + 1):
            first[line] = node.lineno
    return first
