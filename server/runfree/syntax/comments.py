"""A text with its comments and docstrings blanked out, every byte and line in its place: they say nothing about what runs."""

from __future__ import annotations

import re

from runfree.sample import Language

# Whatever is not closed ends with its line (a quote) or the text, so that every match is found in one pass.
_C_LIKE = r"""
    (?P<string>"(?:[^"\\\n]++|\\.)*+"?|'(?:[^'\\\n]++|\\.)*+'?)
  | (?P<comment>//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z))
"""
_PATTERNS: dict[Language, re.Pattern[str]] = {
    "java": re.compile(
        r'(?P<text>"""(?:[^"\\]++|\\.?|"(?!""))*+(?:"""|\Z)) |' + _C_LIKE, re.VERBOSE | re.DOTALL
    ),
    "go": re.compile(r"(?P<text>`[^`]*+(?:`|\Z)) |" + _C_LIKE, re.VERBOSE | re.DOTALL),
    "python": re.compile(
        r'''
        (?P<prefix>\b[rbufRBUF]{1,2})?+(?P<string>
            """(?:[^"\\]++|\\.?|"(?!""))*+(?:"""|\Z) | \'\'\'(?:[^'\\]++|\\.?|'(?!''))*+(?:\'\'\'|\Z)
          | "(?:[^"\\\n]++|\\.)*+"?+ | '(?:[^'\\\n]++|\\.)*+'?+ )
      | (?P<comment>\#[^\n]*+)
      | (?P<open>[\[({]) | (?P<close>[\])}])
        ''',
        re.VERBOSE | re.DOTALL,
    ),
}
_READ = re.compile(r"__doc__|getdoc|docopt|doctest")
_NOT_COVERED = re.compile(r"#\s*(?:pragma|PRAGMA)[:\s]?\s*(?:no|NO)\s*(?:cover|COVER)")
_MAX_INDENT = 200  # deeper ones are not looked for: the search for a line's start is bounded
_ENDS = re.compile(r"[ \t\r;]*(?:\#[^\n]*)?(?:\n|\Z)")

# The rest of a line, then lines that hold nothing or a comment, and the indentation of the next that holds code.
_SKIPPED = re.compile(r"[^\n]*+\n(?:[ \t]*+(?:\#[^\n]*+)?\r?\n)*+([ \t]*+)")


def without_comments(language: Language, text: str, *, keep_pragmas: bool = False) -> str:
    """The text with blanks for the characters of comments and, in Python, of docstrings that nothing reads (one that
    may be all of a body keeps its quotes).

    Lines and UTF-8 byte columns stay as they were. `keep_pragmas` leaves `pragma: no cover`, which coverage heeds.
    """
    pieces: list[str] = []
    at = depth = 0
    docstrings = language == "python" and not _READ.search(text)
    for match in _PATTERNS[language].finditer(text):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "comment":
            kept = _NOT_COVERED.match(text, start, end) if keep_pragmas else None
            start = kept.end() if kept else start
            if end == len(text) and text.startswith("/*", start) and not text.endswith("*/"):
                continue  # one that is not closed is an error, and stays one
        elif kind == "open":
            depth += 1
            continue
        elif kind == "close":
            depth = max(depth - 1, 0)
            continue
        elif docstrings and depth == 0 and _is_statement(text, match):
            start, end = _inside(match) if _is_last(text, match) else match.span()
        else:
            continue
        pieces += (text[at:start], _blank(text[start:end]))
        at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def _is_statement(text: str, match: re.Match[str]) -> bool:
    """Whether a string stands on lines of its own: a docstring, or one used as a comment."""
    first = match.start()
    begin = text.rfind("\n", max(0, first - _MAX_INDENT), first) + 1
    if text[begin:first].strip() or (not begin and first > _MAX_INDENT):
        return False
    if text.endswith("\\\n", 0, begin) or not _ENDS.match(text, match.end()):
        return False
    prefix = match["prefix"] or ""
    return not set(prefix) & set("fFbB")


def _is_last(text: str, match: re.Match[str]) -> bool:
    """Whether no statement follows on the same level: then the string may be all that a body holds, and has to stay."""
    own = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    after = _SKIPPED.match(text, match.end())
    return after is None or after[1] != own or after.end() == len(text)


def _inside(match: re.Match[str]) -> tuple[int, int]:
    """Where the string's text starts and ends, without its quotes."""
    start, end = match.span("string")
    quotes = 3 if match["string"][:3] in ('"""', "'''") else 1
    closed = end - start >= 2 * quotes and match["string"].endswith(match["string"][:quotes])
    return (start + quotes, end - quotes) if closed else (end, end)


def _blank(text: str) -> str:
    """As many blanks as the text has bytes; its line ends stay."""
    if text.isascii():
        return re.sub(r"[^\r\n]", " ", text)
    return "".join(c if c in "\r\n" else " " * len(c.encode("utf-8", "replace")) for c in text)
