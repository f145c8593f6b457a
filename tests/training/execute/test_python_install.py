"""What a project says its tests need, read from the usual places."""

from __future__ import annotations

from pathlib import Path

from runfree_training.execute.python_install import requirement_lines
from runfree_training.execute.python_install import test_requirements as requirements_of

PYPROJECT = """
[project]
name = "shop"
[project.optional-dependencies]
test = ["alpha>=1", "beta[x] ; python_version > '3'"]
docs = ["never"]
[dependency-groups]
dev = ["gamma", { include-group = "more" }]
more = ["delta"]
other = ["never"]
[tool.poetry.group.test.dependencies]
epsilon = "^1"
"""


def test_every_usual_place(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "setup.cfg").write_text(
        "[options.extras_require]\ntesting =\n    zeta\n    eta==2\ndocs =\n    never\n"
    )
    (tmp_path / "tox.ini").write_text(
        "[testenv]\ndeps =\n    theta\n    py311: iota\n    -rrequirements.txt\n"
    )
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "test.txt").write_text(
        "kappa # why\n--hash=x\n-e .\nhttps://example.org/x.zip\n"
    )
    (tmp_path / "requirements.txt").write_text("never\n")
    assert sorted(requirements_of(tmp_path)) == sorted(
        ["alpha>=1", "beta[x] ; python_version > '3'", "gamma", "delta", "epsilon", "zeta", "eta==2", "theta", "iota",
         "kappa"]
    )  # fmt: skip


def test_unreadable_files_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("not toml [")
    (tmp_path / "setup.cfg").write_text("no section\n")
    assert requirements_of(tmp_path) == []
    assert requirement_lines(["", "# x", "-c constraints.txt", "git+ssh://x/y", "a.txt"]) == []
