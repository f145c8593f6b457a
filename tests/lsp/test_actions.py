"""Quick fixes, in the editor and by themselves."""

import pytest

from runfree.errors import RunfreeError
from runfree.lsp.actions import suppress_line
from runfree.lsp.settings_file import with_severity


def apply(editor, uri, action):
    """The text with the action's edit made, as the editor would."""
    [change] = action.edit.document_changes or []
    [edit] = change.edits
    assert change.text_document.version == editor.versions[uri]
    lines = editor.texts[uri].split("\n")
    start, end = edit.range.start, edit.range.end
    assert start.line == end.line
    line = lines[start.line]
    lines[start.line] = line[: start.character] + edit.new_text + line[end.character :]
    return "\n".join(lines)


async def action(editor, uri, title):
    [found] = await editor.diagnostics(uri)
    actions = await editor.actions(uri, found.range.start.line, [found])
    return next(item for item in actions if item.title.startswith(title))


@pytest.mark.parametrize("where", ["for this test", "in this file"])
async def test_a_finding_is_silenced_and_told_when_the_comment_has_no_use_any_more(
    start, project, write, where
):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", body="will_fail"))
    await editor.until_codes(uri, ["RF001"])
    text = apply(editor, uri, await action(editor, uri, f"Ignore RF001 {where}"))
    assert "# runfree: ignore" in text
    editor.change(uri, text)
    await editor.until_codes(uri, [])
    editor.change(uri, text.replace("will_fail", "assert double(2)"))
    [unused] = await editor.until_codes(uri, ["RF000"])
    assert unused.code_description.href.endswith("/RF000.md")
    mended = apply(editor, uri, await action(editor, uri, "Remove the unused suppression"))
    assert "runfree" not in mended
    editor.change(uri, mended)
    await editor.until_codes(uri, [])


async def test_suppressing_can_be_switched_off(start, project, write):
    editor = await start("vscode", initialise={"settings": {"quickFixes": {"suppress": False}}})
    uri = editor.open(write("test_thing.py", "test_a", body="will_fail"))
    [found] = await editor.until_codes(uri, ["RF001"])
    titles = [item.title for item in await editor.actions(uri, found.range.start.line, [found])]
    assert not any(title.startswith("Ignore") for title in titles)
    assert any(title.startswith("Explain") for title in titles)


async def test_the_setting_is_opened_or_else_written(start, project, write):
    editor = await start("vscode", initialise={"options": {"openSettingCommand": "editor.openSetting"}})
    uri = editor.open(write("test_thing.py", "test_a", body="will_fail"))
    await editor.until_codes(uri, ["RF001"])
    opens = await action(editor, uri, "Change the setting")
    assert (opens.command.command, opens.command.arguments) == (
        "editor.openSetting",
        ["runfree.severities.RF001"],
    )
    plain = await start("neovim")
    uri = plain.open(project / "test_thing.py")
    await plain.until_codes(uri, ["RF001"])
    writes = await action(plain, uri, "Switch RF001 off")
    assert await plain.command(writes.command.command, *writes.command.arguments)
    [edit] = plain.applied
    [change] = edit.document_changes
    assert change.text_document.uri == (project / "runfree.toml").as_uri()
    assert change.edits[0].new_text == 'scope = "all"\n\n[severities]\nRF001 = "off"\n'


async def test_the_most_similar_test_is_one_click_away(start, project, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", "test_b"))
    await editor.settled(uri)
    [go, explain] = await editor.actions(uri, 7)
    assert go.title == "Go to the most similar test: test_a"
    assert go.command.arguments == [uri, "test_b"]
    assert explain.command.command == "runfree.explain"


@pytest.mark.parametrize(
    ("language", "line", "expected"),
    [
        ("python", "def test_a():", "def test_a():  # runfree: ignore[RF001]"),
        (
            "python",
            "def test_a():  # runfree: ignore[RF002]",
            "def test_a():  # runfree: ignore[RF002, RF001]",
        ),
        ("java", "    void adds() {  ", "    void adds() {  // runfree: ignore[RF001]"),
        (
            "go",
            "func TestA(t *testing.T) { // x",
            "func TestA(t *testing.T) { // x  // runfree: ignore[RF001]",
        ),
    ],
)
def test_the_comment_goes_to_the_end_of_the_line_or_into_one_that_is_there(language, line, expected):
    assert suppress_line(language, line, "RF001") == expected


@pytest.mark.parametrize(
    ("text", "shared", "expected"),
    [
        ("", False, '[severities]\nRF002 = "off"\n'),
        ('scope = "all"', False, 'scope = "all"\n\n[severities]\nRF002 = "off"\n'),
        (
            '[severities]\nRF001 = "hint"\n[lens]\n',
            False,
            '[severities]\nRF002 = "off"\nRF001 = "hint"\n[lens]\n',
        ),
        ('[severities]\nRF002 = "hint" # x\n', False, '[severities]\nRF002 = "off"\n'),
        ("[severities]", False, '[severities]\nRF002 = "off"\n'),
        ("[tool.runfree]\n", True, '[tool.runfree]\n\n[tool.runfree.severities]\nRF002 = "off"\n'),
    ],
)
def test_a_severity_is_written_and_the_rest_left_alone(text, shared, expected):
    assert with_severity(text, "RF002", "off", shared=shared) == expected


@pytest.mark.parametrize(
    "text", ["severities = {RF001 = 'hint'}\n", "not toml [", "severities.RF001 = 'hint'\n[severities]\n"]
)
def test_what_cannot_be_written_safely_is_left_to_people(text):
    with pytest.raises(RunfreeError, match="by hand"):
        with_severity(text, "RF002", "off", shared=False)
