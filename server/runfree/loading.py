"""Loads the model with one clear message where a native library, or the model itself, does not load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runfree.errors import RunfreeError

if TYPE_CHECKING:
    from runfree.scorer import Scorer


def load_scorer(folder: Path | None = None) -> Scorer:
    """The model, ready to score; the libraries it needs are imported only now.

    Raises:
        RunfreeError: the model or a native library it needs does not load; the message says what to do.
    """
    try:
        from runfree.scorer import Scorer

        return Scorer.load(folder)
    except ImportError as error:
        raise RunfreeError(
            f"{error.name or 'a library'} does not load on this machine ({error}). "
            "Reinstall runfree; `runfree doctor` lists the versions."
        ) from None
