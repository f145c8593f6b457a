"""One thread that does all the scoring, so that the model is never used by two at once.

It is no thread of pygls' pool: that pool also reads standard input, and a full one would stop the reading.
It is a daemon thread with a queue of two urgencies: what is on the screen goes before what is scanned in the
back.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import PriorityQueue
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ON_SCREEN, IN_THE_BACK = 0, 1


class CancelledError(Exception):
    """Raised inside a job that found out that nobody wants its result any more."""


class Worker:
    """Runs jobs one at a time, in order of urgency, then of arrival."""

    def __init__(self, name: str = "runfree-scoring") -> None:
        self._queue: PriorityQueue[tuple[int, int, Callable[[], None]]] = PriorityQueue()
        self._count = itertools.count()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[..., Result], *arguments: Any, urgency: int = ON_SCREEN) -> Future[Result]:
        """Queues a job; a future cancelled before its turn is never run."""
        future: Future[Result] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = job(*arguments)
            except BaseException as error:  # handed to whoever waits; the thread lives on
                future.set_exception(error)
            else:
                future.set_result(result)

        if self._closed:
            future.cancel()
        else:
            self._queue.put((urgency, next(self._count), run))
        return future

    def close(self, seconds: float) -> bool:
        """Takes no more jobs, drops those waiting, and waits for the running one; False if it did not end."""
        self._closed = True
        self._queue.put((-1, next(self._count), _nothing))
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._closed:
            _, _, run = self._queue.get()
            if self._closed:
                return
            run()
            del run  # or the last job's texts would be kept until the next one comes


def _nothing() -> None:
    return None
