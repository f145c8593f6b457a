"""The commands that the editor can have carried out by the server."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from runfree import __version__
from runfree.config import CODES
from runfree.errors import RunfreeError
from runfree.lsp.drift import Drift
from runfree.lsp.hover import explanation
from runfree.lsp.ranges import to_range
from runfree.lsp.settings_file import with_severity
from runfree.lsp.uris import to_uri
from runfree.positions import split_lines

if TYPE_CHECKING:
    from runfree.lsp.server import RunfreeServer


async def explain(server: RunfreeServer, uri: object, name: object = "") -> dict[str, str] | None:
    """`runfree.explain(uri, test)`: why a test is predicted as it is.

    Returns `{"title", "markdown"}`. An editor that shows explanations itself says so when it starts (initialisation
    option `explain: "client"`); for all others the server opens the text as a document.
    """
    session, document = await _open_test_file(server, uri)
    view = session.view
    test = view.test(str(name)) if view else None
    if view is None:
        return None
    if test is None:
        title, markdown = "runfree", view.report.skipped or "There is no prediction for this test."
    else:
        title, markdown = test.name, explanation(test, view, stale=session.stale(document.version))
    if not server.client.explains:
        await _show_text(server, title, markdown)
    return {"title": title, "markdown": markdown}


async def go_to_similar(server: RunfreeServer, uri: object, name: object) -> types.Location | None:
    """`runfree.goToSimilarTest(uri, test)`: shows the existing test that is nearest to a test."""
    session, _ = await _open_test_file(server, uri)
    test = session.view.test(str(name)) if session.view else None
    similar = test.prediction.similar_test if test and test.prediction else ""
    if not similar:
        raise RunfreeError("No test is known that is like this one.")
    return await go_to_test(server, uri, similar)


async def go_to_test(server: RunfreeServer, uri: object, name: object) -> types.Location | None:
    """`runfree.goToTest(uri, test)`: shows a test; returns its place."""
    session, document = await _open_test_file(server, uri)
    span = session.view.test_spans.get(str(name)) if session.view else None
    if span is None:
        raise RunfreeError(f"The test {name!r} is not in this file any more.")
    drift = Drift(session.view.lines, document.lines)
    place = to_range(span, session.view.lines, server.client.encoding, drift)
    if server.client.shows_documents:
        await server.window_show_document_async(
            types.ShowDocumentParams(str(uri), take_focus=True, selection=place)
        )
    return types.Location(str(uri), place)


async def score_file(server: RunfreeServer, uri: object) -> dict[str, Any]:
    """`runfree.scoreFile(uri)`: scores an open test file now, also where `run` is "onSave"."""
    session, _ = await _open_test_file(server, uri)
    server.model.retry()
    server.sessions.call_for(session, 0.0)
    await session.settled.wait()
    outcome = session.outcome
    tests = outcome.report.tests if outcome else ()
    return {
        "tests": sum(test.prediction is not None for test in tests),
        "findings": len(outcome.report.diagnostics) if outcome else 0,
        "skipped": outcome.report.skipped if outcome else "",
    }


async def score_workspace(server: RunfreeServer) -> dict[str, Any]:
    """`runfree.scoreWorkspace()`: scores all test files of the workspace, with progress that can be cancelled."""
    server.model.retry()
    return asdict(await server.scans.run())


async def clear_cache(server: RunfreeServer) -> dict[str, int]:
    """`runfree.clearCache()`: forgets all predictions and makes those of the open files anew."""
    removed = await server.clear_cache()
    server.sessions.all_again()
    return {"removed": removed}


async def debug_information(server: RunfreeServer) -> str:
    """`runfree.debugInformation()`: what a bug report needs; nothing of the user's code."""
    packages = ("pygls", "lsprotocol", "onnxruntime", "tree-sitter")
    lines = [
        f"runfree {__version__}",
        f"model: {server.model.model_id or server.model.state} {server.model.problem}".rstrip(),
        f"python {platform.python_version()} on {platform.platform()}",
        *(f"{package} {_version(package)}" for package in packages),
        f"editor: {server.editor}",
        f"position encoding: {server.client.encoding}; diagnostics: {'pull' if server.client.pulls else 'push'}",
        f"open test files: {sum(1 for _ in server.sessions)}",
        f"requests under way: {len(server.protocol._request_futures)}",
        f"executable: {Path(sys.executable).name}",
    ]
    return "\n".join(lines)


async def switch_off(server: RunfreeServer, uri: object, code: object) -> bool:
    """`runfree.switchOff(uri, code)`: switches a diagnostic off in the project's settings file, by an edit.

    For editors that have no settings window of their own for it. Returns whether the editor took the edit.
    """
    session, _ = await _open_test_file(server, uri)
    if session.view is None or session.view.settings_file is None or code not in CODES:
        raise RunfreeError("There is no project settings file to change for this file.")
    path = session.view.settings_file
    known = server.sessions.document(to_uri(path))
    exists = known is not None or path.is_file()
    text = known.source if known is not None else path.read_text(encoding="utf-8") if exists else ""
    new = with_severity(text, code, "off", shared=path.name == "pyproject.toml")
    everything = types.Range(types.Position(0, 0), types.Position(len(split_lines(text)), 0))
    if not exists and not server.client.creates_files:
        raise RunfreeError(f"Write this into {path}: {new}")
    document = types.OptionalVersionedTextDocumentIdentifier(
        uri=to_uri(path), version=known.version if known is not None else None
    )
    changes: list[Any] = [types.TextDocumentEdit(document, [types.TextEdit(everything, new)])]
    if not exists:
        changes.insert(
            0, types.CreateFile(uri=to_uri(path), options=types.CreateFileOptions(ignore_if_exists=True))
        )
    edit = types.WorkspaceEdit(document_changes=changes)
    answer = await server.workspace_apply_edit_async(
        types.ApplyWorkspaceEditParams(edit, f"Switch {code} off")
    )
    return bool(answer.applied)


COMMANDS: dict[str, Callable[..., Awaitable[Any]]] = {
    "runfree.explain": explain,
    "runfree.goToTest": go_to_test,
    "runfree.goToSimilarTest": go_to_similar,
    "runfree.scoreFile": score_file,
    "runfree.scoreWorkspace": score_workspace,
    "runfree.clearCache": clear_cache,
    "runfree.switchOff": switch_off,
    "runfree.debugInformation": debug_information,
}


async def _open_test_file(server: RunfreeServer, uri: object) -> Any:
    found = await server.sessions.view(str(uri))
    if found is None:
        raise RunfreeError("This is not an open test file.")
    return found


async def _show_text(server: RunfreeServer, title: str, markdown: str) -> None:
    """Opens a text in the editor, or shows it as a message where it cannot open documents."""
    if not server.client.shows_documents:
        server.window_show_message(types.ShowMessageParams(types.MessageType.Info, _plain(markdown)))
        return
    path = server.explanations / (re.sub(r"[^A-Za-z0-9_.-]+", "-", title)[:80] + ".md")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown + "\n", encoding="utf-8")
    await server.window_show_document_async(types.ShowDocumentParams(to_uri(path), take_focus=True))


def _plain(markdown: str) -> str:
    return re.sub(r"[*`|\\]|^-{3,}$", "", markdown, flags=re.MULTILINE)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not found)"
