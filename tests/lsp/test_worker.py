"""The scoring thread: one at a time, urgent first, never stuck."""

import threading
import time

import pytest

from runfree.lsp.worker import IN_THE_BACK, Worker


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    assert worker.close(5)


def test_the_screen_goes_before_the_back(worker):
    gate, order = threading.Event(), []
    first = worker.submit(gate.wait, 5)
    jobs = [worker.submit(order.append, name, urgency=IN_THE_BACK) for name in "ab"]
    jobs.append(worker.submit(order.append, "screen"))
    gate.set()
    for job in [first, *jobs]:
        job.result(5)
    assert order == ["screen", "a", "b"]


def test_a_cancelled_job_never_runs_and_a_failing_one_harms_nothing(worker):
    gate, ran = threading.Event(), []
    worker.submit(gate.wait, 5)
    dropped, failing = worker.submit(ran.append, 1), worker.submit(lambda: 1 / 0)
    assert dropped.cancel()
    gate.set()
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert worker.submit(lambda: 7).result(5) == 7
    assert ran == []


def test_closing_drops_what_waits_and_tells_of_what_does_not_end():
    worker, gate, running, ran = Worker(), threading.Event(), threading.Event(), []
    worker.submit(lambda: running.set() or gate.wait(5))
    waiting = worker.submit(ran.append, 1)
    assert running.wait(5)
    started = time.monotonic()
    assert not worker.close(0.05)
    assert time.monotonic() - started < 2
    gate.set()
    assert worker.close(5)
    assert ran == []
    assert not waiting.done()
    assert worker.submit(ran.append, 2).cancelled()
