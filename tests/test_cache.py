import os
import pickle
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from runfree.cache import BytesDisk, PredictionCache, cache_directory, content_key
from runfree.config import CacheSettings
from runfree.sample import Evidence, NewLine, Prediction

KEY = content_key("model", "text")
PREDICTION = Prediction(
    0.9,
    0.5,
    0.25,
    (NewLine(3, 0.75),),
    (Evidence("wrong-value", "expects “4”", "tests/test_a.py", 3, 1, 9, "fails", "candidate"),),
    unsure=True,
    calibrated=False,
    similar_test="test_b",
    notes=("a note",),
)


@pytest.fixture
def settings(tmp_path):
    return CacheSettings(directory=str(tmp_path / "kept"))


def database(settings) -> Path:
    return cache_directory(settings) / "cache.db"


def test_gives_back_what_was_put_also_in_the_next_process(settings):
    cache = PredictionCache(settings)
    assert cache.get(KEY) is None
    cache.put(KEY, PREDICTION)
    assert cache.get(KEY) == PREDICTION
    cache.close()
    again = PredictionCache(settings)
    assert again.get(KEY) == PREDICTION
    assert (again.hits, again.misses, len(again)) == (1, 0, 1)
    assert again.clear() == 1
    assert again.get(KEY) is None


def test_keys_do_not_flow_together():
    keys = {content_key("ab", "c"), content_key("a", "bc"), content_key("abc"), content_key("ab", "c", "")}
    assert len(keys) == 4


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("mode", [4, 3, 2])
def test_altered_row_is_neither_unpickled_nor_followed(settings, tmp_path, mode):
    cache = PredictionCache(settings)
    cache.put(KEY, PREDICTION)
    cache.close()
    trap = tmp_path / "sprung"
    other = tmp_path / "private"
    other.write_text("secret")
    with sqlite3.connect(database(settings)) as connection:
        connection.execute(
            "UPDATE Cache SET mode = ?, filename = ?, value = ?",
            (mode, None if mode == 4 else os.path.relpath(other, cache.directory), pickle.dumps(Trap(trap))),
        )
    again = PredictionCache(settings)
    assert again.get(KEY) is None
    again.clear()  # would remove the files that rows name
    again.put(KEY, PREDICTION)
    assert again.get(KEY) == PREDICTION
    assert not trap.exists()
    assert other.read_text() == "secret"


def test_altered_key_is_not_unpickled(settings, tmp_path):
    cache = PredictionCache(settings)
    cache.put(KEY, PREDICTION)
    trap = tmp_path / "sprung"
    with sqlite3.connect(database(settings)) as connection:
        connection.execute("UPDATE Cache SET key = ?, raw = 0", (pickle.dumps(Trap(trap)),))
    assert cache.get(KEY) is None
    with pytest.raises(ValueError, match="plain bytes"):
        list(cache._cache)
    assert not trap.exists()


@pytest.mark.parametrize(
    "value",
    [
        b"\x80\x04N.",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"passes": 2, "coverage_gain": 0, "mutation_gain": 0, "new_lines": [], "evidence": []}',
        b'{"passes": NaN, "coverage_gain": 0, "mutation_gain": 0, "new_lines": [], "evidence": []}',
    ],
)
def test_altered_value_is_a_miss_and_is_dropped(settings, value):
    cache = PredictionCache(settings)
    cache.put(KEY, PREDICTION)
    with sqlite3.connect(database(settings)) as connection:
        connection.execute("UPDATE Cache SET value = ?", (value,))
    assert cache.get(KEY) is None
    assert len(cache) == 0


@pytest.mark.parametrize("damage", [b"", b"this is no database, " * 500])
def test_damaged_database_is_made_anew(settings, damage):
    cache = PredictionCache(settings)
    cache.put(KEY, PREDICTION)
    cache.close()
    database(settings).write_bytes(damage)
    again = PredictionCache(settings)
    assert again.get(KEY) is None
    again.put(KEY, PREDICTION)
    assert again.get(KEY) == PREDICTION
    assert again.problem == ""


def test_database_damaged_in_the_middle_while_open(settings):
    cache = PredictionCache(settings)
    for number in range(200):
        cache.put(content_key(str(number)), PREDICTION)
    cache.close()
    data = bytearray(database(settings).read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    database(settings).write_bytes(data)
    again = PredictionCache(settings)
    for number in range(200):
        again.get(content_key(str(number)))
    again.put(KEY, PREDICTION)
    assert again.get(KEY) == PREDICTION


def test_foreign_settings_in_the_database(settings):
    PredictionCache(settings).close()
    with sqlite3.connect(database(settings)) as connection:
        connection.execute("INSERT INTO Settings VALUES ('disk_surprise', 1)")
        connection.execute("UPDATE Settings SET value = 'no such policy' WHERE key = 'eviction_policy'")
    cache = PredictionCache(settings)
    cache.put(KEY, PREDICTION)
    assert cache.get(KEY) == PREDICTION


def test_locked_database_is_a_miss(settings):
    cache = PredictionCache(settings)
    holder = sqlite3.connect(database(settings), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    cache.put(KEY, PREDICTION)
    holder.execute("ROLLBACK")
    holder.close()
    assert cache.get(KEY) is None
    cache.put(KEY, PREDICTION)
    assert cache.get(KEY) == PREDICTION


def test_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = PredictionCache(CacheSettings(directory=str(tmp_path / "file" / "below")))
    cache.put(KEY, PREDICTION)
    assert cache.get(KEY) is None
    assert "cannot be used" in cache.problem
    assert (len(cache), cache.volume(), cache.clear()) == (0, 0, 0)


def test_switched_off(settings):
    cache = PredictionCache(replace(settings, enabled=False))
    cache.put(KEY, PREDICTION)
    assert cache.get(KEY) is None
    assert not database(settings).exists()
    assert "cache.enabled" in cache.problem


def test_size_limit(settings):
    cache = PredictionCache(replace(settings, size_mb=1))
    long = replace(PREDICTION, notes=("x" * 20_000,))
    for number in range(300):  # 6 MB
        cache.put(content_key(str(number)), long)
    assert cache.volume() < 3_000_000
    assert cache.get(content_key("299")) == long


def test_huge_prediction_is_not_kept(settings):
    cache = PredictionCache(settings)
    cache.put(KEY, replace(PREDICTION, notes=("x" * 1_000_000,)))
    assert len(cache) == 0
    assert cache.problem == ""


def test_folder_is_the_users_own(settings, own_cache):
    assert cache_directory(CacheSettings()).is_relative_to(own_cache)
    PredictionCache(settings)
    assert stat.S_IMODE(cache_directory(settings).stat().st_mode) == 0o700


def test_disk_refuses_everything_but_bytes(tmp_path):
    disk = BytesDisk(str(tmp_path))
    for value in ("text", 1, None, [1]):
        with pytest.raises(ValueError, match="instead of bytes"):
            disk.store(value, False)
    with pytest.raises(ValueError, match="a value in a file"):
        disk.filename()
