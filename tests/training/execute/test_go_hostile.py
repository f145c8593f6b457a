"""A hostile Go suite: bounded, recorded, and the tests after it are not the worse for it."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runfree_training.execute import Pair, Project, Settings, go_label

FOCAL = "package a\n\nfunc One() int {\n\treturn 1\n}\n"
TESTS = """package a

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestGoodBefore(t *testing.T) {
	if One() != 1 {
		t.Fatal("not one")
	}
}

func TestSleepsForEver(t *testing.T) {
	time.Sleep(1000000 * time.Second)
}

func TestForks(t *testing.T) {
	for i := 0; i < 1000; i++ {
		if err := exec.Command("/bin/sh", "-c", "sleep 1000000").Start(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPrints(t *testing.T) {
	line := make([]byte, 1<<20)
	for i := 0; i < 1100; i++ {
		os.Stdout.Write(line)
	}
	One()
}

func TestFillsTheDisk(t *testing.T) {
	piece := make([]byte, 1<<20)
	for i := 0; ; i++ {
		stream, err := os.Create(filepath.Join(os.TempDir(), "large"+string(rune('a'+i%26))+time.Now().String()))
		if err != nil {
			t.Fatal(err)
		}
		for j := 0; j < 40; j++ {
			if _, err := stream.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestFillsItsFolder(t *testing.T) {
	piece := make([]byte, 1<<20)
	for i := 0; ; i++ {
		stream, err := os.Create("large" + time.Now().Format("150405.000000000"))
		if err != nil {
			t.Fatal(err)
		}
		for j := 0; j < 8; j++ {
			if _, err := stream.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		stream.Close()
		time.Sleep(20 * time.Millisecond)
	}
}

func TestDeletesItsFiles(t *testing.T) {
	here, _ := os.Getwd()
	os.RemoveAll(filepath.Dir(here))
	os.RemoveAll(filepath.Dir(filepath.Dir(here)))
	t.Fatal("gone")
}

func TestWritesOutside(t *testing.T) {
	if err := os.WriteFile("OUTSIDE", []byte("x"), 0o644); err != nil {
		t.Fatal("it could not write outside")
	}
}

func TestWantsTheNetwork(t *testing.T) {
	if _, err := net.DialTimeout("tcp", "192.0.2.1:80", 20*time.Second); err != nil {
		t.Fatal(err)
	}
}

func TestEndsTheProcess(t *testing.T) {
	os.Exit(0)
}

func TestGoodAfter(t *testing.T) {
	if text, err := os.ReadFile("testdata/one.txt"); err != nil || string(text) != "1" || One() != 1 {
		t.Fatal("its file is gone")
	}
}
"""
GO_CACHE = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout.strip()


def test_a_hostile_suite_is_bounded_and_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOCACHE", GO_CACHE)
    monkeypatch.setattr(go_label, "TEST_SECONDS", 8.0)
    small = replace(go_label.LIMITS, scratch_bytes=64 << 20, disk_bytes=100 << 20)
    monkeypatch.setattr(go_label, "LIMITS", small)
    root, work, outside = tmp_path / "net", tmp_path / "work", tmp_path / "outside"
    (root / "testdata").mkdir(parents=True)
    work.mkdir()
    (root / "go.mod").write_text("module example.com/net\n\ngo 1.20\n")
    (root / "testdata" / "one.txt").write_text("1")
    (root / "a.go").write_text(FOCAL)
    (root / "a_test.go").write_text(TESTS.replace("OUTSIDE", str(outside)))
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    begun = time.monotonic()
    project = Project("go", "own/net", "", "Apache-2.0", root, root)
    made = go_label.label(project, Pair("a.go", "a_test.go"), Settings(mutants=2), [], work)
    assert time.monotonic() - begun < 120
    outcomes = {test.name: test.outcome for test in made.tests}
    assert outcomes.pop("TestForks") in {"failed", "timeout", "error"}
    assert outcomes.pop("TestPrints") in {"passed", "timeout", "flaky"}  # by how busy the machine is
    assert outcomes.pop("TestFillsItsFolder") in {"failed", "timeout", "error"}
    assert outcomes == {
        "TestGoodBefore": "passed",
        "TestSleepsForEver": "timeout",
        "TestFillsTheDisk": "failed",
        "TestDeletesItsFiles": "failed",
        "TestWritesOutside": "failed",
        "TestWantsTheNetwork": "failed",
        "TestEndsTheProcess": "error",
        "TestGoodAfter": "passed",
    }
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert not outside.exists()
    good = {test.name: test.kills for test in made.tests if test.name.startswith("TestGood")}
    assert good["TestGoodBefore"]
    assert good["TestGoodAfter"] == good["TestGoodBefore"]
    left = subprocess.run(["ps", "-e", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert "sleep 1000000" not in left
