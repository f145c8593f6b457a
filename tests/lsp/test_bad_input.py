"""Whatever is opened, the answer is a clear message at most, and the server goes on."""

import asyncio
import os

import pytest
from lsprotocol import types


async def healthy(editor, write):
    """The server still predicts, and nothing on the screen looks like a crash."""
    uri = editor.open(write("test_healthy.py", "test_healthy"))
    assert len(await editor.settled(uri)) == 1
    for message in editor.messages():
        assert "Traceback" not in message
        assert "\n  File " not in message


async def first_lens(editor, uri):
    titles = await editor.settled(uri)
    return titles[0]


async def test_a_file_that_is_not_utf_8(start, project, write):
    (project / "thing.py").write_bytes(
        b"# -*- coding: latin-1 -*-\n# caf\xe9\ndef double(x):\n    return x * 2\n"
    )
    (project / "odd.py").write_bytes(b"\xff\xfe\x00\x81 not text\n" * 10)
    editor = await start("vscode")
    assert await editor.settled(editor.open(write("test_thing.py", "test_a")))
    path = project / "test_odd.py"
    path.write_text("import odd\n\n\ndef test_odd():\n    assert odd\n")
    assert await editor.settled(editor.open(path))
    await healthy(editor, write)


async def test_a_file_of_10_megabytes(start, project, write):
    editor = await start("vscode")
    text = "def test_a():\n    assert 1\n" + "# filler filler filler filler\n" * 350_000
    uri = editor.open(project / "test_big.py", text)
    title = await asyncio.wait_for(first_lens(editor, uri), 10)
    assert title.startswith("not scored: ")
    assert "MB" in title or "bytes" in title or "large" in title
    for _ in range(5):
        editor.type(uri, "#")
    await healthy(editor, write)


async def test_5000_tests_in_a_file(start, project, write):
    editor = await start("vscode")
    names = [f"test_{number}" for number in range(5000)]
    uri = editor.open(write("test_many.py", *names))
    titles = await editor.settled(uri, 60)
    assert titles
    assert any("not scored" in title for title in titles)  # the limit is said
    await healthy(editor, write)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def test_(",
        "\0\0\0",
        "def test_a():\n" + "(" * 3000,
        '"""' * 999,
        "\ud800 def test_a(): pass",
        "🙈" * 5000,
    ],
)
async def test_syntax_garbage(start, project, write, text):
    editor = await start("vscode")
    uri = editor.open(project / "test_garbage.py", text)
    await editor.lenses(uri)
    await editor.diagnostics(uri)
    await healthy(editor, write)


async def test_symlink_loops(start, project, write):
    (project / "loop").symlink_to(project, target_is_directory=True)
    (project / "self.py").symlink_to(project / "self.py")
    (project / "test_self.py").write_text("import self\n\n\ndef test_a():\n    assert self\n")
    editor = await start("vscode")
    assert await editor.settled(editor.open(project / "test_self.py"))
    summary = await editor.command("runfree.scoreWorkspace")
    assert summary["files"] >= 1
    await healthy(editor, write)


async def test_a_focal_file_that_is_a_directory(start, project, write):
    (project / "folder.py").mkdir()
    (project / "test_folder.py").write_text("import folder\n\n\ndef test_a():\n    assert folder.x\n")
    editor = await start("vscode")
    uri = editor.open(project / "test_folder.py")
    assert (await first_lens(editor, uri)).startswith("not scored")
    await editor.until_codes(uri, ["RF010"])
    await healthy(editor, write)


async def test_a_focal_file_that_cannot_be_read_or_is_deleted(start, project, write, monkeypatch):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    (project / "thing.py").unlink()
    editor.files_changed(project / "thing.py", kind=types.FileChangeType.Deleted)
    await editor.until_codes(uri, ["RF010"])
    (project / "thing.py").write_text("def double(x):\n    return 2 * x\n")
    if os.getuid() != 0:
        (project / "thing.py").chmod(0)
    editor.files_changed(project / "thing.py", kind=types.FileChangeType.Created)
    assert await editor.settled(uri)
    await healthy(editor, write)


async def test_a_test_file_that_is_deleted_while_open(start, project, write):
    editor = await start("vscode")
    path = write("test_thing.py", "test_a")
    uri = editor.open(path)
    await editor.settled(uri)
    path.unlink()
    editor.files_changed(path, kind=types.FileChangeType.Deleted)
    editor.type(uri, "# more\n")
    assert len(await editor.settled(uri)) == 1
    await healthy(editor, write)


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/x/test_a.ipynb#W0sZmlsZQ%3D%3D",
        "file:///c%3A/Users/me/test_a.py",
        "file://server/share/test_a.py",
        "git:/x/test_a.py?%7B%22ref%22%3A%22HEAD%22%7D",
        "output:runfree",
    ],
)
async def test_documents_that_are_no_files_here(start, project, write, uri):
    editor = await start("vscode")
    editor.open(uri, "def test_a():\n    assert 1\n")
    titles = await editor.titles(uri)
    assert all(title.startswith("not scored") for title in titles)
    assert await editor.diagnostics(uri) == []
    editor.type(uri, "# more\n")
    assert await editor.hover(uri, 0, 5) is None or titles
    editor.close(uri)
    await healthy(editor, write)


async def test_an_untitled_test_is_told_why(start, project):
    editor = await start("vscode")
    uri = editor.open("untitled:Untitled-1", "def test_a():\n    assert 1\n")
    [title] = await editor.settled(uri)
    assert title.startswith("not scored: ")
    assert "sav" in title.lower()


async def test_odd_names_and_files_outside_the_workspace(start, project, tmp_path, write):
    folder = tmp_path / "elsewhere ü#%20"
    folder.mkdir()
    (folder / "thing.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "runfree.toml").write_text('scope = "all"\n')
    path = folder / "test_thing.py"
    path.write_text("from thing import double\n\n\ndef test_a():\n    assert double(1)\n")
    editor = await start("vscode")
    assert (await first_lens(editor, editor.open(path))).startswith("likely passes")
    await healthy(editor, write)


async def test_no_workspace_at_all(start, write):
    editor = await start("neovim", root=None)
    assert (await first_lens(editor, editor.open(write("test_thing.py", "test_a")))).startswith(
        "likely passes"
    )
    assert (await editor.command("runfree.scoreWorkspace"))["files"] == 0


async def test_a_model_that_cannot_be_loaded(start, project, write):
    editor = await start("vscode", broken="The model file is altered. Install runfree again.")
    uri = editor.open(write("test_thing.py", "test_a"))
    assert await first_lens(editor, uri) == "not scored: The model file is altered. Install runfree again"
    editor.type(uri, "# more\n")
    await editor.settled(uri)
    assert editor.messages() == ["The model file is altered. Install runfree again."]
    assert editor.statuses[-1]["state"] == "failed"


async def test_a_bug_in_the_scorer_is_said_in_plain_words_and_harms_no_other_test(start, project, write):
    editor = await start("vscode")
    path = write("test_thing.py", "test_a", "test_b")
    uri = editor.open(path, path.read_text().replace("double(2)", "double('crash')", 1))
    titles = await editor.settled(uri)
    assert "an error of runfree's own (ZeroDivisionError)" in titles[0]
    assert titles[1].startswith("likely passes")
    assert editor.messages() == []
    await healthy(editor, write)


async def test_a_bug_in_the_server_is_told_once_in_plain_words(start, project, write, monkeypatch):
    editor = await start("vscode", crash_in_lenses=True)
    uri = editor.open(write("test_thing.py", "test_a"))
    assert await editor.titles(uri) == await editor.titles(uri) == []
    await editor.until(editor.messages, bool)
    [message] = editor.messages()
    assert "an error of its own (ZeroDivisionError)" in message
    assert "Traceback" not in message
    await editor.until_codes(uri, [])


async def test_requests_for_what_is_not_open(start, project, write):
    editor = await start("vscode")
    uri = (project / "test_nowhere.py").as_uri()
    assert await editor.lenses(uri) == []
    assert await editor.hover(uri, 0, 0) is None
    assert await editor.diagnostics(uri) == []
    assert await editor.actions(uri, 0) == []
    editor.versions[uri], editor.texts[uri] = 1, ""
    editor.change(uri, "x")
    editor.save(uri)
    editor.close(uri)
    assert await editor.command("runfree.explain", uri, "test_a") is None
    assert await editor.command("runfree.explain", 3, {"a": []}) is None
    await healthy(editor, write)
