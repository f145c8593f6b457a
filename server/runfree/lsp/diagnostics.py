"""A report's findings as the protocol's diagnostics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from runfree.config import Severity
from runfree.lsp.client import Client
from runfree.lsp.outcome import Outcome
from runfree.lsp.ranges import to_range
from runfree.lsp.unused import SOURCE, unused_suppressions
from runfree.lsp.uris import to_uri
from runfree.positions import to_units
from runfree.render.diagnostics import documentation_url
from runfree.report import Diagnostic, Related

_SEVERITY: Mapping[Severity, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def diagnostics(uri: str, outcome: Outcome, client: Client) -> list[types.Diagnostic]:
    """The diagnostics of a report, in the places of the text it was made from."""
    found = [_diagnostic(uri, item, outcome, client) for item in outcome.report.diagnostics]
    return [*found, *unused_suppressions(outcome, client)]


def result_id(found: list[types.Diagnostic]) -> str:
    """A name for a list of diagnostics: the same list, the same name."""
    text = json.dumps([[str(d.range), d.code, d.message, d.severity] for d in found], default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _diagnostic(uri: str, found: Diagnostic, outcome: Outcome, client: Client) -> types.Diagnostic:
    related = None
    if client.related_information:
        related = [r for item in found.related if (r := _related(uri, item, outcome, client))] or None
    return types.Diagnostic(
        range=to_range(found.span, outcome.lines, client.encoding),
        message=found.message,
        severity=_SEVERITY[found.severity],
        code=found.code,
        code_description=types.CodeDescription(documentation_url(found.code))
        if client.code_description
        else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if client.tags and "unnecessary" in found.tags else None,
        related_information=related,
        data={"test": found.test} if client.diagnostic_data else None,
    )


def _related(
    uri: str, item: Related, outcome: Outcome, client: Client
) -> types.DiagnosticRelatedInformation | None:
    """The place of a related fact; None where its file is not known here."""
    path = outcome.places.get(item.path) if item.path else None
    if item.path and path is None:
        return None
    line = max(item.line - 1, 0)
    if path is None:
        text = outcome.lines[line] if line < len(outcome.lines) else ""
        start, end = (to_units(text, column, client.encoding) for column in (item.column, item.end_column))
    else:  # the other file is not at hand; its line is right, and columns are only known where all is ASCII
        start, end = 0, 0
    place = types.Range(types.Position(line, start), types.Position(line, max(start, end)))
    return types.DiagnosticRelatedInformation(
        types.Location(_uri_of(path, uri), place),
        item.message,
    )


def _uri_of(path: Path | None, default: str) -> str:
    return default if path is None else to_uri(path)
