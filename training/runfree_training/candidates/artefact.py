"""Candidates of source "artefact": published generated tests with their outcomes, read from CoverUp's evaluation logs.

`plasma-umass/coverup-eval` (Apache-2.0) logs, per focal segment, each script that a language model wrote and what became
of it; the focal sources are in `plasma-umass/codamosa` (`replication/test-apps`). A log entry is a header line
`---- time file:lines ----` and a body: a request, a response with a script in a code fence, or plain text. Mapping:

- the next request for the segment says «Executing the test yields an error»: the first test named in the traceback failed
  (pytest ran with -x), those above it in the script passed, those below did not run;
- it says «still lack coverage», or the entry after says «Saved as»: every test of the script passed.

Lines and mutants are not known per test, so only `passes` is labelled.
"""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.syntax.parse import parse
from runfree_training.records import Outcome, Record, TestResult

_ENTRY = re.compile(r"^---- \S+ (?P<file>\S+\.py):(?P<lines>[\d\-, ]+) ----$", re.MULTILINE)
_FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)
_FAILED = re.compile(
    r"^\s*(?:async )?def (test\w*)\(|_{3,} (?:ERROR at \w+ of )?(?:\w+\.)?(test\w*)(?:\[.*\])? _{3,}",
    re.MULTILINE,
)

EVALUATION, SUBJECTS = "plasma-umass/coverup-eval", "plasma-umass/codamosa"
# Folder in codamosa's replication/test-apps -> repository, where it is also in our corpus (one repository, one split).
_SAME = {"mimesis": "lk-geimfari/mimesis"}
PER_FOCAL = 60  # test functions kept of one focal file
PER_APP = 1500  # and of one application: ansible alone would be half of it


@dataclass(frozen=True, slots=True)
class Script:
    """A generated script for a focal file; `error` is the pytest output where it failed, "" where it passed."""

    focal: str
    text: str
    error: str


def scripts(log: str) -> Iterator[Script]:
    """The scripts of one log whose outcome is told."""
    entries = list(_ENTRY.finditer(log))
    waiting: dict[tuple[str, str], str] = {}
    for i, entry in enumerate(entries):
        key = (entry["file"], entry["lines"])
        body = log[entry.end() : entries[i + 1].start() if i + 1 < len(entries) else len(log)].strip()
        if body.startswith("Saved as"):
            if key in waiting:
                yield Script(key[0], waiting.pop(key), "")
            continue
        if not body.startswith("{"):
            continue
        try:
            data = json.loads(body)
        except ValueError:
            continue
        if "choices" in data:
            content = data["choices"][0]["message"].get("content") or ""
            fence = _FENCE.search(content)
            if fence:
                waiting[key] = fence[1]
        elif "messages" in data and key in waiting:
            last = next((m for m in reversed(data["messages"]) if m.get("role") == "user"), None)
            said = str(last["content"]) if last else ""
            if said.startswith("Executing the test yields an error"):
                yield Script(key[0], waiting.pop(key), said.split("\n", 3)[-1])
            elif "lack coverage" in said[:400] or "does not execute" in said[:400] or "still" in said[:200]:
                yield Script(key[0], waiting.pop(key), "")


def results(script: Script, kind: str) -> list[TestResult]:
    """The tests of a script, those whose outcome is known."""
    try:
        tests = parse("python", script.text).tests
    except RunfreeError:
        return []
    names = [t.name for t in tests]
    if len(set(names)) != len(names):
        return []
    told: list[TestResult] = []
    failed = ""
    if script.error:
        failed = next(
            (n for match in _FAILED.finditer(script.error) for n in match.groups() if n in names), ""
        )
        reasons = re.findall(r"^E\s+(.*)$", script.error, re.MULTILINE)
        if not failed:  # it did not even load: every test of it fails
            if not reasons:
                return []
            failed = "*"
    for test in tests:
        outcome: Outcome = "failed" if failed in (test.name, "*") else "passed"
        error = reasons[0][:200] if outcome == "failed" and reasons else ""
        told.append(
            TestResult(
                test.qualified_name,
                "artefact",
                outcome,
                kind,
                text=script.text,
                error=error,
                lines_known=False,
                kills_known=False,
            )
        )
        if test.name == failed:
            break
    return told


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(repository), *arguments],
        check=True,
        capture_output=True,
        text=True,
        errors="replace",
    ).stdout


def coverup_records(evaluation: Path, sources: Path) -> Iterator[Record]:
    """Records of all focal files that have candidates, from bare clones of coverup-eval and codamosa."""
    tree = _git(sources, "ls-tree", "-r", "--name-only", "HEAD", "replication/test-apps").split()
    by_suffix: dict[str, list[str]] = defaultdict(list)
    for path in tree:
        if path.endswith(".py"):
            parts = path.split("/")[3:]
            for start in range(min(3, len(parts))):
                by_suffix["/".join(parts[start:])].append(path)
    commit = _git(evaluation, "rev-parse", "HEAD").strip()
    logs = [
        p
        for p in _git(evaluation, "ls-tree", "-r", "--name-only", "HEAD", "output").split()
        if "/coverup-log-" in p and p.split("/")[1].startswith("cm")
    ]
    candidates: dict[str, dict[str, TestResult]] = defaultdict(dict)
    for log in logs:
        _, configuration, package, _ = log.split("/", 3)
        try:
            text = _git(evaluation, "show", f"HEAD:{log}")
        except subprocess.CalledProcessError:  # a clone may lack its largest files
            continue
        for script in scripts(text):
            found = [p for p in by_suffix.get(script.focal, ()) if package in p]
            if len(found) != 1 or len(candidates[found[0]]) >= 6 * PER_FOCAL:
                continue
            for result in results(script, configuration):
                candidates[found[0]].setdefault(f"{result.name}\0{script.text}", result)
    kept: dict[str, int] = defaultdict(int)
    for path, by_text in sorted(candidates.items()):
        app = path.split("/")[2]
        ordered = sorted(by_text.items(), key=lambda item: zlib.crc32(item[0].encode()))
        failing = [r for _, r in ordered if r.outcome != "passed"][: PER_FOCAL // 2]
        passing = [r for _, r in ordered if r.outcome == "passed"][: PER_FOCAL - len(failing)]
        chosen = tuple(failing + passing)
        if not chosen or kept[app] + len(chosen) > PER_APP:
            continue
        kept[app] += len(chosen)
        yield Record(
            language="python",
            repository=_SAME.get(app, f"codamosa/{app}"),
            commit=commit,
            licence="Apache-2.0",
            focal_path="/".join(path.split("/")[3:]),
            test_path=f"tests/test_{Path(path).stem}.py",
            focal_text=_git(sources, "show", f"HEAD:{path}"),
            test_text="",
            focal_lines=(),
            mutants=(),
            tests=chosen,
            tools={"source": "coverup-eval"},
        )
