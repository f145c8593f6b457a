"""A developer writes tests, in VS Code and in Neovim: what appears, changes and goes."""

import asyncio
import subprocess

from lsprotocol import types

NEW = "\n\ndef test_new():\n    assert half(4) == 2\n"
FAILING = "\n\ndef test_new():\n    assert half(4) == 2; will_fail\n"


async def test_a_new_test_gets_a_lens_and_its_diagnostic_goes_when_it_is_mended(start, project, kind, write):
    editor = await start(kind)
    uri = editor.open(write("test_thing.py", "test_old"))
    assert await editor.settled(uri) == ["likely passes 93% · new coverage 80% · new mutants killed 40%"]
    editor.type(uri, FAILING)
    titles = await editor.until_titles(uri, 2)
    assert titles[1].startswith("likely fails (passes 5%)")
    [found] = await editor.until_codes(uri, ["RF001"])
    assert found.severity == types.DiagnosticSeverity.Warning
    assert "it says that it will fail" in found.message.lower()
    assert found.source == "runfree"
    editor.change(uri, editor.texts[uri].replace("will_fail", "mended"))
    await editor.until_codes(uri, [])
    assert [title[:13] for title in await editor.titles(uri)] == ["likely passes"] * 2


async def test_an_edit_of_the_focal_file_changes_predictions(start, project, kind, write):
    editor = await start(kind)
    uri = editor.open(write("test_thing.py", "test_old"))
    await editor.settled(uri)
    focal = editor.open(project / "thing.py")
    editor.type(focal, "BROKEN = 1\n")
    await editor.until_codes(uri, ["RF001"])
    editor.close(focal)  # thrown away: what is on the disk counts again
    await editor.until_codes(uri, [])


async def test_a_change_of_the_focal_file_on_the_disk_counts_too(start, project, kind, write):
    editor = await start(kind)
    uri = editor.open(write("test_thing.py", "test_old"))
    await editor.settled(uri)
    (project / "thing.py").write_text("BROKEN = 1\n")
    if kind == "vscode":
        assert types.WORKSPACE_DID_CHANGE_WATCHED_FILES in editor.registrations
        editor.files_changed(project / "thing.py")
    else:  # it does not watch: the next save of anything is the moment
        assert editor.registrations == []
        editor.save(uri)
    await editor.until_codes(uri, ["RF001"])


async def test_lenses_never_go_while_typing(start, project, kind, write):
    editor = await start(kind, delay=0.01)
    uri = editor.open(write("test_thing.py", "test_a", "test_b", "test_c"))
    await editor.settled(uri)
    counts = []
    for character in '\n\ndef test_new():\n    text = """open\n    assert half(4) == (2':
        editor.type(uri, character)
        counts.append(len(await editor.titles(uri)))
        await asyncio.sleep(0.015)
    await asyncio.sleep(0.6)  # the open string is scored too
    counts.append(len(await editor.titles(uri)))
    assert min(counts) >= 3
    editor.type(uri, '"""\n    )\n')
    await editor.until_titles(uri, 4)


async def test_stale_lenses_are_marked_and_move_with_their_tests(start, project, write):
    editor = await start("vscode", delay=0.3)
    uri = editor.open(write("test_thing.py", "test_a", "test_b"))
    await editor.settled(uri)
    before = await editor.lenses(uri)
    editor.change(uri, "# one\n# two\n" + editor.texts[uri])
    after = await editor.lenses(uri)
    assert [lens.range.start.line for lens in after] == [lens.range.start.line + 2 for lens in before]
    assert all("updating" in lens.command.title for lens in after)
    assert all("updating" not in title for title in await editor.settled(uri))


async def test_the_newest_text_wins_and_lenses_are_refreshed_once(start, project, write, tmp_path):
    log = tmp_path / "scored"
    editor = await start("vscode", delay=0.05, log=str(log))
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    refreshed, scored = editor.refreshed["lenses"], log.read_text().count("\n")
    for number in range(30):  # one burst, within the rest that the server waits for
        editor.change(uri, editor.texts[uri] + "    will_fail\n" * (number == 29))
    await editor.settled(uri)
    assert log.read_text().count("\n") - scored <= 2
    assert editor.refreshed["lenses"] - refreshed <= 2
    assert all("updating" not in title for title in await editor.titles(uri))


async def test_unchanged_tests_are_not_scored_again(start, project, write, tmp_path):
    log = tmp_path / "scored"
    (project / "runfree.toml").write_text("")
    subprocess.run(
        ["git", "init", "--quiet", str(project)], check=True
    )  # so all tests are new, one after another
    editor = await start("vscode", log=str(log))
    uri = editor.open(write("test_thing.py", "test_a", "test_b"))
    await editor.settled(uri)
    log.write_text("")
    editor.type(uri, NEW)
    await editor.until_titles(uri, 3)
    assert log.read_text().split() == ["test_new"]


async def test_an_editor_that_pulls_is_never_pushed_to(start, project, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", body="will_fail"))
    await editor.until_codes(uri, ["RF001"])
    await editor.until_refreshed("diagnostics")
    assert editor.pushed == []
    previous, _ = editor.pulled[uri]
    report = await editor.client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=previous)
    )
    assert (report.kind, report.result_id) == ("unchanged", previous)


async def test_an_editor_that_does_not_is_pushed_to_with_the_version(start, project, write):
    editor = await start("neovim")
    assert not editor.pulls
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    editor.type(uri, FAILING)
    await editor.until_codes(uri, ["RF001"])
    assert editor.pushed[-1].version == 2
    editor.close(uri)
    await editor.until_codes(uri, [])


async def test_scoring_on_save_waits_for_the_save(start, project, kind, write):
    (project / "runfree.toml").write_text('scope = "all"\nrun = "onSave"\n')
    editor = await start(kind)
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    editor.type(uri, FAILING)
    await asyncio.sleep(0.6)
    [title] = await editor.titles(uri)
    assert title.endswith("from before the last edit (save to update)")
    editor.save(uri)
    await editor.until_codes(uri, ["RF001"])


async def test_the_status_says_what_the_server_is_at(start, project, write):
    editor = await start("vscode", delay=0.1)
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    states = [status["state"] for status in editor.statuses]
    assert states[0] == "loading"
    assert "predicting" in states
    assert states[-1] == "ready"
    assert editor.statuses[-1]["model"] == "fake 1"


async def test_in_a_long_file_the_test_being_written_comes_first(start, project, write):
    editor = await start("vscode", delay=0.05)
    uri = editor.open(write("test_thing.py", *(f"test_{number}" for number in range(30))))
    first = await editor.until(
        lambda: editor.titles(uri), lambda titles: any("93%" in title for title in titles)
    )
    assert any("predicting" in title for title in first)  # shown before all are done
    await editor.settled(uri)
    editor.type(uri, NEW)
    titles = await editor.until(lambda: editor.titles(uri), lambda titles: titles[-1].endswith("40%"))
    assert len(titles) == 31
    assert sum("updating" in title for title in titles) > 15
    await editor.until_titles(uri, 31)


async def test_an_old_suite_and_an_ignored_file_are_left_alone_until_there_is_something_new(
    start, project, write
):
    path = write("test_thing.py", "test_a", "test_b")
    ignored = write("test_ignored.py", "test_a")
    (project / "runfree.toml").write_text('ignore = ["test_ignored.py"]\n')
    git = ["git", "-C", str(project), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    editor = await start("vscode")
    uri, other = editor.open(path), editor.open(ignored)
    for opened in (uri, other):
        await editor.command("runfree.scoreFile", opened)
        assert await editor.titles(opened) == []
        assert await editor.codes(opened) == []
    editor.type(uri, NEW)
    [title] = await editor.until_titles(uri, 1)
    assert title.startswith("likely passes")
    editor.change(uri, path.read_text().replace("== 4", "== 5", 1))  # a changed test is new
    await editor.until(
        lambda: editor.lenses(uri), lambda lenses: [lens.range.start.line for lens in lenses] == [3]
    )
