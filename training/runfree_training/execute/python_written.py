"""Makes the candidates that authors wrote for a Python pair ready to be run."""

from __future__ import annotations

import ast
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.merge import merge
from runfree_training.candidates.written import written_for
from runfree_training.execute import Pair
from runfree_training.execute.python_suite import Candidate, Suite


def written_candidates(path: Path | None, repository: str, pair: Pair, test_text: str) -> list[Candidate]:
    """The written candidates of a pair; one whose test cannot be found in its text is left out."""
    given = written_for(path, repository, pair)
    if not given:
        return []
    suite = Suite(test_text)
    found = []
    for number, written in enumerate(given):
        try:
            merged = merge("python", test_text, written.candidate, written.test_name)
        except RunfreeError:
            continue
        base = next(iter(suite.tests), "")
        try:
            text = Suite(merged.text).tests[merged.name].text
        except (SyntaxError, KeyError):
            text = written.candidate  # does not compile, which is then its outcome
        owner = merged.name.rpartition("::")[0]
        beside = [test.name for test in suite.tests.values() if test.owner == owner]
        bare = len(ast.parse(written.candidate).body) == 1 if _parses(written.candidate) else False
        alone = not (bare and beside and not merged.new_imports)
        found.append(
            Candidate(
                "written",
                written.author_batch or str(number),
                beside[-1] if beside else base,
                merged.name,
                text,
                file=merged.text if alone else "",
                given=written.candidate,
            )
        )
    return found


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
