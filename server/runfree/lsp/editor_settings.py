"""The editor's own settings: fetched per folder where it can be asked, taken as sent where not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from runfree.lsp.client import Client
from runfree.lsp.uris import to_path

logger = logging.getLogger("runfree")

SECTION = "runfree"


class EditorSettings:
    """What the editor says under `runfree`, for the whole of it and for each folder."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._sent: Mapping[str, Any] = {}
        self._everywhere: Mapping[str, Any] | None = None  # what was fetched; None: the editor has nothing
        self._by_folder: dict[Path, Mapping[str, Any]] = {}
        self.known = asyncio.Event()  # set once the editor was asked for the first time

    def of(self, path: Path | None) -> Mapping[str, Any]:
        """The values for a file: those of the innermost folder that holds it.

        What the editor answers goes before what it sent along unasked.
        """
        holders = [folder for folder in self._by_folder if path and path.is_relative_to(folder)]
        if not holders:
            return self._sent if self._everywhere is None else self._everywhere
        return self._by_folder[max(holders, key=lambda folder: len(folder.parts))]

    def take(self, settings: object) -> bool:
        """Takes what an editor sends along (with `initialize`, with `didChangeConfiguration`).

        Either the section's values, or a table that has the section. Returns whether anything changed.
        """
        values = _table(settings)
        if values is None:
            return False
        values = _table(values.get(SECTION)) if SECTION in values else values
        if values is None or values == self._sent:
            return False
        self._sent = values
        return True

    async def fetch(self, client: Client) -> bool:
        """Asks the editor for its values; returns whether any changed."""
        if not client.configuration:
            return False
        folders = [folder.uri for folder in self._server.workspace.folders.values()]
        items = [types.ConfigurationItem(section=SECTION)]
        items += [types.ConfigurationItem(scope_uri=uri, section=SECTION) for uri in folders]
        try:
            answer = await self._server.workspace_configuration_async(types.ConfigurationParams(items))
        except Exception as error:  # an editor that says it can and cannot
            logger.warning("the editor did not tell its settings: %s", error)
            return False
        values = [_table(value) or None for value in answer or []]
        values += [None] * (len(items) - len(values))
        before = (self._everywhere, self._by_folder)
        self._everywhere = values[0]
        paths = [to_path(uri) for uri in folders]
        held = zip(paths, values[1:], strict=False)
        self._by_folder = {path: value for path, value in held if path is not None and value is not None}
        return before != (self._everywhere, self._by_folder)


def _table(value: object) -> dict[str, Any] | None:
    """A JSON object as a dictionary; the client library can hand nested ones over as objects of its own."""
    if isinstance(value, dict):
        return value
    if hasattr(value, "_asdict"):
        return dict(value._asdict())
    return None
