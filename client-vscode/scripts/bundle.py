"""Collects the wheels that the extension ships: the server (model inside), what it needs for each Python, and pip.

Usage: python scripts/bundle.py [--platform linux-x64 | any]

`linux-x64` makes a bundle that installs offline; `any` ships the server's own wheel and pip only, the rest then
comes from the user's package index. Writes `bundled/` beside this folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

CLIENT = Path(__file__).resolve().parent.parent
PROJECT = CLIENT.parent
BUNDLED = CLIENT / "bundled"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORM_TAGS = {
    # Newest last: what pip would accept on glibc 2.28 (Debian 10, RHEL 8, Ubuntu 20.04) and later.
    "linux-x64": (
        "manylinux2014_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux_2_27_x86_64",
        "manylinux_2_28_x86_64",
    ),
}
# tokenizers asks for huggingface_hub to download models, which the server never does: 20 packages less.
WITHOUT_DEPENDENCIES = ("tokenizers",)


def main() -> None:
    """Fills `bundled/` anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--platform", default="linux-x64", choices=[*PLATFORM_TAGS, "any"])
    platform = parser.parse_args().platform
    shutil.rmtree(BUNDLED, ignore_errors=True)
    BUNDLED.mkdir()
    pip("wheel", "--no-deps", "--wheel-dir", str(BUNDLED), str(PROJECT))
    server = next(BUNDLED.glob("runfree-*.whl"))
    version = wheel_name(server)[1]
    pip("download", "--no-deps", "--only-binary=:all:", "--dest", str(BUNDLED), "pip")

    pythons = PYTHONS if platform != "any" else ()
    requirements = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    versions: dict[str, dict[str, str]] = {}
    for python in pythons:
        folder = BUNDLED / python
        for names, options in split(requirements):
            target = [f"--platform={tag}" for tag in PLATFORM_TAGS[platform]]
            pip(
                "download", "--only-binary=:all:", f"--python-version={python}", *target, *options,
                "--dest", str(folder), *names,
            )  # fmt: skip
        for wheel in sorted(folder.glob("*.whl")):
            name, number = wheel_name(wheel)
            versions.setdefault(name, {})[python] = number
            wheel.replace(BUNDLED / wheel.name)
        folder.rmdir()
    (BUNDLED / "requirements.txt").write_text("\n".join(pins(versions, pythons, version)) + "\n")
    digest = hashlib.sha256(server.read_bytes()).hexdigest()
    manifest = {"version": version, "sha256": digest, "platform": platform, "pythons": list(pythons)}
    (BUNDLED / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    size = sum(file.stat().st_size for file in BUNDLED.iterdir()) / 1e6
    print(
        f"bundled: runfree {version} for {platform}, {len(list(BUNDLED.glob('*.whl')))} wheels, {size:.0f} MB"
    )


def split(requirements: list[str]) -> list[tuple[list[str], list[str]]]:
    """Requirements with pip's options for them: those taken with all they ask for, and those taken alone."""
    alone = [r for r in requirements if re.split(r"[\s<>=!~;\[]", r)[0] in WITHOUT_DEPENDENCIES]
    return [([r for r in requirements if r not in alone], []), (alone, ["--no-deps"])]


def wheel_name(wheel: Path) -> tuple[str, str]:
    """Name and version of a wheel file."""
    name, version, *_ = wheel.name.split("-")
    return name.replace("_", "-").lower(), version


def pins(versions: dict[str, dict[str, str]], pythons: tuple[str, ...], server: str) -> list[str]:
    """Requirement lines: exact versions, one line a Python where they differ."""
    lines = [f"runfree=={server}"]
    for name, by_python in sorted(versions.items()):
        if len(set(by_python.values())) == 1 and len(by_python) == len(pythons):
            lines.append(f"{name}=={next(iter(by_python.values()))}")
            continue
        lines += [f'{name}=={number}; python_version == "{python}"' for python, number in by_python.items()]
    return lines


def pip(*arguments: str) -> None:
    """Runs pip, quietly; ends the script where it fails."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        arguments[0],
        "--quiet",
        *arguments[1:],
    ]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"bundle.py: failed: {' '.join(command)}")


if __name__ == "__main__":
    main()
