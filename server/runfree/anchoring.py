"""What a test's prediction depends on, as a key, and its evidence in a form that survives being moved about.

A prediction depends on the focal file, the test file's header, helpers and existing tests and the candidate, but
not on the tests below that do not count, nor on the blank lines between functions. So the key leaves those out, and
stored evidence counts its lines from the start of the function that holds them.
"""

from __future__ import annotations

from dataclasses import replace

from runfree.cache import content_key
from runfree.canonical import Case
from runfree.sample import Evidence, Prediction
from runfree.syntax.tree import Function

_RANK = 1_000_000  # stored line = rank of the function * _RANK + offset; no file read has that many lines


def case_key(case: Case, model_id: str) -> bytes:
    """The cache key of a case of `file_cases`."""
    context = [part for path, text in case.context for part in (path, text)]
    names = (case.language, case.focal_path, case.test_path, case.candidate.qualified_name)
    return content_key(model_id, *names, case.focal.text, _counting_text(case), *context)


def anchored(prediction: Prediction, case: Case) -> Prediction:
    """The prediction with lines of the test file counted from their functions."""
    starts = [function.span.start_line for function in _counting(case)]

    def stored(item: Evidence) -> Evidence:
        if item.where == "focal" or not item.line:
            return item
        rank = sum(start <= item.line for start in starts)
        offset = item.line - starts[rank - 1] if rank else item.line
        return replace(item, line=rank * _RANK + offset)

    return replace(prediction, evidence=tuple(stored(item) for item in prediction.evidence))


def placed(prediction: Prediction, case: Case) -> Prediction:
    """A stored prediction with the lines of the test file as it is now."""
    starts = [function.span.start_line for function in _counting(case)]

    def present(item: Evidence) -> Evidence:
        if item.where == "focal" or not item.line:
            return item
        rank, offset = divmod(item.line, _RANK)
        if rank > len(starts):
            return replace(item, line=0, column=0, end_column=0)
        return replace(item, line=starts[rank - 1] + offset if rank else offset)

    return replace(prediction, evidence=tuple(present(item) for item in prediction.evidence))


def _counting(case: Case) -> list[Function]:
    """The functions that the prediction depends on, in order of place."""
    existing = {test.span.start_byte for test in case.existing}
    name = case.candidate.qualified_name
    others = {
        test.span.start_byte
        for test in case.suite.tests
        if test.span.start_byte not in existing and test.qualified_name != name
    }
    return [function for function in case.suite.functions if function.span.start_byte not in others]


def _counting_text(case: Case) -> str:
    """The test file's text without the tests that do not count and the blank lines between functions."""
    data = case.suite.text.encode("utf-8", "surrogatepass")
    counting = {function.span.start_byte for function in _counting(case)}
    pieces: list[bytes] = []
    place = 0
    for function in case.suite.functions:
        start, end = function.span.start_byte, function.span.end_byte
        if start < place:
            continue  # inside another function
        between = data[place:start]
        pieces.append(
            between if place == 0 else b"\n".join(line for line in between.split(b"\n") if line.strip())
        )
        if start in counting:
            pieces.append(data[start:end])
        place = end
    rest = data[place:]
    pieces.append(rest if place == 0 else b"\n".join(line for line in rest.split(b"\n") if line.strip()))
    # Empty pieces are what a test that does not count leaves behind: one more of those below changes nothing.
    return b"\0".join(piece for piece in pieces if piece).decode("utf-8", "replace")
