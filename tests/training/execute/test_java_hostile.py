"""A hostile Java suite: bounded, recorded, and the tests after it are not the worse for it."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runfree_training.execute import Pair, Project, Settings, java, java_host, java_label
from runfree_training.execute.java_module import module_of

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>own</groupId>
  <artifactId>bad</artifactId>
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
FOCAL = "package bad;\n\nclass One {\n    static int one() {\n        return 1;\n    }\n}\n"
TESTS = """package bad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OneTest {
    @Test
    void goodBefore() throws Exception {
        assertEquals(1, One.one());
        assertEquals("1", Files.readString(Path.of("one.txt")));
    }

    @Test
    void sleepsForEver() throws Exception {
        Thread.sleep(1_000_000_000L);
    }

    @Test
    void spins() {
        while (One.one() == 1) {
        }
    }

    @Test
    void forks() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            new ProcessBuilder("sh", "-c", "sleep 1000001").start();
        }
    }

    @Test
    void prints() throws Exception {
        byte[] line = new byte[1 << 20];
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        for (int i = 0; i < 1_100; i++) {
            System.out.write(line);
            out.write(line);
        }
        assertEquals(1, One.one());
    }

    private static void fill(Path folder) throws Exception {
        byte[] piece = new byte[8 << 20];
        for (int i = 0; ; i++) {
            Files.write(folder.resolve("large" + i), piece);
        }
    }

    @Test
    void fillsTheDisk() throws Exception {
        fill(Path.of(System.getProperty("java.io.tmpdir")));
    }

    @Test
    void fillsItsFolder() throws Exception {
        fill(Path.of("."));
    }

    @Test
    void deletesItsFiles() throws Exception {
        try (Stream<Path> all = Files.walk(Path.of("").toAbsolutePath().getParent())) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
        fail("gone");
    }

    @Test
    void writesOutside() throws Exception {
        Files.writeString(Path.of("OUTSIDE"), "x");
    }

    @Test
    void wantsTheNetwork() throws Exception {
        new Socket().connect(new InetSocketAddress("192.0.2.1", 80), 20_000);
    }

    @Test
    void endsTheProcess() {
        System.exit(0);
    }

    @Test
    void goodAfter() {
        assertEquals(1, One.one());
    }
}
"""


def test_a_hostile_suite_is_bounded_and_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_label, "TEST_SECONDS", 5.0)
    small = replace(java_host.LIMITS, scratch_bytes=64 << 20, disk_bytes=100 << 20)
    monkeypatch.setattr(java_host, "LIMITS", small)
    root, work, outside = tmp_path / "bad", tmp_path / "work", tmp_path / "outside"
    work.mkdir()
    for path, text in (
        ("pom.xml", POM),
        ("one.txt", "1"),
        ("src/main/java/bad/One.java", FOCAL),
        ("src/test/java/bad/OneTest.java", TESTS.replace("OUTSIDE", str(outside))),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    project = Project("java", "own/bad", "", "Apache-2.0", root, tmp_path / "environment")
    java.prepare(project)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    pair = Pair("src/main/java/bad/One.java", "src/test/java/bad/OneTest.java")
    begun = time.monotonic()
    made = java_label.label(project, module_of(project, pair.focal_path), pair, Settings(mutants=2), [], work)
    assert time.monotonic() - begun < 180
    outcomes = {test.name: test.outcome for test in made.tests}
    assert outcomes.pop("forks") in {"failed", "timeout", "error"}
    assert outcomes.pop("prints") in {"passed", "timeout", "flaky"}  # by how busy the machine is
    assert outcomes == {
        "goodBefore": "passed",
        "sleepsForEver": "timeout",
        "spins": "timeout",
        "fillsTheDisk": "error",
        "fillsItsFolder": "error",
        "deletesItsFiles": "failed",
        "writesOutside": "error",
        "wantsTheNetwork": "error",
        "endsTheProcess": "error",
        "goodAfter": "passed",
    }
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert not outside.exists()
    good = {test.name: test.kills for test in made.tests if test.name.startswith("good")}
    assert good["goodBefore"]
    assert good["goodAfter"] == good["goodBefore"]
    left = subprocess.run(["ps", "-e", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert "sleep 1000001" not in left
