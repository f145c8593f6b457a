"""Turns local clones into a corpus: checkouts at pinned commits, installed environments, focal/test pairs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree_training.execute import Pair, Project, executor


@dataclass(frozen=True, slots=True)
class Entry:
    """A repository of the corpus: the project, its pairs, and why it was left out ("" where it was not)."""

    project: Project
    pairs: tuple[Pair, ...] = ()
    left_out: str = ""


def read_listing(path: Path) -> dict[str, str]:
    """Repositories and their licences from lines `owner/name  # LICENCE | remarks`; a bare `owner/name` will do."""
    listed = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, remark = line.partition("#")
        if "/" in name:
            licence = remark.split("|")[0].split("(")[0].strip()
            listed[name.strip()] = licence
    return listed


def git(folder: Path, *arguments: str) -> str:
    """Output of a git command in a clone or a checkout.

    Raises:
        RunfreeError: git refused; the message is git's own first line.
    """
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        complaint = done.stderr.strip().splitlines() or ["failed"]
        raise RunfreeError(f"git {arguments[0]} in {folder}: {complaint[0]}")
    return done.stdout


def find_clones(folder: Path) -> Iterator[tuple[str, Path]]:
    """("owner/name", git directory) of each clone: folders `owner+name` or `owner/name`, bare or with a work tree."""
    for place in sorted({*folder.glob("*"), *folder.glob("*/*")}):
        name = place.relative_to(folder).as_posix().replace("+", "/", 1)
        if name.count("/") != 1 or not place.is_dir():
            continue
        for inner in (place, place / ".git", place / "repo", place / "repo" / ".git"):
            if (inner / "HEAD").is_file() and (inner / "objects").is_dir():
                yield name, inner
                break


def check_out(clone: Path, target: Path) -> str:
    """Checks out a clone's newest commit without copying its history; returns the commit's hash."""
    commit = git(clone, "rev-parse", "HEAD").strip()
    if not (target / ".git").exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        git(clone, "clone", "--quiet", "--shared", "--no-checkout", str(clone), str(target))
    git(target, "checkout", "--quiet", "--force", commit)
    return commit


def corpus_file(output: Path, language: Language) -> Path:
    """Where the corpus list of a language lies."""
    return output / f"corpus-{language}.json"


def write_corpus(entries: list[Entry], output: Path, language: Language) -> None:
    """Writes the list of a corpus, atomically."""
    path = corpus_file(output, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    data = [asdict(entry) for entry in entries]
    temporary.write_text(json.dumps(data, indent=1, default=str) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_corpus(output: Path, language: Language) -> list[Entry]:
    """Reads the list of a corpus; empty where there is none yet."""
    path = corpus_file(output, language)
    if not path.exists():
        return []
    data: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    entries = []
    for item in data:
        fields = item["project"]
        places = {k: Path(fields[k]) if fields[k] else None for k in ("root", "environment", "clone")}
        project = Project(**{**fields, **places})
        entries.append(Entry(project, tuple(Pair(**pair) for pair in item["pairs"]), item["left_out"]))
    return entries


def build(
    clones: Path, language: Language, output: Path, listing: Path, exclude: Path | None, only: tuple[str, ...]
) -> None:
    """Checks out, installs and pairs each allowed clone not yet in the corpus; prints one line for each."""
    licences = read_listing(listing)
    forbidden = {name.lower() for name in read_listing(exclude)} if exclude else set()
    entries = read_corpus(output, language)
    have = {entry.project.repository for entry in entries if not entry.left_out}
    for repository, clone in find_clones(clones):
        if repository not in licences or repository.lower() in forbidden or repository in have:
            continue
        if only and repository not in only:
            continue
        entry = _enter(repository, clone.resolve(), licences[repository], language, output.resolve())
        entries = [e for e in entries if e.project.repository != repository] + [entry]
        entries.sort(key=lambda e: e.project.repository.lower())
        write_corpus(entries, output, language)
        kept = sum(not pair.left_out for pair in entry.pairs)
        click.echo(f"{repository}: {entry.left_out or f'{kept} pairs'}")


def _enter(repository: str, clone: Path, licence: str, language: Language, output: Path) -> Entry:
    """One repository: checked out, installed, paired; a failure becomes the reason for leaving it out."""
    slug = repository.replace("/", "+")
    project = Project(
        language,
        repository,
        "",
        licence,
        output / "checkouts" / slug,
        output / "environments" / language / slug,
        clone,
    )
    try:
        project = replace(project, commit=check_out(clone, project.root))
        runner = executor(language)
        runner.prepare(project)
        pairs = tuple(runner.find_pairs(project.root))
    except RunfreeError as error:
        return Entry(project, (), str(error))
    kept = any(not pair.left_out for pair in pairs)
    return Entry(project, pairs, "" if kept else "no focal/test pair found")
