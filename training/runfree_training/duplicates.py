"""Finds what the training repositories have in common with those held out: copied focal files, near-identical tests.

Repositories are split, not files, but code travels between repositories: forks, vendored copies, tests taken over. What
a held-out repository has too is taken out of training; the held-out side stays as it is.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runfree.errors import RunfreeError
from runfree.syntax.parse import parse
from runfree_training.records import Record
from runfree_training.splits import Split

SHINGLE = 5  # tokens
LEAST_TOKENS = 20  # shorter tests are alike by nature
# Jaccard similarity of the shingles from which two texts count as the same one.
SAME_TEST, SAME_FOCAL = 0.9, 0.9
_BANDS, _ROWS = 16, 4  # MinHash: two texts of similarity 0.9 share a band with probability > 0.9999

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\S")
_COMMENT = re.compile(r"(?m)^\s*(?:#|//|\*|/\*).*$")

_rng = np.random.default_rng(3)
_FACTORS = _rng.integers(1, 1 << 31, size=(_BANDS * _ROWS, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _rng.integers(0, 1 << 31, size=(_BANDS * _ROWS, 1), dtype=np.uint64)


@dataclass(slots=True)
class Duplicates:
    """What is to be left out of training, by record (any key).

    Attributes:
        records: keys of records whose focal file a held-out repository has too. tests: key -> indices into
            `Record.tests`. counts: (language, "focal files" / "tests of copied focal files" / "near-identical tests").
    """

    records: set[Path] = field(default_factory=set)
    tests: dict[Path, set[int]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


class _Index:
    """The held-out texts of one language, findable by a part of their MinHash."""

    def __init__(self) -> None:
        self._bands: dict[tuple[int, bytes], list[frozenset[int]]] = defaultdict(list)
        self._known: set[frozenset[int]] = set()

    def add(self, shingles: frozenset[int]) -> None:
        if shingles not in self._known:
            self._known.add(shingles)
            for band in _bands(shingles):
                self._bands[band].append(shingles)

    def has(self, shingles: frozenset[int], least: float) -> bool:
        """Whether one of the texts is as similar as that."""
        if shingles in self._known:
            return True
        others = {other for band in _bands(shingles) for other in self._bands.get(band, ())}
        return any(similarity(shingles, other) >= least for other in others)


def similarity(one: frozenset[int], other: frozenset[int]) -> float:
    """Jaccard similarity of two sets, 1 for two empty ones."""
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def shingles(text: str, name: str = "") -> frozenset[int]:
    """Hashes of all runs of `SHINGLE` tokens, without white space, comment lines and the test's own name.

    Empty where the text has fewer than `LEAST_TOKENS` tokens.
    """
    bare = re.split(r"::|\.", name)[-1]
    tokens = ["_" if token == bare else token for token in _TOKEN.findall(_COMMENT.sub("", text))]
    if len(tokens) < LEAST_TOKENS:
        return frozenset()
    runs = ("\0".join(tokens[i : i + SHINGLE]) for i in range(len(tokens) - SHINGLE + 1))
    return frozenset(zlib.crc32(run.encode("utf-8", "surrogatepass")) for run in runs)


def _bands(found: frozenset[int]) -> Iterator[tuple[int, bytes]]:
    values: npt.NDArray[np.uint64] = np.fromiter(found, dtype=np.uint64, count=len(found))
    smallest = ((values * _FACTORS + _OFFSETS) >> np.uint64(17)).min(axis=1)
    for band in range(_BANDS):
        yield band, smallest[band * _ROWS : (band + 1) * _ROWS].tobytes()


def find(records: Callable[[], Iterable[tuple[Path, Record]]], split: Callable[[str], Split]) -> Duplicates:
    """What of the training records is in the held-out ones (validation and test) too.

    `records` gives them one after another, twice; `split` says where a repository belongs.
    """
    focal: dict[str, _Index] = defaultdict(_Index)
    tests: dict[str, _Index] = defaultdict(_Index)
    for _, record in records():
        if split(record.repository) != "train":
            for at, text in _texts(record):
                (focal if at < 0 else tests)[record.language].add(text)
    found = Duplicates()
    for key, record in records():
        if split(record.repository) != "train":
            continue
        for at, text in _texts(record):
            if at < 0 and focal[record.language].has(text, SAME_FOCAL):
                found.records.add(key)
                found.counts[record.language, "focal files"] += 1
                found.counts[record.language, "tests of copied focal files"] += len(record.tests)
                break
            if at >= 0 and tests[record.language].has(text, SAME_TEST):
                found.tests[key].add(at)
                found.counts[record.language, "near-identical tests"] += 1
    return found


def _texts(record: Record) -> Iterator[tuple[int, frozenset[int]]]:
    """Shingles of the focal file (-1), then of the tests by index; those too short to tell are left out."""
    if whole := shingles(record.focal_text):
        yield -1, whole
    try:
        suite = {f.qualified_name: f.text for f in parse(record.language, record.test_text).tests}
    except RunfreeError:
        suite = {}
    for at, test in enumerate(record.tests):
        if parts := shingles(test.text or suite.get(test.name, ""), test.name):
            yield at, parts
