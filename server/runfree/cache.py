"""Predictions kept on the disk, by content; never trusted: whatever is wrong with the cache is a cache miss."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
import platformdirs
from diskcache.core import MODE_RAW

from runfree.config import CacheSettings
from runfree.render.json import from_stored, to_stored
from runfree.sample import Prediction

logger = logging.getLogger("runfree")

SCHEMA = 1  # of keys and values: raise it when either changes its meaning
_MOST_BYTES = 256_000  # of one value
_LOCK_SECONDS = 0.5  # how long a write waits for another process
_FILES = ("cache.db", "cache.db-wal", "cache.db-shm", "cache.db-journal")


class RefusedError(ValueError):
    """A row of the cache is not one that this program writes."""


class BytesDisk(diskcache.Disk):  # type: ignore[misc]
    """Stores bytes inside the database and nothing else.

    diskcache's own `Disk` unpickles rows that say so, opens the files that rows name and deletes them on
    eviction: a row altered by someone else could run code, read or remove files. Here such rows are refused.
    """

    def hash(self, key: Any) -> int:
        """Not a place in this class's use (single cache): any stable number."""
        return int.from_bytes(hashlib.sha256(_bytes(key)).digest()[:4], "big")

    def put(self, key: Any) -> tuple[Any, bool]:
        """The database's form of a key."""
        return sqlite3.Binary(_bytes(key)), True

    def get(self, key: Any, raw: Any) -> bytes:
        """A key back from the database."""
        if not raw:
            raise RefusedError("a key that is not plain bytes")
        return _bytes(key)

    def store(self, value: Any, read: Any, key: Any = None) -> tuple[int, int, None, Any]:
        """The database's form of a value."""
        if read or len(_bytes(value)) > _MOST_BYTES:
            raise RefusedError("a value that is not a short piece of bytes")
        return 0, MODE_RAW, None, sqlite3.Binary(value)

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        """A value back from the database."""
        if mode != MODE_RAW or filename is not None or read:
            raise RefusedError(f"a row of mode {mode!r}, file {filename!r}")
        return _bytes(value)

    def filename(self, key: Any = None, value: Any = None) -> tuple[str, str]:
        """Values never lie in files."""
        raise RefusedError("a value in a file")

    def remove(self, file_path: Any) -> None:
        """Removes nothing: no row of ours has a file."""


def _bytes(value: Any) -> bytes:
    if isinstance(value, memoryview):
        value = bytes(value)
    if not isinstance(value, bytes):
        raise RefusedError(f"a {type(value).__name__} instead of bytes")
    return value


def default_directory() -> Path:
    """The user's own cache folder for this program."""
    return Path(platformdirs.user_cache_dir("runfree", appauthor=False))


def cache_directory(settings: CacheSettings) -> Path:
    """The folder of the database: a folder of its own below the one that is set."""
    base = Path(settings.directory).expanduser() if settings.directory else default_directory()
    return base / f"predictions-{SCHEMA}"


def content_key(*parts: str) -> bytes:
    """A key from the schema and any texts; the lengths are hashed too, so that texts cannot flow together."""
    digest = hashlib.sha256(f"runfree {SCHEMA}".encode())
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(f"\0{len(data)}:".encode())
        digest.update(data)
    return digest.digest()


class PredictionCache:
    """Get and put predictions by key. No method raises: a damaged, locked or unwritable cache just misses.

    Attributes:
        directory: where it lies. problem: why it is not used, in plain words, or "".
        hits, misses: since this object was made.
    """

    def __init__(self, settings: CacheSettings) -> None:
        self.directory = cache_directory(settings)
        self.problem = "" if settings.enabled else "switched off by the setting cache.enabled"
        self.hits = self.misses = 0
        self._size = settings.size_mb * 1_000_000
        self._cache: diskcache.Cache | None = None
        self._rebuilt = False
        if settings.enabled:
            self._open()

    def get(self, key: bytes) -> Prediction | None:
        """The prediction stored under a key, or None."""
        data = self._guarded("read", lambda cache: cache.get(key))
        if data is not None:
            try:
                prediction = from_stored(data)
            except ValueError as error:
                logger.warning("cache: an entry was not understood and is dropped: %s", error)
                self._guarded("write", lambda cache: cache.delete(key))
            else:
                self.hits += 1
                return prediction
        self.misses += 1
        return None

    def put(self, key: bytes, prediction: Prediction) -> None:
        """Stores a prediction, if that can be done."""
        data = to_stored(prediction)
        if len(data) <= _MOST_BYTES:
            self._guarded("write", lambda cache: cache.set(key, data))

    def clear(self) -> int:
        """Removes all entries; returns how many."""
        return int(self._guarded("write", lambda cache: cache.clear(retry=False)) or 0)

    def __len__(self) -> int:
        """How many entries there are (0 where it cannot be told)."""
        return int(self._guarded("read", len) or 0)

    def volume(self) -> int:
        """Bytes it takes on the disk (0 where it cannot be told)."""
        return int(self._guarded("read", lambda cache: cache.volume()) or 0)

    def close(self) -> None:
        """Closes the database."""
        cache, self._cache = self._cache, None
        if cache is not None:
            with contextlib.suppress(Exception):
                cache.close()

    def _open(self) -> None:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # All that a database can set is given here, so that an altered one sets nothing.
            self._cache = diskcache.Cache(
                str(self.directory),
                timeout=_LOCK_SECONDS,
                disk=BytesDisk,
                size_limit=self._size,
                cull_limit=20,
                eviction_policy="least-recently-stored",
                statistics=0,
                tag_index=0,
            )
            self._cache.get(b"probe")
        except Exception as error:  # sqlite's, diskcache's and the system's: all mean "no cache"
            self._trouble("open", error)

    def _guarded(self, what: str, action: Any) -> Any:
        """What the action gives; None where it fails. A damaged database is rebuilt, once."""
        if self._cache is None:
            return None
        try:
            return action(self._cache)
        except Exception as error:  # see `_open`
            self._trouble(what, error)
            return None

    def _trouble(self, what: str, error: Exception) -> None:
        if isinstance(error, RefusedError):
            logger.warning("cache: refused %s", error)
            return
        locked = isinstance(error, diskcache.Timeout) or "locked" in str(error)
        if locked:
            logger.info("cache: busy, this prediction is not kept")
            return
        self.close()
        if isinstance(error, OSError | sqlite3.OperationalError) and not _damaged(error):
            self.problem = f"it cannot be used: {error}"
            logger.warning("cache: %s: %s", self.directory, self.problem)
            return
        if self._rebuilt:
            self.problem = f"it is damaged and could not be rebuilt: {error}"
            logger.warning("cache: %s: %s", self.directory, self.problem)
            return
        self._rebuilt = True
        logger.warning("cache: %s was damaged (%s) and is made anew", self.directory, error)
        for name in _FILES:
            with contextlib.suppress(OSError):
                (self.directory / name).unlink()
        self._open()


def _damaged(error: Exception) -> bool:
    return any(
        word in str(error) for word in ("malformed", "no such table", "no such column", "not a database")
    )
