"""Predictions and reports as JSON (schema 1 of the command line), and predictions back from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from runfree.positions import character_column, split_lines
from runfree.report import Diagnostic, FileReport, TestReport
from runfree.sample import Evidence, NewLine, Prediction

SCHEMA = 1

_WEIGHTS = ("fails", "redundant", "unchecked", "new", "info")
_WHERES = ("candidate", "existing", "focal")


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """The part of a prediction that `check` and `score` share."""
    return {
        "passes": prediction.passes,
        "coverage_gain": prediction.coverage_gain,
        "mutation_gain": prediction.mutation_gain,
        "new_lines": [{"line": n.line, "probability": n.probability} for n in prediction.new_lines],
        "evidence": [
            {"code": e.code, "message": e.message, "path": e.path, "line": e.line}
            for e in prediction.evidence
        ],
    }


def report_json(reports: Sequence[FileReport], model: Mapping[str, object]) -> dict[str, Any]:
    """All reports of a `check`; `model` says what predicted them."""
    return {
        "schema": SCHEMA,
        "model": dict(model),
        "files": [_file(report) for report in reports],
    }


def dumps(value: object) -> str:
    """JSON text of a report: readable, and one form for one content."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def columns(diagnostic: Diagnostic, lines: Sequence[str]) -> tuple[int, int]:
    """1-based columns in characters of a diagnostic's start and end (exclusive)."""
    span = diagnostic.span

    def column(line: int, byte_column: int) -> int:
        return (character_column(lines[line - 1], byte_column) if line <= len(lines) else 0) + 1

    return column(span.start_line, span.start_column), column(span.end_line, span.end_column)


def _file(report: FileReport) -> dict[str, Any]:
    paths = dict(report.shown_paths)
    lines = split_lines(report.text)
    return {
        "path": report.path,
        "language": report.language,
        "focal_path": report.focal_path or None,
        "tests": [_test(test, lines, paths) for test in report.tests],
        "skipped": report.skipped or None,
    }


def _test(test: TestReport, lines: Sequence[str], paths: Mapping[str, str]) -> dict[str, Any]:
    empty: dict[str, Any] = {"passes": None, "coverage_gain": None, "mutation_gain": None}
    empty |= {"new_lines": [], "evidence": []}
    values = prediction_json(test.prediction) if test.prediction else empty
    for item in values["evidence"]:
        item["path"] = paths.get(item["path"], item["path"])
    return {
        "name": test.name,
        "line": test.name_span.start_line,
        **values,
        "diagnostics": [_diagnostic(d, lines) for d in test.diagnostics],
        "unsure": bool(test.prediction and test.prediction.unsure),
        "skipped": test.skipped or None,
    }


def _diagnostic(diagnostic: Diagnostic, lines: Sequence[str]) -> dict[str, Any]:
    start, end = columns(diagnostic, lines)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "line": diagnostic.span.start_line,
        "column": start,
        "end_line": diagnostic.span.end_line,
        "end_column": end,
    }


def to_stored(prediction: Prediction) -> bytes:
    """A whole prediction as JSON bytes, to be read by `from_stored`."""
    value = {
        "passes": prediction.passes,
        "coverage_gain": prediction.coverage_gain,
        "mutation_gain": prediction.mutation_gain,
        "new_lines": [[n.line, n.probability] for n in prediction.new_lines],
        "evidence": [
            [e.code, e.message, e.path, e.line, e.column, e.end_column, e.weight, e.where]
            for e in prediction.evidence
        ],
        "unsure": prediction.unsure,
        "calibrated": prediction.calibrated,
        "similar_test": prediction.similar_test,
        "notes": list(prediction.notes),
    }
    return json.dumps(value, separators=(",", ":")).encode()


def from_stored(data: bytes) -> Prediction:
    """A prediction from stored bytes, which are not trusted.

    Raises:
        ValueError: the bytes are not a prediction.
    """
    try:
        value = json.loads(data)
        evidence = tuple(_evidence(*item) for item in value["evidence"])
        new_lines = tuple(NewLine(_natural(line), _probability(p)) for line, p in value["new_lines"])
        return Prediction(
            _probability(value["passes"]),
            _probability(value["coverage_gain"]),
            _probability(value["mutation_gain"]),
            new_lines=new_lines,
            evidence=evidence,
            unsure=bool(value["unsure"]),
            calibrated=bool(value["calibrated"]),
            similar_test=_text(value["similar_test"]),
            notes=tuple(_text(note) for note in value["notes"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"not a stored prediction: {error!r}") from None


def _evidence(
    code: Any, message: Any, path: Any, line: Any, column: Any, end_column: Any, weight: Any, where: Any
) -> Evidence:
    if weight not in _WEIGHTS or where not in _WHERES:
        raise ValueError("unknown weight or place")
    return Evidence(
        _text(code),
        _text(message),
        _text(path),
        _natural(line),
        _natural(column),
        _natural(end_column),
        weight=weight,
        where=where,
    )


def _probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise ValueError("not a probability")
    return float(value)


def _natural(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a place")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value
