"""Labels a project or a whole corpus: one record a pair, written as it is done; what exists already is skipped."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

import click

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree_training import sandbox
from runfree_training.candidates.written import Written, digest, read_written
from runfree_training.corpus import corpus_file, read_corpus
from runfree_training.execute import Pair, Project, Settings, executor
from runfree_training.records import Record, read_record, write_record


@dataclass(frozen=True, slots=True)
class Task:
    """A pair to label, or all pairs of a project whose history is to be labelled, and where the record goes.

    `written` is the digest of the pair's written candidates where these alone are labelled, else "".
    """

    project: Project
    pairs: tuple[Pair, ...]
    place: Path
    history: bool = False
    written: str = ""

    @property
    def reason_file(self) -> Path:
        """Says why there is no record; a task that has one is not tried again."""
        return self.place.with_name(self.place.name.removesuffix(".json.gz") + ".left-out.txt")

    def reason(self) -> str:
        """Why there is no record, in one line."""
        there = self.reason_file.exists()
        return self.reason_file.read_text(encoding="utf-8").splitlines()[0] if there else "no record"

    @property
    def done(self) -> bool:
        """Whether an earlier run has dealt with it; written candidates that changed are labelled anew."""
        if self.written and self.place.exists():
            return read_record(self.place).written == self.written
        return self.place.exists() or self.reason_file.exists()


def label_path(
    path: Path, language: Language, output: Path, settings: Settings, pairs: str, most_pairs: int, jobs: int
) -> None:
    """Labels the corpus or the single project at `path`, `jobs` pairs at a time.

    With written candidates in the settings these alone are labelled, into records beside the pairs' own.
    """
    if settings.written:
        settings = replace(settings, broken_per_file=0, history=0)
    if sandbox.isolation() == "none":
        click.echo("no namespaces here: tests run with network and can write outside their folder", err=True)
    tasks = [task for task in plan(path, language, output, settings, pairs, most_pairs) if not task.done]
    begun = time.monotonic()
    candidates = 0
    with ThreadPoolExecutor(jobs) as pool:
        running: dict[Future[list[Record]], Task] = {pool.submit(_label, t, settings): t for t in tasks}
        for count, future in enumerate(as_completed(running), 1):
            task = running[future]
            records = future.result()
            candidates += sum(len(record.tests) for record in records)
            spent = time.monotonic() - begun
            left = spent / count * (len(tasks) - count)
            what = "history" if task.history else task.pairs[0].focal_path
            said = "; ".join(summary(record) for record in records) or task.reason()
            click.echo(
                f"[{count}/{len(tasks)}, {60 * candidates / spent:.0f} candidates/min, {left / 60:.0f} min left] "
                f"{task.project.repository} {what}: {said}"
            )


def plan(
    path: Path, language: Language, output: Path, settings: Settings, pairs: str, most_pairs: int
) -> list[Task]:
    """The tasks, repositories taking turns, so that whatever is done when it stops is broad."""
    if settings.written:
        return _plan_written(path, language, output, settings.written, pairs)
    ranked: list[tuple[int, str, Task]] = []
    for project, found in _projects(path, language, output):
        folder = output / language / project.repository.replace("/", "+")
        wanted = [pair for pair in found if not pair.left_out and fnmatch(pair.focal_path, pairs)]
        for rank, pair in enumerate(wanted[:most_pairs]):
            ranked.append(
                (rank, project.repository, Task(project, (pair,), folder / f"{slug(pair)}.json.gz"))
            )
        if settings.history and project.clone:
            task = Task(project, tuple(wanted), folder / "history.done", history=True)
            ranked.append((2, project.repository, task))
    return [task for _, _, task in sorted(ranked, key=lambda r: r[:2])]


def _plan_written(path: Path, language: Language, output: Path, file: Path, pairs: str) -> list[Task]:
    """One task a pair that the file holds candidates for; says which pairs are not here."""
    given: dict[tuple[str, str, str], list[Written]] = {}
    for one in read_written(file):
        given.setdefault((one.repository, one.focal_path, one.test_path), []).append(one)
    tasks = []
    held = set()
    for project, found in _projects(path, language, output):
        folder = output / language / project.repository.replace("/", "+")
        held.add(project.repository)
        for pair in found:
            candidates = given.pop((project.repository, pair.focal_path, pair.test_path), None)
            if candidates and fnmatch(pair.focal_path, pairs):
                place = folder / f"{slug(pair)}.written.json.gz"
                tasks.append(Task(project, (pair,), place, written=digest(candidates)))
    for repository, focal_path, test_path in sorted(given):
        if repository in held:
            click.echo(f"no such pair in {repository}: {focal_path} with {test_path}", err=True)
    return tasks


def _projects(path: Path, language: Language, output: Path) -> Iterator[tuple[Project, list[Pair]]]:
    if corpus_file(path, language).exists():
        for entry in read_corpus(path, language):
            if not entry.left_out:
                yield entry.project, list(entry.pairs)
        return
    root = path.resolve()
    clone = root / ".git" if (root / ".git").is_dir() else None
    commit = ""
    if clone:
        from runfree_training.corpus import git

        commit = git(root, "rev-parse", "HEAD").strip()
    environment = output.resolve() / "environments" / language / root.name
    project = Project(language, root.name, commit, "", root, environment, clone)
    runner = executor(language)
    runner.prepare(project)
    yield project, runner.find_pairs(root)


def _label(task: Task, settings: Settings) -> list[Record]:
    """Does one task; what is learnt from it lies on the disk when it returns."""
    runner = executor(task.project.language)
    task.place.parent.mkdir(parents=True, exist_ok=True)
    try:
        if not task.history:
            record = runner.label_pair(task.project, task.pairs[0], settings)
            record = replace(record, written=task.written)
            write_record(record, task.place)
            return [record]
        found = runner.label_history(task.project, task.pairs, settings)
        for name, record in found:
            write_record(record, task.place.with_name(f"history-{name}.json.gz"))
        task.place.write_text(f"{len(found)} records\n", encoding="utf-8")
        return [record for _, record in found]
    except RunfreeError as error:
        task.reason_file.write_text(f"{error}\n", encoding="utf-8")
    except (
        Exception
    ) as error:  # one pair must not end a run of hours: it is left out, with the place to look at
        trace = "".join(traceback.format_exception(error))
        task.reason_file.write_text(f"internal: {error!r}\n{trace}", encoding="utf-8")
    return []


def slug(pair: Pair) -> str:
    """A file name for a pair."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{Path(pair.test_path).with_suffix('')}").strip("-")


def summary(record: Record) -> str:
    """What is in a record, in one line."""
    counts: dict[str, int] = {}
    for test in record.tests:
        key = "existing" if test.source == "existing" else f"{test.source} {test.outcome}"
        counts[key] = counts.get(key, 0) + 1
    parts = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    return f"{parts}, {len(record.mutants)} mutants, {record.seconds:.0f} s"
