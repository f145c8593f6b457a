"""How alike two test functions are: cosine of their token and token-pair counts, names of the tests left out."""

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
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//)[^\n]*$")


def similarity(a: Function, b: Function) -> float:
    """Likeness in [0, 1] of two functions: 1 for the same tokens in the same order, names of the functions aside."""
    one, other = _profile(a.text, a.name), _profile(b.text, b.name)
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
def _profile(text: str, name: str) -> _Profile:
    tokens = _TOKEN.findall(_COMMENT.sub("", text[: 16 * _MAX_TOKENS]))
    return _Profile(["<name>" if token == name else token for token in tokens[:_MAX_TOKENS]])
