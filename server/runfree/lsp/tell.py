"""The one way to tell the user something: plain words, once, never a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from runfree.errors import RunfreeError

logger = logging.getLogger("runfree")

UNEXPECTED = (
    "runfree could not {what}: an error of its own ({kind}), described in its log. It goes on working."
)


class Teller:
    """Shows messages on the screen, each one once, and writes all of them to the log."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._told: set[str] = set()

    def once(self, message: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Shows a message unless it was shown before."""
        logger.warning("%s", message)
        if message in self._told or len(self._told) > 100:
            return
        self._told.add(message)
        self._server.window_show_message(types.ShowMessageParams(kind, message))

    def failure(self, what: str, error: BaseException) -> str:
        """Tells of a failed piece of work; `what` completes "could not ...". Returns the words shown."""
        if isinstance(error, RunfreeError):
            self.once(str(error))
            return str(error)
        logger.error("could not %s", what, exc_info=error)
        message = UNEXPECTED.format(what=what, kind=type(error).__name__)
        self.once(message, types.MessageType.Error)
        return message

    def forget(self) -> None:
        """Lets everything be told anew: after the settings changed, or when the user asks for a new try."""
        self._told.clear()


class EditorLog(logging.Handler):
    """Sends log records to the editor's output channel, beside standard error."""

    def __init__(self, server: LanguageServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(logging.INFO)
        self._server, self._loop = server, loop

    def emit(self, record: logging.LogRecord) -> None:
        """Sends one record from whatever thread it comes; a closed connection is no reason to fail."""
        kind = types.MessageType.Info
        if record.levelno >= logging.WARNING:
            kind = types.MessageType.Error if record.levelno >= logging.ERROR else types.MessageType.Warning
        message = types.LogMessageParams(kind, self.format(record))
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._server.window_log_message, message)
