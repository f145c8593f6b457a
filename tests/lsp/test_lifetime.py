"""Watching the editor's process."""

import os
import subprocess
import sys
import threading

from runfree.lsp.lifetime import is_alive, watch_parent


def test_a_process_is_alive_until_it_ends_and_a_zombie_has_ended():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_alive(child.pid)
    ended = threading.Event()
    assert watch_parent(child.pid, ended.set, every=0.02)
    child.kill()
    assert ended.wait(5)  # it is a zombie until it is waited for
    child.communicate()
    assert not is_alive(child.pid)


def test_who_cannot_be_seen_is_not_watched():
    assert not watch_parent(None, lambda: None)
    assert not watch_parent(2**22 + 1, lambda: None)
    assert not is_alive(0)
    assert is_alive(os.getpid())
