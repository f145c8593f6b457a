"""Does an outside opinion help the second stage? A contender's scores as one more feature, with and without.

Run as `python -m runfree_training.comparison.stacking BLOCKS --records RECORDS --pretrained NAME`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from rich.console import Console

from runfree.model.focal_index import Floats
from runfree_training.blocks import Block
from runfree_training.boosting import TreeSettings, fit
from runfree_training.comparison.contenders import Contender, Question, Scores, read
from runfree_training.comparison.samples import SIGNALS, read_pairs
from runfree_training.metrics import ROUNDS, auroc
from runfree_training.monotone import signs
from runfree_training.splits import SPLITS_FILE, read_splits
from runfree_training.stages import SampleRows
from runfree_training.train import (
    NATURAL,
    FirstStage,
    TrainSettings,
    first_stage,
    read_settings,
    second_stage,
    source_weights,
    targets,
)


@dataclass(frozen=True, slots=True)
class Gain:
    """AUROC on natural validation samples without and with the feature; the difference with its 95% interval."""

    without: float
    with_it: float
    difference: float
    low: float
    high: float
    samples: int


def out_of_fold(
    make: Callable[[], Contender], questions: Sequence[Question], fold: Mapping[str, int]
) -> Scores:
    """Scores (r, 3) of training samples by contenders that learnt nothing of the samples' repositories."""
    folds = np.array([fold[q.item.repository] for q in questions])
    scores = np.zeros((len(questions), len(SIGNALS)))
    for k in np.unique(folds):
        contender = make()
        contender.fit([q for q, f in zip(questions, folds, strict=True) if f != k])
        here = np.flatnonzero(folds == k).tolist()
        scores[here] = contender.scores([questions[i] for i in here])
    return scores


def _second_stage(
    first: FirstStage, settings: TrainSettings, extra: tuple[Scores, Scores] | None
) -> dict[str, Floats]:
    """signal -> probabilities of the validation samples; `extra`: one more column, of training and validation."""
    weights = source_weights(first.training, settings.broken_weight)
    told: dict[str, Floats] = {}
    for at, signal in enumerate(SIGNALS):
        training, held = second_stage(first.training, signal), second_stage(first.validation, signal)
        directions = list(signs(signal))
        if extra:
            training, held = (
                np.column_stack([rows, column[:, at]]).astype(np.float32)
                for rows, column in ((training, extra[0]), (held, extra[1]))
            )
            directions.append(0)
        known, labels = targets(first.training, signal)
        tree = settings.heads.get(signal, TreeSettings())
        booster = fit(
            training[known],
            labels[known],
            weights[known],
            tree,
            settings.seed,
            directions if settings.monotone else None,
        )
        told[signal] = np.asarray(booster.predict(held), dtype=np.float32)
    # As the product shows them: a gain is joint with passing.
    told["coverage"] *= told["passes"]
    told["mutation"] *= told["passes"]
    return told


def _truth(rows: SampleRows, signal: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which natural samples have a label (r,), and the labels (r,)."""
    labels = {
        "passes": rows.pass_labels.astype(np.int8),
        "coverage": rows.coverage_labels,
        "mutation": rows.mutation_labels,
    }[signal]
    return np.isin(rows.sources, NATURAL) & (labels >= 0), labels == 1


def compare(
    first: FirstStage, settings: TrainSettings, training: Scores, validation: Scores
) -> dict[str, Gain]:
    """signal -> what the contender's scores, (r, 3) of training and validation samples, add to the second stage.

    Signals of which the natural validation samples hold one class only are left out.
    """
    before = _second_stage(first, settings, None)
    after = _second_stage(first, settings, (training, validation))
    found = {}
    for signal in SIGNALS:
        known, labels = _truth(first.validation, signal)
        if len(np.unique(labels[known])) < 2:
            continue
        names, owner = np.unique(first.validation.repositories[known], return_inverse=True)
        drawn = np.random.default_rng(0).integers(0, len(names), (ROUNDS, len(names)))
        counts = np.stack([np.bincount(d, minlength=len(names)) for d in drawn])[:, owner]
        weights = np.concatenate([np.ones((1, len(owner))), counts]).astype(np.float64)
        one, other = (
            auroc(weights, labels[known], p[signal][known].astype(np.float64)) for p in (before, after)
        )
        low, high = np.nanpercentile((other - one)[1:], [2.5, 97.5])
        found[signal] = Gain(
            float(one[0]),
            float(other[0]),
            float(other[0] - one[0]),
            float(low),
            float(high),
            int(known.sum()),
        )
    return found


def thinned(
    blocks: Path, records: Path, repositories: Collection[str], most: int, sources: Sequence[str], seed: int
) -> tuple[list[Block], list[Question]]:
    """Blocks with the picked samples only, and the same samples as questions, in the same order."""
    kept: list[Block] = []
    questions: list[Question] = []
    for block, pairs in _pairs(blocks, records, repositories, most, sources, seed):
        kept.append(replace(block, samples=tuple(block.samples[at] for at, _ in pairs)))
        questions += [question for _, question in pairs]
    return kept, questions


def _pairs(
    blocks: Path, records: Path, repositories: Collection[str], most: int, sources: Sequence[str], seed: int
) -> Iterator[tuple[Block, list[tuple[int, Question]]]]:
    for block, items in read_pairs(blocks, records, repositories, most, sources, seed):
        yield block, [(at, read(item, case)) for at, item, case in items]


def table(found: Mapping[str, Gain]) -> str:
    """One row a signal, as a Markdown table."""
    lines = ["| signal | samples | without | with | difference [95%] |", "|---|---|---|---|---|"]
    lines += [
        f"| {signal} | {g.samples} | {g.without:.3f} | {g.with_it:.3f} | {g.difference:+.3f} [{g.low:+.3f}, {g.high:+.3f}] |"
        for signal, g in found.items()
    ]
    return "\n".join(lines)


@click.command()
@click.argument("blocks", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--records", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--pretrained", "name", required=True, metavar="NAME", help="An encoder, by name or folder.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option(
    "--train-samples", default=8, show_default=True, help="Training samples a focal/test pair at most."
)
@click.option("--judged-samples", default=8, show_default=True, help="Validation samples a pair at most.")
@click.option("--seed", default=0, show_default=True)
@click.option("--splits", type=click.Path(dir_okay=False, path_type=Path), default=SPLITS_FILE)
def command(
    blocks: Path,
    records: Path,
    name: str,
    config: Path,
    train_samples: int,
    judged_samples: int,
    seed: int,
    splits: Path,
) -> None:
    """Fits the second stage without and with a frozen encoder's scores, and prints what they add on validation."""
    from runfree_training.pretrained.frozen import Embedder, Frozen
    from runfree_training.pretrained.settings import PretrainedSettings

    settings, known = read_settings(config), read_splits(splits)
    inside, outside = (
        frozenset(r for r, where in known.items() if where == split) for split in ("train", "validation")
    )
    training, asked = thinned(blocks, records, inside, train_samples, (*NATURAL, "broken"), seed)
    validation, judged = thinned(blocks, records, outside, judged_samples, NATURAL, seed)
    first = first_stage(training, validation, settings, Console(stderr=True))
    embedder = Embedder(name, PretrainedSettings())

    def make() -> Frozen:
        return Frozen(name, PretrainedSettings(), embedder=embedder)

    contender = make()
    contender.fit(asked)
    click.echo(
        table(compare(first, settings, out_of_fold(make, asked, first.fold), contender.scores(judged)))
    )


if __name__ == "__main__":
    command()
