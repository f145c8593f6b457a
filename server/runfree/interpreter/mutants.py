"""Which static mutants of the focal file a test certainly kills, or certainly lets survive: the test read on mutated trees."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from runfree.interpreter.analyse import DEFAULT, Context, analyse_test
from runfree.interpreter.answers import CERTAIN, NEVER, Answers, Fate
from runfree.interpreter.budget import Budget
from runfree.mutation import Mutant
from runfree.sample import Language

# Steps that lowering the edited statement is worth.
OVERHEAD = 150


def mutant_answers(
    language: Language,
    focal_text: str,
    suite_text: str,
    test_name: str,
    focal_path: str,
    test_path: str,
    mutants: Sequence[Mutant],
    budget: Budget = DEFAULT,
    context: Context = (),
) -> dict[int, Fate]:
    """The fate of each mutant under one test alone, by its position in `mutants`; nothing is run.

    Args:
        focal_text, suite_text: the whole files; `suite_text` may be the test file without its other tests.
        test_name: qualified, as in `analyse_test`. focal_path, test_path: relative to the project, "" if not known.
        mutants: of the focal file, as `list_mutants(language, focal_text)` gives them (any part of them).
        budget: `mutant_steps` bounds the work for all of them together (about a microsecond a step), so that the same
            texts get the same answers; `mutant_seconds` is the backstop of the clock.
        context: other files of the project, (path, text).

    Returns:
        For every position "killed", "survives" or "unknown": what holds if the test passes on the focal file as it is
        (a test that fails kills nothing). Mutants of lines that the test certainly does not execute survive, at no
        cost; those of lines that it certainly executes are answered by reading the test on the mutated file, in turns
        over the lines, until the steps are spent; all others are unknown, as are those that keep the file from loading.
    """
    fates: dict[int, Fate] = dict.fromkeys(range(len(mutants)), "unknown")
    base = analyse_test(language, focal_text, suite_text, test_name, focal_path, test_path, budget, context)
    if base.outcome == "fails" or not base.loaded:
        return fates
    for position, mutant in enumerate(mutants):
        if base.line_grades.get(mutant.line) == NEVER:
            fates[position] = "survives"
    deadline = time.thread_time() + budget.mutant_seconds
    left = budget.mutant_steps
    # A mutated run that needs far more steps than the original loops for ever or is not worth waiting for.
    limits = replace(budget, path_steps=min(budget.path_steps, 2 * base.steps + 500), paths=4)
    for position in in_turns(base, mutants):
        if left < base.steps or time.thread_time() > deadline:
            break
        answers = _mutated(
            language,
            focal_text,
            suite_text,
            test_name,
            focal_path,
            test_path,
            mutants[position],
            replace(limits, steps=min(limits.steps, left)),
            context,
        )
        left -= answers.steps + OVERHEAD
        if answers.outcome == "fails" and answers.loaded:
            fates[position] = "killed"
        elif answers.outcome == "passes" and base.outcome == "passes":
            fates[position] = "survives"
    return fates


def in_turns(base: Answers, mutants: Sequence[Mutant]) -> Iterator[int]:
    """Positions of the mutants on certainly executed lines: the first of each line, the second of each line, ..."""
    by_line: dict[int, list[int]] = {}
    for position, mutant in enumerate(mutants):
        if base.line_grades.get(mutant.line, 0) == CERTAIN:
            by_line.setdefault(mutant.line, []).append(position)
    for group in zip_longest(*by_line.values()):
        yield from (p for p in group if p is not None)


def _mutated(
    language: Language,
    focal_text: str,
    suite_text: str,
    test_name: str,
    focal_path: str,
    test_path: str,
    mutant: Mutant,
    budget: Budget,
    context: Context,
) -> Answers:
    if language == "python":
        from runfree.interpreter.run_python import analyse_mutant

        return analyse_mutant(
            focal_text, suite_text, test_name, focal_path, test_path, mutant, budget, context
        )
    if language == "go":
        from runfree.interpreter.run_go import analyse_mutant as analyse_go_mutant

        return analyse_go_mutant(
            focal_text, suite_text, test_name, focal_path, test_path, mutant, budget, context
        )
    from runfree.interpreter.run_java import analyse_mutant as analyse_java_mutant

    return analyse_java_mutant(
        focal_text, suite_text, test_name, focal_path, test_path, mutant, budget, context
    )
