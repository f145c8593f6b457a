import pytest

from runfree.syntax.parse import parse
from runfree.workspace.context import find_context
from runfree.workspace.names import language_of
from runfree.workspace.tree import Tree


@pytest.fixture
def context_of(write):
    def find(files, test, focal, max_bytes=100_000):
        root = write(files)
        path = root / test
        source = parse(language_of(path), files[test])
        found = find_context(path, source, root / focal, Tree(root, 1_000_000, 1_000), max_bytes)
        assert all(text == files[p.relative_to(root).as_posix()] for p, text in found)
        return [p.relative_to(root).as_posix() for p, _ in found]

    return find


def test_python_conftests_nearest_first_and_own_tools(context_of):
    files = {
        "tests/unit/test_a.py": "from .tools import make\nfrom pkg.a import f\n\ndef test_a(): make(f)\n",
        "tests/unit/tools.py": "def make(f): ...\n",
        "tests/conftest.py": "# outer\n",
        "tests/unit/conftest.py": "# inner\n",
        "conftest.py": "# root\n",
        "pkg/a.py": "def f(): ...\n",
    }
    expected = ["tests/unit/conftest.py", "tests/conftest.py", "conftest.py", "tests/unit/tools.py"]
    assert context_of(files, "tests/unit/test_a.py", "pkg/a.py") == expected


def test_size_limit_leaves_out_what_does_not_fit(context_of):
    files = {
        "tests/test_a.py": "def test_a(): ...\n",
        "tests/conftest.py": "#" * 500,
        "conftest.py": "# small\n",
        "a.py": "",
    }
    assert context_of(files, "tests/test_a.py", "a.py", 100) == ["conftest.py"]
    assert context_of(files, "tests/test_a.py", "a.py", 0) == []


def test_java_superclasses_in_the_test_tree(context_of):
    base = "src/test/java/"
    files = {
        f"{base}p/ATest.java": "package p;\nimport q.Base;\nclass ATest extends Base<String> { }\n",
        f"{base}q/Base.java": "package q;\npublic class Base<T> extends Root { }\n",
        f"{base}q/Root.java": "package q;\npublic class Root extends Root { }\n",
        "src/main/java/p/A.java": "package p;\nclass A { }\n",
    }
    found = context_of(files, f"{base}p/ATest.java", "src/main/java/p/A.java")
    assert found == [f"{base}q/Base.java", f"{base}q/Root.java"]


def test_go_siblings_of_the_same_package(context_of):
    files = {
        "p/a_test.go": "package p\n",
        "p/b_test.go": "package p\n\nfunc help() {}\n",
        "p/c_test.go": "package p_test\n",
        "p/a.go": "package p\n",
        "p/d.go": "package p\n",
    }
    assert context_of(files, "p/a_test.go", "p/a.go") == ["p/b_test.go", "p/d.go"]
