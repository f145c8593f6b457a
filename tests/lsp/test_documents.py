"""Edits of open texts, against the plain definition: lines joined, a stretch replaced."""

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import PositionCodec

from runfree.lsp.documents import EditorDocument, EditorWorkspace, encoding_of
from runfree.positions import from_units, split_lines, units_of

TEXT = st.text(alphabet="ab é😋\r\n\x0c\u2028", max_size=30)


def document(text, encoding="utf-16"):
    return EditorDocument("file:///a.py", text, 1, position_codec=PositionCodec(encoding))


def edit(text, start, end):
    positions = [types.Position(*start), types.Position(*end)]
    return types.TextDocumentContentChangePartial(types.Range(*positions), text)


def offset(text, line, column, encoding):
    lines = split_lines(text)
    if line >= len(lines):
        return len(text)
    return sum(map(len, lines[:line])) + from_units(lines[line], column, encoding)


@given(
    TEXT,
    st.lists(
        st.tuples(TEXT, st.integers(0, 6), st.integers(0, 8), st.integers(0, 3), st.integers(0, 8)),
        max_size=6,
    ),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_any_edits_give_the_text_the_editor_has(text, edits, encoding):
    subject = document(text, encoding)
    for new, line, column, more, end_column in edits:
        low = offset(text, line, column, encoding)
        high = max(low, offset(text, line + more, end_column, encoding))
        text = text[:low] + new + text[high:]
        subject.apply_change(edit(new, (line, column), (line + more, end_column)))
        assert list(subject.lines) == split_lines(text)
        assert subject.source == text


def test_a_form_feed_does_not_split_a_line():
    subject = document("a\x0cb\nc\n")
    subject.apply_change(edit("X", (1, 0), (1, 1)))
    assert subject.source == "a\x0cb\nX\n"


def test_an_edit_past_the_end_lands_at_the_end():
    subject = document("ab")
    subject.apply_change(edit("c", (0, 99), (0, 99)))
    assert subject.source == "abc"


def test_a_whole_text_replaces():
    subject = document("ab")
    subject.apply_change(types.TextDocumentContentChangeWholeDocument("x\ny"))
    assert (subject.source, list(subject.lines)) == ("x\ny", ["x\n", "y"])


def test_columns_past_characters_outside_the_basic_plane():
    for encoding in ("utf-8", "utf-16", "utf-32"):
        subject = document("😋x", encoding)
        column = units_of("😋", encoding)
        subject.apply_change(edit("y", (0, column), (0, column + 1)))
        assert subject.source == "😋y"


def test_the_workspace_hands_out_what_is_open_and_nothing_else(tmp_path):
    (tmp_path / "b.py").write_text("on disk")
    workspace = EditorWorkspace(None)
    workspace.put_text_document(types.TextDocumentItem("file:///c%3A/a.py", "python", 3, "x"))
    assert workspace.open_document("file:///c:/a.py").version == 3
    assert workspace.open_document((tmp_path / "b.py").as_uri()) is None
    assert workspace.get_text_document((tmp_path / "b.py").as_uri()).source == ""


def test_the_encoding_is_utf_16_unless_said_otherwise():
    assert encoding_of(None) == "utf-16"
    assert encoding_of(types.PositionEncodingKind.Utf8) == "utf-8"
    assert encoding_of("utf-32") == "utf-32"
    assert encoding_of("something") == "utf-16"
