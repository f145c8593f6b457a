"""unittest.mock: mocks are unknown values, patched names of the sample's files become unknown while they are patched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassValue,
    FunctionValue,
    Instance,
    Manager,
    ModuleValue,
    Thrown,
    Unknown,
    Value,
)


def mock_value() -> Unknown:
    """A new mock."""
    return Unknown("mock", "mock", truth=True)


def _make(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return mock_value()


def _locate(ev: Any, target: str) -> tuple[Value, str]:
    """The object that holds a dotted target, and the name in it; MISSING where it is none of our files."""
    parts = target.split(".")
    for size in range(len(parts) - 1, 0, -1):
        path = ev.modules.find(".".join(parts[:size]), "")
        if not path:
            continue
        owner: Value = ev.modules.module(ev, path)
        for part in parts[size:-1]:
            owner = owner.env.vars.get(part, MISSING) if type(owner) is ModuleValue else (
                owner.namespace.get(part, MISSING) if isinstance(owner, ClassValue) else MISSING
            )  # fmt: skip
        return owner, parts[-1]
    return MISSING, parts[-1]


class Patch:
    """One patched name: usable as decorator, context manager, or by start and stop."""

    def __init__(self, ev: Any, owner: Value, name: str, new: Value) -> None:
        self.ev = ev
        self.owner = owner
        self.name = name
        self.given = new is not MISSING
        self.new = new if self.given else mock_value()
        self.old: Value = MISSING

    def store(self) -> dict[str, Value] | None:
        """The names of the owner, None where it is not one of ours."""
        if type(self.owner) is ModuleValue and self.owner.program is not None:
            return self.owner.env.vars
        if isinstance(self.owner, ClassValue) and self.owner.definition is not None:
            return self.owner.namespace
        return self.owner.attrs if type(self.owner) is Instance else None

    def start(self) -> Value:
        """Puts the new value in place."""
        store = self.store()
        if store is None:
            # A library that the evaluator models would go on behaving as unpatched: give up instead.
            self.ev.trace.tainted = True
            if type(self.owner) is ModuleValue or isinstance(self.owner, ClassValue) or self.owner is MISSING:
                raise Stop("mock:library")
            return self.new
        self.old = store.get(self.name, MISSING)
        store[self.name] = self.new
        return self.new

    def stop(self, thrown: Thrown | None = None) -> bool:
        """Puts the old value back."""
        store = self.store()
        if store is not None:
            if self.old is MISSING:
                store.pop(self.name, None)
            else:
                store[self.name] = self.old
        return False

    def value(self) -> Value:
        """What `patch(...)` gives."""
        manager = Manager("patch", self.start, self.stop)
        manager.attrs["start"] = Builtin("start", lambda ev, a, k: self.start())
        manager.attrs["stop"] = Builtin("stop", lambda ev, a, k: self.stop())
        manager.attrs["__patch__"] = self
        return manager


def _modelled(ev: Any, target: str) -> bool:
    """Whether a library name is one whose behaviour the evaluator computes."""
    from runfree.interpreter.python_library import LIBRARY

    module, _, name = target.rpartition(".")
    if module in LIBRARY:
        return name in LIBRARY[module]
    return any(
        target.startswith(m + ".") for m in LIBRARY if "." in m or m in ("datetime", "pathlib", "json", "re")
    )


def _patch(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    target = a[0] if a else k.get("target")
    new = a[1] if len(a) > 1 else k.get("new", MISSING)
    if not isinstance(target, str):
        raise Stop("mock")
    owner, name = _locate(ev, target)
    if owner is MISSING and not _modelled(ev, target):
        fresh = Patch(ev, Unknown("mock"), name, new)
        return fresh.value()
    return Patch(ev, owner, name, new).value()


def _patch_object(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    new = a[2] if len(a) > 2 else k.get("new", MISSING)
    if len(a) < 2 or not isinstance(a[1], str):
        raise Stop("mock")
    return Patch(ev, a[0], a[1], new).value()


def _patch_dict(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    raise Stop("mock:dict")


def decorate_with(ev: Any, manager: Manager, function: Value) -> Value:
    """A test function (or class) under a patch decorator."""
    patch = manager.attrs.get("__patch__")
    if patch is None:
        raise Stop("mock")
    if isinstance(function, ClassValue):
        raise Stop("mock:class")
    if type(function) is FunctionValue:
        function.attrs["__patches__"] = [*function.attrs.get("__patches__", []), patch]
    return function


_CALLS: dict[str, Callable[[Any, list[Value], dict[str, Value]], Value]] = {
    "Mock": _make, "MagicMock": _make, "AsyncMock": _make, "NonCallableMock": _make, "PropertyMock": _make,
    "create_autospec": _make, "mock_open": _make,
}  # fmt: skip
MOCKS: dict[str, Value] = {n: Builtin("mock." + n, c) for n, c in _CALLS.items()}
_PATCH = Builtin("mock.patch", _patch)
_patch.attrs = {  # type: ignore[attr-defined]
    "object": Builtin("mock.patch.object", _patch_object), "dict": Builtin("mock.patch.dict", _patch_dict),
}  # fmt: skip
MOCKS["patch"] = _PATCH
MOCKS["ANY"] = Unknown("mock", "mock.ANY")
MOCKS["DEFAULT"] = Unknown("mock", "mock.DEFAULT")
MOCKS["sentinel"] = Unknown("mock", "mock.sentinel")
MOCKS["call"] = Unknown("mock", "mock.call")
