"""The released form of the records: facts in one columnar file a language, without a word of third-party code.

Texts are replaced by their hashes and, for candidates, by recipes (`runfree_training.recipes`): which parts of the
public test file they consist of. `runfree_training.rebuild` makes the texts again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import pyarrow
import pyarrow.parquet

from runfree_training.clones import Clones, GoneError
from runfree_training.recipes import Source
from runfree_training.records import Record, read_record

_HISTORY = re.compile(r"history-([0-9a-f]{7,40})")


def digest(text: str) -> str:
    """The hash by which a text is known."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def origin(record: Record, name: str, clones: Clones) -> tuple[str, str]:
    """(commit, text) of the test file that a record's texts are parts of.

    That of a history record is the file as the commit named in the record's file name left it: it holds the new tests.

    Raises:
        GoneError: it is a history record, and the clones do not hold that commit.
    """
    found = _HISTORY.match(name)
    if not found:
        return record.commit, record.test_text
    place = clones.place(record.repository, record.commit)
    commit = clones.resolve(place, found[1])
    return commit, clones.text(record.repository, commit, record.test_path)


def rows(record: Record, name: str, clones: Clones) -> list[dict[str, object]]:
    """One row a test or candidate of the record of that file name; mutants are named by (operator, line, ordinal)."""
    try:
        commit, text = origin(record, name, clones)
        source = Source(text)
        whole = record.test_text == text
        test_recipe = "" if whole or commit != record.commit else source.recipe(record.test_text)
    except GoneError:
        commit, source, test_recipe = "", None, ""
    mutants = [[m.operator, m.line, m.ordinal, m.incompetent] for m in record.mutants]
    shared: dict[str, object] = {
        "record": name,
        "repository": record.repository,
        "commit": record.commit,
        "licence": record.licence,
        "focal_path": record.focal_path,
        "test_path": record.test_path,
        "focal_hash": digest(record.focal_text),
        "test_hash": digest(record.test_text),
        "test_recipe": test_recipe,
        "origin": commit,
        "context": json.dumps([[path, digest(text)] for path, text in record.context]),
        "focal_lines": list(record.focal_lines),
        "mutants": json.dumps(mutants),
        "seed": record.seed,
        "written": record.written,
        "tools": json.dumps(record.tools, sort_keys=True),
    }
    copied = ("broken", "history")
    return [
        {
            **shared,
            "name": test.name,
            "source": test.source,
            "kind": test.kind,
            "base": test.base,
            "candidate_hash": digest(test.text) if test.text else "",
            "recipe": source.recipe(test.text) if source and test.text and test.source in copied else "",
            "removes": source.recipe(test.removes) if source and test.removes else "",
            "outcome": test.outcome,
            "lines": list(test.lines),
            "lines_known": test.lines_known,
            "kills": list(test.kills),
            "timeouts": list(test.timeouts),
            "kills_known": test.kills_known,
            "breaks": list(test.breaks),
        }
        for test in record.tests
    ]


@click.command()
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option(
    "--clones",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folders of local clones: where history candidates are copied from. Without them those get no recipe.",
)
def command(records: Path, output: Path, folders: Sequence[Path]) -> None:
    """Writes the facts of working records, one Parquet file a language folder."""
    output.mkdir(parents=True, exist_ok=True)
    with Clones(folders) as clones:
        for folder in sorted(p for p in records.iterdir() if p.is_dir()):
            facts = []
            for path in sorted(folder.rglob("*.json.gz")):
                facts += rows(read_record(path), path.name.removesuffix(".json.gz"), clones)
            if not facts:
                continue
            path = output / f"{folder.name}.parquet"
            pyarrow.parquet.write_table(
                pyarrow.Table.from_pylist(facts), path, compression="zstd", compression_level=15
            )
            without = Counter(
                str(f["source"])
                for f in facts
                if f["source"] in ("broken", "history") and f["candidate_hash"] and not f["recipe"]
            )
            lacking = "".join(f", {n} {source} without a recipe" for source, n in sorted(without.items()))
            click.echo(
                f"{path}: {len(facts)} tests and candidates, {path.stat().st_size / 1e6:.1f} MB{lacking}"
            )
