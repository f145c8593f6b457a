"""Settings from the editor and from files take effect without a restart."""

from runfree.lsp.editor_settings import EditorSettings

FAILS = "will_fail"


async def test_the_editor_s_settings_count_and_change_at_once(start, project, write):
    editor = await start("vscode", initialise={"settings": {"lens": {"style": "compact"}}})
    uri = editor.open(write("test_thing.py", "test_a"))
    assert await editor.settled(uri) == ["93% pass · 80% new cov · 40% new kills"]
    await editor.set_settings({"lens": {"style": "full"}})
    await editor.until_titles_are(uri, ["likely passes 93% · new coverage 80% · new mutants killed 40%"])
    await editor.set_settings({"lens.enabled": False})
    await editor.until_titles_are(uri, [])


async def test_a_settings_file_that_changes_counts_at_once(start, project, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", body=FAILS))
    await editor.until_codes(uri, ["RF001"])
    (project / "runfree.toml").write_text('scope = "all"\n[severities]\nRF001 = "off"\n')
    editor.files_changed(project / "runfree.toml")
    await editor.until_codes(uri, [])


async def test_settings_that_are_pushed_count_too(start, project, write):
    editor = await start("neovim", initialise={"options": {"settings": {"lens": {"style": "compact"}}}})
    uri = editor.open(write("test_thing.py", "test_a"))
    assert (await editor.settled(uri))[0].startswith("93% pass")


async def test_a_wrong_setting_is_said_once_and_does_no_harm(start, project, write):
    editor = await start("vscode", initialise={"settings": {"scope": "some"}})
    uri = editor.open(write("test_thing.py", "test_a"))
    assert len(await editor.settled(uri)) == 1
    editor.type(uri, "\n# more\n")
    await editor.settled(uri)
    [message] = editor.messages()
    assert "scope" in message
    assert "Traceback" not in message


async def test_a_wrong_settings_file_is_said_once_and_does_no_harm(start, project, write):
    (project / "runfree.toml").write_text("scope = [")
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.settled(uri)
    [message] = editor.messages()
    assert "runfree.toml" in message


async def test_each_folder_has_its_own_settings(start, tmp_path):
    roots = []
    for name, style in (("one", "full"), ("two", "compact")):
        root = tmp_path / name
        root.mkdir()
        (root / "thing.py").write_text("def double(x):\n    return 2 * x\n")
        (root / "test_thing.py").write_text(
            "from thing import double\n\n\ndef test_a():\n    assert double(1)\n"
        )
        (root / "runfree.toml").write_text(f'scope = "all"\n[lens]\nstyle = "{style}"\n')
        roots.append(root)
    editor = await start("vscode", initialise={"folders": roots})
    titles = [(await editor.settled(editor.open(root / "test_thing.py")))[0] for root in roots]
    assert titles[0].startswith("likely passes")
    assert titles[1].startswith("93% pass")


def test_the_innermost_folder_s_values_hold(tmp_path):
    settings = EditorSettings(None)
    settings._by_folder = {tmp_path: {"scope": "all"}, tmp_path / "inner": {"scope": "new"}}
    assert settings.of(tmp_path / "inner" / "a.py") == {"scope": "new"}
    assert settings.of(tmp_path / "a.py") == {"scope": "all"}
    assert settings.of(None) == {}


def test_values_are_taken_with_or_without_the_section():
    settings = EditorSettings(None)
    assert settings.take({"runfree": {"scope": "all"}})
    assert settings.of(None) == {"scope": "all"}
    assert not settings.take({"scope": "all"})
    assert not settings.take(None)
    assert not settings.take("nonsense")
