"""runfree: what a unit test will do, predicted without running anything."""

from typing import TYPE_CHECKING

from runfree.sample import Evidence, NewLine, Prediction, Sample

if TYPE_CHECKING:
    from runfree.scorer import Scorer

__version__ = "0.1.0"

__all__ = ["Evidence", "NewLine", "Prediction", "Sample", "Scorer", "__version__"]


def __getattr__(name: str) -> object:
    """`Scorer` is imported when it is first asked for: it brings the model's runtime, which a client may not need."""
    if name == "Scorer":
        from runfree.scorer import Scorer

        return Scorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
