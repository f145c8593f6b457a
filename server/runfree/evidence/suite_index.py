"""What all candidates of one test file share: its helpers by name, whose imports are whose, what each function names."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from runfree.canonical import Case
from runfree.sample import Language
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, Import, SourceFile


class SuiteIndex:
    """One augmented test file, indexed once for all its candidates.

    `helpers`: functions that are no tests, by bare name. `imports`: those outside functions. `own_imports`: those
    inside a function, by the function's start byte.
    """

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        tests = {test.span.start_byte for test in file.tests}
        self.helpers: dict[str, list[Function]] = {}
        for function in file.functions:
            if function.span.start_byte not in tests:
                self.helpers.setdefault(function.name, []).append(function)
        starts = [function.span.start_byte for function in file.functions]
        self.imports: list[Import] = []
        self.own_imports: dict[int, list[Import]] = {}
        for item in file.imports:
            at = bisect_right(starts, item.span.start_byte) - 1
            if at >= 0 and item.span.start_byte < file.functions[at].span.end_byte:
                self.own_imports.setdefault(starts[at], []).append(item)
            else:
                self.imports.append(item)
        self._mentioned: dict[int, frozenset[str]] = {}

    def mentioned(self, function: Function) -> frozenset[str]:
        """Names that a function of this file calls, reads as members or reads."""
        key = function.span.start_byte
        if key not in self._mentioned:
            self._mentioned[key] = mentioned(function)
        return self._mentioned[key]


def mentioned(function: Function) -> frozenset[str]:
    """Names that a function calls, reads as members or reads."""
    names = {call.name for call in function.calls}
    names.update(member.name for member in function.members)
    names.update(name.text for name in function.names)
    return frozenset(names)


def suite_index(case: Case) -> SuiteIndex:
    """The index of the case's augmented test file."""
    return _index(case.language, case.suite.text)


@lru_cache(maxsize=32)
def _index(language: Language, text: str) -> SuiteIndex:
    return SuiteIndex(parse(language, text))
