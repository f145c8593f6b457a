"""Throughput of labelling in each language, beside the naive way: `python tests/benchmarks/labelling.py [LANGUAGE ...]`.

Candidates a minute and core, from the processor time of everything that is started, so other programs on the machine
do not count. Naive, on the same files: for each candidate one build and run of the augmented suite under coverage, and
one for every mutant, each in a fresh process; measured on a few mutants. Neither Maven's nor PIT's own start is counted
against it. The projects are made here: twenty functions with a test each.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runfree.mutation import list_mutants
from runfree.sample import LANGUAGES, Language
from runfree_training import sandbox
from runfree_training.execute import Pair, Project, Settings, executor
from runfree_training.execute.direct import go_runner, java_runner
from runfree_training.execute.python_direct import Checkout
from runfree_training.records import Record

FUNCTIONS = 20
MUTANTS_TRIED = 3
SETTINGS = Settings(broken_per_test=5, seconds=900)

PYTHON_FUNCTION = "def part{n}(a, b=1):\n    if a > {n}:\n        return a * b\n    return a + b - {n}\n\n\n"
PYTHON_TEST = (
    "def test_part{n}():\n    assert part{n}({above}, 2) == {twice}\n    assert part{n}({n}, 1) == 1\n\n\n"
)
GO_FUNCTION = """
func Part{n}(a, b int) int {{
\tif a > {n} {{
\t\treturn a * b
\t}}
\treturn a + b - {n}
}}
"""
GO_TEST = """
func TestPart{n}(t *testing.T) {{
\tif got := Part{n}({above}, 2); got != {twice} {{
\t\tt.Errorf("got %d", got)
\t}}
\tif got := Part{n}({n}, 1); got != 1 {{
\t\tt.Errorf("got %d", got)
\t}}
}}
"""
JAVA_FUNCTION = """
    static int part{n}(int a, int b) {{
        if (a > {n}) {{
            return a * b;
        }}
        return a + b - {n};
    }}
"""
JAVA_TEST = """
    @Test
    void part{n}() {{
        assertEquals({twice}, Parts.part{n}({above}, 2));
        assertEquals(1, Parts.part{n}({n}, 1));
    }}
"""
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>own</groupId>
  <artifactId>parts</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.13.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
"""


@dataclass(frozen=True)
class Figures:
    """Processor seconds: of labelling all candidates, and of one candidate the naive way."""

    language: str
    candidates: int
    mutants: int
    seconds: float
    naive_seconds: float

    @property
    def row(self) -> str:
        """One line of the table."""
        ours, naive = 60 * self.candidates / self.seconds, 60 / self.naive_seconds
        return f"| {self.language} | {self.candidates} | {self.mutants} | {ours:.0f} | {naive:.2f} | {ours / naive:.0f} |"


def filled(template: str) -> str:
    """The template for each of the functions."""
    return "".join(template.format(n=n, above=n + 1, twice=2 * n + 2) for n in range(FUNCTIONS))


def files(language: Language) -> dict[str, str]:
    """The project of a language: the focal file, the test file, then what building it needs."""
    if language == "python":
        header = "from parts import " + ", ".join(f"part{n}" for n in range(FUNCTIONS)) + "\n\n\n"
        return {"parts.py": filled(PYTHON_FUNCTION), "test_parts.py": header + filled(PYTHON_TEST)}
    if language == "go":
        return {
            "parts.go": "package parts\n" + filled(GO_FUNCTION),
            "parts_test.go": 'package parts\n\nimport "testing"\n' + filled(GO_TEST),
            "go.mod": "module example.com/parts\n\ngo 1.20\n",
        }
    imports = "import static org.junit.jupiter.api.Assertions.assertEquals;\n\nimport org.junit.jupiter.api.Test;\n\n"
    return {
        "src/main/java/own/Parts.java": "package own;\n\nfinal class Parts {" + filled(JAVA_FUNCTION) + "}\n",
        "src/test/java/own/PartsTest.java": f"package own;\n\n{imports}class PartsTest {{{filled(JAVA_TEST)}}}\n",
        "pom.xml": POM,
    }


def processor_seconds() -> float:
    """Of this process and of all that it has started and waited for."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def naive_run(project: Project, record: Record, folder: Path) -> Callable[[str], object]:
    """Builds and runs the suite plainly with a text of the focal file; Python's mutants without coverage, up to the
    first failure, as mutation tools do."""
    names = [test.name for test in record.tests if test.source == "existing"]
    if record.language != "python":
        runner = (go_runner if record.language == "go" else java_runner)(project, record, folder)
        return lambda focal: runner(focal, record.test_text, (names,))
    checkout = Checkout(project, record, folder)

    def run(focal: str) -> object:
        if focal == record.focal_text:
            return checkout.run(record.test_text, names, focal)
        (folder / record.focal_path).write_text(focal)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", record.test_path]
        seen = [Path(sys.prefix), Path(sys.base_prefix)]
        return sandbox.run(
            command, folder, limits=sandbox.Limits(seconds=60), writable=[folder], visible=seen
        )

    return run


def measure(language: Language, folder: Path) -> Figures:
    """Labels the project of a language, then a little of it the naive way."""
    root = folder / "parts"
    texts = files(language)
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for place in (folder, root):
        place.chmod(0o755)
    focal, tests = list(texts)[:2]
    project = Project(language, "own/parts", "", "", root, folder / "environment" / "parts")
    if language == "python":  # no environment of its own: this interpreter has pytest and coverage
        project.environment.mkdir(parents=True)
        (project.environment / "installed").write_text("")
    runner = executor(language)
    runner.prepare(project)
    runner.label_pair(
        project, Pair(focal, tests), Settings(tests=1, mutants=1, broken_per_file=1)
    )  # warm caches
    begun = processor_seconds()
    record = runner.label_pair(project, Pair(focal, tests), SETTINGS)
    ours = processor_seconds() - begun
    if not all(test.outcome == "passed" for test in record.tests if test.source == "existing"):
        raise RuntimeError(f"{language}: a test of the project does not pass")
    run = naive_run(project, record, folder / "naive")
    run(record.focal_text)  # warm caches here too
    begun = processor_seconds()
    run(record.focal_text)
    suite = processor_seconds() - begun
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants(language, record.focal_text)}
    chosen = random.Random(0).sample(record.mutants, MUTANTS_TRIED)
    for mutant in chosen:
        run(listed[mutant.operator, mutant.line, mutant.ordinal].apply(record.focal_text))
    mutated = (processor_seconds() - begun - suite) / MUTANTS_TRIED
    return Figures(
        language, len(record.tests), len(record.mutants), ours, suite + mutated * len(record.mutants)
    )


def main() -> None:
    """Prints one row a language."""
    wanted = [language for language in LANGUAGES if not sys.argv[1:] or language in sys.argv[1:]]
    print("| language | tests and candidates | mutants | a minute and core | naive | times as fast |")
    print("|---|---|---|---|---|---|")
    for language in wanted:
        with tempfile.TemporaryDirectory() as folder:
            print(measure(language, Path(folder)).row, flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd[0]} failed: {error.stderr or error}")
