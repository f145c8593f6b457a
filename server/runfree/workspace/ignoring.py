"""The setting `ignore`: which test files are left alone."""

from __future__ import annotations

from pathlib import Path

import pathspec

from runfree.config import Configuration
from runfree.errors import RunfreeError


class Ignored:
    """Patterns in .gitignore's language, relative to the settings file's folder (else to `root`)."""

    def __init__(self, configuration: Configuration, root: Path) -> None:
        self._folder = configuration.folder or root
        patterns = configuration.settings.ignore
        try:
            self._spec = pathspec.GitIgnoreSpec.from_lines(patterns)
        except ValueError as error:
            where = configuration.origins["ignore"]
            raise RunfreeError(f"{where}: ignore: not a valid pattern: {error}") from None

    def __contains__(self, path: object) -> bool:
        """Whether a file (absolute path) is to be left alone."""
        if not isinstance(path, Path) or not path.is_relative_to(self._folder):
            return False
        return bool(self._spec.match_file(path.relative_to(self._folder).as_posix()))
