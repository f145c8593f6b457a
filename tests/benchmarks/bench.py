"""How fast predictions are in the editor, and what really running the same candidates costs, in one run.

Usage: python tests/benchmarks/bench.py [--json FILE] [--edits N] [--tests N] [--mutants N] [--model FOLDER]

Measured on examples/python and on a small project generated here: start to first lens, edit to lens, memory of
the server, candidates per second; then the same candidates by pytest with coverage, and the same mutants by
running the suite on each, one process a run, as a plain script would. Ratios say how many times longer the
running takes. Figures depend on the machine: only those of one run compare.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generated import write_project
from predicting import measure_scorer, measure_server
from really_running import measure_coverage_runs, measure_mutation_runs
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
# What predicting may cost on two cores of an idle machine.
MOST_MEMORY_MB, LEAST_PER_SECOND = 350, 40


@dataclass(frozen=True)
class Case:
    """A project to measure on: its folder, its focal file and the test file that exercises it."""

    name: str
    folder: Path
    focal: Path
    tests: Path


def main() -> None:
    """Measures everything, prints the table, writes the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--edits", type=int, default=20, help="edits timed in the server (default 20)")
    parser.add_argument("--tests", type=int, default=24, help="tests in the generated project (default 24)")
    parser.add_argument("--mutants", type=int, default=40, help="mutants really run, at most (default 40)")
    parser.add_argument("--model", type=Path, help="folder of the model (default: the one shipped)")
    options = parser.parse_args()
    console = Console()
    results = {}
    with tempfile.TemporaryDirectory(prefix="runfree-bench-") as folder:
        for case in cases(Path(folder), options.tests):
            with console.status(f"{case.name}: predicting"):
                predicted = {
                    **asdict(measure_server(case, options.edits, Path(folder) / "cache", options.model)),
                    **asdict(measure_scorer(case, options.model)),
                }
            with console.status(f"{case.name}: really running"):
                runs = asdict(measure_coverage_runs(case, predicted["names"]))
                mutation = asdict(measure_mutation_runs(case, options.mutants))
            results[case.name] = summarise(predicted, runs, mutation)
    document = {
        "schema": 1,
        "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": {"platform": platform.platform(), "python": platform.python_version()},
        "results": results,
    }
    console.print(table(results))
    for name, result in results.items():
        predicted = result["predicted"]
        if predicted["memory_mb"] > MOST_MEMORY_MB:
            console.print(f"{name}: the server takes more than {MOST_MEMORY_MB} MB of memory")
        if predicted["candidates_per_second"] < LEAST_PER_SECOND:
            console.print(f"{name}: fewer than {LEAST_PER_SECOND} candidates a second")
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n")
        console.print(f"figures written to {options.json}")


def cases(folder: Path, tests: int) -> list[Case]:
    """Copies of the example and the generated project, so that running them leaves nothing behind."""
    found = []
    example = folder / "example"
    shutil.copytree(ROOT / "examples" / "python", example)
    test_files = sorted(example.rglob("test_*.py"))
    if test_files:
        test_file = test_files[0]
        name = test_file.name.removeprefix("test_")
        focal = next(path for path in sorted(example.rglob(name)))
        found.append(Case("examples/python", example, focal, test_file))
    generated = folder / "generated"
    focal, test_file = write_project(generated, tests)
    found.append(Case(f"generated ({tests} tests)", generated, focal, test_file))
    return found


def summarise(predicted: dict, runs: dict, mutation: dict) -> dict:
    """The figures of one project, with the ratios of running to predicting."""
    one = predicted["cold_seconds"] / max(predicted["candidates"], 1)
    return {
        "predicted": predicted,
        "coverage_runs": runs,
        "mutation_runs": mutation,
        "ratios": {
            "coverage run per candidate / prediction per candidate": runs["seconds"]
            / runs["candidates"]
            / one,
            "mutation run of the file / prediction of the file": mutation["seconds_for_all"]
            / predicted["cold_seconds"],
        },
    }


def table(results: dict) -> Table:
    """The figures side by side."""
    drawn = Table(title="runfree: predicting beside really running")
    drawn.add_column("")
    for name in results:
        drawn.add_column(name, justify="right")
    rows = {
        "server: start to first lens, s": lambda r: f"{r['predicted']['first_lens_seconds']:.2f}",
        "server: edit to fresh lens, ms (median)": lambda r: f"{r['predicted']['edit_milliseconds']:.0f}",
        "  of which waiting for a rest, ms": lambda r: f"{r['predicted']['debounce_milliseconds']:.0f}",
        "server: edit to stale lens, ms (median)": lambda r: f"{r['predicted']['stale_milliseconds']:.1f}",
        "server: memory, MB": lambda r: f"{r['predicted']['memory_mb']:.0f}",
        "candidates": lambda r: str(r["predicted"]["candidates"]),
        "predicted per second, first time": lambda r: f"{r['predicted']['candidates_per_second']:.1f}",
        "predicted per second, nothing changed": lambda r: f"{r['predicted']['warm_per_second']:.0f}",
        "run with coverage, per second": lambda r: f"{1 / r['coverage_runs']['per_candidate']:.2f}",
        "  running takes longer by": lambda r: f"{next(iter(r['ratios'].values())):.0f} x",
        "all candidates in one coverage run, s": lambda r: f"{r['coverage_runs']['suite_seconds']:.2f}",
        "  all predicted, s": lambda r: f"{r['predicted']['cold_seconds']:.2f}",
        "mutants of the focal file": lambda r: str(r["mutation_runs"]["mutants"]),
        "  really run": lambda r: str(r["mutation_runs"]["run"]),
        "mutation run of all, s (extrapolated)": lambda r: f"{r['mutation_runs']['seconds_for_all']:.1f}",
        "  running takes longer by ": lambda r: f"{list(r['ratios'].values())[1]:.0f} x",
    }
    for label, read in rows.items():
        drawn.add_row(label, *(read(result) for result in results.values()))
    return drawn


if __name__ == "__main__":
    main()
