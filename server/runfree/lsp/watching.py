"""Asks the editor to tell of changes: of its settings, and of files on the disk that predictions depend on."""

from __future__ import annotations

import logging

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from runfree.lsp.client import Client

logger = logging.getLogger("runfree")

# Sources and tests of the three languages, what decides where they lie, and the settings.
PATTERNS = (
    "**/*.{py,java,go}",
    "**/{runfree,pyproject}.toml",
    "**/go.mod",
    "**/pom.xml",
    "**/.git/logs/HEAD",
)


async def register(server: LanguageServer, client: Client) -> None:
    """Registers for what the editor lets servers register for; the rest is noticed when files are opened or saved."""
    wanted = []
    if client.registers_configuration:
        wanted.append(
            types.Registration(
                "runfree-configuration",
                types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                types.DidChangeConfigurationRegistrationOptions(section="runfree"),
            )
        )
    if client.registers_watchers:
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(pattern) for pattern in PATTERNS]
        )
        wanted.append(types.Registration("runfree-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if not wanted:
        return
    try:
        await server.client_register_capability_async(types.RegistrationParams(wanted))
    except Exception as error:  # an editor that says it can and cannot
        logger.warning("the editor did not take the registration: %s", error)
