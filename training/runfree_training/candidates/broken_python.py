"""Broken candidates for Python: small changes of passing tests, from wrong expected values to harmless rewrites.

Execution decides what each is worth: many fail, some still pass and gain nothing, and are labelled so.
"""

from __future__ import annotations

import ast
import random
import re
import textwrap
from collections.abc import Sequence

from runfree_training.candidates.edits import Breakage, apply, choose, new_name, share
from runfree_training.candidates.python_kinds import MAKERS
from runfree_training.candidates.python_workshop import Workshop
from runfree_training.execute.python_suite import Candidate, Suite, TestText

KINDS = (*MAKERS, "missing-import")
_MOST_FILES = 8


def broken_candidates(
    suite: Suite, focal_text: str, passing: Sequence[str], *, per_test: int, most: int, seed: int
) -> list[Candidate]:
    """Broken candidates of the passing tests, the same for the same seed; no two with the same text."""
    focal_names = frozenset(defined_names(focal_text))
    taken = {name.rpartition("::")[2] for name in suite.tests}
    seen = {body_of(test.text, test.bare_name) for test in suite.tests.values()}
    names = list(passing)
    random.Random(f"order {seed}").shuffle(names)
    found: list[Candidate] = []
    for name, count in share(names, per_test, most).items():
        rng = random.Random(f"{seed} {name}")
        test = suite.tests[name]
        shop = Workshop(suite, test, suite.nodes[name], focal_names, rng)
        # More are drawn than wanted: some turn out to change nothing, or to be another's twin.
        for breakage in choose(options(shop), count + 2, rng):
            try:
                text = apply(test.text, breakage.edits)
            except ValueError:
                continue
            body = body_of(text, test.bare_name)
            if body in seen or sum(c.base == name for c in found) >= count:
                continue
            seen.add(body)
            found.append(named(suite, test, breakage.kind, text, taken, rng))
    found += missing_imports(suite, passing, random.Random(f"imports {seed}"))
    return found


def named(
    suite: Suite, test: TestText, kind: str, text: str, taken: set[str], rng: random.Random
) -> Candidate:
    """The candidate under its base's name (a changed test) or, as often, under a new one (a further test)."""
    bare = test.bare_name
    if rng.random() < 0.6:
        bare = (
            new_name(test.bare_name, taken, rng, "_").lower()
            if bare.islower()
            else new_name(bare, taken, rng)
        )
        text = re.sub(rf"(\bdef\s+){re.escape(test.bare_name)}\b", lambda m: m[1] + bare, text, count=1)
    owner = f"{test.owner}::" if test.owner else ""
    candidate = Candidate("broken", kind, test.name, owner + bare, text)
    return Candidate("broken", kind, test.name, owner + bare, text, given=wrapped(suite, candidate))


def wrapped(suite: Suite, candidate: Candidate) -> str:
    """For a method that cannot be dedented alone (a string reaches to the margin): its class around it; else ""."""
    try:
        ast.parse(textwrap.dedent(candidate.text))
    except SyntaxError:
        if candidate.compiles:
            return ""
        owner = candidate.base.rpartition("::")[0].rpartition("::")[2]
        return f"class {owner}:\n{candidate.text}"
    return ""


def missing_imports(suite: Suite, passing: Sequence[str], rng: random.Random) -> list[Candidate]:
    """Tests whose import is gone: an import statement of the header that only this test needs is taken out."""
    found = []
    for node in suite.module.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or getattr(node, "module", "") == "__future__":
            continue
        binds = {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        if "*" in binds:
            continue
        users = [
            name
            for name, test in suite.tests.items()
            if any(re.search(rf"\b{b}\b", test.text) for b in binds)
        ]
        others = "".join(suite.lines)
        for name in users:
            others = others.replace(suite.tests[name].text, "")
        mentions = sum(len(re.findall(rf"\b{re.escape(b)}\b", others)) for b in binds)
        own = sum(
            len(re.findall(rf"\b{re.escape(b)}\b", "".join(suite.lines[node.lineno - 1 : node.end_lineno])))
            for b in binds
        )
        if len(users) == 1 and users[0] in passing and mentions == own:
            end = node.end_lineno or node.lineno
            gone = "".join(suite.lines[node.lineno - 1 : end])
            test = suite.tests[users[0]]
            text = suite.without(node.lineno, end)
            found.append(
                Candidate(
                    "broken", "missing-import", test.name, test.name, test.text, removes=gone, file=text
                )
            )
    rng.shuffle(found)
    return found[:_MOST_FILES]


def options(shop: Workshop) -> list[Breakage]:
    """Every breakage that a test offers."""
    found: list[Breakage] = []
    for kind, make in MAKERS.items():
        found += [Breakage(kind, tuple(edits)) for edits in make(shop)]
    return found


def defined_names(text: str) -> set[str]:
    """Functions, methods and classes that a file defines, without the special ones."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)}
    return {name for name in names if not (name.startswith("__") and name.endswith("__"))}


def body_of(text: str, name: str) -> str:
    """A test's text with its own name and its white space taken out, to tell twins."""
    return re.sub(r"\s+", "", re.sub(rf"\bdef\s+{re.escape(name)}\w*", "def", text, count=1))
