"""The language server: which request goes to which function, and nothing more."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import platformdirs
from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from runfree import __version__
from runfree.loading import load_scorer
from runfree.lsp import commands, features, lifetime, watching
from runfree.lsp.analysis import Reader, Scoring
from runfree.lsp.client import Client, read_client
from runfree.lsp.editor_settings import EditorSettings
from runfree.lsp.model_handle import ModelHandle
from runfree.lsp.progress import Progress
from runfree.lsp.protocol import RunfreeProtocol
from runfree.lsp.refresh import Refresher
from runfree.lsp.scan import Scans
from runfree.lsp.sessions import Sessions
from runfree.lsp.status import Status
from runfree.lsp.tell import EditorLog, Teller
from runfree.lsp.worker import Worker

if TYPE_CHECKING:
    from runfree.scorer import Scorer

logger = logging.getLogger("runfree")

Handler = Callable[["RunfreeServer", Any], Any]


class RunfreeServer(LanguageServer):
    """One server for one editor. What follows `initialize` is made in `connect`."""

    client: Client
    refresher: Refresher
    sessions: Sessions
    scans: Scans
    status: Status

    def __init__(self, scorer_factory: Callable[[], Scorer]) -> None:
        super().__init__(
            "runfree",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            protocol_cls=RunfreeProtocol,
            max_workers=2,  # one reads standard input
        )
        self.editor = "unknown"
        self.explanations = platformdirs.user_cache_path("runfree", appauthor=False) / "explanations"
        self.exit_code = 1  # until the editor asks for a proper shutdown
        self.teller = Teller(self)
        self.settings = EditorSettings(self)
        self.reading, self.scoring = Worker("runfree-reading"), Worker("runfree-scoring")
        self.reader, self.scores = Reader(), Scoring()
        self.model = ModelHandle(scorer_factory, self.scoring)
        self._log: EditorLog | None = None

    def connect(self, params: types.InitializeParams) -> None:
        """Fits the server to the editor that introduces itself."""
        cast(RunfreeProtocol, self.protocol).install_workspace()
        self.client = read_client(params)
        self.refresher = Refresher(self, self.client)
        self.status = Status(self, self.client, self.model)
        self.sessions = Sessions(
            self,
            self.client,
            self.settings,
            self.model,
            self.reading,
            self.reader,
            self.scoring,
            self.scores,
            self.teller,
            self.refresher,
            self.status.busy,
        )
        self.scans = Scans(self)
        if params.client_info is not None:
            self.editor = f"{params.client_info.name} {params.client_info.version or ''}".strip()
        self.settings.take(self.client.initial_settings)
        self._log = EditorLog(self, asyncio.get_running_loop())
        logger.addHandler(self._log)
        lifetime.watch_parent(params.process_id, functools.partial(os._exit, 1))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Tells of what went wrong outside of a handler of ours, once, in plain words."""
        logger.error("%s", error, exc_info=error)
        if source is not FeatureRequestError and not isinstance(error, OSError):
            self.teller.failure("understand a message of the editor", error)

    def shutdown(self) -> None:
        """Stops the main loop; does not wait for the thread that may hang in reading standard input."""
        if self._stop_event is not None:
            self._stop_event.set()
        if self._thread_pool is not None:
            self._thread_pool.shutdown(wait=False, cancel_futures=True)
        if self._server is not None:
            self._server.close()

    async def clear_cache(self) -> int:
        """Forgets all predictions on the disk; returns how many there were."""
        return await asyncio.wrap_future(self.scoring.submit(self.scores.clear))

    def close(self, seconds: float) -> None:
        """Ends the threads; waits at most that long for what they are at."""
        if self._log is not None:
            logger.removeHandler(self._log)
        self.reading.close(seconds / 2)
        if self.scoring.close(seconds / 2):
            self.scores.close()


def create_server(scorer_factory: Callable[[], Scorer] = load_scorer) -> RunfreeServer:
    """A server with all its handlers; `scorer_factory` loads the model, once, on the scoring thread."""
    server = RunfreeServer(scorer_factory)
    _on(server, types.INITIALIZE, _initialize)
    _on(server, types.INITIALIZED, _initialized)
    _on(server, types.SHUTDOWN, _shutdown)
    for method, handler in features.DOCUMENTS.items():
        _on(server, method, handler)
    for method, (handler, options) in features.SURFACES.items():
        _on(server, method, handler, options)
    for name, command in commands.COMMANDS.items():
        _command(server, name, command)
    return server


def _initialize(server: RunfreeServer, params: types.InitializeParams) -> None:
    server.connect(params)
    if server.client.pulls:  # registered only now, because an editor that is pushed to must not be told of it
        for method, (handler, options) in features.PULLED.items():
            _on(server, method, handler, options)


async def _initialized(server: RunfreeServer, _: types.InitializedParams) -> None:
    try:
        await server.settings.fetch(server.client)
    finally:
        server.settings.known.set()
    await watching.register(server, server.client)
    async with Progress(server, server.client, "runfree: loading the model"):
        await server.status.model_loaded()


def _shutdown(server: RunfreeServer, *_: Any) -> None:
    server.exit_code = 0
    server.sessions.end()


def _on(server: RunfreeServer, method: str, handler: Handler, options: Any = None) -> None:
    """Registers a handler whose failure is logged and told once, and answered with nothing."""
    what = f"answer the editor ({method})"
    server.feature(method, options)(_guarded(server, handler, what))


def _command(server: RunfreeServer, name: str, command: Callable[..., Awaitable[Any]]) -> None:
    async def run(*arguments: Any) -> Any:  # `object` would make pygls hand over the server too
        try:
            return await command(server, *arguments)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            server.teller.forget()  # the user asked for this: the answer is due every time
            server.teller.failure(f"carry out {name}", error)
            return None

    server.command(name)(run)


def _guarded(server: RunfreeServer, handler: Handler, what: str) -> Callable[..., Any]:
    if asyncio.iscoroutinefunction(handler):

        async def later(params: Any) -> Any:
            try:
                return await handler(server, params)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                server.teller.failure(what, error)
                return None

        return later

    def now(params: Any) -> Any:
        try:
            return handler(server, params)
        except Exception as error:
            server.teller.failure(what, error)
            return None

    return now
