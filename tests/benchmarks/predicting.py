"""Times the language server over its pipes, and the scorer in this process."""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from runfree.canonical import file_cases
from runfree.config import Settings
from runfree.scorer import Scorer
from runfree.syntax.parse import parse

SERVE = """
import sys
from pathlib import Path
from runfree.loading import load_scorer
from runfree.lsp.run import run
run(scorer_factory=lambda: load_scorer(Path(sys.argv[1]) if sys.argv[1:] else None), log_level="ERROR")
"""


@dataclass(frozen=True)
class ServerFigures:
    """Seconds from the start of the process, milliseconds from an edit, megabytes of memory in use."""

    initialised_seconds: float
    first_lens_seconds: float
    edit_milliseconds: float
    edit_milliseconds_worst: float
    debounce_milliseconds: float
    stale_milliseconds: float
    memory_mb: float


@dataclass(frozen=True)
class ScorerFigures:
    """The file's tests as candidates, each beside all others."""

    candidates: int
    names: list[str]
    load_seconds: float
    cold_seconds: float
    candidates_per_second: float
    warm_per_second: float


def measure_server(case: Any, edits: int, cache: Path, model: Path | None) -> ServerFigures:
    """Opens the test file in a server with an empty cache, then edits its last test again and again."""
    started = time.perf_counter()
    server = Server(cache / case.name.replace("/", "-"), case.folder, model)
    try:
        server.initialise(case.folder)
        initialised = time.perf_counter() - started
        uri, text = case.tests.as_uri(), case.tests.read_text()
        server.open(uri, text)
        server.fresh(uri)
        first = time.perf_counter() - started
        times, stale = [], []
        for number in range(edits):
            text = text.rstrip("\n") + f"\n    assert {number} + 1\n"
            begun = time.perf_counter()
            server.change(uri, text)
            assert server.lenses(uri), "no lens while typing"
            stale.append(time.perf_counter() - begun)
            server.fresh(uri)
            times.append(time.perf_counter() - begun)
        memory = psutil.Process(server.process.pid).memory_info().rss / 1e6
    finally:
        server.end()
    return ServerFigures(
        initialised,
        first,
        statistics.median(times) * 1000,
        max(times) * 1000,
        Settings().debounce_ms,
        statistics.median(stale) * 1000,
        memory,
    )


def measure_scorer(case: Any, model: Path | None) -> ScorerFigures:
    """Scores every test of the file beside all others: once from nothing, once more with nothing changed."""
    begun = time.perf_counter()
    scorer = Scorer.load(model)
    loaded = time.perf_counter() - begun
    text = case.tests.read_text()
    names = [test.qualified_name for test in parse("python", text).tests]

    def score() -> float:
        begun = time.perf_counter()
        cases = file_cases("python", case.focal.read_text(), text, names, everything=True)
        scorer.score_cases(cases)
        return time.perf_counter() - begun

    cold, warm = score(), score()
    return ScorerFigures(len(names), names, loaded, cold, len(names) / cold, len(names) / warm)


class Server:
    """A server process and as much of an editor as the timing needs."""

    def __init__(self, cache: Path, folder: Path, model: Path | None) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, *([str(model.resolve())] if model else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "XDG_CACHE_HOME": str(cache)},
            cwd=folder,
        )
        self._ids = itertools.count(1)
        self._versions = itertools.count(2)

    def initialise(self, folder: Path) -> None:
        """Introduces an editor that can be told to ask for lenses again."""
        capabilities = {"workspace": {"codeLens": {"refreshSupport": True}}}
        root = folder.as_uri()
        self.request("initialize", {"processId": os.getpid(), "rootUri": root, "capabilities": capabilities})
        self.notify("initialized", {})

    def open(self, uri: str, text: str) -> None:
        """Opens a document."""
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, text: str) -> None:
        """Replaces its text."""
        document = {"uri": uri, "version": next(self._versions)}
        changes = [{"text": text}]
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def lenses(self, uri: str) -> list[str]:
        """The lenses' texts now."""
        answer = self.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
        return [lens["command"]["title"] for lens in answer or []]

    def fresh(self, uri: str) -> list[str]:
        """Waits, as an editor does, to be told to ask again, until nothing is under way any more."""
        while True:
            titles = self.lenses(uri)
            if titles and not any("…" in title for title in titles):
                return titles
            while True:
                message = self._read()
                self._answer(message)
                if message.get("method") == "workspace/codeLens/refresh":
                    break

    def request(self, method: str, params: Any) -> Any:
        """Sends a request and reads until its answer."""
        number = next(self._ids)
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(message["error"])
                return message.get("result")
            self._answer(message)

    def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self._send({"method": method, "params": params})

    def end(self) -> None:
        """Shuts the server down."""
        if self.process.poll() is None:
            self.request("shutdown", None)
            self.notify("exit", None)
        self.process.wait(10)

    def _answer(self, message: dict) -> None:
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> dict:
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the server ended")
        return json.loads(self.process.stdout.read(length))
