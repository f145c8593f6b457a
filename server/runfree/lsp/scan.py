"""Scores the test files of the whole workspace in the back, with progress, until done or cancelled."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from runfree.lsp.analysis import Snapshot
from runfree.lsp.diagnostics import diagnostics, result_id
from runfree.lsp.progress import Progress
from runfree.lsp.uris import to_path, to_uri
from runfree.lsp.worker import IN_THE_BACK, CancelledError
from runfree.positions import normalise

if TYPE_CHECKING:
    from runfree.lsp.server import RunfreeServer

logger = logging.getLogger("runfree")


@dataclass
class Summary:
    """What a scan came to; sent to the editor as it is."""

    files: int = 0
    tests: int = 0
    findings: int = 0
    skipped: int = 0
    cancelled: bool = False

    def words(self) -> str:
        """The summary as a sentence."""
        head = "stopped after" if self.cancelled else "scored"
        return (
            f"{head} {self.tests} tests in {self.files} files: {self.findings} findings"
            + (f", {self.skipped} files not scored" if self.skipped else "")
            + ". Predictions only, nothing was run."
        )


class Scans:
    """The last scan's findings in files that are not open, and the scan under way."""

    def __init__(self, server: RunfreeServer) -> None:
        self._server = server
        self._found: dict[Path, tuple[list[types.Diagnostic], str]] = {}
        self._running = False

    def reports(self, known: Mapping[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """The findings as an editor pulls them; `known` maps URIs to the result ids that it holds already."""
        result: list[types.WorkspaceDocumentDiagnosticReport] = []
        for path, (found, name) in self._found.items():
            uri = to_uri(path)
            if known.get(uri) == name:
                result.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=name))
            else:
                result.append(
                    types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=found, result_id=name)
                )
        gone = [
            uri
            for uri in known
            if (place := to_path(uri)) is None
            or (place not in self._found and self._server.sessions.at(place) is None)
        ]
        result += [types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=[]) for uri in gone]
        return result

    def forget(self, path: Path) -> None:
        """A file was opened, changed or deleted: its session speaks for it now, or nobody."""
        uri = to_uri(path)
        if self._found.pop(path, None) is not None and not self._server.client.pulls:
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    async def run(self) -> Summary:
        """Scans all folders; one scan at a time (a second one answers with an empty summary at once)."""
        summary = Summary()
        if self._running:
            self._server.teller.once("A scan of the workspace is under way already.")
            summary.cancelled = True
            return summary
        self._running = True
        stop = threading.Event()
        server = self._server
        try:
            async with Progress(
                server, server.client, "runfree: scoring tests", cancellable=True
            ) as progress:
                progress.on_cancel(stop.set)  # also in the middle of a long file
                await self._scan(summary, progress, stop)
                progress.end_with(summary.words())
        finally:
            stop.set()
            self._running = False
        server.refresher.ask("diagnostics")
        logger.info("workspace: %s", summary.words())
        return summary

    async def _scan(self, summary: Summary, progress: Progress, stop: threading.Event) -> None:
        server = self._server
        folders = [path for uri in server.workspace.folders if (path := to_path(uri))]
        root = to_path(server.workspace.root_uri) if server.workspace.root_uri else None
        if not folders and root is not None:
            folders = [root]
        values = {folder: server.settings.of(folder) for folder in folders}
        listing = server.reading.submit(server.reader.find, values, stop, urgency=IN_THE_BACK)
        files = await asyncio.wrap_future(listing)
        for index, path in enumerate(files):
            if progress.cancelled:
                summary.cancelled = True
                return
            progress.report(index, len(files), path.name)
            try:
                await self._file(path, summary, stop)
            except CancelledError:
                summary.cancelled = True
                return
            except Exception as error:  # one file's trouble is not the others'
                server.teller.failure(f"predict the tests of {path.name}", error)
                summary.skipped += 1

    async def _file(self, path: Path, summary: Summary, stop: threading.Event) -> None:
        server = self._server
        session = server.sessions.at(path)
        uri = session.uri if session is not None else to_uri(path)
        open_document = server.sessions.document(uri)
        snapshot = Snapshot(
            uri=uri,
            path=path,
            language_id="",
            text=normalise(open_document.source) if open_document is not None else None,
            version=open_document.version or 0 if open_document is not None else 0,
            editor_values=server.settings.of(path),
            open_texts=server.sessions.open_texts(),
        )
        reading = server.reading.submit(server.reader.plan, snapshot, stop, urgency=IN_THE_BACK)
        plan = await asyncio.wrap_future(reading)
        if plan.to_score:
            scorer = await server.model.ready()
            scoring = server.scoring.submit(server.scores.score, plan, scorer, stop, urgency=IN_THE_BACK)
            outcome = await asyncio.wrap_future(scoring)
        else:
            outcome = plan.outcome
        summary.files += 1
        summary.tests += sum(test.prediction is not None for test in outcome.report.tests)
        summary.skipped += bool(outcome.report.skipped)
        found = diagnostics(uri, outcome, server.client)
        summary.findings += len(found)
        if server.sessions.at(path) is not None:  # an open file is its session's affair
            return
        self._found[path] = (found, result_id(found))
        if not server.client.pulls:
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))
