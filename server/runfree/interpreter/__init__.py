"""A bounded abstract interpreter: what a test computes, read without running it."""

from runfree.interpreter.analyse import analyse, analyse_test
from runfree.interpreter.answers import Answers, AssertionAnswer, BranchDecision, Reason
from runfree.interpreter.budget import Budget
from runfree.interpreter.mutants import mutant_answers

__all__ = [
    "Answers",
    "AssertionAnswer",
    "BranchDecision",
    "Budget",
    "Reason",
    "analyse",
    "analyse_test",
    "mutant_answers",
]
