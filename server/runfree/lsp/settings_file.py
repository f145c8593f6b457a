"""Writes one setting into a project's settings file, leaving everything else in it as it is."""

from __future__ import annotations

import re
import tomllib

from runfree.config import Code, Severity
from runfree.errors import RunfreeError


def with_severity(text: str, code: Code, severity: Severity, *, shared: bool) -> str:
    """The file's text with the severity of a code set.

    Args:
        text: of `runfree.toml`; of `pyproject.toml` where `shared`.

    Raises:
        RunfreeError: the text is not TOML, or writes its severities in a way that is left to people to change.
    """
    table = "tool.runfree.severities" if shared else "severities"
    entry = f'{code} = "{severity}"'
    lines = text.splitlines(keepends=True)
    header = next(
        (i for i, line in enumerate(lines) if re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)), None
    )
    if header is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        new = f"{text}{gap}[{table}]\n{entry}\n"
    else:
        end = next(
            (i for i in range(header + 1, len(lines)) if lines[i].lstrip().startswith("[")), len(lines)
        )
        known = next((i for i in range(header + 1, end) if re.match(rf"\s*{code}\s*=", lines[i])), None)
        if known is not None:
            lines[known] = entry + "\n"
        else:
            lines[header] = lines[header].rstrip("\r\n") + "\n"
            lines.insert(header + 1, entry + "\n")
        new = "".join(lines)
    if _severities(new, shared).get(code) != severity:
        raise RunfreeError(f"The severity of {code} could not be written. Set it by hand: [{table}] {entry}")
    return new


def _severities(text: str, shared: bool) -> dict[str, object]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    if shared:
        document = document.get("tool", {}).get("runfree", {})
    found = document.get("severities", {})
    return found if isinstance(found, dict) else {}
