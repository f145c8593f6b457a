"""Editors' URIs and the file system's paths, each made from the other."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

_DRIVE = re.compile(r"^/[A-Za-z]:(?=/|$)")


def to_path(uri: str) -> Path | None:
    """The path of a `file:` URI on this machine; None for anything else.

    None also where the URI means a place that this system has no path for: a drive letter or a share's name
    away from Windows would otherwise become a path relative to the working folder.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme.lower() != "file":
        return None
    path = unquote(parts.path)
    if "\0" in path or not path.startswith("/"):
        return None
    drive = bool(_DRIVE.match(path))
    if os.name == "nt":  # pragma: no cover - the other half is what runs elsewhere
        if parts.netloc and parts.netloc != "localhost":
            return Path(f"//{unquote(parts.netloc)}{path}")
        return Path(path[1:]) if drive else None
    if drive or parts.netloc not in ("", "localhost"):
        return None
    return Path(os.path.normpath(path))


def to_uri(path: Path) -> str:
    """The `file:` URI of an absolute path, percent-encoded."""
    text = path.as_posix()
    if text.startswith("//"):  # a share: //server/folder
        return "file:" + quote(text)
    if not text.startswith("/"):  # C:/folder
        return "file:///" + text[:2] + quote(text[2:])
    return "file://" + quote(text)
