"""Explanation, going to tests, scoring the workspace, and what a bug report needs."""

import asyncio

from lsprotocol import types

from runfree.lsp.uris import to_path


async def test_hover_explains_a_test_by_its_name(start, project, kind, write):
    editor = await start(kind)
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    found = await editor.hover(uri, 3, 6)
    assert "likely passes" in found.contents.value
    assert "fake 1" in found.contents.value
    assert (found.range.start.character, found.range.end.character) == (4, 10)
    assert await editor.hover(uri, 4, 6) is None


async def test_the_lens_leads_to_the_explanation(start, project, write):
    editor = await start("vscode", initialise={"options": {"explain": "client"}})
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    [lens] = await editor.lenses(uri)
    answer = await editor.command(lens.command.command, *lens.command.arguments)
    answer = answer if isinstance(answer, dict) else answer._asdict()
    assert answer["title"] == "test_a"
    assert "new coverage" in answer["markdown"]
    assert editor.client.shown_documents == []


async def test_without_a_view_of_its_own_the_explanation_is_opened(start, project, write):
    editor = await start("neovim")
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    await editor.command("runfree.explain", uri, "test_a")
    [shown] = editor.client.shown_documents
    assert "new coverage" in to_path(shown.uri).read_text()


async def test_going_to_a_test_and_to_the_most_similar_one(start, project, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", "test_b"))
    await editor.settled(uri)
    await editor.command("runfree.goToSimilarTest", uri, "test_b")
    await editor.command("runfree.goToTest", uri, "test_b")
    lines = [(shown.uri, shown.selection.start.line) for shown in editor.client.shown_documents]
    assert lines == [(uri, 3), (uri, 7)]
    assert await editor.command("runfree.goToTest", uri, "test_gone") is None
    assert "not in this file" in editor.messages()[-1]


async def test_scoring_a_file_says_what_was_found(start, project, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", "test_b", body="assert 1; will_fail"))
    answer = await editor.command("runfree.scoreFile", uri)
    answer = answer if isinstance(answer, dict) else answer._asdict()
    assert answer == {"tests": 2, "findings": 2, "skipped": ""}


async def test_scoring_the_workspace_shows_progress_and_finds_in_closed_files(start, project, kind, write):
    for number in range(3):
        write(f"test_{number}.py", "test_a", body="assert double(1); will_fail")
    editor = await start(kind)
    summary = await editor.command("runfree.scoreWorkspace")
    summary = summary if isinstance(summary, dict) else summary._asdict()
    assert (summary["files"], summary["tests"], summary["findings"]) == (3, 3, 3)
    assert not summary["cancelled"]
    titles = [getattr(reports[0], "title", None) for reports in editor.client.progress_reports.values()]
    assert sorted(titles) == ["runfree: loading the model", "runfree: scoring tests"]
    uri = (project / "test_1.py").as_uri()
    if kind == "neovim":
        assert await editor.codes(uri) == ["RF001"]
    else:
        report = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
        assert sorted(item.uri for item in report.items) == [
            (project / f"test_{number}.py").as_uri() for number in range(3)
        ]
        previous = [types.PreviousResultId(item.uri, item.result_id) for item in report.items]
        again = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous))
        assert {item.kind for item in again.items} == {"unchanged"}


async def test_scoring_the_workspace_can_be_cancelled(start, project, write):
    for number in range(30):
        write(f"test_{number}.py", "test_a")
    editor = await start("vscode", delay=0.1)
    work = asyncio.ensure_future(editor.command("runfree.scoreWorkspace"))
    token = None
    for _ in range(200):
        await asyncio.sleep(0.02)
        running = [
            token
            for token, reports in editor.client.progress_reports.items()
            if any(getattr(r, "title", "") == "runfree: scoring tests" for r in reports) and len(reports) > 2
        ]
        if running:
            token = running[0]
            break
    editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    summary = await asyncio.wait_for(work, 10)
    summary = summary if isinstance(summary, dict) else summary._asdict()
    assert summary["cancelled"]
    assert 0 < summary["files"] < 30


async def test_cancelling_does_not_wait_for_a_long_file(start, project, write):
    write("test_thing.py", *(f"test_{number}" for number in range(200)))
    editor = await start("vscode", delay=0.1)
    work = asyncio.ensure_future(editor.command("runfree.scoreWorkspace"))

    def running():
        return [
            token
            for token, reports in editor.client.progress_reports.items()
            if any(getattr(report, "title", "") == "runfree: scoring tests" for report in reports)
            and len(reports) > 1
        ]

    [token] = await editor.until(running, bool)
    await asyncio.sleep(0.5)
    editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    summary = await asyncio.wait_for(work, 10)
    assert (summary if isinstance(summary, dict) else summary._asdict())["cancelled"]


async def test_the_screen_goes_before_the_scan(start, project, write):
    for number in range(30):
        write(f"test_{number}.py", "test_a")
    editor = await start("vscode", delay=0.1)
    await asyncio.sleep(0.2)
    work = asyncio.ensure_future(editor.command("runfree.scoreWorkspace"))
    await asyncio.sleep(0.3)
    uri = editor.open(write("test_thing.py", "test_mine"))
    assert await editor.settled(uri, 1.5)
    assert not work.done()
    work.cancel()


async def test_debug_information_names_versions_and_no_code(start, project, write):
    editor = await start("vscode")
    editor.open(write("test_thing.py", "test_a"))
    text = await editor.command("runfree.debugInformation")
    assert "runfree 0." in text
    assert "pygls 2" in text
    assert "double" not in text


async def test_clearing_the_cache_scores_again(start, project, write, tmp_path):
    log = tmp_path / "scored"
    editor = await start("vscode", log=str(log))
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    await editor.command("runfree.clearCache")
    await editor.settled(uri)
    assert log.read_text().split() == ["test_a", "test_a"]


async def test_the_focal_file_shows_where_new_lines_are_expected(start, project, write):
    editor = await start("vscode", initialise={"settings": {"inlayHints": {"newLines": True}}})
    focal = editor.open(project / "thing.py")
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    place = types.Range(types.Position(0, 0), types.Position(50, 0))
    hints = await editor.client.text_document_inlay_hint_async(
        types.InlayHintParams(types.TextDocumentIdentifier(focal), place)
    )
    assert [(hint.position.line, hint.label) for hint in hints] == [(1, "newly covered 80%")]
    refreshed = editor.refreshed["hints"]
    await editor.set_settings({})  # off by default
    await editor.until_refreshed("hints", refreshed)
    await editor.settled(uri)
    assert not await editor.client.text_document_inlay_hint_async(
        types.InlayHintParams(types.TextDocumentIdentifier(focal), place)
    )
