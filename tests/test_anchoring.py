from dataclasses import replace

import pytest

from runfree.anchoring import Anchors
from runfree.canonical import file_cases
from runfree.sample import Evidence, Prediction

FOCAL = {"python": "def f(): ...\n", "go": "package p\n", "java": "class A {}\n"}
SUITES = {
    "python": "import x\n\ndef test_a():\n    x.a()\n\n\ndef help():\n    x.h()\n\n\ndef test_b():\n    x.b()\n\n"
    "def test_c():\n    x.c()\n",
    "go": 'package p\n\nimport "testing"\n\nfunc TestA(t *testing.T) {\n\ta()\n}\n\nfunc help() {\n\th()\n}\n\n'
    "func TestB(t *testing.T) {\n\tb()\n}\n\nfunc TestC(t *testing.T) {\n\tc()\n}\n",
    "java": "class ATest {\n  @Test void a() {\n    x.a();\n  }\n\n  void help() {\n    x.h();\n  }\n\n"
    "  @Test void b() {\n    x.b();\n  }\n\n  @Test void c() {\n    x.c();\n  }\n}\n",
}
NAMES = {"python": ("test_b", "test_c"), "go": ("TestB", "TestC"), "java": ("b", "c")}
CALLS = {"python": "x.{}()", "go": "\t{}()", "java": "x.{}();"}


def anchor(language, text, **changes):
    case = file_cases(language, FOCAL[language], text, NAMES[language])[0]
    return Anchors(case.suite).of(replace(case, **changes), "model")


@pytest.fixture(params=["python", "go", "java"])
def language(request):
    return request.param


def line_of(text, language, name):
    wanted = CALLS[language].format(name)
    return next(n for n, line in enumerate(text.split("\n"), 1) if wanted in line)


@pytest.mark.parametrize(("name", "counts"), [("a", True), ("h", True), ("b", True), ("c", False)])
def test_what_the_key_depends_on(language, name, counts):
    text = SUITES[language]
    call = CALLS[language].format(name)
    changed = text.replace(call, call.replace(name + "(", "other("))
    assert changed != text
    assert (anchor(language, text).key != anchor(language, changed).key) is counts


def test_blank_lines_between_functions_do_not_count(language):
    text = SUITES[language]
    moved = text.replace("}\n\n", "}\n\n\n\n").replace("\n\n\ndef", "\n\n\n\n\ndef")
    assert moved != text
    assert anchor(language, moved).key == anchor(language, text).key


def test_evidence_follows_its_function(language):
    text = SUITES[language]
    moved = text.replace("}\n\n", "}\n\n\n\n").replace("\n\n\ndef", "\n\n\n\n\ndef")
    items = tuple(
        Evidence("e", name, "p", line_of(text, language, name), 1, 2, where=where)
        for name, where in (("a", "existing"), ("h", "existing"), ("b", "candidate"))
    )
    focal, placeless, header = (
        Evidence("e", "f", "p", 3, where="focal"),
        Evidence("e", "n"),
        Evidence("e", "h", "p", 1),
    )
    prediction = Prediction(0.5, 0.1, 0.1, evidence=(*items, focal, placeless, header))
    stored = anchor(language, text).stored(prediction)
    assert anchor(language, text).placed(stored) == prediction
    placed = anchor(language, moved).placed(stored)
    assert [e.line for e in placed.evidence[:3]] == [line_of(moved, language, e.message) for e in items]
    assert placed.evidence[3:] == (focal, placeless, header)


def test_other_files_and_the_model_count(language):
    text = SUITES[language]
    case = file_cases(language, FOCAL[language], text, NAMES[language])[0]
    anchors = Anchors(case.suite)
    keys = {
        anchors.of(case, "model").key,
        anchors.of(case, "other model").key,
        anchors.of(replace(case, focal_path="x"), "model").key,
        anchors.of(replace(case, test_path="x"), "model").key,
        anchors.of(replace(case, context=(("p", "t"),)), "model").key,
        anchors.of(replace(case, existing=case.existing[1:]), "model").key,
    }
    assert len(keys) == 6


def test_an_anchor_of_another_file_gives_no_wrong_place(language):
    prediction = Prediction(0.5, 0.1, 0.1, evidence=(Evidence("e", "m", "p", 9_000_007, 1, 2),))
    assert anchor(language, SUITES[language]).placed(prediction).evidence == (Evidence("e", "m", "p"),)


def test_one_more_test_below_leaves_the_key_alone():
    text = SUITES["python"]
    longer = text + "\n\ndef test_d():\n    x.d()\n"
    short, long = (
        file_cases("python", FOCAL["python"], suite, [*NAMES["python"], "test_d"])[0]
        for suite in (text, longer)
    )
    assert short.candidate.name == long.candidate.name == "test_b"
    keys = [Anchors(case.suite).of(case, "model").key for case in (short, long)]
    assert keys[0] == keys[1]
