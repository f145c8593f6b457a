"""Runs the server on standard input and output, or on a socket for debugging, until its editor is done with it."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from runfree.loading import load_scorer
from runfree.lsp.server import RunfreeServer, create_server

if TYPE_CHECKING:
    from runfree.scorer import Scorer

logger = logging.getLogger("runfree")

CLOSE_SECONDS = 1.0  # how long a prediction under way may hold up the end


def run(
    tcp: tuple[str, int] | None = None,
    *,
    scorer_factory: Callable[[], Scorer] = load_scorer,
    log_level: str = "INFO",
) -> NoReturn:
    """Serves one editor, then ends the process: 0 after a proper shutdown, 1 where the connection just broke.

    It ends the process itself, because native threads of the model, or a reader that hangs on an open pipe, must
    not keep it alive.

    Args:
        tcp: host and port to listen on instead of standard input and output.
        scorer_factory: loads the model; called once, on the scoring thread.
        log_level: of what is written to standard error.
    """
    _configure_logging(log_level)
    server = create_server(scorer_factory)
    try:
        if tcp is not None:
            server.start_tcp(*tcp)
        else:
            stdin, stdout = _streams()
            server.start_io(stdin, stdout)
    except OSError as error:
        print(f"runfree serve: {error}", file=sys.stderr)
    except Exception:
        logger.exception("the server stops on an error of its own")
    finally:
        _end(server)


def _end(server: RunfreeServer) -> NoReturn:
    with contextlib.suppress(Exception):
        server.close(CLOSE_SECONDS)
    with contextlib.suppress(Exception):
        logging.shutdown()
        sys.stderr.flush()
    os._exit(server.exit_code)


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The protocol's streams, taken away from everybody else.

    Anything that prints to standard output, native libraries included, would break the stream: from here on that
    goes to standard error, and nobody else reads standard input.
    """
    stdin, stdout = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    if sys.platform == "win32":  # pragma: no cover
        import msvcrt

        msvcrt.setmode(stdin, os.O_BINARY)
        msvcrt.setmode(stdout, os.O_BINARY)
    sys.stdout = sys.stderr
    return os.fdopen(stdin, "rb"), os.fdopen(stdout, "wb")


def _configure_logging(level: str) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    # pygls writes every message with its payload, the user's code, at INFO.
    logging.getLogger("pygls").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
