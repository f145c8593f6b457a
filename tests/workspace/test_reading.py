import os

import pytest

from runfree.workspace.reading import Skip, decode, read_bytes, read_source


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a = 1\n", "a = 1\n"),
        ("é = 'ü'\n".encode(), "é = 'ü'\n"),
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
        (b"a\r\n\tb\r\n", "a\n\tb\n"),
        (b"a\rb", "a\nb"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        (b"#!/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n", None),
        (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n"),
        (b"", ""),
    ],
)
def test_python_encodings(data, text):
    result = decode(data, "python")
    if text is None:
        assert isinstance(result, str)
        assert result.endswith("x = '€'\n")
    else:
        assert result == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a = 1\nx = '\xe9'\n", "it is not UTF-8 (line 2)"),
        (b"x = 1\n# coding: latin-1\ny = '\xe9'", "it is not UTF-8 (line 3)"),
        ("a = 1".encode("utf-16"), "UTF-16"),
        (b"a\0b", "binary"),
        (b"# coding: punycode\nx", "declares the encoding 'punycode'"),
        (b"# coding: zip\nx", "does not read"),
        (b"# coding: cp1259x\nx", "does not read"),
        (b"# coding: iso8859-99\nx", "does not exist"),
        (b"# coding: ascii\n'\xe9'", "it is not ascii"),
    ],
)
def test_reasons(data, words):
    result = decode(data, "python")
    assert isinstance(result, Skip)
    assert words in result.reason


@pytest.mark.parametrize("language", ["java", "go"])
def test_declarations_mean_nothing_elsewhere(language):
    assert isinstance(decode(b"# coding: latin-1\n\xe9", language), Skip)


def test_size_limit(tmp_path):
    path = tmp_path / "test_x.py"
    path.write_bytes(b"#" * 10_000_000)
    result = read_source(path, "python", 1_000_000)
    assert result == Skip("it is too large: 10,000,000 bytes, and limits.max_file_bytes is 1,000,000")
    assert isinstance(read_source(path, "python", 10_000_000), str)


def test_places_that_are_no_file(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    reasons = {
        name: read_bytes(tmp_path / name, 100) for name in ("loop", "nowhere", "folder", "pipe", "none")
    }
    assert reasons == {
        "loop": Skip("its symbolic links go round in a circle"),
        "nowhere": Skip("its symbolic link leads nowhere"),
        "folder": Skip("it is a folder, not a file"),
        "pipe": Skip("it is not a regular file"),
        "none": Skip("it does not exist (any more)"),
    }
    assert read_bytes(tmp_path / "a\0b", 100) == Skip("its path is not valid")


def test_permission_denied(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "test_x.py"
    path.write_text("x = 1")
    monkeypatch.setattr(os, "open", refuse)
    assert read_bytes(path, 100) == Skip("it cannot be read: permission denied")


def test_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "real.py").write_text("x = 1")
    (tmp_path / "link.py").symlink_to("real.py")
    assert read_source(tmp_path / "link.py", "python", 100) == "x = 1"
