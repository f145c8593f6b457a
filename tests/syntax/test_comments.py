"""Comments become blanks: every byte and line stays where it was, and nothing else changes."""

import time

import pytest

from runfree.syntax.comments import without_comments

PYTHON = '''"""A module that tells é."""
text = "# no comment"  # a comment, é
def f(a):  # "quoted
    """Docstring
    'of' two lines."""
    # alone
    g(
        "kept"
        'too'
    )
    "a string used as a comment"
    return f"{a!r}# kept" + 'it\\'s # kept'
'''
JAVA = """class A { /* "a */ String s = "// kept"; char c = '"'; // gone
  /** Says "x"
   */ String t = \"\"\"
     // kept
     \"\"\"; /* gone */ int i = 1 / 2; }
"""
GO = 'package a // gone\n\nvar s = `// kept\n` + /* gone */ "/* kept */" + string(\'"\') // gone\n'


@pytest.mark.parametrize(
    ("language", "text", "kept", "gone"),
    [
        ("python", PYTHON, ["# no comment", '"kept"', "'too'", "# kept", "it\\'s # kept"], ["alone", "tells", "quoted", "two lines", "used"]),
        ("java", JAVA, ["// kept", "     // kept", "1 / 2", "'\"'"], ["gone", "Says", '"a']),
        ("go", GO, ["// kept", "/* kept */", "'\"'"], ["gone"]),
    ],
)  # fmt: skip
def test_what_stays_and_what_goes(language, text, kept, gone):
    blanked = without_comments(language, text)
    assert all(part in blanked for part in kept)
    assert not any(part in blanked for part in gone)
    assert [len(line.encode()) for line in blanked.split("\n")] == [
        len(line.encode()) for line in text.split("\n")
    ]
    assert without_comments(language, blanked) == blanked


def test_docstrings_that_are_read_stay():
    text = 'def f():\n    """Says it."""\n\n\ndef test_f():\n    assert f.__doc__ == "Says it."  # so\n'
    blanked = without_comments("python", text)
    assert '"""Says it."""' in blanked
    assert "so" not in blanked


def test_pragmas_stay_where_they_are_wanted():
    text = "x = 1  # pragma: no cover, this test passes\n"
    assert without_comments("python", text, keep_pragmas=True).rstrip() == "x = 1  # pragma: no cover"
    assert without_comments("python", text).rstrip() == "x = 1"


@pytest.mark.parametrize(
    ("language", "text"), [("java", "int i; /* open"), ("python", 'x = """open\n# in it')]
)
def test_what_is_not_closed_stays_an_error(language, text):
    assert without_comments(language, text) == text


def test_text_without_comments_is_the_same_object():
    text = "def f():\n    return 1\n"
    assert without_comments("python", text) is text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", '\\"' * 200_000),
        ("python", '"""\\"""\\' * 60_000),
        ("python", "'\n" * 200_000),
        ("java", "/*" * 200_000),
        ("java", '"\\' * 200_000),
        ("go", "`" * 200_001),
    ],
)
def test_hostile_texts_take_time_in_step_with_their_size(language, text):
    started = time.process_time()
    without_comments(language, text)
    assert time.process_time() - started < 5
