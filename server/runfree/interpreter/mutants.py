"""Which static mutants of the focal file a test certainly kills, or certainly lets survive: the test read on mutated trees."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from runfree.interpreter.analyse import DEFAULT, Context, analyse_test
from runfree.interpreter.answers import NEVER, Answers, Fate
from runfree.interpreter.budget import Budget
from runfree.mutation import Mutant
from runfree.sample import Language


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
    """The fate of each mutant (by its position in `mutants`) under one test alone.

    Claims are made only where the test certainly passes on the focal file as it is; a mutated file that does not load
    is neither killed nor a survivor, so unknown. Mutants share the budget's `mutant_steps` and `mutant_seconds`, in
    order; those left over are unknown.
    """
    fates: dict[int, Fate] = dict.fromkeys(range(len(mutants)), "unknown")
    base = analyse_test(language, focal_text, suite_text, test_name, focal_path, test_path, budget, context)
    if base.outcome != "passes":
        return fates
    deadline = time.perf_counter() + budget.mutant_seconds
    left = budget.mutant_steps
    # A mutated run that needs far more steps than the original loops for ever or is not worth waiting for.
    limits = replace(budget, path_steps=min(budget.path_steps, 4 * base.steps + 1_000), paths=4)
    for position, mutant in enumerate(mutants):
        if _is_never(base, mutant.line):
            fates[position] = "survives"
            continue
        if left <= 0 or time.perf_counter() > deadline:
            continue
        answers = _mutated(
            language, focal_text, suite_text, test_name, focal_path, test_path, mutant, limits, context
        )
        left -= answers.steps + 50
        if answers.outcome == "fails" and answers.loaded:
            fates[position] = "killed"
        elif answers.outcome == "passes":
            fates[position] = "survives"
    return fates


def _is_never(base: Answers, line: int) -> bool:
    """Whether the statement that holds a line is certainly not executed."""
    grades = base.line_grades
    return grades.get(line) == NEVER


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
