"""One entrance for all languages, with a memory and with limits."""

import time

import pytest

from runfree.errors import RunfreeError
from runfree.syntax import parse as parsing
from runfree.syntax.parse import MAX_BYTES, parse

TEXTS = {
    "python": "def test_a():\n    pass\n",
    "java": "class T {\n    @Test void a() {}\n}\n",
    "go": "package p\n\nfunc TestA(t *testing.T) {}\n",
}


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_every_language_is_read_and_remembered(language):
    file = parse(language, TEXTS[language])
    assert (file.language, len(file.tests)) == (language, 1)
    assert parse(language, TEXTS[language]) is file


def test_the_same_text_in_another_language_is_another_file():
    assert parse("python", "").language == "python"
    assert parse("go", "").language == "go"


def test_another_language_is_refused():
    with pytest.raises(RunfreeError, match="unsupported language 'cobol'; supported are python, java, go"):
        parse("cobol", "")


@pytest.mark.parametrize("text", ["#" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1), "x" * 10_000_000])
def test_a_file_that_is_too_large_is_refused_in_plain_words(text):
    with pytest.raises(RunfreeError, match="larger than 1,000,000 bytes"):
        parse("python", text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "x = 1 + " + "\\\n" * 50_000),
        ("go", "package p\n" + "/*\n" * 50_000),
        ("java", "@Test void z() {\n t.add();" + "A<" * 50_000 + "\n}\n"),
    ],
)
def test_shapes_that_take_a_parser_for_ever_are_refused(language, text):
    start = time.perf_counter()
    with pytest.raises(RunfreeError, match=r"too (often|deeply) to be read|comments are not closed"):
        parse(language, text)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "x = 1" + " + \\\n    1" * 200 + "\n"),
        ("java", "class T { boolean b = " + "a < b || " * 250 + "true; Map<A, Map<B, List<C>>> m; }\n"),
        ("java", "class T {" + "boolean b = a < b;" * 1_000 + "}\n"),
    ],
)
def test_what_people_write_is_read(language, text):
    assert parse(language, text).error_lines == ()


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(parsing, "_CACHED_TEXT", 3_000)
    monkeypatch.setattr(parsing, "_cache", parsing._Cache())
    first = parse("python", "a = 1\n" + "#" * 1_000)
    for number in range(10):
        parse("python", f"b = {number}\n" + "#" * 1_000)
    assert sum(len(text) for _, text in parsing._cache._files) <= 3_000
    assert parse("python", first.text) is not first
