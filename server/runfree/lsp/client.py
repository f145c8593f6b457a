"""What the editor on the other end can do, asked in the words of this server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from runfree.lsp.documents import encoding_of
from runfree.positions import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """The editor's abilities, read once from its `initialize` request.

    Attributes:
        pulls: it asks for diagnostics itself and can be told to ask again; else they are pushed. Never both.
        explains: it shows explanations itself (initialisation option `explain`), so that the command returns
            the markdown and opens no window.
        setting_command: its command that opens a setting by name (option `openSettingCommand`).
        status: it wants `runfree/status` notifications (initialisation option `status`).
        initial_settings: the settings of its initialisation options, for editors that cannot be asked.
    """

    encoding: Encoding = "utf-16"
    pulls: bool = False
    refreshes_lenses: bool = False
    refreshes_hints: bool = False
    configuration: bool = False
    registers_configuration: bool = False
    registers_watchers: bool = False
    relative_patterns: bool = False
    progress: bool = False
    shows_documents: bool = False
    related_information: bool = False
    tags: bool = False
    code_description: bool = False
    diagnostic_data: bool = False
    markdown_hover: bool = True
    creates_files: bool = False
    document_changes: bool = False
    explains: bool = False
    setting_command: str = ""
    status: bool = False
    initial_settings: Mapping[str, Any] | None = None


def read_client(params: types.InitializeParams) -> Client:
    """The abilities that an `initialize` request declares."""
    capabilities = params.capabilities

    def has(path: str) -> bool:
        return bool(get_capability(capabilities, path, False))

    options = params.initialization_options if isinstance(params.initialization_options, dict) else {}
    settings = options.get("settings")
    pulls = bool(capabilities.text_document and capabilities.text_document.diagnostic)
    kind = "diagnostic" if pulls else "publish_diagnostics"
    formats = get_capability(capabilities, "text_document.hover.content_format", None)
    operations = get_capability(capabilities, "workspace.workspace_edit.resource_operations", None) or []
    encodings = get_capability(capabilities, "general.position_encodings", None) or []
    command = options.get("openSettingCommand")
    return Client(
        encoding=_first_known(encodings),
        pulls=pulls and has("workspace.diagnostics.refresh_support"),
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        refreshes_hints=has("workspace.inlay_hint.refresh_support"),
        configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=has("workspace.did_change_watched_files.dynamic_registration"),
        relative_patterns=has("workspace.did_change_watched_files.relative_pattern_support"),
        progress=has("window.work_done_progress"),
        shows_documents=has("window.show_document.support"),
        # 3.17's pull capability does not list these: editors that pull mean those they declare for pushing.
        related_information=has(f"text_document.{kind}.related_information")
        or has("text_document.publish_diagnostics.related_information"),
        tags=has("text_document.publish_diagnostics.tag_support"),
        code_description=has("text_document.publish_diagnostics.code_description_support"),
        diagnostic_data=has("text_document.publish_diagnostics.data_support"),
        markdown_hover=formats is None or types.MarkupKind.Markdown in formats,
        creates_files=types.ResourceOperationKind.Create in operations,
        document_changes=has("workspace.workspace_edit.document_changes"),
        explains=options.get("explain") == "client",
        setting_command=command if isinstance(command, str) else "",
        status=options.get("status") is True,
        initial_settings=settings if isinstance(settings, dict) else None,
    )


def _first_known(encodings: Sequence[types.PositionEncodingKind | str]) -> Encoding:
    """The first encoding of the editor's list that is known here, as pygls negotiates it too."""
    known = set(types.PositionEncodingKind)
    return encoding_of(next((e for e in encodings if e in known), None))
