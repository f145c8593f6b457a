import io
import json

import pytest

from runfree.errors import RunfreeError
from runfree.jsonl import read_sample, score_stream
from runfree.sample import Sample

GOOD = {
    "id": "a",
    "language": "python",
    "focal_path": "cart.py",
    "focal": "x",
    "test_path": "test_cart.py",
    "existing": "",
    "candidate": "def test_a(): ...",
    "test_name": "test_a",
}


def answers(data, scorer):
    return [(json.loads(text), good) for text, good in score_stream(io.BytesIO(data), scorer)]


def line(**changes):
    return json.dumps({**GOOD, **changes}).encode() + b"\n"


def test_same_order_and_keys(scorer):
    found = answers(line() + b"\n  \n" + line(id=7, candidate="wrong") + line(id=None).rstrip(), scorer)
    assert [value["id"] for value, _ in found] == ["a", 7, None]
    assert all(good for _, good in found)
    assert list(found[0][0]) == ["id", "passes", "coverage_gain", "mutation_gain", "new_lines", "evidence"]
    assert found[1][0]["evidence"][0]["message"] == "expects 4, but it gives 3"


@pytest.mark.parametrize(
    ("data", "identity", "words"),
    [
        (b"{nonsense\n", None, "not JSON"),
        (b"[1]\n", None, "not a JSON object"),
        (b"\xff\n", None, "not UTF-8"),
        (b"[" * 100_000 + b"\n", None, "not JSON"),
        (line(language="ruby"), "a", "language: expected one of python, java, go, got 'ruby'"),
        (line(language=["go"]), "a", "language: expected one of"),
        (line(focal=None), "a", "focal: expected a text, got None"),
        (line(candidate=3), "a", "candidate: expected a text, got 3"),
        (line(context=[["p"]]), "a", "context: expected a list of [path, text]"),
        (line(focal="\ud800"), "a", "focal: half of a surrogate pair"),
        (line(candidate="explode"), "a", "an error of runfree's own (ZeroDivisionError)"),
    ],
)
def test_a_bad_line_gives_an_error_and_the_rest_go_on(scorer, data, identity, words):
    (first, good), (second, also) = answers(data + line(id="next"), scorer)
    assert not good
    assert first["id"] == identity
    assert words in first["error"]
    assert first["error"].startswith("line 1: ")
    assert also
    assert second["id"] == "next"


def test_a_line_over_the_limit(scorer, monkeypatch):
    monkeypatch.setattr("runfree.jsonl.MAX_LINE", 1000)
    (first, good), (_, also) = answers(line(focal="x" * 5000) + line(), scorer)
    assert "longer than 1,000 bytes" in first["error"]
    assert (good, also) == (False, True)


def test_sample_with_context_and_without_the_optional_keys():
    sample = read_sample({"language": "go", "focal": "f", "candidate": "c", "context": [["p", "t"]]})
    assert sample == Sample(language="go", focal="f", existing="", candidate="c", context=(("p", "t"),))
    with pytest.raises(RunfreeError):
        read_sample(None)
