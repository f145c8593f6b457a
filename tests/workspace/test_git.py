import os
import shutil
import stat

import pytest

from runfree.errors import RunfreeError
from runfree.workspace.git import GitError, Repository, run_git

FILES = {"a.py": "a\n", "tests/test_ü x.py": "old\n", ".gitignore": "ignored/\n", "ignored/test_i.py": ""}


@pytest.fixture
def folder(write):
    return write(FILES)


def test_no_repository(folder):
    assert Repository.of(folder, 5) is None


def test_old_texts_and_commits(folder, commit, git):
    first = commit(folder)
    (folder / "tests" / "test_ü x.py").write_text("new\n")
    second = commit(folder)
    repository = Repository.of(folder / "tests", 5)
    assert repository is not None
    assert repository.root == folder
    assert repository.commit("HEAD") == second
    assert repository.commit("HEAD~1") == first
    assert repository.read(second, "tests/test_ü x.py") == b"new\n"
    assert repository.read(first, "tests/test_ü x.py") == b"old\n"
    assert repository.read(first, "none.py") is None
    assert repository.read(first, "tests") is None
    assert repository.read(first, "two\nlines.py") is None


def test_repository_without_a_commit(folder, git):
    git(folder, "init", "-q")
    repository = Repository.of(folder, 5)
    assert repository is not None
    assert repository.commit("HEAD") is None


@pytest.mark.parametrize("revision", ["no-such-branch", "0" * 40, "HEAD~9", "HEAD:a.py"])
def test_unknown_revision(folder, commit, revision):
    commit(folder)
    repository = Repository.of(folder, 5)
    assert repository is not None
    with pytest.raises(RunfreeError, match="git knows no revision"):
        repository.commit(revision)


def test_revision_is_never_an_option(folder, commit, tmp_path):
    commit(folder)
    repository = Repository.of(folder, 5)
    assert repository is not None
    with pytest.raises(RunfreeError):
        repository.commit(f"--output={tmp_path / 'written'}")
    assert not (tmp_path / "written").exists()


def test_listing_leaves_out_what_is_ignored(folder, commit):
    commit(folder)
    (folder / "untracked.py").write_text("")
    repository = Repository.of(folder, 5)
    assert repository is not None
    assert repository.present(folder) == [".gitignore", "a.py", "tests/test_ü x.py", "untracked.py"]
    assert repository.present(folder / "tests") == ["test_ü x.py"]


def test_missing_files(folder, commit):
    name = commit(folder)
    (folder / "a.py").unlink()
    repository = Repository.of(folder, 5)
    assert repository is not None
    assert repository.missing(name) == ["a.py"]


def test_nothing_a_repository_names_is_run(folder, commit, git, tmp_path):
    marker = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    name = commit(folder)
    for key in ("core.fsmonitor", "core.pager", "core.editor", "diff.external", "filter.f.clean"):
        git(folder, "config", key, str(script))
    git(folder, "config", "filter.f.smudge", str(script))
    git(folder, "config", "diff.d.textconv", str(script))
    (folder / ".gitattributes").write_text("*.py filter=f diff=d\n")
    (folder / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        shutil.copy(script, folder / ".git" / "hooks" / hook)
    repository = Repository.of(folder, 5)
    assert repository is not None
    assert repository.commit("HEAD") == name
    assert repository.read(name, "a.py") == b"a\n"
    assert repository.present(folder)
    assert repository.missing(name) == []
    assert not marker.exists()


def test_environment_cannot_redirect(folder, commit, tmp_path, monkeypatch):
    name = commit(folder)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    repository = Repository.of(folder, 5)
    assert repository is not None
    assert repository.commit("HEAD") == name


def test_time_limit(folder, monkeypatch, tmp_path):
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitError, match=r"git took longer than 0\.2 s \(limits\.git_seconds\)"):
        run_git(folder, "status", seconds=0.2)


def test_git_that_is_not_there(folder, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="git is not installed"):
        run_git(folder, "status", seconds=1)


def test_broken_repository(folder):
    (folder / ".git").mkdir()
    with pytest.raises(GitError, match="not a git repository"):
        Repository.of(folder, 5)


def test_working_tree_elsewhere(folder, commit, git, tmp_path):
    commit(folder)
    (tmp_path / "elsewhere").mkdir()
    git(folder, "config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(GitError, match="working tree lies elsewhere"):
        Repository.of(folder, 5)
