"""Mutants of a focal file, listed statically: the same list serves labelling and prediction.

A mutant is one text edit of the focal file. Its identity is (operator, line, ordinal within the line), so that the
mutants of a labelled file and those listed in the editor are the same objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runfree.sample import Language

# One fixed operator set for all languages; a language lists those that make sense in it. The definitions follow
# mutmut 3 (Python), PIT's DEFAULTS group (Java) and gremlins / go-mutesting (Go), named per operator in each module.
OPERATORS: tuple[str, ...] = (
    "arithmetic",  # + - * / // % ** << >> & | ^ swapped for a sibling
    "comparison",  # < <= > >= == != is in, boundary and negation
    "boolean",  # and/or swapped, not dropped, True <-> False
    "number",  # n -> n + 1
    "string",  # "x" -> "XXxxXX"
    "assignment",  # a = x -> a = None / nil / zero; += -> -=
    "return",  # return x -> return None / zero / empty / negated
    "call",  # a void call removed; an argument replaced by None / zero
    "condition",  # an if / while condition forced true or false
    "control",  # break <-> continue
    "default",  # a parameter's default value changed
    "lambda",  # a lambda's body replaced by None
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One text edit of a focal file.

    Attributes:
        operator: one of `OPERATORS`.
        line: 1-based line of the edit's start.
        ordinal: 0-based rank among the mutants of this operator on this line, in order of column then replacement.
        start_byte, end_byte: UTF-8 byte range of the replaced text. original, replacement: source texts.
        function: qualified name of the innermost top-level function or method that holds it ("" at module level).
    """

    operator: str
    line: int
    ordinal: int
    start_byte: int
    end_byte: int
    original: str
    replacement: str
    function: str

    def apply(self, text: str) -> str:
        """The focal text with this edit made."""
        data = text.encode()
        return (data[: self.start_byte] + self.replacement.encode() + data[self.end_byte :]).decode()


def list_mutants(language: Language, text: str) -> tuple[Mutant, ...]:
    """Every mutant site of a focal file, in order of place; empty where the file cannot be read."""
    lister: Callable[[str], tuple[Mutant, ...]]
    if language == "python":
        from runfree.mutation.python import mutants as lister
    elif language == "java":
        from runfree.mutation.java import mutants as lister
    else:
        from runfree.mutation.go import mutants as lister
    return lister(text)


SAMPLE_LIMIT = 48  # mutants asked about for one focal file, unless it has more functions than that
