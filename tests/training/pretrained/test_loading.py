"""Models are known by their configuration, texts fit what they were built to read."""

import pytest
import torch

from runfree.errors import RunfreeError
from runfree_training.pretrained.loading import kind_of, reader


def test_kinds(tiny_llama, tiny_bert):
    assert kind_of(tiny_llama) == "causal"
    assert kind_of(tiny_bert) == "encoder"


def test_a_folder_without_a_model_is_said_plainly(tmp_path):
    with pytest.raises(RunfreeError, match="no model of that name or folder"):
        kind_of(str(tmp_path))


def test_a_model_without_a_padding_token_pads_with_its_end_mark(tiny_llama):
    found = reader(tiny_llama)
    batch = found.batch([[5, 6, 7], [8]], torch.device("cpu"))
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 1, 1]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("most", [64, 100_000])
def test_texts_fit(tiny_bert, questions, most):
    found = reader(tiny_bert)
    text = found.text(questions[0], most)
    (ids,) = found.encode([text], most)
    assert (
        len(ids) == len(found.tokenizer(text)["input_ids"]) <= min(most, 160)
    )  # nothing is cut off behind our back
    assert "test_apple_0" in text
