"""The server as it is shipped: `runfree serve` with the real model on the example projects."""

import shutil
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SERVE = [sys.executable, "-c", "from runfree.cli import main; main()", "serve", "--stdio"]


@pytest.fixture(params=["python", "java", "go"])
def example(request, tmp_path):
    """A copy of an example project, and its test file."""
    root = tmp_path / "example"
    shutil.copytree(EXAMPLES / request.param, root)
    pattern = {"python": "test_*.py", "java": "*Test.java", "go": "*_test.go"}[request.param]
    return request.param, root, min(root.rglob(pattern))


async def test_every_test_of_the_examples_gets_a_lens_and_the_bad_ones_a_finding(start, kind, example):
    language, root, path = example
    editor = await start(kind, root=root, server=SERVE)
    uri = editor.open(path, language=language)
    titles = await editor.settled(uri, 60)
    assert len(titles) >= 4
    assert all("new coverage" in title for title in titles)
    assert editor.messages() == []
    codes = {found.code for found in await editor.diagnostics(uri)}
    assert codes <= {"RF001", "RF002", "RF003"}
    if language == "python":  # the others have no records yet, and say so
        assert "RF001" in codes
    place = (await editor.lenses(uri))[0].range.start
    shown = await editor.hover(uri, place.line, place.character)
    assert "without running anything" in shown.contents.value
    assert await editor.stop() == 0


async def test_an_edit_of_a_test_changes_its_prediction_and_the_cache_answers_after_a_restart(start, example):
    language, root, path = example
    editor = await start("vscode", root=root, server=SERVE)
    uri = editor.open(path, language=language)
    before = await editor.settled(uri, 60)
    await editor.stop()
    again = await start("vscode", root=root, server=SERVE)
    assert await again.settled(again.open(path, language=language), 60) == before
    text = again.texts[uri]
    again.change(uri, text.replace("(", "(undefined_name_zz, ", text.count("(")))
    await again.until(
        lambda: again.titles(uri), lambda titles: titles != before and not any("…" in t for t in titles)
    )
