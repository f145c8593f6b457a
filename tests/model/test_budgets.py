"""What the shipped model may cost: megabytes on the disk and in memory, processor time a candidate; what its config says of it."""

import hashlib
import json
import subprocess
import sys

import pytest

from runfree.model.location import model_folder

MEASURE = """
import json, sys, time
import psutil
from runfree.canonical import file_cases
from runfree.scorer import Scorer

FOCAL = "\\n\\n".join(
    f"def rate_{n}(amount, member=False):\\n    if amount < 0:\\n        raise ValueError('negative')\\n"
    f"    total = 0\\n    for step in range(amount):\\n        if step % {n + 2} == 0:\\n            total += {n}\\n"
    f"    return 100 if total > 100 else total\\n" for n in range(6))
TESTS = "import pytest\\n\\nfrom pricing import " + ", ".join(f"rate_{n}" for n in range(6)) + "\\n\\n\\n" + "\\n\\n".join(
    f"def test_rate_{n}_{k}():\\n    assert rate_{n}({k}) == {n}\\n" for n in range(6) for k in range(4))
names = [f"test_rate_{n}_{k}" for n in range(6) for k in range(4)]
scorer = Scorer.load(threads=1)

def score(text, names):
    started = time.process_time()
    scorer.score_cases(file_cases("python", FOCAL, text, names, everything=True))
    return time.process_time() - started

score(TESTS, names[:1])  # what is loaded on first use
for name in names:  # nothing of it is known
    TESTS = TESTS.replace(f"def {name}(", f"def {name}_again(")
names = [name + "_again" for name in names]
many = score(TESTS, names)
edits = sorted(score(TESTS + f"    assert {k} + 1\\n", names[-1:]) for k in range(9))
memory = psutil.Process().memory_info().rss / 1e6
print(json.dumps({"per_second": len(names) / many, "edit": edits[4], "memory": memory}))
"""


@pytest.fixture(scope="module")
def measured():
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_memory_of_a_scoring_process(measured):
    assert measured["memory"] < 350  # megabytes


def test_candidates_a_second(measured):
    assert measured["per_second"] > 20  # of one core: 40 on two


def test_one_edited_test_is_scored_within_fifty_milliseconds(measured):
    assert measured["edit"] < 0.05  # seconds of one core, the other tests known


def test_the_model_is_small():
    size = sum(file.stat().st_size for file in model_folder().rglob("*") if file.is_file())
    assert size < 40_000_000


def test_the_config_names_the_model_by_its_hash():
    folder = model_folder()
    config = json.loads((folder / "config.json").read_text())
    assert config["sha256"] == hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
