"""The one entrance to the model: samples, or whole test files, become predictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from runfree.canonical import Case
from runfree.sample import Language, Prediction, Sample


class Scorer:
    """Scores candidates with a loaded model. `Sample -> Prediction` is pure: same text, same answer.

    Not safe for concurrent calls: give it an executor of its own with one worker.
    """

    @classmethod
    def load(cls, folder: Path | None = None) -> Scorer:
        """Loads the model from `folder` (default: the one shipped with the package), checked against its hash.

        Raises:
            RunfreeError: the model is missing, altered or of another schema; the message says what to do.
        """
        raise NotImplementedError

    @property
    def model_id(self) -> str:
        """Name, version and hash prefix of the model, e.g. "rmrf 0.1.0 (3f2a9c1d)"; part of every cache key."""
        raise NotImplementedError

    def score(self, sample: Sample) -> Prediction:
        """Scores one sample.

        Raises:
            RunfreeError: the candidate holds no test, or not the test asked for.
        """
        raise NotImplementedError

    def score_cases(self, cases: Sequence[Case]) -> list[Prediction]:
        """Scores canonical cases; the cases of one file share their parsed files, so shared work is done once."""
        raise NotImplementedError

    def score_file(
        self,
        language: Language,
        focal: str,
        test_text: str,
        names: Iterable[str],
        *,
        everything: bool = False,
        old_names: Iterable[str] = (),
        focal_path: str = "",
        test_path: str = "",
        context: tuple[tuple[str, str], ...] = (),
    ) -> dict[str, Prediction]:
        """Scores the named tests of one test file, in order of place.

        Existing tests of each: the tests that are not in `names`, and those of `names` above it, so that the first
        to reach a line gets the credit; with `everything`, all the others. Unknown names are left out.
        """
        raise NotImplementedError
