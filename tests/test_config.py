from dataclasses import replace

import pytest

from runfree.config import Settings, Severities, flatten, load
from runfree.errors import RunfreeError


def test_defaults_where_there_is_no_file(write):
    configuration = load(write({"a/test_x.py": ""}) / "a")
    assert configuration.settings == Settings()
    assert set(configuration.origins.values()) == {"default"}
    assert set(configuration.origins) == {key for key, _ in flatten(Settings())}


def test_nearest_file_upwards_and_origins(write):
    folder = write(
        {
            "runfree.toml": 'scope = "all"\n',
            "inner/pyproject.toml": "[tool.runfree]\ndebounce_ms = 300\n[tool.runfree.severities]\nRF002 = 'off'\n",
            "inner/deep/pyproject.toml": "[project]\nname = 'no settings here'\n",
            "inner/deep/test_x.py": "",
        }
    )
    configuration = load(folder / "inner" / "deep" / "test_x.py")
    assert configuration.settings == replace(
        Settings(), debounce_ms=300, severities=replace(Severities(), RF002="off")
    )
    file = folder / "inner" / "pyproject.toml"
    assert (configuration.file, configuration.folder) == (file, file.parent)
    assert configuration.origins["debounce_ms"] == str(file)
    assert configuration.origins["scope"] == "default"
    assert load(folder).settings.scope == "all"


def test_own_file_goes_before_pyproject(write):
    folder = write(
        {"runfree.toml": "debounce_ms = 1\n", "pyproject.toml": "[tool.runfree]\ndebounce_ms = 2\n"}
    )
    assert load(folder).settings.debounce_ms == 1


def test_editor_goes_before_the_file_in_its_own_spelling(write):
    folder = write({"runfree.toml": 'scope = "all"\ndebounce_ms = 10\n[lens]\nstyle = "full"\n'})
    editor = {
        "debounceMs": 20,
        "lens.style": "compact",
        "quickFixes": {"suppress": False},
        "since": None,
        "server": {"path": "x"},
    }
    configuration = load(folder, editor)
    settings = configuration.settings
    assert (settings.scope, settings.debounce_ms, settings.lens.style) == ("all", 20, "compact")
    assert settings.quick_fixes.suppress is False
    assert settings.since == "HEAD"
    assert configuration.origins["lens.style"] == "editor"
    assert configuration.origins["scope"].endswith("runfree.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scop = 'all'", "scop: no such setting. Known here: scope"),
        ("scope = 'some'", 'scope: expected one of "new", "all", got \'some\''),
        ("debounce_ms = 'fast'", "debounce_ms: expected a whole number"),
        ("debounce_ms = true", "debounce_ms: expected a whole number"),
        ("debounce_ms = -1", "debounce_ms: expected a number from 0 to 10000, got -1"),
        ("ignore = 'x'", "ignore: expected a list of texts"),
        ("lens = 3", "lens: expected a table of settings, got 3"),
        ("[lens]\nstile = 'x'", "lens.stile: no such setting"),
        ("[thresholds]\nRF001 = 2", "thresholds.RF001: expected a number from 0 to 1"),
        ("[thresholds]\nRF001 = nan", "thresholds.RF001: expected a number from 0 to 1"),
        ("[severities]\nRF001 = 'loud'", "severities.RF001: expected one of"),
        ("[focal]\n'tests/*' = 3", "focal: expected a table of texts"),
        ("[focal]\n'tests/*' = '../../etc/passwd'", "must lie inside"),
        ("[cache]\ndirectory = '/tmp'", "cache.directory: '/tmp' must lie inside"),
        ("since = '--output=x'", "since: '--output=x' is not a git revision"),
        ("scope = ", "not valid TOML"),
    ],
)
def test_wrong_settings_name_file_and_key(write, text, words):
    folder = write({"runfree.toml": text})
    with pytest.raises(RunfreeError) as caught:
        load(folder)
    assert str(folder / "runfree.toml") in str(caught.value)
    assert words in str(caught.value)


def test_broken_pyproject_matters_only_with_our_table(write):
    folder = write({"pyproject.toml": "not toml at all ["})
    assert load(folder).settings == Settings()
    folder = write({"pyproject.toml": "[tool.runfree]\nnot toml at all ["})
    with pytest.raises(RunfreeError, match="not valid TOML"):
        load(folder)


def test_settings_file_not_utf8(write):
    folder = write({"x": ""})
    (folder / "runfree.toml").write_bytes(b"scope = '\xff'")
    with pytest.raises(RunfreeError, match="not valid TOML"):
        load(folder)


def test_cache_folder_inside_the_project_becomes_absolute(write):
    folder = write({"runfree.toml": "[cache]\ndirectory = '.cache/runfree'\n"})
    assert load(folder).settings.cache.directory == str(folder / ".cache" / "runfree")


def test_editor_may_put_the_cache_anywhere(write):
    assert load(write({"x": ""}), {"cache": {"directory": "/var/x"}}).settings.cache.directory == "/var/x"


def test_wrong_editor_setting_names_the_editor(write):
    with pytest.raises(RunfreeError, match=r"^editor: lens\.style: expected one of"):
        load(write({"x": ""}), {"lens": {"style": "huge"}})
