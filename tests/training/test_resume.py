"""Labelling Go and Java, killed in the middle and resumed, gives the same records byte for byte, up to times."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from runfree.sample import Language
from runfree_training.cli import main
from runfree_training.corpus import Entry, write_corpus
from runfree_training.execute import Project, executor
from runfree_training.records import read_record

GO_FOCAL = "package own\n\nfunc NAME(n int) int {\n\tif n > 3 {\n\t\treturn n + n\n\t}\n\treturn n - 1\n}\n"
GO_TESTS = """package own

import "testing"

func TestNAMELarge(t *testing.T) {
	if got := NAME(4); got != 8 {
		t.Errorf("got %d", got)
	}
}

func TestNAMESmall(t *testing.T) {
	if got := NAME(3); got != 2 {
		t.Errorf("got %d", got)
	}
}
"""
JAVA_FOCAL = """package own;

class NAME {
    static int twice(int n) {
        if (n > 3) {
            return n + n;
        }
        return n - 1;
    }
}
"""
JAVA_TESTS = """package own;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NAMETest {
    @Test
    void large() {
        assertEquals(8, NAME.twice(4));
    }

    @Test
    void small() {
        assertEquals(2, NAME.twice(3));
    }
}
"""
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>own</groupId>
  <artifactId>own</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.13.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
"""
FILES = {
    "go": {
        "go.mod": "module example.com/own\n\ngo 1.20\n",
        "name.go": GO_FOCAL,
        "name_test.go": GO_TESTS,
    },
    "java": {
        "pom.xml": POM,
        "src/main/java/own/NAME.java": JAVA_FOCAL,
        "src/test/java/own/NAMETest.java": JAVA_TESTS,
    },
}
GO_CACHE = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(params=["go", "java"])
def corpus(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Language, Path]:
    """A prepared corpus of one project with two pairs: its language and folder."""
    monkeypatch.setenv("GOCACHE", GO_CACHE)
    language: Language = request.param
    root = tmp_path / "corpus" / "own"
    for path, text in FILES[language].items():
        for name in ("One", "Two"):
            place = root / path.replace("NAME", name).replace("name", name.lower())
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text.replace("NAME", name))
    project = Project(language, "own/own", "", "MIT", root, tmp_path / "environment")
    runner = executor(language)
    runner.prepare(project)
    pairs = tuple(runner.find_pairs(root))
    assert len(pairs) == 2
    write_corpus([Entry(project, pairs)], tmp_path / "corpus", language)
    return language, tmp_path / "corpus"


def timeless(path: Path) -> bytes:
    """A record's bytes without its times."""
    record = json.dumps(json.loads(gzip.decompress(path.read_bytes())), sort_keys=True)
    return re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', record).encode()


def test_killed_and_resumed_gives_the_same_records(corpus: tuple[Language, Path], tmp_path: Path) -> None:
    language, folder = corpus
    whole, broken_off = tmp_path / "whole", tmp_path / "broken-off"
    arguments = ["label", str(folder), "--language", language, "--broken", "3", "--mutants", "3"]
    done = CliRunner().invoke(main, [*arguments, "--output", str(whole)], catch_exceptions=False)
    assert done.exit_code == 0
    expected = sorted(path.relative_to(whole) for path in whole.rglob("*.json.gz"))
    assert len(expected) == 2
    assert all(
        t.outcome == "passed" for t in read_record(whole / expected[0]).tests if t.source == "existing"
    )

    command = [sys.executable, "-m", "runfree_training.cli", *arguments, "--output", str(broken_off)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    limit = time.monotonic() + 120
    while not list(broken_off.rglob("*.json.gz")) and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(0.2)  # in the middle of the second pair
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert len(list(broken_off.rglob("*.json.gz"))) == 1
    CliRunner().invoke(main, [*arguments, "--output", str(broken_off)], catch_exceptions=False)
    found = sorted(path.relative_to(broken_off) for path in broken_off.rglob("*.json.gz"))
    assert found == expected
    assert [timeless(broken_off / path) for path in found] == [timeless(whole / path) for path in expected]

    again = CliRunner().invoke(main, [*arguments, "--output", str(broken_off)], catch_exceptions=False)
    assert again.output == ""  # nothing is left to do
