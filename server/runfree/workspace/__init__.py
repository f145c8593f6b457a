"""What lies around a test file: its text, what is new in it, the focal file it exercises, what is ignored."""

from runfree.workspace.discovery import find_test_files
from runfree.workspace.names import is_settings_file, is_test_path, language_of
from runfree.workspace.project import TestFile, Workspace
from runfree.workspace.reading import Skip, read_source

__all__ = [
    "Skip",
    "TestFile",
    "Workspace",
    "find_test_files",
    "is_settings_file",
    "is_test_path",
    "language_of",
    "read_source",
]
