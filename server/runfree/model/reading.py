"""What the abstract interpreter knows of a test, in the shape that the features want."""

from __future__ import annotations

from collections.abc import Sequence

from runfree.model.line_features import UNREAD, Reading
from runfree.mutation import Mutant
from runfree.syntax.tree import Function, SourceFile


def read_test(focal: SourceFile, suite: SourceFile, test: Function, mutants: Sequence[Mutant]) -> Reading:
    """Reads one test to its end without running it; `UNREAD` where that is not possible."""
    return UNREAD
