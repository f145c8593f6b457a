"""Settings: every option with its default, read from defaults < runfree.toml or pyproject.toml < editor."""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from runfree.errors import RunfreeError

Severity = Literal["error", "warning", "information", "hint", "off"]
Scope = Literal["new", "all"]
Code = Literal["RF001", "RF002", "RF003", "RF010"]
CODES: tuple[Code, ...] = get_args(Code)

# Keys that editors send along for themselves (how to find the server, tracing); they mean nothing here.
CLIENT_KEYS = frozenset({"server", "trace", "interpreter", "import_strategy"})


@dataclass(frozen=True, slots=True)
class Severities:
    """How each diagnostic is shown; "off" drops it."""

    RF001: Severity = "warning"
    RF002: Severity = "information"
    RF003: Severity = "information"
    RF010: Severity = "hint"


@dataclass(frozen=True, slots=True)
class ThresholdOverrides:
    """Probabilities below which a diagnostic appears; None takes the model's own (set on validation data)."""

    RF001: float | None = field(default=None, metadata={"min": 0.0, "max": 1.0})
    RF002: float | None = field(default=None, metadata={"min": 0.0, "max": 1.0})
    RF003: float | None = field(default=None, metadata={"min": 0.0, "max": 1.0})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; hitting a limit is said in plain words."""

    max_file_bytes: int = field(
        default=1_000_000, metadata={"min": 1_000, "max": 1_000_000}
    )  # the parsers' own
    max_tests: int = field(default=500, metadata={"min": 1, "max": 100_000})  # tests scored in one file
    max_context_bytes: int = field(
        default=200_000, metadata={"min": 0, "max": 5_000_000}
    )  # conftest, siblings
    max_files: int = field(
        default=20_000, metadata={"min": 1, "max": 1_000_000}
    )  # files looked at in a folder
    git_seconds: float = field(default=5.0, metadata={"min": 0.1, "max": 120.0})


@dataclass(frozen=True, slots=True)
class LensSettings:
    """The code lens above each scored test."""

    enabled: bool = True
    style: Literal["full", "compact"] = "full"


@dataclass(frozen=True, slots=True)
class HoverSettings:
    """The explanation shown on a test's name."""

    enabled: bool = True


@dataclass(frozen=True, slots=True)
class InlayHintSettings:
    """Marks in the focal file while its test file is open."""

    new_lines: bool = False


@dataclass(frozen=True, slots=True)
class QuickFixSettings:
    """Which quick fixes are offered."""

    suppress: bool = True


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Where predictions are kept. An empty folder means the user's own cache folder."""

    enabled: bool = True
    directory: str = ""
    size_mb: int = field(default=200, metadata={"min": 1, "max": 100_000})


@dataclass(frozen=True, slots=True)
class Settings:
    """All options; immutable, so that results can be tied to the settings they were made with.

    Attributes:
        scope: "new" looks at tests added or changed since `since`, "all" at every test.
        since: the git revision that "new" is measured against.
        run: when an editor scores: while typing (after `debounce_ms` of rest) or on saving.
        ignore: gitignore-style patterns of test files to leave alone, relative to the settings file's folder.
        focal: test path pattern -> focal path, both relative to the settings file's folder; goes first.
    """

    scope: Scope = "new"
    since: str = "HEAD"
    run: Literal["onType", "onSave"] = "onType"
    debounce_ms: int = field(default=250, metadata={"min": 0, "max": 10_000})
    ignore: tuple[str, ...] = ()
    focal: Mapping[str, str] = field(default_factory=lambda: types.MappingProxyType({}))
    severities: Severities = field(default_factory=Severities)
    thresholds: ThresholdOverrides = field(default_factory=ThresholdOverrides)
    limits: Limits = field(default_factory=Limits)
    lens: LensSettings = field(default_factory=LensSettings)
    hover: HoverSettings = field(default_factory=HoverSettings)
    inlay_hints: InlayHintSettings = field(default_factory=InlayHintSettings)
    quick_fixes: QuickFixSettings = field(default_factory=QuickFixSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings with the place each value came from.

    Attributes:
        origins: dotted key -> "default", the settings file's path, or "editor" / "command line".
        folder: the settings file's folder, against which its patterns and paths count; None without a file.
        file: the settings file itself, or None.
    """

    settings: Settings
    origins: Mapping[str, str]
    folder: Path | None = None
    file: Path | None = None


def load(
    start: Path, editor: Mapping[str, Any] | None = None, *, editor_name: str = "editor"
) -> Configuration:
    """The settings that hold for a file or folder.

    Args:
        start: the file or folder; the nearest settings file upwards from it is read.
        editor: values that go before the file's; keys in snake_case or camelCase, nested or dotted.

    Raises:
        RunfreeError: a settings file or value is wrong; the message names file, key and what is expected.
    """
    settings = Settings()
    origins = {key: "default" for key, _ in flatten(settings)}
    found = find_settings(start)
    if found:
        file, table = found
        settings = _apply(settings, table, str(file), origins, strict=True)
        settings = _inside_project(settings, file)
    if editor:
        settings = _apply(settings, _unflatten(editor), editor_name, origins, strict=False)
    if settings.since.startswith("-") or not settings.since.strip():
        raise RunfreeError(f"{origins['since']}: since: {settings.since!r} is not a git revision.")
    file_found = found[0] if found else None
    return Configuration(settings, origins, file_found.parent if file_found else None, file_found)


def find_settings(start: Path) -> tuple[Path, dict[str, Any]] | None:
    """The nearest `runfree.toml`, or `pyproject.toml` with a [tool.runfree] table, upwards from `start`."""
    start = start.absolute()
    for folder in (start, *start.parents):
        own = folder / "runfree.toml"
        if own.is_file():
            return own, _read_toml(own)
        shared = folder / "pyproject.toml"
        if shared.is_file():
            try:
                table = _read_toml(shared).get("tool", {}).get("runfree")
            except (RunfreeError, AttributeError):
                # A broken pyproject.toml is its own tool's affair, unless it seems to hold our settings.
                if b"tool.runfree" in _read_bytes(shared):
                    raise
                continue
            if table is not None:
                if not isinstance(table, dict):
                    raise RunfreeError(f"{shared}: tool.runfree must be a table.")
                return shared, table
    return None


def flatten(settings: object, prefix: str = "") -> list[tuple[str, object]]:
    """Every option as (dotted key, value), in the order of the fields."""
    result: list[tuple[str, object]] = []
    for item in fields(cast(Any, settings)):
        value = getattr(settings, item.name)
        if is_dataclass(value):
            result += flatten(value, f"{prefix}{item.name}.")
        else:
            result.append((prefix + item.name, value))
    return result


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunfreeError(f"{path}: the settings cannot be read: {error.strerror or error}.") from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_bytes(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RunfreeError(f"{path}: not valid TOML: {error}") from None


def _inside_project(settings: Settings, file: Path) -> Settings:
    """Settings whose paths lie in the project: a stranger's file may not send the
    cache or the focal file elsewhere."""
    folder = file.parent.resolve()
    checks = [("cache.directory", settings.cache.directory)]
    checks += [(f"focal.{pattern!r}", path) for pattern, path in settings.focal.items()]
    for key, value in checks:
        if value and not (folder / value).resolve().is_relative_to(folder):
            raise RunfreeError(f"{file}: {key}: {value!r} must lie inside {folder}.")
    if not settings.cache.directory:
        return settings
    directory = str(folder / settings.cache.directory)
    return replace(settings, cache=replace(settings.cache, directory=directory))


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).replace("-", "_").lower()


def _unflatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """{"lens.style": x} becomes {"lens": {"style": x}}: editors send either."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        head, _, rest = key.partition(".")
        if rest and not (isinstance(values.get(head), Mapping)):
            inner = result.setdefault(head, {})
            if isinstance(inner, dict):
                inner[rest] = value
        else:
            result[key] = value
    return result


def _apply(
    target: Any,
    table: Mapping[str, Any],
    origin: str,
    origins: dict[str, str],
    *,
    strict: bool,
    prefix: str = "",
) -> Any:
    """`target` with the table's values put in, checked against the fields' types and ranges."""
    known = {_snake(item.name): item for item in fields(target)}
    changes: dict[str, Any] = {}
    for key, value in table.items():
        item = known.get(_snake(key))
        if item is None:
            if not strict and not prefix and _snake(key) in CLIENT_KEYS:
                continue
            names = ", ".join(f.name for f in fields(target))
            raise RunfreeError(f"{origin}: {prefix}{key}: no such setting. Known here: {names}.")
        name, full = item.name, prefix + item.name
        current = getattr(target, name)
        if is_dataclass(current):
            if not isinstance(value, Mapping):
                raise RunfreeError(f"{origin}: {full}: expected a table of settings, got {_kind(value)}.")
            if not strict:
                value = _unflatten(value)
            changes[name] = _apply(current, value, origin, origins, strict=strict, prefix=f"{full}.")
            continue
        if value is None and not strict:  # editors send null for "not set"
            continue
        converted, expected = _convert(get_type_hints(type(target))[name], value)
        if expected:
            raise RunfreeError(f"{origin}: {full}: expected {expected}, got {_kind(value)}.")
        low, high = item.metadata.get("min"), item.metadata.get("max")
        if converted is not None and low is not None and not low <= converted <= high:
            raise RunfreeError(
                f"{origin}: {full}: expected a number from {low:g} to {high:g}, got {value!r}."
            )
        changes[name] = converted
        origins[full] = origin
    return replace(target, **changes)


def _kind(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _convert(hint: Any, value: Any) -> tuple[Any, str]:
    """The value as the hinted type and "", or (None, what was expected)."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return (
            (value, "")
            if isinstance(value, str) and value in arguments
            else (
                None,
                "one of " + ", ".join(f'"{a}"' for a in arguments),
            )
        )
    if origin in (Union, types.UnionType):
        inner = next(a for a in arguments if a is not type(None))
        return _convert(inner, value)
    if hint is bool:
        return (value, "") if isinstance(value, bool) else (None, "true or false")
    if hint is int:
        good = isinstance(value, int) and not isinstance(value, bool)
        return (value, "") if good else (None, "a whole number")
    if hint is float:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        return (float(value), "") if good else (None, "a number")
    if hint is str:
        return (value, "") if _plain(value) else (None, "a text")
    if origin is tuple:
        good = isinstance(value, list | tuple) and all(_plain(v) for v in value)
        return (tuple(value), "") if good else (None, "a list of texts")
    good = isinstance(value, Mapping) and all(_plain(v) for v in (*value, *value.values()))
    return (types.MappingProxyType(dict(value)), "") if good else (None, "a table of texts")


def _plain(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value
