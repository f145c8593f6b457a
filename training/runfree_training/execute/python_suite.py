"""The text of a Python test file: its test functions, and candidates put in beside the tests they were made from."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from runfree_training.execute.python_pairs import test_functions


@dataclass(frozen=True, slots=True)
class TestText:
    """A test function in its file: qualified name, 1-based lines (decorators included), text as it stands there."""

    __test__ = False

    name: str
    start: int
    end: int
    text: str

    @property
    def owner(self) -> str:
        """Qualified name of its class, "" at module level."""
        return self.name.rpartition("::")[0]

    @property
    def bare_name(self) -> str:
        """The function's own name."""
        return self.name.rpartition("::")[2]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A test function that is not in the file.

    Attributes:
        source, kind: as in `runfree_training.records.TestResult`.
        base: qualified name of the existing test it stands beside. name: its own qualified name.
        text: the function, indented as it stands in the file. removes: header lines that are missing with it.
        file: text of the whole test file to run it in, "" where the original with the candidate put in will do.
        given: what `Sample.candidate` would hold, where it is more than the bare function.
    """

    source: str
    kind: str
    base: str
    name: str
    text: str
    removes: str = ""
    file: str = ""
    given: str = ""

    @property
    def shown(self) -> str:
        """What `Sample.candidate` would hold: the function without the indentation of its class."""
        return self.given or textwrap.dedent(self.text)

    @property
    def compiles(self) -> str:
        """ "" or the error that keeps it from compiling."""
        flat = textwrap.dedent(self.text)
        nested = "class _:\n" + self.text if self.text[:1].isspace() else flat
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(nested, "candidate", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return f"{type(error).__name__}: {getattr(error, 'msg', error)}"
        return ""


class Suite:
    """A test file, parsed once.

    Raises:
        SyntaxError: it does not parse.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        if self.lines and not self.lines[-1].endswith("\n"):
            self.lines[-1] += "\n"
        self.module = ast.parse(text)

    @cached_property
    def nodes(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        """Test functions by qualified name; of several with one name the last, which is the one that runs."""
        return dict(test_functions(self.module))

    @cached_property
    def tests(self) -> dict[str, TestText]:
        """Test functions by qualified name, with their text."""
        found = {}
        for name, node in self.nodes.items():
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            end = node.end_lineno or node.lineno
            found[name] = TestText(name, start, end, "".join(self.lines[start - 1 : end]))
        return found

    def with_candidates(self, candidates: Sequence[tuple[Candidate, str]]) -> str:
        """The file with candidates added, each (with its bare name replaced by the given one) right after its base."""
        after: dict[int, list[str]] = {}
        for candidate, name in candidates:
            after.setdefault(self.tests[candidate.base].end, []).append(renamed(candidate, name))
        pieces = []
        for number, line in enumerate(self.lines, 1):
            pieces.append(line)
            pieces += ["\n" + text for text in after.get(number, ())]
        return "".join(pieces)

    def without(self, start: int, end: int, instead: str = "") -> str:
        """The file with some of its lines (1-based, inclusive) replaced."""
        return "".join([*self.lines[: start - 1], instead, *self.lines[end:]])


def renamed(candidate: Candidate, name: str) -> str:
    """The candidate's text with another name in its `def` line."""
    bare = re.escape(candidate.name.rpartition("::")[2])
    text = re.sub(rf"(\bdef\s+){bare}\b", lambda m: m[1] + name, candidate.text, count=1)
    return text if text.endswith("\n") else text + "\n"
