"""Runs Python tests (pytest and unittest suites) and their candidates."""

from __future__ import annotations

from runfree_training.execute.python_install import prepare
from runfree_training.execute.python_pairs import find_pairs

__all__ = ["find_pairs", "prepare"]
