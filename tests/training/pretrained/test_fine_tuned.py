"""Full fine-tuning and LoRA: what learns, what it learns, and that unknown labels teach nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from transformers import BertForMaskedLM

from runfree_training.pretrained.fine_tuned import FineTuned, batches, masked_loss
from runfree_training.pretrained.settings import PretrainedSettings

SETTINGS = PretrainedSettings(tokens=96, batch=8, epochs=12, full_rate=3e-3, lora_rate=2e-2)


def test_unknown_labels_have_no_part_in_the_loss():
    logits = torch.tensor([[2.0, -1.0, 30.0], [0.5, 0.0, -30.0]], requires_grad=True)
    labels = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    known = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    loss = masked_loss(logits, labels, known)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, :2], labels[:, :2])
    assert loss.item() == pytest.approx(expected.item())
    loss.backward()
    assert logits.grad[:, 2].abs().sum() == 0
    assert masked_loss(logits, labels, torch.zeros(2, 3)).item() == 0


def test_every_sample_is_in_one_batch():
    found = list(batches([5, 1, 9, 3, 7] * 20, 8, np.random.default_rng(0)))
    assert sorted(i for batch in found for i in batch) == list(range(100))
    assert max(map(len, found)) == 8


@pytest.mark.parametrize("learning", ["full", "lora"])
@pytest.mark.parametrize("kind", ["tiny_bert", "tiny_llama"])
def test_it_learns(kind, learning, request, questions):
    contender = FineTuned(request.getfixturevalue(kind), learning, SETTINGS)
    contender.fit(questions[:30])
    learns, all_of_them = contender.trainable()
    assert learns == all_of_them if learning == "full" else 0 < learns < 0.5 * all_of_them
    told = contender.scores(questions[30:])
    assert told.shape == (10, 3)
    labels = [bool(q.item.labels[0]) for q in questions[30:]]
    assert roc_auc_score(labels, told[:, 0]) > 0.9
    assert roc_auc_score(labels, told[:, 1]) < 0.1


@pytest.mark.parametrize("learning", ["full", "lora"])
def test_what_learns_is_not_rounded_away(learning, tiny_bert, questions):
    contender = FineTuned(tiny_bert, learning, replace(SETTINGS, dtype="bfloat16"))
    contender.fit(questions[:30])
    assert {p.dtype for p in contender._model.parameters() if p.requires_grad} == {torch.float32}
    told = contender.scores(questions[30:])
    assert roc_auc_score([bool(q.item.labels[0]) for q in questions[30:]], told[:, 0]) > 0.9


def test_lora_leaves_the_weights_of_the_model_alone(tiny_bert, questions):
    contender = FineTuned(tiny_bert, "lora", SETTINGS)
    contender.fit(questions[:16])
    before = BertForMaskedLM.from_pretrained(tiny_bert).bert.state_dict()
    after = contender._model.base_model.model.bert.state_dict()
    assert len(before) > 20
    for name, weights in before.items():
        path, _, kind = name.rpartition(".")
        held = after.get(name, after.get(f"{path}.base_layer.{kind}"))
        assert torch.equal(weights, held), name


def test_the_same_seed_gives_the_same_answers(tiny_bert, questions):
    told = []
    for _ in range(2):
        contender = FineTuned(tiny_bert, "full", SETTINGS)
        contender.fit(questions[:16])
        told.append(contender.scores(questions[16:20]))
    np.testing.assert_allclose(told[0], told[1], atol=1e-5)


def test_answers_do_not_depend_on_the_company(tiny_llama, questions):
    contender = FineTuned(tiny_llama, "lora", SETTINGS)
    contender.fit(questions[:16])
    alone = np.concatenate([contender.scores([q]) for q in questions[16:22]])
    np.testing.assert_allclose(contender.scores(questions[16:22]), alone, atol=1e-4)
