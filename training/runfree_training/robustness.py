"""How far predictions move when a text is rewritten without changing what runs: `runfree-train robustness`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from runfree.errors import RunfreeError
from runfree.sample import Prediction, Sample
from runfree.scorer import Scorer
from runfree_training.comparison.samples import Item, read_items, read_labelled
from runfree_training.metrics import auroc
from runfree_training.rewriting import layout, names, order
from runfree_training.splits import SPLITS_FILE, read_splits
from runfree_training.train import NATURAL, SIGNALS

Rewrite = Callable[[Sample], Sample | None]


def _on(part: str, change: Callable[..., str | None]) -> Rewrite:
    """A rewrite of one text of a sample."""

    def rewrite(sample: Sample) -> Sample | None:
        changed = change(sample.language, getattr(sample, part))
        return None if changed is None else replace(sample, **{part: changed})  # type: ignore[arg-type]

    return rewrite


def _test_name(sample: Sample) -> Sample | None:
    renamed = names.rename_test(sample.language, sample.candidate, sample.test_name)
    if renamed is None:
        return None
    old = names.find_test(sample.language, sample.candidate, sample.test_name)
    if old is None or old[1].name in sample.existing:
        return None  # an older version of it, which another name would leave in
    return replace(sample, candidate=renamed[0], test_name=renamed[1])


_LAYOUT = {
    "comments added": layout.comments,
    "comments removed": layout.no_comments,
    "prompts in comments": layout.prompts,
    "blank lines": layout.blank_lines,
    "indentation doubled": layout.indentation,
    "line breaks at commas": layout.line_breaks,
    "double quotes": layout.quotes,
    "variables renamed": names.rename_variables,
}
# Name -> rewrite; "candidate: ..." touches the candidate's text alone, and so on.
REWRITES: Mapping[str, Rewrite] = {
    **{
        f"{part}: {name}": _on(part, change)
        for part in ("candidate", "existing", "focal")
        for name, change in _LAYOUT.items()
    },
    "candidate: test renamed": _test_name,
    "existing: tests reordered": _on("existing", order.tests),
    "existing: imports reordered": _on("existing", order.imports),
    "focal: functions reordered": _on("focal", order.functions),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One sample before and after a rewrite: three probabilities each, as `SIGNALS`; labels as in `Item`."""

    rewrite: str
    language: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    labels: tuple[bool | None, bool | None, bool | None]


@dataclass(frozen=True, slots=True)
class Movement:
    """How one signal moves under one rewrite, over n samples.

    `mean`, `high` (95th percentile) and `most` of the absolute change; `flips`: share whose yes or no changes at the
    model's threshold; AUROC before and after, NaN where there is one class.
    """

    samples: int
    mean: float
    high: float
    most: float
    flips: float
    auroc_before: float
    auroc_after: float


def signals(prediction: Prediction) -> tuple[float, float, float]:
    """The three probabilities, in the order of `SIGNALS`."""
    return prediction.passes, prediction.coverage_gain, prediction.mutation_gain


def compare(
    items: Iterable[Item], scorer: Scorer, rewrites: Mapping[str, Rewrite], done: Callable[[], None]
) -> list[Pair]:
    """Every sample under every rewrite that applies to it; samples that cannot be scored are left out."""
    pairs: list[Pair] = []
    for item in items:
        try:
            before = signals(scorer.score(item.sample))
        except RunfreeError:
            done()
            continue
        for name, rewrite in rewrites.items():
            changed = rewrite(item.sample)
            if changed is None or changed == item.sample:
                continue
            try:
                after = signals(scorer.score(changed))
            except RunfreeError:
                after = (
                    float("nan"),
                ) * 3  # a rewrite that cannot be scored is a fault: it shows in the table
            pairs.append(Pair(name, item.sample.language, before, after, item.labels))
        done()
    return pairs


def movements(
    pairs: Sequence[Pair], thresholds: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, dict[str, Movement]]]:
    """rewrite -> language (and "all") -> signal -> how it moves."""
    grouped: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        for language in ("all", pair.language):
            grouped.setdefault((pair.rewrite, language), []).append(pair)
    out: dict[str, dict[str, dict[str, Movement]]] = {}
    for (rewrite, language), members in grouped.items():
        limits = [[thresholds[s].get(p.language, thresholds[s]["python"]) for s in SIGNALS] for p in members]
        before, after = (np.array([getattr(p, end) for p in members]) for end in ("before", "after"))
        change = np.abs(after - before)
        flipped = (before >= np.array(limits)) != (after >= np.array(limits))
        for at, signal in enumerate(SIGNALS):
            known = np.array([p.labels[at] is not None for p in members])
            labels = np.array([bool(p.labels[at]) for p in members])[known]
            areas = [_area(labels, p[known, at]) for p in (before, after)]
            column = change[:, at]
            out.setdefault(rewrite, {}).setdefault(language, {})[signal] = Movement(
                len(members),
                float(column.mean()),
                float(np.quantile(column, 0.95)),
                float(column.max()),
                float(flipped[:, at].mean()),
                *areas,
            )
    return out


def _area(labels: np.ndarray[Any, Any], p: np.ndarray[Any, Any]) -> float:
    if labels.all() or not labels.any():
        return float("nan")
    return float(auroc(np.ones((1, len(labels))), labels, p)[0])


def table(found: Mapping[str, Mapping[str, Mapping[str, Movement]]]) -> str:
    """Markdown: a row a rewrite and language; a cell a signal: mean and 95th percentile of the change, flips, AUROC."""
    rows = [
        f"| rewrite | language | n | {' | '.join(SIGNALS)} |",
        "|" + "---|" * (3 + len(SIGNALS)),
    ]
    for rewrite, by_language in found.items():
        for language, by_signal in sorted(by_language.items()):
            cells = [
                f"{m.mean:.4f}, {m.high:.4f}; {m.flips:.1%}; {m.auroc_before:.3f} → {m.auroc_after:.3f}"
                for m in (by_signal[s] for s in SIGNALS)
            ]
            count = by_signal[SIGNALS[0]].samples
            rows.append(f"| {rewrite} | {language} | {count} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Default: the shipped one."
)
@click.option(
    "--records",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Records that DATA, a folder of blocks, was made from.",
)
@click.option(
    "--split", type=click.Choice(["train", "validation", "test"]), default="validation", show_default=True
)
@click.option("--most", default=3, show_default=True, help="Samples of a block.")
@click.option("--limit", type=int, help="Samples in all, drawn with a fixed seed.")
@click.option(
    "--only", multiple=True, metavar="WORD", help="Only rewrites whose name holds one of these words."
)
@click.option("--languages", is_flag=True, help="A row a language too.")
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Writes the figures to this file.",
)
@click.option(
    "--splits",
    type=click.Path(dir_okay=False, path_type=Path),
    default=SPLITS_FILE,
    help="Repository -> split.",
)
def command(
    data: Path, model: Path | None, records: Path | None, split: str, most: int, limit: int | None, only: tuple[str, ...], languages: bool,
    json_path: Path | None, splits: Path,
) -> None:  # fmt: skip
    """Rewrites labelled samples (JSON lines, or blocks and their records) and tells how far predictions move."""
    console = Console(stderr=True)
    if data.is_dir():
        if records is None:
            raise click.UsageError("--records says where the texts of the blocks are")
        chosen = {r for r, s in read_splits(splits).items() if s == split}
        found = read_items(data, records, chosen, most, (*NATURAL, "broken"))
    else:
        found = read_labelled(data)
    items = [item for item, _ in found]
    if limit is not None and len(items) > limit:
        items = [items[i] for i in sorted(np.random.default_rng(0).permutation(len(items))[:limit])]
    rewrites = {n: r for n, r in REWRITES.items() if not only or any(word in n for word in only)}
    scorer = Scorer.load(model)
    started = perf_counter()
    with Progress(console=console) as progress:
        task = progress.add_task("samples", total=len(items))
        pairs = compare(items, scorer, rewrites, lambda: progress.advance(task))
    moved = movements(pairs, scorer.thresholds)
    moved = {name: moved[name] for name in rewrites if name in moved}
    shown = moved if languages else {n: {"all": by["all"]} for n, by in moved.items()}
    click.echo(table(shown), nl=False)
    console.print(
        f"{scorer.model_id}: {len(items)} samples, {len(pairs)} rewrites in {perf_counter() - started:.0f} s"
    )
    if json_path:
        plain = {
            name: {lang: {s: {f: getattr(m, f) for f in Movement.__slots__} for s, m in by.items()} for lang, by in langs.items()}
            for name, langs in moved.items()
        }  # fmt: skip
        json_path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
