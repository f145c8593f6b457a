"""Installs a Python project and what its tests need into a virtual environment of its own: the step with network."""

from __future__ import annotations

import configparser
import contextlib
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runfree.errors import RunfreeError
from runfree_training.execute import Project

_GROUPS = {"test", "tests", "testing", "dev", "develop", "development", "all", "unittest"}
_FILES = re.compile(r"(requirements[-_./]*)?(tests?|testing|dev|develop)([-_.]*requirements)?\.(txt|in|pip)")
# Never needed to run a test; some take minutes to install.
_TOOLS = re.compile(
    r"(mypy|black|ruff|flake8|pyflakes|pycodestyle|pylint|isort|bandit|sphinx|furo|mkdocs|pre-commit|tox|nox|pyright"
    r"|twine|build$|wheel$|codecov|coveralls|towncrier|bump|commitizen|zest|docutils|myst|pallets-sphinx|slotscheck"
    r"|check-manifest|readme|invoke|codespell|vulture|interrogate|pdbpp|ipython|ipdb|jupyter|cmarkgfm|asv|uv$|safety"
    r"|types-|pytest-(mypy|ruff|black|flake8|checkdocs|enabler|xdist|randomly|sugar|cov$|cov\b|perf|codspeed))",
    re.IGNORECASE,
)


def prepare(project: Project) -> None:
    """Makes the environment; one that is there already and answers is kept.

    Raises:
        RunfreeError: the project itself cannot be installed.
    """
    python = project.environment / "bin" / "python"
    done = project.environment / "installed"
    if done.exists():
        return
    venv.create(project.environment, with_pip=True, clear=True, symlinks=True)
    # First the requirements of the tests, then the project, so that its own bounds win.
    wanted = sorted({r for r in test_requirements(project.root) if not _TOOLS.match(r)})
    if _pip(python, project.root, [*wanted]) and len(wanted) > 1:
        for requirement in wanted:
            _pip(python, project.root, [requirement])
    if _pip(python, project.root, ["--editable", "."]) and (complaint := _pip(python, project.root, ["."])):
        # Its build needs more than a package index; its tests may do with what it depends on and its own tree.
        needed = _runtime_requirements(project.root)
        if needed is None or _pip(python, project.root, needed):
            raise RunfreeError(f"cannot be installed: {complaint}")
    if complaint := _pip(python, project.root, ["pytest>=7", "coverage>=7.6"]):
        raise RunfreeError(f"pytest cannot be installed: {complaint}")
    done.write_text("\n".join(wanted) + "\n", encoding="utf-8")


def _pip(python: Path, folder: Path, arguments: list[str]) -> str:
    """Runs `pip install`; returns "" or the line that says why it failed."""
    if not arguments:
        return ""
    command = [str(python), "-m", "pip", "install", "--quiet", "--prefer-binary", "--no-input", *arguments]
    try:
        ended = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=420, check=False
        )
    except subprocess.TimeoutExpired:
        return "installing took more than 420 s"
    if not ended.returncode:
        return ""
    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["failed"])[0].strip()[:300]


def test_requirements(root: Path) -> list[str]:
    """What the project says its tests need, read from the usual places; nothing is guessed."""
    found: list[str] = []
    if (root / "pyproject.toml").exists():
        with contextlib.suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):
            found += _from_pyproject(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")))
    found += _from_ini(root / "setup.cfg", "options.extras_require", _GROUPS)
    found += _from_ini(root / "tox.ini", "testenv", {"deps"})
    found += _from_ini(root / "setup.cfg", "testenv", {"deps"})
    for path in sorted([*root.glob("*.*"), *root.glob("requirements*/*.*"), *root.glob("test*/*.*")]):
        if _FILES.fullmatch(path.relative_to(root).as_posix()) or _FILES.fullmatch(path.name):
            found += requirement_lines(path.read_text(encoding="utf-8", errors="replace").splitlines())
    return found


def _runtime_requirements(root: Path) -> list[str] | None:
    """What the project itself depends on, where `pyproject.toml` says it statically; None where it does not."""
    try:
        described = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    if "name" not in described or "dependencies" in described.get("dynamic", []):
        return None
    return requirement_lines(described.get("dependencies", []))


def requirement_lines(lines: Iterable[object]) -> list[str]:
    """The lines that name a package; options, includes, paths and links are dropped."""
    kept = []
    for line in lines:
        text = re.split(r"\s+#|^#|\s--hash", str(line).strip())[0].strip().rstrip("\\").strip()
        text = re.sub(r"^[\w,{}.!-]+:\s+", "", text)  # tox: `py311: requirement`
        named = re.match(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*([<>=!~;@(].*)?$", text)
        if named and "://" not in text and "{" not in text and not text.endswith((".txt", ".in")):
            kept.append(text)
    return kept


def _from_pyproject(data: dict[str, Any]) -> list[str]:
    found: list[object] = []
    for name, wanted in data.get("project", {}).get("optional-dependencies", {}).items():
        if name.lower() in _GROUPS:
            found += wanted
    groups = data.get("dependency-groups", {})

    def open_group(name: str, depth: int = 0) -> None:
        for item in groups.get(name, ()):
            if isinstance(item, str):
                found.append(item)
            elif isinstance(item, dict) and "include-group" in item and depth < 5:
                open_group(item["include-group"], depth + 1)

    for name in groups:
        if name.lower() in _GROUPS:
            open_group(name)
    poetry = data.get("tool", {}).get("poetry", {})
    found += list(poetry.get("dev-dependencies", {}))
    for name, group in poetry.get("group", {}).items():
        if name.lower() in _GROUPS:
            found += list(group.get("dependencies", {}))
    pdm = data.get("tool", {}).get("pdm", {}).get("dev-dependencies", {})
    hatch = data.get("tool", {}).get("hatch", {}).get("envs", {})
    for name, wanted in pdm.items():
        if name.lower() in _GROUPS:
            found += wanted
    for name, environment in hatch.items():
        if name.lower() in {*_GROUPS, "default", "hatch-test"} and isinstance(environment, dict):
            found += environment.get("dependencies", []) + environment.get("extra-dependencies", [])
    return [r for r in requirement_lines(found) if r != "python"]


def _from_ini(path: Path, section: str, keys: set[str]) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return []
    if section not in parser:
        return []
    return requirement_lines(
        line for key, text in parser[section].items() if key in keys for line in text.splitlines()
    )


def environment_python(project: Project) -> Path:
    """The interpreter that runs the project's tests."""
    python = project.environment / "bin" / "python"
    return python if python.exists() else Path(sys.executable)
