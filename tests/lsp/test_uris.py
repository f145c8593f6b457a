"""URIs as editors on different systems spell them."""

from pathlib import Path

import pytest

from runfree.lsp.uris import to_path, to_uri


@pytest.mark.parametrize("name", ["a b.py", "ü#?%.py", "a%20b.py", "100%.py", "[x].py"])
def test_there_and_back(name):
    path = Path("/some folder") / name
    assert to_path(to_uri(path)) == path
    assert to_path(path.as_uri()) == path


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/x/a.ipynb#W0",
        "git:/x/a.py?ref",
        "file:///c%3A/Users/a.py",
        "file:///C:/Users/a.py",
        "file://server/share/a.py",
        "file:relative.py",
        "file:///a%00b.py",
        "http://[broken",
        "",
    ],
)
def test_what_is_no_file_here_has_no_path(uri):
    assert to_path(uri) is None


def test_dots_and_the_local_host_are_resolved():
    assert to_path("file://localhost/a/../b/./c.py") == Path("/b/c.py")


def test_paths_of_windows_keep_their_drive():
    class Windows(type(Path())):
        def as_posix(self):
            return "C:/a b/c.py"

    assert to_uri(Windows("x")) == "file:///C:/a%20b/c.py"
