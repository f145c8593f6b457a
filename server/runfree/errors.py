"""The one error type whose message is meant for the user's eyes."""

from __future__ import annotations


class RunfreeError(Exception):
    """Something the user can act on: the message says what happened, to which file, and what to do."""
