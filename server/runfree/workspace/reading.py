"""Reads a source file as text, or says in plain words why it cannot be: nothing here raises for a bad file."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from runfree.positions import normalise
from runfree.sample import Language

# PEP 263 declarations that are honoured. Others (punycode, zip, rot13, ...) are not text encodings of source
# files, and some of Python's codecs take quadratic time or unpack bombs.
_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_ENCODINGS = re.compile(
    r"(?:utf[-_]?8(?:[-_]sig)?|(?:us[-_])?ascii|latin[-_]?1|l1|iso[-_]?8859[-_]\d{1,2}|iso[-_]latin[-_]1"
    r"|(?:cp|windows[-_])?(?:125[0-8]|437|85[0-9]|866|932|949|950)|koi8[-_][ru]|shift[-_]?jis|euc[-_](?:jp|kr)"
    r"|gbk|gb2312|gb18030|big5|mac[-_]roman)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Skip:
    """A reason in plain words why something is not scored."""

    reason: str


def read_bytes(path: Path, max_bytes: int) -> bytes | Skip:
    """The bytes of a regular file of at most `max_bytes`; never waits on a pipe or device."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        return Skip(_why(path, error))
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            return Skip("it is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            return Skip("it is not a regular file")
        if status.st_size > max_bytes:
            return too_large(status.st_size, max_bytes)
        with os.fdopen(handle, "rb", closefd=False) as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        return Skip(_why(path, error))
    finally:
        os.close(handle)
    return data if len(data) <= max_bytes else too_large(len(data), max_bytes)


def read_source(path: Path, language: Language, max_bytes: int) -> str | Skip:
    """The text of a source file with LF line endings and without a byte order mark."""
    data = read_bytes(path, max_bytes)
    return data if isinstance(data, Skip) else decode(data, language)


def decode(data: bytes, language: Language) -> str | Skip:
    """Bytes of a source file as text: UTF-8, or what a Python file declares (PEP 263)."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Skip("it is not UTF-8 (it looks like UTF-16): save it as UTF-8")
    if b"\0" in data:
        return Skip("it is a binary file")
    encoding = _declared(data) if language == "python" else ""
    if encoding and not _ENCODINGS.match(encoding):
        return Skip(
            f"it declares the encoding {encoding[:40]!r}, which runfree does not read: save it as UTF-8"
        )
    try:
        return normalise(data.decode(encoding or "utf-8"))
    except LookupError:
        return Skip(f"it declares the encoding {encoding[:40]!r}, which does not exist")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = encoding or "UTF-8"
        return Skip(f"it is not {name} (line {line}): save it as UTF-8")


def too_large(size: int, max_bytes: int) -> Skip:
    """The reason for a file over the limit."""
    return Skip(f"it is too large: {size:,} bytes, and limits.max_file_bytes is {max_bytes:,}")


def _declared(data: bytes) -> str:
    head = b"\n".join(data[:1000].splitlines()[:2])
    first, _, second = head.partition(b"\n")
    found = _DECLARED.match(first)
    if not found and (not first.strip() or first.lstrip().startswith(b"#")):
        found = _DECLARED.match(second)
    return found.group(1).decode("ascii", "replace") if found else ""


def _why(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, ValueError):
        return "its path is not valid"
    if error.errno == errno.ELOOP:
        return "its symbolic links go round in a circle"
    if isinstance(error, FileNotFoundError):
        return "its symbolic link leads nowhere" if path.is_symlink() else "it does not exist (any more)"
    if isinstance(error, PermissionError):
        return "it cannot be read: permission denied"
    if isinstance(error, IsADirectoryError):
        return "it is a folder, not a file"
    return f"it cannot be read: {error.strerror or type(error).__name__}"
