import pytest

from runfree.model.calibration import Calibration


def test_identity():
    assert Calibration()(0.3) == pytest.approx(0.3)


def test_keeps_the_order_and_stays_inside():
    told = [Calibration(1.7, 0.6, -0.4)(p / 100) for p in range(101)]
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] < 1
