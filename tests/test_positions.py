"""Lines and columns, in bytes, code points and UTF-16 units."""

import pytest

from runfree.positions import character_column, from_units, normalise, split_lines, to_units, units_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc", ["a\r\n", "b\r", "c"]),
        ("a\r\n", ["a\r\n", ""]),
        ("\r\r\n\n", ["\r", "\r\n", "\n", ""]),
        ("a\x0cb\u2028c\x85d\n", ["a\x0cb\u2028c\x85d\n", ""]),
    ],
)
def test_lines_are_those_of_the_protocol(text, lines):
    assert split_lines(text) == lines
    assert "".join(split_lines(text)) == text
    assert len(split_lines(normalise(text))) == len(lines)


def test_byte_columns_become_the_units_of_the_editor():
    line = "é😋x = 1"  # é: 2 bytes, 1 unit; 😋: 4 bytes, 2 units
    assert [to_units(line, 6, e) for e in ("utf-8", "utf-16", "utf-32")] == [6, 3, 2]
    assert to_units(line, 99, "utf-16") == units_of(line, "utf-16") == 8
    assert character_column(line, 2) == 1
    assert character_column("plain", 3) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_there_and_back(encoding):
    line = "aé😋中x\r\n"
    for index in range(len(line) - 1):
        assert from_units(line, units_of(line[:index], encoding), encoding) == index


def test_a_column_past_the_end_is_the_end_before_the_line_ending():
    assert from_units("abc\r\n", 99, "utf-16") == 3
    assert from_units("é", 99, "utf-8") == 1
    assert from_units("😋", 1, "utf-16") == 0
