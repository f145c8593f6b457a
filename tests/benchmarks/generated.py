"""Writes a small project of our own making: one focal file and one test file, the same every time."""

from __future__ import annotations

from pathlib import Path

FUNCTION = '''def rate_{n}(amount, member=False):
    """The price of an amount, in steps of {step}."""
    if amount < 0:
        raise ValueError("amount must not be negative")
    total = 0
    for step in range(amount):
        if step % {step} == 0:
            total += {n} + 1
        elif member and step > {step}:
            total -= 1
    if total > 100:
        return 100
    return total


'''

TESTS = (
    "def test_rate_{n}_of_nothing_is_nothing():\n    assert rate_{n}(0) == 0\n",
    "def test_rate_{n}_counts_steps():\n    assert rate_{n}(1) == {n} + 1\n",
    "def test_rate_{n}_refuses_negative_amounts():\n    with pytest.raises(ValueError):\n        rate_{n}(-1)\n",
    "def test_rate_{n}_has_a_ceiling():\n    assert rate_{n}(10_000) == 100\n",
)


def write_project(folder: Path, tests: int) -> tuple[Path, Path]:
    """Writes the project into a new folder; returns its focal file and its test file."""
    folder.mkdir()
    functions = (tests + len(TESTS) - 1) // len(TESTS)
    focal, test_file = folder / "pricing.py", folder / "test_pricing.py"
    body = "".join(FUNCTION.format(n=n, step=n + 2) for n in range(functions))
    focal.write_text('"""Prices in steps."""\n\n\n' + body.rstrip() + "\n")
    written = [TESTS[i % len(TESTS)].format(n=i // len(TESTS)) for i in range(tests)]
    imports = "import pytest\n\nfrom pricing import " + ", ".join(f"rate_{n}" for n in range(functions))
    test_file.write_text(imports + "\n\n\n" + "\n\n".join(written))
    (folder / "runfree.toml").write_text('scope = "all"\n')
    return focal, test_file
