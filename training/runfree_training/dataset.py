"""The step from records to blocks: every record read, features computed, labels attached; resumable, on several cores.

With `--rebuild` the records themselves are first made from released facts and local clones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from runfree.errors import RunfreeError
from runfree_training.blocks import build_block, counts, read_blocks, write_block
from runfree_training.duplicates import Duplicates, find
from runfree_training.records import Record, read_record
from runfree_training.splits import SPLITS_FILE, draw, read_splits

_folder = click.Path(file_okay=False, path_type=Path)
WRITTEN = Path(__file__).resolve().parents[1] / "written"


def _target(path: Path, records: Path, output: Path, without: frozenset[int]) -> Path:
    digest = hashlib.blake2b(path.read_bytes(), digest_size=6)
    digest.update(repr(sorted(without)).encode() if without else b"")
    name = f"{path.name.removesuffix('.json.gz')}-{digest.hexdigest()}.block"
    return output / path.relative_to(records).parent / name


def _build(path: Path, target: Path, without: frozenset[int]) -> str:
    """Builds one block, without the tests of these indices; says why not, "" if it worked."""
    try:
        record = read_record(path)
        kept = tuple(test for at, test in enumerate(record.tests) if at not in without)
        write_block(build_block(replace(record, tests=kept)), target)
    except (ValueError, RecursionError) as error:
        return f"{path.name}: {error}"
    return ""


@click.command()
@click.argument("records", type=_folder)
@click.option("--output", type=_folder, help="Blocks go here.")
@click.option("--jobs", default=1, show_default=True, help="Processes.")
@click.option("--fresh", is_flag=True, help="Build every block again (features changed).")
@click.option(
    "--counts", "only_counts", is_flag=True, help="Only print the counts of the blocks that are there."
)
@click.option(
    "--rebuild",
    "facts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="First write RECORDS from these released facts.",
)
@click.option(
    "--clones",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folders of local clones (owner+name or owner/name), for --rebuild.",
)
@click.option(
    "--written",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    default=[WRITTEN] if WRITTEN.is_dir() else [],  # not beside an installed package
    help="Written candidates (JSON lines, or a folder of them), for --rebuild; this project's own if not given.",
)
@click.option(
    "--splits", type=click.Path(dir_okay=False, path_type=Path), default=SPLITS_FILE, show_default=True
)
@click.option(
    "--keep-duplicates", is_flag=True, help="Leave in training what held-out repositories have too."
)
def command(
    records: Path,
    output: Path | None,
    jobs: int,
    fresh: bool,
    only_counts: bool,
    facts: Path | None,
    clones: Sequence[Path],
    written: Sequence[Path],
    splits: Path,
    keep_duplicates: bool,
) -> None:
    """Records -> blocks of features and labels, with samples drawn over them."""
    console = Console()
    if facts:
        rebuild_records(facts, records, clones, written, console)
    if not output:
        if facts:
            return
        raise click.UsageError("--output says where the blocks go")
    if not records.is_dir():
        raise click.UsageError(f"{records} is no folder of records")
    if not only_counts:
        paths = sorted(records.rglob("*.json.gz"))
        twice = Duplicates() if keep_duplicates else shared(paths, splits)
        say_duplicates(twice, console)
        wanted: dict[Path, tuple[Path, frozenset[int]]] = {}
        for path in paths:
            if path not in twice.records:
                without = frozenset(twice.tests.get(path, ()))
                wanted[_target(path, records, output, without)] = (path, without)
        for stale in set(output.rglob("*.block")) - set(wanted):
            stale.unlink()
        missing = {t: p for t, p in wanted.items() if fresh or not t.exists()}
        progress = Progress(
            TextColumn("blocks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
        )
        with progress, ProcessPoolExecutor(jobs) as pool:
            task = progress.add_task("blocks", total=len(missing))
            for future in as_completed([pool.submit(_build, p, t, w) for t, (p, w) in missing.items()]):
                reason = future.result()
                if reason:
                    console.print(f"left out: {reason}")
                progress.advance(task)
    blocks = list(read_blocks(output))
    table = Table(
        "language", "source", "candidates", "of them passing", title="Candidates, each counted once"
    )
    found = counts(blocks)
    for language, source in sorted({key[:2] for key in found}):
        passing = found[language, source, "passes"]
        table.add_row(language, source, str(passing + found[language, source, "fails"]), str(passing))
    console.print(table)
    console.print(
        f"{len({b.repository for b in blocks})} repositories, {len(blocks)} focal/test pairs, "
        f"{sum(len(b.samples) for b in blocks)} samples"
    )


def shared(paths: Sequence[Path], splits: Path) -> Duplicates:
    """What the training records among these files have in common with the held-out ones."""
    known = read_splits(splits)

    def records() -> Iterator[tuple[Path, Record]]:
        for path in paths:
            yield path, read_record(path)

    return find(records, lambda repository: known.get(repository) or draw(repository))


def say_duplicates(found: Duplicates, console: Console) -> None:
    """One line a language and kind."""
    for (language, what), number in sorted(found.counts.items()):
        console.print(
            f"left out of training, held-out repositories have them too: {number} {what} ({language})"
        )


def rebuild_records(
    facts: Path, records: Path, clones: Sequence[Path], written: Sequence[Path], console: Console
) -> None:
    """Writes records from facts and says what share of them could be made again.

    Raises:
        RunfreeError: a text has another hash than the facts say; what agrees has been written.
    """
    from runfree_training.clones import Clones
    from runfree_training.rebuild import Texts, rebuild

    with Clones(clones) as sources:
        reports = rebuild(facts, records, Texts(sources, written))
    for language, report in sorted(reports.items()):
        (made, of), (tests, of_tests) = report.records, report.tests
        console.print(
            f"{language}: rebuilt {made} of {of} records ({made / max(1, of):.1%}), "
            f"{tests} of {of_tests} tests and candidates ({tests / max(1, of_tests):.1%})",
            soft_wrap=True,
        )
        for reason, number in sorted(report.skipped.items()):
            console.print(f"  skipped: {reason} ({number})", highlight=False, soft_wrap=True)
    differing = [text for report in reports.values() for text in report.differing]
    for text in differing[:20]:
        console.print(f"differs: {text}", highlight=False, soft_wrap=True)
    if differing:
        raise RunfreeError(f"{len(differing)} texts have another hash than the facts say")
