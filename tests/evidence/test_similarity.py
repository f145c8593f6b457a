"""Likeness of two functions."""

import time

import pytest

from runfree.evidence import similarity
from runfree.syntax.parse import parse


def function(text):
    return parse("python", text).functions[0]


BASE = "def test_a():\n    x = double(1)\n    assert x == 2\n"


def test_same_code_is_one_whatever_its_name_layout_and_comments():
    other = "def test_b():\n    # says\n    x   =  double(1)  # why\n\n    assert x == 2\n"
    assert similarity(function(BASE), function(other)) == 1.0


def test_the_more_alike_the_higher():
    near = function(BASE.replace("1", "3"))
    far = function("def test_c(tmp_path):\n    with open(tmp_path) as stream:\n        stream.read()\n")
    base = function(BASE)
    assert 1.0 > similarity(base, near) > similarity(base, far) > 0.0
    assert similarity(base, far) < 0.6
    assert similarity(base, near) == similarity(near, base)


def test_a_hash_in_a_string_is_no_comment():
    one = function('def test_a():\n    assert f("x#1") == 1\n')
    other = function('def test_a():\n    assert f("x#2") == 1\n')
    assert similarity(one, other) < 1.0


@pytest.mark.parametrize("text", ["def f(): pass", "def f():\n    x = " + "a + " * 50_000 + "1\n"])
def test_any_size_is_compared_in_time(text):
    start = time.perf_counter()
    assert 0.0 <= similarity(function(text), function(BASE)) <= 1.0
    assert time.perf_counter() - start < 3
