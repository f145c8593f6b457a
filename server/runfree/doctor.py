"""What a bug report needs: versions, model, cache, git, settings and where each came from."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from runfree import __version__, config
from runfree.cache import PredictionCache
from runfree.errors import RunfreeError
from runfree.model.location import model_folder
from runfree.workspace.git import GitError, run_git

PACKAGES = (
    "onnxruntime",
    "numpy",
    "tree-sitter",
    "tree-sitter-python",
    "tree-sitter-java",
    "tree-sitter-go",
    "pygls",
    "lsprotocol",
    "diskcache",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report, under a heading; `problem` marks what is wrong."""

    heading: str
    name: str
    value: str
    problem: bool = False


def examine(folder: Path) -> list[Finding]:
    """Everything, in the order it is printed; never raises for a broken part, but reports it."""
    return [*_versions(), *_git(folder), *_model(), *_settings(folder)]


def _versions() -> list[Finding]:
    found = [
        Finding("versions", "runfree", f"{__version__} ({Path(__file__).parent})"),
        Finding("versions", "python", f"{platform.python_version()} ({sys.executable})"),
        Finding("versions", "platform", platform.platform()),
    ]
    for name in PACKAGES:
        try:
            found.append(Finding("versions", name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append(Finding("versions", name, "not installed", problem=True))
    return found


def _git(folder: Path) -> list[Finding]:
    if shutil.which("git") is None:
        return [Finding("versions", "git", "not installed: every test counts as new")]
    try:
        version = run_git(folder, "version", seconds=5).decode("utf-8", "replace").strip()
    except GitError as error:
        return [Finding("versions", "git", str(error), problem=True)]
    return [Finding("versions", "git", version.removeprefix("git version "))]


def _model() -> list[Finding]:
    folder = model_folder()
    try:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        return [Finding("model", "folder", f"{folder}: {error.strerror}", problem=True)]
    found = [Finding("model", "folder", f"{folder} ({size / 1e6:.1f} MB)")]
    try:
        from runfree.scorer import Scorer

        scorer = Scorer.load(folder)
    except (RunfreeError, ImportError) as error:
        return [*found, Finding("model", "loads", f"no: {error}", problem=True)]
    found.append(Finding("model", "loads", f"yes: {scorer.model_id}"))
    found.append(Finding("model", "calibrated for", ", ".join(scorer.calibrated) or "no language"))
    found += [
        Finding("model", f"threshold {code}", _thresholds(values))
        for code, values in scorer.thresholds.items()
    ]
    return found


def _thresholds(values: Mapping[str, float]) -> str:
    return ", ".join(f"{language} {value:g}" for language, value in values.items())


def _settings(folder: Path) -> list[Finding]:
    try:
        configuration = config.load(folder)
    except RunfreeError as error:
        return [Finding("settings", "wrong", str(error), problem=True)]
    found = _cache(configuration.settings.cache)
    found.append(Finding("settings", "file", str(configuration.file or "none found")))
    for key, value in config.flatten(configuration.settings):
        shown = dict(value) if isinstance(value, Mapping) else value
        found.append(Finding("settings", key, f"{shown!r} ({configuration.origins[key]})"))
    return found


def _cache(settings: config.CacheSettings) -> list[Finding]:
    cache = PredictionCache(settings)
    found = [Finding("cache", "folder", str(cache.directory))]
    if cache.problem:
        found.append(Finding("cache", "not used", cache.problem, problem=settings.enabled))
    else:
        found.append(Finding("cache", "holds", f"{len(cache):,} predictions, {cache.volume() / 1e6:.1f} MB"))
    cache.close()
    return found
