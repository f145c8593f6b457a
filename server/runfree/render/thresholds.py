"""The probabilities at which a prediction becomes a diagnostic, per code and language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runfree.config import ThresholdOverrides
from runfree.sample import Language

# Where neither the model's config nor the settings give a value: low, people leave over false alarms.
CAUTIOUS: Mapping[str, float] = {"RF001": 0.1, "RF002": 0.1, "RF003": 0.1}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Threshold values in [0, 1].

    Attributes:
        by_code: code -> language -> value, as the model's config gives them ("default": all other languages).
            RF001 fires where `passes` is below its value, RF002 where both gains are below its value,
            RF003 where `coverage_gain` is at least 0.5 and `mutation_gain` below its value.
    """

    by_code: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, code: str, language: Language) -> float:
        """The value that holds for a code in a language."""
        values = self.by_code.get(code, {})
        return values.get(language, values.get("default", CAUTIOUS[code]))

    def overridden(self, settings: ThresholdOverrides) -> Thresholds:
        """These thresholds with the settings' values, where set, for all languages."""
        merged = dict(self.by_code)
        for code in CAUTIOUS:
            value = getattr(settings, code)
            if value is not None:
                merged[code] = {"default": value}
        return Thresholds(merged)
