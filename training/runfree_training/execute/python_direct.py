"""Checks the labels of Python records against plain runs: `python -m runfree_training.execute.python_direct CORPUS RECORDS`.

For a random subset of a file's tests and a random candidate, the suite is run without and with the candidate, all in
one ordinary pytest process under coverage, and so are two mutants; what the label rule says from the records' isolated
runs (union with the candidate, less what the others have) must agree.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from runfree.mutation import list_mutants
from runfree_training import sandbox
from runfree_training.corpus import read_corpus
from runfree_training.execute import Project
from runfree_training.execute.python_install import environment_python
from runfree_training.execute.python_job import import_roots, pytest_options
from runfree_training.execute.python_suite import Candidate, Suite, renamed
from runfree_training.records import Record, TestResult, read_records

_NAME = "__direct"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plain run: qualified names of the tests that passed, focal lines that were run."""

    passed: frozenset[str]
    lines: frozenset[int]


class Checkout:
    """A copy of a project that plain runs may write in."""

    def __init__(self, project: Project, record: Record, folder: Path) -> None:
        self.project, self.record, self.folder = project, record, folder
        ignore = shutil.ignore_patterns(".git", "__pycache__")
        shutil.copytree(project.root, folder, symlinks=True, ignore=ignore, dirs_exist_ok=True)
        folder.chmod(0o755)

    def run(self, test_text: str, names: Iterable[str], focal_text: str) -> Outcome:
        """Runs some tests of a text of the test file, in file order, in one process."""
        (self.folder / self.record.test_path).write_text(test_text, encoding="utf-8")
        (self.folder / self.record.focal_path).write_text(focal_text, encoding="utf-8")
        report, measured = self.folder / "direct.xml", self.folder / "direct.json"
        for path in (report, measured):
            path.unlink(missing_ok=True)
        python = str(environment_python(self.project))
        wanted = [f"{self.record.test_path}::{name}" for name in names]
        options = [
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            "-o",
            "addopts=",
            f"--junitxml={report}",
        ]
        include = f"--include={self.folder / self.record.focal_path}"
        script = (
            '"$0" -m coverage run --rcfile=/dev/null --data-file=direct.data "$1" -m pytest "${@:3}"; '
            '"$0" -m coverage json --rcfile=/dev/null --data-file=direct.data -o "$2" >/dev/null'
        )
        roots = [str(self.folder / part) for part in import_roots(self.folder, self.record.focal_path)]
        base = Path(python).resolve().parent.parent
        given = [*options, *pytest_options(self.folder), *wanted]
        sandbox.run(
            ["bash", "-c", script, python, include, str(measured), *given],
            self.folder,
            limits=sandbox.Limits(seconds=120, cpu_seconds=60),
            environment={
                "PYTHONPATH": ":".join(roots), "PYTHONHASHSEED": "0", "COVERAGE_CORE": "ctrace", "TZ": "UTC",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            writable=[self.folder],
            visible=[Path(python).parent.parent, base],
        )  # fmt: skip
        return Outcome(frozenset(passed_in(report)), frozenset(lines_in(measured)))


def passed_in(report: Path) -> set[str]:
    """Test functions of a JUnit report all of whose cases passed; empty where there is no report."""
    if not report.exists():
        return set()
    seen: dict[str, bool] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = case.get("name", "").partition("[")[0]
        bad = any(case.find(kind) is not None for kind in ("failure", "error"))
        seen[name] = seen.get(name, True) and not bad
    return {name for name, good in seen.items() if good}


def lines_in(measured: Path) -> set[int]:
    """Lines that coverage's JSON report says were run."""
    if not measured.exists():
        return set()
    files = json.loads(measured.read_text(encoding="utf-8")).get("files", {})
    return {line for file in files.values() for line in file["executed_lines"]}


def compare(checkout: Checkout, record: Record, chance: random.Random) -> list[tuple[str, bool, str]]:
    """(what, whether records and plain run agree, a remark) for one random subset and candidate of a record."""
    suite = Suite(record.test_text)
    passing = [t for t in record.tests if t.source == "existing" and t.outcome == "passed"]
    usable = [t for t in record.tests if t.source == "broken" and not t.removes and t.outcome in _DECIDED]
    if not passing or not usable:
        return []
    candidate = chance.choice(usable)
    others = [t for t in passing if t.name != candidate.base or t.name.rpartition("::")[2] != candidate.name]
    subset = chance.sample(others, chance.randint(0, min(12, len(others))))
    base = suite.tests[candidate.base]
    indent = base.text[: len(base.text) - len(base.text.lstrip())]
    text = "".join(
        indent + line if line.strip() else line for line in candidate.text.splitlines(keepends=True)
    )
    put = Candidate("broken", candidate.kind, base.name, candidate.name, text)
    bare = candidate.name.rpartition("::")[2] + _NAME
    augmented = suite.with_candidates([(put, bare)])
    if renamed(put, bare) == put.text:
        return []
    names = [t.name for t in sorted(subset, key=lambda t: suite.tests[t.name].start)]
    full = candidate.name + _NAME
    with_it = sorted(
        [*names, full], key=lambda n: suite.tests[base.name if n == full else n].end + (n == full) / 2
    )
    before = checkout.run(augmented, names, record.focal_text) if names else Outcome(frozenset(), frozenset())
    after = checkout.run(augmented, with_it, record.focal_text)
    told = f"{record.repository} {record.test_path} {candidate.name} ({candidate.kind}) beside {len(names)}"
    passes = candidate.outcome == "passed"
    found = [("passes", (bare in after.passed) == passes, told)]
    if not names:
        return found
    known = {line for t in subset for line in t.lines}
    gain = passes and bool(set(candidate.lines) - known)
    direct = bare in after.passed and bool(after.lines & set(record.focal_lines) - before.lines)
    found.append(("coverage_gain", gain == direct, told))
    return found + _mutants(checkout, record, candidate, subset, augmented, with_it, bare, chance, told)


def _mutants(
    checkout: Checkout,
    record: Record,
    candidate: TestResult,
    subset: Sequence[TestResult],
    augmented: str,
    names: Sequence[str],
    bare: str,
    chance: random.Random,
    told: str,
) -> list[tuple[str, bool, str]]:
    """Two mutants, preferably ones that the candidate kills: killed by the others, by the candidate?"""
    if candidate.outcome != "passed" or not candidate.kills_known:
        return []
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants("python", record.focal_text)}
    late = {i for t in (*subset, candidate) for i in t.timeouts}
    pool = [i for i, m in enumerate(record.mutants) if not m.incompetent and i not in late]
    some = chance.sample([i for i in pool if i in candidate.kills] or pool or [0], 1) if pool else []
    some += chance.sample(pool, 1) if pool else []
    found = []
    for index in some:
        one = record.mutants[index]
        mutated = listed[one.operator, one.line, one.ordinal].apply(record.focal_text)
        after = checkout.run(augmented, names, mutated)
        killed = {t.name.rpartition("::")[2] for t in subset if index in t.kills}
        killed |= {bare} if index in candidate.kills else set()
        expected = {n.rpartition("::")[2] for n in names} - killed
        found.append(("kills", set(after.passed) == expected, f"{told} {one}"))
    return found


_DECIDED = ("passed", "failed", "error")


@click.command()
@click.argument("corpus", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--samples", type=int, default=40, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(corpus: Path, records: Path, samples: int, seed: int) -> None:
    """Compare a random sample of labels with plain runs."""
    projects = {entry.project.repository: entry.project for entry in read_corpus(corpus, "python")}
    usable = [
        r
        for r in read_records(records)
        if projects.get(r.repository) and r.commit == projects[r.repository].commit
    ]
    chance = random.Random(seed)
    totals: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    begun = time.monotonic()
    for _ in range(samples):
        record = chance.choice(usable)
        with tempfile.TemporaryDirectory(prefix="runfree-direct-") as folder:
            checkout = Checkout(projects[record.repository], record, Path(folder) / "work")
            for what, same, told in compare(checkout, record, chance):
                totals[what] += 1
                agreed[what] += same
                if not same:
                    click.echo(f"{what} differs: {told}")
    for what, total in totals.items():
        click.echo(f"{what}: {agreed[what]} of {total} agree ({100 * agreed[what] / total:.1f}%)")
    click.echo(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
