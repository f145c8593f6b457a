"""A causal model that is asked gives the probability of yes that plain decoding of the whole prompt gives."""

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from runfree_training.pretrained.settings import PretrainedSettings
from runfree_training.pretrained.zero_shot import ANSWERS, QUESTIONS, ZeroShot

SETTINGS = PretrainedSettings(tokens=256)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_probabilities_are_those_of_the_whole_prompt(tiny_llama, questions, which):
    contender = ZeroShot(tiny_llama, SETTINGS)
    told = contender.scores(questions[:2])
    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(tiny_llama).eval(),
        AutoTokenizer.from_pretrained(tiny_llama),
    )
    asked = max(len(tokenizer(p)["input_ids"]) - 1 for p in contender.prompts(""))
    for question, row in zip(questions[:2], told, strict=True):
        text = contender._reader.text(question, 256 - asked - 16)
        prompt = contender.prompts(text)[which]
        # Question and opening are read one after another: the tokens at the seam are those of the two parts.
        shared = next(i for i in range(len(prompt)) if len({p[: i + 1] for p in contender.prompts(text)}) > 1)
        ids = tokenizer(prompt[:shared])["input_ids"]
        ids += tokenizer(prompt[shared:], add_special_tokens=False)["input_ids"]
        assert len(ids) <= 256
        likely = []
        for answer in ANSWERS:
            tokens = tokenizer(answer, add_special_tokens=False)["input_ids"]
            with torch.no_grad():
                logits = torch.log_softmax(model(torch.tensor([[*ids, *tokens]])).logits[0], dim=-1)
            likely.append(sum(logits[len(ids) - 1 + k, token] for k, token in enumerate(tokens)))
        expected = torch.softmax(torch.stack(likely), dim=0)[0].item()
        assert row[which] == pytest.approx(expected, abs=1e-4)


def test_a_chat_format_is_used_where_there_is_one(tiny_llama, questions, monkeypatch):
    contender = ZeroShot(tiny_llama, SETTINGS)
    template = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>"
    contender._reader.tokenizer.chat_template = template
    monkeypatch.setattr(contender, "_chat", True)
    prompts = contender.prompts("SAMPLE")
    assert len(prompts) == len(QUESTIONS)
    for prompt, question in zip(prompts, QUESTIONS, strict=True):
        assert prompt.startswith("<|user|>")
        assert question in prompt
        assert prompt.endswith("<|end|><|assistant|>")
    told = contender.scores(questions[:1])
    assert ((told > 0) & (told < 1)).all()
