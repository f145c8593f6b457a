import os

import pytest

from runfree.errors import RunfreeError
from runfree.workspace import Workspace, find_test_files
from runfree.workspace.reading import Skip

CART = "def total(prices):\n    return sum(prices)\n"
TEST = "from shop.cart import total\n\n\ndef test_a():\n    assert total([]) == 0\n"
MORE = "\n\ndef test_b():\n    assert total([1]) == 1\n"
FILES = {"shop/cart.py": CART, "tests/test_cart.py": TEST, "tests/conftest.py": "# fixtures\n"}


@pytest.fixture
def folder(write):
    return write(FILES)


def test_without_git_all_tests_are_looked_at(folder):
    file = Workspace().examine(folder / "tests" / "test_cart.py")
    assert (file.names, file.everything, file.skipped) == (("test_a",), True, "")
    assert file.focal_text == CART
    assert [text for _, text in file.context] == ["# fixtures\n"]


def test_only_new_tests_with_git(folder, commit):
    commit(folder)
    path = folder / "tests" / "test_cart.py"
    workspace = Workspace()
    assert "no new tests since HEAD" in workspace.examine(path).skipped
    file = workspace.examine(path, TEST + MORE)
    assert (file.names, file.everything, file.root) == (("test_b",), False, folder)
    assert file.relative(file.path) == "tests/test_cart.py"
    changed = workspace.examine(path, TEST.replace("== 0", "== 1"))
    assert changed.names == ("test_a",)


def test_scope_and_since(folder, commit):
    first = commit(folder)
    path = folder / "tests" / "test_cart.py"
    path.write_text(TEST + MORE)
    commit(folder)
    workspace = Workspace()
    assert workspace.examine(path).names == ()
    assert workspace.examine(path, values={"since": first}).names == ("test_b",)
    everything = workspace.examine(path, values={"scope": "all"})
    assert (everything.names, everything.everything) == (("test_a", "test_b"), True)
    with pytest.raises(RunfreeError, match="git knows no revision 'nope'"):
        workspace.examine(path, values={"since": "nope"})


def test_untracked_file_is_new_but_not_everything(folder, commit):
    commit(folder)
    path = folder / "tests" / "test_new.py"
    path.write_text(TEST + MORE)
    file = Workspace().examine(path)
    assert (file.names, file.everything) == (("test_a", "test_b"), False)


def test_renamed_file_keeps_its_old_tests(folder, commit):
    commit(folder)
    old, new = folder / "tests" / "test_cart.py", folder / "tests" / "test_basket.py"
    old.rename(new)
    new.write_text(TEST + MORE)
    assert Workspace().examine(new).names == ("test_b",)


def test_old_version_with_other_line_endings(folder, commit):
    path = folder / "tests" / "test_cart.py"
    path.write_bytes(TEST.replace("\n", "\r\n").encode())
    commit(folder)
    assert Workspace().examine(path, TEST + MORE).names == ("test_b",)


def test_repository_without_a_commit(folder, git):
    git(folder, "init", "-q")
    file = Workspace().examine(folder / "tests" / "test_cart.py")
    assert (file.names, file.everything) == (("test_a",), False)


def test_commit_made_meanwhile_is_noticed(folder, commit, monkeypatch):
    monkeypatch.setattr("runfree.workspace.git._COMMIT_SECONDS", 0.0)
    commit(folder)
    path = folder / "tests" / "test_cart.py"
    path.write_text(TEST + MORE)
    workspace = Workspace()
    assert workspace.examine(path).names == ("test_b",)
    commit(folder)
    assert workspace.examine(path).names == ()


def test_git_that_fails_is_said_and_not_used(folder):
    (folder / ".git").mkdir()
    file = Workspace().examine(folder / "tests" / "test_cart.py")
    assert (file.names, file.everything) == (("test_a",), True)
    assert "git is not used, so every test counts as new" in file.notes[0]


def test_texts_of_the_editor_go_first(folder):
    texts = {folder / "shop" / "cart.py": "def total(p): return 7\n"}
    workspace = Workspace(texts.get)
    assert workspace.examine(folder / "tests" / "test_cart.py").focal_text == "def total(p): return 7\n"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("tests/test_x.py", b"\xff\xfe\x00", "UTF-16"),
        ("tests/test_x.py", b"def test_a():\n    '\xe9'\n", "not UTF-8 (line 2)"),
        ("tests/test_x.py", b"\0\1\2", "binary"),
        ("tests/test_x.py", b"#" * 10_000_000, "too large: 10,000,000 bytes"),
        ("tests/test_x.py", b"", "it holds no tests"),
        ("tests/test_x.py", b"def helper(): ...\n", "it holds no tests"),
        ("tests/test_x.py", b")]}" * 5000, "no tests in it can be read"),
        ("tests/test_x.py", b"(" * 100_000, ""),
        ("shop/cart.py", b"x", "it is not a test file by its name"),
        ("tests/test_x.rb", b"x", "it is not a Python, Java or Go file"),
        ("XTest.java", b"class {{{ \xff", "not UTF-8"),
        ("x_test.go", b"garbage ((( func", "no tests"),
    ],
)
def test_bad_files_have_a_reason(folder, name, data, words):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    file = Workspace().examine(path)
    assert words in file.skipped
    assert file.skipped


def test_places_that_are_no_file(folder):
    tests = folder / "tests"
    (tests / "test_loop.py").symlink_to("test_loop.py")
    (tests / "test_folder.py").mkdir()
    (tests / "round").symlink_to("../tests")
    (tests / "self").symlink_to("self")
    workspace = Workspace()
    assert "circle" in workspace.examine(tests / "test_loop.py").skipped
    assert "folder" in workspace.examine(tests / "test_folder.py").skipped
    assert "does not exist" in workspace.examine(tests / "test_deleted.py").skipped
    assert workspace.examine(tests / "self" / "test_x.py").skipped
    found = [p.relative_to(folder).as_posix() for p in find_test_files([folder], 5, 1000)]
    assert found == ["tests/test_cart.py", "tests/test_loop.py"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [("shop", "is a folder, not a file"), ("shop/none.py", "does not exist"), ("shop/bin.py", "binary file")],
)
def test_focal_file_that_cannot_be_read(folder, setting, words):
    (folder / "shop" / "bin.py").write_bytes(b"\0")
    (folder / "runfree.toml").write_text(f'[focal]\n"tests/test_cart.py" = "{setting}"\n')
    file = Workspace().examine(folder / "tests" / "test_cart.py")
    assert file.focal.path is None
    assert words in file.focal.reason


def test_focal_file_deleted_meanwhile(folder, monkeypatch):
    monkeypatch.setattr("runfree.workspace.tree.read_source", lambda *_: Skip("it does not exist (any more)"))
    file = Workspace().examine(folder / "tests" / "test_cart.py")
    assert file.focal.path is None
    assert "shop/cart.py: it does not exist (any more)" in file.focal.reason


def test_ignore_setting(folder):
    (folder / "runfree.toml").write_text('ignore = ["tests/*", "!tests/test_keep.py"]\n')
    (folder / "tests" / "test_keep.py").write_text(TEST)
    workspace = Workspace()
    assert workspace.examine(folder / "tests" / "test_cart.py").skipped == "the setting ignore names it"
    assert workspace.examine(folder / "tests" / "test_keep.py").skipped == ""


def test_wrong_settings_are_raised(folder):
    (folder / "runfree.toml").write_text("scope = 1\n")
    with pytest.raises(RunfreeError, match=r"runfree\.toml: scope"):
        Workspace().examine(folder / "tests" / "test_cart.py")


def test_root_without_git_is_the_outermost_marked_folder(write):
    folder = write({"pom.xml": "", "app/pom.xml": "", "app/src/test/java/ATest.java": "class ATest {}"})
    path = folder / "app/src/test/java/ATest.java"
    assert Workspace().examine(path).root == folder


def test_find_test_files(folder, commit, git):
    (folder / ".gitignore").write_text("build/\n")
    for name in ("build/test_x.py", "node_modules/test_y.py", "nested/test_z.py", "tests/test_gone.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(TEST)
    commit(folder / "nested")
    commit(folder)
    (folder / "tests" / "test_gone.py").unlink()
    (folder / "tests" / "test_untracked.py").write_text(TEST)

    def found(*paths):
        return [os.path.relpath(p, folder) for p in find_test_files(paths, 5, 1000)]

    everything = ["nested/test_z.py", "tests/test_cart.py", "tests/test_untracked.py"]
    assert found(folder) == everything
    assert found(folder / "tests", folder) == [*everything[1:], everything[0]]
    assert found(folder / "build" / "test_x.py") == ["build/test_x.py"]
    with pytest.raises(RunfreeError, match="no such file or folder"):
        found(folder / "none")
    with pytest.raises(RunfreeError, match=r"more than 2 files \(limits\.max_files\)"):
        find_test_files([folder], 5, 2)


def test_find_test_files_without_git(folder):
    (folder / ".venv").mkdir()
    (folder / ".venv" / "test_x.py").write_text(TEST)
    assert find_test_files([folder], 5, 1000) == [folder / "tests" / "test_cart.py"]
    with pytest.raises(RunfreeError, match=r"more than 1 files \(limits\.max_files\)"):
        find_test_files([folder], 5, 1)


@pytest.mark.parametrize(
    ("test", "root"),
    [
        ("app/tests/deep/test_x.py", "app"),
        ("app/src/test/java/XTest.java", "app"),
        ("app/pkg/test_x.py", "app"),
        ("app/x_test.go", "app"),
    ],
)
def test_root_without_any_mark(write, test, root):
    folder = write({test: "", "app/pkg/__init__.py": ""})
    assert Workspace().examine(folder / test).root == folder / root


def test_git_that_hangs_is_waited_for_once(folder, commit, monkeypatch, tmp_path):
    commit(folder)
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    workspace = Workspace()
    values = {"limits": {"git_seconds": 0.3}}
    for _ in range(3):
        file = workspace.examine(folder / "tests" / "test_cart.py", values=values)
        assert (file.names, file.everything) == (("test_a",), True)
        assert "git took longer than 0.3 s" in file.notes[0]
        slow.write_text("#!/bin/sh\nexit 3\n")  # asked again, it would answer otherwise
