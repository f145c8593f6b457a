"""From blocks to the rows of each head, and from the first stage's answers to the second's features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runfree.model.focal_index import Floats
from runfree.model.mutant_features import with_line_answers as fill_mutants
from runfree.model.pass_features import with_line_answers as fill_pass
from runfree.model.questions import Answers, Heads, gain_row
from runfree_training.blocks import Block

ROWS_OF_A_BLOCK = 3000  # line or mutant rows drawn from one block: long files must not drown the others


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Training rows of one head: features (r, width), labels (r,), weights (r,), repository of each row (r,)."""

    features: Floats
    labels: npt.NDArray[np.bool_]
    weights: Floats
    repositories: npt.NDArray[np.str_]


def _gather(parts: Sequence[tuple[Floats, npt.NDArray[np.bool_], Floats, str]]) -> Rows:
    return Rows(
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
        np.concatenate([np.full(len(p[1]), p[3]) for p in parts]),
    )


def _thin(
    features: Floats, labels: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.bool_], Floats]:
    """At most ROWS_OF_A_BLOCK rows; together they weigh the square root of what was there."""
    total = len(labels)
    if total > ROWS_OF_A_BLOCK:
        keep = np.sort(rng.choice(total, ROWS_OF_A_BLOCK, replace=False))
        features, labels = features[keep], labels[keep]
    weight = np.sqrt(max(total, 1)) / max(len(labels), 1)
    return features, labels, np.full(len(labels), weight, dtype=np.float32)


def line_rows(blocks: Sequence[Block], seed: int = 0) -> Rows:
    """One row a (test, line): is the line covered by the test alone?"""
    rng = np.random.default_rng(seed)
    parts = []
    for block in blocks:
        tests = [t for t in block.tests if t.lines_known and t.source != "suite"]
        if not tests or not block.line_valid.any():
            continue
        features = np.concatenate([t.lines[block.line_valid] for t in tests])
        labels = np.concatenate([t.covered[block.line_valid] for t in tests])
        parts.append((*_thin(features, labels, rng), block.repository))
    return _gather(parts)


def answers(block: Block, heads: Heads) -> list[Answers]:
    """The first stage's answers for every test of a block."""
    if not block.tests:
        return []
    n, m = len(block.lines), len(block.mutant_positions)
    lines = heads.scores("lines", np.concatenate([t.lines for t in block.tests])).reshape(len(block.tests), n)
    rows = [
        fill_mutants(t.mutants, block.mutant_positions, block.function_of, p)
        for t, p in zip(block.tests, lines, strict=True)
    ]
    killed = heads.scores("mutants", np.concatenate(rows)).reshape(len(block.tests), m)
    return [
        Answers(p, q, t.line_grades, t.mutant_grades)
        for t, p, q in zip(block.tests, lines, killed, strict=True)
    ]


def mutant_rows(blocks: Sequence[Block], heads_of: Callable[[str], Heads], seed: int = 0) -> Rows:
    """One row a (test, mutant), where mutants were run: is it killed by the test alone?

    `heads_of` gives, for a repository, heads that were not trained on it.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for block in blocks:
        tests = [t for t in block.tests if t.kills_known and t.passes and t.source != "suite"]
        if not tests or not block.mutant_valid.any():
            continue
        heads = heads_of(block.repository)
        n = len(block.lines)
        lines = heads.scores("lines", np.concatenate([t.lines for t in tests])).reshape(len(tests), n)
        features = np.concatenate(
            [
                fill_mutants(t.mutants, block.mutant_positions, block.function_of, p)[block.mutant_valid]
                for t, p in zip(tests, lines, strict=True)
            ]
        )
        labels = np.concatenate([t.killed[block.mutant_valid] for t in tests])
        parts.append((*_thin(features, labels, rng), block.repository))
    return _gather(parts)


@dataclass(frozen=True, slots=True, eq=False)
class SampleRows:
    """Second-stage rows, one a sample; coverage and mutation labels are -1 where unknown."""

    passes: Floats
    gains: Floats
    pass_labels: npt.NDArray[np.bool_]
    coverage_labels: npt.NDArray[np.int8]
    mutation_labels: npt.NDArray[np.int8]
    weights: Floats
    repositories: npt.NDArray[np.str_]
    languages: npt.NDArray[np.str_]
    sources: npt.NDArray[np.str_]
    kinds: npt.NDArray[np.str_]


def sample_rows(blocks: Sequence[Block], heads_of: Callable[[str], Heads]) -> SampleRows:
    """The second stage's features for all samples of the blocks.

    Existing tests that fail where they stand are no samples: what they lack (a network, a locale, another test run
    before) is not in the text.
    """
    passes: list[Floats] = []
    gains: list[Floats] = []
    labels: list[tuple[bool, int, int]] = []
    weights: list[float] = []
    where: list[tuple[str, str, str, str]] = []
    for block in blocks:
        told = answers(block, heads_of(block.repository))
        for sample in block.samples:
            test = block.tests[sample.candidate]
            if sample.source == "held-out" and not sample.passes:
                continue
            passes.append(fill_pass(sample.pass_row, block.is_raise, told[sample.candidate].lines))
            gains.append(
                gain_row(
                    told[sample.candidate],
                    [told[i] for i in sample.existing],
                    block.function_of,
                    block.mutant_groups,
                    test.extra,
                    sample.similarity,
                )
            )
            coverage = -1 if sample.coverage_gain is None else int(sample.coverage_gain)
            mutation = -1 if sample.mutation_gain is None else int(sample.mutation_gain)
            labels.append((sample.passes, coverage, mutation))
            weights.append(1.0 / np.sqrt(len(block.samples)))
            where.append((block.repository, block.language, sample.source, sample.kind))
    columns = list(zip(*where, strict=True))
    return SampleRows(
        np.stack(passes),
        np.stack(gains),
        np.array([x[0] for x in labels], dtype=np.bool_),
        np.array([x[1] for x in labels], dtype=np.int8),
        np.array([x[2] for x in labels], dtype=np.int8),
        np.array(weights, dtype=np.float32),
        *(np.array(c) for c in columns),
    )
