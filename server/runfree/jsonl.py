"""The flow of `score`: samples in, predictions out, one JSON object a line, in the same order."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol

from runfree.errors import RunfreeError
from runfree.render.json import prediction_json
from runfree.sample import LANGUAGES, Prediction, Sample

logger = logging.getLogger("runfree")

MAX_LINE = 16_000_000  # bytes of one input line
_TEXTS = ("focal_path", "focal", "test_path", "existing", "candidate", "test_name")
_REQUIRED = ("focal", "candidate")


class SampleScorer(Protocol):
    """What `score` needs of a `Scorer`."""

    def score(self, sample: Sample) -> Prediction:
        """The prediction of one sample."""


def score_stream(stream: BinaryIO, scorer: SampleScorer) -> Iterator[tuple[str, bool]]:
    """For each line that is not blank: the output line, and whether it is a prediction (not an error)."""
    for number, line in enumerate(_lines(stream), 1):
        if isinstance(line, bytes) and not line.strip():
            continue
        yield _answer(line, number, scorer)


def read_sample(value: object) -> Sample:
    """The sample of a parsed input line.

    Raises:
        RunfreeError: a key is missing or of the wrong type.
    """
    if not isinstance(value, dict):
        raise RunfreeError("not a JSON object")
    language = value.get("language")
    if language not in LANGUAGES:
        raise RunfreeError(f"language: expected one of {', '.join(LANGUAGES)}, got {_short(language)}")
    texts = {}
    for key in _TEXTS:
        text = value.get(key)
        if text is None and key not in _REQUIRED:
            text = ""
        if not isinstance(text, str):
            raise RunfreeError(f"{key}: expected a text, got {_short(text)}")
        texts[key] = _valid(text, key)
    context = value.get("context") or []
    if not isinstance(context, list) or not all(
        isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)
        for item in context
    ):
        raise RunfreeError("context: expected a list of [path, text]")
    files = tuple((_valid(path, "context"), _valid(text, "context")) for path, text in context)
    return Sample(language=language, context=files, **texts)


def _answer(line: bytes | RunfreeError, number: int, scorer: SampleScorer) -> tuple[str, bool]:
    identity: Any = None
    try:
        if isinstance(line, RunfreeError):
            raise line
        value = _parse(line)
        identity = value.get("id") if isinstance(value, dict) else None
        prediction = scorer.score(read_sample(value))
    except RunfreeError as error:
        return _dumps({"id": identity, "error": f"line {number}: {error}"}), False
    except Exception as error:  # one line's trouble is not the others'
        logger.error("could not score line %d", number, exc_info=error)
        message = f"line {number}: an error of runfree's own ({type(error).__name__})"
        return _dumps({"id": identity, "error": message}), False
    return _dumps({"id": identity, **prediction_json(prediction)}), True


def _lines(stream: BinaryIO) -> Iterator[bytes | RunfreeError]:
    """Lines of bounded length; a longer one is read past and gives an error in its place."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield RunfreeError(f"longer than {MAX_LINE:,} bytes")


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RunfreeError("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise RunfreeError(f"not JSON: {error}") from None


def _valid(text: str, key: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RunfreeError(f"{key}: half of a surrogate pair in the text") from None
    return text


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
