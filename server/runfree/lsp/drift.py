"""Where the lines of an older text are in a newer one: old results stay above their tests while typing."""

from __future__ import annotations

from collections.abc import Sequence


class Drift:
    """Maps 0-based lines of `old` to lines of `new`.

    What lies before the first and after the last difference is mapped exactly; a line in between goes to the
    nearest line of the same text there, else to where it would be. It costs one comparison a line, once.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        limit = min(len(old), len(new))
        head = 0
        while head < limit and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        self._old, self._new, self._head = old, new, head
        self._old_end, self._new_end = len(old) - tail, len(new) - tail
        self._places: dict[str, list[int]] | None = None

    def now(self, line: int) -> int:
        """The line's place in the new text; always a line that exists there (0 where the text is empty)."""
        exact = self.exactly(line)
        if exact is not None:
            return exact
        return max(0, min(line, self._new_end - 1, len(self._new) - 1))

    def exactly(self, line: int) -> int | None:
        """The line's place in the new text, or None where no such line is left."""
        if line < self._head:
            return line
        if line >= self._old_end:
            moved = line - self._old_end + self._new_end
            return moved if moved < len(self._new) else None
        if self._places is None:
            self._places = {}
            for index in range(self._head, self._new_end):
                self._places.setdefault(self._new[index], []).append(index)
        places = self._places.get(self._old[line])
        return min(places, key=lambda place: abs(place - line)) if places else None
