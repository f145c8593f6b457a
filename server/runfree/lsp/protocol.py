"""pygls' protocol with its rough edges taken off: no futures left behind, no late answer that raises.

Each override names the trait of pygls 2.1 that it is there for.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future, InvalidStateError
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol

from runfree.lsp.documents import EditorWorkspace

logger = logging.getLogger(__name__)


class RunfreeProtocol(LanguageServerProtocol):
    """The protocol of one connection."""

    def install_workspace(self) -> None:
        """Replaces the workspace by ours, whose documents split lines as the protocol has it.

        To be called by the `initialize` handler: pygls has made its own by then and opened nothing in it.
        """
        plain = self.workspace
        self._workspace = EditorWorkspace(
            plain.root_uri,
            types.TextDocumentSyncKind.Incremental,
            list(plain.folders.values()),
            plain.position_encoding,
        )

    def _execute_handler(  # type: ignore[no-untyped-def]
        self, msg_id, handler, callback, args=None, kwargs=None
    ) -> None:
        """Forgets the future of a handler once it is done.

        pygls forgets only those of plain requests; those of its generator handlers (every didChange) and of
        what they yield to would stay in `_request_futures` for good.
        """

        def done(future: Future[Any]) -> None:
            try:
                callback(future)
            finally:
                # Later, not now: pygls' shutdown handler cancels futures while it walks over this very table.
                asyncio.get_running_loop().call_soon(self._request_futures.pop, msg_id, None)

        super()._execute_handler(msg_id, handler, done, args, kwargs)

    def _handle_response(
        self, msg_id: Any, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        """Takes an answer to a request that was given up meanwhile for what it is: nothing to do."""
        self._result_types.pop(msg_id, None)  # pygls leaves it there when the answer is an error
        try:
            super()._handle_response(msg_id, result, error)
        except InvalidStateError:
            logger.debug("answer to a request that was given up: %s", msg_id)

    def forget(self, future: Future[Any]) -> None:
        """Gives up waiting for an answer, so that an editor that never answers costs no memory."""
        for msg_id, known in list(self._request_futures.items()):
            if known is future:
                self._request_futures.pop(msg_id, None)
                self._result_types.pop(msg_id, None)
        future.cancel()

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Without pygls' warning: editors cancel what has just been answered all the time."""
        future = self._request_futures.pop(msg_id, None)
        if future is not None:
            future.cancel()

    def handle_message(self, message: Any) -> None:
        """Answers a request that comes after `shutdown` with an error, where pygls would leave it open."""
        method = getattr(message, "method", None)
        if self._shutdown and method not in (None, types.EXIT) and getattr(message, "id", None) is not None:
            error = JsonRpcInvalidRequest("the server is shutting down")
            self._send_response(message.id, None, error.to_response_error())
            return
        super().handle_message(message)

    def _send_data(self, data: Any) -> None:
        """Ends the server when nobody listens any more, whatever the way it shows."""
        try:
            super()._send_data(data)
        except OSError:  # a broken pipe, or what Windows calls one
            self._server.shutdown()  # type: ignore[no-untyped-call]
            raise
