"""The released form of the records: facts in one columnar file a language, without a word of third-party code.

Texts are replaced by hashes: `runfree-train label` on the same commit with the same seed makes them again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import click
import pyarrow
import pyarrow.parquet

from runfree_training.records import Record, read_records


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def rows(record: Record) -> list[dict[str, object]]:
    """One row a test or candidate; mutants are named by (operator, line, ordinal).

    Rows of one record share everything up to `written`, which is "" but for records that add written candidates: there
    the existing tests stand once more, as the suite.
    """
    mutants = [[m.operator, m.line, m.ordinal, m.incompetent] for m in record.mutants]
    return [
        {
            "repository": record.repository,
            "commit": record.commit,
            "licence": record.licence,
            "focal_path": record.focal_path,
            "test_path": record.test_path,
            "focal_hash": _digest(record.focal_text),
            "test_hash": _digest(record.test_text),
            "focal_lines": list(record.focal_lines),
            "mutants": json.dumps(mutants),
            "seed": record.seed,
            "tools": json.dumps(record.tools, sort_keys=True),
            "written": record.written,
            "name": test.name,
            "source": test.source,
            "kind": test.kind,
            "base": test.base,
            "candidate_hash": _digest(test.text) if test.text else "",
            "outcome": test.outcome,
            "lines": list(test.lines),
            "lines_known": test.lines_known,
            "kills": list(test.kills),
            "timeouts": list(test.timeouts),
            "kills_known": test.kills_known,
        }
        for test in record.tests
    ]


@click.command()
@click.argument("records", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True)
def command(records: Path, output: Path) -> None:
    """Writes the facts of working records, one Parquet file a language folder."""
    output.mkdir(parents=True, exist_ok=True)
    for folder in sorted(p for p in records.iterdir() if p.is_dir()):
        facts = [row for record in read_records(folder) for row in rows(record)]
        path = output / f"{folder.name}.parquet"
        pyarrow.parquet.write_table(
            pyarrow.Table.from_pylist(facts), path, compression="zstd", compression_level=15
        )
        click.echo(f"{path}: {len(facts)} tests and candidates, {path.stat().st_size / 1e6:.1f} MB")
