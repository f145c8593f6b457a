"""Runs Python tests (pytest and unittest suites) and their candidates: the parts of the executor, in one place."""

from runfree_training.execute.python_history import label_history
from runfree_training.execute.python_install import prepare
from runfree_training.execute.python_label import label_pair
from runfree_training.execute.python_pairs import find_pairs

__all__ = ["find_pairs", "label_history", "label_pair", "prepare"]
