"""Blocks and records together give the very samples that the shipped model is trained and judged on, as text."""

import json
from dataclasses import replace

import numpy as np
import pytest

from runfree.canonical import canonical
from runfree.errors import RunfreeError
from runfree_training.blocks import build_block
from runfree_training.comparison.samples import items_of, pick, read_items, read_labelled

ALL = ("held-out", "broken", "written")


def test_text_holds_the_existing_tests_of_the_sample_and_no_others(make_record):
    record = make_record("ours/shop", ("apple", "bread", "cider"))
    block = build_block(record)
    everything = range(len(block.samples))
    for (_, item, case), sample in zip(items_of(block, record, everything), block.samples, strict=True):
        read = canonical(item.sample)
        names = {block.tests[i].name for i in sample.existing}
        assert {t.qualified_name for t in read.existing} == {t.qualified_name for t in case.existing} == names
        name = block.tests[sample.candidate].name
        assert read.candidate.qualified_name == case.candidate.qualified_name == name
        assert read.candidate.text == case.candidate.text
        assert item.labels == (sample.passes, sample.coverage_gain, sample.mutation_gain)


def test_an_unknown_label_stays_unknown(make_record):
    record = make_record("ours/shop", ("apple", "bread"))
    block = build_block(record)
    written = [i for i, s in enumerate(block.samples) if s.source == "written"]
    assert {item.labels[2] for _, item, _ in items_of(block, record, written)} == {None}


def test_tests_left_out_of_a_block_do_not_shift_the_others(make_record):
    record = make_record("ours/shop", ("apple", "bread", "cider"))
    fewer = build_block(
        replace(record, tests=tuple(t for i, t in enumerate(record.tests) if i not in (2, 6)))
    )
    for (_, item, _), sample in zip(
        items_of(fewer, record, range(len(fewer.samples))), fewer.samples, strict=True
    ):
        assert fewer.tests[sample.candidate].name in item.sample.candidate


def test_a_record_that_the_block_was_not_made_from_is_refused(make_record):
    record = make_record("ours/shop", ("apple", "bread"))
    block = build_block(record)
    changed = tuple(replace(t, outcome="passed") if t.source == "broken" else t for t in record.tests)
    with pytest.raises(RunfreeError, match="build the blocks again"):
        list(items_of(block, replace(record, tests=changed), [0]))


def test_sources_take_turns(make_record):
    block = build_block(make_record("ours/shop", ("apple", "bread", "cider")))
    chosen = [block.samples[i].source for i in pick(block, 6, ALL, np.random.default_rng(0))]
    assert sorted(chosen) == ["broken", "broken", "held-out", "held-out", "written", "written"]
    assert {block.samples[i].source for i in pick(block, 99, ("written",), np.random.default_rng(0))} == {
        "written"
    }


def test_items_of_a_split_are_the_same_each_time(corpus):
    def found(seed):
        wanted = ("ours/shop4", "ours/shop5")
        return [i for i, _ in read_items(corpus / "blocks", corpus / "records", wanted, 5, ALL, seed)]

    assert [i.key for i in found(0)] == [i.key for i in found(0)]
    assert [i.key for i in found(0)] != [i.key for i in found(1)]
    assert {i.repository for i in found(0)} == {"ours/shop4", "ours/shop5"}
    assert len(found(0)) == 10


def test_a_missing_record_is_named(corpus, tmp_path):
    with pytest.raises(RunfreeError, match="shop-0"):
        list(read_items(corpus / "blocks", tmp_path, ("ours/shop0",), 5, ALL))


def test_labelled_samples(tmp_path):
    row = {
        "language": "go", "focal": "package a", "existing": "", "candidate": "func TestX(t *testing.T) {}",
        "labels": {"pass": True, "coverage_gain": False, "mutation_gain": False}, "repository": "ours/a",
    }  # fmt: skip
    (tmp_path / "s.jsonl").write_text(json.dumps(row) + "\n")
    ((item, case),) = read_labelled(tmp_path / "s.jsonl")
    assert item.labels == (True, False, False)
    assert case.candidate.name == "TestX"
    assert (item.repository, item.source, item.sample.language) == ("ours/a", "given", "go")
