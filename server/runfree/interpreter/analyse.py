"""The room's entrance: what a case's test computes, kept by content."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from runfree.canonical import Case
from runfree.interpreter.answers import Answers, Reason
from runfree.interpreter.budget import Budget
from runfree.sample import Language

DEFAULT = Budget()
Context = tuple[tuple[str, str], ...]


def analyse(case: Case, budget: Budget = DEFAULT) -> Answers:
    """Reads the candidate of a case to its end without running it."""
    answers = analyse_test(
        case.language,
        case.focal.text,
        case.suite.text,
        case.candidate.qualified_name,
        case.focal_path,
        case.test_path,
        budget,
        case.context,
    )
    if case.error_lines and answers.outcome == "passes":
        # What was given has syntax errors that the canonical form leaves out.
        return replace(answers, outcome="unknown", likely="unknown")
    return answers


@lru_cache(maxsize=512)
def analyse_test(
    language: Language,
    focal_text: str,
    suite_text: str,
    test_name: str,
    focal_path: str = "",
    test_path: str = "",
    budget: Budget = DEFAULT,
    context: Context = (),
) -> Answers:
    """Reads one test to its end: `suite_text` is the whole test file, `test_name` qualified as in `Case`.

    Never raises for what the texts hold; what cannot be read is unknown. The same texts give the same answer.
    """
    try:
        if language == "python":
            from runfree.interpreter.run_python import analyse_python

            return analyse_python(focal_text, suite_text, test_name, focal_path, test_path, budget, context)
        if language == "go":
            from runfree.interpreter.run_go import analyse_go

            return analyse_go(focal_text, suite_text, test_name, focal_path, test_path, budget, context)
        if language == "java":
            from runfree.interpreter.run_java import analyse_java

            return analyse_java(focal_text, suite_text, test_name, focal_path, test_path, budget, context)
    except (RecursionError, MemoryError):
        return Answers(reasons=(Reason("budget:nesting"),))
    return Answers(reasons=(Reason("language"),))
