"""Cases to look for evidence in."""

import pytest

from runfree.canonical import canonical
from runfree.evidence import evidence
from runfree.sample import Sample

PATHS = {
    "python": ("shop/till.py", "tests/test_till.py"),
    "java": ("src/main/java/shop/Till.java", "src/test/java/shop/TillTest.java"),
    "go": ("shop/till.go", "shop/till_test.go"),
}


@pytest.fixture
def case():
    """Makes a case from texts."""

    def make(language, focal, candidate, existing="", name="", context=()):
        focal_path, test_path = PATHS[language]
        return canonical(Sample(language, focal, existing, candidate, name, focal_path, test_path, context))

    return make


@pytest.fixture
def codes(case):
    """The codes found in a case made from texts, `info` and what concerns the gains left out."""

    def find(*args, weights=("fails",), **more):
        return [item.code for item in evidence(case(*args, **more)) if item.weight in weights]

    return find
