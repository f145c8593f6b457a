"""Columns in the units that were negotiated: a test named after an emoji-ridden line above it."""

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

LINE = 's = "é😋"; assert missing(s); will_fail'
TEXT = f"from thing import double\n\n\nclass TestÄ:\n    def test_ü(self):\n        {LINE}\n"


@pytest.mark.parametrize(
    ("offered", "chosen", "end"),
    [
        (["utf-8"], "utf-8", 15),
        (["utf-32", "utf-16"], "utf-32", 14),
        (["utf-16"], "utf-16", 14),
        (None, "utf-16", 14),
        (["utf-7"], "utf-16", 14),
    ],
)
async def test_the_negotiated_encoding_is_used(start, project, offered, chosen, end):
    capabilities = client_capabilities("neovim@v0.11")
    capabilities.general.position_encodings = offered
    editor = await start("neovim", initialise={"capabilities": capabilities})
    assert editor.result.capabilities.position_encoding == chosen
    uri = editor.open(project / "test_thing.py", TEXT)
    await editor.settled(uri)
    [lens] = await editor.lenses(uri)
    assert (lens.range.start.character, lens.range.end.character) == (8, end)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 15), ("utf-16", 12), ("utf-32", 11)])
async def test_edits_land_where_they_were_meant(start, project, encoding, column):
    capabilities = client_capabilities("neovim@v0.11")
    capabilities.general.position_encodings = [encoding]
    editor = await start("neovim", initialise={"capabilities": capabilities})
    text = 'from thing import double\ndef test_a():\n    s = "é😋will_fail"\n'
    uri = editor.open(project / "test_thing.py", text)
    await editor.until_codes(uri, ["RF001"])
    place = types.Range(types.Position(2, column), types.Position(2, column + len("will_fail")))
    editor.edit(uri, place, "good")
    await editor.until_codes(uri, [])
