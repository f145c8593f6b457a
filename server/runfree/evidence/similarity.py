"""How alike two test functions are: cosine of their token and token-pair counts, names of tests and variables left out."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from runfree.syntax.tree import Function

# Longer tests are compared by their first tokens: a cap on the work for one pair, not on its meaning.
_MAX_TOKENS = 4_000
# Tokens and pairs are counted in this many buckets: 4 kB a function, and a pair of functions takes two microseconds.
# A test of 30 lines has some 300 different keys; their collisions move the cosine by less than 0.02.
_BUCKETS = 1024

_TOKEN = re.compile(r"""[A-Za-z_]\w*|\d[\w.]*|"(?:[^"\\\n]|\\.){0,200}"|'(?:[^'\\\n]|\\.){0,200}'|[^\s\w]""")
_CLOSING = frozenset(")]}")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//)[^\n]*$")
# What is left of a docstring in a text without comments.
_EMPTY = re.compile(r"""(?m)^[ \t]*[rRuU]?(?:"{3}\s*"{3}|'{3}\s*'{3}|"[ \t]*"|'[ \t]*')[ \t;]*$""")


def similarity(a: Function, b: Function) -> float:
    """Likeness in [0, 1] of two functions: 1 for the same tokens in the same order.

    The functions' own names, how their local variables are called and how their lines are broken make no difference.
    """
    one, other = (_profile(f.text, f.name, _variables(f)) for f in (a, b))
    if one.tokens == other.tokens:
        return 1.0
    # Different tokens are never the very same test, however their counts fall.
    return min(max(float(one.counts @ other.counts), 0.0), 0.999)


class _Profile:
    __slots__ = ("counts", "tokens")

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = " ".join(tokens)
        self.counts: npt.NDArray[np.float32] = np.zeros(_BUCKETS, dtype=np.float32)
        for key, count in Counter([*tokens, *(f"{a} {b}" for a, b in pairwise(tokens))]).items():
            self.counts[crc32(key.encode("utf-8", "replace")) % _BUCKETS] += count
        norm = float(np.linalg.norm(self.counts))
        if norm:
            self.counts /= norm


@lru_cache(maxsize=4096)
def _profile(text: str, name: str, variables: frozenset[str]) -> _Profile:
    tokens = _TOKEN.findall(_EMPTY.sub("", _COMMENT.sub("", text[: 16 * _MAX_TOKENS])))[:_MAX_TOKENS]
    order: dict[str, str] = {}
    kept: list[str] = []
    for before, token in pairwise(["", *tokens]):
        if token == name:
            token = "<name>"
        elif token in variables and before != ".":
            token = order.setdefault(token, f"<{len(order)}>")
        elif token in _CLOSING and before == ",":
            kept.pop()
        elif token[0] == "'" and '"' not in token:
            token = f'"{token[1:-1]}"'
        kept.append(token)
    return _Profile(kept)


def _variables(function: Function) -> frozenset[str]:
    """Its local variables; not its parameters, which may be fixtures."""
    return function.binds - {p.name for p in function.parameters}
