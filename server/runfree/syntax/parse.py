"""Text of any supported language -> `SourceFile`, cached by content and guarded against hostile sizes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from runfree.errors import RunfreeError
from runfree.sample import LANGUAGES, Language
from runfree.syntax.tree import SourceFile

MAX_BYTES = 1_000_000
# A parsed 1,000-line file holds about 2 MB of facts; 64 of them are what an editor session touches.
_CACHED_FILES = 64


def parse(language: Language, text: str) -> SourceFile:
    """The picture of a file; files with syntax errors give what can be read.

    Raises:
        RunfreeError: the text is longer than `MAX_BYTES` in UTF-8, is nested too deeply to be read, or its
            language is not supported.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise RunfreeError(f"the file is larger than {MAX_BYTES:,} bytes, which is the most runfree reads")
    return _parse(language, text)


@lru_cache(maxsize=_CACHED_FILES)
def _parse(language: Language, text: str) -> SourceFile:
    return _parser(language)(text)


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
