from __future__ import annotations

import re
import subprocess
from pathlib import Path

from runfree.syntax.java import parse

# Every construct on lines of its own; what counts is asked of javac itself.
TEXT = """\
import java.util.*;
import java.util.function.*;

public class Sample {
    static final int LIMIT = 3;
    static final String NAME = "n" + LIMIT;
    static final List<String> LIST = new ArrayList<>();
    private int a;
    private int b = 2;

    static {
        LIST.add("x");
        if (LIST.isEmpty()) {
            LIST.clear();
        }
    }

    Sample() {
        a = 1;
    }

    Sample(int a) {
        this();
        this.a = a;
    }

    void empty() {
    }

    int branches(int n) {
        int unset;
        int set = 1;
        if (n > 1) {
            set = 2;
        } else if (n > 0) {
            set = 3;
        } else {
            set = 4;
        }
        unset = n > 5
            ? set
            : n;
        return unset
            + helper(
                n);
    }

    void loops(List<String> names) {
        for (int i = 0; i < 3; i++) {
            if (i == 1) {
                continue;
            }
            helper(i);
        }
        for (String name : names) {
            helper(name.length());
        }
        int k = 0;
        while (k < 3) {
            k++;
        }
        do {
            k--;
        } while (k > 0);
    }

    int tries(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            helper(1);
        } finally {
            helper(2);
        }
        throw new IllegalStateException(
            "no");
    }

    void lambdas() {
        Runnable r = () -> {
            helper(3);
        };
        Supplier<Integer> s = () -> helper(4);
        r.run();
        s
            .get();
    }

    int helper(int n) {
        switch (n) {
            case 1:
                return 2;
            default:
                return switch (a) {
                    case 0 -> 1;
                    default -> {
                        yield b;
                    }
                };
        }
    }

    void endless() {
        while (true) {
            helper(1);
        }
    }

    interface Shape {
        int SIDES = 4;
        double area();
        default double twice() {
            return 2 * area();
        }
    }

    enum Colour {
        RED,
        GREEN;
        Colour next() {
            return GREEN;
        }
    }
}
"""


def test_lines_are_those_javac_gives_code_to(tmp_path: Path) -> None:
    source = tmp_path / "Sample.java"
    source.write_text(TEXT)
    subprocess.run(["javac", "-g", "-d", str(tmp_path), str(source)], check=True)
    classes = [str(p) for p in tmp_path.glob("*.class")]
    table = subprocess.run(["javap", "-l", "-p", *classes], check=True, capture_output=True, text=True).stdout
    compiled = {int(n) for n in re.findall(r"^\s+line (\d+): \d+", table, re.MULTILINE)}
    file = parse(TEXT)
    read = set(file.module_lines).union(*(f.lines for f in file.functions))
    assert sorted(read) == sorted(compiled)
