"""A test that a commit added: it fails against the code before, and passes and gains after."""

from __future__ import annotations

import subprocess
from pathlib import Path

from runfree_training.candidates.history import events
from runfree_training.corpus import git
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.python_history import brought, label_history
from runfree_training.execute.python_suite import Suite

FOCAL = "def double(n):\n    return n * 2\n"
MORE = FOCAL + "\n\ndef halve(n):\n    return n // 2\n"
OLD = "import shop\n\n\ndef test_double():\n    assert shop.double(2) == 4\n"
NEW = (
    "import math\n"
    + OLD
    + "\n\nHALF = 2\n\n\ndef test_halve():\n    assert shop.halve(4) == HALF == math.floor(2.5)\n"
)


def commit(folder: Path, focal: str, tests: str) -> None:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "shop.py").write_text(focal)
    (folder / "tests" / "test_shop.py").write_text(tests)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    subprocess.run(["git", *identity, "-C", str(folder), "commit", "-qm", "x"], check=True)


def test_before_and_after(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    tmp_path.chmod(0o755)
    root.chmod(0o755)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    commit(root, FOCAL, OLD)
    commit(root, MORE, NEW)
    head, parent = git(root, "rev-parse", "HEAD", "HEAD^").split()
    pair = Pair("shop.py", "tests/test_shop.py")
    project = Project("python", "own/shop", head, "MIT", root, tmp_path / "none", root / ".git")
    records = dict(label_history(project, [pair], Settings(history=4)))
    assert sorted(name.rpartition("-")[2] for name in records) == ["after", "before"]
    by_kind = {name.rpartition("-")[2]: record for name, record in records.items()}

    before, after = by_kind["before"], by_kind["after"]
    assert (before.commit, before.focal_text, before.test_text) == (parent, FOCAL, OLD)
    assert (after.commit, after.focal_text) == (head, MORE)
    assert "test_halve" not in after.test_text
    (failed,) = [t for t in before.tests if t.source == "history"]
    assert (failed.name, failed.kind, failed.outcome) == ("test_halve", "before", "failed")
    assert "no attribute 'halve'" in failed.error
    assert failed.text.startswith("import math\nHALF = 2\n")
    (passed,) = [t for t in after.tests if t.source == "history"]
    assert (passed.kind, passed.outcome, set(passed.lines)) == ("after", "passed", {1, 5, 6})
    assert passed.kills
    assert [t.outcome for t in before.tests if t.source == "existing"] == ["passed"]


def test_only_what_is_needed_is_brought() -> None:
    text = NEW.replace("HALF = 2\n", "HALF = 2\nUNUSED = 3\n").replace(
        "import math\n", "import math\nimport json\n"
    )
    given = brought(Suite(OLD), Suite(text), "test_halve")
    assert "import math" in given
    assert "json" not in given
    assert "UNUSED" not in given
    assert brought(Suite(OLD), Suite(OLD + "\n\ndef test_a():\n    assert shop\n"), "test_a").startswith(
        "def test_a"
    )


def test_renamed_tests_are_not_new(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    commit(root, FOCAL, OLD)
    commit(root, FOCAL, OLD.replace("test_double", "test_twice"))
    assert events(root / ".git", [Pair("shop.py", "tests/test_shop.py")]) == []
