"""The one evaluator: tables and JSON per signal, language and source, on our own splits and on labelled samples in JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from runfree.model.forest import Forest, read_config
from runfree.sample import Sample
from runfree.scorer import Scorer
from runfree_training.blocks import read_blocks
from runfree_training.metrics import Scores, evaluate
from runfree_training.splits import SPLITS_FILE, read_splits
from runfree_training.stages import sample_rows
from runfree_training.train import NATURAL, SIGNALS, probabilities, raw_scores

FEW = 20  # fewer samples of a group than this are not reported


@dataclass(frozen=True, slots=True)
class Told:
    """One evaluated sample: labels (None: unknown) and predicted probabilities per signal."""

    repository: str
    language: str
    source: str
    labels: Mapping[str, bool | None]
    predicted: Mapping[str, float]


def on_blocks(folder: Path, model: Path, split: str, splits_file: Path) -> list[Told]:
    """Predictions of an exported model for all samples of a split."""
    config = read_config(model)
    forest = Forest(model, config)
    splits = read_splits(splits_file)
    blocks = [b for b in read_blocks(folder) if splits.get(b.repository) == split]
    rows = sample_rows(blocks, lambda _: forest)
    p = probabilities(rows, raw_scores(rows, forest), config.calibration, config.reliability)
    return [
        Told(
            str(rows.repositories[i]),
            str(rows.languages[i]),
            str(rows.sources[i]),
            {
                "passes": bool(rows.pass_labels[i]),
                "coverage": None if rows.coverage_labels[i] < 0 else bool(rows.coverage_labels[i]),
                "mutation": None if rows.mutation_labels[i] < 0 else bool(rows.mutation_labels[i]),
            },
            {signal: float(p[signal][i]) for signal in SIGNALS},
        )
        for i in range(len(rows.pass_labels))
    ]


def on_samples(path: Path, scorer: Scorer, part: str | None) -> list[Told]:
    """Predictions for labelled samples in the format of `runfree score`, with `labels` beside each."""
    told = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        if part and row.get("part") != part:
            continue
        sample = Sample(
            row["language"],
            row["focal"],
            row["existing"],
            row["candidate"],
            row.get("test_name", ""),
            row.get("focal_path", ""),
            row.get("test_path", ""),
        )
        p = scorer.score(sample)
        labels = row["labels"]
        told.append(
            Told(
                row.get("repository", ""),
                row["language"],
                row.get("subset", "given"),
                {
                    "passes": bool(labels["pass"]),
                    "coverage": bool(labels["coverage_gain"]),
                    "mutation": bool(labels["mutation_gain"]),
                },
                {"passes": p.passes, "coverage": p.coverage_gain, "mutation": p.mutation_gain},
            )
        )
    return told


def groups(told: Sequence[Told]) -> dict[tuple[str, str], list[Told]]:
    """(language, source) -> samples, with "all" and "natural" groups."""
    found: dict[tuple[str, str], list[Told]] = {}
    for t in told:
        keys = {("all", "all"), (t.language, "all"), (t.language, t.source)}
        if t.source in NATURAL:
            keys |= {(t.language, "natural"), ("all", "natural")}
        for key in keys:
            found.setdefault(key, []).append(t)
    return dict(sorted(found.items()))


def figures(
    told: Sequence[Told], thresholds: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, Scores]]:
    """ "language/source" -> signal -> scores, thresholds as fixed on the validation split."""
    out: dict[str, dict[str, Scores]] = {}
    for (language, source), members in groups(told).items():
        for signal in SIGNALS:
            known = [t for t in members if t.labels[signal] is not None]
            if len(known) < FEW:
                continue
            limits = [thresholds[signal].get(t.language, thresholds[signal]["python"]) for t in known]
            # One threshold a language: shift each sample so that 0.5 is its own threshold, monotonically.
            shifted = [_shift(t.predicted[signal], limit) for t, limit in zip(known, limits, strict=True)]
            labels = [bool(t.labels[signal]) for t in known]
            repositories = [t.repository for t in known]
            scores = evaluate(labels, [t.predicted[signal] for t in known], repositories, 0.5)
            at = evaluate(labels, shifted, repositories, 0.5)
            out.setdefault(f"{language}/{source}", {})[signal] = Scores(
                **{
                    **{f: getattr(scores, f) for f in Scores.__slots__},
                    "macro_f1": at.macro_f1,
                    "weighted_f1": at.weighted_f1,
                }
            )
    return out


def _shift(p: float, limit: float) -> float:
    return 0.5 * p / limit if p < limit else 0.5 + 0.5 * (p - limit) / max(1 - limit, 1e-9)


def false_alarms(
    told: Sequence[Told], thresholds: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """RF001 per language: share of passing held-out tests it fires on, and how often it is right on natural candidates."""
    out: dict[str, dict[str, float]] = {}
    for language in sorted({t.language for t in told}):
        limit = thresholds["RF001"].get(language, thresholds["RF001"]["python"])
        held = [t for t in told if t.language == language and t.source == "held-out" and t.labels["passes"]]
        natural = [t for t in told if t.language == language and t.source in NATURAL]
        fired = [t for t in natural if t.predicted["passes"] < limit]
        out[language] = {
            "passing_tests": len(held),
            "fires_on_passing": float(np.mean([t.predicted["passes"] < limit for t in held]))
            if held
            else float("nan"),
            "fired_natural": len(fired),
            "precision_natural": float(np.mean([not t.labels["passes"] for t in fired]))
            if fired
            else float("nan"),
        }
    return out


def _by_signal(told: Sequence[Told]) -> dict[str, dict[str, tuple[list[bool], list[float]]]]:
    """signal -> language -> (labels, probabilities) for the pictures, without programmatically broken candidates."""
    out: dict[str, dict[str, tuple[list[bool], list[float]]]] = {s: {} for s in SIGNALS}
    for t in told:
        for signal in SIGNALS:
            label = t.labels[signal]
            if label is not None and t.source != "broken":
                labels, p = out[signal].setdefault(t.language, ([], []))
                labels.append(label)
                p.append(t.predicted[signal])
    return out


def table(found: Mapping[str, Mapping[str, Scores]], title: str) -> Table:
    """The figures as a terminal table."""
    out = Table(
        "group", "signal", "n (repos)", "positive", "AUROC [95%]", "AP", "macro F1 (maj.)", "weighted F1 (maj.)", "Brier (maj.)", "ECE", title=title
    )  # fmt: skip
    for group, signals in found.items():
        for signal, s in signals.items():
            out.add_row(group, signal, *cells(s))
    return out


def cells(s: Scores) -> list[str]:
    """One row of a table, after group and signal."""
    return [
        f"{s.samples} ({s.repositories})",
        f"{s.positives:.2f}",
        f"{s.auroc.value:.3f} [{s.auroc.low:.2f}, {s.auroc.high:.2f}]",
        f"{s.average_precision.value:.3f}",
        f"{s.macro_f1.value:.3f} ({s.majority_macro_f1:.3f})",
        f"{s.weighted_f1.value:.3f} ({s.majority_weighted_f1:.3f})",
        f"{s.brier.value:.3f} ({s.majority_brier:.3f})",
        f"{s.ece:.3f}",
    ]


def markdown(found: Mapping[str, Mapping[str, Scores]]) -> str:
    """The figures as a Markdown table."""
    head = "| group | signal | n (repositories) | positive | AUROC [95%] | AP | macro F1 (majority) | weighted F1 (majority) | Brier (majority) | ECE |"
    lines = [head, "|" + "---|" * 10]
    for group, signals in found.items():
        lines += [f"| {group} | {signal} | {' | '.join(cells(s))} |" for signal, s in signals.items()]
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option(
    "--split", type=click.Choice(["train", "validation", "test"]), default="test", show_default=True
)
@click.option("--part", help="Only samples with this `part` (JSON lines).")
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Adds the figures to this JSON file.",
)
@click.option("--name", help="Under which name (default: the data's file name).")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draws reliability, precision-recall and abstention (natural sources) into this folder.",
)
@click.option("--markdown", "as_markdown", is_flag=True, help="Prints Markdown instead of a table.")
@click.option(
    "--splits",
    type=click.Path(dir_okay=False, path_type=Path),
    default=SPLITS_FILE,
    help="Repository -> split.",
)
def command(
    data: Path,
    model: Path,
    split: str,
    part: str | None,
    json_path: Path | None,
    name: str | None,
    pictures: Path | None,
    as_markdown: bool,
    splits: Path,
) -> None:
    """Evaluates a model on a folder of blocks (one split) or on a file of labelled samples."""
    console = Console(width=200)
    config = read_config(model)
    started = perf_counter()
    if data.is_dir():
        told = on_blocks(data, model, split, splits)
        name = name or f"own {split} split"
    else:
        told = on_samples(data, Scorer.load(model), part)
        name = name or (f"{data.stem} ({part})" if part else data.stem)
    found = figures(told, config.thresholds)
    alarms = false_alarms(told, config.thresholds)
    if as_markdown:
        click.echo(markdown(found))
    else:
        console.print(table(found, name))
    console.print(f"RF001: {alarms}; {len(told)} samples in {perf_counter() - started:.0f} s")
    if pictures:
        from runfree_training.pictures import draw

        draw(_by_signal(told), pictures)
    if json_path:
        everything = json.loads(json_path.read_text(encoding="utf-8")) if json_path.exists() else {}
        everything[name] = {
            "figures": {g: {k: s.as_dict() for k, s in by.items()} for g, by in found.items()},
            "RF001": alarms,
        }
        json_path.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")
