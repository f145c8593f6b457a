"""All open test files: schedules their scoring, newest wins, and tells the editor what came of it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from runfree.errors import RunfreeError
from runfree.lsp.analysis import Plan, Reader, Scoring, Snapshot, Stop, with_model
from runfree.lsp.client import Client
from runfree.lsp.diagnostics import diagnostics
from runfree.lsp.documents import EditorDocument
from runfree.lsp.editor_settings import EditorSettings
from runfree.lsp.model_handle import ModelHandle
from runfree.lsp.outcome import Outcome
from runfree.lsp.refresh import Refresher
from runfree.lsp.session import Session, changed_tests, merged, partly_scored, same_tests, with_carried
from runfree.lsp.tell import Teller
from runfree.lsp.uris import to_path
from runfree.lsp.worker import CancelledError, Worker
from runfree.positions import normalise
from runfree.report import FileReport
from runfree.sample import Prediction

logger = logging.getLogger("runfree")

Result = TypeVar("Result")

WAIT_SECONDS = 2.0  # how long an editor that cannot be told to ask again is made to wait for fresh lenses
FIRST_SECONDS = 1.0  # how long any editor waits for the first lenses of a file: until its tests are listed


class Sessions:
    """The open test files by URI."""

    def __init__(
        self,
        server: LanguageServer,
        client: Client,
        settings: EditorSettings,
        model: ModelHandle,
        reading: Worker,
        reader: Reader,
        scoring: Worker,
        scores: Scoring,
        teller: Teller,
        refresher: Refresher,
        busy: Callable[[bool], None],
    ) -> None:
        self._server, self._client, self._settings = server, client, settings
        self._model, self._reading, self._reader = model, reading, reader
        self._scoring, self._scores = scoring, scores
        self._teller, self._refresher, self._busy = teller, refresher, busy
        self._sessions: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def get(self, uri: str) -> Session | None:
        """The session of an open document."""
        return self._sessions.get(uri)

    def at(self, path: Path | None) -> Session | None:
        """The session of an open file, however its URI is spelt."""
        return next((session for session in self if path is not None and session.path == path), None)

    def open(self, uri: str) -> Session:
        """Begins a session for an open document and calls for its first result at once."""
        session = self._sessions.get(uri)
        if session is None:
            session = self._sessions[uri] = Session(uri, to_path(uri))
        self.call_for(session, 0.0)
        return session

    def close(self, uri: str) -> None:
        """Ends a session; the editor's diagnostics of it are taken back."""
        session = self._sessions.pop(uri, None)
        if session is None:
            return
        session.give_up()
        if session.published:
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        self._refresher.ask("hints")

    def changed(self, uri: str) -> None:
        """The text changed under the editor's hands."""
        session = self._sessions.get(uri)
        if session is None:
            return
        settings = session.view.settings if session.view else None
        if settings is None or settings.run == "onType":
            self.call_for(session, settings.debounce_ms / 1000 if settings else 0.25)

    def saved(self, uri: str) -> None:
        """The text was saved: what was put off until then is due."""
        session = self._sessions.get(uri)
        if session is not None and (session.pending or session.stale(self._version(uri))):
            self.call_for(session, 0.0)

    def files_changed(self, paths: frozenset[Path], *, delay: float = 0.1, lost_too: bool = True) -> None:
        """Other files changed, in the editor or on the disk: those that depend on them are scored anew.

        `lost_too`: also those without a focal file, because one of the changed files can be it.
        """
        for session in self:
            outcome = session.outcome or session.view
            lost = lost_too and (outcome is None or outcome.focal is None)
            if lost or (outcome is not None and not outcome.depends_on.isdisjoint(paths)):
                self.call_for(session, delay)

    def all_again(self) -> None:
        """Everything is scored anew: the settings changed, or the user asks for it."""
        for session in self:
            self.call_for(session, 0.0)

    def outcomes_of_focal(self, path: Path) -> list[Outcome]:
        """What is known of the open test files that exercise a focal file."""
        return [s.outcome for s in self if s.outcome is not None and s.outcome.focal == path]

    async def view(self, uri: str) -> tuple[Session, EditorDocument] | None:
        """The session and text to answer from now; waits only where an answer would show nothing, or for good."""
        session = self._sessions.get(uri)
        if session is None:
            return None
        if session.view is None:
            await _at_most(session.seen, FIRST_SECONDS)
        if not self._client.refreshes_lenses and session.pending:
            await _at_most(session.settled, WAIT_SECONDS, session.turned)
        document = self.document(uri)
        return None if document is None else (session, document)

    async def settled(self, uri: str) -> Session | None:
        """The session once no job of it is under way."""
        session = self._sessions.get(uri)
        if session is not None:
            await session.settled.wait()
        return session

    def end(self) -> None:
        """Gives up everything."""
        for session in self:
            session.give_up()
        self._sessions.clear()

    def call_for(self, session: Session, delay: float) -> None:
        """Calls for a new result after a rest; whatever was called for before is given up."""
        session.give_up()
        session.generation += 1
        session.stop, session.turned = threading.Event(), asyncio.Event()
        session.settled.clear()
        session.task = asyncio.create_task(self._job(session, session.generation, delay))

    async def _job(self, session: Session, generation: int, delay: float) -> None:
        try:
            if delay:
                await asyncio.sleep(delay)
            await _at_most(self._settings.known, FIRST_SECONDS)
            self._busy(True)
            try:
                await self._review(session, generation)
            finally:
                self._busy(False)
        except (asyncio.CancelledError, CancelledError):
            return  # a newer job has taken over, or the session is closed
        except Exception as error:
            words = self._teller.failure(f"predict the tests of {_name(session)}", error)
            if session.generation == generation:
                session.view = session.view or _nothing_but(words, session.uri, self._version(session.uri))
        if session.generation == generation:
            session.task = None
            session.seen.set()
            session.settled.set()
            self._refresher.ask("lenses", "diagnostics", "hints")

    async def _review(self, session: Session, generation: int) -> None:
        snapshot = self._snapshot(session)
        if snapshot is None:
            return
        stop = session.stop
        plan = await _on(self._reading, self._reader.plan, snapshot, stop)
        for problem in plan.problems:
            self._teller.once(problem)
        planned = with_model(plan.outcome, self._model.scorer)
        view = merged(planned, session.view)
        if session.generation == generation and not same_tests(view, session.view):
            session.view = view
            session.seen.set()
            self._refresher.ask("lenses")
        outcome = planned
        if plan.to_score:
            first = changed_tests(planned, session.outcome)
            outcome = await self._score(plan, stop, first, self._partly_for(session, generation, view))
        if session.generation != generation or self._version(session.uri) != outcome.version:
            return
        session.view = with_carried(outcome, session.view)
        session.outcome = outcome
        self._publish(session, outcome)

    def _partly_for(
        self, session: Session, generation: int, view: Outcome
    ) -> Callable[[Mapping[str, Prediction]], None]:
        """Shows what is found so far; called on the scoring thread."""
        loop = asyncio.get_running_loop()

        def show(found: Mapping[str, Prediction]) -> None:
            if session.generation == generation and session.pending:
                session.view = partly_scored(with_model(view, self._model.scorer), found)
                session.seen.set()
                self._refresher.ask("lenses")

        def partly(found: Mapping[str, Prediction]) -> None:
            if len(found) < len(view.report.tests):  # else the whole is about to come
                loop.call_soon_threadsafe(show, found)

        return partly

    async def _score(
        self,
        plan: Plan,
        stop: Stop,
        first: frozenset[str],
        partly: Callable[[Mapping[str, Prediction]], None],
    ) -> Outcome:
        try:
            scorer = await self._model.ready()
        except RunfreeError as error:
            self._teller.once(str(error), types.MessageType.Error)
            return replace(plan.outcome, report=replace(plan.outcome.report, skipped=str(error)))
        return await _on(self._scoring, self._scores.score, plan, scorer, stop, first, partly)

    def _publish(self, session: Session, outcome: Outcome) -> None:
        if self._client.pulls:
            return
        found = diagnostics(session.uri, outcome, self._client)
        if found or session.published:
            session.published = bool(found)
            self._server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(session.uri, found, outcome.version)
            )

    def _snapshot(self, session: Session) -> Snapshot | None:
        document = self.document(session.uri)
        if document is None:
            return None
        return Snapshot(
            uri=session.uri,
            path=session.path,
            language_id=document.language_id or "",
            text=normalise(document.source),
            version=document.version or 0,
            editor_values=self._settings.of(session.path),
            open_texts=self.open_texts(),
        )

    def open_texts(self) -> Mapping[Path, str]:
        """The texts that the editor holds, saved or not."""
        texts = {}
        for document in self._server.workspace.text_documents.values():
            path = to_path(document.uri)
            if path is not None:
                texts[path] = document.source
        return texts

    def document(self, uri: str) -> EditorDocument | None:
        """The text of that URI, if the editor has it open."""
        return self._server.workspace.open_document(uri)  # type: ignore[attr-defined, no-any-return]

    def _version(self, uri: str) -> int:
        document = self.document(uri)
        return -1 if document is None else document.version or 0


async def _on(worker: Worker, work: Callable[..., Result], *arguments: Any) -> Result:
    return await asyncio.wrap_future(worker.submit(work, *arguments))


async def _at_most(event: asyncio.Event, seconds: float, or_else: asyncio.Event | None = None) -> None:
    """Waits for an event, or for another one, at most so long."""
    waits = [asyncio.ensure_future(one.wait()) for one in (event, or_else) if one is not None]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _nothing_but(words: str, uri: str, version: int) -> Outcome:
    return Outcome(FileReport(uri, None, skipped=words), version)


def _name(session: Session) -> str:
    return session.path.name if session.path else "a file without a name"
