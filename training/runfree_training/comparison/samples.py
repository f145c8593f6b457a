"""The samples that every contender is asked about: those of the blocks, as text again, with their labels.

A block holds features and indices, its record holds the texts; the two are brought together here, so that models that
read text and the shipped model, which reads features, are judged on the very same samples.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from runfree.canonical import Case, canonical
from runfree.errors import RunfreeError
from runfree.model.alone import without_tests
from runfree.sample import Sample
from runfree.syntax.parse import parse
from runfree_training.blocks import Block, SampleBlock, TestBlock
from runfree_training.records import Record, TestResult, read_record

SIGNALS = ("passes", "coverage", "mutation")


@dataclass(frozen=True, slots=True)
class Item:
    """One sample with what is known of it. `labels`: passes, coverage gain, mutation gain; None where unknown."""

    sample: Sample
    repository: str
    source: str
    labels: tuple[bool | None, bool | None, bool | None]

    @property
    def key(self) -> str:
        """A digest of text and labels: the same for the same question."""
        return hashlib.blake2b(repr(self).encode("utf-8", "replace"), digest_size=8).hexdigest()


def record_path(block: Path, blocks: Path, records: Path) -> Path:
    """Where the record of a block lies: `dataset` keeps the name and adds a digest."""
    name = block.name.rsplit("-", 1)[0] + ".json.gz"
    return records / block.relative_to(blocks).parent / name


def results_of(block: Block, record: Record) -> list[TestResult]:
    """For each test of the block the result in the record that it was made from.

    Blocks leave tests out (duplicates of held-out ones, too many) but keep the order, so the next result that agrees
    in everything that both hold is the one.

    Raises:
        RunfreeError: a test of the block is not in the record.
    """
    lines = {int(line): at for at, line in enumerate(block.lines)}
    existing = {r.name: r for r in record.tests if r.source == "existing"}
    others = [r for r in record.tests if r.source != "existing"]

    def agrees(test: TestBlock, result: TestResult | None) -> bool:
        if result is None or (test.kind, test.base) != (result.kind, result.base):
            return False
        if (test.name, test.outcome) != (result.name, result.outcome):
            return False
        covered = {lines[line] for line in result.lines if line in lines}
        return covered == set(np.flatnonzero(test.covered).tolist())

    found: list[TestResult] = []
    position = 0
    for test in block.tests:
        result = existing.get(test.name)
        if test.source not in ("existing", "suite"):
            at = next((k for k in range(position, len(others)) if agrees(test, others[k])), len(others))
            result = others[at] if at < len(others) else None
            position = at + 1
        if result is None or not agrees(test, result):
            raise RunfreeError(
                f"{record.repository} {record.test_path}: {test.name} of the block is not in the record; "
                "build the blocks again from these records"
            )
        found.append(result)
    return found


def as_sample(record: Record, block: Block, chosen: SampleBlock, results: Sequence[TestResult]) -> Sample:
    """The text of a sample of a block: the test file with its existing tests only, and the candidate."""
    candidate = results[chosen.candidate]
    suite = parse(record.language, record.test_text)
    keep = frozenset(block.tests[i].name for i in chosen.existing)
    function = suite.function(candidate.name)
    text = candidate.text if candidate.source != "existing" or function is None else function.text
    existing = without_tests(suite, keep, text)
    if candidate.removes:
        existing = existing.replace(candidate.removes, "", 1)
    return Sample(
        record.language,
        record.focal_text,
        existing,
        text,
        candidate.name,
        record.focal_path,
        record.test_path,
        record.context,
    )


def pick(block: Block, most: int, sources: Sequence[str], rng: np.random.Generator) -> list[int]:
    """Indices of at most `most` samples of a block from some sources, which take turns so that none drowns the others.

    Existing tests that fail where they stand are no samples, as in `stages.sample_rows`.
    """
    by_source: dict[str, list[int]] = {source: [] for source in sorted(sources)}
    for at in rng.permutation(len(block.samples)):
        sample = block.samples[at]
        if sample.source in by_source and (sample.source != "held-out" or sample.passes):
            by_source[sample.source].append(int(at))
    found: list[int] = []
    while len(found) < most and any(by_source.values()):
        for left in by_source.values():
            if left and len(found) < most:
                found.append(left.pop())
    return sorted(found)


def read_pairs(
    blocks: Path,
    records: Path,
    repositories: Collection[str],
    most: int,
    sources: Sequence[str],
    seed: int = 0,
) -> Iterator[tuple[Block, Iterator[tuple[int, Item, Case]]]]:
    """Every block of these repositories with at most `most` of its samples, from some sources; order of path.

    Raises:
        RunfreeError: a record is missing or is not the one that a block was made from.
    """
    for path in sorted(blocks.rglob("*.block")):
        source = record_path(path, blocks, records)
        if not source.exists():
            raise RunfreeError(f"{path}: its record {source} is not there")
        if _repository(source) in repositories:
            digest = hashlib.blake2b(f"{seed}|{path.relative_to(blocks)}".encode(), digest_size=8).digest()
            rng = np.random.default_rng(int.from_bytes(digest, "big"))
            block: Block = pickle.loads(
                path.read_bytes()
            )  # written on this machine, as in `blocks.read_blocks`
            yield block, items_of(block, read_record(source), pick(block, most, sources, rng))


def read_items(
    blocks: Path,
    records: Path,
    repositories: Collection[str],
    most: int,
    sources: Sequence[str],
    seed: int = 0,
) -> Iterator[tuple[Item, Case]]:
    """The samples of `read_pairs`, one after another."""
    for _, items in read_pairs(blocks, records, repositories, most, sources, seed):
        for _, item, case in items:
            yield item, case


@cache
def _repository(record: Path) -> str:
    """The repository of a record; asked once for each split, and blocks are far larger than their records."""
    return read_record(record).repository


def items_of(block: Block, record: Record, chosen: Sequence[int]) -> Iterator[tuple[int, Item, Case]]:
    """The samples of these indices: (index, item, what there is to read of it).

    As in `blocks.build_block`, a candidate is read in a test file with few others, so that reading is cheap; the cases
    know which tests exist all the same. A candidate in which no test can be seen is left out.

    Raises:
        RunfreeError: the record is not the one that the block was made from.
    """
    results = results_of(block, record)
    suite = parse(record.language, record.test_text)
    functions = {f.qualified_name: f for f in suite.tests}
    owners = {f.owner: f.qualified_name for f in reversed(suite.tests)}
    whole = Case(
        record.language, record.focal_path, record.test_path, parse(record.language, record.focal_text), suite,
        suite.tests[0], (), 0, record.context,
    ) if suite.tests else None  # fmt: skip
    for at in chosen:
        sample = block.samples[at]
        labels = (sample.passes, sample.coverage_gain, sample.mutation_gain)
        text = as_sample(record, block, sample, results)
        existing = tuple(functions[block.tests[i].name] for i in sample.existing)
        result = results[sample.candidate]
        if result.source == "existing" and whole:
            case = replace(whole, candidate=functions[result.name], existing=existing)
        else:
            header = without_tests(suite, frozenset(owners.values()), text.candidate)
            try:
                case = canonical(replace(text, existing=header.replace(result.removes or "\0", "", 1)))
            except RunfreeError:
                continue
            alive = (f for f in existing if f.qualified_name != case.candidate.qualified_name)
            case = replace(case, existing=tuple(alive))
        yield at, Item(text, block.repository, sample.source, labels), case


def read_labelled(path: Path) -> Iterator[tuple[Item, Case]]:
    """Labelled samples in JSON lines, in the format of `runfree score` with `labels` beside each; only ever scored."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        labels = row["labels"]
        item = Item(
            Sample(
                row["language"],
                row["focal"],
                row["existing"],
                row["candidate"],
                row.get("test_name", ""),
                row.get("focal_path", ""),
                row.get("test_path", ""),
            ),
            row.get("repository", ""),
            row.get("subset", "given"),
            (bool(labels["pass"]), bool(labels["coverage_gain"]), bool(labels["mutation_gain"])),
        )
        yield item, canonical(item.sample)
