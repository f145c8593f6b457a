"""Runs PIT with its full mutation matrix on one focal class with one test class, and reads what it wrote.

PIT mutates compiled classes, our labels mutate the source (`runfree.mutation.java`): the sites asked about in an editor
must be those that were run. So PIT is the reference that the kills of our records are compared with:
`python -m runfree_training.execute.java_pit CORPUS RECORDS` (`runfree_training.execute.java_pit_check`).
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from runfree.errors import RunfreeError
from runfree_training.execute import Pair, Project
from runfree_training.execute.java_host import JVM_FLAGS, java_command, run_in_copy
from runfree_training.execute.java_label import focal_classes
from runfree_training.execute.java_module import PIT, TEST, Module, fetch_pit

MOST_BYTES = 256 << 20  # of PIT's report
TIMEOUT_FACTOR, TIMEOUT_MILLISECONDS = 10, 4000  # the factor of our own runs; the constant is PIT's
# PIT's defaults of today take a condition out; those up to 1.7.1, which our operators follow, negate it. Both are run.
MUTATORS = ("DEFAULTS", "NEGATE_CONDITIONALS")
_MAIN = "org.pitest.mutationtest.commandline.MutationCoverageReport"
_SETS = ("killing", "succeeding", "covering")
_DECIDED = frozenset({"KILLED", "SURVIVED", "NO_COVERAGE"})
_PART = re.compile(r"\[([a-z-]+):([^\]]*)\]")
_OLD = re.compile(r"([\w$]+)(?:\[.*\])?\(([\w.$]+)\)")


@dataclass(frozen=True, slots=True)
class PitMutant:
    """One mutant of PIT and the row of the matrix that belongs to it.

    Attributes:
        line: 1-based source line. mutator: PIT's name without "Mutator" ("Math", "NullReturnVals").
        class_name, method: binary names. index: first instruction of the method that is changed.
        description: PIT's sentence ("Replaced integer addition with subtraction"). status: PIT's word.
        killing, succeeding, covering: names of tests as in `TestResult.name`; covering ones run the place.
    """

    line: int
    mutator: str
    class_name: str
    method: str
    index: int
    description: str
    status: str
    killing: frozenset[str] = frozenset()
    succeeding: frozenset[str] = frozenset()
    covering: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether every test that runs the place has a verdict: a timeout ends PIT's process and loses them all."""
        return self.status in _DECIDED and self.covering <= self.killing | self.succeeding


@dataclass(frozen=True, slots=True)
class Matrix:
    """The full mutation matrix of one focal class; `tests`: those that pass in PIT and reach the class."""

    mutants: tuple[PitMutant, ...]
    tests: frozenset[str]
    version: str = PIT

    @property
    def incomplete(self) -> tuple[PitMutant, ...]:
        """The mutants whose row is not whole: timed out, out of memory, ended the process, not loadable."""
        return tuple(m for m in self.mutants if not m.complete)


def matrix(project: Project, module: Module, pair: Pair, work: Path, seconds: float = 600.0) -> Matrix:
    """Runs PIT on a pair of a built module in the sandbox, without network; `work` is an empty folder.

    Raises:
        RunfreeError: PIT's jars cannot be fetched, PIT ended with an error, or it took longer than `seconds`.
    """
    jars = sorted(fetch_pit(project).glob("*.jar"))
    tree, out = work / "tree", work / "out"
    shutil.copytree(module.root, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", "target"))
    out.mkdir()
    jvm = module.jvm()
    # The project's libraries are the mutated process's alone: PIT itself uses some of the libraries that we label.
    minion = [*jvm.classes, *(p for p in jvm.classpath if p.suffix == ".jar")]
    (out / "classpath").write_text("".join(f"{path}\n" for path in minion))
    tops = [name.replace("/", ".") for name in focal_classes((project.root / pair.focal_path).read_text())]
    test = ".".join(Path(pair.test_path).relative_to(_source_root(pair.test_path)).with_suffix("").parts)
    options = {
        "reportDir": out / "report",
        "classPathFile": out / "classpath",
        "includeLaunchClasspath": "false",
        "mutableCodePaths": module.built / "classes",
        "sourceDirs": tree,
        "targetClasses": ",".join(f"{name},{name}$*" for name in tops),
        "targetTests": f"{test},{test}$*",
        "mutators": ",".join(MUTATORS),
        "fullMutationMatrix": "true",
        "outputFormats": "XML",
        "timestampedReports": "false",
        "skipFailingTests": "true",
        "failWhenNoMutations": "false",
        "timeoutFactor": TIMEOUT_FACTOR,
        "timeoutConst": TIMEOUT_MILLISECONDS,
        "jvmArgs": ",".join(JVM_FLAGS),
        "threads": 1,
        "exportLineCoverage": "true",  # it names the tests that pass
        "verbosity": "NO_SPINNER",
    }
    command = java_command(
        jars, _MAIN, *(word for key, value in options.items() for word in (f"--{key}", f"{value}"))
    )
    done = run_in_copy(command, (*jars, *minion), tree, out, seconds)
    if done.stopped:
        raise RunfreeError(f"{pair.test_path}: PIT was stopped: {done.stopped}")
    report = out / "report"
    if not (report / "mutations.xml").is_file():
        said = [
            line
            for line in (done.stderr + done.stdout).splitlines()
            if re.search("Exception|Error|SEVERE", line)
        ]
        said = said or (done.stderr + done.stdout).splitlines() or ["it says nothing"]
        raise RunfreeError(f"{pair.test_path}: PIT wrote no report: {said[0][:300]}")
    return Matrix(read_mutants(report / "mutations.xml"), read_tests(report / "linecoverage.xml"))


def write_matrix(found: Matrix, path: Path) -> None:
    """Keeps a matrix as gzipped JSON, at once or not at all."""
    rows = [asdict(m) | {name: sorted(getattr(m, name)) for name in _SETS} for m in found.mutants]
    told = {"version": found.version, "tests": sorted(found.tests), "mutants": rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(gzip.compress(json.dumps(told).encode(), mtime=0))
    temporary.replace(path)


def read_matrix(path: Path) -> Matrix:
    """Reads a kept matrix back."""
    told: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    rows: list[dict[str, Any]] = [
        {**row, **{name: frozenset(row[name]) for name in _SETS}} for row in told["mutants"]
    ]
    return Matrix(tuple(PitMutant(**row) for row in rows), frozenset(told["tests"]), told["version"])


def read_mutants(path: Path) -> tuple[PitMutant, ...]:
    """The mutants of a `mutations.xml`, in order of class, line and instruction.

    Raises:
        RunfreeError: it is no such file, or too large.
    """
    found = []
    for node in _elements(path, "mutation"):
        method = node.findtext("mutatedMethod", "")
        mutator = node.findtext("mutator", "").rpartition(".")[2].replace("Mutator", "")
        index = min((int(i.text or 0) for i in node.iter("index")), default=0)
        found.append(PitMutant(
            int(node.findtext("lineNumber", "0")), mutator, node.findtext("mutatedClass", ""), method, index,
            node.findtext("description", ""), node.get("status", ""), _tests(node.findtext("killingTests", "")),
            _tests(node.findtext("succeedingTests", "")), _tests(node.findtext("coveringTests", "")),
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda m: (m.class_name, m.line, m.method, m.index, m.mutator)))


def read_tests(path: Path) -> frozenset[str]:
    """The tests that a `linecoverage.xml` names.

    Raises:
        RunfreeError: it is no such file, or too large.
    """
    return frozenset(name for node in _elements(path, "test") if (name := test_name(node.get("name", ""))))


def test_name(description: str) -> str:
    """The name (`m` or `Inner.m`) of a test as PIT describes it, without its invocation; "" where none can be read.

    Descriptions are JUnit's unique ids (`a.FooTest.[engine:junit-jupiter]/[class:a.FooTest]/[method:m()]`), those of JUnit 4
    with the old name in the last part (`[test:m(a.FooTest)]`).
    """
    parts = [(kind, unquote(text)) for kind, text in _PART.findall(description)]
    names = [text for kind, text in parts if kind == "nested-class"]
    for kind, text in parts:
        if kind in ("method", "test-template", "test-factory"):
            return ".".join([*names, text.partition("(")[0]])
    old = _OLD.fullmatch(parts[-1][1] if parts else description.strip())
    if old is None:
        return ""
    return ".".join([*old[2].split("$")[1:], old[1]])


def _tests(text: str) -> frozenset[str]:
    return frozenset(name for part in re.split(r"\|(?=[\w.$]+\.\[)", text) if (name := test_name(part)))


def _elements(path: Path, tag: str) -> list[ElementTree.Element]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RunfreeError(f"{path.name}: PIT's report is larger than {MOST_BYTES:,} bytes")
        return list(ElementTree.parse(path).iter(tag))
    except (OSError, ElementTree.ParseError) as error:
        raise RunfreeError(f"{path.name}: PIT's report cannot be read: {error}") from None


def _source_root(path: str) -> str:
    """What comes before the package folders of a test's path."""
    return path[: path.index(TEST) + len(TEST)]


if __name__ == "__main__":
    importlib.import_module("runfree_training.execute.java_pit_check").main()  # it imports this module
