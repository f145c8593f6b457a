"""Text from a user's files, made harmless for a terminal or a log."""

from __future__ import annotations


def printable(text: str) -> str:
    """One line without control characters: escape sequences, line breaks and text direction marks become spaces.

    Replacement rather than removal keeps what stood apart apart.
    """
    return "".join(c if c.isprintable() else " " for c in text)


def shortened(text: str, width: int) -> str:
    """At most `width` characters, an ellipsis marking what is left out."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"
