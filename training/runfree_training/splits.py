"""Repository-disjoint train / validation / test splits, kept in a committed file so that they never move."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS_FILE = Path(__file__).resolve().parents[1] / "splits.json"


def draw(repository: str) -> Split:
    """The split of a repository that the file does not name yet: 60 / 20 / 20 by a hash of its name."""
    lot = hashlib.blake2b(repository.lower().encode(), digest_size=4).digest()[0]
    if lot < 154:
        return "train"
    return "validation" if lot < 205 else "test"


def read_splits(path: Path = SPLITS_FILE) -> dict[str, Split]:
    """Repository -> split, as committed."""
    data: dict[str, Split] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return data


def assign(repositories: list[str], path: Path = SPLITS_FILE) -> dict[str, Split]:
    """The splits of these repositories; new ones are drawn and written to the file."""
    splits = read_splits(path)
    new = [r for r in repositories if r not in splits]
    if new:
        splits.update({r: draw(r) for r in new})
        path.write_text(json.dumps(dict(sorted(splits.items())), indent=1) + "\n", encoding="utf-8")
    return {r: splits[r] for r in repositories}
