"""Work-done progress in the editor: for loading the model and for scanning the workspace, nothing else."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from runfree.lsp.client import Client

logger = logging.getLogger("runfree")


class Progress:
    """One piece of long work, shown while it runs: `async with Progress(...) as progress`."""

    def __init__(
        self,
        server: LanguageServer,
        client: Client,
        title: str,
        *,
        token: types.ProgressToken | None = None,
        cancellable: bool = False,
    ) -> None:
        """`token`: the one the editor sent with its request; else one is asked for, if the editor can."""
        self._server, self._title, self._cancellable = server, title, cancellable
        self._token = token
        self._shown = token is not None or client.progress
        self._ended = ""

    async def __aenter__(self) -> Progress:
        if not self._shown:
            return self
        if self._token is None:
            self._token = str(uuid.uuid4())
            try:
                await self._server.work_done_progress.create_async(self._token)
            except Exception as error:  # the editor refuses: the work is done all the same
                logger.debug("no progress: %s", error)
                self._shown = False
                return self
        begin = types.WorkDoneProgressBegin(
            title=self._title, cancellable=self._cancellable, percentage=0 if self._cancellable else None
        )
        self._server.work_done_progress.begin(self._token, begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd(message=self._ended))
            self._server.work_done_progress.tokens.pop(self._token, None)  # pygls keeps it for good

    @property
    def cancelled(self) -> bool:
        """Whether the user asked to stop."""
        if self._token is None:
            return False
        future: Future[None] | None = self._server.work_done_progress.tokens.get(self._token)
        return future is not None and future.cancelled()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Has a function called as soon as the user asks to stop."""
        future = self._server.work_done_progress.tokens.get(self._token) if self._token is not None else None
        if future is not None:
            future.add_done_callback(lambda _: callback())

    def report(self, done: int, total: int, message: str) -> None:
        """Shows how far it is."""
        if self._shown and self._token is not None:
            percentage = min(100, done * 100 // total) if total else None
            self._server.work_done_progress.report(
                self._token,
                types.WorkDoneProgressReport(
                    cancellable=self._cancellable, message=message, percentage=percentage
                ),
            )

    def end_with(self, message: str) -> None:
        """What to say at the end."""
        self._ended = message
