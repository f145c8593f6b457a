"""The protocol's notifications and requests, each answered in a few lines by the functions that know how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from runfree.lsp.actions import code_actions
from runfree.lsp.diagnostics import diagnostics, result_id
from runfree.lsp.hints import hints
from runfree.lsp.hover import hover
from runfree.lsp.lenses import lenses
from runfree.lsp.uris import to_path
from runfree.workspace import is_settings_file, is_test_path

if TYPE_CHECKING:
    from runfree.lsp.server import RunfreeServer

Server = Any if not TYPE_CHECKING else "RunfreeServer"


def did_open(server: RunfreeServer, params: types.DidOpenTextDocumentParams) -> None:
    """A text was opened: a test file is scored, another file may be what an open test file exercises."""
    uri = params.text_document.uri
    path = to_path(uri)
    if _is_for_us(uri, path, params.text_document.language_id):
        server.sessions.open(uri)
        if path is not None:
            server.scans.forget(path)
    elif path is not None:
        server.sessions.files_changed(frozenset([path]))


def did_change(server: RunfreeServer, params: types.DidChangeTextDocumentParams) -> None:
    """A text was edited."""
    uri = params.text_document.uri
    path = to_path(uri)
    server.sessions.changed(uri)
    if path is not None:
        server.sessions.files_changed(frozenset([path]), delay=0.3, lost_too=False)


def did_save(server: RunfreeServer, params: types.DidSaveTextDocumentParams) -> None:
    """A text was saved."""
    uri = params.text_document.uri
    path = to_path(uri)
    server.sessions.saved(uri)
    if (
        not server.client.registers_watchers
    ):  # nobody tells of changes on the disk: a save is the time to look
        server.sessions.all_again()
    elif path is not None:
        _files_changed(server, frozenset([path]))


def did_close(server: RunfreeServer, params: types.DidCloseTextDocumentParams) -> None:
    """A text was closed: what is on the disk counts again."""
    server.sessions.close(params.text_document.uri)
    path = to_path(params.text_document.uri)
    if path is not None:
        server.sessions.files_changed(frozenset([path]), lost_too=False)


async def did_change_configuration(server: RunfreeServer, params: types.DidChangeConfigurationParams) -> None:
    """The editor's settings changed: they are fetched anew, or taken as sent."""
    sent = server.settings.take(params.settings)
    fetched = await server.settings.fetch(server.client)
    if sent or fetched:
        server.teller.forget()
        server.sessions.all_again()


def did_change_watched_files(server: RunfreeServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Files changed on the disk."""
    paths = frozenset(path for change in params.changes if (path := to_path(change.uri)))
    for path in paths:
        if server.sessions.at(path) is None:
            server.scans.forget(path)
    if paths:
        _files_changed(server, paths)


async def did_change_workspace_folders(
    server: RunfreeServer, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Folders came or went: settings are per folder."""
    await server.settings.fetch(server.client)
    server.sessions.all_again()


async def code_lens(server: RunfreeServer, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """The lenses of a test file, from the last good results while newer ones are on their way."""
    uri = params.text_document.uri
    found = await server.sessions.view(uri)
    if found is None or found[0].view is None:
        return None
    session, document = found
    unsaved = not session.pending and session.stale(document.version)
    return lenses(
        uri, found[0].view, document.lines, server.client.encoding, stale=session.pending, unsaved=unsaved
    )


async def text_hover(server: RunfreeServer, params: types.HoverParams) -> types.Hover | None:
    """The explanation of the test whose name is pointed at."""
    found = await server.sessions.view(params.text_document.uri)
    if found is None or found[0].view is None:
        return None
    session, document = found
    stale = session.stale(document.version)
    return hover(params.position, found[0].view, document.lines, server.client, stale=stale)


def code_action(server: RunfreeServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """The quick fixes for the test or finding at a place."""
    session = server.sessions.get(params.text_document.uri)
    document = server.sessions.document(params.text_document.uri)
    if session is None or document is None or session.view is None:
        return None
    return code_actions(params, session.view, document.lines, document.version, server.client)


def inlay_hint(server: RunfreeServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """In a focal file: the lines that the open test file's new tests are expected to cover."""
    path = to_path(params.text_document.uri)
    document = server.sessions.document(params.text_document.uri)
    if path is None or document is None:
        return None
    outcomes = server.sessions.outcomes_of_focal(path)
    return hints(outcomes, document.lines, params.range, server.client.encoding)


def pull(server: RunfreeServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """The diagnostics of a file, for editors that ask; "unchanged" also while newer ones are on their way."""
    session = server.sessions.get(params.text_document.uri)
    if session is None or session.outcome is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    found = diagnostics(params.text_document.uri, session.outcome, server.client)
    name = result_id(found)
    if params.previous_result_id == name:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
    return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=name)


def pull_workspace(
    server: RunfreeServer, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """The diagnostics of files that are not open, from the last scan of the workspace."""
    known = {previous.uri: previous.value for previous in params.previous_result_ids}
    return types.WorkspaceDiagnosticReport(server.scans.reports(known))


def _is_for_us(uri: str, path: Path | None, language_id: str) -> bool:
    """Whether a document is a test file; one without a name is looked at by its language (and told why not)."""
    if path is not None:
        return is_test_path(path)
    return uri.startswith("untitled:") and language_id in ("python", "java", "go")


def _files_changed(server: RunfreeServer, paths: frozenset[Path]) -> None:
    if any(is_settings_file(path) or path.name == "HEAD" for path in paths):  # a commit makes tests old
        server.teller.forget()
        server.sessions.all_again()
    else:
        server.sessions.files_changed(paths)


Entry = Callable[["RunfreeServer", Any], Any]

DOCUMENTS: dict[str, Entry] = {
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: did_change_workspace_folders,
}

SURFACES: dict[str, tuple[Entry, Any]] = {
    types.TEXT_DOCUMENT_CODE_LENS: (code_lens, types.CodeLensOptions()),
    types.TEXT_DOCUMENT_HOVER: (text_hover, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        code_action,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    ),
    types.TEXT_DOCUMENT_INLAY_HINT: (inlay_hint, None),
}

PULLED: dict[str, tuple[Entry, Any]] = {
    types.TEXT_DOCUMENT_DIAGNOSTIC: (
        pull,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=True, identifier="runfree"
        ),
    ),
    types.WORKSPACE_DIAGNOSTIC: (pull_workspace, None),
}
