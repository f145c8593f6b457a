"""Looks at one test file with everything around it: settings, new tests, focal file, context."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from runfree import config
from runfree.config import Configuration, Limits
from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree.suppression import Suppression, find_suppressions
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, SourceFile
from runfree.workspace.changes import new_tests, rename_candidates, renamed_from
from runfree.workspace.context import find_context
from runfree.workspace.focal import find_focal
from runfree.workspace.git import GitError, Repository, repository_root
from runfree.workspace.ignoring import Ignored
from runfree.workspace.names import is_test_path, language_of
from runfree.workspace.reading import Skip, decode, read_source, too_large
from runfree.workspace.tree import Focal, Overlay, Tree

logger = logging.getLogger("runfree")

MARKERS = (
    "runfree.toml",
    "pyproject.toml",
    "setup.py",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
)
_TROUBLE_SECONDS = 30.0
_KEPT = 16  # repositories and trees kept at a time


@dataclass(frozen=True, slots=True)
class TestFile:
    """A test file and what is around it; `skipped` says in plain words why it cannot be scored.

    Attributes:
        path: as it was asked for, absolute. root: the project's folder; paths of a Sample count from it.
        names: the tests to score, in order of place. everything: all tests are looked at, each beside all others.
        focal_text: "" where there is no focal file. focal_source: the focal file parsed.
        context: other files that matter, as (path, text).
        notes: what the user may want to know, though it stops nothing.
    """

    __test__ = False  # not a test class for pytest

    path: Path
    root: Path
    language: Language | None
    configuration: Configuration
    text: str = ""
    source: SourceFile | None = None
    names: tuple[str, ...] = ()
    everything: bool = False
    focal: Focal = field(default_factory=lambda: Focal(None, ""))
    focal_text: str = ""
    context: tuple[tuple[Path, str], ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    skipped: str = ""
    notes: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[Function, ...]:
        """The tests to score (the last one, where several share a name), in order of place."""
        if self.source is None:
            return ()
        last = {test.qualified_name: test for test in self.source.tests}
        wanted = set(self.names)
        return tuple(
            t for t in self.source.tests if t.qualified_name in wanted and last[t.qualified_name] is t
        )

    def relative(self, path: Path) -> str:
        """A path as a Sample carries it: from the root, with `/`."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name


class Workspace:
    """Examines test files; keeps what it learned of git and folders between calls. Not for concurrent use."""

    def __init__(self, overlay: Overlay = lambda _: None) -> None:
        self._overlay = overlay
        self._repositories: OrderedDict[Path, Repository] = OrderedDict()
        self._troubles: dict[Path, tuple[float, str]] = {}
        self._trees: OrderedDict[tuple[Path, Limits], Tree] = OrderedDict()

    def examine(
        self,
        path: Path,
        text: str | None = None,
        values: Mapping[str, Any] | None = None,
        values_from: str = "editor",
    ) -> TestFile:
        """What there is to score in a test file.

        Args:
            path: absolute. text: its text as the editor has it; None reads it from the disk.
            values: settings that go before the project's file; `values_from` names their place in messages.

        Raises:
            RunfreeError: the settings are wrong, or `since` names no revision.
        """
        path = _resolved(path)
        configuration = config.load(path.parent, values, editor_name=values_from)
        language = language_of(path)
        root, repository, notes = self._project(path, configuration)
        blank = TestFile(path, root, language, configuration, notes=notes)
        skipped = self._why_not(path, configuration, root)
        if skipped or language is None:
            return replace(blank, skipped=skipped)
        limits = configuration.settings.limits
        read = self._text(path, text, language, limits)
        if isinstance(read, Skip):
            return replace(blank, skipped=read.reason)
        try:
            source = parse(language, read)
        except RunfreeError as error:
            return replace(blank, text=read, skipped=str(error))
        known = replace(blank, text=read, source=source, suppressions=find_suppressions(language, read))
        names, everything, more = self._names(known, repository)
        known = replace(known, names=names, everything=everything, notes=(*notes, *more))
        if not names:
            return replace(known, skipped=_why_no_tests(known))
        return self._with_focal(known)

    def _project(
        self, path: Path, configuration: Configuration
    ) -> tuple[Path, Repository | None, tuple[str, ...]]:
        try:
            repository = self._repository(path.parent, configuration.settings.limits.git_seconds)
        except GitError as error:
            root = _marked_root(path.parent, configuration)
            return root, None, (f"git is not used, so every test counts as new: {error}",)
        if repository:
            return repository.root, repository, ()
        return _marked_root(path.parent, configuration), None, ()

    def _repository(self, folder: Path, seconds: float) -> Repository | None:
        root = repository_root(folder)
        if root is None:
            return None
        since, trouble = self._troubles.get(root, (0.0, ""))
        if trouble and time.monotonic() - since < _TROUBLE_SECONDS:
            raise GitError(trouble)
        if root not in self._repositories:
            try:
                found = Repository.of(root, seconds)
            except GitError as error:
                self._remember_trouble(root, error)
                raise
            if found is None:
                return None
            self._repositories[root] = found
            if len(self._repositories) > _KEPT:
                self._repositories.popitem(last=False)
        self._repositories.move_to_end(root)
        return self._repositories[root]

    def _remember_trouble(self, root: Path, error: GitError) -> None:
        """git that hangs or fails is left alone for a while: a time limit for every key typed would be felt."""
        logger.warning("%s: %s", root, error)
        self._repositories.pop(root, None)
        self._troubles[root] = (time.monotonic(), str(error))

    def _tree(self, root: Path, limits: Limits) -> Tree:
        key = (root, limits)
        if key not in self._trees:
            self._trees[key] = Tree(root, limits.max_file_bytes, limits.max_files, self._overlay)
            if len(self._trees) > _KEPT:
                self._trees.popitem(last=False)
        return self._trees[key]

    def _why_not(self, path: Path, configuration: Configuration, root: Path) -> str:
        if language_of(path) is None:
            return "it is not a Python, Java or Go file"
        if not is_test_path(path):
            return "it is not a test file by its name"
        return "the setting ignore names it" if path in Ignored(configuration, root) else ""

    def _text(self, path: Path, text: str | None, language: Language, limits: Limits) -> str | Skip:
        if text is None:
            text = self._overlay(path)
        if text is None:
            return read_source(path, language, limits.max_file_bytes)
        size = len(text.encode("utf-8", "surrogatepass"))
        return text if size <= limits.max_file_bytes else too_large(size, limits.max_file_bytes)

    def _names(
        self, known: TestFile, repository: Repository | None
    ) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
        """Names to score, whether that is everything, and notes."""
        assert known.source is not None
        all_names = tuple(dict.fromkeys(test.qualified_name for test in known.source.tests))
        settings = known.configuration.settings
        if settings.scope == "all" or repository is None:
            return all_names, True, ()
        try:
            old = self._old_source(known, repository, settings.since)
        except GitError as error:
            self._remember_trouble(repository.root, error)
            return all_names, True, (f"git is not used, so every test counts as new: {error}",)
        return new_tests(old, known.source), False, ()

    def _old_source(self, known: TestFile, repository: Repository, since: str) -> SourceFile | None:
        """The file as it was in the revision, under its old name where it was renamed; None: it was not there."""
        commit = repository.commit(since)
        if commit is None or known.language is None:
            return None
        path = known.path.relative_to(repository.root).as_posix()
        data = repository.read(commit, path)
        if data is None:
            data = _predecessor(repository, commit, path, known)
        text = decode(data, known.language) if data is not None else None
        if text is None or isinstance(text, Skip):
            return None
        try:
            return parse(known.language, text)
        except RunfreeError:
            return None

    def _with_focal(self, known: TestFile) -> TestFile:
        assert known.source is not None
        settings = known.configuration.settings
        tree = self._tree(known.root, settings.limits)
        focal = find_focal(known.path, known.source, tree, settings.focal, known.configuration.folder)
        if focal.path is None:
            return replace(known, focal=focal)
        text = tree.read(focal.path)
        if isinstance(text, Skip):
            return replace(
                known, focal=Focal(None, f"The focal file {known.relative(focal.path)}: {text.reason}")
            )
        context = find_context(known.path, known.source, focal.path, tree, settings.limits.max_context_bytes)
        return replace(known, focal=focal, focal_text=text, context=context)


def _predecessor(repository: Repository, commit: str, path: str, known: TestFile) -> bytes | None:
    gone = {}
    for candidate in rename_candidates(path, repository.missing(commit)):
        data = repository.read(commit, candidate)
        if data is not None:
            gone[candidate] = data
    texts = [(old, data.decode("utf-8", "replace")) for old, data in gone.items()]
    old_path = renamed_from(path, known.text, texts)
    return gone[old_path] if old_path else None


def _why_no_tests(known: TestFile) -> str:
    assert known.source is not None
    if known.source.tests:
        return f"no new tests since {known.configuration.settings.since} (--all looks at every test)"
    return "no tests in it can be read" if known.source.error_lines else "it holds no tests"


def _marked_root(folder: Path, configuration: Configuration) -> Path:
    """The project's folder where there is no git: the nearest with a build file, and those directly above it."""
    for parent in (folder, *folder.parents):
        if _marked(parent):
            while parent.parent != parent and _marked(parent.parent):
                parent = parent.parent
            return parent
    return configuration.folder or _guessed_root(folder)


def _guessed_root(folder: Path) -> Path:
    """Without any mark: the folder that holds the innermost `tests` folder (or `src/test`), else the package's."""
    for parent in (folder, *folder.parents):
        if parent.name in ("test", "tests"):
            return parent.parent.parent if parent.parent.name == "src" else parent.parent
    while (folder / "__init__.py").exists() and folder.parent != folder:
        folder = folder.parent
    return folder


def _marked(folder: Path) -> bool:
    return any((folder / name).exists() for name in MARKERS)


def _resolved(path: Path) -> Path:
    """The path with its folder's symbolic links resolved (git's root is), its own name kept."""
    try:
        return path.parent.resolve() / path.name
    except (OSError, RuntimeError):  # links that go round in a circle
        return path.absolute()
