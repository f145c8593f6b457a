"""A project's files, seen as focal resolution sees them."""

import pytest

from runfree.syntax.parse import parse
from runfree.workspace.focal import find_focal
from runfree.workspace.names import language_of
from runfree.workspace.tree import Tree


@pytest.fixture
def focal_of(write):
    """Writes files, and gives the focal file found for one of them as (path from the root or None, reason)."""

    def find(files, test, overrides=()):
        root = write(files)
        path = root / test
        source = parse(language_of(path), files[test])
        focal = find_focal(path, source, Tree(root, 1_000_000, 10_000), dict(overrides), root)
        return (focal.path.relative_to(root).as_posix() if focal.path else None), focal.reason

    return find
