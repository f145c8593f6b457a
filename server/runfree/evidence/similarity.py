"""How alike two test functions are: cosine of their token counts and pairs, names of the tests left out."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from runfree.syntax.tree import Function

# Longer tests are compared by their first tokens: a cap on the work for one pair, not on its meaning.
_MAX_TOKENS = 4_000

_TOKEN = re.compile(
    r"""[A-Za-z_]\w*|\d[\w.]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^\s\w]""",
)
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//)[^\n]*$")


def similarity(a: Function, b: Function) -> float:
    """Likeness in [0, 1] of two functions: 1 for the same tokens in the same order, names of the functions aside."""
    one, other = _profile(a.text, a.name), _profile(b.text, b.name)
    if one.text == other.text:
        return 1.0
    if not one.norm or not other.norm:
        return 0.0
    small, large = (one, other) if len(one.counts) <= len(other.counts) else (other, one)
    dot = sum(count * large.counts[key] for key, count in small.counts.items() if key in large.counts)
    # Different tokens are never the very same test, however their counts fall.
    return min(dot / (one.norm * other.norm), 0.999)


class _Profile:
    __slots__ = ("counts", "norm", "text")

    def __init__(self, tokens: list[str]) -> None:
        self.text = " ".join(tokens)
        self.counts: Counter[object] = Counter(tokens)
        self.counts.update(pairwise(tokens))
        self.norm = math.sqrt(sum(count * count for count in self.counts.values()))


@lru_cache(maxsize=4096)
def _profile(text: str, name: str) -> _Profile:
    tokens = _TOKEN.findall(_COMMENT.sub("", text[: 16 * _MAX_TOKENS]))
    return _Profile(["<name>" if token == name else token for token in tokens[:_MAX_TOKENS]])
