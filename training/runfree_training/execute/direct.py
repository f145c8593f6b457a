"""Checks the labels of Go and Java records against plain runs: `python -m runfree_training.execute.direct CORPUS RECORDS`.

For a random subset of a file's tests and a random candidate, the candidate is written into the test file, and the suite
is run without and with it, all in one process, as `go test` or one JUnit run would; and so is one mutant, by itself in
the file. What the label rule says from the records' isolated runs must agree. Also says how long the plain way takes.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from runfree.errors import RunfreeError
from runfree.mutation import list_mutants
from runfree.sample import Language
from runfree_training import sandbox
from runfree_training.corpus import read_corpus
from runfree_training.execute import Project, go_coverage, java_suite
from runfree_training.execute.go_build import compile_tests
from runfree_training.execute.java_host import Compile, Run, drive
from runfree_training.execute.java_label import focal_classes
from runfree_training.execute.java_module import module_of
from runfree_training.records import Record, TestResult, read_records

SUBSET = 12  # existing tests at most
SECONDS = 60.0  # a test
_DECIDED = ("passed", "failed", "error", "does-not-compile")


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain run: whether each test asked for passed (none where it does not compile), focal lines run."""

    passed: dict[str, bool]
    lines: frozenset[int]
    compiles: bool = True


Runner = Callable[[str, str, Sequence[Sequence[str]]], Sequence[Plain]]
"""(focal text, test text, lists of tests) -> one result a list, its tests run one after another in one process.

Raises a RunfreeError where the build or the run fails by itself (no memory, no time): that says nothing about a test.
"""


def check(record: Record, runner: Runner, chance: random.Random) -> Iterator[tuple[str, bool, str]]:
    """(what, whether the records agree with the plain run, a remark) for one random subset and candidate.

    Raises:
        RunfreeError: a plain run came to nothing.
    """
    existing = [t for t in record.tests if t.source == "existing" and t.outcome == "passed"]
    usable = [t for t in record.tests if t.source == "broken" and not t.removes and _is_bare(t.text)]
    usable = [t for t in usable if t.outcome in _DECIDED]
    if not existing or not usable:
        return
    candidate = chance.choice(usable)
    subset = chance.sample(existing, chance.randint(0, min(SUBSET, len(existing))))
    names = [t.name for t in record.tests if t in subset]
    told = f"{record.repository} {record.test_path} {candidate.name} ({candidate.kind}) beside {len(names)}"
    text = _appended(record, candidate)
    both = [*names, candidate.name]
    before, after = runner(record.focal_text, text, (names, both))
    passes = after.passed.get(candidate.name, False)
    yield "passes", passes == (candidate.outcome == "passed"), told
    if not (passes and candidate.outcome == "passed"):
        return
    covered = {line for t in subset for line in t.lines}
    gain = bool(set(candidate.lines) - covered)
    yield "coverage", gain == bool((after.lines - before.lines) & set(record.focal_lines)), told
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants(record.language, record.focal_text)}
    reached = [i for i, m in enumerate(record.mutants) if not m.incompetent and m.line in candidate.lines]
    reached = [i for i in reached if not any(i in t.timeouts for t in [*subset, candidate])]
    if not reached or not candidate.kills_known:
        return
    index = chance.choice(reached)
    result = record.mutants[index]
    mutant = listed.get((result.operator, result.line, result.ordinal))
    if mutant is None:
        return  # listed by an older version of the operators
    (mutated,) = runner(mutant.apply(record.focal_text), text, (both,))
    if not mutated.compiles:
        yield "mutants", False, f"{told}: {mutant} does not compile"
        return
    for test in (*subset, candidate):
        killed = not mutated.passed.get(test.name, False)
        yield "mutants", killed == (index in test.kills), f"{told}, {test.name} on {mutant}"


def go_runner(project: Project, record: Record, folder: Path) -> Runner:
    """Plain `go test` in a copy of the checkout."""
    shutil.copytree(project.root, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    package = (folder / record.focal_path).parent

    def run(focal: str, text: str, lists: Sequence[Sequence[str]]) -> Sequence[Plain]:
        (folder / record.focal_path).write_text(focal)
        (folder / record.test_path).write_text(text)
        if compile_tests(package, package / "plain.test", cover=True):
            return [Plain(dict.fromkeys(names, False), frozenset(), compiles=False) for names in lists]
        return [once(focal, names) for names in lists]

    def once(focal: str, names: Sequence[str]) -> Plain:
        left, passed = list(names), dict.fromkeys(names, False)
        lines: set[int] = set()
        while left:
            command = [
                "./plain.test",
                "-test.v",
                f"-test.run=^({'|'.join(left)})$",
                "-test.coverprofile=plain.out",
            ]
            (package / "plain.out").unlink(missing_ok=True)
            limits = sandbox.Limits(seconds=60, memory_bytes=None)
            said = sandbox.run([*command, "-test.timeout=40s"], package, limits=limits, writable=(folder,))
            if said.stopped:
                raise RunfreeError(f"a plain run was stopped: {said.stopped}")
            verdicts = {n: w for row in said.stdout.splitlines() for w, n in [_verdict(row)] if n in left}
            passed |= {name: word == "PASS" for name, word in verdicts.items()}
            if (package / "plain.out").exists():
                found = go_coverage.blocks((package / "plain.out").read_text(), Path(record.focal_path).name)
                if focal == record.focal_text:
                    lines |= set(go_coverage.lines(focal, record.focal_lines, found)[1])
            # A panic ends the process; those that had no verdict before it are run again without it.
            gone = [n for n in left if n in verdicts] or left[:1]
            left = [n for n in left if n not in gone]
        return Plain(passed, frozenset(lines))

    return run


def java_runner(project: Project, record: Record, folder: Path) -> Runner:
    """The augmented class compiled as it stands, its tests run one after another in one class loader."""
    module = module_of(project, record.focal_path)
    out, tree = folder / "out", folder / "tree"
    out.mkdir(parents=True)
    shutil.copytree(module.root, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", "target"))

    def run(focal: str, text: str, lists: Sequence[Sequence[str]]) -> Sequence[Plain]:
        place = Path(tempfile.mkdtemp(dir=out))
        suite = java_suite.parse(text, Path(record.test_path).stem)
        files = []
        for path, content in ((record.focal_path, focal), (record.test_path, text)):
            (place / Path(path).name).write_text(content)
            files.append(place / Path(path).name)
        jvm = module.jvm(focal_classes(focal), before=(place / "classes",))
        steps: list[Compile | Run] = [Compile("plain", place / "classes", tuple(files), rounds=1)]
        for at, names in enumerate(lists):
            steps.append(Run(f"{at}", tuple(map(suite.binary_name, names)), SECONDS, cover=True))
        done = drive(jvm, [s for s in steps if isinstance(s, Compile) or s.tests], tree, out)
        if done.errors:
            return [Plain(dict.fromkeys(names, False), frozenset(), compiles=False) for names in lists]
        found = []
        for at, names in enumerate(lists):
            outcomes = {name: done.tests.get((f"{at}", suite.binary_name(name))) for name in names}
            # Tests and mutants that are known to hang are not asked for: this is a busy machine.
            if any(told is None or told[0] == "timeout" for told in outcomes.values()):
                raise RunfreeError("a plain run was stopped: time")
            passed = {name: told is not None and told[0] == "passed" for name, told in outcomes.items()}
            found.append(Plain(passed, frozenset(done.covered.get(f"{at}", ()))))
        return found

    return run


def _appended(record: Record, candidate: TestResult) -> str:
    """The test file with a bare candidate written into it: at its end, or at the end of its class."""
    if record.language == "go":
        return f"{record.test_text.rstrip()}\n\n{candidate.text}\n"
    suite = java_suite.parse(record.test_text, Path(record.test_path).stem)
    inner = candidate.name.rpartition(".")[0]
    at = suite.bodies.get(inner, suite.bodies[""])
    data = record.test_text.encode()
    return (data[:at] + f"\n{candidate.text}\n".encode() + data[at:]).decode()


def _is_bare(text: str) -> bool:
    return not text.lstrip().startswith(("package ", "import "))


def _verdict(row: str) -> tuple[str, str]:
    words = row.split()
    return (words[1].rstrip(":"), words[2]) if len(words) > 2 and words[0] == "---" else ("", "")


@click.command()
@click.argument("corpus", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["go", "java"]), required=True)
@click.option("--samples", type=int, default=60, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(corpus: Path, records: Path, language: Language, samples: int, seed: int) -> None:
    """Compare the labels of random candidates with plain runs of the augmented suite."""
    chance = random.Random(seed)
    projects = {entry.project.repository: entry.project for entry in read_corpus(corpus, language)}
    found = [r for r in read_records(records) if r.language == language and r.repository in projects]
    usable = [r for r in found if projects[r.repository].commit == r.commit]
    if not usable:
        raise RunfreeError(f"{records} holds no record of a project in {corpus}")
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    lost = 0
    begun = time.monotonic()
    # Samples of one record share a copy of the checkout.
    drawn = Counter(chance.randrange(len(usable)) for _ in range(samples))
    for at, times in sorted(drawn.items()):
        record = usable[at]
        with tempfile.TemporaryDirectory(prefix="runfree-direct-") as work:
            make = go_runner if language == "go" else java_runner
            try:
                runner = make(projects[record.repository], record, Path(work, "copy"))
                for what, agrees, remark in (
                    found for _ in range(times) for found in check(record, runner, chance)
                ):
                    asked[what] += 1
                    right[what] += agrees
                    if not agrees:
                        click.echo(f"differs in {what}: {remark}")
            except RunfreeError as error:
                lost += 1
                click.echo(f"no verdict on {record.repository} {record.test_path}: {error}")
    for what in asked:
        click.echo(f"{what}: {right[what]} of {asked[what]} agree ({right[what] / asked[what]:.1%})")
    every, good = asked.total(), right.total()
    click.echo(f"all: {good} of {every} agree ({good / max(1, every):.1%}), {lost} records without a verdict")
    click.echo(f"{(time.monotonic() - begun) / samples:.1f} s a candidate, one mutant each")


if __name__ == "__main__":
    main()
