"""From an editor's text to a report, in two steps: what there is to score (reading), and the scoring.

The steps run on two threads of their own; nothing here touches the event loop or the connection.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfree import config
from runfree.cache import PredictionCache
from runfree.config import CacheSettings, Settings
from runfree.errors import RunfreeError
from runfree.lsp.outcome import Outcome
from runfree.lsp.worker import CancelledError
from runfree.render.thresholds import Thresholds
from runfree.report import FileReport
from runfree.review import StoppedError, draft, review, thresholds_of
from runfree.sample import Prediction
from runfree.syntax.parse import parse
from runfree.workspace import TestFile, Workspace, find_test_files, language_of
from runfree.workspace.ignoring import Ignored

if TYPE_CHECKING:
    from runfree.scorer import Scorer

logger = logging.getLogger("runfree")

Stop = threading.Event

PARTLY_SECONDS = 0.5  # how often a long file's predictions so far are shown

NOT_SAVED = "it has not been saved yet, so its focal file cannot be known. Save it to see predictions"
NOT_HERE = "it does not lie on this machine's disk"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A text as the editor has it at one moment, with what else a report depends on.

    Attributes:
        path: None where the document is no file of this machine. text: None reads it from the disk.
        language_id: the editor's word for the language, for documents without a path.
        editor_values: the editor's settings for it. open_texts: all texts that the editor holds, saved or not.
    """

    uri: str
    path: Path | None
    language_id: str
    text: str | None
    version: int
    editor_values: Mapping[str, Any]
    open_texts: Mapping[Path, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to score in a file, and the outcome as far as it is known before."""

    outcome: Outcome
    file: TestFile | None
    problems: tuple[str, ...] = ()

    @property
    def to_score(self) -> bool:
        """Whether there is any test to score."""
        report = self.outcome.report
        return self.file is not None and not report.skipped and any(not t.skipped for t in report.tests)


class Reader:
    """Makes plans; for the reading thread alone. It keeps what it learned of git and folders between them."""

    def __init__(self) -> None:
        self._texts: Mapping[Path, str] = {}
        self._workspace = Workspace(lambda path: self._texts.get(path))

    def plan(self, snapshot: Snapshot, stop: Stop) -> Plan:
        """The plan for a text."""
        if stop.is_set():
            raise CancelledError
        if snapshot.path is None:
            return _no_file(snapshot)
        self._texts = {_real(path): text for path, text in snapshot.open_texts.items()}
        problems: list[str] = []
        try:
            file = self._examine(snapshot, snapshot.path, problems)
        finally:
            self._texts = {}
        return Plan(_outcome(file, draft(file), snapshot.version), file, tuple(problems))

    def find(self, folders: Mapping[Path, Mapping[str, Any]], stop: Stop) -> list[Path]:
        """The test files below the workspace's folders, each with the editor's settings for it."""
        found: dict[Path, None] = {}
        for folder, values in folders.items():
            if stop.is_set():
                raise CancelledError
            limits = _settings(folder, values).limits
            files = find_test_files([folder], limits.git_seconds, limits.max_files)
            found.update(dict.fromkeys(files))
        return list(found)

    def _examine(self, snapshot: Snapshot, path: Path, problems: list[str]) -> TestFile:
        """The file under the settings that hold; wrong settings are a problem to tell, not a reason to stop."""
        values = snapshot.editor_values
        try:
            return self._workspace.examine(path, snapshot.text, values)
        except RunfreeError as error:
            problems.append(str(error))
        for attempt in ({}, {"since": "HEAD"}):
            try:
                return self._workspace.examine(path, snapshot.text, attempt)
            except RunfreeError as error:
                if str(error) not in problems:
                    problems.append(str(error))
        return self._bare(path, problems[-1])

    def _bare(self, path: Path, reason: str) -> TestFile:
        configuration = config.Configuration(Settings(), {})
        return TestFile(path, path.parent, language_of(path), configuration, skipped=reason)


class Scoring:
    """Scores plans; for the scoring thread alone. It keeps the cache open."""

    def __init__(self) -> None:
        self._cache: PredictionCache | None = None
        self._settings: CacheSettings | None = None

    def score(
        self,
        plan: Plan,
        scorer: Scorer,
        stop: Stop,
        first: Collection[str] = (),
        partly: Callable[[Mapping[str, Prediction]], None] = lambda found: None,
    ) -> Outcome:
        """The plan's outcome with predictions.

        Args:
            first: tests to be scored before the others.
            partly: told what is found so far, once the first ones are done and then every now and then.
        """
        if stop.is_set():
            raise CancelledError
        file = plan.file
        if file is None:
            return plan.outcome
        try:
            progress = _Progress(first, partly)
            report = review(
                file, scorer, self._cache_for(file), stopped=stop.is_set, first=first, found=progress.found
            )
        except StoppedError:
            raise CancelledError from None
        return replace(
            plan.outcome, report=report, thresholds=thresholds_of(file, scorer), model_id=scorer.model_id
        )

    def clear(self) -> int:
        """Empties the cache; returns how many predictions it held."""
        return self._cache.clear() if self._cache is not None else 0

    def close(self) -> None:
        """Closes the cache."""
        if self._cache is not None:
            self._cache.close()

    def _cache_for(self, file: TestFile) -> PredictionCache:
        wanted = file.configuration.settings.cache
        if self._cache is None or wanted != self._settings:
            self.close()
            self._cache, self._settings = PredictionCache(wanted), wanted
        return self._cache


class _Progress:
    """Gathers predictions and hands them on: when the first ones are complete, then at most twice a second."""

    def __init__(self, first: Collection[str], partly: Callable[[Mapping[str, Prediction]], None]) -> None:
        self._first, self._partly = set(first), partly
        self._found: dict[str, Prediction] = {}
        self._next = time.monotonic() + PARTLY_SECONDS

    def found(self, name: str, prediction: Prediction) -> None:
        """One more is known."""
        self._found[name] = prediction
        last_of_first = name in self._first and not self._first.difference(self._found)
        if last_of_first or time.monotonic() >= self._next:
            self._next = time.monotonic() + PARTLY_SECONDS
            self._partly(dict(self._found))


def with_model(outcome: Outcome, scorer: Scorer | None) -> Outcome:
    """A plan's outcome with what is known of the model already, so that old predictions in it read the same."""
    if scorer is None:
        return outcome
    overrides = outcome.settings.thresholds
    thresholds = Thresholds(scorer.thresholds).overridden(overrides)
    return replace(outcome, thresholds=thresholds, model_id=scorer.model_id)


def _outcome(file: TestFile, report: FileReport, version: int) -> Outcome:
    near = [path for path, _ in file.context]
    depends_on = {file.path, *near}
    if file.focal.path is not None:
        depends_on.add(file.focal.path)
    source = file.source
    return Outcome(
        report=report,
        version=version,
        settings=file.configuration.settings,
        focal=file.focal.path,
        settings_file=file.configuration.file or file.root / "runfree.toml",
        places={file.relative(path): path for path in depends_on},
        depends_on=frozenset(depends_on - {file.path}),
        complete=source is not None and not source.error_lines,
        quiet=(source is not None and not file.names) or _ignored(file),
        texts={test.qualified_name: hash(test.text) for test in source.tests} if source else {},
        test_spans={test.qualified_name: test.name_span for test in source.tests} if source else {},
        heads={
            test.qualified_name: range(test.span.start_line - 1, test.name_span.start_line + 1)
            for test in (source.tests if source else ())
        },
    )


def _ignored(file: TestFile) -> bool:
    try:
        return file.path in Ignored(file.configuration, file.root)
    except RunfreeError:
        return False


def _no_file(snapshot: Snapshot) -> Plan:
    """The plan for a document that is no file of this machine: its tests are seen, with the reason why not."""
    text = snapshot.text or ""
    language = next((name for name in ("python", "java", "go") if name == snapshot.language_id), None)
    reason = NOT_SAVED if snapshot.uri.startswith("untitled:") else NOT_HERE
    report = FileReport(snapshot.uri, None, text=text)
    if language is not None:
        try:
            tests = parse(language, text).tests
        except RunfreeError:
            tests = ()
        if tests:
            report = replace(report, language=language, skipped=reason)
    return Plan(Outcome(report, snapshot.version), None)


def _settings(folder: Path, values: Mapping[str, Any]) -> Settings:
    for attempt in (values, {}):
        try:
            return config.load(folder, attempt).settings
        except RunfreeError as error:
            logger.warning("%s", error)
    return Settings()


def _real(path: Path) -> Path:
    """As the workspace names paths: the folder's symbolic links resolved, the file's own name kept."""
    try:
        return path.parent.resolve() / path.name
    except (OSError, RuntimeError):
        return path
