"""Across restarts: the cache answers, damage to it or to the model is survived."""

import json
import sys
from pathlib import Path


def databases(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache").rglob("cache.db"))


async def test_after_a_restart_the_cache_answers(start, project, write, tmp_path):
    log = tmp_path / "scored"
    path = write("test_thing.py", "test_a", "test_b")
    titles = []
    for _ in range(2):
        editor = await start("vscode", log=str(log))
        titles.append(await editor.settled(editor.open(path)))
        assert await editor.stop() == 0
    assert log.read_text().split() == ["test_a", "test_b"]
    assert titles[0] == titles[1]
    other = await start("vscode", log=str(log), model="fake 2")  # another model asks anew
    await other.settled(other.open(path))
    assert len(log.read_text().split()) == 4


async def test_a_damaged_cache_is_a_cache_miss(start, project, write, tmp_path):
    path = write("test_thing.py", "test_a")
    editor = await start("vscode")
    before = await editor.settled(editor.open(path))
    await editor.stop()
    [database] = databases(tmp_path)
    database.write_bytes(b"this is no database" * 100)
    editor = await start("vscode")
    assert await editor.settled(editor.open(path)) == before
    assert editor.messages() == []
    await editor.stop()


async def test_a_cache_that_cannot_be_written_is_done_without(start, project, write, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    editor = await start("vscode")
    assert len(await editor.settled(editor.open(write("test_thing.py", "test_a")))) == 1


REAL = (
    "import sys; from pathlib import Path; from runfree.scorer import Scorer; from runfree.lsp.run import run\n"
    "run(scorer_factory=lambda: Scorer.load(Path(sys.argv[1])), log_level='ERROR')"
)


async def test_a_missing_model_file_is_said_in_plain_words(start, project, write, tmp_path):
    editor = await start("vscode", server=[sys.executable, "-c", REAL, str(tmp_path / "nowhere")])
    uri = editor.open(write("test_thing.py", "test_a"))
    [title] = await editor.settled(uri)
    assert title.startswith("not scored: ")
    [message] = editor.messages()
    assert "nowhere" in message
    assert "Traceback" not in message
    assert editor.statuses[-1]["state"] == "failed"


async def test_a_model_that_was_altered_is_not_loaded(start, project, write, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"schema": 1, "name": "x", "sha256": "0" * 64}))
    (folder / "model.onnx").write_bytes(b"not the model that was hashed")
    editor = await start("vscode", server=[sys.executable, "-c", REAL, str(folder)])
    uri = editor.open(write("test_thing.py", "test_a"))
    [title] = await editor.settled(uri)
    assert title.startswith("not scored: ")
    assert len(editor.messages()) == 1
