"""Every contender learns from the same samples and is judged on the same samples by the one evaluator."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from runfree.canonical import Case
from runfree.model.calibration import Calibration
from runfree_training.comparison.contenders import Contender, Question, Scores, labels_of, read
from runfree_training.comparison.samples import SIGNALS, Item
from runfree_training.evaluate import Told, figures
from runfree_training.metrics import Scores as Figures
from runfree_training.metrics import best_threshold
from runfree_training.train import fit_calibration

LEAST = 50  # known labels of a language and signal: fewer are not calibrated by


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender in the table.

    `calibrate`: by the validation split, as the shipped model was. `note` is shown beside the name; `key` says with
    which settings it answers, so that answers given with others are not taken for its own.
    """

    name: str
    make: Callable[[], Contender]
    calibrate: bool = True
    note: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a contender said of each set, (r, 3) each; processor seconds to learn, milliseconds to score a sample."""

    scores: Mapping[str, Scores]
    seconds: float
    milliseconds: float


def read_all(items: Iterable[tuple[Item, Case]], cache: Path) -> list[Question]:
    """The items, read; kept in a working file, since reading takes long."""
    if cache.exists():
        known: list[Question] = pickle.loads(
            cache.read_bytes()
        )  # our own working file, never taken from others
        return known
    found = [read(item, case) for item, case in items]
    cache.parent.mkdir(parents=True, exist_ok=True)
    temporary = cache.with_suffix(".tmp")
    temporary.write_bytes(pickle.dumps(found, protocol=5))
    temporary.replace(cache)
    return found


def fingerprint(sets: Mapping[str, Sequence[Question]]) -> str:
    """A digest of all samples and labels: answers are only reused for the very same questions."""
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(sets):
        digest.update(name.encode())
        for question in sets[name]:
            digest.update(question.item.key.encode())
    return digest.hexdigest()


def ask(entry: Entry, sets: Mapping[str, Sequence[Question]], folder: Path) -> Answers:
    """Lets a contender learn from `sets["train"]` and score all others; answers that are in `folder` are reused."""
    slug = "".join(c if c.isalnum() else "-" for c in entry.name)
    settings = hashlib.blake2b(entry.key.encode(), digest_size=4).hexdigest()
    path = folder / f"{slug}-{settings}-{fingerprint(sets)}.npz"
    if path.exists():
        with np.load(path) as held:
            scores = {name: held[name] for name in sets if name != "train"}
            seconds, milliseconds = (float(x) for x in held["cost"])
        return Answers(scores, seconds, milliseconds)
    contender = entry.make()
    started = process_time()
    contender.fit(sets["train"])
    seconds = process_time() - started
    started = process_time()
    scores = {name: contender.scores(questions) for name, questions in sets.items() if name != "train"}
    scored = sum(len(s) for s in scores.values())
    milliseconds = 1000 * (process_time() - started) / max(1, scored)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp.npz")
    arrays: dict[str, Any] = {"cost": np.array([seconds, milliseconds]), **scores}
    np.savez(temporary, **arrays)
    temporary.replace(path)
    return Answers(scores, seconds, milliseconds)


def _calibrations(questions: Sequence[Question], scores: Scores) -> dict[tuple[str, int], Calibration]:
    """(language, signal) -> calibration on the validation split, where there are enough samples of both classes."""
    labels, known = labels_of(questions)
    languages = np.array([q.item.sample.language for q in questions])
    found: dict[tuple[str, int], Calibration] = {}
    for language in np.unique(languages):
        for k in range(len(SIGNALS)):
            here = (languages == language) & known[:, k]
            if here.sum() >= LEAST and len(np.unique(labels[here, k])) == 2:
                weights = np.ones(int(here.sum()), dtype=np.float32)
                found[str(language), k] = fit_calibration(
                    scores[here, k].astype(np.float32), labels[here, k] > 0, weights
                )
    return found


def _told(
    questions: Sequence[Question], scores: Scores, calibrations: Mapping[tuple[str, int], Calibration]
) -> list[Told]:
    out = []
    for question, row in zip(questions, scores, strict=True):
        item = question.item
        p = [
            calibrations.get((item.sample.language, k), _AS_IT_IS)(float(row[k]))
            if calibrations
            else float(row[k])
            for k in range(len(SIGNALS))
        ]
        labels = dict(zip(SIGNALS, item.labels, strict=True))
        out.append(
            Told(
                item.repository, item.sample.language, item.source, labels, dict(zip(SIGNALS, p, strict=True))
            )
        )
    return out


_AS_IT_IS = Calibration()


def _thresholds(told: Sequence[Told]) -> dict[str, dict[str, float]]:
    """signal -> language -> the threshold with the best macro F1 on these samples (the validation split)."""
    found: dict[str, dict[str, float]] = {}
    for signal in SIGNALS:
        found[signal] = {"python": 0.5}
        for language in sorted({t.language for t in told}):
            here = [t for t in told if t.language == language and t.labels[signal] is not None]
            labels = np.array([bool(t.labels[signal]) for t in here])
            if len(np.unique(labels)) == 2:
                p = np.array([t.predicted[signal] for t in here])
                found[signal][language] = best_threshold(labels, p)
    return found


def judge(
    entry: Entry, answers: Answers, sets: Mapping[str, Sequence[Question]]
) -> dict[str, dict[str, dict[str, Figures]]]:
    """set -> group -> signal -> figures; calibration and thresholds come from `sets["validation"]`."""
    calibrations = _calibrations(sets["validation"], answers.scores["validation"]) if entry.calibrate else {}
    told = {name: _told(sets[name], scores, calibrations) for name, scores in answers.scores.items()}
    thresholds = _thresholds(told["validation"])
    return {name: figures(members, thresholds) for name, members in told.items()}


def headline(name: str) -> str:
    """The group of a set that the table shows: our own splits by natural candidates, given samples all."""
    return "all/natural" if name in ("validation", "test") else "all/all"


HEAD = ("contender", *(f"AUROC {s}" for s in SIGNALS), "AP", "macro F1", "weighted F1", "Brier", "ECE", "learns, CPU s", "CPU ms a sample")  # fmt: skip


def cells(entry: Entry, answers: Answers, found: Mapping[str, Figures]) -> list[str]:
    """One row of the table: AUROC of each signal with its interval, the other figures as means over the signals."""
    by = [found[s] for s in SIGNALS if s in found]

    def mean(values: Iterable[float]) -> str:
        listed = list(values)
        return f"{np.mean(listed):.3f}" if listed else ""

    return [
        f"{entry.name}, {entry.note}" if entry.note else entry.name,
        *(
            f"{found[s].auroc.value:.3f} [{found[s].auroc.low:.2f}, {found[s].auroc.high:.2f}]"
            if s in found
            else ""
            for s in SIGNALS
        ),
        mean(s.average_precision.value for s in by),
        mean(s.macro_f1.value for s in by),
        mean(s.weighted_f1.value for s in by),
        mean(s.brier.value for s in by),
        mean(s.ece for s in by),
        f"{answers.seconds:.0f}",
        f"{answers.milliseconds:.1f}",
    ]


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows under their head as a Markdown table."""
    lines = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def write_json(
    path: Path, everything: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Figures]]]]
) -> None:
    """contender -> set -> group -> signal -> figures, as a file."""
    plain = {
        name: {
            s: {g: {k: asdict(f) for k, f in by.items()} for g, by in gs.items()} for s, gs in sets.items()
        }
        for name, sets in everything.items()
    }
    path.write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n", encoding="utf-8")
