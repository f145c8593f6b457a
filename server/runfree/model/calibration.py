"""Scores become probabilities: beta calibration (Kull, Silva Filho, Flach 2017), three numbers a signal and language."""

from __future__ import annotations

import math
from dataclasses import dataclass

_EDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """p -> sigmoid(a ln p - b ln(1 - p) + c); the identity is a = b = 1, c = 0. Monotonic where a, b >= 0."""

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0

    def __call__(self, probability: float) -> float:
        """The calibrated probability, in (0, 1)."""
        p = min(max(probability, _EDGE), 1 - _EDGE)
        return 1.0 / (1.0 + math.exp(-(self.a * math.log(p) - self.b * math.log(1 - p) + self.c)))
