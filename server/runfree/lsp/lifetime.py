"""Sees to it that the server ends with its parent, whatever happens to either."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists and has not ended (a zombie has)."""
    if pid <= 0:
        return False
    if sys.platform == "win32":  # pragma: no cover
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def watch_parent(pid: int | None, ended: Callable[[], None], every: float = CHECK_SECONDS) -> bool:
    """Calls `ended`, from a thread of its own, once the process of that number is gone.

    A thread and not a task: the event loop can itself hang in writing to a pipe that nobody reads.

    Returns:
        Whether it watches: not where there is no number, nor where no such process is to be seen from here
        (an editor outside the container that the server runs in); the closed pipe has to do then.
    """
    if pid is None or not is_alive(pid):
        return False

    def watch() -> None:
        pause = threading.Event()
        while is_alive(pid):
            pause.wait(every)
        logger.warning("the editor (process %d) is gone; ending", pid)
        ended()

    threading.Thread(target=watch, name="runfree-parent-watch", daemon=True).start()
    return True


def _is_zombie(pid: int) -> bool:
    """Whether the process has ended and only waits to be reaped; False where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - no path of the user's
            return file.read().rpartition(b")")[2].split()[0] == b"Z"
    except (OSError, IndexError):
        return False


def _is_alive_on_windows(pid: int) -> bool:  # pragma: no cover
    import ctypes

    synchronise, still_running = 0x00100000, 0x102
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    handle = kernel.OpenProcess(synchronise, False, pid)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == still_running)
    finally:
        kernel.CloseHandle(handle)
