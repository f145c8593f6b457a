"""The step from records to blocks: every record read, features computed, labels attached; resumable, on several cores."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from runfree_training.blocks import build_block, counts, read_blocks, write_block
from runfree_training.records import read_record


def _target(path: Path, records: Path, output: Path) -> Path:
    digest = hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
    return output / path.relative_to(records).parent / f"{path.name.removesuffix('.json.gz')}-{digest}.block"


def _build(path: Path, target: Path) -> str:
    """Builds one block; says why not, "" if it worked."""
    try:
        record = read_record(path)
        write_block(build_block(record), target)
    except (ValueError, RecursionError) as error:
        return f"{path.name}: {error}"
    return ""


@click.command()
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Blocks go here."
)
@click.option("--jobs", default=1, show_default=True, help="Processes.")
@click.option("--fresh", is_flag=True, help="Build every block again (features changed).")
@click.option(
    "--counts", "only_counts", is_flag=True, help="Only print the counts of the blocks that are there."
)
def command(records: Path, output: Path, jobs: int, fresh: bool, only_counts: bool) -> None:
    """Records -> blocks of features and labels, with samples drawn over them."""
    console = Console()
    if not only_counts:
        wanted = {_target(path, records, output): path for path in sorted(records.rglob("*.json.gz"))}
        for stale in set(output.rglob("*.block")) - set(wanted):
            stale.unlink()
        missing = {t: p for t, p in wanted.items() if fresh or not t.exists()}
        progress = Progress(
            TextColumn("blocks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
        )
        with progress, ProcessPoolExecutor(jobs) as pool:
            task = progress.add_task("blocks", total=len(missing))
            for future in as_completed([pool.submit(_build, p, t) for t, p in missing.items()]):
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
