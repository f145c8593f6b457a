import json
import shutil

import numpy as np
import pytest

from runfree.errors import RunfreeError
from runfree.model.forest import HEADS, Forest, read_config
from runfree.model.location import model_folder
from runfree.model.questions import HEAD_FEATURES


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(model_folder(), tmp_path / "model")
    return tmp_path / "model"


def change(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_the_shipped_model_fits_the_code(folder):
    config = read_config(folder)
    assert {head: tuple(names) for head, names in config.features.items()} == HEAD_FEATURES
    forest = Forest(folder, config)
    for head in HEADS:
        told = forest.scores(head, np.zeros((3, len(HEAD_FEATURES[head])), dtype=np.float32))
        assert told.shape == (3,)
        assert ((told > 0) & (told < 1)).all()


def test_no_rows_no_scores(folder):
    forest = Forest(folder, read_config(folder))
    assert forest.scores("lines", np.zeros((0, len(HEAD_FEATURES["lines"])), dtype=np.float32)).shape == (0,)


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(RunfreeError, match=r"config\.json is missing; reinstall"):
        read_config(tmp_path)


def test_a_damaged_config_is_said(folder):
    (folder / "config.json").write_text("{")
    with pytest.raises(RunfreeError, match="cannot be read"):
        read_config(folder)


def test_another_schema_is_said(folder):
    change(folder, schema=999)
    with pytest.raises(RunfreeError, match="schema 999"):
        read_config(folder)


def test_an_altered_model_is_refused(folder):
    model = folder / "model.onnx"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(bytes(data))
    with pytest.raises(RunfreeError, match="hash differs"):
        Forest(folder, read_config(folder))


def test_a_missing_model_file_is_said(folder):
    (folder / "model.onnx").unlink()
    with pytest.raises(RunfreeError, match=r"model\.onnx cannot be read"):
        Forest(folder, read_config(folder))
