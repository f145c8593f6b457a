"""Quick fixes: silence a finding here or in the file, look at what it is like, explain it, change its setting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types

from runfree.lsp.client import Client
from runfree.lsp.drift import Drift
from runfree.lsp.outcome import Outcome
from runfree.lsp.ranges import to_range
from runfree.lsp.unused import SOURCE, UNUSED
from runfree.positions import units_of
from runfree.report import TestReport
from runfree.sample import Language
from runfree.suppression import ignore_comment, ignore_file_comment

_DIRECTIVE = re.compile(r"\s*(?:#|//)\s*runfree:\s*ignore(?:-file)?(?:\s*\[[^\]]*\])?[ \t]*")
_LINE_CODES = re.compile(r"((?:#|//)\s*runfree:\s*ignore\s*\[)([^\]]*)\]")


def code_actions(
    params: types.CodeActionParams,
    outcome: Outcome,
    lines: Sequence[str],
    version: int | None,
    client: Client,
) -> list[types.CodeAction]:
    """What is offered for a stretch of a test file: for our diagnostics there, and for the test it touches."""
    uri = params.text_document.uri
    wanted = params.context.only
    if wanted is not None and not any(_covers(kind, types.CodeActionKind.QuickFix) for kind in wanted):
        return []
    actions: list[types.CodeAction] = []
    mine = [found for found in params.context.diagnostics if found.source == SOURCE]
    for found in mine:
        actions += _for_diagnostic(uri, found, outcome, lines, version, client)
    test = _test_at(params.range, outcome, lines, client)
    if test is not None and test.prediction is not None:
        if test.prediction.similar_test:
            title = f"Go to the most similar test: {test.prediction.similar_test}"
            actions.append(_command(title, "runfree.goToSimilarTest", uri, test.name))
        actions.append(_command(f"Explain the prediction for {test.name}", "runfree.explain", uri, test.name))
    return actions


def suppress_line(language: Language, line: str, code: str) -> str:
    """The line (without its ending) with a comment that silences the code, added to one that is there already."""
    found = _LINE_CODES.search(line)
    if found:
        codes = [part.strip() for part in found[2].split(",") if part.strip()]
        return line[: found.end(1)] + ", ".join([*codes, code]) + line[found.end(2) :]
    return f"{line.rstrip()}  {ignore_comment(language, code)}"


def _for_diagnostic(
    uri: str,
    found: types.Diagnostic,
    outcome: Outcome,
    lines: Sequence[str],
    version: int | None,
    client: Client,
) -> Iterator[types.CodeAction]:
    code, language = str(found.code), outcome.report.language
    if language is None:
        return
    if code == UNUSED:
        line = found.range.start.line
        if line < len(lines):
            text = lines[line].rstrip("\r\n")
            edit = _replace_line(line, text, _DIRECTIVE.sub("", text).rstrip(), client)
            title = "Remove the unused suppression"
            yield _edit(title, uri, [edit], version, client, found, preferred=True)
        return
    test = _test_of(found, outcome, lines, client)
    if outcome.settings.quick_fixes.suppress and test is not None:
        place = to_range(test.name_span, outcome.lines, client.encoding, Drift(outcome.lines, lines))
        text = lines[place.start.line].rstrip("\r\n")
        edit = _replace_line(place.start.line, text, suppress_line(language, text, code), client)
        yield _edit(f"Ignore {code} for this test", uri, [edit], version, client, found)
    if outcome.settings.quick_fixes.suppress:
        line = _top(language, lines)
        start = types.Position(line, 0)
        ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
        comment = types.TextEdit(types.Range(start, start), ignore_file_comment(language, code) + ending)
        yield _edit(f"Ignore {code} in this file", uri, [comment], version, client, found)
    setting = f"runfree.severities.{code}"
    if client.setting_command:
        action = _command(f"Change the setting {setting}", client.setting_command, setting)
    else:
        action = _command(f"Switch {code} off in runfree.toml", "runfree.switchOff", uri, code)
    action.diagnostics = [found]
    yield action


def _test_at(place: types.Range, outcome: Outcome, lines: Sequence[str], client: Client) -> TestReport | None:
    """The test whose name is on one of the lines; else the nearest above a caret."""
    drift = Drift(outcome.lines, lines)
    above: tuple[int, TestReport] | None = None
    for test in outcome.report.tests:
        line = to_range(test.name_span, outcome.lines, client.encoding, drift).start.line
        if place.start.line <= line <= place.end.line:
            return test
        if line <= place.start.line and (above is None or line > above[0]):
            above = (line, test)
    return above[1] if above and place.start == place.end else None


def _test_of(
    found: types.Diagnostic, outcome: Outcome, lines: Sequence[str], client: Client
) -> TestReport | None:
    """The test that a diagnostic is about: named in its data, where the editor kept it, else by its place."""
    data = found.data
    name = data.get("test") if isinstance(data, dict) else getattr(data, "test", None)
    test = outcome.test(name) if isinstance(name, str) else None
    caret = types.Range(found.range.start, found.range.start)
    return test or _test_at(caret, outcome, lines, client)


def _top(language: Language, lines: Sequence[str]) -> int:
    """Where a comment for the whole file goes: first line, but after an interpreter and an encoding line."""
    line = 0
    if language == "python":
        while line < min(2, len(lines)) and re.match(r"#!|[ \t\f]*#.*coding[:=]", lines[line]):
            line += 1
    return line


def _replace_line(line: int, old: str, new: str, client: Client) -> types.TextEdit:
    """The smallest edit at the end of a line that makes the new one of the old one."""
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    start, end = units_of(old[:same], client.encoding), units_of(old, client.encoding)
    return types.TextEdit(types.Range(types.Position(line, start), types.Position(line, end)), new[same:])


def _edit(
    title: str,
    uri: str,
    edits: list[types.TextEdit],
    version: int | None,
    client: Client,
    found: types.Diagnostic,
    *,
    preferred: bool = False,
) -> types.CodeAction:
    if client.document_changes:
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
        change = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
    else:
        change = types.WorkspaceEdit(changes={uri: edits})
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[found],
        edit=change,
        is_preferred=preferred or None,
    )


def _command(title: str, command: str, *arguments: str) -> types.CodeAction:
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.QuickFix,
        command=types.Command(title, command, arguments=list(arguments)),
    )


def _covers(asked: types.CodeActionKind | str, kind: types.CodeActionKind) -> bool:
    """Whether a kind asked for covers a kind on offer: "quickfix" covers "quickfix.x", "" all."""
    name = str(getattr(asked, "value", asked))
    return name == "" or kind.value == name or kind.value.startswith(name + ".")
