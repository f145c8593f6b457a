"""runfree: what a unit test will do, predicted without running anything."""

from runfree.sample import Evidence, NewLine, Prediction, Sample

__version__ = "0.1.0"

__all__ = ["Evidence", "NewLine", "Prediction", "Sample", "__version__"]
