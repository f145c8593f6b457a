"""What a test's prediction depends on, as a key, and its evidence in a form that survives being moved about.

A prediction depends on the focal file, the test file's header, helpers and existing tests and the candidate, but
not on the tests below that do not count, nor on the blank lines between functions. So the key leaves those out, and
stored evidence counts its lines from the start of the function that holds them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, replace

from runfree.cache import content_key
from runfree.canonical import Case
from runfree.sample import Evidence, Prediction
from runfree.syntax.tree import Function, SourceFile

_RANK = 1_000_000  # stored line = rank of the function * _RANK + offset; no file read has that many lines


@dataclass(frozen=True, slots=True)
class Anchor:
    """One case's key, and the 1-based lines where the functions start that its prediction depends on."""

    key: bytes
    starts: tuple[int, ...]

    def stored(self, prediction: Prediction) -> Prediction:
        """The prediction with lines of the test file counted from their functions."""
        return replace(prediction, evidence=tuple(self._stored(item) for item in prediction.evidence))

    def placed(self, prediction: Prediction) -> Prediction:
        """A stored prediction with the lines of the test file as it is now."""
        return replace(prediction, evidence=tuple(self._placed(item) for item in prediction.evidence))

    def _stored(self, item: Evidence) -> Evidence:
        if item.where == "focal" or not item.line:
            return item
        rank = bisect_right(self.starts, item.line)
        offset = item.line - self.starts[rank - 1] if rank else item.line
        return replace(item, line=rank * _RANK + offset)

    def _placed(self, item: Evidence) -> Evidence:
        if item.where == "focal" or not item.line:
            return item
        rank, offset = divmod(item.line, _RANK)
        if rank > len(self.starts):
            return replace(item, line=0, column=0, end_column=0)
        return replace(item, line=self.starts[rank - 1] + offset if rank else offset)


class Anchors:
    """The anchors of the cases of one test file; its pieces are hashed once for all of them."""

    def __init__(self, suite: SourceFile) -> None:
        self._suite = suite
        self._pieces: list[
            tuple[Function | None, bytes]
        ] = []  # in order: text between functions, function, ...
        self._known: dict[frozenset[int], tuple[str, tuple[int, ...]]] = {}
        data = suite.text.encode("utf-8", "surrogatepass")
        place = 0
        for function in suite.functions:
            start, end = function.span.start_byte, function.span.end_byte
            if start < place:
                continue  # inside another function
            self._add(None, data[place:start] if place == 0 else _without_blanks(data[place:start]))
            self._add(function, data[start:end])
            place = end
        self._add(None, data[place:] if place == 0 else _without_blanks(data[place:]))

    def of(self, case: Case, model_id: str) -> Anchor:
        """The anchor of a case of `file_cases` with this file as its suite."""
        name = case.candidate.qualified_name
        existing = {id(test) for test in case.existing}
        others = frozenset(
            id(test) for test in self._suite.tests if id(test) not in existing and test.qualified_name != name
        )
        if others not in self._known:  # where all tests are scored, the answer is one and the same
            counting = [item for item in self._pieces if item[0] is None or id(item[0]) not in others]
            digest = hashlib.sha256(b"".join([piece for _, piece in counting])).hexdigest()
            starts = tuple([function.span.start_line for function, _ in counting if function])
            self._known = {others: (digest, starts)}
        digest, starts = self._known[others]
        context = (part for path, text in case.context for part in (path, text))
        names = (case.language, case.focal_path, case.test_path, name)
        key = content_key(model_id, *names, case.focal.text, digest, *context)
        return Anchor(key, starts)

    def _add(self, function: Function | None, text: bytes) -> None:
        if function is None and not text:
            return  # nothing between two functions: a new test below must leave the keys above alone
        self._pieces.append((function, hashlib.sha256(text).digest()))


def _without_blanks(text: bytes) -> bytes:
    return b"\n".join(line for line in text.split(b"\n") if line.strip())
