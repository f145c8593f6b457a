"""The texts that the editor holds open, kept in step with its edits.

pygls' own documents split lines as `str.splitlines` does (also at form feeds, which are common in old Python
and C-like files), re-split the whole text on every access, and put an edit past the end of the last line one
character too early. An edit here touches only the lines it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from urllib.parse import unquote

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from runfree.positions import Encoding, from_units, split_lines


class EditorDocument(TextDocument):
    """One open text. `source` is exactly what the editor shows."""

    _split: list[str] | None = None

    @property
    def encoding(self) -> Encoding:
        """How the editor counts columns."""
        return encoding_of(self.position_codec.encoding)

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their endings; the last one has none. Not to be changed by the caller."""
        if self._split is None:
            self._split = split_lines(super().source)
        return self._split

    @property
    def source(self) -> str:
        """The whole text."""
        if self._source is None:
            if self._split is None:
                return ""  # never read from the disk here: that is the workspace's affair, with its limits
            self._source = "".join(self._split)
        return self._source

    def _apply_full_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        self._source = change.text
        self._split = None

    def _apply_incremental_change(self, change: types.TextDocumentContentChangePartial) -> None:
        lines = cast("list[str]", self.lines)
        first, start = self._place(change.range.start)
        last, end = self._place(change.range.end)
        if (last, end) < (first, start):
            last, end = first, start
        text = lines[first][:start] + change.text + lines[last][end:]
        # The neighbours come along: an inserted LF can join the CR before it, a CR the LF after it.
        low, high = max(first - 1, 0), min(last + 1, len(lines) - 1)
        before = lines[low] if low < first else ""
        after = lines[high] if high > last else ""
        new = split_lines(before + text + after)
        if high < len(lines) - 1:
            new.pop()  # the stretch ends with a line ending, so its last line is the empty one after it
        lines[low : high + 1] = new
        self._source = None

    def _place(self, position: types.Position) -> tuple[int, int]:
        """(line, code point column) of the editor's position, brought inside the text."""
        last = len(self.lines) - 1
        if position.line > last:
            return last, len(self.lines[last])
        return position.line, from_units(self.lines[position.line], position.character, self.encoding)


class EditorWorkspace(Workspace):
    """pygls' workspace with documents of ours."""

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> EditorDocument:
        return EditorDocument(
            doc_uri,
            source=source or "",
            version=version,
            language_id=language_id,
            sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )

    def open_document(self, uri: str) -> EditorDocument | None:
        """The document of that URI if the editor has it open."""
        document = self.text_documents.get(unquote(uri))
        return document if isinstance(document, EditorDocument) else None


def encoding_of(negotiated: types.PositionEncodingKind | str | None) -> Encoding:
    """The negotiated encoding as a plain word; UTF-16 is the protocol's default."""
    name = getattr(negotiated, "value", negotiated)
    if name == "utf-8":
        return "utf-8"
    return "utf-32" if name == "utf-32" else "utf-16"
