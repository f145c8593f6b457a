"""Asks the editor to ask again: once for many changes, and only for what it can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal, cast

from pygls.lsp.server import LanguageServer

from runfree.lsp.client import Client
from runfree.lsp.protocol import RunfreeProtocol

Surface = Literal["lenses", "diagnostics", "hints"]

TOGETHER_SECONDS = 0.03  # results of several files that finish within this time make one request


class Refresher:
    """Gathers wishes for refreshing and sends one request a surface."""

    def __init__(self, server: LanguageServer, client: Client) -> None:
        self._requests: dict[Surface, Callable[[None], Future[None]]] = {}
        if client.refreshes_lenses:
            self._requests["lenses"] = server.workspace_code_lens_refresh
        if client.pulls:
            self._requests["diagnostics"] = server.workspace_diagnostic_refresh
        if client.refreshes_hints:
            self._requests["hints"] = server.workspace_inlay_hint_refresh
        self._forget = cast(RunfreeProtocol, server.protocol).forget
        self._wanted: set[Surface] = set()
        self._sent: dict[Surface, Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, *surfaces: Surface) -> None:
        """Wishes for these surfaces to be asked for again, soon."""
        self._wanted.update(surface for surface in surfaces if surface in self._requests)
        if self._wanted and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._send)

    def _send(self) -> None:
        self._timer = None
        wanted, self._wanted = self._wanted, set()
        for surface in sorted(wanted):
            earlier = self._sent.get(surface)
            if earlier is not None and not earlier.done():
                self._forget(earlier)
            self._sent[surface] = self._requests[surface](None)
