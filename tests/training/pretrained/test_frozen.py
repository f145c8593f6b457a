"""Embeddings are those of the model, each text embedded once; the head learns from them."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from transformers import AutoModel, AutoTokenizer

from runfree_training.pretrained.frozen import Embedder, Frozen, parts_of
from runfree_training.pretrained.settings import PretrainedSettings

SETTINGS = PretrainedSettings(part_tokens=48, batch=4)


def test_embeddings_are_means_over_the_text_whatever_it_is_padded_with(tiny_bert):
    texts = [
        "def price(n): return n",
        "x = 1",
        "def test_apple(): assert price_apple(3) == 6 and price_apple(1) == 2",
    ]
    told = Embedder(tiny_bert, SETTINGS).embed(texts)
    model, tokenizer = AutoModel.from_pretrained(tiny_bert).eval(), AutoTokenizer.from_pretrained(tiny_bert)
    for text in texts:
        with torch.no_grad():
            hidden = model(
                **tokenizer(text, return_tensors="pt", truncation=True, max_length=48)
            ).last_hidden_state[0]
        mean = hidden.mean(dim=0).numpy()
        np.testing.assert_allclose(told[text], mean / np.linalg.norm(mean), atol=1e-5)


def test_a_text_is_embedded_once(tiny_bert, monkeypatch):
    embedder = Embedder(tiny_bert, SETTINGS)
    embedder.embed(["a = 1", "b = 2"])
    monkeypatch.setattr(embedder, "_model", None)  # would fail if it were asked again
    assert set(embedder.embed(["b = 2", "a = 1"])) == {"a = 1", "b = 2"}


def test_the_parts_are_the_most_relevant_ones(ask_about):
    old = [
        "def test_far():\n    x = [1, 2]\n    assert x\n",
        "def test_near():\n    assert price_bread(1) == 3\n",
    ]
    parts = parts_of(ask_about("def test_new():\n    assert price_bread(2) == 6\n", old))
    assert "test_new" in parts["candidate"]
    assert "test_near" in parts["existing"]
    assert "def price_bread" in parts["focal"]


@pytest.mark.parametrize("kind", ["tiny_bert", "tiny_llama"])
def test_the_head_learns(kind, request, questions):
    contender = Frozen(request.getfixturevalue(kind), SETTINGS)
    contender.fit(questions[:30])
    told = contender.scores(questions[30:])
    assert told.shape == (10, 3)
    assert roc_auc_score([bool(q.item.labels[0]) for q in questions[30:]], told[:, 0]) > 0.9


def test_a_sample_without_existing_tests_is_seen_too(tiny_bert, questions, ask_about):
    contender = Frozen(tiny_bert, SETTINGS)
    alone = ask_about("def test_new():\n    assert 1\n", names=())
    assert np.isfinite(contender.features([questions[0], alone])).all()
    assert Frozen(tiny_bert, SETTINGS, parts=("candidate",)).features([alone]).shape == (1, 32)
