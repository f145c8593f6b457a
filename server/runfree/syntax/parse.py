"""Text of any supported language -> `SourceFile`, cached by content and guarded against hostile sizes and shapes."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from runfree.errors import RunfreeError
from runfree.sample import LANGUAGES, Language
from runfree.syntax.tree import SourceFile

MAX_BYTES = 1_000_000

# A parsed file takes about 15 times its text in memory; 4 MB of text is more than an editor session touches.
_CACHED_TEXT = 4_000_000
_CACHED_FILES = 256

# Shapes on which the grammars take quadratic time and memory, far beyond what anybody writes: lines continued by a
# backslash hundreds of times in a row (Python), unclosed angle brackets (Java), unclosed comments (Java, Go).
_CONTINUED = re.compile(r"(?:\\\r?\n[ \t\r\n]*){300}")
_MAX_OPEN = 300


def parse(language: Language, text: str) -> SourceFile:
    """The picture of a file; files with syntax errors give what can be read.

    Raises:
        RunfreeError: the text is longer than `MAX_BYTES` in UTF-8, is nested too deeply to be read, or its
            language is not supported.
    """
    file = _cache.get((language, text))
    if file is None:
        check(language, text)
        file = _parser(language)(text)
        _cache.put((language, text), file)
    return file


def check(language: Language, text: str) -> None:
    """Refuses what would take a parser too long.

    Raises:
        RunfreeError: as in `parse`.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise RunfreeError(f"the file is larger than {MAX_BYTES:,} bytes, which is the most runfree reads")
    if language == "python" and "\\\n" in text and _CONTINUED.search(text):
        raise RunfreeError("a line is continued too often to be read")
    if language == "java" and text.count("<") > _MAX_OPEN and _open_angles(text) > _MAX_OPEN:
        raise RunfreeError("the code is nested too deeply to be read")
    if language != "python" and text.count("/*") - text.count("*/") > _MAX_OPEN:
        raise RunfreeError("too many comments are not closed")


def _open_angles(text: str) -> int:
    """The most angle brackets open at once, as far as a statement or block goes."""
    most = depth = 0
    for character in re.findall(r"[<>;{}]", text):
        depth = depth + 1 if character == "<" else max(depth - 1, 0) if character == ">" else 0
        most = max(most, depth)
    return most


class _Cache:
    """The files parsed last, bounded by their number and the length of their texts."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[Language, str], SourceFile] = OrderedDict()
        self._length = 0
        self._lock = Lock()

    def get(self, key: tuple[Language, str]) -> SourceFile | None:
        with self._lock:
            file = self._files.get(key)
            if file is not None:
                self._files.move_to_end(key)
            return file

    def put(self, key: tuple[Language, str], file: SourceFile) -> None:
        with self._lock:
            if key not in self._files:
                self._files[key] = file
                self._length += len(key[1])
            while self._files and (self._length > _CACHED_TEXT or len(self._files) > _CACHED_FILES):
                (_, text), _ = self._files.popitem(last=False)
                self._length -= len(text)


_cache = _Cache()


def _parser(language: Language) -> Callable[[str], SourceFile]:
    # Imported on first use: each grammar is a native library, and most sessions need one.
    if language == "python":
        from runfree.syntax import python

        return python.parse
    if language == "java":
        from runfree.syntax import java

        return java.parse
    if language == "go":
        from runfree.syntax import go

        return go.parse
    raise RunfreeError(f"unsupported language {language!r}; supported are {', '.join(LANGUAGES)}")
