"""Which files are test files, settings files and sources, by their names alone."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from runfree.sample import Language

SUFFIXES: dict[str, Language] = {".py": "python", ".java": "java", ".go": "go"}

# What pytest, unittest (`test*.py`, taken in a tests folder only), Django, Surefire, Failsafe and `go test` collect.
_PYTHON_TEST = re.compile(r"(?:test_.*|.*_test|tests)\.py\Z")
_PYTHON_TEST_IN_FOLDER = re.compile(r"test.*\.py\Z")
_JAVA_TEST = re.compile(r"(?:Test[A-Z0-9_].*|.*(?:Test|Tests|TestCase|IT|ITCase))\.java\Z")
_JAVA_STEM = re.compile(r"(?:TestCase|ITCase|Tests|Test|IT)\Z")

# Folders that never hold a project's own tests; with git, .gitignore says the rest.
SKIPPED_FOLDERS = frozenset(
    {
        ".bzr", ".eggs", ".git", ".gradle", ".hg", ".idea", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache",
        ".svn", ".tox", ".venv", ".vscode", "__pycache__", "node_modules", "site-packages", "venv",
    }
)  # fmt: skip


def language_of(path: PurePath) -> Language | None:
    """The language of a file, by its suffix; None for any other."""
    return SUFFIXES.get(path.suffix)


def is_test_path(path: PurePath) -> bool:
    """Whether a file is a test file by its name (and, in Java, not in the main source tree)."""
    name = path.name
    language = language_of(path)
    if language == "python":
        in_folder = path.parent.name in ("test", "tests") and _PYTHON_TEST_IN_FOLDER.match(name)
        return bool(_PYTHON_TEST.match(name) or in_folder)
    if language == "go":
        return name.endswith("_test.go") and name != "_test.go"
    if language == "java":
        return bool(_JAVA_TEST.match(name)) and "/src/main/" not in f"/{path.as_posix()}"
    return False


def is_settings_file(path: Path) -> bool:
    """Whether a file can hold runfree's settings."""
    return path.name in ("runfree.toml", "pyproject.toml")


def focal_stems(path: PurePath) -> tuple[str, ...]:
    """The focal file's likely names (without suffix) by the test file's name, likeliest first."""
    stem = path.stem
    language = language_of(path)
    if language == "python":
        if stem.startswith("test_"):
            return (stem[5:], stem[5:].removesuffix("_test")) if stem.endswith("_test") else (stem[5:],)
        if stem.endswith("_test"):
            return (stem.removesuffix("_test"),)
        return (stem[4:],) if stem.startswith("test") and stem not in ("test", "tests") else ()
    if language == "go":
        return (stem.removesuffix("_test"),)
    bare = _JAVA_STEM.sub("", stem)
    if bare == stem and stem.startswith("Test"):
        bare = stem[4:]
    if not bare:
        return ()
    # FooBarBazTest may be a part of FooBar's tests: shorter names, a word at a time.
    words = re.findall(r"[A-Z][^A-Z]*|[^A-Z]+", bare)
    return tuple("".join(words[:count]) for count in range(len(words), 0, -1))
