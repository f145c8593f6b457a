from runfree.config import ThresholdOverrides
from runfree.render.thresholds import CAUTIOUS, Thresholds


def test_by_language_then_default_then_cautious():
    thresholds = Thresholds({"RF001": {"python": 0.4, "default": 0.2}})
    assert thresholds.of("RF001", "python") == 0.4
    assert thresholds.of("RF001", "go") == 0.2
    assert thresholds.of("RF002", "go") == CAUTIOUS["RF002"]


def test_settings_go_first_also_with_zero():
    thresholds = Thresholds({"RF001": {"python": 0.4}}).overridden(ThresholdOverrides(RF001=0.0))
    assert thresholds.of("RF001", "python") == 0.0
    assert thresholds.of("RF002", "python") == CAUTIOUS["RF002"]
