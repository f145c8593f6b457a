import pytest

from runfree.suppression import (
    Suppression,
    find_suppressions,
    ignore_comment,
    ignore_file_comment,
    suppressed_codes,
)
from runfree.syntax.parse import parse

PYTHON = """import pytest
# runfree: ignore[RF003]
@pytest.mark.slow  # runfree: ignore[rf001, RF002]
def test_a():
    assert True  # runfree: ignore


def test_b():  # runfree:ignore
    assert True


def test_c():
    assert True
"""


def codes(language, text):
    found = find_suppressions(language, text)
    return {t.qualified_name: set(suppressed_codes(found, t)) for t in parse(language, text).tests}


def test_on_the_head_of_a_test():
    assert codes("python", PYTHON) == {
        "test_a": {"RF001", "RF002", "RF003"},
        "test_b": {"*"},
        "test_c": set(),
    }


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# runfree: ignore-file", {"*"}),
        ("# runfree: ignore-file[RF002]", {"RF002"}),
        ("# runfree: ignore-fil", set()),
    ],
)
def test_whole_file(comment, expected):
    assert codes("python", f"{comment}\n\n\ndef test_a():\n    pass\n") == {"test_a": expected}


def test_java_and_go():
    java = (
        "class AT {\n  // runfree: ignore[RF001]\n  @Test\n  void a() { x(); } // runfree: ignore[RF002]\n}\n"
    )
    assert codes("java", java) == {"a": {"RF001", "RF002"}}
    go = "package p\n\nfunc TestA(t *testing.T) { // runfree: ignore\n}\n\n# runfree: ignore-file\n"
    assert codes("go", go) == {"TestA": {"*"}}


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_what_the_quick_fix_writes_is_understood(language):
    line, whole = ignore_comment(language, "RF002"), ignore_file_comment(language, "RF002")
    assert find_suppressions(language, f"x {line}\n{whole}\n") == (
        Suppression(1, frozenset({"RF002"}), False),
        Suppression(2, frozenset({"RF002"}), True),
    )
    assert find_suppressions(language, ignore_file_comment(language))[0].codes == {"*"}


def test_long_lines_are_searched_in_no_time():
    assert find_suppressions("python", "# runfree: ignore[" * 50_000) != ()
