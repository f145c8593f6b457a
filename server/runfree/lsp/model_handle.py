"""The model as the server holds it: loaded in the back, once, with a plain word where it cannot be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from runfree.errors import RunfreeError
from runfree.lsp.worker import Worker

if TYPE_CHECKING:
    from runfree.scorer import Scorer

logger = logging.getLogger("runfree")

State = Literal["loading", "ready", "failed"]


class ModelHandle:
    """Loads the scorer on the scoring thread, where alone it is used.

    Attributes:
        state: where it stands. problem: why it failed, in the user's words.
    """

    def __init__(self, factory: Callable[[], Scorer], worker: Worker) -> None:
        self._factory, self._worker = factory, worker
        self.state: State = "loading"
        self.problem = ""
        self.scorer: Scorer | None = None
        self._loading: asyncio.Task[None] | None = None

    @property
    def model_id(self) -> str:
        """Name and version, "" until it is loaded."""
        return self.scorer.model_id if self.scorer else ""

    async def ready(self) -> Scorer:
        """The scorer, loaded if it is not yet.

        Raises:
            RunfreeError: it could not be loaded; the message says what to do.
        """
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        await asyncio.shield(self._loading)
        if self.scorer is None:
            raise RunfreeError(self.problem)
        return self.scorer

    def retry(self) -> None:
        """Lets the next call load anew, if it failed."""
        if self.state == "failed":
            self._loading, self.state, self.problem = None, "loading", ""

    async def _load(self) -> None:
        try:
            self.scorer = await asyncio.wrap_future(self._worker.submit(self._factory))
        except RunfreeError as error:
            self.problem = str(error)
        except Exception as error:
            logger.error("the model could not be loaded", exc_info=error)
            self.problem = (
                f"The model could not be loaded ({type(error).__name__}: {error}). "
                "`runfree doctor` tells more about this installation."
            )
        self.state = "ready" if self.scorer is not None else "failed"
        if self.scorer is not None:
            logger.info("model loaded: %s", self.model_id)
