"""The comparison: baselines, the shipped model and pretrained models by regime in one table, on one split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click
from rich.console import Console

from runfree.errors import RunfreeError
from runfree_training.boosting import TreeSettings
from runfree_training.comparison.contenders import Majority, Question, Shipped, Trees
from runfree_training.comparison.judge import (
    Entry,
    ask,
    cells,
    headline,
    judge,
    markdown,
    read_all,
    write_json,
)
from runfree_training.comparison.samples import read_items, read_labelled
from runfree_training.comparison.surface import NAMES
from runfree_training.pretrained.settings import PretrainedSettings, read_settings
from runfree_training.splits import SPLITS_FILE, read_splits
from runfree_training.train import NATURAL

if TYPE_CHECKING:
    from runfree_training.pretrained.fine_tuned import Learning

Regime = Literal["zero-shot", "frozen", "full", "lora"]
REGIMES: tuple[Regime, ...] = get_args(Regime)
_LENGTH = ("lines_candidate", "characters_candidate")
_NEAREST = ("likeness_most", "likeness_mean", "existing_tests", "same_name")
_FEW = TreeSettings(rounds=60, learning_rate=0.05, leaves=7, leaf_rows=60)


def baselines(model: Path | None) -> list[Entry]:
    """The contenders that need no pretrained weights, and the model of a folder."""

    def columns(names: Iterable[str]) -> list[int]:
        return [NAMES.index(name) for name in names]

    found = [
        Entry("majority", Majority, calibrate=False),
        Entry("length", lambda: Trees(columns(_LENGTH), _FEW)),
        Entry("nearest existing test", lambda: Trees(columns(_NEAREST), _FEW)),
        Entry("boosted trees, sample level", Trees, note=f"{len(NAMES)} features"),
    ]
    if model:
        size = sum(f.stat().st_size for f in model.glob("*.onnx")) / 1e6
        key = (model / "config.json").read_text(encoding="utf-8")  # holds the hash of the graph
        found.append(
            Entry("shipped model", lambda: Shipped(model), calibrate=False, note=f"{size:.1f} MB", key=key)
        )
    return found


def _pretrained() -> None:
    """Checks that the extra is there.

    Raises:
        RunfreeError: it is not; the message says how to get it.
    """
    for module in ("torch", "transformers", "peft", "sklearn"):
        try:
            import_module(module)
        except ImportError as error:
            raise RunfreeError(
                f"pretrained models need {module}, which is not installed: pip install 'runfree[compare]'"
            ) from error


def pretrained(names: Sequence[str], regimes: Sequence[Regime], settings: PretrainedSettings) -> list[Entry]:
    """Each named model in each regime that it can be used in; encoders cannot be asked without learning.

    Raises:
        RunfreeError: the extra `compare` is not installed, or there is no model of that name.
    """
    if not names:
        return []
    _pretrained()
    from runfree_training.pretrained.fine_tuned import FineTuned
    from runfree_training.pretrained.frozen import Embedder, Frozen
    from runfree_training.pretrained.loading import kind_of
    from runfree_training.pretrained.zero_shot import ZeroShot

    embedder = cache(Embedder)  # one a model: both heads read the same embeddings

    def entries(name: str, regime: Regime) -> list[Entry]:
        shown, key = f"{Path(name).name} {regime}", f"{name} {settings}"
        if regime == "zero-shot":
            return [Entry(shown, lambda: ZeroShot(name, settings), calibrate=False, key=key)]
        if regime == "frozen":
            return [
                Entry(
                    f"{shown}, candidate alone",
                    lambda: Frozen(name, settings, ("candidate",), embedder(name, settings)),
                    key=key,
                ),
                Entry(
                    f"{shown}, with nearest test and focal function",
                    lambda: Frozen(name, settings, embedder=embedder(name, settings)),
                    key=key,
                ),
            ]
        learning: Learning = regime
        return [Entry(shown, lambda: FineTuned(name, learning, settings), key=key)]

    found: list[Entry] = []
    for name in names:
        kind = kind_of(name)
        for regime in regimes:
            if regime != "zero-shot" or kind == "causal":
                found += entries(name, regime)
    return found


def read_sets(
    blocks: Path,
    records: Path,
    samples: Path | None,
    splits: Path,
    most: tuple[int, int],
    judged: str,
    seed: int,
    work: Path,
) -> dict[str, list[Question]]:
    """ "train", "validation", the judged split and "samples" -> questions.

    `most`: samples a focal/test pair at most, of the training split (all sources) and of the others (natural ones).
    """
    known = read_splits(splits)
    sets: dict[str, list[Question]] = {}
    for split in dict.fromkeys(("train", "validation", judged)):
        count, sources = (most[0], (*NATURAL, "broken")) if split == "train" else (most[1], NATURAL)
        accept = frozenset(repository for repository, where in known.items() if where == split)
        items = read_items(blocks, records, accept, count, sources, seed)
        sets[split] = read_all(items, work / f"{split}-{count}-{seed}.questions")
    if samples:
        sets["samples"] = read_all(read_labelled(samples), work / f"{samples.stem}.questions")
    return sets


@click.command()
@click.argument("blocks", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--records",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The records that the blocks were made from: they hold the texts.",
)
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A model folder to compare with.",
)
@click.option(
    "--pretrained",
    "names",
    multiple=True,
    metavar="NAME",
    help="A Hugging Face encoder or causal language model, by name or folder (extra `compare`); may be repeated.",
)
@click.option(
    "--regime", "regimes", type=click.Choice(REGIMES), multiple=True, help="Only these; all if not given."
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML: how pretrained models learn.",
)
@click.option(
    "--samples", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines, only scored."
)
@click.option("--split", type=click.Choice(["validation", "test"]), default="test", show_default=True)
@click.option(
    "--train-samples", default=8, show_default=True, help="Training samples a focal/test pair at most."
)
@click.option(
    "--judged-samples", default=5, show_default=True, help="Judged samples a focal/test pair at most."
)
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Table, figures and answers go here; answers to the very same questions are not asked for again.",
)
@click.option("--splits", type=click.Path(dir_okay=False, path_type=Path), default=SPLITS_FILE)
def command(
    blocks: Path,
    records: Path,
    model: Path | None,
    names: tuple[str, ...],
    regimes: tuple[Regime, ...],
    config: Path | None,
    samples: Path | None,
    split: str,
    train_samples: int,
    judged_samples: int,
    seed: int,
    output: Path,
    splits: Path,
) -> None:
    """Lets baselines, a model and pretrained models learn from and be judged on the same samples.

    Learns on the training split, calibrates and sets thresholds on the validation split (but for those that are asked
    as they are: majority, model, zero-shot), and judges on SPLIT's natural candidates and on the given samples.
    """
    console = Console(stderr=True)
    settings = read_settings(config) if config else PretrainedSettings()
    entries = [*baselines(model), *pretrained(names, regimes or REGIMES, settings)]
    sets = read_sets(
        blocks, records, samples, splits, (train_samples, judged_samples), split, seed, output / "questions"
    )
    console.print(", ".join(f"{name}: {len(questions)}" for name, questions in sets.items()))
    rows: dict[str, list[list[str]]] = {name: [] for name in sets if name in (split, "samples")}
    everything = {}
    for entry in entries:
        answers = ask(entry, sets, output / "answers")
        everything[entry.name] = found = judge(entry, answers, sets)
        for name in rows:
            rows[name].append(cells(entry, answers, found[name].get(headline(name), {})))
            console.print(f"{name}: {' | '.join(rows[name][-1])}", highlight=False, soft_wrap=True)
    text = "\n".join(
        f"{name}: {len(sets[name])} samples\n\n{markdown(found)}" for name, found in rows.items()
    )
    (output / "comparison.md").write_text(text, encoding="utf-8")
    write_json(output / "comparison.json", everything)
    click.echo(text)
