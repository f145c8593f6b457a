"""Text edits of one test function, gathered by kind of breakage, and the choice of a varied few of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from runfree_training.records import TestResult

# Endings that people give to a further test of the same thing; which one is drawn says nothing about the kind.
_ENDINGS = (
    "2",
    "More",
    "Again",
    "Extra",
    "Other",
    "Edge",
    "Case",
    "Simple",
    "Basic",
    "Variant",
    "Second",
    "New",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the UTF-8 bytes [start, end) of a text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Breakage:
    """One way to change a test: the kind, its edits of the function's text, and what changes around it.

    Attributes:
        imports: import specs that the changed test brings along (Java: whole import lines).
        removes: lines of the test file's header that it takes away.
    """

    kind: str
    edits: tuple[Edit, ...]
    imports: tuple[str, ...] = ()
    removes: str = ""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with non-overlapping edits made.

    Raises:
        ValueError: two edits overlap.
    """
    data = text.encode()
    limit = len(data)
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        if edit.end > limit:
            raise ValueError("edits overlap")
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        limit = edit.start
    return data.decode()


# Kinds that the compiler refuses, mostly. Such candidates are easy to tell; one in three is enough.
REFUSED = frozenset({
    "wrong-argument-count", "wrong-argument-type", "unknown-member", "undefined-name", "missing-import", "unused-import",
    "unused-variable", "redeclared-variable", "wrong-result-count", "syntax-error", "nil-for-value", "swapped-arguments",
    "unhandled-exception", "wrong-constructor", "duplicate-method", "dropped-declaration", "wrong-declared-type",
    "unimported-module", "other-name", "missing-fixture", "unknown-keyword", "duplicate-argument",
})  # fmt: skip


def choose(options: Sequence[Breakage], count: int, rng: random.Random) -> list[Breakage]:
    """At most `count` breakages, one in three of the `REFUSED` kinds where there are enough others.

    Each kind is drawn once before any is drawn twice.
    """
    refused = [o for o in options if o.kind in REFUSED]
    others = [o for o in options if o.kind not in REFUSED]
    first = _varied(others, count - (count + rng.randrange(3)) // 3, rng)
    return first + _varied(refused, count - len(first), rng)


def _varied(options: Sequence[Breakage], count: int, rng: random.Random) -> list[Breakage]:
    by_kind: dict[str, list[Breakage]] = {}
    for option in options:
        by_kind.setdefault(option.kind, []).append(option)
    kinds = sorted(by_kind)
    rng.shuffle(kinds)
    chosen: list[Breakage] = []
    while kinds and len(chosen) < count:
        for kind in list(kinds):
            if len(chosen) == count:
                break
            left = by_kind[kind]
            chosen.append(left.pop(rng.randrange(len(left))))
            if not left:
                kinds.remove(kind)
    return chosen


def new_name(base: str, taken: set[str], rng: random.Random, separator: str = "") -> str:
    """A name for a changed copy of test `base` that is not in `taken` (it is added there)."""
    for _ in range(20):
        name = f"{base}{separator}{rng.choice(_ENDINGS)}"
        if name not in taken:
            taken.add(name)
            return name
    number = 3
    while f"{base}{separator}{number}" in taken:
        number += 1
    taken.add(f"{base}{separator}{number}")
    return f"{base}{separator}{number}"


def share(names: Sequence[str], per_test: int, most: int) -> Mapping[str, int]:
    """How many candidates each test gets: `per_test`, or fewer and evenly where `most` would be passed."""
    if not names:
        return {}
    each, over = divmod(min(per_test * len(names), most), len(names))
    return {name: each + (at < over) for at, name in enumerate(names)}


def deduplicated(results: Iterable[TestResult]) -> list[TestResult]:
    """The candidates without those whose text, apart from the test's name, came before."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for result in results:
        key = (re.sub(rf"\b{re.escape(result.name.split('.')[-1])}\b", "", result.text), result.removes)
        if key not in seen:
            seen.add(key)
            kept.append(result)
    return kept


def walk(node: Node) -> Iterable[Node]:
    """A node and everything below it, in order of place."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def changed_number(text: str, rng: random.Random) -> str:
    """A number literal nearby: off by one, mostly; hexadecimal and the like come back as a small decimal."""
    if re.fullmatch(r"\d[\d_]*", text) and (text == "0" or not text.startswith("0")):
        value = int(text.replace("_", ""))
        return str(max(0, value + rng.choice((1, 1, -1, 2, 10))) if value else rng.choice((1, 2)))
    if re.fullmatch(r"\d+\.\d+", text):
        whole, part = text.split(".")
        return (
            f"{int(whole) + 1}.{part}"
            if rng.random() < 0.5
            else f"{whole}.{(int(part) + 1) % 10 ** len(part):0{len(part)}d}"
        )
    return str(rng.randrange(1, 9))


def changed_word(text: str, rng: random.Random) -> str:
    """The inside of a string literal changed a little: a letter's case, a letter, an end; escapes are left alone."""
    places = [
        i
        for i, c in enumerate(text)
        if c.isascii() and c.isalnum() and (i == 0 or text[i - 1] not in "\\%{$")
    ]
    if not places:
        return rng.choice(("x", "a", " ")) if not text else text + rng.choice((" ", "a", "x"))
    how, at = rng.randrange(5), rng.choice(places)
    letter = text[at]
    if how == 0 and letter.isalpha():
        return text[:at] + letter.swapcase() + text[at + 1 :]
    if how == 1 and len(text) > 1:
        return text[:at] + text[at + 1 :]
    if how == 2:
        return text + rng.choice(("s", "x", " ", "1"))
    if letter.isdigit():
        return text[:at] + str((int(letter) + 1) % 10) + text[at + 1 :]
    return text[:at] + chr((ord(letter.lower()) - ord("a") + 1) % 26 + ord("a")) + text[at + 1 :]


def misspelt(name: str, rng: random.Random) -> str:
    """A name near another, as a guesser would have it: a prefix, a plural, a shorter or longer form."""
    first, rest = name[0], name[1:]
    upper = first.isupper()
    ways = [
        name + "s",
        name + ("All" if len(name) > 2 else "Value"),
        name.rstrip("s") if name.endswith("s") else name + "Of",
    ]
    ways.append(("Get" if upper else "get") + first.upper() + rest)
    if len(name) > 4:
        ways.append(name[:-2])
        ways.append(name[:-1] + name[-1] * 2)
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    if len(words) > 1:
        ways.append("".join(words[:-1]))
        flipped = words[1:] + words[:1]
        ways.append(
            "".join(
                w[:1].upper() + w[1:] if i or upper else w[:1].lower() + w[1:] for i, w in enumerate(flipped)
            )
        )
    ways = [w for w in ways if w != name and re.fullmatch(r"[A-Za-z_]\w*", w)]
    return rng.choice(ways)
