"""Ablations: the same data trained with one thing changed, each variant judged beside the first."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from runfree.scorer import Scorer
from runfree_training.blocks import read_blocks
from runfree_training.evaluate import figures, on_blocks, on_samples
from runfree_training.metrics import Scores
from runfree_training.splits import SPLITS_FILE
from runfree_training.train import SIGNALS, FirstStage, TrainSettings, make_model, read_settings


def variants(path: Path, base: TrainSettings) -> dict[str, TrainSettings]:
    """Name -> settings: the base first, then each table of a TOML file as changes to it."""
    found = {"shipped": base}
    for name, changes in tomllib.loads(path.read_text(encoding="utf-8")).items():
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in changes.items()}
        found[name] = replace(base, **values)
    return found


def row(name: str, places: Mapping[str, Mapping[str, Scores]]) -> str:
    """One row of the table: AUROC with its interval for each place and signal."""
    cells = []
    for scores in places.values():
        for signal in SIGNALS:
            s = scores.get(signal)
            cells.append(f"{s.auroc.value:.3f} [{s.auroc.low:.2f}, {s.auroc.high:.2f}]" if s else "")
    return f"| {name} | {' | '.join(cells)} |"


@click.command()
@click.argument("blocks", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option(
    "--variants",
    "variants_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="TOML: a table a variant, with what it changes in the configuration.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A model folder each goes here; one that is there is not trained again.",
)
@click.option("--samples", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines.")
@click.option("--only", multiple=True, help="Only these variants.")
@click.option("--splits", type=click.Path(dir_okay=False, path_type=Path), default=SPLITS_FILE)
def command(
    blocks: Path,
    config: Path,
    variants_path: Path,
    output: Path,
    samples: Path | None,
    only: tuple[str, ...],
    splits: Path,
) -> None:
    """Trains each variant and prints AUROC on the validation split (natural sources) and on labelled samples."""
    console = Console(stderr=True)
    chosen = variants(variants_path, read_settings(config))
    everything = list(read_blocks(blocks))
    stages: dict[tuple[object, ...], FirstStage] = {}
    rows = []
    for name, settings in chosen.items():
        if only and name not in only:
            continue
        folder = output / name.replace(" ", "-")
        if not (folder / "config.json").exists():
            make_model(everything, folder, settings, splits, console, stages, output / "checkpoints")
        scorer = Scorer.load(folder)
        own = figures(on_blocks(blocks, folder, "validation", splits), scorer.thresholds)
        places = {"validation": own.get("all/natural", {})}
        if samples:
            places["samples"] = figures(on_samples(samples, scorer, None), scorer.thresholds)["all/all"]
        rows.append(row(name, places))
        console.print(rows[-1])
    heads = [
        f"{place} {signal}"
        for place in (["validation", "samples"] if samples else ["validation"])
        for signal in SIGNALS
    ]
    click.echo(f"| variant | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}")
    click.echo("\n".join(rows))
