"""The reports of a `check` as SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from runfree.config import CODES, Code, Severities, Severity
from runfree.positions import split_lines
from runfree.render.diagnostics import DESCRIPTIONS, TITLES, pages
from runfree.render.json import columns
from runfree.report import Diagnostic, FileReport, Related, TestReport

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "information": "note",
    "hint": "note",
    "off": "none",
}


def sarif(reports: Sequence[FileReport], version: str, model_id: str) -> dict[str, Any]:
    """One run with all findings; files that could not be scored become notifications."""
    results = [
        _result(found, test, report)
        for report in reports
        for test in report.tests
        for found in test.diagnostics
    ]
    driver = {
        "name": "runfree",
        "version": version,
        "rules": [_rule(code) for code in CODES],
        "properties": {"model": model_id},
    }
    invocation = {
        "executionSuccessful": True,
        "toolExecutionNotifications": [_notification(report) for report in reports if report.skipped],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    }
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> dict[str, Any]:
    page = (pages() / f"{code}.md").read_text(encoding="utf-8")
    return {
        "id": code,
        "name": TITLES[code].title().replace(" ", ""),
        "shortDescription": {"text": TITLES[code]},
        "fullDescription": {"text": DESCRIPTIONS[code]},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[getattr(Severities(), code)]},
    }


def _result(found: Diagnostic, test: TestReport, report: FileReport) -> dict[str, Any]:
    start, end = columns(found, split_lines(report.text))
    region = {
        "startLine": found.span.start_line,
        "startColumn": start,
        "endLine": found.span.end_line,
        "endColumn": end,
    }
    fingerprint = hashlib.sha256(f"{report.path}\0{found.test}\0{found.code}".encode("utf-8", "replace"))
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": CODES.index(found.code),
        "level": _LEVELS[found.severity],
        "message": {"text": found.message},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": _artifact(report.path), "region": region},
                "logicalLocations": [{"fullyQualifiedName": found.test, "kind": "function"}],
            }
        ],
        "partialFingerprints": {"runfreeTest/v1": fingerprint.hexdigest()[:32]},
    }
    if found.related:
        result["relatedLocations"] = [_related(item, report) for item in found.related]
    if test.prediction:
        result["properties"] = {
            "passes": test.prediction.passes,
            "coverageGain": test.prediction.coverage_gain,
            "mutationGain": test.prediction.mutation_gain,
        }
    return result


def _related(item: Related, report: FileReport) -> dict[str, Any]:
    path = dict(report.shown_paths).get(item.path, item.path) or report.path
    return {
        "message": {"text": item.message},
        "physicalLocation": {
            "artifactLocation": _artifact(path),
            "region": {"startLine": max(item.line, 1)},
        },
    }


def _notification(report: FileReport) -> dict[str, Any]:
    return {
        "level": "note",
        "message": {"text": f"{report.path}: not scored: {report.skipped}"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(report.path)}}],
    }


def _artifact(path: str) -> dict[str, str]:
    """A path as a relative URI reference (absolute paths as file URIs)."""
    encoded = quote(PurePath(path).as_posix().encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{encoded}"}
    return {"uri": encoded}
