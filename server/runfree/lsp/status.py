"""What the server is at, told to editors that show it: loading, ready, predicting, failed."""

from __future__ import annotations

import contextlib

from pygls.lsp.server import LanguageServer

from runfree.errors import RunfreeError
from runfree.lsp.client import Client
from runfree.lsp.model_handle import ModelHandle

METHOD = "runfree/status"


class Status:
    """Sends `runfree/status` with `{"state", "model", "problem"}`, where the editor asked for it.

    `state`: "loading", "ready", "predicting" or "failed"; `problem`: in plain words, "" unless it failed.
    """

    def __init__(self, server: LanguageServer, client: Client, model: ModelHandle) -> None:
        self._server, self._client, self._model = server, client, model
        self._jobs = 0
        self._sent: dict[str, str] = {}

    def busy(self, begins: bool) -> None:
        """A prediction begins or ends."""
        self._jobs += 1 if begins else -1
        self.send()

    async def model_loaded(self) -> None:
        """Waits until the model is loaded, or has failed to."""
        self.send()
        with contextlib.suppress(RunfreeError):  # told by whoever needs the model; shown in the status
            await self._model.ready()
        self.send()

    def send(self) -> None:
        """Tells how it stands, if that has changed."""
        state: str = self._model.state
        if state == "ready" and self._jobs:
            state = "predicting"
        content = {"state": state, "model": self._model.model_id, "problem": self._model.problem}
        if self._client.status and content != self._sent:
            self._sent = content
            self._server.protocol.notify(METHOD, content)
